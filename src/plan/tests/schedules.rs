//! Schedules and activations: what begins at an instant, and what an operator asks for.

use jiff::Timestamp;

use super::after::{after, passes};
use super::world::{World, check, subject_of, world};
use crate::plan::Gate;
use crate::plan::ledger::{Activation, LedgerChange};
use crate::workflow::definition::Mode;

fn document(trigger: &str, category: &str) -> String {
    let task = match category {
        "leaver" => "{ task: removeAccessPackageAssignment, with: { accessPackage: Basics } }",
        _ => "{ task: addUserToGroups, with: { groups: [Crew] } }",
    };
    format!(
        "
apiVersion: usherd/v1
kind: Workflow
name: weekly
category: {category}
mode: enforce
trigger: {{ {trigger} }}
scope: {{ rule: department eq 'Sales', except: [E9] }}
tasks: [ {task} ]
"
    )
}

/// Three people, two of them in scope; the document in force since Thursday noon, the schedule every morning at six in Amsterdam.
fn daily(more: &str) -> World {
    let trigger = format!("schedule: '0 6 * * *', timeZone: Europe/Amsterdam{more}");
    let mut world = world("2026-12-10T12:00:00Z", &[&document(&trigger, "mover")])
        .person("E1", &[("department", "Sales")])
        .person("E2", &[("department", "Finance")])
        .person("E9", &[("department", "Sales")])
        .group("Crew", &[]);
    world.in_force_since(world.now);
    world
}

/// The instants of the runs that the plan begins.
fn begun(world: &World) -> Vec<String> {
    let runs = world.plan().changes.into_iter().filter_map(|change| match change {
        LedgerChange::Run { occasion, .. } if !world.ledger.runs.contains_key(&occasion) => {
            Some(occasion.value.to_string())
        }
        _ => None,
    });
    runs.collect()
}

#[test]
fn an_instant_begins_one_run_for_everybody_in_scope() {
    let mut world = daily("");
    check(
        &world,
        "weekly -: due at 2026-12-11T05:00:00Z
         weekly excepted 1
         weekly noOccasion 1
         weekly notInScope 1",
    );
    assert_eq!(world.plan().next_due, Some("2026-12-11T05:00:00Z".parse().unwrap()));
    after(&mut world, "2026-12-11T05:00:00Z");
    check(
        &world,
        "addMember group:g-Crew person:E1 by weekly
         weekly -: due at 2026-12-12T05:00:00Z
         weekly excepted 1
         weekly notInScope 1",
    );
    after(&mut world, "2026-12-11T06:00:00Z");
    world.set_group("Crew", &["E1"]);
    passes(&mut world, &["2026-12-11T07:00:00Z", "2026-12-11T08:00:00Z"]);
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.changes.is_empty(), "{}: {:?}", world.text(), plan.changes);
    // Somebody who comes into scope later waits for the next time.
    let mut later = world.clone().person("E3", &[("department", "Sales")]);
    assert!(begun(&later).is_empty());
    after(&mut later, "2026-12-12T05:00:00Z");
    assert_eq!(begun(&later), ["2026-12-12T05:00:00Z"; 2]);
}

#[test]
fn missed_instants_are_made_up_for_as_the_document_says() {
    // (what the trigger says, how late, the days of December whose runs begin)
    let table: [(&str, &str, &[u8]); 9] = [
        (", missed: none", "2026-12-14T05:15:00Z", &[14]),
        (", missed: none", "2026-12-14T05:15:01Z", &[]),
        (", missed: one", "2026-12-14T12:00:00Z", &[14]),
        (", missed: one, window: PT6H", "2026-12-14T11:00:00Z", &[14]),
        (", missed: one, window: PT6H", "2026-12-14T11:00:01Z", &[]),
        (", missed: all, window: P2D", "2026-12-14T12:00:00Z", &[13, 14]),
        (", missed: all, window: P30D", "2026-12-14T12:00:00Z", &[11, 12, 13, 14]),
        (", missed: all", "2026-12-14T04:59:59Z", &[13]),
        ("", "2026-12-14T12:00:00Z", &[14]),
    ];
    for (more, now, days) in table {
        let mut world = daily(more);
        after(&mut world, now);
        let expected: Vec<String> = days.iter().map(|day| format!("2026-12-{day}T05:00:00Z")).collect();
        assert_eq!(begun(&world), expected, "{more} at {now}");
        let let_go = world.plan().counts.iter().any(|count| count.reason == "tooLate");
        assert_eq!(let_go, days.first() != Some(&11), "what is let go is told: {more} at {now}");
        passes(&mut world, &[now]);
        assert!(begun(&world).is_empty(), "no instant twice: {more} at {now}");
    }
}

#[test]
fn a_dense_schedule_and_a_long_stop_make_up_for_a_hundred_at_most() {
    let mut world = daily(", missed: all, window: P3650D");
    let text = document("schedule: '* * * * *', missed: all, window: P3650D", "mover");
    world.definitions = super::world::world("2026-12-10T12:00:00Z", &[&text]).definitions;
    world.in_force_since(world.now);
    after(&mut world, "2029-12-10T12:00:00Z");
    let begun = begun(&world);
    assert_eq!((begun.len(), begun.last().unwrap().as_str()), (100, "2029-12-10T12:00:00Z"));
}

#[test]
fn a_schedule_waits_for_what_its_scope_rests_on() {
    let mut world = daily("");
    after(&mut world, "2026-12-11T05:00:00Z");
    let feeds = std::mem::take(&mut world.observed.feeds);
    assert!(begun(&world).is_empty());
    after(&mut world, "2026-12-11T05:30:00Z");
    assert!(world.ledger.schedules.is_empty(), "not followed yet");
    world.observed.feeds = feeds;
    assert_eq!(begun(&world), ["2026-12-11T05:00:00Z"]);
}

#[test]
fn an_observing_schedule_follows_nothing_and_a_changed_one_begins_with_its_change() {
    let mut world = daily("");
    world.record("weekly").mode = Mode::Observe;
    world.record("weekly").writes_since = None;
    after(&mut world, "2026-12-11T05:00:00Z");
    assert!(world.text().contains("weekly person:E1: observed only"), "{}", world.text());
    after(&mut world, "2026-12-11T06:00:00Z");
    assert!(world.ledger.schedules.is_empty() && world.ledger.runs.is_empty());
    let now = world.now;
    let record = world.record("weekly");
    (record.mode, record.observed_before, record.writes_since) = (Mode::Enforce, true, Some(now));
    assert!(begun(&world).is_empty(), "what came round before is not its own");

    let mut changed = daily("");
    passes(&mut changed, &["2026-12-10T13:00:00Z", "2026-12-11T12:00:00Z"]);
    changed.record("weekly").base = Some(("another version".into(), 1));
    assert!(begun(&changed).is_empty());
    assert!(changed.text().contains("beforeDocument"), "{}", changed.text());
    after(&mut changed, "2026-12-12T05:00:00Z");
    assert_eq!(begun(&changed), ["2026-12-12T05:00:00Z"]);
}

fn asked(mut world: World, id: &str, person: &str, requested: &str) -> World {
    let requested: Timestamp = requested.parse().unwrap();
    let activation = Activation { workflow: "weekly".into(), subject: subject_of(person), requested };
    world.ledger.activations.insert(id.to_owned(), activation);
    world
}

#[test]
fn an_operator_may_run_any_workflow_for_anybody_who_is_not_excepted() {
    for trigger in ["onDemand: true", "schedule: '0 6 * * *'", "timeBasedAttribute: employeeHireDate, offsetInDays: 0"]
    {
        let mut world = world("2026-12-10T12:00:00Z", &[&document(trigger, "mover")])
            .person("E1", &[("department", "Finance")])
            .person("E9", &[("department", "Sales")])
            .group("Crew", &[]);
        world = asked(world, "a1", "E1", "2026-12-10T11:59:00Z");
        world = asked(world, "a2", "E9", "2026-12-10T11:59:00Z");
        let actions: Vec<_> = world.plan().actions.iter().map(|action| action.subject.clone()).collect();
        assert_eq!(actions, [subject_of("E1")], "{trigger}: {}", world.text());
        after(&mut world, "2026-12-10T12:01:00Z");
        assert_eq!(world.ledger.activations.keys().collect::<Vec<_>>(), ["a2"]);
        assert_eq!(world.plan().actions.len(), 1, "the run goes on until it is done");
        world.set_group("Crew", &["E1"]);
        passes(&mut world, &["2026-12-10T12:02:00Z", "2026-12-10T12:03:00Z"]);
        assert!(world.plan().actions.is_empty(), "{}", world.text());
    }
}

#[test]
fn an_activation_passes_round_no_gate_and_no_mode() {
    let text = document("onDemand: true", "leaver");
    let mut world = world("2026-12-10T12:00:00Z", &[&text]);
    for number in 10..20 {
        let person = format!("E{number}");
        world = world.person(&person, &[("department", "Sales")]).holds(&person, "Basics");
        world = asked(world, &format!("a{number}"), &person, "2026-12-10T11:59:00Z");
    }
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{}", world.text());
    let gates: Vec<_> = plan.holds.iter().map(|hold| (hold.gate, hold.items.len())).collect();
    assert_eq!(gates, [(Gate::DocumentRemovals, 10)]);
    world.record("weekly").mode = Mode::Observe;
    let plan = world.plan();
    assert!(plan.holds.is_empty());
    assert!(plan.changes.iter().all(|change| !matches!(change, LedgerChange::ActivationTaken { .. })));
}

#[test]
fn an_activation_that_could_not_begin_for_three_days_is_let_go() {
    let world = |requested: &str| {
        let world = world("2026-12-10T12:00:00Z", &[&document("onDemand: true", "mover")]).group("Crew", &[]);
        asked(world.person("E1", &[("department", "Sales")]), "a1", "E1", requested)
    };
    assert_eq!(world("2026-12-07T12:00:00Z").plan().actions.len(), 1);
    let late = world("2026-12-07T11:59:59Z").plan();
    assert!(late.actions.is_empty());
    assert!(late.changes.contains(&LedgerChange::ActivationTaken { id: "a1".to_owned() }));
    let mut stranger = world("2026-12-10T11:00:00Z");
    stranger.observed.users.clear();
    assert!(stranger.text().contains("no directory user"), "{}", stranger.text());
}
