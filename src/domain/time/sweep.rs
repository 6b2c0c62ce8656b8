//! Every zone of the database through one whole year: no day twice, none lost, each in order and on the day it means.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{due_instant, end_of_day, start_of_day};
use crate::domain::cron::Cron;

const FIRST: Date = date(2027, 1, 1);

/// Every zone of the database by its name, of those whose clocks show the same all year the first.
fn zones() -> Vec<(String, TimeZone)> {
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let zones: Vec<_> = names.filter_map(|name| Some((name.clone(), TimeZone::get(&name).ok()?))).collect();
    assert!(zones.len() > 300, "the machine has no time zone database but {} zones", zones.len());
    let (from, to) = (start_of_day(date(2026, 12, 1), &TimeZone::UTC), start_of_day(date(2028, 2, 1), &TimeZone::UTC));
    let mut clocks = BTreeSet::new();
    let mut is_new = |zone: &TimeZone| {
        let changes = zone.following(from).map(|change| (change.timestamp(), change.offset()));
        let year: Vec<_> = changes.take_while(|(at, _)| *at < to).collect();
        clocks.insert((zone.to_offset(from), year))
    };
    let distinct: Vec<_> = zones.into_iter().filter(|(_, zone)| is_new(zone)).collect();
    assert!(distinct.len() > 50, "{}", distinct.len());
    distinct
}

/// The days of 2027 and one on either side.
fn days() -> impl Iterator<Item = Date> {
    (-1..=365).map(|day| FIRST.checked_add(day.days()).unwrap())
}

/// The local time of `at`, or the first one the zone has after it.
#[track_caller]
fn check_local_time(name: &str, zone: &TimeZone, day: Date, at: Time, due: Timestamp) {
    let local = due.to_zoned(zone.clone()).datetime();
    let meant = day.to_datetime(at);
    if local == meant {
        // Of a time that comes twice it is the first.
        for minutes in [30, 60, 120] {
            assert_ne!((due - minutes.minutes()).to_zoned(zone.clone()).datetime(), meant, "{name} {meant}: {due}");
        }
    } else {
        // A time that the zone skips: due is where the zone goes on, and a moment before it was earlier than meant.
        let before = (due - 1.nanosecond()).to_zoned(zone.clone()).datetime();
        assert!(before < meant && meant < local, "{name} {meant}: from {before} to {local}");
    }
    // Where the zone skips the end of a day, it goes on with the next.
    let goes_on_tomorrow = local == end_of_day(day, zone).to_zoned(zone.clone()).datetime() && local != meant;
    assert!(local.date() == day || goes_on_tomorrow, "{name} {meant}: on another day");
}

#[test]
fn every_day_is_due_once_in_order_and_on_its_day() {
    let times = [None, Some("00:00"), Some("02:30"), Some("08:00"), Some("23:59")];
    let times = times.map(|at| at.map(|at| at.parse::<Time>().unwrap()));
    let mut looked_at = 0;
    for (name, zone) in zones() {
        for at in times {
            let mut last = Timestamp::MIN;
            for day in days() {
                let due = due_instant(day, false, 0, at, &zone);
                assert!(last < due, "{name} {day} {at:?}: {due} after {last}");
                let hours = due.duration_since(last).as_hours();
                assert!(
                    last == Timestamp::MIN || (22..=26).contains(&hours),
                    "{name} {day} {at:?}: after {hours} hours"
                );
                check_local_time(&name, &zone, day, at.unwrap_or(Time::midnight()), due);
                last = due;
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 50 * 5 * 365, "{looked_at}");
}

#[test]
fn a_day_ends_where_the_next_begins() {
    for (name, zone) in zones() {
        for day in days() {
            let (begins, ends) = (start_of_day(day, &zone), end_of_day(day, &zone));
            assert_eq!(ends, start_of_day(day.tomorrow().unwrap(), &zone), "{name} {day}");
            let hours = ends.duration_since(begins).as_hours();
            assert!((22..=26).contains(&hours), "{name} {day}: {hours} hours");
            // The last moment is still that day, the first of the next is not.
            let last = (ends - 1.nanosecond()).to_zoned(zone.clone()).date();
            assert_eq!((last, begins.to_zoned(zone.clone()).date()), (day, day), "{name}");
        }
    }
}

#[test]
fn an_offset_is_the_day_it_lands_on() {
    let at = Some("02:30".parse().unwrap());
    for (name, zone) in zones() {
        for day in days().step_by(5) {
            for offset in [-181, -180, -1, 1, 30, 180, 181] {
                let lands = day.checked_add(offset.days()).unwrap();
                let due = |day, offset, at| due_instant(day, false, offset, at, &zone);
                assert_eq!(due(day, offset, at), due(lands, 0, at), "{name} {day} {offset:+}");
                assert_eq!(due_instant(day, true, offset, None, &zone), due(lands, 1, None), "{name} {day} {offset:+}");
            }
        }
    }
}

#[test]
fn a_schedules_instants_are_its_minutes_each_once() {
    let (from, to) = (FIRST.to_datetime(Time::midnight()), date(2028, 1, 1));
    let zones = zones();
    for (cron, minutes) in [("30 2 * * *", 365), ("*/30 0-4 * * SAT,SUN", 10 * 104)] {
        let cron: Cron = cron.parse().unwrap();
        let next = |at: &DateTime| cron.next_at_or_after(at.checked_add(1.minute()).unwrap());
        let named: Vec<DateTime> =
            std::iter::successors(cron.next_at_or_after(from), next).take_while(|at| at.date() < to).collect();
        assert_eq!(named.len(), minutes, "{cron}");
        for (name, zone) in &zones {
            // Minutes that are skipped fall on the instant at which the clocks go on; nothing else is lost, and nothing comes twice.
            let mut due: Vec<Timestamp> =
                named.iter().map(|at| due_instant(at.date(), false, 0, Some(at.time()), zone)).collect();
            due.dedup();
            let begin = start_of_day(FIRST, zone) - 1.nanosecond();
            let next = |at: &Timestamp| cron.next_instant_after(*at, zone);
            let instants: Vec<Timestamp> = std::iter::successors(next(&begin), next).take(due.len()).collect();
            assert_eq!(instants, due, "{name} {cron}");
            assert!(instants.is_sorted_by(|a, b| a < b), "{name} {cron}: not in order");
        }
    }
}
