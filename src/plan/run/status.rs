//! How far runs and their tasks are, by Lifecycle Workflows' words, once the gates have spoken.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::action::Occasion;
use crate::domain::ids::{ActionId, DocumentName};
use crate::plan::Gate;
use crate::plan::draft::Draft;
use crate::plan::gate::Gated;
use crate::plan::ledger::{LedgerChange, RunRecord, RunStatus, TaskRun};

use super::{Block, Progress};

/// A run whose wishes have not been weighed yet.
#[derive(Debug)]
pub struct RunInMaking {
    /// Why it is due.
    pub occasion: Occasion,
    /// The run under the document in force.
    pub run: RunRecord,
    /// The run as the ledger has it.
    pub before: Option<RunRecord>,
    /// The tasks, in order.
    pub tasks: Vec<TaskInMaking>,
}

/// A task whose wishes have not been weighed yet.
#[derive(Debug)]
pub struct TaskInMaking {
    continue_on_error: bool,
    /// The root of what keeps it from beginning.
    block: Option<Block>,
    progress: Progress,
    /// The reason's code of what decides how far it is.
    reason: Option<&'static str>,
    wishes: Vec<ActionId>,
}

impl TaskInMaking {
    pub(super) fn new(continue_on_error: bool, block: Option<Block>) -> Self {
        Self { continue_on_error, block, progress: Progress::Done, reason: None, wishes: Vec::new() }
    }

    pub(super) fn note(&mut self, progress: Progress, reason: &'static str) {
        if self.reason.is_none() || progress > self.progress {
            self.progress = self.progress.max(progress);
            self.reason = Some(reason);
        }
    }

    pub(super) fn wish(&mut self, action: ActionId) {
        self.progress = Progress::UnderWay;
        self.wishes.push(action);
    }

    /// Whether it failed itself, rather than being kept from beginning by another one's failure.
    fn has_failed(&self) -> bool {
        self.progress == Progress::Failed && !matches!(self.block, Some(Block::Fails(_)))
    }

    /// What it means for a task that depends on it; `number` is its own, counted from 1.
    pub(super) fn blocks(&self, number: usize) -> Option<Block> {
        match (self.progress, self.block) {
            (Progress::Done, _) => None,
            (Progress::Failed, Some(Block::Fails(root))) => Some(Block::Fails(root)),
            (Progress::Failed, _) => (!self.continue_on_error).then_some(Block::Fails(number)),
            (Progress::Waiting, Some(Block::Waits(root))) => Some(Block::Waits(root)),
            (Progress::Waiting | Progress::UnderWay, _) => Some(Block::Waits(number)),
        }
    }
}

/// Notes the runs that began or moved on, once it is known which of their wishes are sent, held or lost.
///
/// Returns the triggers of those that are not over and were made due by a group's doubtful reading.
pub fn note_runs(gated: &Gated, draft: &mut Draft) -> BTreeSet<String> {
    let mut doubted = BTreeSet::new();
    let mut held: BTreeMap<(ActionId, &DocumentName), Gate> = BTreeMap::new();
    for hold in &gated.holds {
        held.extend(hold.items.iter().map(|item| ((item.id, &item.document), hold.gate)));
    }
    for RunInMaking { occasion, run, before, tasks } in std::mem::take(&mut draft.runs) {
        let fate = |action: &ActionId| {
            let document = &occasion.workflow;
            let lost = || draft.lost.get(&(*action, document.clone())).copied();
            held.get(&(*action, document))
                .map_or_else(|| lost().map_or(Fate::Sent, Fate::Lost), |gate| Fate::Held(*gate))
        };
        let records: Vec<TaskRun> = tasks.iter().map(|task| task_run(task, fate)).collect();
        let (status, reason) = run_status(&tasks, &records);
        let run = RunRecord { status, reason, tasks: records, ..run };
        if run.held_by == Some(Gate::GroupShrunk) && !status.is_final() {
            doubted.insert(occasion.trigger.clone());
        }
        if before.as_ref() != Some(&run) {
            draft.changes.push(LedgerChange::Run { occasion, run });
        }
    }
    doubted
}

/// What became of a wish.
enum Fate {
    Sent,
    Held(Gate),
    Lost(&'static str),
}

fn task_run(task: &TaskInMaking, fate: impl Fn(&ActionId) -> Fate) -> TaskRun {
    let mut held = None;
    let mut lost = None;
    let mut is_sent = false;
    for action in &task.wishes {
        match fate(action) {
            Fate::Sent => is_sent = true,
            Fate::Held(gate) => held = Some(gate.as_str()),
            Fate::Lost(reason) => lost = Some(reason),
        }
    }
    let (status, reason) = match (task.progress, held, lost) {
        _ if is_sent => (RunStatus::InProgress, None),
        (_, Some(gate), _) => (RunStatus::Held, Some(gate)),
        (_, _, Some(reason)) => (RunStatus::Queued, Some(reason)),
        (Progress::UnderWay, ..) => (RunStatus::InProgress, task.reason),
        (Progress::Waiting, ..) => (RunStatus::Queued, task.reason),
        (Progress::Failed, ..) if !task.has_failed() => (RunStatus::Canceled, task.reason),
        (Progress::Failed, ..) => (RunStatus::Failed, task.reason),
        (Progress::Done, ..) => (RunStatus::Completed, task.reason),
    };
    TaskRun { status, reason: reason.map(str::to_owned) }
}

/// The run's status, and the reason of the task that decides it.
fn run_status(tasks: &[TaskInMaking], records: &[TaskRun]) -> (RunStatus, Option<String>) {
    let of = |status: RunStatus| records.iter().find(|task| task.status == status);
    let decided_by = |status: RunStatus, task: &TaskRun| (status, task.reason.clone());
    if let Some(task) = of(RunStatus::InProgress) {
        return decided_by(RunStatus::InProgress, task);
    }
    if let Some(task) = of(RunStatus::Held) {
        return decided_by(RunStatus::Held, task);
    }
    if let Some(task) = of(RunStatus::Queued) {
        let has_begun = records.iter().any(|task| task.status.is_final());
        return decided_by(if has_begun { RunStatus::InProgress } else { RunStatus::Queued }, task);
    }
    let failures = || tasks.iter().zip(records).filter(|(task, _)| task.has_failed());
    let decisive = failures().find(|(task, _)| !task.continue_on_error);
    match (decisive, failures().next()) {
        (Some((_, task)), _) => decided_by(RunStatus::Failed, task),
        (None, Some((_, task))) => decided_by(RunStatus::CompletedWithErrors, task),
        (None, None) => (RunStatus::Completed, None),
    }
}
