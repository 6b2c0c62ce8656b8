//! adminAdd, and what every addition has to pass (graph-contract 1.9.1, 1.14).

use super::{Accepted, Ask, admission};
use crate::sandbox::answers;
use crate::sandbox::attributes;
use crate::sandbox::entitlement::incompatibility;
use crate::sandbox::records::{About, Package, Policy, Schedule};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::tenant::Tenant;

/// Checks an administrator's addition.
///
/// # Errors
/// Refuses unknown ids, a policy of another package or not for the target, incompatible access, and answers that do
/// not go with the questions.
pub(super) fn check(tenant: &Tenant, ask: &Ask) -> Result<Accepted, Refusal> {
    let named = ask.target_id.as_deref().unwrap_or_default();
    let target_id = if ask.is_outside { named.to_owned() } else { known_target(tenant, named)? };
    let package = known_package(tenant, ask)?;
    let policy = named_policy(tenant, package, ask.policy_id.as_deref().unwrap_or_default())?;
    let accepted = into_accepted(tenant, ask, target_id, package, policy)?;
    if !ask.is_outside && !admission::admits_directly(tenant, policy, &accepted.about.target_id) {
        return Err(out_of_scope());
    }
    Ok(accepted)
}

/// Checks what holds for every addition, whoever asks.
pub(super) fn into_accepted(
    tenant: &Tenant,
    ask: &Ask,
    target_id: String,
    package: &Package,
    policy: &Policy,
) -> Result<Accepted, Refusal> {
    if !policy.requestor_settings.accept_requests {
        let message = format!("The assignment policy '{}' takes no new requests.", policy.id);
        return Err(Refusal::new(RefusalKind::PolicyDisabled, message));
    }
    if let Some(obstacle) = incompatibility::obstacle(tenant, &target_id, package) {
        return Err(Refusal::new(RefusalKind::IncompatibleAccess, obstacle));
    }
    let answers = answers::check(&attributes::questions(tenant, policy), ask.answers.as_deref().unwrap_or_default())?;
    Ok(Accepted {
        about: About { target_id, package_id: package.id.clone(), policy_id: policy.id.clone(), assignment_id: None },
        schedule: ask.schedule.clone().unwrap_or_else(Schedule::open),
        answers,
    })
}

/// The user with this id.
pub(super) fn known_target(tenant: &Tenant, id: &str) -> Result<String, Refusal> {
    let user = tenant
        .users
        .get(id)
        .filter(|user| tenant.shows(*user))
        .ok_or_else(|| Refusal::unknown(RefusalKind::UnknownTarget, id))?;
    Ok(user.id.clone())
}

/// The package that is asked for.
pub(super) fn known_package<'t>(tenant: &'t Tenant, ask: &Ask) -> Result<&'t Package, Refusal> {
    let id = ask.package_id.as_deref().unwrap_or_default();
    tenant.packages.get(id).ok_or_else(|| Refusal::unknown(RefusalKind::UnknownPackage, id))
}

/// The policy with this id, which has to be one of the package.
pub(super) fn named_policy<'t>(tenant: &'t Tenant, package: &Package, id: &str) -> Result<&'t Policy, Refusal> {
    let policy = tenant.policies.get(id).ok_or_else(|| Refusal::unknown(RefusalKind::UnknownPolicy, id))?;
    if policy.package_id == package.id {
        return Ok(policy);
    }
    let message = format!("The assignment policy '{id}' is not one of the access package '{}'.", package.id);
    Err(Refusal::new(RefusalKind::InvalidAssignmentPolicy, message))
}

/// The refusal of a target whom no policy is for, in the service's words (graph-contract 1.13).
pub(super) fn out_of_scope() -> Refusal {
    Refusal::new(RefusalKind::TargetNotInPolicyScope, "You don't meet policy requirements to request this entitlement.")
}
