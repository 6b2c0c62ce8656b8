//! That random lives reach what there is: every trigger, task, kind of action, gate, change of the ledger and reason, and each often enough.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::everything;
use crate::domain::action::{ActionKind, Cause};
use crate::plan::Gate;
use crate::plan::ledger::{LedgerChange, RunStatus};
use crate::plan::tests::any_life::scripts;
use crate::workflow::definition::{TaskKind, Trigger, Workflow};

/// Lives that are the same every time.
const LIVES: usize = 160;
/// What nearly every life comes to, and what takes several things to happen at once.
const OFTEN: usize = 5;
const SELDOM: usize = 1;

/// What so few lives seldom come to; the tables of single plans hold it (`changing`, `gates`, `tasks`).
const LEFT_TO_TABLES: [&str; 4] =
    ["gate firstRemovals", "reason modeChanged", "reason answerMissing", "reason answerNotAChoice"];

/// Reasons that take several things to happen at once.
const SELDOM_REASONS: [&str; 12] = [
    "ambiguousJoin",
    "answerMissing",
    "answerNotAChoice",
    "badDate",
    "barredUntil",
    "forbidden",
    "hiredAgain",
    "incompatible",
    "outrankedBy",
    "pinChanged",
    "conflict",
    "waitsForRemoval",
];

#[derive(Debug, Default)]
struct Reached(BTreeMap<String, usize>);

impl Reached {
    fn note(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }
}

fn trigger(workflow: &Workflow) -> &'static str {
    match workflow.trigger {
        Trigger::Time(_) => "timeBasedAttribute",
        Trigger::AttributeChange(_) => "attributeChange",
        Trigger::MembershipChange { .. } => "membershipChange",
        Trigger::FeedChange { .. } => "feedChange",
        Trigger::Schedule(_) => "schedule",
        Trigger::OnDemand => "onDemand",
    }
}

const TRIGGERS: [&str; 6] =
    ["timeBasedAttribute", "attributeChange", "membershipChange", "feedChange", "schedule", "onDemand"];

/// The words of every reason, as the source lists them.
fn reasons() -> Vec<&'static str> {
    let source = include_str!("../../../domain/reason.rs");
    let (_, codes) = source.split_once("pub fn code(").unwrap();
    let (codes, _) = codes.split_once("pub fn ").unwrap();
    codes
        .lines()
        .filter_map(|line| line.trim().strip_suffix("\",")?.split_once("=> \"").map(|(_, code)| code))
        .collect()
}

#[test]
fn random_lives_reach_everything_often_enough() {
    let mut reached = Reached::default();
    let mut runner = TestRunner::deterministic();
    let strategy = scripts(12);
    for _ in 0..LIVES {
        let script = strategy.new_tree(&mut runner).unwrap().current();
        script
            .live(|moment| {
                for action in everything(moment.plan) {
                    reached.note(format!("action {}", action.kind));
                    reached.note(format!("cause {}", cause(&action.cause)));
                }
                for hold in &moment.plan.holds {
                    reached.note(format!("gate {}", hold.gate.as_str()));
                }
                for change in &moment.plan.changes {
                    reached
                        .note(format!("change {}", serde_json::to_value(change).unwrap()["change"].as_str().unwrap()));
                    let LedgerChange::Run { run, occasion } = change else { continue };
                    reached.note(format!("run {}", run.status.as_str()));
                    run.reason.iter().for_each(|reason| reached.note(format!("reason {reason}")));
                    let mut workflows = moment.world.definitions.workflows.iter();
                    let workflow = workflows.find(|known| known.header.name == occasion.workflow);
                    if let Some(workflow) = workflow.filter(|_| !moment.world.ledger.runs.contains_key(occasion)) {
                        reached.note(format!("trigger {}", trigger(workflow)));
                    }
                    let tasks = workflow.map(|workflow| workflow.tasks.as_slice()).unwrap_or_default();
                    for (task, record) in tasks.iter().zip(&run.tasks).filter(|(_, record)| record.status.is_final()) {
                        reached.note(format!("task {} {}", task.kind.as_str(), record.status.as_str()));
                        if matches!(task.kind, TaskKind::RemoveAssignment { owned_only: true, .. }) {
                            reached.note("task ownedOnly");
                        }
                        if record.status == RunStatus::Failed && task.continue_on_error {
                            reached.note("task continueOnError");
                        }
                    }
                }
                moment.plan.skips.iter().for_each(|skip| reached.note(format!("reason {}", skip.reason.code())));
                moment.plan.counts.iter().for_each(|count| reached.note(format!("reason {}", count.reason)));
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{error}"));
    }
    let mut too_seldom = Vec::new();
    let mut expect = |what: String, least: usize| {
        let found = reached.0.get(&what).copied().unwrap_or(0);
        if found < least && !LEFT_TO_TABLES.contains(&what.as_str()) {
            too_seldom.push(format!("{what}: {found} of {least}"));
        }
    };
    TRIGGERS.iter().for_each(|trigger| expect(format!("trigger {trigger}"), OFTEN));
    for kind in [
        ActionKind::AdminAdd,
        ActionKind::AdminRemove,
        ActionKind::AddMember,
        ActionKind::RemoveMember,
        ActionKind::Adopt,
    ] {
        expect(format!("action {kind}"), OFTEN);
    }
    for task in
        ["requestAccessPackageAssignment", "removeAccessPackageAssignment", "addUserToGroups", "removeUserFromGroups"]
    {
        expect(format!("task {task} completed"), OFTEN);
    }
    for task in ["ownedOnly", "continueOnError", "requestAccessPackageAssignment failed", "addUserToGroups canceled"] {
        expect(format!("task {task}"), SELDOM);
    }
    ["occasion", "episode", "adoption", "assignment"].iter().for_each(|cause| expect(format!("cause {cause}"), OFTEN));
    Gate::ALL.iter().for_each(|gate| expect(format!("gate {}", gate.as_str()), SELDOM));
    for status in ["queued", "inProgress", "held", "completed", "completedWithErrors", "failed", "canceled"] {
        expect(format!("run {status}"), SELDOM);
    }
    assert!(reasons().len() > 50, "the source lists every reason: {:?}", reasons());
    for reason in reasons() {
        expect(format!("reason {reason}"), if SELDOM_REASONS.contains(&reason) { SELDOM } else { OFTEN });
    }
    assert!(too_seldom.is_empty(), "too seldom: {too_seldom:#?}\nof {:#?}", reached.0);
}

fn cause(cause: &Cause) -> &'static str {
    match cause {
        Cause::Occasion(_) => "occasion",
        Cause::Episode { .. } => "episode",
        Cause::Adoption { .. } => "adoption",
        Cause::Assignment { .. } => "assignment",
        Cause::Bar { .. } => "bar",
    }
}
