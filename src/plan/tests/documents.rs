//! Documents that several tables of lives are lived under.

/// A joiner, a week ahead of the first day, at eight.
pub(super) const JOIN: &str = "
apiVersion: usherd/v1
kind: Workflow
name: join
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: -7, at: '08:00' }
scope: { rule: department ne 'Board' }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
";

/// A leaver, when the leave date begins, or is over where it is inclusive.
pub(super) const LEAVE: &str = "
apiVersion: usherd/v1
kind: Workflow
name: leave
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }
scope: { rule: department ne 'Board' }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Basics }
";
