//! The people whom a set of approvers names for a target.

use crate::sandbox::organizations::ConnectedOrganization;
use crate::sandbox::policy_scope::organization_of;
use crate::sandbox::records::SubjectSet;
use crate::sandbox::tenant::Tenant;

/// How far up a chain of managers is looked.
const HIGHEST_LEVEL: i32 = 10;

/// The ids of the users in the set, seen from the target; groups count with the groups inside them.
pub(super) fn of_set(tenant: &Tenant, set: &SubjectSet, target_id: &str) -> Vec<String> {
    let known = |id: &String| tenant.users.get(id).is_some();
    match set {
        SubjectSet::SingleUser { user_id, .. } => Some(user_id.to_lowercase()).filter(known).into_iter().collect(),
        SubjectSet::GroupMembers { group_id, .. } => users_in(tenant, &group_id.to_lowercase()),
        // The requestor of a request is the subject it is for (graph-contract 1.9.3).
        SubjectSet::RequestorManager { manager_level } | SubjectSet::TargetManager { manager_level } => {
            manager(tenant, target_id, *manager_level).filter(known).into_iter().collect()
        }
        SubjectSet::InternalSponsors {} => sponsors(tenant, target_id, |organization| &organization.internal_sponsors),
        SubjectSet::ExternalSponsors {} => sponsors(tenant, target_id, |organization| &organization.external_sponsors),
        // Users of this tenant have no sponsors of their own.
        SubjectSet::TargetUserSponsors {}
        | SubjectSet::ConnectedOrganizationMembers { .. }
        | SubjectSet::AttributeRuleMembers { .. } => Vec::new(),
    }
}

/// Sponsors of the target's connected organization, each a user or a group of them.
fn sponsors(tenant: &Tenant, target_id: &str, of: impl Fn(&ConnectedOrganization) -> &Vec<String>) -> Vec<String> {
    let named = organization_of(tenant, target_id).map(of).into_iter().flatten();
    named.flat_map(|id| if tenant.users.get(id).is_some() { vec![id.clone()] } else { users_in(tenant, id) }).collect()
}

fn users_in(tenant: &Tenant, group_id: &str) -> Vec<String> {
    tenant.transitive_members(group_id).into_iter().filter(|id| tenant.users.get(id).is_some()).collect()
}

/// The manager so many levels above; 1 is the user's own.
fn manager(tenant: &Tenant, user_id: &str, level: i32) -> Option<String> {
    (1..=level.clamp(1, HIGHEST_LEVEL))
        .try_fold(user_id, |user_id, _| tenant.users.get(user_id)?.manager.as_deref())
        .map(str::to_owned)
}
