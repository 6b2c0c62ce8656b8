//! Ten days without the daemon: what the first pass afterwards makes up for, and what it lets go.

use super::documents::LEAVE;
use super::life::lives;

const JOIN: &str = "
apiVersion: usherd/v1
kind: Workflow
name: join
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: 0, catchUp: P3D }
scope: { rule: department ne 'Board' }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
";

const MOVED: &str = "
apiVersion: usherd/v1
kind: Workflow
name: moved
category: mover
mode: enforce
trigger: { attributeChange: { attributes: [department] } }
scope: { rule: department ne 'Board' }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Campaign, assignmentPolicy: Direct }
";

const TOOLS: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [{ rule: department eq 'Machines' }] }
whenMemberLeaves: { remove: after, gracePeriod: P7D }
";

#[test]
fn people_are_caught_up_as_the_documents_say_and_once() {
    lives(
        "off from Monday to the Thursday of the week after",
        &[JOIN, LEAVE, MOVED, TOOLS],
        "2026-11-22T12:00:00Z start
         2026-11-22T12:00:00Z E0 department=Sales
         2026-11-22T12:00:00Z E0 has a user
         2026-11-22T12:00:00Z E1 employeeHireDate=2026-11-25
         2026-11-22T12:00:00Z E1 has a user
         2026-11-22T12:00:00Z E2 employeeHireDate=2026-12-01
         2026-11-22T12:00:00Z E2 has a user
         2026-11-22T12:00:00Z E3 employeeHireDate=2026-12-10
         2026-11-22T12:00:00Z E3 has a user
         2026-11-22T12:00:00Z E4 employeeLeaveDateTime=2026-11-24
         2026-11-22T12:00:00Z E4 has a user
         2026-11-22T12:00:00Z E4 holds Basics
         2026-11-22T12:00:00Z E5 employeeLeaveDateTime=2026-12-31
         2026-11-22T12:00:00Z E5 has a user
         2026-11-22T12:00:00Z E5 holds Basics
         2026-11-22T12:00:00Z E6 department=Machines
         2026-11-22T12:00:00Z E6 has a user
         2026-11-22T12:00:00Z E7 department=Machines
         2026-11-22T12:00:00Z E7 has a user
         2026-11-22T12:00:00Z E8 department=Sales
         2026-11-22T12:00:00Z E8 has a user
         2026-11-23T08:00:00Z E6 department=Sales
         2026-11-23T09:00:00Z off
         2026-11-25T00:00:00Z E7 department=Sales
         2026-11-25T00:00:00Z E0 department=Machines
         2026-11-26T00:00:00Z E8 department=Machines
         2026-11-27T00:00:00Z E0 department=Sales
         2026-12-03T09:00:00Z on
         2026-12-05T09:00:00Z end",
        "2026-11-22T12:00:00Z adminAdd tools E6 by tools
         2026-11-22T12:00:00Z adminAdd tools E7 by tools
         2026-11-23T08:00:00Z adminAdd campaign E6 by moved
         2026-12-03T09:00:00Z adminRemove basics E4 by leave
         2026-12-03T09:00:00Z adminRemove tools E6 by tools
         2026-12-03T09:00:00Z adminAdd campaign E7 by moved
         2026-12-03T09:00:00Z adminAdd campaign E8 by moved
         2026-12-03T09:00:00Z adminAdd tools E8 by tools
         2026-12-03T09:00:00Z adminAdd basics E2 by join",
    );
}

/// A workflow at six every morning in Amsterdam.
fn every_morning(name: &str, missed: &str) -> String {
    JOIN.replace("name: join", &format!("name: {name}")).replace("category: joiner", "category: mover").replace(
        "timeBasedAttribute: employeeHireDate, offsetInDays: 0, catchUp: P3D",
        &format!("schedule: '0 6 * * *', timeZone: Europe/Amsterdam, {missed}"),
    )
}

#[test]
fn schedules_make_up_for_what_they_say_and_once() {
    let documents = [
        every_morning("every", "missed: all, window: P14D"),
        every_morning("few", "missed: all, window: P3D"),
        every_morning("last", "missed: one, window: P14D"),
        every_morning("never", "missed: none"),
    ];
    let documents = documents.each_ref().map(String::as_str);
    lives(
        "off over ten mornings",
        &documents,
        "2026-11-22T12:00:00Z start
         2026-11-22T12:00:00Z E1 department=Sales
         2026-11-22T12:00:00Z E1 has a user
         2026-11-22T12:00:00Z E1 holds Basics
         2026-11-23T09:00:00Z off
         2026-12-03T09:00:00Z on
         2026-12-03T20:00:00Z end",
        "run every 2026-11-23T05:00:00Z Completed
         run every 2026-11-24T05:00:00Z Completed
         run every 2026-11-25T05:00:00Z Completed
         run every 2026-11-26T05:00:00Z Completed
         run every 2026-11-27T05:00:00Z Completed
         run every 2026-11-28T05:00:00Z Completed
         run every 2026-11-29T05:00:00Z Completed
         run every 2026-11-30T05:00:00Z Completed
         run every 2026-12-01T05:00:00Z Completed
         run every 2026-12-02T05:00:00Z Completed
         run every 2026-12-03T05:00:00Z Completed
         run few 2026-11-23T05:00:00Z Completed
         run few 2026-12-01T05:00:00Z Completed
         run few 2026-12-02T05:00:00Z Completed
         run few 2026-12-03T05:00:00Z Completed
         run last 2026-11-23T05:00:00Z Completed
         run last 2026-12-03T05:00:00Z Completed
         run never 2026-11-23T05:00:00Z Completed",
    );
}
