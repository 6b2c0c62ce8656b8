//! How a package's roles become memberships, and cease to be: delivery, removal, and changes of the package itself.

use super::records::{Assignment, AssignmentState, Package};
use super::resources::{OriginSystem, RoleScope};
use super::tenant::Tenant;
use super::tenant::indexed::given_role;

/// Gives the user of a delivered assignment the package's roles.
pub(super) fn deliver(tenant: &mut Tenant, assignment: &Assignment) {
    for role in roles_of(tenant, &assignment.package_id) {
        give(tenant, &role, &assignment.target_id);
    }
}

/// As [`deliver`], the first role alone.
pub(super) fn deliver_first(tenant: &mut Tenant, assignment: &Assignment) {
    if let Some(role) = roles_of(tenant, &assignment.package_id).first() {
        give(tenant, role, &assignment.target_id);
    }
}

/// Takes the package's roles back from a user whose assignment has just ended.
pub(super) fn withdraw(tenant: &mut Tenant, user_id: &str, package_id: &str) {
    for role in roles_of(tenant, package_id) {
        take_back(tenant, &role, user_id);
    }
}

/// Adds a role to a package; whoever holds the package gets it at once.
pub(super) fn extend(tenant: &mut Tenant, mut package: Package, role: RoleScope) {
    let holders = holders_of(tenant, &package.id);
    package.role_scopes.push(role.clone());
    tenant.put_package(package);
    for user in holders {
        give(tenant, &role, &user);
    }
}

/// Removes the role with this wire id from a package, and from whoever held it by that; says whether there was one.
pub(super) fn reduce(tenant: &mut Tenant, mut package: Package, role_scope_id: &str) -> bool {
    let known = package.role_scopes.iter().position(|role| role.id().eq_ignore_ascii_case(role_scope_id));
    let Some(place) = known else { return false };
    let role = package.role_scopes.remove(place);
    let holders = holders_of(tenant, &package.id);
    tenant.put_package(package);
    for user in holders {
        take_back(tenant, &role, &user);
    }
    true
}

/// The key under which the holders of a role that is no membership are kept.
pub(super) fn role_key(tenant: &Tenant, system: OriginSystem, origin_id: &str, role_origin_id: &str) -> String {
    tenant.derived_id("holders", &format!("{}/{origin_id}/{role_origin_id}", system.name()))
}

fn give(tenant: &mut Tenant, role: &RoleScope, user_id: &str) {
    change(tenant, role, user_id, true);
}

fn take_back(tenant: &mut Tenant, role: &RoleScope, user_id: &str) {
    let mut giving = tenant.packages.by("role", &given_role(role));
    let held_by_another = giving.any(|other| tenant.active_assignment(user_id, &other.id).is_some());
    if !held_by_another {
        change(tenant, role, user_id, false);
    }
}

fn change(tenant: &mut Tenant, role: &RoleScope, user_id: &str, holds: bool) {
    let (system, origin_id) = (role.scope.origin_system, &role.scope.origin_id);
    let kind = role.role.origin_id.split_once('_').filter(|_| system == OriginSystem::AadGroup);
    match (kind, holds) {
        (Some(("Member", group)), true) => _ = tenant.add_member(group, user_id),
        (Some(("Member", group)), false) => _ = tenant.remove_member(group, user_id),
        (Some(("Owner", group)), _) => _ = tenant.change_owner(group, user_id, holds),
        _ => {
            let key = role_key(tenant, system, origin_id, &role.role.origin_id);
            tenant.change_role_holder(&key, user_id, holds);
        }
    }
}

fn roles_of(tenant: &Tenant, package_id: &str) -> Vec<RoleScope> {
    tenant.packages.get(package_id).map(|package| package.role_scopes.clone()).unwrap_or_default()
}

fn holders_of(tenant: &Tenant, package_id: &str) -> Vec<String> {
    let of_package = tenant.assignments.by("accesspackage/id", package_id);
    let held = of_package.filter(|assignment| assignment.state == AssignmentState::Delivered);
    held.map(|assignment| assignment.target_id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::sandbox::resources::{Origin, role_scope};
    use crate::sandbox::seed;

    const SEED: &str = "{name: x, domain: x, users: [{userPrincipalName: a}], groups: [{displayName: G}, {displayName: H}], \
        catalogs: [{displayName: C}], accessPackages: [{displayName: P, catalog: C, groups: [G]}], \
        assignmentPolicies: [{displayName: direct, accessPackage: P}], \
        assignments: [{user: a, accessPackage: P, assignmentPolicy: direct, since: 2026-01-01T00:00:00Z}]}";

    struct Case {
        tenant: Tenant,
        user: String,
        group: String,
    }

    fn case() -> Case {
        let now: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        let mut tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), now).unwrap();
        let mut group = tenant.groups.iter().find(|group| group.display_name() == "H").unwrap().clone();
        group.properties.insert("isAssignableToRole".to_owned(), true.into());
        tenant.put_group(group.clone());
        let catalog = tenant.catalogs.iter().next().unwrap().clone();
        let resource = Origin::of_group(&group).onboarded(&tenant, &catalog, now);
        let id = resource.id.clone();
        tenant.put_resource(resource);
        for role in ["Owner", "EligibleMember"] {
            let role = role_scope(&mut tenant, &id, &format!("{role}_{}", group.id), now).unwrap();
            let package = package(&tenant);
            extend(&mut tenant, package, role);
        }
        Case { user: tenant.user("a").unwrap().id.clone(), group: group.id, tenant }
    }

    fn package(tenant: &Tenant) -> Package {
        tenant.packages.iter().next().unwrap().clone()
    }

    impl Case {
        /// Whether the user is a member, an owner, and eligible as a member.
        fn holds(&self) -> (bool, bool, bool) {
            let role = format!("EligibleMember_{}", self.group);
            let key = role_key(&self.tenant, OriginSystem::AadGroup, &self.group, &role);
            let eligible = self.tenant.role_holders(&key).is_some_and(|holders| holders.contains(&self.user));
            let owner = self.tenant.groups.get(&self.group).unwrap().owners.contains(&self.user);
            (self.tenant.is_member(&self.group, &self.user), owner, eligible)
        }
    }

    #[test]
    fn owners_and_eligible_members_are_no_members() {
        assert_eq!(case().holds(), (false, true, true));
    }

    #[test]
    fn a_role_taken_out_of_the_package_is_taken_from_its_holders() {
        let mut case = case();
        let owner = package(&case.tenant).role_scopes[1].id();
        for expected in [true, false] {
            let package = package(&case.tenant);
            assert_eq!(reduce(&mut case.tenant, package, &owner), expected);
            assert_eq!(case.holds(), (false, false, true));
        }
    }
}
