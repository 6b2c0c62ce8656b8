//! userAdd, and what a policy asks of users who ask themselves (graph-contract 1.3, 1.8, 1.9.1).

use super::addition::{into_accepted, known_package, known_target, named_policy, out_of_scope};
use super::{Accepted, Ask, admission, schedule};
use crate::sandbox::records::{Effect, Package, Policy, RequestorSettings};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::tenant::Tenant;

/// Checks a user's addition; where it names no policy, the service chooses the narrowest that lets the target ask.
///
/// # Errors
/// Refuses what [`super::addition::check`] refuses, and what the policy asks of users.
pub(super) fn check(tenant: &Tenant, ask: &Ask) -> Result<Accepted, Refusal> {
    let requestor = ask.requestor_id.as_deref().unwrap_or_default();
    let target = known_target(tenant, ask.target_id.as_deref().unwrap_or(requestor))?;
    let package = known_package(tenant, ask)?;
    if tenant.catalogs.get(&package.catalog_id).is_none_or(|catalog| catalog.state != "published") {
        let message = "The catalog of the access package is not published.";
        return Err(Refusal::new(RefusalKind::CatalogNotPublished, message));
    }
    let policy = match ask.policy_id.as_deref() {
        Some(id) => named_policy(tenant, package, id)?,
        None => chosen(tenant, package, requestor, &target).ok_or_else(out_of_scope)?,
    };
    permit(tenant, ask, policy, &target)?;
    if !admission::admits(tenant, policy, &target) {
        return Err(out_of_scope());
    }
    if policy.verified_id_requirement.is_some() {
        let message = "The assignment policy asks for a verified ID, which cannot be presented here.";
        return Err(Refusal::new(RefusalKind::VerifiedIdRequired, message));
    }
    into_accepted(tenant, ask, target, package, policy)
}

/// Checks that the policy lets the requestor make a request of this kind for the target, in this form.
///
/// # Errors
/// Refuses where the policy has no self-service or nobody asking for others, and a missing justification or dates of
/// the requestor's own.
pub(super) fn permit(tenant: &Tenant, ask: &Ask, policy: &Policy, target_id: &str) -> Result<(), Refusal> {
    let requestor = ask.requestor_id.as_deref().unwrap_or_default();
    let effect = ask.request_type.effect();
    if !may_ask(tenant, policy, effect, requestor, target_id) {
        return Err(if requestor == target_id {
            Refusal::new(RefusalKind::NoSelfService, "The assignment policy lets nobody ask for this themselves.")
        } else {
            Refusal::new(RefusalKind::OnBehalfNotAllowed, "The assignment policy does not let you ask for this user.")
        });
    }
    let justified = ask.justification.as_deref().is_some_and(|text| !text.trim().is_empty());
    let settings = &policy.approval_settings;
    if settings.is_requestor_justification_required && effect != Effect::Remove && !justified {
        return Err(Refusal::new(RefusalKind::MissingJustification, "The assignment policy asks for a justification."));
    }
    let custom = ask.schedule.as_ref().is_some_and(schedule::is_custom);
    if custom && !policy.requestor_settings.allow_custom_assignment_schedule {
        return Err(Refusal::new(
            RefusalKind::ScheduleNotAllowed,
            "The assignment policy lets requestors choose no dates.",
        ));
    }
    Ok(())
}

fn may_ask(tenant: &Tenant, policy: &Policy, effect: Effect, requestor: &str, target_id: &str) -> bool {
    let RequestorSettings {
        enable_targets_to_self_add_access,
        enable_targets_to_self_update_access,
        enable_targets_to_self_remove_access,
        enable_on_behalf_requestors_to_add_access,
        enable_on_behalf_requestors_to_update_access,
        enable_on_behalf_requestors_to_remove_access,
        on_behalf_requestors,
        ..
    } = &policy.requestor_settings;
    let (own, for_others) = match effect {
        Effect::Add => (enable_targets_to_self_add_access, enable_on_behalf_requestors_to_add_access),
        Effect::Update => (enable_targets_to_self_update_access, enable_on_behalf_requestors_to_update_access),
        Effect::Remove => (enable_targets_to_self_remove_access, enable_on_behalf_requestors_to_remove_access),
    };
    if requestor == target_id {
        return *own;
    }
    *for_others && admission::includes(tenant, on_behalf_requestors, requestor, target_id)
}

fn chosen<'t>(tenant: &'t Tenant, package: &Package, requestor: &str, target_id: &str) -> Option<&'t Policy> {
    let fits = |policy: &&Policy| {
        policy.requestor_settings.accept_requests
            && may_ask(tenant, policy, Effect::Add, requestor, target_id)
            && admission::admits(tenant, policy, target_id)
    };
    tenant.policies.by("accesspackage/id", &package.id).filter(fits).min_by_key(|policy| admission::priority(policy))
}
