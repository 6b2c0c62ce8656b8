//! Cron expressions of five fields: minute, hour, day of month, month, day of week; which civil minutes they name.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::time;

/// A cron expression. It names civil minutes; which instants those are is for the zone to say.
///
/// Fields hold `*`, numbers, ranges, lists and steps; months and days of the week also their English names (`JAN`, `MON`); 0 and 7 are Sunday.
/// Where both the day of month and the day of week are restricted, either one is enough, as in crontab(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    either_day: bool,
}

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error("a cron expression has five fields (minute hour day month weekday), not {0}")]
    Fields(usize),
    /// A field that cannot be read.
    #[error("'{text}' is no {field}")]
    Field {
        /// Which field.
        field: &'static str,
        /// Its text.
        text: String,
    },
    /// No day ever fits, such as the 31st of February.
    #[error("no day ever fits this expression")]
    Never,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// A day that fits comes within this many days: the 29th of February on the rarest of years, and across 1900 or 2100.
const LONGEST_GAP: i32 = 366 * 9;

struct FieldKind {
    name: &'static str,
    least: u8,
    most: u8,
    words: &'static [&'static str],
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CronError::Fields(fields.len()));
        };
        let kind = |name, least, most, words| FieldKind { name, least, most, words };
        let weekdays = set(weekday, &kind("day of the week", 0, 7, &WEEKDAYS))?;
        let cron = Self {
            text: fields.join(" "),
            minutes: set(minute, &kind("minute", 0, 59, &[]))?,
            hours: set(hour, &kind("hour", 0, 23, &[]))?,
            days: set(day, &kind("day of the month", 1, 31, &[]))?,
            months: set(month, &kind("month", 1, 12, &MONTHS))?,
            weekdays: (weekdays | (weekdays >> 7)) & 0x7f,
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        };
        // 2024 begins a span that holds every combination of day, month and weekday of the common years and a leap day.
        match cron.next_day(Date::constant(2024, 1, 1)) {
            Some(_) => Ok(cron),
            None => Err(CronError::Never),
        }
    }
}

impl Cron {
    /// The first civil minute at or after `from` that the expression names; `None` at the end of the calendar.
    pub fn next_at_or_after(&self, from: DateTime) -> Option<DateTime> {
        let mut day = from.date();
        loop {
            day = self.next_day(day)?;
            let earliest = if day == from.date() { from.time() } else { jiff::civil::Time::midnight() };
            if let Some(time) = self.next_time(earliest) {
                return Some(day.to_datetime(time));
            }
            day = day.tomorrow().ok()?;
        }
    }

    /// The first instant after `after` that the expression names in `zone`; `None` at the end of the calendar.
    ///
    /// Civil minutes that the zone skips all fall on the instant at which it goes on; of a minute that it repeats only the first counts.
    pub fn next_instant_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut from = after.to_zoned(zone.clone()).datetime();
        loop {
            let named = self.next_at_or_after(from)?;
            let instant = time::civil_instant(named, zone)?;
            if instant > after {
                return Some(instant);
            }
            from = named.checked_add(1.minute()).ok()?;
        }
    }

    fn next_day(&self, from: Date) -> Option<Date> {
        let mut day = from;
        for _ in 0..LONGEST_GAP {
            if self.names_day(day) {
                return Some(day);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    fn names_day(&self, day: Date) -> bool {
        let has = |set: u64, number: i8| u32::try_from(number).is_ok_and(|number| set >> number & 1 == 1);
        let by_month_day = has(self.days, day.day());
        let by_weekday = has(self.weekdays, day.weekday().to_sunday_zero_offset());
        let fits = if self.either_day { by_month_day || by_weekday } else { by_month_day && by_weekday };
        fits && has(self.months, day.month())
    }

    /// The first named minute of a day at or after `earliest`; a minute that has begun is over.
    fn next_time(&self, earliest: jiff::civil::Time) -> Option<jiff::civil::Time> {
        let has_begun = earliest.second() > 0 || earliest.subsec_nanosecond() > 0;
        let from = i32::from(earliest.hour()) * 60 + i32::from(earliest.minute()) + i32::from(has_begun);
        let minutes = (from..24 * 60)
            .find(|minute| self.hours >> (minute / 60) & 1 == 1 && self.minutes >> (minute % 60) & 1 == 1)?;
        jiff::civil::Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
    }
}

/// The expression as it was written, with single blanks.
impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn set(text: &str, kind: &FieldKind) -> Result<u64, CronError> {
    text.split(',').try_fold(0, |set, item| {
        Ok(set | item_set(item, kind).ok_or_else(|| CronError::Field { field: kind.name, text: text.to_owned() })?)
    })
}

fn item_set(item: &str, kind: &FieldKind) -> Option<u64> {
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, step.parse::<u8>().ok().filter(|step| *step > 0 && *step <= kind.most)?),
        None => (item, 1),
    };
    let (from, to) = match range.split_once('-') {
        _ if range == "*" => (kind.least, kind.most),
        Some((from, to)) => (number(from, kind)?, number(to, kind)?),
        // A step after a single number goes on to the end, as in `5/15`.
        None if step > 1 || item.contains('/') => (number(range, kind)?, kind.most),
        None => (number(range, kind)?, number(range, kind)?),
    };
    (from <= to).then(|| (from..=to).step_by(usize::from(step)).fold(0, |set, value| set | 1 << value))
}

fn number(text: &str, kind: &FieldKind) -> Option<u8> {
    let by_word = kind.words.iter().position(|word| word.eq_ignore_ascii_case(text));
    let value = match by_word {
        Some(place) => u8::try_from(place).ok()? + kind.least,
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
        None => return None,
    };
    (kind.least..=kind.most).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cron: &str, from: &str, expected: &[&str]) {
        let cron: Cron = cron.parse().unwrap();
        let mut at: DateTime = from.parse().unwrap();
        for expected in expected {
            let next = cron.next_at_or_after(at).unwrap();
            assert_eq!(next.to_string(), *expected, "{cron}");
            at = next.checked_add(jiff::Span::new().minutes(1)).unwrap();
        }
    }

    #[test]
    fn the_next_minutes_of_an_expression() {
        check("0 6 * * MON", "2026-11-24T00:00:00", &["2026-11-30T06:00:00", "2026-12-07T06:00:00"]);
        check(
            "*/20 9-10 * * *",
            "2026-11-24T09:30:30",
            &["2026-11-24T09:40:00", "2026-11-24T10:00:00", "2026-11-24T10:20:00"],
        );
        check("0 0 29 FEB *", "2026-01-01T00:00:00", &["2028-02-29T00:00:00", "2032-02-29T00:00:00"]);
        check(
            "30 7 1,15 * 5",
            "2026-12-01T08:00:00",
            &["2026-12-04T07:30:00", "2026-12-11T07:30:00", "2026-12-15T07:30:00"],
        );
        check("0 12 * * 7", "2026-11-24T00:00:00", &["2026-11-29T12:00:00"]);
        check("5/30 0 * * *", "2026-11-24T00:00:00", &["2026-11-24T00:05:00", "2026-11-24T00:35:00"]);
        check("0 0 29 2 *", "2096-03-01T00:00:00", &["2104-02-29T00:00:00"]);
    }

    #[test]
    fn instants_follow_the_zone() {
        let zone = time::zone("Europe/Amsterdam").unwrap();
        let check = |cron: &str, after: &str, expected: &[&str]| {
            let cron: Cron = cron.parse().unwrap();
            let mut at: Timestamp = after.parse().unwrap();
            for expected in expected {
                at = cron.next_instant_after(at, &zone).unwrap();
                assert_eq!(at.to_string(), *expected, "{cron}");
            }
        };
        check("0 6 * * *", "2026-11-24T05:00:00Z", &["2026-11-25T05:00:00Z"]);
        check("0 6 * * *", "2026-11-24T04:59:59Z", &["2026-11-24T05:00:00Z"]);
        // 02:00 to 03:00 is skipped on the 28th of March: what was named in it falls on 03:00, once.
        check(
            "*/20 * * * *",
            "2027-03-28T00:30:00Z",
            &["2027-03-28T00:40:00Z", "2027-03-28T01:00:00Z", "2027-03-28T01:20:00Z"],
        );
        check("30 2 * * *", "2027-03-27T12:00:00Z", &["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]);
        // 02:00 to 03:00 comes twice on the 25th of October: only its first time counts.
        check("30 2 * * *", "2026-10-24T12:00:00Z", &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        check("*/30 * * * *", "2026-10-25T00:30:00Z", &["2026-10-25T02:00:00Z"]);
        check("*/30 * * * *", "2026-10-25T01:10:00Z", &["2026-10-25T02:00:00Z"]);
    }

    #[test]
    fn what_is_no_expression_says_which_field() {
        let error = |text: &str| text.parse::<Cron>().unwrap_err().to_string();
        assert_eq!(error("0 6 * *"), "a cron expression has five fields (minute hour day month weekday), not 4");
        assert_eq!(error("60 6 * * *"), "'60' is no minute");
        assert_eq!(error("0 6 * * FUN"), "'FUN' is no day of the week");
        assert_eq!(error("0 6 10-5 * *"), "'10-5' is no day of the month");
        assert_eq!(error("*/0 * * * *"), "'*/0' is no minute");
        assert_eq!(error("0 6 31 2 *"), "no day ever fits this expression");
    }
}
