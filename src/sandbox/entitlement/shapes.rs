//! The structural properties of entitlement management's entities on the wire (graph-contract 1.3, 1.6 to 1.10).

use serde_json::{Map, Value, json};

use super::super::records::{
    Assignment, Callout, Catalog, CustomExtension, ExtensionStageSetting, Package, Policy, Question, Request,
};
use super::super::resources::{Resource, ResourceRequest, Role, RoleScope, Scope};
use super::super::tenant::Tenant;
use super::environments::Environment;

/// The id of a role before its first use.
pub(super) const UNUSED_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// An `accessPackageCatalog`.
pub(super) fn catalog(catalog: &Catalog) -> Map<String, Value> {
    map(json!({
        "id": catalog.id, "displayName": catalog.display_name, "description": catalog.description,
        "catalogType": catalog.catalog_type, "state": catalog.state, "isExternallyVisible": catalog.externally_visible,
        "createdDateTime": catalog.created, "modifiedDateTime": catalog.modified,
    }))
}

/// An `accessPackage`.
pub(super) fn package(package: &Package) -> Map<String, Value> {
    map(json!({
        "id": package.id, "displayName": package.display_name, "description": package.description,
        "isHidden": package.hidden, "createdDateTime": package.created, "modifiedDateTime": package.modified,
    }))
}

/// An `accessPackageAssignmentPolicy`; what v1.0 has no name for stays inside.
pub(super) fn policy(policy: &Policy) -> Map<String, Value> {
    let mut requestor_settings = map(json!(policy.requestor_settings));
    requestor_settings.remove("acceptRequests");
    map(json!({
        "id": policy.id, "displayName": policy.display_name, "description": policy.description,
        "allowedTargetScope": policy.allowed_target_scope, "specificAllowedTargets": policy.specific_allowed_targets,
        "expiration": policy.expiration, "requestorSettings": requestor_settings,
        "requestApprovalSettings": policy.approval_settings, "reviewSettings": policy.review_settings,
        "automaticRequestSettings": policy.automatic_request_settings,
        "notificationSettings": policy.notification_settings,
        "createdDateTime": policy.created, "modifiedDateTime": policy.modified,
    }))
}

/// An `accessPackageQuestion` of either kind.
pub(super) fn question(question: &Question) -> Map<String, Value> {
    map(json!(question))
}

/// An `accessPackageAssignmentRequest`.
pub(super) fn request(request: &Request) -> Map<String, Value> {
    let mut schedule = json!(request.schedule);
    if let Some(schedule) = schedule.as_object_mut() {
        schedule.insert("recurrence".to_owned(), Value::Null);
    }
    map(json!({
        "id": request.id, "requestType": request.request_type.name(), "state": request.state.name(),
        "status": request.status, "justification": request.justification, "schedule": schedule,
        "answers": request.answers, "createdDateTime": request.created, "completedDateTime": request.completed,
        "customExtensionCalloutInstances": request.callouts.iter().map(callout).collect::<Vec<_>>(),
    }))
}

/// A `customCalloutExtension` of either derived type.
pub(super) fn custom_extension(extension: &CustomExtension) -> Map<String, Value> {
    let wait = &extension.duration_before_timeout;
    let callback = wait.as_ref().map(
        |wait| json!({ "@odata.type": "#microsoft.graph.customExtensionCallbackConfiguration", "durationBeforeTimeout": wait }),
    );
    map(json!({
        "@odata.type": extension.kind, "id": extension.id, "displayName": extension.display_name,
        "description": extension.description, "endpointConfiguration": extension.endpoint_configuration,
        "authenticationConfiguration": extension.authentication_configuration,
        "clientConfiguration": extension.client_configuration, "callbackConfiguration": callback,
        "createdDateTime": extension.created, "lastModifiedDateTime": extension.modified,
        "createdBy": null, "lastModifiedBy": null,
    }))
}

/// A `customExtensionStageSetting` of a policy.
pub(super) fn stage_setting(tenant: &Tenant, policy: &Policy, setting: &ExtensionStageSetting) -> Map<String, Value> {
    let name = format!("{}/{}/{}", policy.id, json!(setting.stage), setting.custom_extension_id);
    map(json!({ "id": tenant.derived_id("stageSetting", &name), "stage": setting.stage }))
}

/// A `customExtensionCalloutInstance`.
pub(super) fn callout(callout: &Callout) -> Value {
    json!({
        "id": callout.id, "customExtensionId": callout.custom_extension_id, "detail": callout.detail,
        "externalCorrelationId": callout.external_correlation_id, "status": callout.status,
    })
}

/// An `accessPackageAssignment`.
pub(super) fn assignment(assignment: &Assignment) -> Map<String, Value> {
    let mut schedule = json!(assignment.schedule);
    if let Some(schedule) = schedule.as_object_mut() {
        schedule.insert("recurrence".to_owned(), Value::Null);
    }
    map(json!({
        "id": assignment.id, "state": assignment.state.name(), "status": assignment.status,
        "schedule": schedule, "expiredDateTime": assignment.expired, "customExtensionCalloutInstances": [],
    }))
}

/// An `accessPackageResourceRoleScope`.
pub(super) fn role_scope(role_scope: &RoleScope) -> Map<String, Value> {
    map(json!({ "id": role_scope.id(), "createdDateTime": role_scope.created }))
}

/// An `accessPackageResourceRole`; one that no package has given yet shows the all-zero id [seed 002].
pub(super) fn role(role: &Role) -> Map<String, Value> {
    map(json!({
        "id": if role.used { &role.id } else { UNUSED_ROLE }, "displayName": role.display_name,
        "description": role.description, "originSystem": role.origin_system.name(), "originId": role.origin_id,
        "type": role.r#type,
    }))
}

/// The root scope of a resource, an `accessPackageResourceScope`.
pub(super) fn scope(scope: &Scope) -> Map<String, Value> {
    map(json!({
        "id": scope.id, "displayName": "Root", "description": "Root Scope", "originId": scope.origin_id,
        "originSystem": scope.origin_system.name(), "isRootScope": true,
    }))
}

/// An `accessPackageResource`.
pub(super) fn resource(resource: &Resource) -> Map<String, Value> {
    map(json!({
        "id": resource.id, "displayName": resource.display_name, "description": resource.description,
        "originId": resource.scope.origin_id, "originSystem": resource.scope.origin_system.name(),
        "attributes": resource.attributes,
        "createdDateTime": resource.created, "modifiedDateTime": resource.modified,
    }))
}

/// An `accessPackageResourceRequest`: each is carried out at once.
pub(super) fn resource_request(request: &ResourceRequest) -> Map<String, Value> {
    map(json!({
        "id": request.id, "requestType": request.request_type, "state": "delivered", "createdDateTime": request.created,
    }))
}

/// An `accessPackageResourceEnvironment`: where the tenant's sites are; it was there before everything else.
pub(super) fn environment(environment: &Environment) -> Map<String, Value> {
    map(json!({
        "id": environment.id, "displayName": environment.address, "description": environment.address,
        "originSystem": "SharePointOnline", "originId": environment.admin_address, "isDefaultEnvironment": true,
        "connectionInfo": { "url": environment.address }, "createdDateTime": null, "modifiedDateTime": null,
    }))
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
