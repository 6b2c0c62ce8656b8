//! What every ledger must do: one suite for every implementation of [`Store`](super::Store).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Acceptance, ActivationWish, DeliveryRecord, DocumentsInForce, GrantsOfRetired, HoldDecision, Store, StoreError,
    Transition,
};
use crate::domain::action::{Action, ActionKind, ActionState, Category, Cause, Occasion, OccasionValue};
use crate::domain::ids::{HoldHash, RequestId, SubjectKey};
use crate::domain::resource::Resource;
use crate::domain::subject::{Person, ReadAt};
use crate::plan::ledger::{
    Bar, ClaimKey, DocumentRecord, Ledger, LedgerChange, PinKey, Rename, Retirement, RunRecord, RunStatus, TaskRun,
    WatchKey, WatchedValue,
};
use crate::plan::{Gate, Hold, Plan};
use crate::workflow::definition::Mode;

mod directory;
mod simulation;

fn at(minute: u8) -> Timestamp {
    format!("2026-12-01T08:{minute:02}:00Z").parse().unwrap()
}

fn action(person: &str, package: &str, episode: u32) -> Action {
    let cause = Cause::Episode { document: "tools".into(), subject: subject(person), episode };
    let resource = Resource::Package(package.into());
    let user = format!("u-{person}").into();
    Action {
        kind: ActionKind::AdminAdd,
        category: Category::Mover,
        subject: subject(person),
        id: Action::derive_id(&"tenant".into(), ActionKind::AdminAdd, &resource, None, &user, &cause),
        user,
        resource,
        policy: Some("policy".into()),
        assignment: None,
        document: "tools".into(),
        document_hash: "hash".into(),
        cause,
        expiration: None,
        answers: Vec::new(),
        justification: None,
    }
}

fn subject(person: &str) -> SubjectKey {
    SubjectKey::new(format!("person:{person}"))
}

fn person(key: &str) -> Person {
    Person {
        key: key.into(),
        feed: "hr".into(),
        attributes: BTreeMap::new(),
        time_zone: "UTC".to_owned(),
        missing: false,
        absence: None,
        read: Some(ReadAt { line: 7, delivery: Some("d0".to_owned()) }),
    }
}

fn delivery(digest: &str, feed_hash: &str) -> DeliveryRecord {
    DeliveryRecord {
        digest: digest.to_owned(),
        file: "people.csv".to_owned(),
        feed_hash: feed_hash.to_owned(),
        rows: 1,
        header: vec!["Id".to_owned()],
        judged: at(0),
        verdict: "accepted".to_owned(),
        ..DeliveryRecord::default()
    }
}

fn plan_of(actions: Vec<Action>) -> Plan {
    Plan { actions, ..Plan::default() }
}

fn hold_of(hash: &str, items: Vec<Action>) -> Hold {
    Hold { hash: hash.into(), gate: Gate::Backfill, why: "why".to_owned(), items }
}

fn step(action: &Action, from: ActionState, to: ActionState) -> Transition {
    Transition { action: action.id, from, to, request: None, detail: String::new(), changes: Vec::new() }
}

async fn states(store: &dyn Store) -> Vec<ActionState> {
    store.actions_in(&ActionState::ALL).await.unwrap().into_iter().map(|record| record.state).collect()
}

/// Runs the whole suite; `open` gives a fresh, empty ledger each time.
pub(super) async fn exercise<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    a_committed_plan_is_there_once(&open().await).await;
    a_sent_action_is_not_sent_again_by_a_later_plan(&open().await).await;
    a_user_and_a_package_have_one_action_under_way(&open().await).await;
    an_unsent_action_can_be_taken_back_and_wanted_again(&open().await).await;
    a_step_from_another_state_changes_nothing(&open().await).await;
    changes_are_read_back(&open().await).await;
    a_removal_ends_every_claim_also_under_the_users_key(&open().await).await;
    a_hold_keeps_its_age_and_closes_with_its_plan(&open().await).await;
    a_decision_binds_the_items_and_is_found_by_a_prefix(&open().await).await;
    an_approval_ends_with_the_plan_it_was_for(&open().await).await;
    documents_are_kept_as_they_are_in_force(&open().await).await;
    a_renamed_document_keeps_all_it_did(&open().await).await;
    a_document_is_retired_once_it_is_gone(&open().await).await;
    an_auto_assignment_is_asked_to_adopt(&open().await).await;
    a_wish_is_kept_until_its_run_is_over(&open().await).await;
    a_feed_looks_back_on_the_latest_of_each_accepted_delivery(&open().await).await;
    directory::users_and_where_the_next_round_begins_are_kept_together(&open().await).await;
    simulation::a_simulated_ledger_comes_to_the_same(&open).await;
}

async fn a_wish_is_kept_until_its_run_is_over(store: &dyn Store) {
    let wish = |people: &[&str]| ActivationWish {
        workflow: "tools".into(),
        subjects: people.iter().map(|person| subject(person)).collect(),
        by: "a test".to_owned(),
    };
    let everybody = BTreeSet::from([subject("E1"), subject("E2")]);
    assert_eq!(store.activate(&wish(&["E1"]), at(0)).await.unwrap(), BTreeSet::from([subject("E1")]));
    let only_new = store.activate(&wish(&["E1", "E2"]), at(1)).await.unwrap();
    assert_eq!(only_new, BTreeSet::from([subject("E2")]), "what is not taken up yet is not wished twice");
    let activations = store.ledger().await.unwrap().activations;
    let requested: BTreeSet<_> =
        activations.values().map(|wished| (wished.subject.clone(), wished.requested)).collect();
    assert_eq!(requested, BTreeSet::from([(subject("E1"), at(0)), (subject("E2"), at(1))]));

    for (status, expected) in
        [(RunStatus::Queued, 0), (RunStatus::InProgress, 0), (RunStatus::Held, 0), (RunStatus::Failed, 2)]
    {
        for (id, wished) in &activations {
            let occasion = Occasion {
                workflow: "tools".into(),
                subject: wished.subject.clone(),
                trigger: "activation".to_owned(),
                value: OccasionValue::Activation(id.clone()),
            };
            let run = RunRecord {
                status,
                document_hash: "hash".into(),
                category: Category::Mover,
                held_by: None,
                reason: None,
                tasks: Vec::new(),
            };
            let taken = [LedgerChange::ActivationTaken { id: id.clone() }, LedgerChange::Run { occasion, run }];
            store.apply(&taken, at(2)).await.unwrap();
        }
        if expected == 0 {
            assert!(store.ledger().await.unwrap().activations.is_empty(), "taken up");
        }
        let kept = store.activate(&wish(&["E1", "E2"]), at(3)).await.unwrap();
        assert_eq!(kept.len(), expected, "{status:?}");
        assert!(kept.is_empty() || kept == everybody);
    }
    let other = ActivationWish { workflow: "other".into(), ..wish(&["E1"]) };
    assert_eq!(store.activate(&other, at(4)).await.unwrap().len(), 1, "another workflow is another wish");
}

async fn a_committed_plan_is_there_once(store: &dyn Store) {
    let plan = plan_of(vec![action("E1", "p", 1), action("E2", "p", 1)]);
    store.commit(&plan, at(0)).await.unwrap();
    store.commit(&plan, at(1)).await.unwrap();
    let records = store.actions_in(&[ActionState::Ready]).await.unwrap();
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|record| record.changed == at(0)), "unchanged rows are not touched");
    assert_eq!(store.ledger().await.unwrap().actions.len(), 2);
}

async fn a_sent_action_is_not_sent_again_by_a_later_plan(store: &dyn Store) {
    let one = action("E1", "p", 1);
    store.commit(&plan_of(vec![one.clone()]), at(0)).await.unwrap();
    assert!(store.advance(&step(&one, ActionState::Ready, ActionState::Submitting), at(1)).await.unwrap());
    let submitted = Transition {
        request: Some(RequestId::from("r1")),
        detail: "submitted".to_owned(),
        ..step(&one, ActionState::Submitting, ActionState::Submitted)
    };
    assert!(store.advance(&submitted, at(2)).await.unwrap());
    assert!(store.advance(&step(&one, ActionState::Submitted, ActionState::Delivered), at(3)).await.unwrap());
    store.commit(&plan_of(vec![one]), at(4)).await.unwrap();
    let [record] = store.actions_in(&ActionState::ALL).await.unwrap().try_into().unwrap();
    assert_eq!((record.state, record.attempts, record.submitted), (ActionState::Delivered, 1, Some(at(1))));
    assert_eq!(record.request, Some(RequestId::from("r1")), "a later step does not forget the request");
}

async fn a_user_and_a_package_have_one_action_under_way(store: &dyn Store) {
    store.commit(&plan_of(vec![action("E1", "p", 1)]), at(0)).await.unwrap();
    let refused = store.commit(&plan_of(vec![action("E2", "p", 1), action("E1", "p", 2)]), at(1)).await;
    assert!(matches!(refused, Err(StoreError::Database { .. })));
    assert_eq!(states(store).await, [ActionState::Ready], "nothing of the refused plan is there");
}

async fn an_unsent_action_can_be_taken_back_and_wanted_again(store: &dyn Store) {
    let one = action("E1", "p", 1);
    store.commit(&plan_of(vec![one.clone()]), at(0)).await.unwrap();
    store.commit(&Plan { superseded: vec![one.id], ..Plan::default() }, at(1)).await.unwrap();
    assert_eq!(states(store).await, [ActionState::Superseded]);
    let held = Plan { holds: vec![hold_of("aa", vec![one.clone()])], ..Plan::default() };
    store.commit(&held, at(2)).await.unwrap();
    assert_eq!(states(store).await, [ActionState::Held]);
    store.commit(&plan_of(vec![one]), at(3)).await.unwrap();
    assert_eq!(states(store).await, [ActionState::Ready]);
}

async fn a_step_from_another_state_changes_nothing(store: &dyn Store) {
    let one = action("E1", "p", 1);
    store.commit(&plan_of(vec![one.clone()]), at(0)).await.unwrap();
    let claim = ClaimKey { document: "tools".into(), subject: subject("E1"), package: "p".into() };
    let wrong = Transition {
        changes: vec![LedgerChange::Claim { claim }],
        ..step(&one, ActionState::Submitting, ActionState::Submitted)
    };
    assert!(!store.advance(&wrong, at(1)).await.unwrap());
    assert_eq!(states(store).await, [ActionState::Ready]);
    assert!(store.ledger().await.unwrap().claims.is_empty());
}

async fn changes_are_read_back(store: &dyn Store) {
    let occasion = Occasion {
        workflow: "leave".into(),
        subject: subject("E1"),
        trigger: "employeeLeaveDateTime".to_owned(),
        value: "2026-11-30".parse().unwrap(),
    };
    let run = |status| RunRecord {
        status,
        document_hash: "hash".into(),
        category: Category::Leaver,
        held_by: Some(Gate::Backfill),
        reason: Some("inFlight".to_owned()),
        tasks: vec![TaskRun { status, reason: None }],
    };
    let claim = ClaimKey { document: "tools".into(), subject: subject("E1"), package: "p".into() };
    let bar =
        Bar { occasion: occasion.clone(), user: "u-E1".into(), package: "p".into(), document_hash: "hash".into() };
    let pin = PinKey::Policy { package: "p".into(), name: "Direct".to_owned() };
    let changes = [
        LedgerChange::SubjectComplete { subject: subject("E1") },
        LedgerChange::Run { occasion: occasion.clone(), run: run(RunStatus::InProgress) },
        LedgerChange::Run { occasion: occasion.clone(), run: run(RunStatus::Completed) },
        LedgerChange::Claim { claim: claim.clone() },
        LedgerChange::ClaimLeaving { claim: claim.clone() },
        LedgerChange::ClaimMissing { claim: claim.clone() },
        LedgerChange::EpisodeRaised { claim: claim.clone() },
        LedgerChange::BarSet { bar: bar.clone() },
        LedgerChange::Pinned { pin: pin.clone(), id: "direct".to_owned() },
        LedgerChange::GroupSize { group: "Sales".to_owned(), size: 7 },
    ];
    store.apply(&changes, at(0)).await.unwrap();
    // Said again later, nothing begins anew.
    store.apply(&changes[..1], at(5)).await.unwrap();
    store.apply(&[LedgerChange::ClaimLeaving { claim: claim.clone() }], at(5)).await.unwrap();
    let ledger = store.ledger().await.unwrap();
    assert_eq!(ledger.complete_since.get(&subject("E1")), Some(&at(0)));
    assert_eq!(ledger.runs.get(&occasion), Some(&run(RunStatus::Completed)));
    let record = ledger.claims.get(&claim).unwrap();
    assert_eq!((record.leaving_since, record.missing_since), (Some(at(0)), Some(at(0))));
    assert_eq!(ledger.episodes.get(&claim), Some(&2));
    assert!(ledger.bars.contains(&bar));
    assert_eq!(ledger.pins.get(&pin).map(String::as_str), Some("direct"));
    assert_eq!(ledger.group_sizes.get("Sales"), Some(&7));
    store
        .apply(&[LedgerChange::ClaimStays { claim: claim.clone() }, LedgerChange::BarEnded { bar }], at(6))
        .await
        .unwrap();
    let ledger = store.ledger().await.unwrap();
    assert_eq!(ledger.claims.get(&claim).unwrap().leaving_since, None);
    assert!(ledger.bars.is_empty());
    store.apply(&[LedgerChange::ClaimReleased { claim }], at(7)).await.unwrap();
    assert!(store.ledger().await.unwrap().claims.is_empty());
}

async fn a_removal_ends_every_claim_also_under_the_users_key(store: &dyn Store) {
    let claim = |document: &str, subject: &str| ClaimKey {
        document: document.into(),
        subject: subject.into(),
        package: "p".into(),
    };
    let claims = [claim("tools", "person:E1"), claim("others", "user:u-E1"), claim("tools", "person:E2")];
    let granted: Vec<_> = claims.iter().map(|claim| LedgerChange::Claim { claim: claim.clone() }).collect();
    store.apply(&granted, at(0)).await.unwrap();
    let gone = LedgerChange::Gone { subject: subject("E1"), user: "u-E1".into(), package: "p".into() };
    store.apply(&[gone], at(1)).await.unwrap();
    let ledger = store.ledger().await.unwrap();
    assert_eq!(ledger.claims.keys().collect::<Vec<_>>(), [&claims[2]]);
    assert_eq!((ledger.episodes.get(&claims[0]), ledger.episodes.get(&claims[1])), (Some(&2), Some(&2)));
}

async fn a_hold_keeps_its_age_and_closes_with_its_plan(store: &dyn Store) {
    let held = Plan { holds: vec![hold_of("abc", vec![action("E1", "p", 1)])], ..Plan::default() };
    store.commit(&held, at(0)).await.unwrap();
    store.commit(&held, at(5)).await.unwrap();
    let [record] = store.holds().await.unwrap().try_into().unwrap();
    assert_eq!((record.raised, record.approved), (at(0), false));
    assert_eq!(store.ledger().await.unwrap().held.len(), 1);
    store.commit(&Plan { superseded: vec![action("E1", "p", 1).id], ..Plan::default() }, at(6)).await.unwrap();
    assert!(store.holds().await.unwrap().is_empty());
    assert_eq!(store.ledger().await.unwrap().held.len(), 1, "nobody decided: wished again, it is held again");
    store.commit(&held, at(7)).await.unwrap();
    assert_eq!(store.holds().await.unwrap()[0].raised, at(0), "the same hold is as old as it is");
}

async fn a_decision_binds_the_items_and_is_found_by_a_prefix(store: &dyn Store) {
    let (yes, no) = (action("E1", "p", 1), action("E2", "p", 1));
    let holds = vec![hold_of("abc", vec![yes.clone()]), hold_of("abd", vec![no.clone()])];
    store.commit(&Plan { holds, ..Plan::default() }, at(0)).await.unwrap();
    let decide = |hash: &str, approve| {
        let (hash, decision) = (HoldHash::from(hash), HoldDecision { approve, by: "uid 0".to_owned() });
        async move { store.decide_hold(&hash, &decision, at(1)).await }
    };
    assert!(matches!(decide("ab", true).await, Err(StoreError::HoldAmbiguous(_))));
    assert!(matches!(decide("x", true).await, Err(StoreError::NoSuchHold(_))));
    assert!(matches!(decide("", true).await, Err(StoreError::HoldAmbiguous(_) | StoreError::NoSuchHold(_))));
    decide("abc", true).await.unwrap();
    decide("abd", false).await.unwrap();
    assert!(matches!(decide("abd", true).await, Err(StoreError::NoSuchHold(_))), "decided once");
    let ledger = store.ledger().await.unwrap();
    assert!(ledger.approved.get(&yes.id) == Some(&yes.document) && ledger.rejected.get(&no.id) == Some(&no.document));
    let open = store.holds().await.unwrap();
    assert_eq!(
        open.iter().map(|record| (record.hold.hash.as_str(), record.approved)).collect::<Vec<_>>(),
        [("abc", true)]
    );
}

async fn an_approval_ends_with_the_plan_it_was_for(store: &dyn Store) {
    let one = action("E1", "p", 1);
    let held = Plan { holds: vec![hold_of("abc", vec![one.clone()])], ..Plan::default() };
    store.commit(&held, at(0)).await.unwrap();
    let decision = HoldDecision { approve: true, by: "uid 0".to_owned() };
    store.decide_hold(&HoldHash::from("abc"), &decision, at(1)).await.unwrap();
    assert!(store.ledger().await.unwrap().approved.contains_key(&one.id));
    store.commit(&Plan { superseded: vec![one.id], ..Plan::default() }, at(2)).await.unwrap();
    let ledger = store.ledger().await.unwrap();
    assert!(!ledger.approved.contains_key(&one.id));
    assert!(ledger.held.contains_key(&(one.id, one.document)), "wished again, it is looked at again");
}

async fn documents_are_kept_as_they_are_in_force(store: &dyn Store) {
    let new = DocumentRecord::new("tools".into(), "AutoAssignment", "hash".into(), Mode::Enforce, at(0));
    let record = DocumentRecord {
        identity: "older-tools".into(),
        mode: Mode::GrantOnly,
        writes_since: Some(at(1)),
        observed_before: true,
        first_removals_held: true,
        ..new
    };
    let texts = BTreeMap::from([("a.yaml".to_owned(), "one".to_owned()), ("b.yaml".to_owned(), "two".to_owned())]);
    let documents = DocumentsInForce { texts: texts.clone(), records: vec![record.clone()], renames: Vec::new() };
    store.save_documents(&documents, at(1)).await.unwrap();
    assert_eq!(store.good_texts().await.unwrap(), texts);
    assert_eq!(store.ledger().await.unwrap().documents.get(&record.name), Some(&record));
    let planned = |hash: &str| LedgerChange::DocumentPlanned {
        document: "tools".into(),
        hash: hash.into(),
        base: 9,
        is_whole: true,
    };
    store.apply(&[planned("another version")], at(2)).await.unwrap();
    assert_eq!(store.ledger().await.unwrap().documents.get(&record.name), Some(&record));
    store.apply(&[planned("hash")], at(2)).await.unwrap();
    let known = store.ledger().await.unwrap().documents.remove(&record.name).unwrap();
    assert_eq!((known.base, known.first_removals_held), (Some(("hash".into(), 9)), false));
    let fewer = BTreeMap::from([("b.yaml".to_owned(), "three".to_owned())]);
    let documents = DocumentsInForce { texts: fewer.clone(), ..DocumentsInForce::default() };
    store.save_documents(&documents, at(3)).await.unwrap();
    assert_eq!(store.good_texts().await.unwrap(), fewer);
}

/// A ledger in which every table knows of the workflow `leave`, the auto assignment `tools` and the feed `hr`.
async fn fill_with_documents(store: &dyn Store) {
    let record = |name: &str, kind| DocumentRecord::new(name.into(), kind, "hash".into(), Mode::Enforce, at(0));
    let records = vec![record("leave", "Workflow"), record("tools", "AutoAssignment"), record("hr", "Feed")];
    store.save_documents(&DocumentsInForce { records, ..DocumentsInForce::default() }, at(0)).await.unwrap();
    let occasion = |workflow: &str, trigger: &str, value: &str| Occasion {
        workflow: workflow.into(),
        subject: subject("E1"),
        trigger: trigger.to_owned(),
        value: value.parse().unwrap(),
    };
    let left = occasion("leave", "employeeLeaveDateTime", "2026-11-30");
    let run = RunRecord {
        status: RunStatus::InProgress,
        document_hash: "hash".into(),
        category: Category::Leaver,
        held_by: None,
        reason: None,
        tasks: Vec::new(),
    };
    let claim = ClaimKey { document: "tools".into(), subject: subject("E1"), package: "p".into() };
    let feed = WatchKey::Feed("hr".into());
    let changes = [
        LedgerChange::Run { occasion: left.clone(), run: run.clone() },
        LedgerChange::Run { occasion: occasion("leave", "feed hr", "change 1"), run },
        LedgerChange::Claim { claim: claim.clone() },
        LedgerChange::EpisodeRaised { claim: claim.clone() },
        LedgerChange::Outranked { claim: claim.clone(), by: "leave".into() },
        LedgerChange::BarSet {
            bar: Bar { occasion: left, user: "u-E1".into(), package: "p".into(), document_hash: "hash".into() },
        },
        LedgerChange::WatchBegun { key: feed.clone() },
        LedgerChange::Watched {
            subject: subject("E1"),
            key: feed,
            value: WatchedValue::is_in(true),
            before: None,
            changes: 0,
        },
        LedgerChange::ScheduleReached { document: "leave".into(), instant: at(1) },
    ];
    store.apply(&changes, at(1)).await.unwrap();
    store.record_delivery(&"hr".into(), &delivery("d0", "hash"), Some(&[person("E1")])).await.unwrap();
    let (sent, held, no) = (action("E1", "p", 1), action("E2", "p", 1), action("E3", "p", 1));
    let holds = vec![hold_of("abc", vec![held]), hold_of("def", vec![no])];
    store.commit(&Plan { holds, ..plan_of(vec![sent.clone()]) }, at(2)).await.unwrap();
    store.advance(&step(&sent, ActionState::Ready, ActionState::Submitting), at(2)).await.unwrap();
    let decision = HoldDecision { approve: false, by: "uid 0".to_owned() };
    store.decide_hold(&HoldHash::from("def"), &decision, at(3)).await.unwrap();
}

fn rename(from: &str, to: &str) -> Rename {
    Rename { from: from.into(), to: to.into() }
}

async fn a_renamed_document_keeps_all_it_did(store: &dyn Store) {
    fill_with_documents(store).await;
    let before = store.ledger().await.unwrap();
    let renames =
        [rename("tools", "kit"), rename("leave", "goodbye"), rename("hr", "people"), rename("never", "known")];
    let mut expected: Ledger = before.clone();
    renames.iter().for_each(|rename| expected.rename(rename));
    let documents = DocumentsInForce { renames: renames.to_vec(), ..DocumentsInForce::default() };
    store.save_documents(&documents, at(4)).await.unwrap();
    let after = store.ledger().await.unwrap();
    assert_eq!(after, expected);
    let text = format!("{after:?}");
    for name in ["\"tools\"", "\"leave\"", "\"hr\""] {
        let identity = format!("identity: DocumentName({name})");
        assert!(text.contains(&identity) && !text.replace(&identity, "").contains(name), "{name}: {text}");
    }
    assert_eq!(after.actions.keys().collect::<Vec<_>>(), before.actions.keys().collect::<Vec<_>>());
    for record in store.actions_in(&ActionState::ALL).await.unwrap() {
        let Cause::Episode { document, .. } = &record.action.cause else { panic!("{record:?}") };
        assert_eq!((record.action.document.as_str(), document.as_str()), ("kit", "kit"));
    }
    let [hold] = store.holds().await.unwrap().try_into().unwrap();
    assert_eq!(hold.hold.items[0].document.as_str(), "kit");
    let people = store.feed_state(&"people".into()).await.unwrap();
    assert_eq!((people.accepted.len(), people.persons[0].feed.as_str()), (1, "people"), "missing is not leaving");
    assert_eq!(store.feed_state(&"hr".into()).await.unwrap(), super::FeedState::default());

    // Taking over what another document did, one keeps what it did itself.
    let claim = |document: &str, package: &str| ClaimKey {
        document: document.into(),
        subject: subject("E1"),
        package: package.into(),
    };
    let other = DocumentRecord::new("more".into(), "AutoAssignment", "hash".into(), Mode::Enforce, at(5));
    let documents = DocumentsInForce { records: vec![other], ..DocumentsInForce::default() };
    store.save_documents(&documents, at(5)).await.unwrap();
    let granted = ["p", "q"].map(|package| LedgerChange::Claim { claim: claim("more", package) });
    store.apply(&granted, at(5)).await.unwrap();
    store.apply(&[LedgerChange::ClaimLeaving { claim: claim("more", "p") }], at(6)).await.unwrap();
    let mut expected = store.ledger().await.unwrap();
    expected.rename(&rename("kit", "more"));
    let documents = DocumentsInForce { renames: vec![rename("kit", "more")], ..DocumentsInForce::default() };
    store.save_documents(&documents, at(7)).await.unwrap();
    let after = store.ledger().await.unwrap();
    assert_eq!(after, expected);
    assert_eq!(after.claims.keys().collect::<Vec<_>>(), [&claim("more", "p"), &claim("more", "q")]);
    assert!(after.claims[&claim("more", "p")].leaving_since.is_some());
}

async fn a_document_is_retired_once_it_is_gone(store: &dyn Store) {
    fill_with_documents(store).await;
    let retire =
        async |name: &str, grants: GrantsOfRetired| store.retire_document(&name.into(), &grants, "uid 0", at(5)).await;
    let set_in_force = async |name: &str, in_force| {
        let record = store.ledger().await.unwrap().documents.remove(&name.into()).unwrap();
        let records = vec![DocumentRecord { in_force, ..record }];
        store.save_documents(&DocumentsInForce { records, ..DocumentsInForce::default() }, at(5)).await.unwrap();
    };
    let claims = async || {
        let ledger = store.ledger().await.unwrap();
        ledger.claims.keys().map(|claim| claim.document.to_string()).collect::<Vec<_>>()
    };
    let retirement = async |name: &str| store.ledger().await.unwrap().documents[&name.into()].retirement;
    assert!(matches!(retire("never", GrantsOfRetired::Stay).await, Err(StoreError::NoSuchDocument(_))));
    assert!(matches!(retire("tools", GrantsOfRetired::Stay).await, Err(StoreError::DocumentInForce(_))));
    set_in_force("tools", false).await;
    for unfit in ["never", "hr", "tools"] {
        let refused = retire("tools", GrantsOfRetired::GoTo(unfit.into())).await;
        assert!(matches!(refused, Err(StoreError::DocumentNotInForce(_))), "{unfit}");
    }
    assert_eq!(retire("tools", GrantsOfRetired::AreRemoved).await.unwrap(), 1);
    assert_eq!((claims().await, retirement("tools").await), (vec!["tools".to_owned()], Some(Retirement::Removing)));

    // A pass that began before does not undo it; only the document's return does.
    let ledger = store.ledger().await.unwrap();
    let stale = DocumentRecord { retirement: None, ..ledger.documents[&"tools".into()].clone() };
    let documents = DocumentsInForce { records: vec![stale], ..DocumentsInForce::default() };
    store.save_documents(&documents, at(6)).await.unwrap();
    assert_eq!(retirement("tools").await, Some(Retirement::Removing));
    set_in_force("tools", true).await;
    assert_eq!(retirement("tools").await, None);

    set_in_force("tools", false).await;
    assert_eq!(retire("tools", GrantsOfRetired::GoTo("leave".into())).await.unwrap(), 1);
    assert_eq!((claims().await, retirement("tools").await), (vec!["leave".to_owned()], Some(Retirement::Released)));
    set_in_force("leave", false).await;
    assert_eq!(retire("leave", GrantsOfRetired::Stay).await.unwrap(), 1);
    assert!(claims().await.is_empty());
}

async fn an_auto_assignment_is_asked_to_adopt(store: &dyn Store) {
    fill_with_documents(store).await;
    let adopt = async |name: &str| store.adopt_for(&name.into(), "uid 0", at(5)).await;
    assert!(matches!(adopt("never").await, Err(StoreError::NoSuchDocument(_))));
    assert!(matches!(adopt("leave").await, Err(StoreError::NoMembers(_))));
    adopt("tools").await.unwrap();
    let record = store.ledger().await.unwrap().documents.remove(&"tools".into()).unwrap();
    assert!(record.is_adopting);
    let ended = LedgerChange::AdoptionEnded { document: "tools".into() };
    store.apply(&[ended], at(6)).await.unwrap();
    assert!(!store.ledger().await.unwrap().documents[&"tools".into()].is_adopting);

    let save = async |record: DocumentRecord| {
        let documents = DocumentsInForce { records: vec![record], ..DocumentsInForce::default() };
        store.save_documents(&documents, at(7)).await.unwrap();
    };
    save(DocumentRecord { mode: Mode::Observe, ..record.clone() }).await;
    assert!(matches!(adopt("tools").await, Err(StoreError::OnlyObserves(_))));
    save(DocumentRecord { in_force: false, ..record }).await;
    assert!(matches!(adopt("tools").await, Err(StoreError::DocumentNotInForce(_))));
}

async fn a_feed_looks_back_on_the_latest_of_each_accepted_delivery(store: &dyn Store) {
    let feed = "hr".into();
    assert_eq!(store.feed_state(&feed).await.unwrap(), super::FeedState::default());
    for digest in ["d1", "d2", "d3", "d4", "d5", "d6"] {
        store.record_delivery(&feed, &delivery(digest, "v1"), Some(&[person("E1"), person("E2")])).await.unwrap();
    }
    store.record_delivery(&feed, &delivery("d5", "v2"), Some(&[person("E1"), person("E2")])).await.unwrap();
    let state = store.feed_state(&feed).await.unwrap();
    let digests: Vec<_> = state.accepted.iter().map(|delivery| delivery.digest.as_str()).collect();
    assert_eq!(digests, ["d5", "d6", "d4", "d3", "d2"]);
    assert_eq!(state.accepted[0].feed_hash, "v2");
    assert_eq!(state.persons, [person("E1"), person("E2")]);
    store.record_delivery(&feed, &delivery("bad", "v2"), None).await.unwrap();
    let state = store.feed_state(&feed).await.unwrap();
    assert_eq!(state.last_refused.map(|delivery| delivery.digest), Some("bad".to_owned()));
    assert_eq!(state.accepted[0].digest, "d5");
    let latest = store.deliveries(&feed, 3).await.unwrap();
    assert_eq!(latest.iter().map(|delivery| delivery.digest.as_str()).collect::<Vec<_>>(), ["bad", "d5", "d6"]);

    // An acceptance stands until the next delivery is recorded.
    let acceptance = |by: &str| Acceptance { digest: "bad".into(), feed_hash: "v2".into(), by: by.into(), at: at(7) };
    store.accept_delivery(&feed, &acceptance("anna")).await.unwrap();
    store.accept_delivery(&feed, &acceptance("ben")).await.unwrap();
    assert_eq!(store.feed_state(&feed).await.unwrap().acceptance, Some(acceptance("ben")));
    assert_eq!(store.feed_state(&"other".into()).await.unwrap().acceptance, None);
    let told = DeliveryRecord {
        made: Some(at(1)),
        as_of: Some(at(2)),
        why: Some("because".into()),
        left_out: 3,
        accepted_by: Some("ben".into()),
        ..delivery("bad", "v2")
    };
    store.record_delivery(&feed, &told, Some(&[person("E1")])).await.unwrap();
    let state = store.feed_state(&feed).await.unwrap();
    assert_eq!((state.acceptance, &state.accepted[0]), (None, &told));
}
