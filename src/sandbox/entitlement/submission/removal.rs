//! adminRemove and userRemove: the assignment's end (graph-contract 1.9.1).

use super::{Accepted, Ask, self_service};
use crate::sandbox::records::{About, Assignment, Schedule};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::tenant::Tenant;

/// Checks a removal.
///
/// # Errors
/// Refuses an unknown or ended assignment, and of users what [`self_service::permit`] refuses.
pub(super) fn check(tenant: &Tenant, ask: &Ask) -> Result<Accepted, Refusal> {
    let assignment = active(tenant, ask)?;
    let policy = tenant.policies.get(&assignment.policy_id);
    if let Some(policy) = policy.filter(|_| ask.requestor_id.is_some()) {
        self_service::permit(tenant, ask, policy, &assignment.target_id)?;
    }
    let schedule = ask.schedule.clone().unwrap_or_else(Schedule::open);
    Ok(Accepted { about: about(assignment), schedule, answers: Vec::new() })
}

/// The assignment that the request names, which has to go on.
pub(super) fn active<'t>(tenant: &'t Tenant, ask: &Ask) -> Result<&'t Assignment, Refusal> {
    let id = ask.assignment_id.as_deref().unwrap_or_default();
    let assignment = tenant.assignments.get(id);
    let assignment = assignment.ok_or_else(|| Refusal::unknown(RefusalKind::UnknownAssignment, id))?;
    if assignment.is_active() {
        return Ok(assignment);
    }
    let message = format!("The assignment '{id}' has expired already.");
    Err(Refusal::new(RefusalKind::AssignmentExpired, message))
}

/// A request about this assignment.
pub(super) fn about(assignment: &Assignment) -> About {
    About {
        target_id: assignment.target_id.clone(),
        package_id: assignment.package_id.clone(),
        policy_id: assignment.policy_id.clone(),
        assignment_id: Some(assignment.id.clone()),
    }
}
