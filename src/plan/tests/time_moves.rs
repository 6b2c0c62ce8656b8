//! Dates that move: before their run and after it, forth and back, backdated, cleared, never read, and not read for a while.

use super::documents::{JOIN, LEAVE};
use super::life::lives;

#[test]
fn hire_dates_that_move() {
    // (what, script after the first of November, what happens)
    let table = [
        (
            "one that stays",
            "",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed",
        ),
        (
            "on, before its run: only the new one counts",
            "2026-11-20T09:00:00Z E1 employeeHireDate=2026-12-15",
            "2026-12-08T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-15 Completed",
        ),
        (
            "nearer, before its run",
            "2026-11-10T09:00:00Z E1 employeeHireDate=2026-11-20",
            "2026-11-13T07:00:00Z adminAdd basics E1 by join",
        ),
        (
            "nearer, so that its instant is past: within the window at once",
            "2026-11-10T09:00:00Z E1 employeeHireDate=2026-11-15",
            "2026-11-10T09:00:00Z adminAdd basics E1 by join",
        ),
        (
            "backdated to yesterday with the window over",
            "2026-11-10T09:00:00Z E1 employeeHireDate=2026-11-09",
            "then join tooLate 1",
        ),
        (
            "forth and back before its run",
            "2026-11-20T09:00:00Z E1 employeeHireDate=2026-12-15
             2026-11-21T09:00:00Z E1 employeeHireDate=2026-12-01",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed",
        ),
        (
            "on, after its run: a new occasion, whose task is satisfied",
            "2026-11-28T09:00:00Z E1 employeeHireDate=2026-12-15",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed
             run join 2026-12-15 Completed",
        ),
        (
            "forth and back after its run: nothing new",
            "2026-11-28T09:00:00Z E1 employeeHireDate=2026-12-15
             2026-11-29T09:00:00Z E1 employeeHireDate=2026-12-01",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed
             then join done 1",
        ),
        (
            "forth and back over both runs: each is its own",
            "2026-11-28T09:00:00Z E1 employeeHireDate=2026-12-15
             2026-12-09T09:00:00Z E1 employeeHireDate=2026-12-01",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed
             run join 2026-12-15 Completed
             then join done 1",
        ),
        ("cleared before its run", "2026-11-20T09:00:00Z E1 employeeHireDate=", "then join noDate 1"),
        (
            "cleared after its run: what was given stays",
            "2026-11-28T09:00:00Z E1 employeeHireDate=",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed
             then join noDate 1",
        ),
        (
            "the person moves west before its run: the same day, later",
            "2026-11-20T09:00:00Z E1 zone=America/New_York",
            "2026-11-24T13:00:00Z adminAdd basics E1 by join",
        ),
        (
            "the person moves west after its run: not again",
            "2026-11-24T09:00:00Z E1 zone=America/New_York",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed",
        ),
        (
            "carried over on the day: the last known date stands",
            "2026-11-23T09:00:00Z E1 is missing",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join",
        ),
        (
            "not read on the day, and read a day later",
            "2026-11-23T09:00:00Z hr is unread
             2026-11-25T09:00:00Z hr is read",
            "2026-11-25T09:00:00Z adminAdd basics E1 by join",
        ),
        (
            "not read until after the first day",
            "2026-11-23T09:00:00Z hr is unread
             2026-12-03T09:00:00Z hr is read",
            "then join tooLate 1",
        ),
        (
            "not read after its run: nothing is taken, nothing given twice",
            "2026-11-26T09:00:00Z hr is unread
             2026-12-03T09:00:00Z hr is read",
            "2026-11-24T07:00:00Z adminAdd basics E1 by join
             run join 2026-12-01 Completed
             then join done 1",
        ),
        (
            "no date any more that could be understood",
            "2026-11-20T09:00:00Z E1 employeeHireDate=soon",
            "then join person:E1: employeeHireDate does not hold a date",
        ),
    ];
    for (what, script, expected) in table {
        let script = format!(
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z E1 employeeHireDate=2026-12-01
             2026-11-01T00:00:00Z E1 has a user
             {script}
             2027-01-10T00:00:00Z end"
        );
        lives(what, &[JOIN], &script, expected);
    }
}

#[test]
fn leave_dates_that_move() {
    // (what, script after the first of November, what happens)
    let table = [
        ("one that stays", "", "2026-11-30T23:00:00Z adminRemove basics E1 by leave"),
        (
            "on, before its run",
            "2026-11-30T09:00:00Z E1 employeeLeaveDateTime=2026-12-31",
            "2026-12-31T23:00:00Z adminRemove basics E1 by leave
             run leave 2026-12-31 Completed",
        ),
        (
            "backdated: at once, however far",
            "2026-11-20T09:00:00Z E1 employeeLeaveDateTime=2026-11-02",
            "2026-11-20T09:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "cleared before its run: the resignation was taken back",
            "2026-11-30T09:00:00Z E1 employeeLeaveDateTime=",
            "then leave noDate 1",
        ),
        (
            "cleared after its run: back in by somebody's hand, and nobody takes it",
            "2026-12-02T09:00:00Z E1 employeeLeaveDateTime=
             2026-12-03T09:00:00Z E1 holds Basics",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave
             then leave noDate 1",
        ),
        (
            "not cleared: what appears later is taken again",
            "2026-12-03T09:00:00Z E1 holds Basics",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave
             2026-12-03T09:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "on, after its run: what is given until then goes on the new day",
            "2026-12-02T09:00:00Z E1 employeeLeaveDateTime=2026-12-31
             2026-12-03T09:00:00Z E1 holds Basics",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave
             2026-12-31T23:00:00Z adminRemove basics E1 by leave
             run leave 2026-11-30 Canceled
             run leave 2026-12-31 Completed",
        ),
        (
            "corrected to an earlier day after its run: out is out",
            "2026-12-02T09:00:00Z E1 employeeLeaveDateTime=2026-11-15
             2026-12-03T09:00:00Z E1 holds Basics",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave
             2026-12-03T09:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "not read for a month: out as soon as it is",
            "2026-11-20T09:00:00Z hr is unread
             2026-12-20T09:00:00Z hr is read",
            "2026-12-20T09:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "not read after its run: the bar stands",
            "2026-12-01T09:00:00Z hr is unread
             2026-12-03T09:00:00Z E1 holds Basics",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave
             2026-12-03T09:00:00Z adminRemove basics user:u-E1 by leave",
        ),
        (
            "carried over on the day: the last known date stands",
            "2026-11-25T09:00:00Z E1 is missing",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "no date any more that could be understood: neither in nor out",
            "2026-12-01T09:00:00Z E1 employeeLeaveDateTime=unknown
             2026-12-03T09:00:00Z E1 holds Basics",
            "2026-11-30T23:00:00Z adminRemove basics E1 by leave
             2026-12-03T09:00:00Z adminRemove basics E1 by leave
             run leave 2026-11-30 Completed",
        ),
        ("postponed for ever", "2026-11-20T09:00:00Z E1 employeeLeaveDateTime=9999-12-31", "then leave notYetDue 1"),
    ];
    for (what, script, expected) in table {
        let script = format!(
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z E1 employeeLeaveDateTime=2026-11-30
             2026-11-01T00:00:00Z E1 has a user
             2026-11-01T00:00:00Z E1 holds Basics
             {script}
             2027-01-10T00:00:00Z end"
        );
        lives(what, &[LEAVE], &script, expected);
    }
}

#[test]
fn an_attribute_that_was_never_read_does_nothing() {
    let severance = LEAVE.replace("employeeLeaveDateTime", "lastWorkingDay");
    lives(
        "the feed in force does not map it",
        &[&severance],
        "2026-11-01T00:00:00Z start
         2026-11-01T00:00:00Z E1 employeeLeaveDateTime=2026-11-10
         2026-11-01T00:00:00Z E1 has a user
         2026-11-01T00:00:00Z E1 holds Basics
         2027-01-10T00:00:00Z end",
        "then leave unknown 1",
    );
}

#[test]
fn the_last_working_day_and_the_end_of_the_contract_are_two_dates() {
    let access = LEAVE.replace("employeeLeaveDateTime", "lastWorkingDay");
    let papers = LEAVE
        .replace("name: leave", "name: farewell")
        .replace("employeeLeaveDateTime", "terminationDate")
        .replace("Basics", "Campaign");
    lives(
        "severance",
        &[&access, &papers],
        "2026-11-01T00:00:00Z start
         2026-11-01T00:00:00Z E1 lastWorkingDay=2026-11-13 terminationDate=2026-12-31
         2026-11-01T00:00:00Z E1 has a user
         2026-11-01T00:00:00Z E1 holds Basics
         2026-11-01T00:00:00Z E1 holds Campaign
         2026-11-20T00:00:00Z E1 terminationDate=2027-01-31
         2027-03-01T00:00:00Z end",
        "2026-11-13T23:00:00Z adminRemove basics E1 by leave
         2027-01-31T23:00:00Z adminRemove campaign E1 by farewell",
    );
}
