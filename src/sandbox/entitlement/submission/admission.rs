//! Whom a policy is for: its scope, its targets, and who may ask for others (graph-contract 1.4, 1.8).

pub(super) use crate::sandbox::policy_scope::{admits, admits_address, admits_directly};
use crate::sandbox::records::{AllowedTargetScope, Policy, SubjectSet};
use crate::sandbox::tenant::Tenant;

/// The service's choice among policies that a user can ask by: the narrower the scope, the sooner (graph-contract 1.8).
pub(super) fn priority(policy: &Policy) -> u8 {
    match policy.allowed_target_scope {
        AllowedTargetScope::SpecificDirectoryUsers => 1,
        AllowedTargetScope::AllMemberUsers => 2,
        AllowedTargetScope::AllDirectoryUsers => 3,
        AllowedTargetScope::SpecificConnectedOrganizationUsers => 4,
        AllowedTargetScope::AllConfiguredConnectedOrganizationUsers => 5,
        AllowedTargetScope::AllExternalUsers => 6,
        AllowedTargetScope::NotSpecified => u8::MAX,
    }
}

/// Whether the user is in one of the sets, some of which are what people are to the target.
pub(super) fn includes(tenant: &Tenant, sets: &[SubjectSet], user_id: &str, target_id: &str) -> bool {
    sets.iter().any(|set| match set {
        SubjectSet::SingleUser { user_id: named, .. } => named.eq_ignore_ascii_case(user_id),
        SubjectSet::GroupMembers { group_id, .. } => {
            tenant.transitive_members(&group_id.to_lowercase()).contains(user_id)
        }
        SubjectSet::TargetManager { manager_level } => is_manager(tenant, target_id, *manager_level, user_id),
        _ => false,
    })
}

fn is_manager(tenant: &Tenant, target_id: &str, level: i32, user_id: &str) -> bool {
    let mut at = Some(target_id);
    for _ in 0..level.clamp(1, 4) {
        at = at.and_then(|id| tenant.users.get(id)).and_then(|user| user.manager.as_deref());
    }
    at == Some(user_id)
}
