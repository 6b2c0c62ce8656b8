//! An assignment is reprocessed: its package's roles are given once more (graph-contract 1.9.4, 1.12).

use jiff::Timestamp;

use super::later;
use crate::sandbox::grants;
use crate::sandbox::records::{Assignment, AssignmentState};
use crate::sandbox::tenant::Tenant;

/// Begins it: the assignment is being delivered again for as long as a delivery takes.
pub(in crate::sandbox) fn reenforce(tenant: &mut Tenant, mut assignment: Assignment, now: Timestamp) {
    assignment.enter(AssignmentState::Delivering);
    assignment.redelivery = Some(later(now, tenant.delivery_delay));
    tenant.put_assignment(assignment);
}

/// Ends it at `at`, unless the assignment has come to its own end meanwhile.
pub(super) fn finish(tenant: &mut Tenant, assignment_id: &str, at: Timestamp) {
    let Some(mut assignment) = tenant.assignments.get(assignment_id).cloned() else { return };
    if assignment.redelivery != Some(at) {
        return;
    }
    assignment.redelivery = None;
    if assignment.state == AssignmentState::Delivering {
        assignment.enter(AssignmentState::Delivered);
        grants::deliver(tenant, &assignment);
    }
    tenant.put_assignment(assignment);
}
