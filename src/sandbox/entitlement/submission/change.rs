//! adminUpdate and userUpdate: another end, other answers (graph-contract 1.9.1).

use jiff::Timestamp;

use super::removal::{about, active};
use super::{Accepted, Ask, schedule, self_service};
use crate::sandbox::answers;
use crate::sandbox::records::{Assignment, Policy, Schedule};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::tenant::Tenant;

/// Checks a change of an assignment.
///
/// # Errors
/// Refuses an unknown or ended assignment, another start, an end beyond what the policy allows, answers that belong to
/// no question, and of users what [`self_service::permit`] refuses.
pub(super) fn check(tenant: &Tenant, ask: &Ask, now: Timestamp) -> Result<Accepted, Refusal> {
    let assignment = active(tenant, ask)?;
    let policy = tenant.policies.get(&assignment.policy_id);
    let policy = policy.ok_or_else(|| Refusal::unknown(RefusalKind::UnknownPolicy, &assignment.policy_id))?;
    if ask.requestor_id.is_some() {
        self_service::permit(tenant, ask, policy, &assignment.target_id)?;
    }
    let answers = answers::read(policy, ask.answers.as_deref().unwrap_or_default())?;
    Ok(Accepted { about: about(assignment), schedule: changed(assignment, policy, ask, now)?, answers })
}

/// The schedule to come; without one in the request, it stays as it is.
fn changed(assignment: &Assignment, policy: &Policy, ask: &Ask, now: Timestamp) -> Result<Schedule, Refusal> {
    let Some(asked) = &ask.schedule else { return Ok(assignment.schedule.clone()) };
    let start = assignment.schedule.start_date_time;
    if asked.start_date_time.is_some_and(|asked| Some(asked) != start) {
        let message = "The start of an assignment cannot be changed once it is set.";
        return Err(Refusal::new(RefusalKind::StartFixed, message));
    }
    if !schedule::is_within(policy, asked, now) {
        let message = format!("The assignment would end later than the assignment policy '{}' allows.", policy.id);
        return Err(Refusal::new(RefusalKind::EndBeyondPolicy, message));
    }
    Ok(Schedule { start_date_time: None, expiration: asked.expiration.clone() })
}
