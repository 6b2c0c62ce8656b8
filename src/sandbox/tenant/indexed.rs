//! What the records of entitlement management are found by: every property of a documented filter, and every reference
//! that navigation or delivery follows backwards.

use super::index::Property::{self, Growing, Keyed};
pub(in crate::sandbox) use super::indexed_objects::{GROUP, USER};
use crate::sandbox::applications::Application;
use crate::sandbox::organizations::{ConnectedOrganization, IdentitySource};
use crate::sandbox::records::{Assignment, Catalog, CustomExtension, Package, Policy, Request};
use crate::sandbox::resources::{Resource, RoleScope};
use crate::sandbox::subjects::Subject;

/// See [`Application`].
pub(in crate::sandbox) const APPLICATION: &[Property<Application>] = &[
    Keyed("appid", |application, keys| keys.text(&application.app_id)),
    Keyed("displayname", |application, keys| keys.text(&application.display_name)),
];

/// See [`Catalog`].
pub(in crate::sandbox) const CATALOG: &[Property<Catalog>] = &[
    Keyed("displayname", |catalog, keys| keys.text(&catalog.display_name)),
    Keyed("catalogtype", |catalog, keys| keys.text(&catalog.catalog_type)),
];

/// See [`CustomExtension`].
pub(in crate::sandbox) const CUSTOM_EXTENSION: &[Property<CustomExtension>] =
    &[Keyed("catalog/id", |extension, keys| keys.text(&extension.catalog_id))];

/// See [`Package`].
pub(in crate::sandbox) const PACKAGE: &[Property<Package>] = &[
    Keyed("displayname", |package, keys| keys.text(&package.display_name)),
    Keyed("catalog/id", |package, keys| keys.text(&package.catalog_id)),
    Keyed("incompatibleaccesspackages/id", |package, keys| {
        package.incompatible_package_ids.iter().for_each(|id| keys.text(id));
    }),
    Keyed("resource/id", |package, keys| package.role_scopes.iter().for_each(|role| keys.text(&role.resource_id))),
    Keyed("role", |package, keys| package.role_scopes.iter().for_each(|role| keys.text(&given_role(role)))),
];

/// See [`Policy`].
pub(in crate::sandbox) const POLICY: &[Property<Policy>] = &[
    Keyed("displayname", |policy, keys| keys.text(&policy.display_name)),
    Keyed("accesspackage/id", |policy, keys| keys.text(&policy.package_id)),
];

/// See [`Request`].
pub(in crate::sandbox) const REQUEST: &[Property<Request>] = &[
    Keyed("state", |request, keys| keys.text(request.state.name())),
    Keyed("accesspackage/id", |request, keys| keys.text(&request.package_id)),
    Keyed("assignmentpolicy/id", |request, keys| keys.text(&request.policy_id)),
    Keyed("target/objectid", |request, keys| keys.text(&request.target_id)),
    Keyed("createdby/id", |request, keys| request.creator().into_iter().for_each(|creator| keys.text(creator))),
    Growing("createddatetime", |request| request.created),
];

/// See [`Assignment`].
pub(in crate::sandbox) const ASSIGNMENT: &[Property<Assignment>] = &[
    Keyed("state", |assignment, keys| keys.text(assignment.state.name())),
    Keyed("accesspackage/id", |assignment, keys| keys.text(&assignment.package_id)),
    Keyed("target/objectid", |assignment, keys| keys.text(&assignment.target_id)),
    Keyed("assignmentpolicy/id", |assignment, keys| keys.text(&assignment.policy_id)),
];

/// See [`Resource`].
pub(in crate::sandbox) const RESOURCE: &[Property<Resource>] = &[
    Keyed("originid", |resource, keys| keys.text(&resource.scope.origin_id)),
    Keyed("originsystem", |resource, keys| keys.text(resource.scope.origin_system.name())),
    Keyed("displayname", |resource, keys| keys.text(&resource.display_name)),
    Keyed("catalog/id", |resource, keys| keys.text(&resource.catalog_id)),
];

/// See [`ConnectedOrganization`].
pub(in crate::sandbox) const ORGANIZATION: &[Property<ConnectedOrganization>] = &[
    Keyed("displayname", |organization, keys| keys.text(&organization.display_name)),
    Keyed("identitysources/any/microsoft.graph.azureactivedirectorytenant/tenantid", |organization, keys| {
        organization.identity_sources.iter().filter_map(IdentitySource::directory_id).for_each(|id| keys.text(id));
    }),
];

/// See [`Subject`].
pub(in crate::sandbox) const SUBJECT: &[Property<Subject>] =
    &[Keyed("email", |subject, keys| subject.email.iter().for_each(|email| keys.text(email)))];

/// What a role scope gives at its origin, in one text: packages that give the same have it in common.
pub(in crate::sandbox) fn given_role(role: &RoleScope) -> String {
    format!("{}/{}/{}", role.scope.origin_system.name(), role.scope.origin_id, role.role.origin_id)
}
