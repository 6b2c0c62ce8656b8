//! Runs: what one workflow still has to do for one subject, task by task, and how far it is.

use crate::domain::action::{Category, Occasion};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::workflow::definition::{Mode, Task};

use super::draft::{Draft, View};
use super::ledger::{ClaimKey, DocumentRecord, LedgerChange, RunRecord};
use super::population::Member;
use super::wish::{Wish, WishFor};

mod assignment;
mod membership;
pub mod status;
pub mod tasks;

use status::{RunInMaking, TaskInMaking};
use tasks::{Goal, Tasks};

/// One run of one workflow for one subject.
pub struct RunPlanner<'p, 'a> {
    /// What planning looks at.
    pub view: &'p View<'a>,
    /// The workflow's record.
    pub record: &'p DocumentRecord,
    /// The workflow's category.
    pub category: Category,
    /// The subject.
    pub member: &'p Member<'a>,
    /// The tasks.
    pub tasks: &'p Tasks<'a>,
}

/// How far a task, or one of the things it does, is found to be. The order is that in which one decides about the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// Nothing is left to do.
    Done,
    /// It ended badly.
    Failed,
    /// It has not begun: something must come first.
    Waiting,
    /// Something was sent and has not come to its end, or is to be sent.
    UnderWay,
}

/// What is found for one thing a task does: something to do, or a reason and how far that makes the task.
#[derive(Debug)]
enum Finding {
    Wish(Box<Wish>),
    Nothing(Reason, Progress),
}

/// Why a task may not begin yet, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// The task of this number (counted from 1) is not done yet.
    Waits(usize),
    /// The task of this number failed.
    Fails(usize),
}

impl Block {
    fn finding(self) -> Finding {
        match self {
            Self::Waits(task) => Finding::Nothing(Reason::WaitsForTask { task }, Progress::Waiting),
            Self::Fails(task) => Finding::Nothing(Reason::EarlierTaskFailed { task }, Progress::Failed),
        }
    }
}

impl<'a> RunPlanner<'_, 'a> {
    /// Plans what the run still has to do, and how far it is. Tasks wait for those they depend on; a leaver's removals wait for nothing.
    pub fn carry_on(&self, occasion: Occasion, run: &RunRecord, is_known: bool, draft: &mut Draft) {
        let subject = &self.member.subject.key;
        if self.member.user_id().is_none() {
            return draft.skip(self.view, &self.record.name, Some(subject), None, Reason::NoUser);
        }
        let mut done: Vec<TaskInMaking> = Vec::with_capacity(self.tasks.0.len());
        for (task, goal) in &self.tasks.0 {
            let block = self.block(task, &done);
            let mut in_making = TaskInMaking::new(task.continue_on_error, block);
            match goal {
                Ok(goal) => {
                    for (resource, finding) in self.findings(goal, &occasion, block, draft) {
                        self.note(&mut in_making, &resource, finding, run, &occasion, draft);
                    }
                }
                Err(reason) => in_making.note(Progress::Waiting, reason.code()),
            }
            done.push(in_making);
        }
        if self.record.mode == Mode::Observe {
            return;
        }
        let before = is_known.then(|| run.clone());
        let run = RunRecord { document_hash: self.record.hash.clone(), ..run.clone() };
        draft.runs.push(RunInMaking { occasion, run, before, tasks: done });
    }

    /// What the task waits for among those it depends on; the root of a chain is what is told.
    fn block(&self, task: &Task, earlier: &[TaskInMaking]) -> Option<Block> {
        if self.category == Category::Leaver && task.kind.is_removal() {
            return None;
        }
        let depends_on = task.depends_on.iter().filter_map(|place| Some((*place, earlier.get(*place)?)));
        let blocks: Vec<Block> = depends_on.filter_map(|(place, earlier)| earlier.blocks(place + 1)).collect();
        let fails = blocks.iter().find(|block| matches!(block, Block::Fails(_)));
        fails.or(blocks.first()).copied()
    }

    fn findings(
        &self,
        goal: &Goal<'a>,
        occasion: &Occasion,
        block: Option<Block>,
        draft: &Draft,
    ) -> Vec<(Resource, Finding)> {
        match goal {
            Goal::Give(asking) => {
                vec![(asking.resource.clone(), self.give(asking, occasion, block, draft))]
            }
            Goal::Take { package, resource, owned_only } => {
                let findings = self.take(package, resource, *owned_only, block);
                findings.into_iter().map(|finding| (resource.clone(), finding)).collect()
            }
            Goal::PutInto(groups) | Goal::TakeOutOf(groups) => {
                let takes = matches!(goal, Goal::TakeOutOf(_));
                let finding = |group| self.change_membership(group, takes, occasion, block);
                groups.iter().map(|group| (group.resource.clone(), finding(group))).collect()
            }
        }
    }

    fn note(
        &self,
        task: &mut TaskInMaking,
        resource: &Resource,
        finding: Finding,
        run: &RunRecord,
        occasion: &Occasion,
        draft: &mut Draft,
    ) {
        match finding {
            Finding::Wish(mut wish) => {
                wish.held_by = run.held_by;
                task.wish(wish.action.id);
                draft.wishes.push(*wish);
            }
            Finding::Nothing(reason, progress) => {
                if let Some(package) = resource.package() {
                    if reason == Reason::Rejected {
                        // A person said that this access stays, so nothing may take it by the same occasion.
                        let own = self.view.ledger.bars_of(occasion).filter(|bar| bar.package == *package);
                        draft.changes.extend(own.map(|bar| LedgerChange::BarEnded { bar: bar.clone() }));
                    }
                    let is_new = || self.view.claims.get(&self.record.name, self.member, package).is_none();
                    if reason == Reason::Satisfied && self.record.mode != Mode::Observe && is_new() {
                        let document = self.record.name.clone();
                        let subject = self.member.subject.key.clone();
                        let claim = ClaimKey { document, subject, package: package.clone() };
                        draft.changes.push(LedgerChange::Claim { claim });
                    }
                }
                task.note(progress, reason.code());
                draft.skip(self.view, &self.record.name, Some(&self.member.subject.key), Some(resource), reason);
            }
        }
    }

    /// Whether the person's record comes from a first delivery that looks too small.
    fn rests_on_a_doubtful_feed(&self) -> bool {
        let feed = self.member.subject.person.and_then(|person| self.view.observed.feeds.get(&person.feed));
        feed.is_some_and(|feed| feed.removals_wait)
    }

    fn wish_for<'w>(&'w self, user: &'w crate::domain::ids::UserId, resource: &'w Resource) -> WishFor<'w> {
        let subject = &self.member.subject.key;
        WishFor { record: self.record, category: self.category, subject, user, resource }
    }
}
