//! Workflows: which occasions are due for whom, and which runs begin, go on or are canceled.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::action::{Category, Occasion, OccasionValue};
use crate::domain::ids::SubjectKey;
use crate::domain::reason::Reason;
use crate::workflow::definition::{Mode, Trigger, Workflow};

use super::Gate;
use super::draft::{Draft, View};
use super::ledger::{Bar, DocumentRecord, LedgerChange, RunRecord, RunStatus};
use super::names::Names;
use super::population::Member;
use super::run::RunPlanner;
use super::run::tasks::Tasks;
use super::runs::{self, OwnRun};
use super::watches::Watches;

mod activation;
mod change;
mod date;
mod lateness;
mod schedule;
mod scope;

use activation::Activations;
use change::ChangeWatcher;
use date::DateReader;
use schedule::Instants;
use scope::ScopeReading;

/// Plans every workflow, leavers first, so that their bars stand before anybody adds.
pub fn plan_workflows<'a>(
    view: &View<'a>,
    members: &[Member<'_>],
    watches: &Watches,
    names: &mut Names<'a>,
    draft: &mut Draft,
) {
    let mut workflows: Vec<&'a Workflow> = view.definitions.workflows.iter().collect();
    workflows.sort_by_key(|workflow| workflow.category);
    for workflow in workflows {
        let Some(record) = view.record(&workflow.header.name) else { continue };
        let activations = Activations::of(view, record);
        if !workflow.is_enabled {
            draft.skip(view, &record.name, None, None, Reason::Disabled);
            activations.skip(view, Reason::Disabled, draft);
            continue;
        }
        let tasks = Tasks::resolve(view, record, workflow, names, draft);
        let scope = ScopeReading::of(view, record, &workflow.scope, names, draft);
        let when = When::of(view, record, workflow, watches, scope.is_complete, names, draft);
        let planner = WorkflowPlanner { view, workflow, record, tasks: &tasks, when: &when };
        let excepted = view.population.excepted(&workflow.scope.except);
        let mut runs = view.runs.of_workflow(&record.name);
        let mut in_scope = 0;
        for member in members {
            let is_in_scope = scope.verdict(member);
            in_scope += u32::from(is_in_scope.is_ok());
            let own = runs.take(member);
            if excepted.contains(member) {
                planner.skip(member, Reason::Excepted, draft);
            } else {
                planner.plan(member, is_in_scope, &own, &activations, draft);
            }
        }
        activations.skip_strangers(view, draft);
        draft.bases.insert(record.name.clone(), in_scope);
    }
}

/// A trigger, with what of it is the same for everybody.
enum When<'p> {
    Date(DateReader<'p>),
    Change(ChangeWatcher<'p>),
    Schedule(Instants),
    OnDemand,
}

impl<'p> When<'p> {
    fn of(
        view: &'p View<'_>,
        record: &DocumentRecord,
        workflow: &'p Workflow,
        watches: &'p Watches,
        is_scope_complete: bool,
        names: &mut Names<'_>,
        draft: &mut Draft,
    ) -> Self {
        match &workflow.trigger {
            Trigger::Time(trigger) => Self::Date(DateReader::of(view, trigger, workflow.category)),
            Trigger::AttributeChange(_) | Trigger::MembershipChange { .. } | Trigger::FeedChange { .. } => {
                Self::Change(ChangeWatcher::of(view, record, &workflow.trigger, watches, names, draft))
            }
            Trigger::Schedule(schedule) => {
                Self::Schedule(Instants::of(view, record, workflow.category, schedule, is_scope_complete, draft))
            }
            Trigger::OnDemand => Self::OnDemand,
        }
    }

    /// The occasions that stand for a subject now, oldest first.
    fn standing(&self, member: &Member<'_>) -> Result<Vec<Due>, Reason> {
        match self {
            Self::Date(reader) => reader.standing(member).map(|due| vec![due]),
            Self::Change(watcher) => watcher.standing(member).map(|due| vec![due]),
            Self::Schedule(instants) => instants.standing(&member.subject.key),
            Self::OnDemand => Err(Reason::NoOccasion),
        }
    }

    /// Whether a run stays when its occasion is not among those that stand: each instant of a schedule is one of its own, and what a doubtful
    /// reading made due is not taken back where there is no reading at all.
    fn keeps(&self, value: &OccasionValue, run: &RunRecord) -> bool {
        match self {
            Self::Schedule(_) => matches!(value, OccasionValue::Instant(_)),
            Self::Change(watcher) => run.held_by == Some(Gate::GroupShrunk) && watcher.is_blind(),
            Self::Date(_) | Self::OnDemand => false,
        }
    }
}

/// An occasion that stands for a subject.
struct Due {
    subject: SubjectKey,
    trigger: String,
    value: OccasionValue,
    /// When its run is due.
    at: Timestamp,
    /// The civil day of a date trigger and the zone it is lived in.
    day: Option<(Date, TimeZone)>,
    /// The gate that holds its run, where what made it due is doubtful.
    held_by: Option<Gate>,
}

/// One workflow for every subject.
struct WorkflowPlanner<'p, 'a> {
    view: &'p View<'a>,
    workflow: &'p Workflow,
    record: &'p DocumentRecord,
    tasks: &'p Tasks<'a>,
    when: &'p When<'p>,
}

impl<'a> WorkflowPlanner<'_, 'a> {
    fn plan(
        &self,
        member: &Member<'a>,
        is_in_scope: Result<(), Reason>,
        own: &[OwnRun<'_>],
        activations: &Activations<'_>,
        draft: &mut Draft,
    ) {
        // Most people and documents have nothing to do with each other, and whatever made it due, it would not begin.
        if is_in_scope == Err(Reason::NotInScope)
            && own.is_empty()
            && !member.is_ambiguous
            && !activations.concern(member)
        {
            return self.skip(member, Reason::NotInScope, draft);
        }
        let is_activated = self.plan_activations(member, activations, own, draft);
        let standing = match member.ambiguity() {
            Some(reason) => Err(reason),
            None => self.when.standing(member),
        };
        match standing {
            Err(reason) => {
                // What cannot be read, or not be understood, takes nothing back.
                let is_known = !matches!(
                    reason,
                    Reason::Unknown { .. } | Reason::BadDate { .. } | Reason::AmbiguousJoin | Reason::SharesEmployeeId
                );
                if is_known {
                    self.cancel_others(own, &[], draft);
                }
                self.go_on_with_kept(member, own, &[], &is_in_scope, draft);
                if !(is_activated && reason == Reason::NoOccasion) {
                    self.skip(member, reason, draft);
                }
            }
            Ok(standing) => {
                self.cancel_others(own, &standing, draft);
                self.go_on_with_kept(member, own, &standing, &is_in_scope, draft);
                for due in standing {
                    self.plan_occasion(member, due, own, &is_in_scope, draft);
                }
            }
        }
    }

    fn plan_occasion(
        &self,
        member: &Member<'a>,
        due: Due,
        own: &[OwnRun<'_>],
        is_in_scope: &Result<(), Reason>,
        draft: &mut Draft,
    ) {
        match runs::find(own, &due.subject, &due.trigger, &due.value) {
            // A failed run goes on under a changed document; a canceled one begins anew when its occasion is the subject's again.
            Some((known, run)) if run.status == RunStatus::Failed && run.document_hash != self.record.hash => {
                self.go_on(member, known, run, is_in_scope, draft);
            }
            Some((known, run)) if !run.status.is_final() => self.go_on(member, known, run, is_in_scope, draft),
            Some((_, run)) if run.status != RunStatus::Canceled => self.skip(member, Reason::Done, draft),
            _ => match self.begins(member, &due, is_in_scope) {
                Ok(held_by) => {
                    let Due { subject, trigger, value, .. } = due;
                    let occasion = Occasion { workflow: self.record.name.clone(), subject, trigger, value };
                    self.begin(member, occasion, held_by, draft);
                }
                Err(reason) => self.skip(member, reason, draft),
            },
        }
    }

    fn skip(&self, member: &Member<'_>, reason: Reason, draft: &mut Draft) {
        if matches!(reason, Reason::Unknown { .. }) && member.subject.person.is_some() {
            draft.unread.insert(self.record.name.clone());
        }
        draft.skip(self.view, &self.record.name, Some(&member.subject.key), None, reason);
    }

    fn begin(&self, member: &Member<'a>, occasion: Occasion, held_by: Option<Gate>, draft: &mut Draft) {
        self.set_bars(member, &occasion, draft);
        let run = RunRecord {
            status: RunStatus::Queued,
            document_hash: self.record.hash.clone(),
            category: self.workflow.category,
            held_by,
            reason: None,
            tasks: Vec::new(),
        };
        self.run_planner(member).carry_on(occasion, &run, false, draft);
    }

    /// A leaver's run bars what its tasks take, from its first pass on and whatever is added to them later.
    fn set_bars(&self, member: &Member<'_>, occasion: &Occasion, draft: &mut Draft) {
        let Some(user) = member.user_id() else { return };
        // A schedule comes round by itself; a bar would outlast what the rule said then.
        let is_barring = self.workflow.category == Category::Leaver && occasion.value.instant().is_none();
        if !is_barring || self.record.mode != Mode::Enforce {
            return;
        }
        let known: Vec<&Bar> = self.view.ledger.bars_of(occasion).filter(|bar| bar.user == *user).collect();
        for package in self.tasks.removed_packages() {
            // By whichever version of the document.
            let is_known = known.iter().any(|bar| bar.package == *package);
            if !is_known && !self.view.is_removal_rejected(user, package, &self.record.name) {
                draft.bar(Bar {
                    occasion: occasion.clone(),
                    user: user.clone(),
                    package: package.clone(),
                    document_hash: self.record.hash.clone(),
                });
            }
        }
    }

    fn run_planner<'m>(&'m self, member: &'m Member<'a>) -> RunPlanner<'m, 'a> {
        let WorkflowPlanner { view, workflow, record, tasks, .. } = self;
        RunPlanner { view, record, category: workflow.category, member, tasks }
    }

    fn go_on(
        &self,
        member: &Member<'a>,
        occasion: &Occasion,
        run: &RunRecord,
        is_in_scope: &Result<(), Reason>,
        draft: &mut Draft,
    ) {
        if member.user_id().is_none() {
            // Where the record leads to no user, or to several, nobody can tell which groups that user is in.
            return self.skip(member, member.ambiguity().unwrap_or(Reason::NoUser), draft);
        }
        match is_in_scope {
            // A leaver's removals do not hang on the rule once they are due: a changed department is no reason to stay in.
            Err(reason) if self.workflow.category != Category::Leaver => {
                self.skip(member, reason.clone(), draft);
                if *reason == Reason::NotInScope {
                    let run = run.canceled(reason);
                    draft.changes.push(LedgerChange::Run { occasion: occasion.clone(), run });
                }
            }
            _ => self.carry_on(member, occasion, run, draft),
        }
    }

    fn carry_on(&self, member: &Member<'a>, occasion: &Occasion, run: &RunRecord, draft: &mut Draft) {
        self.set_bars(member, occasion, draft);
        self.run_planner(member).carry_on(occasion.clone(), run, true, draft);
    }

    /// Runs that stay whatever stands now go on until they are done.
    fn go_on_with_kept(
        &self,
        member: &Member<'a>,
        own: &[OwnRun<'_>],
        standing: &[Due],
        is_in_scope: &Result<(), Reason>,
        draft: &mut Draft,
    ) {
        for (occasion, run) in own.iter().filter(|(occasion, run)| {
            !run.status.is_final()
                && self.when.keeps(&occasion.value, run)
                && standing.iter().all(|due| due.value != occasion.value)
        }) {
            self.go_on(member, occasion, run, is_in_scope, draft);
        }
    }

    /// What made a run due is no longer so: what it has not sent yet is canceled; unsent actions are not planned again and so superseded.
    fn cancel_others(&self, own: &[OwnRun<'_>], standing: &[Due], draft: &mut Draft) {
        for (occasion, run) in own {
            let stands = self.when.keeps(&occasion.value, run)
                || matches!(occasion.value, OccasionValue::Activation(_))
                || standing.iter().any(|due| runs::is_same(occasion, &due.subject, &due.trigger, &due.value));
            if !stands && !run.status.is_final() {
                let run = run.canceled(&Reason::NoLongerDue);
                draft.changes.push(LedgerChange::Run { occasion: (*occasion).clone(), run });
                // The new occasion's run, when it is due, sets bars of its own.
                let bars = self.view.ledger.bars_of(occasion);
                draft.changes.extend(bars.map(|bar| LedgerChange::BarEnded { bar: bar.clone() }));
            }
        }
    }
}
