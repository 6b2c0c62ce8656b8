//! adminUpdate and userUpdate: another end, other answers (graph-contract 1.9.1).

use jiff::Timestamp;
use serde_json::Value;

use super::removal::{about, active};
use super::{Accepted, Ask, schedule, self_service};
use crate::sandbox::answers;
use crate::sandbox::attributes;
use crate::sandbox::records::{Assignment, Policy, Schedule};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::tenant::Tenant;

/// Checks a change of an assignment.
///
/// # Errors
/// Refuses an unknown or ended assignment, another start, an end beyond what the policy allows, answers that belong to
/// no question, and of users what [`self_service::permit`] refuses and answers that are not to be edited.
pub(super) fn check(tenant: &Tenant, ask: &Ask, now: Timestamp) -> Result<Accepted, Refusal> {
    let assignment = active(tenant, ask)?;
    let policy = tenant.policies.get(&assignment.policy_id);
    let policy = policy.ok_or_else(|| Refusal::unknown(RefusalKind::UnknownPolicy, &assignment.policy_id))?;
    if ask.requestor_id.is_some() {
        self_service::permit(tenant, ask, policy, &assignment.target_id)?;
    }
    let answers = answers::read(&attributes::questions(tenant, policy), ask.answers.as_deref().unwrap_or_default())?;
    if ask.requestor_id.is_some() {
        check_editable(tenant, policy, &answers)?;
    }
    Ok(Accepted { about: about(assignment), schedule: changed(assignment, policy, ask, now)?, answers })
}

/// Users change no answer that stands once it is given.
fn check_editable(tenant: &Tenant, policy: &Policy, answers: &[Value]) -> Result<(), Refusal> {
    let mut questions = answers.iter().filter_map(answers::question_id);
    match questions.find(|question| !attributes::is_editable(tenant, policy, question)) {
        None => Ok(()),
        Some(question) => {
            let message = format!("The answer to the question '{question}' cannot be changed by users.");
            Err(Refusal::new(RefusalKind::InvalidAnswer, message))
        }
    }
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
