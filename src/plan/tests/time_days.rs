//! The day a date means: whose zone, which local time, whether the day itself still counts, and what lies at the calendar's ends.

use jiff::{SignedDuration, Timestamp};

use super::world::{World, workflow_of, world};
use crate::domain::subject::AttributeValue;

/// Columns of a feed that maps every date of an employment by itself.
const DATES: &str = r#"
apiVersion: usherd/v1
kind: Feed
name: dates
source: { file: dates.csv, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Id
timeZone: { default: UTC }
attributes:
  lastWorkingDay: { column: A, type: date, format: "%Y-%m-%d", inclusive: true }
  terminationDate: { column: B, type: date, format: "%Y-%m-%d", inclusive: true }
  accessEnd: { column: C, type: date, format: "%Y-%m-%d" }
"#;

/// One person in `zone` with one date, at an instant when the document has long been in force and the person long complete.
fn world_at(
    now: Timestamp,
    category: &str,
    zone: &str,
    trigger: &str,
    attribute: &str,
    value: AttributeValue,
) -> World {
    let mut world = world(&now.to_string(), &[DATES, &workflow_of(category, trigger)]).person("E1", &[]);
    if category == "leaver" {
        world = world.holds("E1", "Basics");
    }
    let long_ago = now - SignedDuration::from_hours(24 * 60);
    world.in_force_since(long_ago);
    world.ledger.complete_since.insert("person:E1".into(), long_ago);
    let person = &mut world.observed.feeds.get_mut(&"hr".into()).unwrap().persons[0];
    person.time_zone = zone.to_owned();
    person.attributes.insert(attribute.to_owned(), value);
    world
}

/// Due at `due` and not a second earlier.
#[track_caller]
fn check(what: &str, category: &str, zone: &str, trigger: &str, attribute: &str, value: &AttributeValue, due: &str) {
    let due_at: Timestamp = due.parse().unwrap();
    let text = |now| world_at(now, category, zone, trigger, attribute, value.clone()).text();
    let kind = if category == "leaver" { "adminRemove" } else { "adminAdd" };
    assert_eq!(text(due_at - SignedDuration::from_secs(1)), format!("it person:E1: due at {due}"), "{what}");
    assert_eq!(text(due_at), format!("{kind} basics person:E1 by it"), "{what}");
}

#[test]
fn a_hire_date_begins_where_the_person_is() {
    // (what, the person's zone, the trigger after its attribute, the date) → the instant
    let table = [
        ("winter", "Europe/Amsterdam", "offsetInDays: 0", "2026-12-01", "2026-11-30T23:00:00Z"),
        ("ahead of UTC", "Asia/Tokyo", "offsetInDays: 0", "2026-12-01", "2026-11-30T15:00:00Z"),
        ("behind UTC", "America/Los_Angeles", "offsetInDays: 0", "2026-12-01", "2026-12-01T08:00:00Z"),
        ("the first zone of all", "Pacific/Kiritimati", "offsetInDays: 0", "2026-12-01", "2026-11-30T10:00:00Z"),
        ("the last zone of all", "Pacific/Pago_Pago", "offsetInDays: 0", "2026-12-01", "2026-12-01T11:00:00Z"),
        ("quarters of an hour", "Asia/Kathmandu", "offsetInDays: 0", "2026-12-01", "2026-11-30T18:15:00Z"),
        (
            "the trigger's zone counts first",
            "Asia/Tokyo",
            "offsetInDays: 0, timeZone: Europe/Amsterdam",
            "2026-12-01",
            "2026-11-30T23:00:00Z",
        ),
        (
            "a week ahead at eight",
            "Europe/Amsterdam",
            "offsetInDays: -7, at: '08:00'",
            "2026-12-01",
            "2026-11-24T07:00:00Z",
        ),
        (
            "half a year ahead, in summer",
            "Europe/Amsterdam",
            "offsetInDays: -180",
            "2026-12-01",
            "2026-06-03T22:00:00Z",
        ),
        ("half a year after, in summer", "Europe/Amsterdam", "offsetInDays: 180", "2026-12-01", "2027-05-29T22:00:00Z"),
        (
            "further than Lifecycle Workflows",
            "Europe/Amsterdam",
            "offsetInDays: -181",
            "2026-12-01",
            "2026-06-02T22:00:00Z",
        ),
        ("ten years ahead", "Europe/Amsterdam", "offsetInDays: -3650", "2026-12-01", "2016-12-02T23:00:00Z"),
        ("ten years after", "Europe/Amsterdam", "offsetInDays: 3650", "2026-12-01", "2036-11-27T23:00:00Z"),
        ("a leap day", "Europe/Amsterdam", "offsetInDays: 0", "2028-02-29", "2028-02-28T23:00:00Z"),
        ("onto a leap day", "Europe/Amsterdam", "offsetInDays: 1", "2028-02-28", "2028-02-28T23:00:00Z"),
        ("back onto a leap day", "Europe/Amsterdam", "offsetInDays: -1", "2028-03-01", "2028-02-28T23:00:00Z"),
        ("no leap day this year", "Europe/Amsterdam", "offsetInDays: 1", "2027-02-28", "2027-02-28T23:00:00Z"),
        (
            "a year of 365 days from a leap day",
            "Europe/Amsterdam",
            "offsetInDays: 365",
            "2028-02-29",
            "2029-02-27T23:00:00Z",
        ),
        (
            "a minute before the gap",
            "Europe/Amsterdam",
            "offsetInDays: 0, at: '01:59'",
            "2027-03-28",
            "2027-03-28T00:59:00Z",
        ),
        ("in the gap", "Europe/Amsterdam", "offsetInDays: 0, at: '02:30'", "2027-03-28", "2027-03-28T01:00:00Z"),
        (
            "the gap's first minute",
            "Europe/Amsterdam",
            "offsetInDays: 0, at: '02:00'",
            "2027-03-28",
            "2027-03-28T01:00:00Z",
        ),
        (
            "right after the gap",
            "Europe/Amsterdam",
            "offsetInDays: 0, at: '03:00'",
            "2027-03-28",
            "2027-03-28T01:00:00Z",
        ),
        (
            "a time that comes twice",
            "Europe/Amsterdam",
            "offsetInDays: 0, at: '02:30'",
            "2026-10-25",
            "2026-10-25T00:30:00Z",
        ),
        (
            "a week ahead lands in the gap",
            "Europe/Amsterdam",
            "offsetInDays: -7, at: '02:30'",
            "2027-04-04",
            "2027-03-28T01:00:00Z",
        ),
        (
            "half an hour's gap",
            "Australia/Lord_Howe",
            "offsetInDays: 0, at: '02:15'",
            "2027-10-03",
            "2027-10-02T15:30:00Z",
        ),
        (
            "a day without a midnight, Santiago",
            "America/Santiago",
            "offsetInDays: 0",
            "2026-09-06",
            "2026-09-06T04:00:00Z",
        ),
        ("a day without a midnight, Beirut", "Asia/Beirut", "offsetInDays: 0", "2027-03-28", "2027-03-27T22:00:00Z"),
        ("a day without a midnight, Cairo", "Africa/Cairo", "offsetInDays: 0", "2027-04-30", "2027-04-29T22:00:00Z"),
        ("a day with two midnights", "America/Havana", "offsetInDays: 0", "2027-11-07", "2027-11-07T04:00:00Z"),
        ("the last hour twice", "Asia/Beirut", "offsetInDays: 0, at: '23:30'", "2027-10-30", "2027-10-30T20:30:00Z"),
        ("a day that never was", "Pacific/Apia", "offsetInDays: 0", "2011-12-30", "2011-12-30T10:00:00Z"),
    ];
    for (what, zone, trigger, date, due) in table {
        let value = AttributeValue::Date { date: date.parse().unwrap(), inclusive: false };
        let trigger = format!("timeBasedAttribute: employeeHireDate, {trigger}");
        check(what, "joiner", zone, &trigger, "employeeHireDate", &value, due);
    }
}

#[test]
fn access_ends_with_the_last_day_or_before_the_first_day_without() {
    // (what, the person's zone, the attribute, the rest of the trigger, the date, whether that day still counts) → the instant
    let leave = "employeeLeaveDateTime";
    let table = [
        (
            "the last working day is over",
            "Europe/Berlin",
            leave,
            "offsetInDays: 0",
            "2026-11-30",
            true,
            "2026-11-30T23:00:00Z",
        ),
        (
            "the first day without access",
            "Europe/Berlin",
            leave,
            "offsetInDays: 0",
            "2026-12-01",
            false,
            "2026-11-30T23:00:00Z",
        ),
        (
            "at a time on the last day",
            "Europe/Berlin",
            leave,
            "offsetInDays: 0, at: '18:00'",
            "2026-11-30",
            true,
            "2026-11-30T17:00:00Z",
        ),
        (
            "a day before the last day is over",
            "Europe/Berlin",
            leave,
            "offsetInDays: -1",
            "2026-11-30",
            true,
            "2026-11-29T23:00:00Z",
        ),
        ("a month after", "Europe/Berlin", leave, "offsetInDays: 30", "2026-11-30", true, "2026-12-30T23:00:00Z"),
        (
            "where the person is",
            "America/New_York",
            leave,
            "offsetInDays: 0",
            "2026-11-30",
            true,
            "2026-12-01T05:00:00Z",
        ),
        ("a day of 23 hours", "Europe/Berlin", leave, "offsetInDays: 0", "2027-03-28", true, "2027-03-28T22:00:00Z"),
        ("a day of 25 hours", "Europe/Berlin", leave, "offsetInDays: 0", "2026-10-25", true, "2026-10-25T23:00:00Z"),
        (
            "the eve of a leap day",
            "Europe/Berlin",
            leave,
            "offsetInDays: 0",
            "2028-02-28",
            true,
            "2028-02-28T23:00:00Z",
        ),
        (
            "the last day of a year",
            "Europe/Berlin",
            leave,
            "offsetInDays: 0",
            "2026-12-31",
            true,
            "2026-12-31T23:00:00Z",
        ),
        (
            "the eve of a day without a midnight",
            "America/Santiago",
            leave,
            "offsetInDays: 0",
            "2026-09-05",
            true,
            "2026-09-06T04:00:00Z",
        ),
        (
            "a last day whose last hour comes twice",
            "Africa/Cairo",
            leave,
            "offsetInDays: 0",
            "2027-10-28",
            true,
            "2027-10-28T22:00:00Z",
        ),
        (
            "severance: the last working day",
            "Europe/Berlin",
            "lastWorkingDay",
            "offsetInDays: 0",
            "2026-11-30",
            true,
            "2026-11-30T23:00:00Z",
        ),
        (
            "severance: the end of the contract",
            "Europe/Berlin",
            "terminationDate",
            "offsetInDays: 0",
            "2026-12-31",
            true,
            "2026-12-31T23:00:00Z",
        ),
        (
            "the end of access by itself",
            "Europe/Berlin",
            "accessEnd",
            "offsetInDays: 0, at: '12:00'",
            "2026-12-15",
            false,
            "2026-12-15T11:00:00Z",
        ),
    ];
    for (what, zone, attribute, trigger, date, inclusive, due) in table {
        let value = AttributeValue::Date { date: date.parse().unwrap(), inclusive };
        let trigger = format!("timeBasedAttribute: {attribute}, {trigger}");
        check(what, "leaver", zone, &trigger, attribute, &value, due);
    }
}

#[test]
fn an_instant_is_the_day_it_has_where_the_person_is() {
    // (the person's zone, when the account was created) → a day later at eight
    let table = [
        ("Europe/Amsterdam", "2026-11-30T22:59:59Z", "2026-12-01T07:00:00Z"),
        ("Europe/Amsterdam", "2026-11-30T23:00:00Z", "2026-12-02T07:00:00Z"),
        ("America/Los_Angeles", "2026-11-30T23:00:00Z", "2026-12-01T16:00:00Z"),
        ("Pacific/Kiritimati", "2026-11-30T10:00:00Z", "2026-12-01T18:00:00Z"),
    ];
    for (zone, created, due) in table {
        let trigger = "timeBasedAttribute: createdDateTime, offsetInDays: 1, at: '08:00'";
        let value = AttributeValue::Instant(created.parse().unwrap());
        check(created, "joiner", zone, trigger, "createdDateTime", &value, due);
    }
}

#[test]
fn who_has_no_record_goes_by_the_tenants_zone() {
    let documents = [workflow_of("joiner", "timeBasedAttribute: employeeHireDate, offsetInDays: 0")];
    let mut world = world("2026-11-30T15:00:00Z", &[documents[0].as_str()]);
    world.add_user("E1");
    world.observed.tenant_zone = "Asia/Tokyo".to_owned();
    world.in_force_since("2026-11-01T00:00:00Z".parse().unwrap());
    let hired = AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: false };
    let department = AttributeValue::Text("Sales".to_owned());
    let read = [("employeeHireDate".to_owned(), hired), ("department".to_owned(), department)];
    world.observed.users[0].attributes.extend(read);
    assert_eq!(world.text(), "adminAdd basics user:u-E1 by it");
    world.now -= SignedDuration::from_secs(1);
    assert_eq!(world.text(), "it user:u-E1: due at 2026-11-30T15:00:00Z");
}

#[test]
fn dates_that_stand_for_never_and_for_nothing_do_nothing() {
    // (category, the date, whether the day counts, the offset) → the reason, however late it is
    let table = [
        ("leaver", "9999-12-31", true, 0, "it notYetDue 1"),
        ("leaver", "9999-12-31", false, 0, "it notYetDue 1"),
        ("leaver", "9999-12-31", true, 3650, "it notYetDue 1"),
        ("leaver", "9999-12-31", false, -180, "it notYetDue 1"),
        ("leaver", "2099-12-31", true, 0, "it notYetDue 1"),
        ("leaver", "1900-01-01", true, 0, "it beforeDocument 1"),
        ("leaver", "1000-01-01", false, -3650, "it beforeDocument 1"),
        ("joiner", "1900-01-01", false, 0, "it beforeDocument 1"),
        ("joiner", "9999-12-31", false, -7, "it notYetDue 1"),
        ("joiner", "-009999-01-01", false, -3650, "it beforeDocument 1"),
    ];
    for (category, date, inclusive, offset, reason) in table {
        let attribute = if category == "leaver" { "employeeLeaveDateTime" } else { "employeeHireDate" };
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let trigger = format!("timeBasedAttribute: {attribute}, offsetInDays: {offset}");
            let value = AttributeValue::Date { date: date.parse().unwrap(), inclusive };
            let now = "2080-06-01T00:00:00Z".parse().unwrap();
            assert_eq!(world_at(now, category, zone, &trigger, attribute, value).text(), reason, "{date} {offset}");
        }
    }
}

#[test]
fn what_cannot_be_dated_is_told_of_and_says_how() {
    let now = "2026-12-01T00:00:00Z".parse().unwrap();
    let trigger = "timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0";
    let text = |zone: &str, value| world_at(now, "leaver", zone, trigger, "employeeLeaveDateTime", value).text();
    let date = AttributeValue::Date { date: "2026-11-01".parse().unwrap(), inclusive: true };
    assert_eq!(
        text("Mars/Olympus", date),
        "it person:E1: the time zone 'Mars/Olympus' is not in the IANA time zone database"
    );
    let soon = AttributeValue::Text("soon".to_owned());
    assert_eq!(text("Europe/Berlin", soon), "it person:E1: employeeLeaveDateTime does not hold a date");
}
