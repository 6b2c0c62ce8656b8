//! How late is too late: catch-up windows at their edges, the joiner's first day, late users, documents that are new, and how far a backfill looks.

use jiff::{SignedDuration, Timestamp};

use super::world::{World, workflow_of, world};

const DAY: i64 = 86_400;

/// The first of December begins at 23:00 in UTC the day before, in Amsterdam.
const DUE: &str = "2026-11-30T23:00:00Z";

fn due() -> Timestamp {
    DUE.parse().unwrap()
}

fn after(instant: Timestamp, seconds: i64) -> Timestamp {
    instant + SignedDuration::from_secs(seconds)
}

/// One person with both dates on the first of December (or the last day before it), at `now`; the document in force since `since`, the person
/// complete since `complete`.
fn at(category: &str, rest: &str, since: Timestamp, complete: Timestamp, now: Timestamp) -> World {
    let attribute = if category == "leaver" { "employeeLeaveDateTime" } else { "employeeHireDate" };
    let trigger = format!("timeBasedAttribute: {attribute}, offsetInDays: 0{rest}");
    let date = if category == "leaver" { "2026-11-30" } else { "2026-12-01" };
    let mut world = world(&now.to_string(), &[&workflow_of(category, &trigger)]).person("E1", &[(attribute, date)]);
    if category == "leaver" {
        world = world.holds("E1", "Basics");
    }
    world.in_force_since(since);
    world.ledger.complete_since.insert("person:E1".into(), complete);
    world
}

/// What the plan says, in a word.
fn verdict(world: &World) -> String {
    let plan = world.plan();
    match (plan.actions.as_slice(), plan.holds.as_slice()) {
        ([action], []) => action.kind.to_string(),
        ([], [hold]) => format!("held by {}", hold.gate.as_str()),
        _ => plan
            .counts
            .iter()
            .map(|count| count.reason)
            .chain(plan.skips.iter().map(|skip| skip.reason.code()))
            .collect(),
    }
}

#[test]
fn a_catch_up_window_ends_to_the_second() {
    // (category, the trigger's catch-up, seconds after it was due) → what happens
    let table = [
        ("mover", ", catchUp: none", DAY, "adminAdd"),
        ("mover", ", catchUp: none", DAY + 1, "tooLate"),
        ("mover", "", 3 * DAY, "adminAdd"),
        ("mover", "", 3 * DAY + 1, "tooLate"),
        ("mover", ", catchUp: PT1H", 3600, "adminAdd"),
        ("mover", ", catchUp: PT1H", 3601, "tooLate"),
        ("mover", ", catchUp: always", 3000 * DAY, "adminAdd"),
        ("leaver", "", 3000 * DAY, "adminRemove"),
        ("leaver", ", catchUp: P3D", 3 * DAY, "adminRemove"),
        ("leaver", ", catchUp: P3D", 3 * DAY + 1, "tooLate"),
        // The window of a joiner lasts until the first day is over, and no longer where it is shorter.
        ("joiner", ", catchUp: PT1H", DAY - 1, "adminAdd"),
        ("joiner", ", catchUp: PT1H", DAY, "tooLate"),
        ("joiner", ", catchUp: none", DAY, "adminAdd"),
        ("joiner", ", catchUp: none", DAY + 1, "tooLate"),
        ("joiner", "", 3 * DAY, "adminAdd"),
        ("joiner", "", 3 * DAY + 1, "tooLate"),
    ];
    let long_ago = after(due(), -60 * DAY);
    for (category, rest, seconds, expected) in table {
        let world = at(category, rest, long_ago, long_ago, after(due(), seconds));
        assert_eq!(verdict(&world), expected, "{category}{rest} {seconds}");
    }
}

#[test]
fn a_joiners_first_day_is_over_where_the_person_is() {
    // (zone, now) → what happens to a joiner due a week before
    let table = [
        ("Europe/Amsterdam", "2026-12-01T22:59:59Z", "adminAdd"),
        ("Europe/Amsterdam", "2026-12-01T23:00:00Z", "tooLate"),
        ("America/Los_Angeles", "2026-12-02T07:59:59Z", "adminAdd"),
        ("America/Los_Angeles", "2026-12-02T08:00:00Z", "tooLate"),
        ("Pacific/Kiritimati", "2026-12-01T09:59:59Z", "adminAdd"),
        ("Pacific/Kiritimati", "2026-12-01T10:00:00Z", "tooLate"),
    ];
    for (zone, now, expected) in table {
        let long_ago = after(due(), -60 * DAY);
        let mut world = at("joiner", "", long_ago, long_ago, now.parse().unwrap());
        let trigger = "timeBasedAttribute: employeeHireDate, offsetInDays: -7";
        world.definitions = super::world::world(now, &[&workflow_of("joiner", trigger)]).definitions;
        world.observed.feeds.get_mut(&"hr".into()).unwrap().persons[0].time_zone = zone.to_owned();
        assert_eq!(verdict(&world), expected, "{zone} {now}");
    }
}

#[test]
fn lateness_counts_from_the_later_of_due_complete_and_in_force() {
    // (category, seconds from due to the document, to the user, to now) → what happens
    let table = [
        ("the user came ten days late", "mover", -60 * DAY, 10 * DAY, 13 * DAY, "adminAdd"),
        ("and its window is over", "mover", -60 * DAY, 10 * DAY, 13 * DAY + 1, "tooLate"),
        ("the document came two days late", "mover", 2 * DAY, -60 * DAY, 5 * DAY, "adminAdd"),
        ("and its window is over", "mover", 2 * DAY, -60 * DAY, 5 * DAY + 1, "tooLate"),
        ("the document looks back three days", "mover", 3 * DAY, -60 * DAY, 3 * DAY, "adminAdd"),
        ("and no further", "mover", 3 * DAY + 1, -60 * DAY, 3 * DAY + 1, "beforeDocument"),
        ("not for leavers either", "leaver", 3 * DAY + 1, -60 * DAY, 3 * DAY + 1, "beforeDocument"),
        ("whose own three days count", "leaver", 3 * DAY, -60 * DAY, 900 * DAY, "adminRemove"),
        ("a joiner is in time on the first day", "joiner", DAY - 1, DAY - 1, DAY - 1, "adminAdd"),
    ];
    for (what, category, since, complete, now, expected) in table {
        let world = at(category, "", after(due(), since), after(due(), complete), after(due(), now));
        assert_eq!(verdict(&world), expected, "{what}");
    }
}

#[test]
fn a_new_document_looks_back_as_far_as_its_catch_up_and_three_days_at_most() {
    // (catch-up, seconds from due to the document) → what happens
    let table = [
        ("none", DAY, "adminAdd"),
        ("none", DAY + 1, "beforeDocument"),
        ("PT1H", 3600, "adminAdd"),
        ("PT1H", 3601, "beforeDocument"),
        ("P30D", 3 * DAY, "adminAdd"),
        ("P30D", 3 * DAY + 1, "beforeDocument"),
        ("always", 3 * DAY + 1, "beforeDocument"),
    ];
    for (catch_up, since, expected) in table {
        let since = after(due(), since);
        let world = at("mover", &format!(", catchUp: {catch_up}"), since, after(due(), -60 * DAY), since);
        assert_eq!(verdict(&world), expected, "{catch_up} {since}");
    }
}

#[test]
fn a_backfill_reaches_to_the_second_and_all_it_finds_is_held() {
    // (category, seconds from due to the document, whether the package is held) → what happens
    let table = [
        ("leaver", 10 * DAY, true, "held by backfill"),
        ("leaver", 10 * DAY + 1, true, "beforeDocument"),
        ("leaver", 10 * DAY, false, "beforeDocument"),
        // Within the usual three days it is an ordinary occasion.
        ("leaver", 3 * DAY, true, "adminRemove"),
        ("mover", 10 * DAY, false, "held by backfill"),
        ("mover", 10 * DAY + 1, false, "beforeDocument"),
    ];
    for (category, since, holds, expected) in table {
        let since = after(due(), since);
        let mut world = at(category, ", backfill: P10D", since, since, since);
        if !holds {
            world.observed.assignments.clear();
        }
        assert_eq!(verdict(&world), expected, "{category} {since} {holds}");
    }
}

#[test]
fn who_has_no_user_yet_waits_and_is_not_late_when_the_user_comes() {
    let mut world = at("mover", "", after(due(), -60 * DAY), due(), after(due(), 20 * DAY));
    world.observed.users.clear();
    world.ledger.complete_since.clear();
    assert_eq!(verdict(&world), "noUser");
    world.add_user("E1");
    assert_eq!(verdict(&world), "adminAdd", "complete since now");
}
