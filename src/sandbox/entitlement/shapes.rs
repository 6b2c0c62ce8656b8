//! The structural properties of entitlement management's entities on the wire (graph-contract 1.3, 1.6 to 1.10).

use serde_json::{Map, Value, json};

use super::super::directory;
use super::super::records::{Approver, Assignment, Catalog, Group, Package, Policy, Question, Request};
use super::super::tenant::Tenant;

/// An `accessPackageCatalog`.
pub(super) fn catalog(catalog: &Catalog) -> Map<String, Value> {
    map(json!({
        "id": catalog.id, "displayName": catalog.display_name, "description": catalog.description,
        "catalogType": catalog.catalog_type, "state": "published", "isExternallyVisible": false,
        "createdDateTime": catalog.created, "modifiedDateTime": catalog.created,
    }))
}

/// An `accessPackage`.
pub(super) fn package(package: &Package) -> Map<String, Value> {
    map(json!({
        "id": package.id, "displayName": package.display_name, "description": package.description, "isHidden": false,
        "createdDateTime": package.created, "modifiedDateTime": package.created,
    }))
}

/// An `accessPackageAssignmentPolicy` for administrators' direct assignments.
pub(super) fn policy(policy: &Policy) -> Map<String, Value> {
    let stages: Vec<Value> = policy.approver.iter().map(stage).collect();
    map(json!({
        "id": policy.id, "displayName": policy.display_name, "description": policy.description,
        "allowedTargetScope": "notSpecified", "specificAllowedTargets": [], "expiration": policy.expiration,
        "requestorSettings": {
            "enableTargetsToSelfAddAccess": false, "enableTargetsToSelfUpdateAccess": false,
            "enableTargetsToSelfRemoveAccess": false, "allowCustomAssignmentSchedule": true,
            "enableOnBehalfRequestorsToAddAccess": false, "enableOnBehalfRequestorsToUpdateAccess": false,
            "enableOnBehalfRequestorsToRemoveAccess": false, "onBehalfRequestors": [],
        },
        "requestApprovalSettings": {
            "isApprovalRequiredForAdd": policy.approver.is_some(), "isApprovalRequiredForUpdate": false,
            "isRequestorJustificationRequired": false, "stages": stages,
        },
        "reviewSettings": null, "automaticRequestSettings": null,
        "notificationSettings": { "isAssignmentNotificationDisabled": false },
        "createdDateTime": policy.created, "modifiedDateTime": policy.created,
    }))
}

/// An `accessPackageTextInputQuestion`; `sequence` is its place in the policy.
pub(super) fn question(question: &Question, sequence: usize) -> Map<String, Value> {
    map(json!({
        "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion",
        "id": question.id, "text": question.text, "isRequired": question.required, "isAnswerEditable": true,
        "sequence": sequence, "localizations": [], "isSingleLineQuestion": true, "regexPattern": null,
    }))
}

/// An `accessPackageAssignmentRequest`.
pub(super) fn request(request: &Request) -> Map<String, Value> {
    let mut schedule = json!(request.schedule);
    if let Some(schedule) = schedule.as_object_mut() {
        schedule.insert("recurrence".to_owned(), Value::Null);
    }
    map(json!({
        "id": request.id, "requestType": request.request_type, "state": request.state.name(),
        "status": request.state.status(), "justification": request.justification, "schedule": schedule,
        "answers": request.answers, "createdDateTime": request.created, "completedDateTime": request.completed,
        "customExtensionCalloutInstances": [],
    }))
}

/// An `accessPackageAssignment`.
pub(super) fn assignment(assignment: &Assignment) -> Map<String, Value> {
    let mut schedule = json!(assignment.schedule);
    if let Some(schedule) = schedule.as_object_mut() {
        schedule.insert("recurrence".to_owned(), Value::Null);
    }
    map(json!({
        "id": assignment.id, "state": assignment.state.name(), "status": assignment.state.status(),
        "schedule": schedule, "expiredDateTime": assignment.expired, "customExtensionCalloutInstances": [],
    }))
}

/// An `accessPackageResourceRoleScope`: the member role of one group.
pub(super) fn role_scope(tenant: &Tenant, package: &Package, group: &Group) -> Map<String, Value> {
    let id = |kind| tenant.derived_id(kind, &group.id);
    map(json!({ "id": format!("{}_{}", id("role"), id("scope")), "createdDateTime": package.created }))
}

/// The member role of a group, an `accessPackageResourceRole`.
pub(super) fn role(tenant: &Tenant, group: &Group) -> Map<String, Value> {
    map(json!({
        "id": tenant.derived_id("role", &group.id), "displayName": "Member", "description": null,
        "originSystem": "AadGroup", "originId": format!("Member_{}", group.id),
    }))
}

/// The root scope of a group, an `accessPackageResourceScope`.
pub(super) fn scope(tenant: &Tenant, group: &Group) -> Map<String, Value> {
    map(json!({
        "id": tenant.derived_id("scope", &group.id), "displayName": "Root", "description": "Root Scope",
        "originSystem": "AadGroup", "originId": group.id, "isRootScope": true,
    }))
}

/// An `accessPackageSubject`; without the user it would be of, nothing but its ids.
pub(super) fn subject(tenant: &Tenant, user_id: &str) -> Map<String, Value> {
    match tenant.user_even_deleted(user_id) {
        Some(user) => directory::subject(tenant, user),
        None => map(json!({ "id": tenant.derived_id("subject", user_id), "objectId": user_id, "subjectType": "user" })),
    }
}

fn stage(approver: &Approver) -> Value {
    let approver = match approver {
        Approver::Manager => json!({ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 1 }),
        Approver::User(id) => {
            json!({ "@odata.type": "#microsoft.graph.singleUser", "userId": id, "description": null })
        }
    };
    json!({
        "durationBeforeAutomaticDenial": "P14D", "isApproverJustificationRequired": false, "isEscalationEnabled": false,
        "durationBeforeEscalation": "PT0S", "primaryApprovers": [approver], "fallbackPrimaryApprovers": [],
        "escalationApprovers": [], "fallbackEscalationApprovers": [],
    })
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
