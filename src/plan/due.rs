//! Workflows: which occasions are due for whom, and which runs begin, go on or are canceled.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::action::{Category, Occasion, OccasionValue};
use crate::domain::reason::Reason;
use crate::domain::subject::HIRE_DATE;
use crate::domain::time;
use crate::workflow::definition::{CatchUp, Mode, TimeTrigger, Trigger, Workflow};
use crate::workflow::rule::Truth;

use super::Gate;
use super::dates::{self, CivilDay};
use super::draft::{Draft, View};
use super::ledger::{Bar, DocumentRecord, LedgerChange, RunRecord, RunStatus};
use super::names::Names;
use super::population::Member;
use super::rehire::{self, Rehire};
use super::run::{RunPlanner, Tasks};

/// A document new to the ledger looks back no further than this, whatever its catch-up.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Plans every workflow, leavers first, so that their bars stand before anybody adds.
pub fn plan_workflows(view: &View<'_>, members: &[Member<'_>], names: &mut Names<'_>, draft: &mut Draft) {
    let mut workflows: Vec<&Workflow> = view.definitions.workflows.iter().collect();
    workflows.sort_by_key(|workflow| workflow.category);
    for workflow in workflows {
        let Some(record) = view.record(&workflow.header.name) else { continue };
        if !workflow.is_enabled {
            draft.skip(view, &record.name, None, None, Reason::Disabled);
            continue;
        }
        let tasks = Tasks::resolve(view, record, workflow, names, draft);
        let mut in_scope = 0;
        for member in members {
            in_scope += u32::from(scope(workflow, member) == Truth::Yes);
            let Trigger::Time(trigger) = &workflow.trigger else { continue };
            let planner = SubjectPlanner { view, workflow, trigger, record, member, tasks: &tasks };
            planner.plan(draft);
        }
        draft.bases.insert(record.name.clone(), in_scope);
    }
}

/// One workflow for one subject.
struct SubjectPlanner<'p, 'a> {
    view: &'p View<'a>,
    workflow: &'p Workflow,
    trigger: &'p TimeTrigger,
    record: &'p DocumentRecord,
    member: &'p Member<'a>,
    tasks: &'p Tasks<'p>,
}

impl SubjectPlanner<'_, '_> {
    fn plan(&self, draft: &mut Draft) {
        if self.member.subject.is_named_in(&self.workflow.scope.except) {
            return self.skip(draft, Reason::Excepted);
        }
        let (occasion, date, due) = match self.occasion() {
            Ok(dated) => dated,
            Err(reason) => {
                // Only what was read and says "no date" changes anything, not what cannot be read or understood.
                if matches!(reason, Reason::NoDate | Reason::HiredAgain) {
                    self.cancel_other_runs(None, draft);
                }
                return self.skip(draft, reason);
            }
        };
        self.cancel_other_runs(Some(&occasion), draft);
        match self.run_of(&occasion) {
            // A failed run goes on under a changed document; a canceled one begins anew when its date is the subject's again.
            Some((known, run)) if run.status == RunStatus::Failed && run.document_hash != self.record.hash => {
                self.go_on(known, run.clone(), draft);
            }
            Some((known, run)) if !run.status.is_final() => self.go_on(known, run.clone(), draft),
            Some((_, run)) if run.status != RunStatus::Canceled => self.skip(draft, Reason::Done),
            _ => match self.begins(date, due) {
                Ok(backfill) => self.begin(occasion, backfill, draft),
                Err(reason) => self.skip(draft, reason),
            },
        }
    }

    fn skip(&self, draft: &mut Draft, reason: Reason) {
        if matches!(reason, Reason::Unknown { .. }) && self.member.subject.person.is_some() {
            draft.unread.insert(self.record.name.clone());
        }
        draft.skip(self.view, &self.record.name, Some(&self.member.subject.key), None, reason);
    }

    /// The occasion that the subject's date makes, and when it is due.
    fn occasion(&self) -> Result<(Occasion, Date, Timestamp), Reason> {
        let trigger = self.trigger;
        if self.member.is_ambiguous {
            // The record is told of once; the accounts that share its id are only counted.
            return Err(match self.member.subject.person {
                Some(_) => Reason::AmbiguousJoin,
                None => Reason::SharesEmployeeId,
            });
        }
        let zone = self.zone()?;
        let CivilDay { date, inclusive, is_written } = dates::day_of(self.member, &trigger.attribute, &zone)?;
        let is_end = self.workflow.category == Category::Leaver && is_written && trigger.attribute != HIRE_DATE;
        if is_end && rehire::after(self.view, self.member, date) == Some(Rehire::Begun) {
            return Err(Reason::HiredAgain);
        }
        let due = time::due_instant(date, inclusive, trigger.offset_in_days, trigger.at, &zone);
        let occasion = Occasion {
            workflow: self.record.name.clone(),
            subject: self.member.subject.key.clone(),
            trigger: trigger.attribute.clone(),
            value: OccasionValue::Date(date),
        };
        Ok((occasion, date, due))
    }

    fn zone(&self) -> Result<TimeZone, Reason> {
        dates::zone_of(self.view, self.member, self.trigger.time_zone.as_deref())
    }

    /// The run of this occasion, also under the key the subject had before its person was linked.
    fn run_of(&self, occasion: &Occasion) -> Option<(Occasion, &RunRecord)> {
        self.member.subject.keys().find_map(|subject| {
            let known = Occasion { subject, ..occasion.clone() };
            self.view.ledger.runs.get(&known).map(|run| (known, run))
        })
    }

    /// Whether the occasion's run begins now, and whether only a backfill found it.
    fn begins(&self, date: Date, due: Timestamp) -> Result<bool, Reason> {
        match scope(self.workflow, self.member) {
            Truth::Yes => {}
            Truth::No => return Err(Reason::NotInScope),
            Truth::Unknown => return Err(Reason::Unknown { what: "an attribute of the scope rule".to_owned() }),
        }
        let now = self.view.now;
        if now < due {
            return Err(Reason::NotYetDue { due });
        }
        if self.member.user_id().is_none() {
            return Err(Reason::NoUser);
        }
        let trigger_day_ends = time::end_of_day(date, &self.zone()?);
        if self.record.observed_before
            && self.workflow.category != Category::Leaver
            && self.record.writes_since.is_some_and(|since| due < since)
        {
            return Err(Reason::ModeChanged { due });
        }
        if self.is_before_document(due, trigger_day_ends) {
            return if self.is_backfilled(due) { Ok(true) } else { Err(Reason::BeforeDocument { due }) };
        }
        if self.is_too_late(due, trigger_day_ends) {
            return Err(Reason::TooLate { due });
        }
        Ok(false)
    }

    fn is_joiner_still_in_time(&self, at: Timestamp, trigger_day_ends: Timestamp) -> bool {
        self.workflow.category == Category::Joiner && at < trigger_day_ends
    }

    fn is_before_document(&self, due: Timestamp, trigger_day_ends: Timestamp) -> bool {
        let first_seen = self.record.first_seen;
        let look_back = catch_up_limit(self.workflow.catch_up).map_or(LOOK_BACK, |limit| limit.min(LOOK_BACK));
        first_seen.duration_since(due) > look_back && !self.is_joiner_still_in_time(first_seen, trigger_day_ends)
    }

    /// A backfill looks further back than the document; of leavers it wants only those who still hold what the tasks remove.
    fn is_backfilled(&self, due: Timestamp) -> bool {
        let Some(days) = self.trigger.backfill_days else { return false };
        let reach = SignedDuration::from_hours(24 * i64::from(days));
        let still_holds = || {
            self.member.user_id().is_some_and(|user| {
                self.tasks
                    .removed_packages()
                    .any(|package| !self.view.holdings.get(user, package).assignments.is_empty())
            })
        };
        self.record.first_seen.duration_since(due) <= reach
            && (self.workflow.category != Category::Leaver || still_holds())
    }

    /// Lateness counts from the later of the due instant and the first moment the subject was complete.
    fn is_too_late(&self, due: Timestamp, trigger_day_ends: Timestamp) -> bool {
        let Some(limit) = catch_up_limit(self.workflow.catch_up) else { return false };
        let complete = self.view.ledger.complete_since.get(&self.member.subject.key).copied();
        let counted_from = due.max(complete.unwrap_or(self.view.now)).max(self.record.first_seen);
        self.view.now.duration_since(counted_from) > limit
            && !self.is_joiner_still_in_time(self.view.now, trigger_day_ends)
    }

    fn begin(&self, occasion: Occasion, backfill: bool, draft: &mut Draft) {
        self.set_bars(&occasion, draft);
        let run = RunRecord {
            status: RunStatus::InProgress,
            document_hash: self.record.hash.clone(),
            category: self.workflow.category,
            held_by: backfill.then_some(Gate::Backfill),
            reason: None,
            tasks: Vec::new(),
        };
        self.run_planner().carry_on(occasion, run, None, draft);
    }

    /// A leaver's run bars what its tasks take, from its first pass on and whatever is added to them later.
    fn set_bars(&self, occasion: &Occasion, draft: &mut Draft) {
        let Some(user) = self.member.user_id() else { return };
        if self.workflow.category != Category::Leaver || self.record.mode != Mode::Enforce {
            return;
        }
        for package in self.tasks.removed_packages() {
            let bar = Bar {
                occasion: occasion.clone(),
                user: user.clone(),
                package: package.clone(),
                document_hash: self.record.hash.clone(),
            };
            let is_known = view_has_bar(self.view, &bar);
            let is_rejected = self.view.is_removal_rejected(user, package, &self.record.name);
            if !is_known && !is_rejected {
                draft.bar(bar);
            }
        }
    }

    fn run_planner(&self) -> RunPlanner<'_, '_> {
        RunPlanner {
            view: self.view,
            record: self.record,
            category: self.workflow.category,
            member: self.member,
            tasks: self.tasks,
        }
    }

    fn go_on(&self, occasion: Occasion, run: RunRecord, draft: &mut Draft) {
        match scope(self.workflow, self.member) {
            // A leaver's removals do not hang on the rule once they are due: a changed department is no reason to stay in.
            Truth::No if self.workflow.category != Category::Leaver => {
                self.skip(draft, Reason::NotInScope);
                let run = RunRecord { status: RunStatus::Canceled, ..run };
                draft.changes.push(LedgerChange::Run { occasion, run });
            }
            Truth::Unknown if self.workflow.category != Category::Leaver => {
                self.skip(draft, Reason::Unknown { what: "an attribute of the scope rule".to_owned() });
            }
            _ => {
                self.set_bars(&occasion, draft);
                let before = run.status;
                self.run_planner().carry_on(occasion, run, Some(before), draft);
            }
        }
    }

    /// A date that moved or was cleared cancels what its run has not sent yet; unsent actions are not planned again and so superseded.
    fn cancel_other_runs(&self, current: Option<&Occasion>, draft: &mut Draft) {
        for subject in self.member.subject.keys() {
            let from = Occasion {
                workflow: self.record.name.clone(),
                subject: subject.clone(),
                trigger: String::new(),
                value: OccasionValue::Date(Date::MIN),
            };
            let own = self.view.ledger.runs.range(from..);
            for (occasion, run) in
                own.take_while(|(occasion, _)| occasion.workflow == self.record.name && occasion.subject == subject)
            {
                let is_current = current
                    .is_some_and(|current| current.value == occasion.value && current.trigger == occasion.trigger);
                if !is_current && !run.status.is_final() {
                    let run = RunRecord { status: RunStatus::Canceled, ..run.clone() };
                    draft.changes.push(LedgerChange::Run { occasion: occasion.clone(), run });
                    // The new date's run, when it is due, sets bars of its own.
                    let bars = self.view.ledger.bars.iter().filter(|bar| bar.occasion == *occasion);
                    draft.changes.extend(bars.map(|bar| LedgerChange::BarEnded { bar: bar.clone() }));
                }
            }
        }
    }
}

fn view_has_bar(view: &View<'_>, bar: &Bar) -> bool {
    let same = |known: &&Bar| known.occasion == bar.occasion && known.user == bar.user && known.package == bar.package;
    view.ledger.bars.iter().any(|known| same(&known))
}

/// How late an occasion may run; `None` where it may always.
fn catch_up_limit(catch_up: CatchUp) -> Option<SignedDuration> {
    match catch_up {
        CatchUp::None => Some(SignedDuration::from_hours(24)),
        CatchUp::Within(limit) => Some(limit),
        CatchUp::Always => None,
    }
}

/// Whether the subject is in the workflow's scope.
fn scope(workflow: &Workflow, member: &Member<'_>) -> Truth {
    workflow.scope.rule.as_ref().map_or(Truth::Yes, |rule| rule.evaluate(member))
}
