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
        SubjectSet::GroupMembers { group_id, .. } => {
            tenant.transitive_members(&group_id.to_lowercase()).into_iter().filter(known).collect()
        }
        SubjectSet::InternalSponsors {} => sponsors(tenant, target_id, |of| &of.internal_sponsors),
        SubjectSet::ExternalSponsors {} => sponsors(tenant, target_id, |of| &of.external_sponsors),
        // The requestor of a request is the subject it is for (graph-contract 1.9.3).
        SubjectSet::RequestorManager { manager_level } | SubjectSet::TargetManager { manager_level } => {
            manager(tenant, target_id, *manager_level).filter(known).into_iter().collect()
        }
        // Users of the sandbox have no sponsors of their own.
        SubjectSet::TargetUserSponsors {}
        | SubjectSet::ConnectedOrganizationMembers { .. }
        | SubjectSet::AttributeRuleMembers { .. } => Vec::new(),
    }
}

/// The sponsors of the target's connected organization; groups count with the groups inside them.
fn sponsors(tenant: &Tenant, target_id: &str, of: impl Fn(&ConnectedOrganization) -> &[String]) -> Vec<String> {
    let named = organization_of(tenant, target_id).map(of).unwrap_or_default();
    let people = named.iter().flat_map(|id| match tenant.users.get(id) {
        Some(_) => vec![id.clone()],
        None => tenant.transitive_members(id).into_iter().collect(),
    });
    people.filter(|id| tenant.users.get(id).is_some()).collect()
}

/// The manager so many levels above; 1 is the user's own.
fn manager(tenant: &Tenant, user_id: &str, level: i32) -> Option<String> {
    (1..=level.clamp(1, HIGHEST_LEVEL))
        .try_fold(user_id, |user_id, _| tenant.users.get(user_id)?.manager.as_deref())
        .map(str::to_owned)
}
