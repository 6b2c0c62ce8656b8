//! Holders are told that their access ends soon (graph-contract 1.12).

use jiff::Timestamp;

use crate::sandbox::tenant::Tenant;

/// Gives the notice that is due at `at`, unless the policy's notifications are disabled: the status is about the
/// notification, so it then stays as it is.
pub(super) fn give(tenant: &mut Tenant, assignment_id: &str, at: Timestamp) {
    let Some(mut assignment) = tenant.assignments.get(assignment_id).cloned() else { return };
    let Some((_, notice)) = assignment.next_notice().filter(|(due, _)| *due == at) else { return };
    let policy = tenant.policies.get(&assignment.policy_id);
    if !policy.is_some_and(|policy| policy.notification_settings.is_assignment_notification_disabled) {
        assignment.status = notice.status().to_owned();
        tenant.put_assignment(assignment);
    }
}
