//! What a plan may do before a person is asked: a small, a middle and a large base.

use super::world::{World, world};
use crate::plan::Gate;
use crate::plan::ledger::HeldBy;

const DOCUMENT: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [{ rule: department eq 'Engineering' }] }
whenMemberLeaves: immediately
";

/// A world in which `leavers` of `owned` people who were granted the package are no longer members.
fn removals(owned: usize, leavers: usize, others: usize) -> World {
    let mut world = world("2026-12-10T12:00:00Z", &[DOCUMENT]);
    for number in 0..owned {
        let department = if number < leavers { "Finance" } else { "Engineering" };
        let person = format!("E{number}");
        world = world.person(&person, &[("department", department)]).granted(&person, "Tools", "tools");
    }
    for number in 0..others {
        world = world.person(&format!("F{number}"), &[("department", "Finance")]);
    }
    world
}

#[test]
fn removals_over_a_documents_limit_are_held_whole() {
    // (owned, leavers) → held or not; max(5, 5 %), or half of 4 or more, or all of 2 or more
    let table = [
        (1, 1, false),
        (2, 1, false),
        (2, 2, true),
        (3, 2, false),
        (3, 3, true),
        (4, 2, true),
        (12, 5, false),
        (12, 6, true),
        (150, 7, false),
        (150, 8, true),
    ];
    for (owned, leavers, is_held) in table {
        let plan = removals(owned, leavers, 2000).plan();
        let held: usize = plan.holds.iter().map(|hold| hold.items.len()).sum();
        let expected = if is_held { (0, leavers) } else { (leavers, 0) };
        assert_eq!((plan.actions.len(), held), expected, "{leavers} of {owned}");
        assert!(plan.holds.iter().all(|hold| hold.gate == Gate::DocumentRemovals));
    }
}

#[test]
fn removals_over_the_tenants_limit_are_held_whole() {
    // 400 owned: the document allows 20; the tenant allows max(10, 2 %) of its users.
    let plan = removals(400, 15, 200).plan();
    assert_eq!(
        plan.holds.iter().map(|hold| (hold.gate, hold.items.len())).collect::<Vec<_>>(),
        [(Gate::TenantRemovals, 15)]
    );
    let plan = removals(400, 12, 200).plan();
    assert_eq!((plan.actions.len(), plan.holds.len()), (12, 0));
}

#[test]
fn additions_over_a_documents_limit_are_held_whole_and_removals_go_on() {
    let mut world = removals(100, 2, 0);
    for number in 0..51 {
        world = world.person(&format!("G{number}"), &[("department", "Engineering")]);
    }
    let plan = world.plan();
    assert_eq!(
        plan.holds.iter().map(|hold| (hold.gate, hold.items.len())).collect::<Vec<_>>(),
        [(Gate::DocumentAdditions, 51)]
    );
    assert_eq!(plan.actions.len(), 2);
}

#[test]
fn a_documents_own_limit_tightens_and_never_loosens() {
    let tight = format!("{DOCUMENT}limits: {{ removals: {{ count: 2, percent: 1 }} }}\n");
    let loose = format!("{DOCUMENT}limits: {{ removals: {{ count: 100, percent: 100 }} }}\n");
    for (document, leavers, is_held) in [(&tight, 2, false), (&tight, 3, true), (&loose, 5, false), (&loose, 6, true)] {
        let mut world = removals(20, leavers, 2000);
        world.definitions = super::world::world("2026-12-10T12:00:00Z", &[document.as_str()]).definitions;
        world.in_force_since(world.now);
        assert_eq!(!world.plan().holds.is_empty(), is_held, "{leavers} {document}");
    }
}

#[test]
fn a_changed_document_is_measured_by_its_smaller_base() {
    let mut world = removals(150, 7, 2000);
    world.record("tools").base = Some(("the version before".into(), 12));
    assert!(!world.plan().holds.is_empty(), "seven of a base of twelve");
    let hash = world.record("tools").hash.clone();
    world.record("tools").base = Some((hash, 12));
    assert!(world.plan().holds.is_empty(), "the same version: its base is what it is now");
}

#[test]
fn the_first_plan_of_a_new_document_is_measured_by_the_base_it_had_before_which_is_none() {
    let mut world = removals(150, 7, 2000);
    world.record("tools").base = None;
    assert_eq!(world.plan().holds[0].gate, Gate::DocumentRemovals, "seven of nothing");
    let mut world = removals(2, 2, 2000);
    world.record("tools").base = None;
    assert_eq!(world.plan().holds[0].gate, Gate::DocumentRemovals, "everybody it has now");
}

#[test]
fn what_is_held_stays_held_until_a_person_decides() {
    let mut world = removals(12, 6, 2000);
    let held = world.plan();
    for item in &held.holds[0].items {
        let by = HeldBy { gate: held.holds[0].gate, hold: held.holds[0].hash.clone(), why: String::new() };
        world.ledger.held.insert((item.id, item.document.clone()), by);
    }
    // Five would pass on their own, but they are under the hold already.
    world.observed.assignments.retain(|assignment| assignment.id.as_str() != "a-E0-tools");
    let plan = world.plan();
    assert_eq!((plan.actions.len(), plan.holds[0].items.len()), (0, 5));
    assert_ne!(plan.holds[0].hash, held.holds[0].hash, "fewer items, another hash");
}

#[test]
fn approval_releases_what_was_approved_and_what_is_new_is_held_anew() {
    let mut world = removals(12, 6, 2000);
    for item in &world.plan().holds[0].items {
        world.ledger.approved.insert(item.id, item.document.clone());
    }
    let newcomers = removals(13, 7, 2000);
    world.observed = newcomers.observed;
    world.ledger.claims = newcomers.ledger.claims;
    let plan = world.plan();
    assert_eq!(plan.actions.len(), 7, "six approved; one more is within the limit");
    assert!(plan.holds.is_empty());
}

#[test]
fn what_a_person_rejected_is_not_raised_again() {
    let mut world = removals(12, 6, 2000);
    for item in &world.plan().holds[0].items {
        world.ledger.rejected.insert(item.id, item.document.clone());
    }
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty());
    assert_eq!(plan.skips.iter().filter(|skip| skip.reason.code() == "rejected").count(), 6);
}

#[test]
fn first_removals_after_observing_are_held() {
    let mut world = removals(20, 1, 2000);
    world.record("tools").first_removals_held = true;
    assert_eq!(world.plan().holds[0].gate, Gate::FirstRemovals);
}

#[test]
fn the_last_assignment_of_a_guest_is_held() {
    let mut world = removals(20, 1, 2000);
    world.observed.users[0].is_guest = true;
    assert_eq!(world.plan().holds[0].gate, Gate::LastGuestAssignment);
    let mut world = world.holds("E0", "Basics");
    assert!(world.plan().holds.is_empty(), "another assignment stays");
    let other = crate::domain::ids::ActionId::derive(&["another removal"]);
    let in_flight = crate::domain::action::ActionState::Submitted;
    world.knows(other, crate::domain::action::ActionKind::AdminRemove, "E0", "Basics", in_flight);
    assert_eq!(world.plan().holds[0].gate, Gate::LastGuestAssignment, "the other one is going already");
}

#[test]
fn modes_are_filters_over_the_same_plan() {
    let mut world = removals(20, 1, 2000).person("G1", &[("department", "Engineering")]);
    world.record("tools").mode = crate::workflow::definition::Mode::GrantOnly;
    let text = world.text();
    assert!(text.contains("adminAdd tools person:G1"), "{text}");
    assert!(text.contains("person:E0: mode grantOnly"), "{text}");
    world.record("tools").mode = crate::workflow::definition::Mode::Observe;
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty());
    assert_eq!(plan.skips.iter().filter(|skip| skip.reason.code() == "observing").count(), 2);
}

#[test]
fn a_holds_hash_covers_its_items_and_no_time() {
    let mut world = removals(12, 6, 2000);
    let before = world.plan();
    world.now = "2026-12-11T12:00:00Z".parse().unwrap();
    world.observed.read_at = world.now;
    assert_eq!(world.plan().holds[0].hash, before.holds[0].hash);
}

#[test]
fn what_is_new_beside_a_hold_forms_a_hold_of_its_own() {
    let mut world = removals(30, 6, 2000);
    let first = world.plan().holds.remove(0);
    for item in &first.items {
        let by = HeldBy { gate: first.gate, hold: first.hash.clone(), why: first.why.clone() };
        world.ledger.held.insert((item.id, item.document.clone()), by);
    }
    let more = removals(30, 8, 2000);
    world.observed = more.observed;
    let plan = world.plan();
    let sizes: Vec<_> = plan.holds.iter().map(|hold| (hold.gate, hold.items.len())).collect();
    assert_eq!((plan.actions.len(), sizes.len()), (0, 2), "two more are over the limit together with the six");
    assert!(plan.holds.iter().any(|hold| hold.hash == first.hash), "the reviewed hold is still the same");
}

#[test]
fn a_hold_outlives_a_pass_in_which_nothing_is_known() {
    let mut world = removals(20, 1, 2000);
    world.record("tools").first_removals_held = true;
    let held = world.plan();
    world.observed.feeds.clear();
    let blind = world.plan();
    assert!(blind.holds.is_empty());
    let is_planned = |plan: &crate::plan::Plan| {
        let planned =
            |change: &_| matches!(change, crate::plan::ledger::LedgerChange::DocumentPlanned { is_whole: true, .. });
        plan.changes.iter().any(planned)
    };
    assert!(is_planned(&held) && !is_planned(&blind), "first removals stay held until a plan saw them");
}

#[test]
fn one_documents_hold_and_approval_are_none_of_anothers() {
    let mut world = removals(20, 1, 2000);
    let item = world.plan().actions.remove(0);
    let by = HeldBy { gate: Gate::GroupShrunk, hold: "old".into(), why: String::new() };
    world.ledger.held.insert((item.id, "another".into()), by);
    assert!(world.plan().holds.is_empty());
    let mut world = removals(12, 6, 2000);
    for item in &world.plan().holds[0].items {
        world.ledger.approved.insert(item.id, "another".into());
    }
    assert_eq!(world.plan().holds[0].items.len(), 6);
}

#[test]
fn accounts_outside_the_feed_do_not_keep_first_removals_held() {
    let mut world = removals(20, 1, 2000);
    world.add_user("admin");
    world.observed.users.last_mut().unwrap().employee_id = None;
    let is_whole = world
        .plan()
        .changes
        .iter()
        .any(|change| matches!(change, crate::plan::ledger::LedgerChange::DocumentPlanned { is_whole: true, .. }));
    assert!(is_whole, "{}", world.text());
}
