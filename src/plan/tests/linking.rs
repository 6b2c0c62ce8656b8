//! Subjects whose record and account are linked later, or not for certain.

use super::after::after;
use super::world::{World, check, world};
use crate::domain::subject::AttributeValue;
use crate::plan::ledger::{LedgerChange, RunStatus};

const NOW: &str = "2026-12-10T12:00:00Z";

const MOVE: &str = "
apiVersion: usherd/v1
kind: Workflow
name: move
category: mover
mode: enforce
trigger: { attributeChange: { attributes: [department] } }
scope: { rule: \"not (department eq 'Board')\" }
tasks: [ { task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Direct } } ]
";

fn set(world: &mut World, department: &str) {
    let value = AttributeValue::Text(department.to_owned());
    world.observed.users[0].attributes.insert("department".to_owned(), value.clone());
    for person in &mut world.observed.feeds.get_mut(&"hr".into()).unwrap().persons {
        person.attributes.insert("department".to_owned(), value.clone());
    }
}

/// The account of E1 moved to Marketing at 13:00, and no record of it is known.
fn moved() -> World {
    let mut world = world(NOW, &[MOVE]);
    world.add_user("E1");
    set(&mut world, "Sales");
    world.in_force_since("2026-11-01T00:00:00Z".parse().unwrap());
    after(&mut world, "2026-12-10T13:00:00Z");
    set(&mut world, "Marketing");
    check(&world, "adminAdd basics user:u-E1 by move");
    world
}

#[test]
fn a_change_from_before_the_link_goes_on_and_one_after_it_is_another() {
    let mut world = moved();
    let first = world.plan().actions[0].id;
    after(&mut world, "2026-12-10T14:00:00Z");
    world.add_person("E1", &[("department", "Marketing")]);
    let plan = world.plan();
    assert_eq!(plan.actions.iter().map(|action| action.id).collect::<Vec<_>>(), [first], "{}", world.text());
    after(&mut world, "2026-12-10T14:10:00Z");
    assert!(
        world.rendered("E1", "move").contains("attribute department, change 1"),
        "{}",
        world.rendered("E1", "move")
    );

    let mut done = world.clone().holds("E1", "Basics");
    after(&mut done, "2026-12-10T15:00:00Z");
    done.observed.assignments.clear();
    check(&done, "move done 1");
    set(&mut done, "Legal");
    let plan = done.plan();
    assert_eq!(plan.actions.len(), 1, "{}", done.text());
    assert_ne!(plan.actions[0].id, first);
}

#[test]
fn a_record_that_says_otherwise_is_a_baseline() {
    let mut world = moved();
    after(&mut world, "2026-12-10T14:00:00Z");
    world = world.holds("E1", "Basics");
    after(&mut world, "2026-12-10T15:00:00Z");
    world.observed.assignments.clear();
    world.add_person("E1", &[("department", "Marketing and Sales")]);
    assert!(world.plan().actions.is_empty(), "{}", world.text());
    after(&mut world, "2026-12-10T16:00:00Z");
    check(&world, "move noOccasion 1");
    set(&mut world, "Legal");
    assert_eq!(world.plan().actions.len(), 1, "{}", world.text());
}

#[test]
fn accounts_that_share_an_employee_id_are_not_out_of_its_feed() {
    const ADOPTING: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: basics
mode: enforce
accessPackage: Basics
assignmentPolicy: Direct
members: { anyOf: [{ feed: hr }] }
whenMemberLeaves: immediately
adopt: true
";
    let mut world = world(NOW, &[ADOPTING]).person("E1", &[]).granted("E1", "Basics", "basics");
    world.add_user("E1");
    world.observed.users[1].id = "u-second".into();
    let plan = world.plan();
    assert!(plan.changes.iter().all(|change| !matches!(change, LedgerChange::ClaimLeaving { .. })), "{}", world.text());
    check(
        &world,
        "basics person:E1: more than one user or record carries this employee id
         basics sharesEmployeeId 2",
    );
    let told = world.rendered("u-second", "basics");
    assert!(told.contains("employee id E1, which another account carries too"), "{told}");
    world.observed.feeds.get_mut(&"hr".into()).unwrap().persons.clear();
    assert!(world.text().contains("the grace period begins"), "no record carries the id: {}", world.text());
}

#[test]
fn a_record_that_leads_to_no_user_cancels_no_run() {
    let text = MOVE
        .replace(
            "attributeChange: { attributes: [department] }",
            "timeBasedAttribute: employeeHireDate, offsetInDays: 0",
        )
        .replace("Board')\"", "Board')\", groups: [Crew]");
    let hired = [("department", "Sales"), ("employeeHireDate", "2026-12-10")];
    let mut world = world(NOW, &[&text]).person("E1", &hired).group("Crew", &["E1"]);
    after(&mut world, "2026-12-10T13:00:00Z");
    assert_eq!(world.ledger.runs.len(), 1);
    let mut ambiguous = world.clone();
    ambiguous.add_user("E1");
    world.observed.users[0].employee_id = None;
    for world in [world, ambiguous] {
        let canceled = |change: &LedgerChange| matches!(change, LedgerChange::Run { run, .. } if run.status == RunStatus::Canceled);
        assert!(!world.plan().changes.iter().any(canceled), "{}", world.text());
    }
}
