//! How a package's roles become memberships, and cease to be: delivery, removal, and changes of the package itself.

use super::records::{Assignment, AssignmentState, Package};
use super::resources::{OriginSystem, RoleScope};
use super::tenant::Tenant;

/// Gives the user of a delivered assignment the package's roles.
pub(super) fn deliver(tenant: &mut Tenant, assignment: &Assignment) {
    for role in roles_of(tenant, &assignment.package_id) {
        give(tenant, &role, &assignment.target_id);
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
    let gives = |package: &&Package| package.role_scopes.iter().any(|other| other.gives_as(role));
    let held_by_another =
        tenant.packages.iter().filter(gives).any(|other| tenant.active_assignment(user_id, &other.id).is_some());
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
    let held = |assignment: &&Assignment| {
        assignment.package_id == package_id && assignment.state == AssignmentState::Delivered
    };
    tenant.assignments.iter().filter(held).map(|assignment| assignment.target_id.clone()).collect()
}
