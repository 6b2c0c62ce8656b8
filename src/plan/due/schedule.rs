//! Schedules: instants that have come, and what becomes of those that went by while usherd was not running.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::action::{Category, OccasionValue};
use crate::domain::cron::Cron;
use crate::domain::ids::SubjectKey;
use crate::domain::reason::Reason;
use crate::domain::time;
use crate::plan::dates::bad_date;
use crate::plan::draft::{Draft, View};
use crate::plan::ledger::{DocumentRecord, LedgerChange};
use crate::workflow::definition::{Missed, Mode, Schedule};

use super::Due;

/// The trigger's name in occasions.
const TRIGGER: &str = "schedule";
/// An instant that a pass meets so late was not missed: passes take time, and may fail and be tried again.
const PUNCTUAL: SignedDuration = SignedDuration::from_mins(15);
/// No more instants than this are made up for at once, the latest of them.
const MOST_MADE_UP: usize = 100;

/// The instants of one schedule that are to be dealt with now, oldest first.
pub(super) struct Instants(Vec<Timestamp>);

impl Instants {
    /// Finds them, and notes the next one, those let go, and how far the schedule was followed.
    ///
    /// A document that only observes follows nothing. While something the scope rests on was not read, the instants stand: whoever could be
    /// told has a run by then, and begins no second one.
    pub(super) fn of(
        view: &View<'_>,
        record: &DocumentRecord,
        category: Category,
        schedule: &Schedule,
        is_scope_complete: bool,
        draft: &mut Draft,
    ) -> Self {
        let zone = match time::zone(schedule.time_zone.as_deref().unwrap_or(&view.observed.tenant_zone)) {
            Ok(zone) => zone,
            Err(error) => {
                draft.skip(view, &record.name, None, None, bad_date(error));
                return Self(Vec::new());
            }
        };
        let now = view.now;
        let since = followed_since(view, record, category);
        let next = |after: Timestamp| schedule.cron.next_instant_after(after, &zone);
        if let Some(due) = next(now) {
            draft.skip(view, &record.name, None, None, Reason::NotYetDue { due });
        }
        let Some(latest) = latest_instants(&schedule.cron, &zone, since, now, 1).pop() else {
            return Self(Vec::new());
        };
        if record.mode != Mode::Observe && is_scope_complete {
            let document = record.name.clone();
            draft.changes.push(LedgerChange::ScheduleReached { document, instant: latest });
        }
        let first = next(since).unwrap_or(latest);
        if record.base.as_ref().is_some_and(|(hash, _)| *hash != record.hash) {
            // Another expression may have been in force then.
            draft.skip(view, &record.name, None, None, Reason::BeforeDocument { due: first });
            return Self(Vec::new());
        }
        let (reach, most) = match schedule.missed {
            Missed::None => (PUNCTUAL, 1),
            Missed::One => (schedule.window.max(PUNCTUAL), 1),
            Missed::All => (schedule.window.max(PUNCTUAL), MOST_MADE_UP),
        };
        // What came round exactly so long ago is within reach.
        let from = now.checked_sub(reach + SignedDuration::from_nanos(1)).map_or(since, |from| from.max(since));
        let instants = latest_instants(&schedule.cron, &zone, from, now, most);
        if instants.first() != Some(&first) {
            draft.skip(view, &record.name, None, None, Reason::TooLate { due: first });
        }
        Self(instants)
    }

    /// The occasions they make for a subject.
    pub(super) fn standing(&self, subject: &SubjectKey) -> Result<Vec<Due>, Reason> {
        if self.0.is_empty() {
            return Err(Reason::NoOccasion);
        }
        let due = |at: &Timestamp| Due {
            subject: subject.clone(),
            trigger: TRIGGER.to_owned(),
            value: OccasionValue::Instant(*at),
            at: *at,
            day: None,
            held_by: None,
        };
        Ok(self.0.iter().map(due).collect())
    }
}

/// A schedule begins with its document. What came round while it only observed is not made up for, leavers excepted.
fn followed_since(view: &View<'_>, record: &DocumentRecord, category: Category) -> Timestamp {
    let since = view.ledger.schedules.get(&record.name).copied().unwrap_or(record.first_seen);
    match record.writes_since {
        Some(writes) if category != Category::Leaver => since.max(writes),
        _ => since,
    }
}

/// The latest `most` instants after `from` and not after `now`, oldest first. Looks back step by step, so that a dense schedule and a long
/// stop cost no more than a sparse one.
fn latest_instants(cron: &Cron, zone: &TimeZone, from: Timestamp, now: Timestamp, most: usize) -> Vec<Timestamp> {
    let mut reach = SignedDuration::from_hours(2);
    loop {
        let start = now.checked_sub(reach).map_or(from, |start| start.max(from));
        let next = |after: &Timestamp| cron.next_instant_after(*after, zone).filter(|instant| *instant <= now);
        let instants: Vec<Timestamp> = std::iter::successors(next(&start), next).collect();
        if instants.len() >= most || start == from {
            return instants.into_iter().rev().take(most).rev().collect();
        }
        reach = reach.saturating_mul(8);
    }
}
