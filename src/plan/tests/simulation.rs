//! The simulation: what is planned over time, and nothing that the planner did not say.

use jiff::{SignedDuration, Timestamp};

use super::world::{World, world};
use crate::plan::simulation::Simulation;

const JOINER: &str = "
apiVersion: usherd/v1
kind: Workflow
name: joiner
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: -7, at: \"08:00\" }
scope: { rule: \"department eq 'Sales'\" }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
  - task: requestAccessPackageAssignment
    with: { accessPackage: Campaign, assignmentPolicy: Direct }
";
const LEAVER: &str = "
apiVersion: usherd/v1
kind: Workflow
name: leaver
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }
scope: { rule: \"department eq 'Sales'\" }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Basics }
";
const TOOLS: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [ { rule: \"department eq 'Sales'\" } ] }
whenMemberLeaves: { remove: after, gracePeriod: P30D }
";
const DELIVERY: SignedDuration = SignedDuration::from_mins(1);

/// Everything that is sent until `end`, one a line.
fn lived(simulation: &mut Simulation<'_>, end: &str) -> Vec<String> {
    let end: Timestamp = end.parse().unwrap();
    let mut lines = Vec::new();
    let mut turns = 0;
    while let Some(turn) = simulation.next_turn(end) {
        turns += 1;
        assert!(turns < 200, "time stands still at {}", turn.at);
        let sent =
            turn.sent.iter().map(|action| (action.kind.to_string(), action.resource.to_string(), &action.subject));
        lines.extend(sent.map(|(kind, resource, subject)| format!("{} {kind} {resource} {subject}", turn.at)));
        let ended = turn.ended.iter().map(|action| format!("{} ended {}", turn.at, action.resource));
        lines.extend(ended);
        lines.extend(turn.plan.holds.iter().map(|hold| format!("{} held by {}", turn.at, hold.gate.as_str())));
    }
    lines
}

fn simulated(world: &World) -> Simulation<'_> {
    Simulation::new(&world.definitions, world.limits, world.observed.clone(), world.ledger.clone(), DELIVERY)
}

#[test]
fn what_lies_months_ahead_is_found_and_comes_in_its_order() {
    let dates = [("department", "Sales"), ("employeeHireDate", "2027-03-31"), ("employeeLeaveDateTime", "2027-06-30")];
    let world = world("2026-12-01T09:00:00Z", &[JOINER, LEAVER]).person("E1", &dates);
    assert_eq!(
        lived(&mut simulated(&world), "2027-12-31T00:00:00Z"),
        [
            // Eight in the morning in Amsterdam, summer time by then; the second task waits for the first.
            "2027-03-24T07:00:00Z adminAdd basics person:E1",
            "2027-03-24T07:01:00Z adminAdd campaign person:E1",
            "2027-06-30T22:00:00Z adminRemove basics person:E1",
        ]
    );
}

#[test]
fn the_end_itself_belongs_to_what_is_simulated_and_nothing_comes_twice() {
    let dates = [("department", "Sales"), ("employeeHireDate", "2026-12-15")];
    let world = world("2026-12-01T09:00:00Z", &[JOINER]).person("E1", &dates);
    let mut simulation = simulated(&world);
    assert!(lived(&mut simulation, "2026-12-08T06:59:59Z").is_empty());
    assert_eq!(lived(&mut simulation, "2026-12-08T07:00:00Z").len(), 1);
    assert_eq!(lived(&mut simulation, "2026-12-31T00:00:00Z").len(), 1, "the second task");
}

#[test]
fn who_leaves_a_set_keeps_its_package_for_the_grace_period() {
    let mut world = world("2026-12-01T09:00:00Z", &[TOOLS]).person("E1", &[("department", "Sales")]);
    for other in ["E2", "E3", "E4"] {
        world = world.person(other, &[("department", "Sales")]);
    }
    let mut simulation = simulated(&world);
    assert_eq!(lived(&mut simulation, "2026-12-10T12:00:00Z").len(), 4);
    simulation.change("2026-12-10T12:00:00Z".parse().unwrap(), |observed, _| {
        let feed = observed.feeds.get_mut(&"hr".into()).unwrap();
        let department = feed.persons[0].attributes.get_mut("department").unwrap();
        *department = crate::domain::subject::AttributeValue::Text("Finance".to_owned());
    });
    assert_eq!(lived(&mut simulation, "2027-02-01T00:00:00Z"), ["2027-01-09T12:00:00Z adminRemove tools person:E1"]);
    assert_eq!(simulation.ledger().claims.len(), 3);
}

#[test]
fn what_somebody_else_takes_is_given_again_once_the_loss_is_confirmed() {
    let world = world("2026-12-01T09:00:00Z", &[TOOLS]).person("E1", &[("department", "Sales")]);
    let mut simulation = simulated(&world);
    lived(&mut simulation, "2026-12-02T09:00:00Z");
    simulation.change("2026-12-02T09:00:00Z".parse().unwrap(), |observed, _| observed.assignments.clear());
    assert_eq!(lived(&mut simulation, "2026-12-03T00:00:00Z"), ["2026-12-02T09:30:00Z adminAdd tools person:E1"]);
}

#[test]
fn what_is_held_stays_held() {
    let mut world = world("2026-12-01T09:00:00Z", &[LEAVER]);
    for person in ["E1", "E2", "E3", "E4"] {
        let leaves = [("department", "Sales"), ("employeeLeaveDateTime", "2026-12-03")];
        world = world.person(person, &leaves).holds(person, "Basics");
    }
    let lines = lived(&mut simulated(&world), "2027-02-01T00:00:00Z");
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.ends_with("held by documentRemovals")), "{lines:#?}");
}

#[test]
fn a_request_that_needs_approval_is_never_delivered() {
    let mut world = world("2026-12-01T09:00:00Z", &[TOOLS]).person("E1", &[("department", "Sales")]);
    for policy in &mut world.observed.policies {
        policy.needs_approval = true;
    }
    let mut simulation = simulated(&world);
    assert_eq!(lived(&mut simulation, "2027-02-01T00:00:00Z").len(), 1);
    assert!(simulation.observed().assignments.is_empty() && simulation.ledger().claims.is_empty());
}
