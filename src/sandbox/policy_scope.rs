//! Whom a policy is for: its scope and its targets (graph-contract 1.4, 1.8).

use super::membership_rule::MembershipRule;
use super::organizations::{self, ConnectedOrganization, OrganizationState};
use super::records::{AllowedTargetScope, Policy, SubjectSet, User};
use super::subjects::is_guest;
use super::tenant::Tenant;

/// Whether an administrator can give the package to the target by this policy: by one that nobody can ask by, to anybody.
pub(super) fn admits_directly(tenant: &Tenant, policy: &Policy, target_id: &str) -> bool {
    policy.allowed_target_scope == AllowedTargetScope::NotSpecified || admits(tenant, policy, target_id)
}

/// Whether the target, who may not be in the directory yet, is one of those whom the policy is for.
pub(super) fn admits(tenant: &Tenant, policy: &Policy, target_id: &str) -> bool {
    let user = tenant.users.get(target_id);
    match policy.allowed_target_scope {
        AllowedTargetScope::NotSpecified => false,
        AllowedTargetScope::SpecificDirectoryUsers => {
            user.is_some_and(|user| policy.specific_allowed_targets.iter().any(|set| includes(tenant, set, user)))
        }
        AllowedTargetScope::AllMemberUsers => user.is_some_and(|user| !is_guest(user)),
        AllowedTargetScope::AllDirectoryUsers => user.is_some(),
        AllowedTargetScope::SpecificConnectedOrganizationUsers
        | AllowedTargetScope::AllConfiguredConnectedOrganizationUsers => {
            organization_of(tenant, target_id).is_some_and(|of| admits_organization(policy, of))
        }
        AllowedTargetScope::AllExternalUsers => user.is_none_or(is_guest),
    }
}

/// Whether the policy is for people outside the directory who have this mail address.
pub(super) fn admits_address(tenant: &Tenant, policy: &Policy, email: &str) -> bool {
    policy.allowed_target_scope == AllowedTargetScope::AllExternalUsers
        || organizations::organization_of(tenant, email).is_some_and(|of| admits_organization(policy, of))
}

/// Whether the policy is for the people of this organization as such.
fn admits_organization(policy: &Policy, organization: &ConnectedOrganization) -> bool {
    match policy.allowed_target_scope {
        AllowedTargetScope::SpecificConnectedOrganizationUsers => organizations::names(policy, &organization.id),
        AllowedTargetScope::AllConfiguredConnectedOrganizationUsers => {
            organization.state == OrganizationState::Configured
        }
        _ => false,
    }
}

/// The connected organization that the target's mail address belongs to; the tenant's own people belong to none.
pub(super) fn organization_of<'t>(tenant: &'t Tenant, target_id: &str) -> Option<&'t ConnectedOrganization> {
    let email = match tenant.users.get(target_id) {
        Some(user) => user.text("mail").filter(|_| is_guest(user)),
        None => tenant.subject_of(target_id)?.email.as_deref(),
    };
    organizations::organization_of(tenant, email?)
}

fn includes(tenant: &Tenant, set: &SubjectSet, user: &User) -> bool {
    match set {
        SubjectSet::SingleUser { user_id, .. } => *user_id == user.id,
        SubjectSet::GroupMembers { group_id, .. } => tenant.transitive_groups_of_member(&user.id).contains(group_id),
        SubjectSet::AttributeRuleMembers { membership_rule, .. } => {
            MembershipRule::parse(membership_rule).is_ok_and(|rule| rule.admits(user))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::sandbox::seed;

    const SEED: &str = "{name: x, domain: x, users: [{userPrincipalName: a, department: Sales}, \
        {userPrincipalName: b, userType: Guest, mail: b@sub.partner.example}, {userPrincipalName: c, mail: c@partner.example}], \
        connectedOrganizations: [{displayName: Partner, identitySources: \
        [{'@odata.type': microsoft.graph.domainIdentitySource, domainName: partner.example}]}], \
        groups: [{displayName: Outer, members: [Inner]}, {displayName: Inner, members: [c]}], \
        catalogs: [{displayName: C}], accessPackages: [{displayName: P, catalog: C, groups: []}], \
        assignmentPolicies: [{displayName: any, accessPackage: P}]}";

    /// Which of the users a, b, c are admitted.
    fn admitted(tenant: &Tenant, scope: &str, targets: Value) -> String {
        let mut policy = tenant.policies.iter().next().unwrap().clone();
        policy.allowed_target_scope = serde_json::from_value(json!(scope)).unwrap();
        policy.specific_allowed_targets = serde_json::from_value(targets).unwrap();
        let is_in = |name: &&str| admits(tenant, &policy, &tenant.user(name).unwrap().id);
        ["a", "b", "c"].into_iter().filter(is_in).collect()
    }

    #[test]
    fn each_scope_admits_its_own() {
        let tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        let group = |name: &str| tenant.groups.iter().find(|group| group.display_name() == name).unwrap().id.clone();
        let none = json!([]);
        assert_eq!(admitted(&tenant, "notSpecified", none.clone()), "");
        assert_eq!(admitted(&tenant, "allMemberUsers", none.clone()), "ac");
        assert_eq!(admitted(&tenant, "allDirectoryUsers", none.clone()), "abc");
        assert_eq!(admitted(&tenant, "allExternalUsers", none.clone()), "b");
        assert_eq!(admitted(&tenant, "allConfiguredConnectedOrganizationUsers", none.clone()), "b");
        assert_eq!(admitted(&tenant, "specificConnectedOrganizationUsers", none), "");
        let organization = tenant.organizations.iter().next().unwrap().id.clone();
        let partner = json!({ "@odata.type": "#microsoft.graph.connectedOrganizationMembers",
            "connectedOrganizationId": organization });
        assert_eq!(admitted(&tenant, "specificConnectedOrganizationUsers", json!([partner])), "b");
        let user = json!({ "@odata.type": "#microsoft.graph.singleUser", "userId": tenant.user("b").unwrap().id });
        let outer = json!({ "@odata.type": "#microsoft.graph.groupMembers", "groupId": group("Outer") });
        let rule = json!({ "@odata.type": "#microsoft.graph.attributeRuleMembers",
            "membershipRule": "(user.department -eq \"Sales\")" });
        assert_eq!(admitted(&tenant, "specificDirectoryUsers", json!([user])), "b");
        assert_eq!(admitted(&tenant, "specificDirectoryUsers", json!([user, outer])), "bc");
        assert_eq!(admitted(&tenant, "specificDirectoryUsers", json!([rule])), "a");
    }

    #[test]
    fn a_policy_for_nobody_is_for_administrators() {
        let tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        let policy = tenant.policies.iter().next().unwrap();
        let user = &tenant.user("b").unwrap().id;
        assert!(admits_directly(&tenant, policy, user) && !admits(&tenant, policy, user));
    }
}
