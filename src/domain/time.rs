//! Civil days in a person's zone: when a date attribute makes something due.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

/// Why a local time means no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The zone's name is not in the IANA database of this machine.
    #[error("the time zone '{0}' is not in the IANA time zone database")]
    UnknownZone(String),
}

/// Finds a zone by its IANA name.
///
/// # Errors
/// [`TimeError::UnknownZone`] when the database has no such name, or has it for a zone that is not known (`Etc/Unknown`).
pub fn zone(name: &str) -> Result<TimeZone, TimeError> {
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or_else(|| TimeError::UnknownZone(name.to_owned()))
}

/// The instant at which a date attribute is due.
///
/// `date` is a civil date in `zone`; `offset_in_days` moves it; `at` is the local time of day. Without `at`, the day begins at midnight, and a
/// date that is `inclusive` (a last working day) is due when that day is over. A local time that the zone skips is due at the next valid instant,
/// a repeated one the first time. What lies past an end of the calendar (9999-12-31 for "never") is due at that end.
pub fn due_instant(date: Date, inclusive: bool, offset_in_days: i32, at: Option<Time>, zone: &TimeZone) -> Timestamp {
    let days = i64::from(offset_in_days) + i64::from(inclusive && at.is_none());
    let day = Span::new().try_days(days).and_then(|days| date.checked_add(days));
    let due = day.and_then(|day| local_instant(day.to_datetime(at.unwrap_or(Time::midnight())), zone));
    let is_past_the_last = i64::from(date.year()) * 365 + days > 0;
    due.unwrap_or(if is_past_the_last { Timestamp::MAX } else { Timestamp::MIN })
}

/// The instant of a civil time in `zone`: a skipped one is the next valid instant, a repeated one the first of the two; `None` past the ends of
/// the calendar.
pub fn civil_instant(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    local_instant(at, zone).ok()
}

/// The first instant after the civil day `date` in `zone`.
pub fn end_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    due_instant(date, true, 0, None, zone)
}

/// The first instant of the civil day `date` in `zone`.
pub fn start_of_day(date: Date, zone: &TimeZone) -> Timestamp {
    due_instant(date, false, 0, None, zone)
}

/// The first instant at or after a local time that `zone` has: itself, the first of two, or the end of the gap it falls into.
fn local_instant(at: DateTime, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => {
            let after_the_gap = ambiguous.later()?;
            let probe = after_the_gap.checked_add(1.nanosecond())?;
            Ok(zone.preceding(probe).next().map_or(after_the_gap, |transition| transition.timestamp()))
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier(),
    }
}

#[cfg(test)]
mod sweep;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(date: &str, inclusive: bool, offset: i32, at: Option<&str>, zone_name: &str, expected: &str) {
        let at = at.map(|at| at.parse().unwrap());
        let due = due_instant(date.parse().unwrap(), inclusive, offset, at, &zone(zone_name).unwrap());
        assert_eq!(due.to_string(), expected, "{date} {offset:+} {at:?} {zone_name}");
    }

    #[test]
    fn a_day_is_the_persons_own() {
        check("2026-12-01", false, -7, Some("08:00"), "Europe/Amsterdam", "2026-11-24T07:00:00Z");
        check("2026-12-01", false, 0, None, "Asia/Tokyo", "2026-11-30T15:00:00Z");
        check("2026-12-01", false, 0, None, "America/Los_Angeles", "2026-12-01T08:00:00Z");
    }

    #[test]
    fn an_inclusive_last_day_ends_when_it_is_over() {
        check("2026-11-30", true, 0, None, "Europe/Berlin", "2026-11-30T23:00:00Z");
        check("2026-11-30", true, 0, Some("18:00"), "Europe/Berlin", "2026-11-30T17:00:00Z");
    }

    #[test]
    fn a_skipped_local_time_is_due_at_the_next_valid_instant() {
        check("2027-03-28", false, 0, Some("02:30"), "Europe/Amsterdam", "2027-03-28T01:00:00Z");
        // Midnight does not exist on this day in Santiago.
        check("2026-09-06", false, 0, None, "America/Santiago", "2026-09-06T04:00:00Z");
    }

    #[test]
    fn a_repeated_local_time_is_due_the_first_time() {
        check("2026-10-25", false, 0, Some("02:30"), "Europe/Amsterdam", "2026-10-25T00:30:00Z");
    }

    #[test]
    fn past_the_end_of_the_calendar_is_never_and_no_panic() {
        let due = |date: Date, offset| due_instant(date, true, offset, None, &TimeZone::UTC);
        for (date, offset) in [(Date::MAX, 0), (Date::MAX, 30), (Date::constant(2026, 12, 1), i32::MAX)] {
            assert_eq!(due(date, offset), Timestamp::MAX, "{date} {offset}");
        }
        for (date, offset) in [(Date::MIN, -1), (Date::MIN, -30), (Date::constant(2026, 12, 1), i32::MIN)] {
            assert_eq!(due(date, offset), Timestamp::MIN, "{date} {offset}");
        }
    }

    #[test]
    fn a_zone_is_one_of_the_database() {
        for name in ["Mars/Olympus", "Etc/Unknown", "", "+01:00"] {
            assert_eq!(zone(name).unwrap_err(), TimeError::UnknownZone(name.into()));
        }
    }
}
