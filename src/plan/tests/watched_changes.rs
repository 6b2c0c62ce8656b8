//! Triggers by change: attributes, memberships and feeds.

use super::after::{after, passes};
use super::world::{World, check, subject_of, user_of, world};
use crate::domain::subject::{Absence, AttributeValue};
use crate::plan::Gate;
use crate::plan::ledger::{LedgerChange, RunStatus};
use crate::plan::observed::GroupView;
use crate::workflow::definition::Mode;

const NOW: &str = "2026-12-10T12:00:00Z";
const HOUR: &str = "2026-12-10T13:00:00Z";

fn workflow(name: &str, category: &str, trigger: &str) -> String {
    let task = match category {
        "leaver" => "{ task: removeAccessPackageAssignment, with: { accessPackage: Basics } }",
        _ => "{ task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Direct } }",
    };
    format!(
        "
apiVersion: usherd/v1
kind: Workflow
name: {name}
category: {category}
mode: enforce
trigger: {{ {trigger} }}
scope: {{ rule: \"not (department eq 'Board')\", except: [E9] }}
tasks: [ {task} ]
"
    )
}

fn moving(trigger: &str) -> World {
    let text = workflow("move", "mover", trigger);
    world(NOW, &[&text])
        .person("E1", &[("department", "Sales")])
        .person("E2", &[("department", "Sales")])
        .group("Crew", &["E2"])
}

/// The document as if it had been in force for long.
fn long_since(mut world: World) -> World {
    world.in_force_since("2026-11-01T00:00:00Z".parse().unwrap());
    world
}

fn set(world: &mut World, person: &str, name: &str, value: AttributeValue) {
    let feed = world.observed.feeds.get_mut(&"hr".into()).unwrap();
    let person = feed.persons.iter_mut().find(|known| known.key.as_str() == person).unwrap();
    person.attributes.insert(name.to_owned(), value);
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::Text(text.to_owned())
}

#[test]
fn the_first_reading_is_a_baseline_and_a_change_is_an_occasion_once() {
    let mut world = long_since(moving("attributeChange: { attributes: [department] }"));
    check(&world, "move noOccasion 2");
    after(&mut world, HOUR);
    check(&world, "move noOccasion 2");
    set(&mut world, "E1", "department", text("Marketing"));
    check(
        &world,
        "adminAdd basics person:E1 by move
         move noOccasion 1",
    );
    let cause = world.plan().actions[0].cause.clone();
    after(&mut world, "2026-12-10T13:10:00Z");
    assert_eq!(world.plan().actions[0].cause, cause, "the same occasion until it is done");
    world = world.holds("E1", "Basics");
    passes(&mut world, &["2026-12-10T13:20:00Z", "2026-12-10T13:30:00Z"]);
    check(
        &world,
        "move done 1
         move noOccasion 1",
    );
}

#[test]
fn from_and_to_say_which_changes_count() {
    let triggers = [
        ("from: Sales, to: Marketing", "Sales", "Marketing", true),
        ("from: Sales, to: Marketing", "Sales", "Finance", false),
        ("from: [Finance, Sales]", "Sales", "Legal", true),
        ("from: Finance", "Sales", "Legal", false),
        ("to: [Legal, Marketing]", "Sales", "Legal", true),
        ("to: legal", "Sales", "Legal", false),
    ];
    for (condition, from, to, is_due) in triggers {
        let trigger = format!("attributeChange: {{ attributes: [department], {condition} }}");
        let mut world = long_since(moving(&trigger));
        set(&mut world, "E1", "department", text(from));
        after(&mut world, HOUR);
        set(&mut world, "E1", "department", text(to));
        assert_eq!(world.plan().actions.len(), usize::from(is_due), "{condition}: {from} to {to}");
    }
    let mut world = long_since(moving("attributeChange: { attributes: [department], to: [null] }"));
    after(&mut world, HOUR);
    set(&mut world, "E1", "department", AttributeValue::Null);
    assert_eq!(world.plan().actions.len(), 1, "an explicit empty is a value");
}

#[test]
fn what_was_not_read_is_no_change() {
    let mut world = long_since(moving("attributeChange: { attributes: [department] }"));
    after(&mut world, HOUR);
    let feeds = std::mem::take(&mut world.observed.feeds);
    for subject in ["E1", "E2"] {
        assert!(world.plan().changes.iter().all(|change| !matches!(change, LedgerChange::Watched { .. })), "{subject}");
    }
    after(&mut world, "2026-12-10T14:00:00Z");
    world.observed.feeds = feeds;
    assert_eq!(world.text(), "move noOccasion 2");
    set(&mut world, "E1", "department", text("Marketing"));
    assert_eq!(world.plan().actions.len(), 1, "what it held before was kept");
}

#[test]
fn a_second_change_takes_the_first_ones_place() {
    let mut world = long_since(moving("attributeChange: { attributes: [department], to: [Marketing, Legal] }"));
    after(&mut world, HOUR);
    set(&mut world, "E1", "department", text("Marketing"));
    let first = world.plan().actions[0].id;
    after(&mut world, "2026-12-10T14:00:00Z");
    let mut elsewhere = world.clone();
    set(&mut world, "E1", "department", text("Legal"));
    let plan = world.plan();
    assert_ne!(plan.actions[0].id, first);
    assert_eq!(canceled(&plan), ["noLongerDue"]);
    set(&mut elsewhere, "E1", "department", text("Finance"));
    let plan = elsewhere.plan();
    assert_eq!((plan.actions.len(), canceled(&plan)), (0, vec!["noLongerDue".to_owned()]));
}

fn canceled(plan: &crate::plan::Plan) -> Vec<String> {
    let runs = plan.changes.iter().filter_map(|change| match change {
        LedgerChange::Run { run, .. } if run.status == RunStatus::Canceled => run.reason.clone(),
        _ => None,
    });
    runs.collect()
}

#[test]
fn a_subject_that_leaves_the_scope_before_its_tasks_run_cancels_the_run() {
    let mut world = long_since(moving("membershipChange: { group: Crew, change: added }"));
    after(&mut world, HOUR);
    world.set_group("Crew", &["E1", "E2"]);
    after(&mut world, "2026-12-10T14:00:00Z");
    set(&mut world, "E1", "department", text("Board"));
    let plan = world.plan();
    assert_eq!((plan.actions.len(), canceled(&plan)), (0, vec!["notInScope".to_owned()]));
    after(&mut world, "2026-12-10T15:00:00Z");
    let run = world.ledger.runs.values().next().unwrap();
    assert_eq!((run.status, run.tasks[0].status), (RunStatus::Canceled, RunStatus::Canceled));
    set(&mut world, "E1", "department", text("Sales"));
    assert_eq!(world.plan().actions.len(), 1, "back in time, it begins anew");
}

#[test]
fn documents_watch_together_and_act_apart() {
    let first = workflow("first", "mover", "attributeChange: { attributes: [department] }");
    let second = workflow("second", "mover", "attributeChange: { attributes: [department], to: Marketing }")
        .replace("Basics", "Campaign");
    let mut world = world(NOW, &[&first, &second]).person("E1", &[("department", "Sales")]);
    world.in_force_since("2026-11-01T00:00:00Z".parse().unwrap());
    after(&mut world, HOUR);
    set(&mut world, "E1", "department", text("Marketing"));
    let plan = world.plan();
    let watched = plan.changes.iter().filter(|change| matches!(change, LedgerChange::Watched { .. })).count();
    assert_eq!((plan.actions.len(), watched), (2, 1));
}

#[test]
fn a_document_that_observes_shows_a_change_and_consumes_nothing() {
    let mut world = long_since(moving("attributeChange: { attributes: [department] }"));
    world.record("move").mode = Mode::Observe;
    world.record("move").writes_since = None;
    after(&mut world, HOUR);
    set(&mut world, "E1", "department", text("Marketing"));
    let shown = "move person:E1: observed only: would be done in mode enforce
                 move noOccasion 1";
    check(&world, shown);
    assert!(world.plan().changes.iter().all(|change| !matches!(change, LedgerChange::Run { .. })));
    passes(&mut world, &["2026-12-10T14:00:00Z", "2026-12-10T15:00:00Z"]);
    check(&world, shown);
    let record = world.record("move");
    record.mode = Mode::Enforce;
    record.observed_before = true;
    record.writes_since = Some("2026-12-10T14:30:00Z".parse().unwrap());
    check(
        &world,
        "move modeChanged 1
         move noOccasion 1",
    );
}

#[test]
fn a_change_is_caught_up_within_its_window() {
    let mut world = long_since(moving("attributeChange: { attributes: [department] }, catchUp: P2D"));
    after(&mut world, HOUR);
    set(&mut world, "E1", "department", text("Marketing"));
    let mut blind = world.clone();
    blind.observed.users[0].employee_id = None;
    after(&mut blind, "2026-12-10T14:00:00Z");
    // Seen at 13:00, but there was no user to act on until later.
    blind.observed.users[0].employee_id = Some("E1".to_owned());
    blind.now = "2026-12-12T13:00:00Z".parse().unwrap();
    assert_eq!(blind.plan().actions.len(), 1);
    blind.now = "2026-12-12T15:00:01Z".parse().unwrap();
    assert!(blind.text().contains("move tooLate 1"), "{}", blind.text());
}

#[test]
fn a_watch_that_lapsed_begins_anew() {
    let mut world = long_since(moving("attributeChange: { attributes: [department] }"));
    after(&mut world, HOUR);
    let definitions = std::mem::take(&mut world.definitions.workflows);
    after(&mut world, "2026-12-10T14:00:00Z");
    set(&mut world, "E1", "department", text("Marketing"));
    world.definitions.workflows = definitions;
    check(&world, "move noOccasion 2");
    after(&mut world, "2026-12-10T15:00:00Z");
    set(&mut world, "E1", "department", text("Legal"));
    assert_eq!(world.plan().actions.len(), 1);
}

#[test]
fn joining_and_leaving_a_group_are_occasions() {
    let mut added = long_since(moving("membershipChange: { group: Crew, change: added }"));
    check(&added, "move noOccasion 2");
    after(&mut added, HOUR);
    added.set_group("Crew", &["E1", "E2"]);
    check(
        &added,
        "adminAdd basics person:E1 by move
         move noOccasion 1",
    );
    after(&mut added, "2026-12-10T14:00:00Z");
    added.set_group("Crew", &["E2"]);
    let plan = added.plan();
    assert_eq!((plan.actions.len(), canceled(&plan).len()), (0, 1), "taken back before it was sent");

    let mut removed = long_since(moving("membershipChange: { group: Crew, change: removed }"));
    after(&mut removed, HOUR);
    removed.set_group("Crew", &["E1"]);
    check(
        &removed,
        "adminAdd basics person:E2 by move
         move noOccasion 1",
    );
}

#[test]
fn nesting_counts_only_where_it_is_asked_for() {
    let mut world = long_since(moving("membershipChange: { group: Crew, change: added, transitive: true }"));
    let users = [user_of("E2")].into();
    let view = |users| GroupView::Members { id: "g-Crew".into(), users, is_fixed: false };
    world.observed.groups.insert(("Crew".to_owned(), true), view(users));
    after(&mut world, HOUR);
    world.set_group("Crew", &["E1", "E2"]);
    assert!(world.plan().actions.is_empty(), "{}", world.text());
    world.observed.groups.insert(("Crew".to_owned(), true), view([user_of("E1"), user_of("E2")].into()));
    assert_eq!(world.plan().actions.len(), 1);
}

#[test]
fn an_unread_group_takes_nothing_back() {
    let mut world = long_since(moving("membershipChange: { group: Crew, change: added }"));
    after(&mut world, HOUR);
    world.set_group("Crew", &["E1", "E2"]);
    after(&mut world, "2026-12-10T14:00:00Z");
    for view in [GroupView::Unreadable, GroupView::NotFound, GroupView::Ambiguous] {
        world.observed.groups.insert(("Crew".to_owned(), false), view);
        let plan = world.plan();
        assert_eq!((plan.actions.len(), canceled(&plan).len()), (1, 0), "{}", world.text());
        assert!(plan.changes.iter().all(|change| !matches!(change, LedgerChange::Watched { .. })));
    }
}

#[test]
fn who_is_in_a_group_is_the_user_whoever_the_record_behind_them_is() {
    let mut world = long_since(moving("membershipChange: { group: Crew, change: removed }"));
    after(&mut world, HOUR);
    // The record of E2 leads to another account from now on; nobody left the group.
    world.observed.users[1].employee_id = None;
    world.add_user("E2");
    world.observed.users[2].id = "another".into();
    assert!(world.plan().actions.is_empty(), "{}", world.text());
}

#[test]
fn a_group_that_shrank_holds_what_it_made_due_until_a_person_decides() {
    let names: Vec<String> = (0..20).map(|number| format!("E{number}")).filter(|name| name != "E9").collect();
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    let removed = workflow("put-out", "leaver", "membershipChange: { group: Crew, change: removed }");
    let added =
        workflow("let-in", "joiner", "membershipChange: { group: Crew, change: added }").replace("Basics", "Campaign");
    let mut world = world(NOW, &[&removed, &added]).group("Crew", &members);
    for name in &members {
        world = world.person(name, &[("department", "Sales")]).holds(name, "Basics");
    }
    let mut world = long_since(world);
    after(&mut world, HOUR);
    world.set_group("Crew", &members[..2]);
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{}", world.text());
    assert_eq!(
        plan.holds.iter().map(|hold| (hold.gate, hold.items.len())).collect::<Vec<_>>(),
        [(Gate::GroupShrunk, 17)]
    );
    assert!(plan.changes.iter().all(|change| !matches!(change, LedgerChange::Watched { .. })), "not believed yet");
    after(&mut world, "2026-12-10T14:00:00Z");
    assert!(world.ledger.runs.values().all(|run| run.status == RunStatus::Held));

    let mut unread = world.clone();
    unread.observed.groups.insert(("Crew".to_owned(), false), GroupView::Unreadable);
    assert_eq!(unread.plan().holds, world.plan().holds, "what was held before it could not be read stays held");
    assert!(canceled(&unread.plan()).is_empty());

    let mut recovered = world.clone();
    recovered.set_group("Crew", &members);
    let plan = recovered.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{}", recovered.text());
    assert_eq!(canceled(&plan).len(), 17);
    after(&mut recovered, "2026-12-10T15:00:00Z");
    assert!(recovered.plan().actions.is_empty(), "nobody came: {}", recovered.text());

    let held = world.plan().holds.remove(0);
    for item in &held.items {
        world.ledger.approved.insert(item.id, item.document.clone());
    }
    assert_eq!(world.plan().actions.len(), 17);
    after(&mut world, "2026-12-10T15:00:00Z");
    world
        .observed
        .assignments
        .retain(|assignment| members[..2].iter().any(|kept| assignment.user.as_ref() == Some(&user_of(kept))));
    passes(&mut world, &["2026-12-10T16:00:00Z", "2026-12-10T17:00:00Z", "2026-12-10T18:00:00Z"]);
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{}", world.text());
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
    assert_eq!(world.ledger.group_sizes.get("Crew"), Some(&2), "believed once everything was done");
}

#[test]
fn a_leaver_by_group_stays_out_until_the_user_is_in_again() {
    let removed = workflow("put-out", "leaver", "membershipChange: { group: Crew, change: removed }");
    let mut world = world(NOW, &[&removed])
        .person("E1", &[("department", "Sales")])
        .person("E2", &[("department", "Sales")])
        .group("Crew", &["E1", "E2"])
        .holds("E1", "Basics");
    world = long_since(world);
    after(&mut world, HOUR);
    world.set_group("Crew", &["E2"]);
    assert_eq!(world.plan().actions.len(), 1, "{}", world.text());
    after(&mut world, "2026-12-10T14:00:00Z");
    assert_eq!(world.ledger.bars.len(), 1);
    world.observed.assignments.clear();
    after(&mut world, "2026-12-10T15:00:00Z");
    let mut back = world.clone().holds("E1", "Basics");
    assert_eq!(back.plan().actions.len(), 1, "whatever arrives late is taken: {}", back.text());
    back.set_group("Crew", &["E1", "E2"]);
    assert!(back.plan().actions.is_empty(), "{}", back.text());
    after(&mut back, "2026-12-10T16:00:00Z");
    assert!(back.ledger.bars.is_empty());
}

fn feed_world(change: &str) -> World {
    let text = workflow("move", "mover", &format!("feedChange: {{ feed: hr, change: {change} }}"));
    long_since(world(NOW, &[&text]).person("E1", &[("department", "Sales")]))
}

#[test]
fn appearing_in_a_feed_is_an_occasion() {
    let mut world = feed_world("appeared");
    check(&world, "move noOccasion 1");
    after(&mut world, HOUR);
    world.add_user("E2");
    check(&world, "move noOccasion 2");
    after(&mut world, "2026-12-10T14:00:00Z");
    world.add_person("E2", &[("department", "Sales")]);
    check(
        &world,
        "adminAdd basics person:E2 by move
         move noOccasion 1",
    );
}

#[test]
fn disappearing_counts_once_it_is_confirmed() {
    let mut world = feed_world("disappeared");
    after(&mut world, HOUR);
    let absence = |deliveries, hours: i64| {
        let first: jiff::Timestamp = NOW.parse().unwrap();
        Some(Absence { deliveries, first, last: first + jiff::SignedDuration::from_hours(hours) })
    };
    for (deliveries, hours, is_gone) in [(1, 0, false), (3, 23, false), (2, 48, false), (3, 24, true)] {
        let person = &mut world.observed.feeds.get_mut(&"hr".into()).unwrap().persons[0];
        person.missing = true;
        person.absence = absence(deliveries, hours);
        assert_eq!(world.plan().actions.len(), usize::from(is_gone), "{deliveries} in {hours} h: {}", world.text());
    }
    let mut doubtful = world.clone();
    doubtful.observed.feeds.get_mut(&"hr".into()).unwrap().removals_wait = true;
    assert!(doubtful.plan().actions.is_empty(), "{}", doubtful.text());
    after(&mut world, "2026-12-10T14:00:00Z");
    let person = &mut world.observed.feeds.get_mut(&"hr".into()).unwrap().persons[0];
    (person.missing, person.absence) = (false, None);
    assert!(world.plan().actions.is_empty(), "back again: {}", world.text());
    assert_eq!(canceled(&world.plan()).len(), 1);
    assert_eq!(subject_of("E1"), world.plan().changes.iter().find_map(run_subject).unwrap());
}

fn run_subject(change: &LedgerChange) -> Option<crate::domain::ids::SubjectKey> {
    match change {
        LedgerChange::Run { occasion, .. } => Some(occasion.subject.clone()),
        _ => None,
    }
}
