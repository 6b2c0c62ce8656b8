//! Whether an occasion's run begins: its instant, the catch-up window, and what was due before the document could act.

use jiff::{SignedDuration, Timestamp};

use crate::domain::action::Category;
use crate::domain::reason::Reason;
use crate::domain::time;
use crate::plan::Gate;
use crate::plan::population::Member;
use crate::workflow::definition::{CatchUp, Trigger};

use super::{Due, WorkflowPlanner};

/// A document new to the ledger looks back no further than this, whatever its catch-up.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(3 * 24);

impl WorkflowPlanner<'_, '_> {
    /// Whether the occasion's run begins now, and the gate that holds it where what made it due is doubtful.
    pub(super) fn begins(
        &self,
        member: &Member<'_>,
        due: &Due,
        is_in_scope: &Result<(), Reason>,
    ) -> Result<Option<Gate>, Reason> {
        is_in_scope.clone()?;
        let (now, at) = (self.view.now, due.at);
        if now < at {
            return Err(Reason::NotYetDue { due: at });
        }
        if member.user_id().is_none() {
            return Err(Reason::NoUser);
        }
        let day_ends = due.day.as_ref().map(|(date, zone)| time::end_of_day(*date, zone));
        if self.record.observed_before
            && self.workflow.category != Category::Leaver
            && self.record.writes_since.is_some_and(|since| at < since)
        {
            return Err(Reason::ModeChanged { due: at });
        }
        if self.is_before_document(at, day_ends) {
            let is_backfilled = self.is_backfilled(member, at);
            return if is_backfilled { Ok(Some(Gate::Backfill)) } else { Err(Reason::BeforeDocument { due: at }) };
        }
        if self.is_too_late(member, at, day_ends) {
            return Err(Reason::TooLate { due: at });
        }
        Ok(due.held_by)
    }

    fn is_joiner_still_in_time(&self, at: Timestamp, day_ends: Option<Timestamp>) -> bool {
        self.workflow.category == Category::Joiner && day_ends.is_some_and(|ends| at < ends)
    }

    fn is_before_document(&self, due: Timestamp, day_ends: Option<Timestamp>) -> bool {
        let first_seen = self.record.first_seen;
        let look_back = catch_up_limit(self.workflow.catch_up).map_or(LOOK_BACK, |limit| limit.min(LOOK_BACK));
        first_seen.duration_since(due) > look_back && !self.is_joiner_still_in_time(first_seen, day_ends)
    }

    /// A backfill looks further back than the document; of leavers it wants only those who still hold what the tasks remove.
    fn is_backfilled(&self, member: &Member<'_>, due: Timestamp) -> bool {
        let Trigger::Time(trigger) = &self.workflow.trigger else { return false };
        let Some(days) = trigger.backfill_days else { return false };
        let reach = SignedDuration::from_hours(24 * i64::from(days));
        let still_holds =
            || member.user_id().is_some_and(|user| self.tasks.take_something_from(self.view, user, member));
        self.record.first_seen.duration_since(due) <= reach
            && (self.workflow.category != Category::Leaver || still_holds())
    }

    /// Lateness counts from the later of the due instant and the first moment the subject was complete.
    fn is_too_late(&self, member: &Member<'_>, due: Timestamp, day_ends: Option<Timestamp>) -> bool {
        let Some(limit) = catch_up_limit(self.workflow.catch_up) else { return false };
        let complete = self.view.ledger.complete_since.get(&member.subject.key).copied();
        let counted_from = due.max(complete.unwrap_or(self.view.now)).max(self.record.first_seen);
        self.view.now.duration_since(counted_from) > limit && !self.is_joiner_still_in_time(self.view.now, day_ends)
    }
}

/// How late an occasion may run; `None` where it may always.
fn catch_up_limit(catch_up: CatchUp) -> Option<SignedDuration> {
    match catch_up {
        CatchUp::None => Some(SignedDuration::from_hours(24)),
        CatchUp::Within(limit) => Some(limit),
        CatchUp::Always => None,
    }
}
