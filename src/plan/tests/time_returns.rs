//! Who comes back: rehires with the same id and with a new one, hires that lie ahead, contractors who become employees, and two feeds.

use super::documents::JOIN;
use super::life::lives;

/// At six in the afternoon of the last day, a moment before any new employment begins.
const LEAVE: &str = "
apiVersion: usherd/v1
kind: Workflow
name: leave
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0, at: '18:00' }
scope: { rule: department ne 'Board' }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Basics }
  - task: removeAccessPackageAssignment
    with: { accessPackage: Tools }
";

const TOOLS: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [{ rule: department eq 'Sales' }] }
whenMemberLeaves: immediately
";

#[test]
fn one_record_with_both_dates() {
    // (what, documents, script after a last day on the 30th of November, what happens)
    let table = [
        (
            "rehired, the old date cleared",
            &[JOIN, LEAVE][..],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01 employeeLeaveDateTime=",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-25T07:00:00Z adminAdd basics E1 by join",
        ),
        (
            "rehired, the old date still there: not put out a second time",
            &[JOIN, LEAVE],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-25T07:00:00Z adminAdd basics E1 by join
             then join done 1
             then leave hiredAgain 1",
        ),
        (
            "rehired for a time: in, and out with the new last day",
            &[JOIN, LEAVE],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01 employeeLeaveDateTime=2027-02-12",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-25T07:00:00Z adminAdd basics E1 by join
             2027-02-12T17:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "a standing document waits until the rehire's joiner workflow is due",
            &[JOIN, LEAVE, TOOLS],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01",
            "2026-11-01T00:00:00Z adminAdd tools E1 by tools
             2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2026-11-30T17:00:00Z adminRemove tools E1 by leave
             2027-01-25T07:00:00Z adminAdd tools E1 by tools
             2027-01-25T07:00:00Z adminAdd basics E1 by join",
        ),
        (
            "and where there is none, until the first day, also when the old date was cleared",
            &[LEAVE, TOOLS],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01 employeeLeaveDateTime=",
            "2026-11-01T00:00:00Z adminAdd tools E1 by tools
             2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2026-11-30T17:00:00Z adminRemove tools E1 by leave
             2027-01-31T23:00:00Z adminAdd tools E1 by tools",
        ),
        (
            "the rehire is known before the last day: out, and in again",
            &[JOIN, LEAVE],
            "2026-11-20T09:00:00Z E1 employeeHireDate=2027-02-01",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-25T07:00:00Z adminAdd basics E1 by join",
        ),
        (
            "the next contract begins the day after: access does not flap",
            &[LEAVE],
            "2026-11-20T09:00:00Z E1 employeeHireDate=2026-12-01",
            "then leave hiredAgain 1",
        ),
        (
            "somebody who is here gets a hire date ahead: nobody is locked out",
            &[JOIN, LEAVE],
            "2026-11-10T09:00:00Z E1 employeeHireDate=2027-06-01 employeeLeaveDateTime=",
            "then join notYetDue 1
             then leave noDate 1",
        ),
        (
            "a rehire that is taken back leaves the leaver out",
            &[JOIN, LEAVE],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01
             2026-12-20T09:00:00Z E1 employeeHireDate=2020-01-01
             2027-01-02T09:00:00Z E1 holds Basics",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-02T09:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "the hire date is not read: the bar stands",
            &[JOIN, LEAVE],
            "2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01
             2026-12-20T09:00:00Z hr is unread
             2027-02-10T09:00:00Z E1 holds Basics",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-02-10T09:00:00Z adminRemove basics user:u-E1 by leave",
        ),
    ];
    for (what, documents, script, expected) in table {
        let script = format!(
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z E1 employeeHireDate=2020-01-01 employeeLeaveDateTime=2026-11-30
             2026-11-01T00:00:00Z E1 has a user
             2026-11-01T00:00:00Z E1 holds Basics
             {script}
             2027-03-01T00:00:00Z end"
        );
        lives(what, documents, &script, expected);
    }
}

#[test]
fn a_new_employee_id() {
    // (what, script after a last day on the 30th of November, what happens)
    let table = [
        (
            "the same account: free from the new joiner's instant on",
            "2026-12-10T09:00:00Z E2 employeeHireDate=2027-02-01
             2026-12-10T09:00:00Z u-E1 is E2
             2026-12-20T09:00:00Z E1 holds Basics",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2026-12-20T09:00:00Z adminRemove basics E2 by leave
             2027-01-25T07:00:00Z adminAdd basics E2 by join",
        ),
        (
            "the same account, the first day gone by",
            "2026-12-10T09:00:00Z E2 employeeHireDate=2026-12-09
             2026-12-10T09:00:00Z u-E1 is E2",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2026-12-10T09:00:00Z adminAdd basics E2 by join",
        ),
        (
            "a new account: the old one stays out",
            "2026-12-10T09:00:00Z E2 employeeHireDate=2027-02-01
             2026-12-10T09:00:00Z E2 has a user
             2027-02-10T09:00:00Z E1 holds Basics",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-25T07:00:00Z adminAdd basics E2 by join
             2027-02-10T09:00:00Z adminRemove basics E1 by leave",
        ),
    ];
    for (what, script, expected) in table {
        let script = format!(
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z E1 employeeHireDate=2020-01-01 employeeLeaveDateTime=2026-11-30
             2026-11-01T00:00:00Z E1 has a user
             2026-11-01T00:00:00Z E1 holds Basics
             {script}
             2027-03-01T00:00:00Z end"
        );
        lives(what, &[JOIN, LEAVE], &script, expected);
    }
}

#[test]
fn who_is_in_two_feeds_has_one_employment() {
    // (what, script after a contractor's last day on the 30th of November, what happens)
    let table = [
        (
            "an employee from the next day on, known ahead: nothing flaps, and the joiner is in time",
            "2026-11-20T09:00:00Z E1 employeeHireDate=2026-12-01",
            "2026-11-24T07:00:00Z adminAdd campaign E1 by join
             then join done 1
             then leave noDate 1",
        ),
        (
            "the contractors' file drops them on the way",
            "2026-11-20T09:00:00Z E1 employeeHireDate=2026-12-01
             2026-11-26T09:00:00Z contractors E1 is missing",
            "2026-11-24T07:00:00Z adminAdd campaign E1 by join
             then join done 1
             then leave noDate 1",
        ),
        (
            "an employee two months later: out, and in again",
            "2026-11-20T09:00:00Z E1 employeeHireDate=2027-02-01",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2027-01-25T07:00:00Z adminAdd campaign E1 by join",
        ),
        (
            "an employee already, beside the contract: one of two ends",
            "2026-11-02T09:00:00Z E1 employeeHireDate=2020-01-01",
            "then join beforeDocument 1
             then leave noDate 1",
        ),
        (
            "both end: out with the later one",
            "2026-11-02T09:00:00Z E1 employeeHireDate=2020-01-01 employeeLeaveDateTime=2026-12-31",
            "2026-12-31T17:00:00Z adminRemove basics E1 by leave",
        ),
        (
            "HR's file has it a day late: out, and in again with it",
            "2026-12-01T09:00:00Z E1 employeeHireDate=2026-12-01",
            "2026-11-30T17:00:00Z adminRemove basics E1 by leave
             2026-12-01T09:00:00Z adminAdd campaign E1 by join",
        ),
    ];
    let join = JOIN.replace("Basics", "Campaign");
    for (what, script, expected) in table {
        let script = format!(
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z contractors E1 employeeHireDate=2025-01-01 employeeLeaveDateTime=2026-11-30
             2026-11-01T00:00:00Z E1 has a user
             2026-11-01T00:00:00Z E1 holds Basics
             {script}
             2027-03-01T00:00:00Z end"
        );
        lives(what, &[&join, LEAVE], &script, expected);
    }
    lives(
        "an employee who becomes a contractor",
        &[&join, LEAVE],
        "2026-11-01T00:00:00Z start
         2026-11-01T00:00:00Z E1 employeeHireDate=2020-01-01 employeeLeaveDateTime=2026-11-30
         2026-11-01T00:00:00Z E1 has a user
         2026-11-01T00:00:00Z E1 holds Basics
         2026-11-20T00:00:00Z contractors E1 employeeHireDate=2026-12-01 employeeLeaveDateTime=2027-02-26
         2027-03-10T00:00:00Z end",
        "2026-11-24T07:00:00Z adminAdd campaign E1 by join
         2027-02-26T17:00:00Z adminRemove basics E1 by leave",
    );
}

#[test]
fn a_joiner_that_will_not_run_for_a_rehire_lets_nobody_in_early() {
    let rule = "rule: department ne 'Board'";
    // What is not for E1 is due in January; the new employment begins in February.
    for narrowed in ["rule: department ne 'Board', except: [E1]", "rule: department ne 'Board', groups: [Others]"] {
        let join = JOIN.replace(rule, narrowed);
        lives(
            narrowed,
            &[&join, LEAVE, TOOLS],
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z E1 employeeHireDate=2020-01-01 employeeLeaveDateTime=2026-11-30
             2026-11-01T00:00:00Z E1 has a user
             2026-12-10T09:00:00Z E1 employeeHireDate=2027-02-01
             2027-03-01T00:00:00Z end",
            "2026-11-01T00:00:00Z adminAdd tools E1 by tools
             2026-11-30T17:00:00Z adminRemove tools E1 by leave
             2027-01-31T23:00:00Z adminAdd tools E1 by tools",
        );
    }
}

#[test]
fn an_account_that_is_older_than_its_employment_is_no_rehire() {
    let aged = LEAVE.replace("employeeLeaveDateTime, offsetInDays: 0", "createdDateTime, offsetInDays: 30");
    lives(
        "put out by the age of the account",
        &[&aged],
        "2026-11-01T00:00:00Z start
         2026-11-01T00:00:00Z E1 employeeHireDate=2026-11-10
         2026-11-01T00:00:00Z E1 has a user createdDateTime=2026-11-01T09:00:00Z
         2026-11-01T00:00:00Z E1 holds Basics
         2026-12-20T09:00:00Z E1 holds Basics
         2027-01-10T00:00:00Z end",
        "2026-12-01T17:00:00Z adminRemove basics E1 by leave
         2026-12-20T09:00:00Z adminRemove basics E1 by leave
         run leave 2026-11-01 Completed",
    );
}

#[test]
fn what_came_due_while_barred_is_given_once_the_new_employment_begins() {
    const MOVE: &str = "
apiVersion: usherd/v1
kind: Workflow
name: move
category: mover
mode: enforce
trigger: { attributeChange: { attributes: [department] } }
scope: { rule: department ne 'Board' }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
";
    let table = [
        (
            "rehired into another department",
            "2026-12-10T09:00:00Z E1 department=Legal employeeHireDate=2027-02-01",
            "2027-01-31T23:00:00Z adminAdd basics E1 by move",
        ),
        (
            "moved after the last day",
            "2026-12-10T09:00:00Z E1 department=Legal",
            "run leave 2026-11-30 Completed
             run move change 1 Queued",
        ),
        (
            "moved back before the new employment begins",
            "2026-12-10T09:00:00Z E1 department=Legal employeeHireDate=2027-02-01
             2026-12-20T09:00:00Z E1 department=Board",
            "run leave 2026-11-30 Canceled
             run move change 1 Canceled",
        ),
    ];
    for (what, script, expected) in table {
        let script = format!(
            "2026-11-01T00:00:00Z start
             2026-11-01T00:00:00Z E1 employeeHireDate=2020-01-01 employeeLeaveDateTime=2026-11-30
             2026-11-01T00:00:00Z E1 has a user
             2026-11-01T00:00:00Z E1 holds Basics
             {script}
             2027-03-01T00:00:00Z end"
        );
        let expected = format!("2026-11-30T17:00:00Z adminRemove basics E1 by leave\n{expected}");
        lives(what, &[MOVE, LEAVE], &script, &expected);
    }
}
