//! Runs: what one workflow still has to do for one subject, task by task, and how far it is.

use crate::domain::action::{Category, Cause, Occasion};
use crate::domain::entitlement::Assignment;
use crate::domain::ids::{PackageId, UserId};
use crate::domain::reason::Reason;
use crate::workflow::definition::{Mode, Task, TaskKind, Workflow};

use super::draft::{Before, Draft, Rank, View, Wish, WishFor};
use super::ledger::{ClaimKey, DocumentRecord, LedgerChange, RunRecord, RunStatus};
use super::names::{Names, Target};
use super::population::Member;

/// A workflow's tasks with the ids their names stand for.
pub struct Tasks<'a>(Vec<(&'a Task, Option<Target>)>);

impl<'a> Tasks<'a> {
    /// Resolves the names, and notes those that stand for nothing.
    pub fn resolve(
        view: &View<'_>,
        record: &DocumentRecord,
        workflow: &'a Workflow,
        names: &mut Names<'_>,
        draft: &mut Draft,
    ) -> Self {
        let mut resolve = |task: &'a Task| {
            let target = match &task.kind {
                TaskKind::RequestAssignment(requested) => {
                    names.target(&requested.access_package, Some(&requested.assignment_policy))
                }
                TaskKind::RemoveAssignment { access_package, .. } => names.target(access_package, None),
                TaskKind::AddToGroups { .. } | TaskKind::RemoveFromGroups { .. } => return (task, None),
            };
            let target = target.map_err(|reason| draft.skip(view, &record.name, None, None, reason)).ok();
            (task, target)
        };
        Self(workflow.tasks.iter().map(&mut resolve).collect())
    }

    /// The packages the tasks take away.
    pub fn removed_packages(&self) -> impl Iterator<Item = &PackageId> {
        self.0.iter().filter(|(task, _)| is_removal(task)).filter_map(|(_, target)| Some(&target.as_ref()?.package))
    }
}

fn is_removal(task: &Task) -> bool {
    matches!(task.kind, TaskKind::RemoveAssignment { .. })
}

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
    pub tasks: &'p Tasks<'p>,
}

/// How far one task is in this pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Done,
    Waiting,
    Failed,
}

/// What is found for one package of a task: something to do, or a reason and how far that makes the task.
type Finding = Result<Wish, (Reason, Progress)>;

/// How far the tasks before are, by their number counted from 1.
#[derive(Debug, Default)]
struct Earlier {
    waiting: Option<usize>,
    failed: Option<usize>,
    tolerated: bool,
    removal_waits: bool,
}

impl RunPlanner<'_, '_> {
    /// Plans what the run still has to do, and notes how far it is. Adds go in order; removals do not wait for anything.
    pub fn carry_on(&self, occasion: Occasion, run: RunRecord, before: Option<RunStatus>, draft: &mut Draft) {
        let run = RunRecord { document_hash: self.record.hash.clone(), ..run };
        let Some(user) = self.member.user_id() else {
            return draft.skip(self.view, &self.record.name, Some(&self.member.subject.key), None, Reason::NoUser);
        };
        let mut earlier = Earlier::default();
        for (place, (task, target)) in self.tasks.0.iter().enumerate() {
            let Some(target) = target else {
                earlier.waiting.get_or_insert(place + 1);
                earlier.removal_waits |= is_removal(task);
                continue;
            };
            let findings = match &task.kind {
                TaskKind::RemoveAssignment { .. } => self.remove(user, &target.package),
                TaskKind::RequestAssignment(requested) => {
                    let filled = requested.justification.as_ref().map(|template| template.fill_in(self.member));
                    let justification = filled.transpose().unwrap_or_default();
                    let found = self.request(user, target, &occasion, justification.as_deref(), &earlier, draft);
                    vec![found]
                }
                TaskKind::AddToGroups { .. } | TaskKind::RemoveFromGroups { .. } => Vec::new(),
            };
            let mut progress = Progress::Done;
            for finding in findings {
                progress = progress.max(self.note(finding, &target.package, &run, &occasion, draft));
            }
            match progress {
                Progress::Done => {}
                Progress::Waiting => {
                    earlier.waiting.get_or_insert(place + 1);
                    earlier.removal_waits |= is_removal(task);
                }
                Progress::Failed if task.continue_on_error => earlier.tolerated = true,
                Progress::Failed => {
                    earlier.failed.get_or_insert(place + 1);
                }
            }
        }
        self.note_status(&earlier, occasion, run, before, draft);
    }

    fn note(
        &self,
        finding: Finding,
        package: &PackageId,
        run: &RunRecord,
        occasion: &Occasion,
        draft: &mut Draft,
    ) -> Progress {
        match finding {
            Ok(mut wish) => {
                wish.held_by = run.held_by;
                draft.wishes.push(wish);
                Progress::Waiting
            }
            Err((reason, progress)) => {
                if reason == Reason::Rejected {
                    // A person said that this access stays, so nothing may take it by the same occasion.
                    let bars = self.view.ledger.bars.iter();
                    let own = bars.filter(|bar| bar.occasion == *occasion && bar.package == *package);
                    draft.changes.extend(own.map(|bar| LedgerChange::BarEnded { bar: bar.clone() }));
                }
                let subject = &self.member.subject.key;
                if reason == Reason::Satisfied && self.record.mode != Mode::Observe {
                    let claim = ClaimKey {
                        document: self.record.name.clone(),
                        subject: subject.clone(),
                        package: package.clone(),
                    };
                    draft.changes.push(LedgerChange::Claim { claim });
                }
                draft.skip(self.view, &self.record.name, Some(subject), Some(&package.into()), reason);
                progress
            }
        }
    }

    fn note_status(
        &self,
        earlier: &Earlier,
        occasion: Occasion,
        run: RunRecord,
        before: Option<RunStatus>,
        draft: &mut Draft,
    ) {
        let status = match (earlier.failed, earlier.waiting) {
            (Some(_), _) if !earlier.removal_waits => RunStatus::Failed,
            (_, Some(_)) => RunStatus::InProgress,
            _ if earlier.tolerated => RunStatus::CompletedWithErrors,
            _ => RunStatus::Completed,
        };
        if self.record.mode != Mode::Observe && before != Some(status) {
            draft.changes.push(LedgerChange::Run { occasion, run: RunRecord { status, ..run } });
        }
    }

    fn request(
        &self,
        user: &UserId,
        target: &Target,
        occasion: &Occasion,
        justification: Option<&str>,
        earlier: &Earlier,
        draft: &Draft,
    ) -> Finding {
        let package = &target.package;
        let Some(policy) = &target.policy else {
            return Err((Reason::PolicyNotFound { name: String::new() }, Progress::Waiting));
        };
        let cause = Cause::Occasion(occasion.clone());
        let justification = justification.map(str::to_owned);
        let wish = self.wish_for(user, package).add(self.view, policy, cause, justification);
        match self.view.before(&wish.action) {
            Before::Lags | Before::Done => return Err((Reason::Done, Progress::Done)),
            Before::Failed { state, .. } => return Err((Reason::Sticks { state }, Progress::Failed)),
            Before::Forbidden => return Err((Reason::Forbidden, Progress::Waiting)),
            Before::Rejected => return Err((Reason::Rejected, Progress::Failed)),
            Before::Nothing => {}
        }
        let holding = self.view.holdings.get(user, package);
        if let Some(task) = earlier.failed {
            Err((Reason::EarlierTaskFailed { task }, Progress::Failed))
        } else if let Some(task) = earlier.waiting {
            Err((Reason::WaitsForTask { task }, Progress::Waiting))
        } else if draft.barred.contains(&(user.clone(), package.clone())) {
            Err((Reason::Barred, Progress::Done))
        } else if let Some(state) = holding.in_flight {
            Err((Reason::InFlight { state }, Progress::Waiting))
        } else if holding.is_going {
            Err((Reason::WaitsForRemoval, Progress::Waiting))
        } else if holding.has() && self.view.claims.is_owned(&self.member.subject, package) {
            Err((Reason::Satisfied, Progress::Done))
        } else if holding.has() {
            Err((Reason::AlreadySatisfiedUnowned, Progress::Done))
        } else {
            Ok(wish)
        }
    }

    fn remove(&self, user: &UserId, package: &PackageId) -> Vec<Finding> {
        let holding = self.view.holdings.get(user, package);
        if let Some(state) = holding.in_flight {
            return vec![Err((Reason::InFlight { state }, Progress::Waiting))];
        }
        if holding.assignments.is_empty() {
            return vec![Err((Reason::NothingToRemove, Progress::Done))];
        }
        if self.rests_on_a_doubtful_feed() {
            return vec![Err((Reason::FeedRemovalsWait, Progress::Waiting))];
        }
        holding.assignments.iter().map(|assignment| self.remove_one(user, package, assignment)).collect()
    }

    /// Whether the person's record comes from a first delivery that looks too small.
    fn rests_on_a_doubtful_feed(&self) -> bool {
        let feed = self.member.subject.person.and_then(|person| self.view.observed.feeds.get(&person.feed));
        feed.is_some_and(|feed| feed.removals_wait)
    }

    fn remove_one(&self, user: &UserId, package: &PackageId, assignment: &Assignment) -> Finding {
        let cause = Cause::Assignment { assignment: assignment.id.clone() };
        let wish = self.wish_for(user, package).remove(self.view, Rank::RemovalTask, &assignment.id, cause);
        match self.view.before(&wish.action) {
            _ if self.view.holdings.is_service_managed(assignment) => Err((Reason::ServiceManaged, Progress::Done)),
            Before::Rejected => Err((Reason::Rejected, Progress::Failed)),
            Before::Failed { state, .. } => Err((Reason::Sticks { state }, Progress::Failed)),
            Before::Forbidden => Err((Reason::Forbidden, Progress::Waiting)),
            // Removed, and the list still shows it: it lags.
            Before::Lags | Before::Done => Err((Reason::Done, Progress::Done)),
            Before::Nothing => Ok(wish),
        }
    }

    fn wish_for<'w>(&'w self, user: &'w UserId, package: &'w PackageId) -> WishFor<'w> {
        let subject = &self.member.subject.key;
        WishFor { record: self.record, category: self.category, subject, user, package }
    }
}
