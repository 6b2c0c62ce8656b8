//! A ledger and its simulation agree: the same plans, changes and steps come to the same ledger in both.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::domain::action::{ActionState, Category, Occasion, OccasionValue};
use crate::domain::ids::HoldHash;
use crate::plan::ledger::{
    Bar, ClaimKey, DocumentRecord, Ledger, LedgerChange, PinKey, RunRecord, RunStatus, WatchKey, WatchedValue,
};
use crate::plan::simulation::changes;
use crate::plan::{Hold, Plan};
use crate::store::{DocumentsInForce, Store};
use crate::workflow::definition::Mode;

use super::{action, at, hold_of, step, subject};

/// What happens to a ledger.
#[derive(Debug, Clone)]
enum Happening {
    Changes(Vec<LedgerChange>),
    /// Which of the actions are planned, and which are part of a hold; everything else that is unsent is superseded.
    Plan {
        actions: [Place; 4],
        changes: Vec<LedgerChange>,
    },
    /// An action moves on, if it is where the step begins.
    Step(usize, ActionState, ActionState),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Planned,
    Held,
    Absent,
}

pub(super) async fn a_simulated_ledger_comes_to_the_same<S: Store, F: Future<Output = S>>(open: &impl Fn() -> F) {
    let mut runner = TestRunner::deterministic();
    let stories = proptest::collection::vec(happening(), 1..25);
    for _ in 0..32 {
        let story = stories.new_tree(&mut runner).unwrap().current();
        let store = open().await;
        let documents = DocumentsInForce { records: vec![document()], ..DocumentsInForce::default() };
        store.save_documents(&documents, at(0)).await.unwrap();
        let mut simulated = store.ledger().await.unwrap();
        let mut open_holds: Vec<HoldHash> = Vec::new();
        for (minute, happening) in story.iter().enumerate() {
            let now = at(u8::try_from(minute).unwrap());
            match happening {
                Happening::Changes(made) => {
                    store.apply(made, now).await.unwrap();
                    changes::apply(&mut simulated, made, now);
                }
                Happening::Plan { actions, changes: made } => {
                    let plan = plan(*actions, made.clone(), &simulated);
                    store.commit(&plan, now).await.unwrap();
                    changes::commit(&mut simulated, &plan, now);
                    open_holds = plan.holds.into_iter().map(|hold| hold.hash).collect();
                }
                Happening::Step(number, from, to) => {
                    let action = wanted(*number);
                    let moved = store.advance(&step(&action, *from, *to), now).await.unwrap();
                    assert_eq!(changes::advance(&mut simulated, action.id, *from, *to, now), moved);
                }
            }
            let kept = without_closed_holds(store.ledger().await.unwrap(), &open_holds);
            let simulated = without_closed_holds(simulated.clone(), &open_holds);
            assert_eq!(kept, simulated, "after {:?} of {story:#?}", story.get(minute));
        }
    }
}

/// Which one of several closed holds an action was part of is of no account: wished again, it forms a hold anew.
fn without_closed_holds(mut ledger: Ledger, open: &[HoldHash]) -> Ledger {
    for held in ledger.held.values_mut().filter(|held| !open.contains(&held.hold)) {
        held.hold = HoldHash::from("closed");
    }
    ledger
}

fn document() -> DocumentRecord {
    DocumentRecord {
        first_removals_held: true,
        is_adopting: true,
        ..DocumentRecord::new("tools".into(), "AutoAssignment", "hash".into(), Mode::Enforce, at(0))
    }
}

/// The actions of every story, each of another user.
fn wanted(number: usize) -> crate::domain::action::Action {
    action(&format!("E{number}"), "p", 1)
}

fn plan(places: [Place; 4], changes: Vec<LedgerChange>, ledger: &Ledger) -> Plan {
    let of = |place| (0..places.len()).filter(move |number| places.get(*number) == Some(&place)).map(wanted);
    let planned: Vec<_> = of(Place::Planned).collect();
    let held: Vec<_> = of(Place::Held).collect();
    // A hold has its hash by its items.
    let hash: String = held.iter().map(|item| item.subject.as_str().replace("person:", "")).collect();
    let holds: Vec<Hold> = if held.is_empty() { Vec::new() } else { vec![hold_of(&hash, held)] };
    let is_wanted = |id| planned.iter().chain(holds.iter().flat_map(|hold| &hold.items)).any(|action| action.id == id);
    let unsent = ledger.actions.iter().filter(|(_, action)| action.state.is_unsent()).map(|(id, _)| *id);
    let superseded = unsent.filter(|id| !is_wanted(*id)).collect();
    Plan { actions: planned, holds, superseded, changes, ..Plan::default() }
}

fn happening() -> impl Strategy<Value = Happening> {
    use ActionState::{Delivered, Ready, Refused, Submitted, Submitting};
    let place = prop_oneof![Just(Place::Planned), Just(Place::Held), Just(Place::Absent)];
    let steps = prop_oneof![
        Just((Ready, Submitting)),
        Just((Submitting, Submitted)),
        Just((Submitting, Refused)),
        Just((Submitted, Delivered)),
    ];
    prop_oneof![
        proptest::collection::vec(change(), 1..6).prop_map(Happening::Changes),
        (proptest::array::uniform4(place), proptest::collection::vec(change(), 0..3))
            .prop_map(|(actions, changes)| Happening::Plan { actions, changes }),
        (0..4_usize, steps).prop_map(|(number, (from, to))| Happening::Step(number, from, to)),
    ]
}

fn change() -> impl Strategy<Value = LedgerChange> {
    let claim = || (0..2_u8, 0..3_u8).prop_map(|(document, holder)| claim(document, holder));
    let run = (0..2_u8, prop_oneof![Just(RunStatus::InProgress), Just(RunStatus::Completed)]);
    let bar = || (0..2_u8, 0..2_u8).prop_map(|(person, version)| bar(person, version));
    let watched = (0..2_u8, "[ab]", proptest::option::of("[ab]"), 0..3_u32);
    prop_oneof![
        (0..2_u8).prop_map(|person| LedgerChange::SubjectComplete { subject: subject(&format!("E{person}")) }),
        run.prop_map(|(person, status)| LedgerChange::Run { occasion: occasion(person), run: run_record(status) }),
        claim().prop_map(|claim| LedgerChange::Claim { claim }),
        claim().prop_map(|claim| LedgerChange::Claim { claim }),
        claim().prop_map(|claim| LedgerChange::ClaimLeaving { claim }),
        claim().prop_map(|claim| LedgerChange::ClaimStays { claim }),
        claim().prop_map(|claim| LedgerChange::ClaimMissing { claim }),
        claim().prop_map(|claim| LedgerChange::ClaimReleased { claim }),
        claim().prop_map(|claim| LedgerChange::EpisodeRaised { claim }),
        Just(LedgerChange::Gone { subject: subject("E0"), user: "u-E0".into(), package: "p".into() }),
        bar().prop_map(|bar| LedgerChange::BarSet { bar }),
        bar().prop_map(|bar| LedgerChange::BarEnded { bar }),
        "[xy]".prop_map(|id| LedgerChange::Pinned { pin: PinKey::Group { name: "Sales".to_owned() }, id }),
        (0..9_usize).prop_map(|size| LedgerChange::GroupSize { group: "Sales".to_owned(), size }),
        Just(LedgerChange::WatchBegun { key: WatchKey::Attribute("department".to_owned()) }),
        Just(LedgerChange::WatchEnded { key: WatchKey::Attribute("department".to_owned()) }),
        watched.prop_map(|(person, value, before, changes)| LedgerChange::Watched {
            subject: subject(&format!("E{person}")),
            key: WatchKey::Attribute("department".to_owned()),
            value: WatchedValue::from_text(value),
            before: before.map(WatchedValue::from_text),
            changes,
        }),
        (0..9_u8).prop_map(|minute| LedgerChange::ScheduleReached { document: "tools".into(), instant: at(minute) }),
        claim().prop_map(|claim| LedgerChange::Outranked { claim, by: "leave".into() }),
        claim().prop_map(|claim| LedgerChange::OutrankEnded { claim }),
        Just(LedgerChange::AdoptionEnded { document: "tools".into() }),
        Just(LedgerChange::ActivationTaken { id: "none".to_owned() }),
        ("hash|other", 0..9_u32, any::<bool>()).prop_map(|(hash, base, is_whole)| LedgerChange::DocumentPlanned {
            document: "tools".into(),
            hash: hash.into(),
            base,
            is_whole,
        }),
    ]
}

/// Some are kept under the key the user had before their person was linked.
fn claim(document: u8, holder: u8) -> ClaimKey {
    let subject = if holder == 2 { "user:u-E0".into() } else { subject(&format!("E{holder}")) };
    ClaimKey { document: format!("document-{document}").as_str().into(), subject, package: "p".into() }
}

fn occasion(person: u8) -> Occasion {
    Occasion {
        workflow: "leave".into(),
        subject: subject(&format!("E{person}")),
        trigger: "employeeLeaveDateTime".to_owned(),
        value: OccasionValue::Change(1),
    }
}

fn run_record(status: RunStatus) -> RunRecord {
    RunRecord {
        status,
        document_hash: "hash".into(),
        category: Category::Leaver,
        held_by: None,
        reason: None,
        tasks: Vec::new(),
    }
}

/// The same bar, set by another version of its document.
fn bar(person: u8, version: u8) -> Bar {
    let document_hash = format!("v{version}").as_str().into();
    Bar { occasion: occasion(person), user: format!("u-E{person}").as_str().into(), package: "p".into(), document_hash }
}
