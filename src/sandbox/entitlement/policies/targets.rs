//! A policy's scope and the targets that go with it; what makes an auto-assignment policy (graph-contract 1.8).

use super::super::payload::refused;
use super::people;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::membership_rule::MembershipRule;
use crate::sandbox::records::{AllowedTargetScope, AutomaticRequestSettings, Policy, SubjectSet, span};
use crate::sandbox::tenant::Tenant;

/// Checks that the targets go with the scope, and are there.
///
/// # Errors
/// 400 for targets without a scope that has any, and the reverse; 404 for somebody unknown.
pub(super) fn check(
    tenant: &Tenant,
    scope: AllowedTargetScope,
    targets: &mut [SubjectSet],
    automatic: Option<&AutomaticRequestSettings>,
) -> Result<(), ApiError> {
    if let Some(settings) = automatic {
        return check_automatic(scope, targets, settings);
    }
    let allowed: fn(&SubjectSet) -> bool = match scope {
        AllowedTargetScope::SpecificDirectoryUsers => people::is_named,
        AllowedTargetScope::SpecificConnectedOrganizationUsers => {
            |set| matches!(set, SubjectSet::ConnectedOrganizationMembers { .. })
        }
        _ if targets.is_empty() => return Ok(()),
        _ => return Err(invalid("This 'allowedTargetScope' has no 'specificAllowedTargets'")),
    };
    if targets.is_empty() {
        return Err(invalid("This 'allowedTargetScope' needs 'specificAllowedTargets'"));
    }
    people::check(tenant, "specificAllowedTargets", targets, allowed)
}

/// Refuses a second auto-assignment policy of a package.
pub(super) fn check_alone(tenant: &Tenant, policy: &Policy) -> Result<(), ApiError> {
    let other = |known: &Policy| known.id != policy.id && known.automatic_request_settings.is_some();
    if policy.automatic_request_settings.is_some()
        && tenant.policies.by("accesspackage/id", &policy.package_id).any(other)
    {
        let message = "The access package has an auto-assignment policy already.".to_owned();
        return Err(refused("AutoAssignmentPolicyExists", message));
    }
    Ok(())
}

fn check_automatic(
    scope: AllowedTargetScope,
    targets: &[SubjectSet],
    settings: &AutomaticRequestSettings,
) -> Result<(), ApiError> {
    let (AllowedTargetScope::SpecificDirectoryUsers, [SubjectSet::AttributeRuleMembers { membership_rule, .. }]) =
        (scope, targets)
    else {
        return Err(invalid("An auto-assignment policy is for 'specificDirectoryUsers' by one 'attributeRuleMembers'"));
    };
    if let Err(why) = MembershipRule::parse(membership_rule) {
        return Err(invalid(&format!("The 'membershipRule' is not one: {why}")));
    }
    if !settings.request_access_for_allowed_targets {
        return Err(invalid("'automaticRequestSettings' are there to set 'requestAccessForAllowedTargets'"));
    }
    let grace = settings.grace_period_before_access_removal.as_deref();
    match grace.map(span) {
        None => Ok(()),
        Some(Some(grace)) if !grace.is_negative() => Ok(()),
        Some(_) => Err(invalid("'gracePeriodBeforeAccessRemoval' is not an ISO 8601 duration")),
    }
}

fn invalid(why: &str) -> ApiError {
    refused("InvalidModel", format!("{why}."))
}
