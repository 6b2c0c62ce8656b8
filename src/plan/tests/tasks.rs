//! Tasks: their order, what each gives and takes, and how far they and their runs are.

use super::after::after;
use super::world::{World, check, user_of, world};
use crate::domain::action::{ActionKind, ActionState};
use crate::domain::entitlement::{Expiration, Question};
use crate::domain::ids::ActionId;
use crate::domain::subject::AttributeValue;
use crate::plan::Plan;
use crate::plan::ledger::{LedgerChange, RunRecord, RunStatus};
use crate::plan::observed::GroupView;

const NOW: &str = "2026-12-10T12:00:00Z";
const GIVE_BASICS: &str =
    "{ name: basics, task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Direct } }";
const GIVE_TOOLS: &str =
    "{ name: tools, task: requestAccessPackageAssignment, with: { accessPackage: Tools, assignmentPolicy: Direct } }";

/// A workflow that is due for E1, with these tasks.
fn due(category: &str, tasks: &[&str]) -> World {
    let list: String = tasks.iter().map(|task| format!("  - {task}\n")).collect();
    let text = format!(
        "
apiVersion: usherd/v1
kind: Workflow
name: move
category: {category}
mode: enforce
trigger: {{ timeBasedAttribute: employeeHireDate, offsetInDays: 0 }}
scope: {{ rule: department eq 'Sales' }}
tasks:
{list}"
    );
    world(NOW, &[&text])
        .person("E1", &[("department", "Sales"), ("employeeHireDate", "2026-12-10")])
        .group("Crew", &[])
        .group("Old crew", &["E1"])
}

fn run(plan: &Plan) -> RunRecord {
    let runs = plan.changes.iter().filter_map(|change| match change {
        LedgerChange::Run { run, .. } => Some(run.clone()),
        _ => None,
    });
    runs.collect::<Vec<_>>().pop().unwrap()
}

fn statuses(plan: &Plan) -> (RunStatus, Vec<RunStatus>) {
    let run = run(plan);
    (run.status, run.tasks.iter().map(|task| task.status).collect())
}

/// Notes how the action on this package ended or is.
fn settle(world: &mut World, package: &str, state: ActionState) {
    let id: ActionId = world.plan().actions.iter().find(|action| action.resource.id() == package).unwrap().id;
    world.knows(id, ActionKind::AdminAdd, "E1", package, state);
}

#[test]
fn tasks_wait_for_the_one_before() {
    use RunStatus::{Completed, InProgress, Queued};
    let mut world = due("joiner", &[GIVE_BASICS, GIVE_TOOLS]);
    check(
        &world,
        "adminAdd basics person:E1 by move
         move person:E1: waits for task 1",
    );
    assert_eq!(statuses(&world.plan()), (InProgress, vec![InProgress, Queued]));
    settle(&mut world, "basics", ActionState::Submitted);
    assert_eq!(statuses(&world.plan()), (InProgress, vec![InProgress, Queued]));
    let id = *world.ledger.actions.keys().next().unwrap();
    world.knows(id, ActionKind::AdminAdd, "E1", "Basics", ActionState::Delivered);
    assert_eq!(statuses(&world.plan()), (InProgress, vec![Completed, InProgress]));
    settle(&mut world, "tools", ActionState::Delivered);
    assert_eq!(statuses(&world.plan()), (Completed, vec![Completed, Completed]));
}

#[test]
fn a_failure_stops_what_depends_on_it_and_nothing_else() {
    use RunStatus::{Canceled, Completed, CompletedWithErrors, Failed, InProgress};
    let join = "{ name: crew, task: addUserToGroups, with: { groups: [Crew] } }";
    // (what is said of the first task, what the group task depends on) → the run and its tasks after the first failed
    let table = [
        ("", "", (Failed, vec![Failed, Canceled, Canceled])),
        (", continueOnError: true", "", (InProgress, vec![Failed, InProgress, RunStatus::Queued])),
        ("", ", dependsOn: []", (InProgress, vec![Failed, Canceled, InProgress])),
        ("", ", dependsOn: [tools]", (Failed, vec![Failed, Canceled, Canceled])),
    ];
    for (said, depends, expected) in table {
        let first = GIVE_BASICS.replace("Direct } }", &format!("Direct }}{said} }}"));
        let last = join.replace("[Crew] } }", &format!("[Crew] }}{depends} }}"));
        let mut world = due("joiner", &[&first, GIVE_TOOLS, &last]);
        settle(&mut world, "basics", ActionState::Denied);
        assert_eq!(statuses(&world.plan()), expected, "{said}{depends}");
    }
    let tolerated = GIVE_BASICS.replace("Direct } }", "Direct }, continueOnError: true }");
    let mut world = due("joiner", &[&tolerated]);
    settle(&mut world, "basics", ActionState::Denied);
    let run = run(&world.plan());
    assert_eq!((run.status, run.reason.as_deref()), (CompletedWithErrors, Some("sticks")));
    let world = due("joiner", &[&tolerated]).holds("E1", "Basics");
    assert_eq!(statuses(&world.plan()), (Completed, vec![Completed]));
}

#[test]
fn a_leavers_removals_wait_for_nothing_and_a_movers_for_their_turn() {
    let remove = "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign } }";
    let mover = due("mover", &[GIVE_BASICS, remove]).holds("E1", "Campaign");
    check(
        &mover,
        "adminAdd basics person:E1 by move
         move person:E1: waits for task 1",
    );
    let leaver = due("leaver", &[GIVE_BASICS, remove]).holds("E1", "Campaign");
    assert_eq!(leaver.plan().actions.len(), 2, "{}", leaver.text());
}

#[test]
fn groups_are_given_and_taken_and_what_is_so_already_is_done() {
    let tasks = [
        "{ task: addUserToGroups, with: { groups: [Crew, Old crew] } }",
        "{ task: removeUserFromGroups, with: { groups: [Old crew, Crew] }, dependsOn: [] }",
    ];
    let first = due("mover", &tasks[..1]);
    check(
        &first,
        "addMember group:g-Crew person:E1 by move
         move alreadyMember 1",
    );
    let second = due("mover", &tasks[1..]);
    check(
        &second,
        "removeMember group:g-Old crew person:E1 by move
         move notAMember 1",
    );
    let mut fixed = first.clone();
    let view = GroupView::Members { id: "g-Crew".into(), users: Default::default(), is_fixed: true };
    fixed.observed.groups.insert(("Crew".to_owned(), false), view);
    assert!(fixed.text().contains("are kept by a rule"), "{}", fixed.text());
    assert_eq!(run(&fixed.plan()).status, RunStatus::Failed);
    let mut unknown = first.clone();
    unknown.observed.groups.insert(("Crew".to_owned(), false), GroupView::NotFound);
    assert!(unknown.plan().actions.is_empty());
    assert_eq!(run(&unknown.plan()).status, RunStatus::Queued, "{}", unknown.text());
}

#[test]
fn owned_only_takes_nothing_that_usherd_did_not_grant() {
    let task = "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign, ownedOnly: true } }";
    let foreign = due("leaver", &[task]).holds("E1", "Campaign");
    check(&foreign, "move notOwned 1");
    let mut barred = foreign.clone();
    after(&mut barred, "2026-12-10T13:00:00Z");
    assert_eq!(barred.ledger.bars.len(), 1);
    after(&mut barred, "2026-12-10T14:00:00Z");
    assert!(barred.plan().actions.is_empty(), "the bar is no broader: {}", barred.text());
    assert_eq!(due("leaver", &[task]).granted("E1", "Campaign", "other").plan().actions.len(), 1);
}

fn asking(with: &str) -> World {
    let task = format!(
        "{{ task: requestAccessPackageAssignment, with: {{ accessPackage: Basics, assignmentPolicy: Direct{with} }} }}"
    );
    let mut world = due("joiner", &[&task]);
    let question = |id: &str, text: &str, is_required, choices: &[&str]| Question {
        id: id.to_owned(),
        text: text.to_owned(),
        is_required,
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    };
    let policy = world.observed.policies.iter_mut().find(|policy| policy.package.as_str() == "basics").unwrap();
    policy.questions =
        vec![question("q1", "Which region?", true, &["EMEA", "Sales"]), question("q2", "Why?", false, &[])];
    world
}

#[test]
fn answers_are_matched_by_text_or_id_and_never_guessed() {
    let table = [
        ("", Err("requires an answer to 'Which region?'")),
        (", answers: { 'Which region?': EMEA }", Ok(vec!["q1 EMEA"])),
        (", answers: { q1: EMEA, Why?: because }", Ok(vec!["q1 EMEA", "q2 because"])),
        (", answers: { 'Which region?': '{{ subject.department }}' }", Ok(vec!["q1 Sales"])),
        (", answers: { 'Which region?': APAC }", Err("none of the policy's choices")),
        (", answers: { 'Which region?': EMEA, 'Who?': me }", Err("asks no question 'Who?'")),
        (", answers: { q1: EMEA, 'Which region?': Sales }", Ok(vec!["q1 Sales"])),
    ];
    for (with, expected) in table {
        let world = asking(with);
        let plan = world.plan();
        match expected {
            Ok(answers) => {
                let given =
                    plan.actions[0].answers.iter().map(|answer| format!("{} {}", answer.question, answer.value));
                assert_eq!(given.collect::<Vec<_>>(), answers, "{with}");
            }
            Err(reason) => {
                assert!(plan.actions.is_empty(), "{with}");
                assert!(world.text().contains(reason), "{with}: {}", world.text());
            }
        }
    }
}

#[test]
fn a_request_says_how_long_and_why_and_waits_for_what_was_not_read() {
    let with = ", answers: { q1: EMEA }, expiration: { afterDuration: P90D }, justification: 'in {{ subject.city }}'";
    let mut world = asking(with);
    assert!(world.plan().actions.is_empty(), "the city was not read: {}", world.text());
    let person = &mut world.observed.feeds.get_mut(&"hr".into()).unwrap().persons[0];
    person.attributes.insert("city".to_owned(), AttributeValue::Text("Delft".to_owned()));
    let action = world.plan().actions.remove(0);
    assert_eq!(action.justification.as_deref(), Some("in Delft"));
    assert_eq!(action.expiration, Some(Expiration::AfterDuration("P90D".to_owned())));
}

#[test]
fn an_add_waits_until_what_it_cannot_be_held_with_is_gone() {
    let incompatible = |mut world: World| {
        world.observed.packages[1].incompatible_with.insert("basics".into());
        world
    };
    let remove = "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign } }";
    let give = GIVE_BASICS.replace("Direct } }", "Direct }, dependsOn: [] }");
    let world = incompatible(due("mover", &[remove, &give]).holds("E1", "Campaign"));
    check(
        &world,
        "adminRemove campaign person:E1 by move
         move person:E1: waits until the package is gone",
    );
    assert_eq!(statuses(&world.plan()).1, [RunStatus::InProgress, RunStatus::Queued]);
    let mut sent = world.clone();
    let id = world.plan().actions[0].id;
    for state in [ActionState::Submitted, ActionState::Delivered] {
        sent.knows(id, ActionKind::AdminRemove, "E1", "Campaign", state);
        assert!(sent.plan().actions.is_empty(), "{}", sent.text());
        assert!(sent.text().contains("waits until the package is gone"), "{}", sent.text());
    }
    sent.observed.assignments.clear();
    assert_eq!(sent.plan().actions.len(), 1, "{}", sent.text());
    let nobody_takes = incompatible(due("mover", &[GIVE_BASICS]).holds("E1", "Campaign"));
    check(&nobody_takes, "move person:E1: cannot be held together with package campaign, which nothing takes away");
    let both = [
        give.as_str(),
        "{ task: requestAccessPackageAssignment, with: { accessPackage: Campaign, assignmentPolicy: Direct }, dependsOn: [] }",
    ];
    let both = incompatible(due("joiner", &both));
    assert_eq!(both.plan().actions.len(), 1, "{}", both.text());
    assert_eq!(both.plan().actions[0].user, user_of("E1"));
}

#[test]
fn what_is_held_is_held_task_by_task() {
    let remove = "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign } }";
    let mut world = due("leaver", &[remove]).holds("E1", "Campaign");
    world.record("move").first_removals_held = true;
    let run = run(&world.plan());
    assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Held, Some("firstRemovals")));
}
