//! Documents that disagree over somebody, and documents that are gone: who wins, and what a person decides.

use super::after::after;
use super::world::{World, claim, subject_of, user_of, world};
use crate::domain::action::{ActionKind, ActionState};
use crate::plan::Gate;
use crate::plan::ledger::{ClaimRecord, LedgerChange, Retirement, RunStatus};
use crate::workflow::definition::Mode;

const NOW: &str = "2026-12-10T12:00:00Z";

fn standing(name: &str, group: &str, more: &str) -> String {
    format!(
        "
apiVersion: usherd/v1
kind: AutoAssignment
name: {name}
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: {{ anyOf: [{{ group: {group} }}] }}
whenMemberLeaves: immediately
{more}
"
    )
}

fn mover(task: &str) -> String {
    format!(
        "
apiVersion: usherd/v1
kind: Workflow
name: move
category: mover
mode: enforce
trigger: {{ timeBasedAttribute: employeeHireDate, offsetInDays: 0 }}
scope: {{ rule: \"department eq 'Sales'\" }}
tasks:
  - task: {task}
"
    )
}

const TAKES: &str = "removeAccessPackageAssignment\n    with: { accessPackage: Tools }";
const GIVES: &str = "requestAccessPackageAssignment\n    with: { accessPackage: Tools, assignmentPolicy: Direct }";

/// E1 moves to Sales today and is in Engineering still.
fn moving(documents: &[&str]) -> World {
    let mut world = world(NOW, documents)
        .person("E1", &[("department", "Sales"), ("employeeHireDate", "2026-12-10")])
        .group("Engineering", &["E1"])
        .group("Others", &[]);
    world.ledger.complete_since.insert(subject_of("E1"), world.now);
    world
}

fn outranked() -> LedgerChange {
    LedgerChange::Outranked { claim: claim("E1", "Tools", "tools"), by: "move".into() }
}

fn outrank_ended() -> LedgerChange {
    LedgerChange::OutrankEnded { claim: claim("E1", "Tools", "tools") }
}

/// The mover's task took it: the run is over, the assignment gone, and the ledger knows who outranked whom.
fn after_the_removal(granted: bool) -> World {
    let (tools, takes) = (standing("tools", "Engineering", ""), mover(TAKES));
    let mut world = moving(&[&tools, &takes]);
    world = if granted { world.granted("E1", "Tools", "tools") } else { world.holds("E1", "Tools") };
    let plan = world.plan();
    let [removal] = plan.actions.as_slice() else { panic!("{}", world.text()) };
    assert_eq!((removal.kind, removal.document.as_str()), (ActionKind::AdminRemove, "move"));
    assert!(plan.changes.contains(&outranked()), "{:?}", plan.changes);
    for change in &plan.changes {
        if let LedgerChange::Run { occasion, run } = change {
            let mut run = run.clone();
            run.status = RunStatus::Completed;
            world.ledger.runs.insert(occasion.clone(), run);
        }
    }
    world.knows(removal.id, ActionKind::AdminRemove, "E1", "Tools", ActionState::Delivered);
    world.ledger.outranked.insert(claim("E1", "Tools", "tools"), "move".into());
    world.ledger.claims.clear();
    world
}

#[test]
fn what_a_movers_task_takes_is_not_given_again_by_the_same_membership() {
    for granted in [true, false] {
        let mut world = after_the_removal(granted);
        assert!(!world.plan().changes.contains(&outrank_ended()), "the list may lag behind the removal");
        world.observed.assignments.clear();
        let plan = world.plan();
        assert!(plan.actions.is_empty(), "{}", world.text());
        assert!(world.text().contains("tools person:E1: taken by move"), "{}", world.text());

        world.set_group("Engineering", &[]);
        assert!(world.plan().changes.contains(&outrank_ended()));
        world.ledger.outranked.clear();
        world.set_group("Engineering", &["E1"]);
        assert!(world.text().contains("adminAdd tools person:E1 by tools"), "{}", world.text());
    }
}

#[test]
fn what_a_scheduled_leaver_takes_is_not_given_again_before_the_next_time() {
    let takes = mover(TAKES)
        .replace("category: mover", "category: leaver")
        .replace("timeBasedAttribute: employeeHireDate, offsetInDays: 0", "schedule: '0 13 * * *', timeZone: UTC");
    let mut world = moving(&[&standing("tools", "Engineering", ""), &takes]).granted("E1", "Tools", "tools");
    after(&mut world, "2026-12-10T13:00:00Z");
    let plan = world.plan();
    assert_eq!(plan.actions.len(), 1, "{}", world.text());
    assert!(plan.changes.iter().all(|change| !matches!(change, LedgerChange::BarSet { .. })), "a schedule sets no bar");
    assert!(plan.changes.contains(&outranked()), "{:?}", plan.changes);
}

#[test]
fn an_unknown_membership_ends_no_outranking() {
    let mut world = after_the_removal(true);
    world.observed.assignments.clear();
    let unreadable = crate::plan::observed::GroupView::Unreadable;
    world.observed.groups.insert(("Engineering".to_owned(), false), unreadable);
    assert!(!world.plan().changes.contains(&outrank_ended()));
}

#[test]
fn outranking_ends_with_the_document_that_took_and_when_the_subject_has_it_again() {
    let mut world = after_the_removal(true);
    world.observed.assignments.clear();
    world.record("move").in_force = false;
    world.definitions.workflows.clear();
    assert!(world.plan().changes.contains(&outrank_ended()));

    let mut world = after_the_removal(true);
    world.observed.assignments[0].id = "given-again".into();
    assert!(world.plan().changes.contains(&outrank_ended()));
}

#[test]
fn a_mover_that_may_not_remove_outranks_nobody() {
    for mode in [Mode::Observe, Mode::GrantOnly] {
        let (tools, takes) = (standing("tools", "Engineering", ""), mover(TAKES));
        let mut world = moving(&[&tools, &takes]).granted("E1", "Tools", "tools");
        world.record("move").mode = mode;
        assert!(!world.plan().changes.contains(&outranked()), "{mode}");
    }
}

#[test]
fn a_claim_made_in_the_same_plan_keeps_what_another_document_lets_go() {
    let (tools, gives) = (standing("tools", "Others", ""), mover(GIVES));
    let world = moving(&[&tools, &gives]).granted("E1", "Tools", "tools");
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{}", world.text());
    assert!(plan.changes.contains(&LedgerChange::Claim { claim: claim("E1", "Tools", "move") }));
    assert!(plan.changes.contains(&LedgerChange::ClaimReleased { claim: claim("E1", "Tools", "tools") }));
}

#[test]
fn two_documents_of_one_rank_that_wish_the_opposite_do_neither() {
    let (all, tools) = (standing("all", "Others", "adopt: true"), standing("tools", "Engineering", ""));
    let mut world = moving(&[&all, &tools]).granted("E1", "Tools", "tools");
    world.ledger.claims.insert(claim("E1", "Tools", "all"), ClaimRecord::default());
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{}", world.text());
    assert!(plan.changes.iter().all(|change| !matches!(change, LedgerChange::ClaimReleased { .. })));
    assert!(world.text().contains("all person:E1: tools gives what all takes"), "{}", world.text());

    world.record("tools").mode = Mode::Observe;
    world.ledger.claims.remove(&claim("E1", "Tools", "tools"));
    assert!(world.text().contains("adminRemove tools person:E1 by all"), "who only observes disagrees with nobody");
}

/// E1 is a member and holds it by nobody's grant; a person wants that adopted.
fn adopting() -> World {
    let mut world = moving(&[&standing("tools", "Engineering", "")]).holds("E1", "Tools");
    world.record("tools").is_adopting = true;
    world
}

fn adoption_ended(world: &World) -> bool {
    world.plan().changes.contains(&LedgerChange::AdoptionEnded { document: "tools".into() })
}

#[test]
fn an_adoption_is_held_until_a_person_decides_and_sends_nothing() {
    let mut world = adopting();
    let plan = world.plan();
    let [hold] = plan.holds.as_slice() else { panic!("{}", world.text()) };
    assert_eq!((hold.gate, hold.items[0].kind), (Gate::Adoption, ActionKind::Adopt));
    assert!(plan.actions.is_empty() && !adoption_ended(&world));
    let own = LedgerChange::Claim { claim: claim("E1", "Tools", "tools") };
    assert!(!plan.changes.contains(&own));

    let mut rejected = world.clone();
    rejected.ledger.rejected.insert(hold.items[0].id, "tools".into());
    assert!(rejected.plan().holds.is_empty() && adoption_ended(&rejected));
    assert!(!rejected.plan().changes.contains(&own));

    world.ledger.approved.insert(hold.items[0].id, "tools".into());
    let approved = world.plan();
    assert!(approved.actions.is_empty() && approved.holds.is_empty() && approved.changes.contains(&own));
    assert!(adoption_ended(&world));
}

#[test]
fn an_adoption_takes_neither_what_is_the_services_nor_what_is_not_known() {
    let mut world = adopting();
    let unreadable = crate::plan::observed::GroupView::Unreadable;
    world.observed.groups.insert(("Engineering".to_owned(), false), unreadable);
    assert!(world.plan().holds.is_empty() && !adoption_ended(&world), "who is a member is not known");

    let mut world = adopting();
    world.observed.assignments.clear();
    assert!(adoption_ended(&world), "nothing is left to decide");
    world.observed.feeds.clear();
    assert!(!adoption_ended(&world), "who the feed will tell of is not known");

    let mut world = adopting();
    let policy = world.observed.policies[0].clone();
    let automatic =
        crate::domain::entitlement::AssignmentPolicy { id: "automatic".into(), is_automatic: true, ..policy };
    world.observed.policies.push(automatic);
    world.observed.assignments[0].policy = Some("automatic".into());
    assert!(world.plan().holds.is_empty() && adoption_ended(&world));
}

/// `gone` granted Tools to E1, is no longer there, and is retired so that its grants go.
fn retired(documents: &[&str]) -> World {
    let mut world = moving(documents).granted("E1", "Tools", "gone");
    let hash = "the last version".into();
    let record =
        crate::plan::ledger::DocumentRecord::new("gone".into(), "AutoAssignment", hash, Mode::Enforce, world.now);
    let gone =
        crate::plan::ledger::DocumentRecord { in_force: false, retirement: Some(Retirement::Removing), ..record };
    world.ledger.documents.insert("gone".into(), gone);
    world
}

#[test]
fn what_a_retired_document_granted_goes_only_once_it_is_approved() {
    let mut world = retired(&[]);
    let plan = world.plan();
    let [hold] = plan.holds.as_slice() else { panic!("{}", world.text()) };
    assert_eq!(
        (hold.gate, hold.items[0].kind, &hold.items[0].user),
        (Gate::Retirement, ActionKind::AdminRemove, &user_of("E1"))
    );
    assert!(plan.actions.is_empty());

    let mut rejected = world.clone();
    rejected.ledger.rejected.insert(hold.items[0].id, "gone".into());
    let released = LedgerChange::ClaimReleased { claim: claim("E1", "Tools", "gone") };
    assert!(
        rejected.plan().holds.is_empty() && rejected.plan().changes.contains(&released),
        "it stays, and is nobody's"
    );

    world.ledger.approved.insert(hold.items[0].id, "gone".into());
    assert_eq!(world.plan().actions.len(), 1);
    world.record("gone").mode = Mode::Observe;
    assert!(world.plan().actions.is_empty(), "the ceiling holds for what is gone, too");
    world.record("gone").retirement = None;
    assert!(world.text().contains("gone person:E1: the document is gone"), "{}", world.text());
}

#[test]
fn what_another_document_gives_too_outlives_a_retired_one() {
    let world = retired(&[&standing("tools", "Engineering", "")]);
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{}", world.text());
    assert!(plan.changes.contains(&LedgerChange::Claim { claim: claim("E1", "Tools", "tools") }));
    assert!(plan.changes.contains(&LedgerChange::ClaimReleased { claim: claim("E1", "Tools", "gone") }));
}

fn released(document: &str) -> LedgerChange {
    LedgerChange::ClaimReleased { claim: claim("E1", "Tools", document) }
}

#[test]
fn two_documents_that_let_go_in_one_plan_do_not_count_on_each_other() {
    let mut world = retired(&[&standing("tools", "Others", "")]);
    world.ledger.claims.insert(claim("E1", "Tools", "tools"), ClaimRecord::default());
    let plan = world.plan();
    assert!(plan.changes.contains(&released("tools")), "the retired one's grant stands until its removal is approved");
    assert!(!plan.changes.contains(&released("gone")), "nobody else's grant stands any more");
    assert_eq!(plan.holds.iter().map(|hold| hold.gate).collect::<Vec<_>>(), [Gate::Retirement], "{}", world.text());
}

#[test]
fn a_grant_is_let_go_only_to_a_document_that_takes_it_over() {
    const LEAVES: &str = "
apiVersion: usherd/v1
kind: Workflow
name: leave
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: 0 }
scope: { rule: \"department eq 'Sales'\" }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Tools, ownedOnly: true }
";
    let (lets_go, gives) = (standing("tools", "Others", ""), standing("keep", "Engineering", ""));
    let mut barred = moving(&[&lets_go, &gives, LEAVES]).granted("E1", "Tools", "tools");
    let plan = barred.plan();
    assert_eq!(plan.actions.iter().map(|action| action.document.as_str()).collect::<Vec<_>>(), ["leave"]);
    assert!(!plan.changes.contains(&released("tools")), "who is barred is given nothing: {}", barred.text());
    barred.definitions.workflows.clear();

    let removal = plan.actions[0].id;
    barred.knows(removal, ActionKind::AdminRemove, "E1", "Tools", ActionState::Submitted);
    let plan = barred.plan();
    assert!(!plan.changes.contains(&released("tools")), "the removal may fail yet: {}", barred.text());
    barred.ledger.actions.clear();
    let plan = barred.plan();
    assert!(plan.changes.contains(&released("tools")), "{}", barred.text());
    assert!(plan.changes.contains(&LedgerChange::Claim { claim: claim("E1", "Tools", "keep") }));
}
