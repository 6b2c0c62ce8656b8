//! Targets by mail address: the user whose it is, or somebody who is to be invited (graph-contract 1.9.1).

use super::addition::out_of_scope;
use super::{Ask, admission};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::subjects::by_email::{Target, subject_for_email, user_of_email};
use crate::sandbox::tenant::Tenant;

/// Puts the id of the target whom the request names by mail address into it. Nobody becomes known who is only asked about, or who
/// is not one of those outside the directory whom the policy is for.
///
/// # Errors
/// Refuses an unknown policy, and one that is not for the target.
pub(super) fn resolve(tenant: &mut Tenant, ask: &mut Ask) -> Result<(), Refusal> {
    let Some(target) = &ask.target else { return Ok(()) };
    let email = target.email.trim();
    let known = user_of_email(tenant, email).map(|user| Target { id: user.id.clone(), is_in_directory: true });
    let found = match known {
        Some(known) => known,
        None if !is_admitted(tenant, ask.policy_id.as_deref().unwrap_or_default(), email)? => {
            return Err(out_of_scope());
        }
        None if ask.is_validation_only => {
            Target { id: tenant.derived_id("asked about", &email.to_lowercase()), is_in_directory: false }
        }
        None => subject_for_email(tenant, email, target.display_name.as_deref()),
    };
    ask.is_outside = !found.is_in_directory;
    ask.target_id = Some(found.id);
    Ok(())
}

fn is_admitted(tenant: &Tenant, policy_id: &str, email: &str) -> Result<bool, Refusal> {
    let policy = tenant.policies.get(policy_id);
    let policy = policy.ok_or_else(|| Refusal::unknown(RefusalKind::UnknownPolicy, policy_id))?;
    Ok(admission::admits_address(tenant, policy, email))
}
