//! Every collection of entitlement management and one thing of each, with every documented expansion, against Graph's metadata.

#![cfg(test)]

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::{conforms, conforms_whole};
use crate::packages::role_scope;
use crate::sandbox::{EM, Rig, created, rig};
use crate::sandbox_callouts::body as extension;
use crate::sandbox_policies::{direct, with};
use crate::sandbox_questions::questions;
use crate::sandbox_refusals::{controlled, id, put_control};

/// A collection, the type of what is in it, and what can be expanded.
const SWEPT: &[(&str, &str, &[&str])] = &[
    ("catalogs", "accessPackageCatalog", &["accessPackages", "resources($expand=roles,scopes,environment)"]),
    (
        "accessPackages",
        "accessPackage",
        &[
            "accessPackagesIncompatibleWith",
            "assignmentPolicies",
            "catalog",
            "incompatibleAccessPackages",
            "incompatibleGroups",
            "resourceRoleScopes($expand=role,scope)",
        ],
    ),
    (
        "assignmentPolicies",
        "accessPackageAssignmentPolicy",
        &["accessPackage", "catalog", "questions", "customExtensionStageSettings($expand=customExtension)"],
    ),
    (
        "assignmentRequests",
        "accessPackageAssignmentRequest",
        &["accessPackage", "requestor($expand=connectedOrganization)", "assignment($expand=target)"],
    ),
    (
        "assignments",
        "accessPackageAssignment",
        &["accessPackage", "assignmentPolicy", "target($expand=connectedOrganization)"],
    ),
    ("resources", "accessPackageResource", &["environment", "roles", "scopes"]),
    ("resourceRequests", "accessPackageResourceRequest", &["catalog", "resource"]),
    ("connectedOrganizations", "connectedOrganization", &["externalSponsors", "internalSponsors"]),
    ("subjects", "accessPackageSubject", &["connectedOrganization"]),
];

/// What the sweep reads, and the ids that lead to what lies below a collection.
struct Scenario {
    rig: Rig,
    catalog: String,
    resource: String,
    package: String,
    /// A request that waits for the manager, E0001, of whom it is for, E0901.
    waiting: String,
}

fn user(rig: &Rig, employee: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.singleUser", "userId": rig.user(employee), "description": employee })
}

/// Policies of every kind for the package, by name.
async fn policies(rig: &Rig, package: &str, catalog: &str) {
    let extensions = format!("{EM}/catalogs/{catalog}/customWorkflowExtensions");
    let extension = created(rig.post(&extensions, &extension(Some("PT1H"))).await).await;
    let partner = rig.read("connectedOrganizations").await["value"][0]["id"].clone();
    let group = json!({ "@odata.type": "#microsoft.graph.groupMembers", "groupId": rig.group("Marketing").await });
    let manager = json!({ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 1 });
    let second = json!({ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 2 });
    let stage = json!({ "durationBeforeAutomaticDenial": "P14D", "isApproverJustificationRequired": true,
        "isEscalationEnabled": true, "durationBeforeEscalation": "P8D", "primaryApprovers": [manager],
        "fallbackPrimaryApprovers": [user(rig, "E0902"), group], "escalationApprovers": [second],
        "fallbackEscalationApprovers": [user(rig, "E0903")] });
    let plain = json!({ "durationBeforeAutomaticDenial": "P7D", "primaryApprovers": [user(rig, "E0902")] });
    let rule = json!([{ "@odata.type": "#microsoft.graph.attributeRuleMembers", "membershipRule": "(user.department -eq \"Legal\")" }]);
    let members =
        json!([{ "@odata.type": "#microsoft.graph.connectedOrganizationMembers", "connectedOrganizationId": partner }]);
    for (name, changes) in [
        ("Direct assignment", json!({})),
        ("Asks", json!({ "questions": questions() })),
        ("Thirty days", json!({ "expiration": { "type": "afterDuration", "duration": "P30D" } })),
        ("To a date", json!({ "expiration": { "type": "afterDateTime", "endDateTime": "2027-06-30T00:00:00Z" } })),
        (
            "Stages",
            json!({ "requestApprovalSettings": { "isApprovalRequiredForAdd": true, "isApprovalRequiredForUpdate": true, "stages": [stage, plain] } }),
        ),
        (
            "Reviewed",
            json!({ "reviewSettings": { "isEnabled": true, "expirationBehavior": "keepAccess",
            "isRecommendationEnabled": true, "isReviewerJustificationRequired": true, "isSelfReview": false,
            "primaryReviewers": [group], "fallbackReviewers": [user(rig, "E0902")],
            "schedule": { "startDateTime": "2026-12-01T00:00:00Z", "expiration": { "duration": "P14D", "type": "afterDuration" },
                "recurrence": { "pattern": { "type": "absoluteMonthly", "interval": 3, "month": 0, "dayOfMonth": 0, "daysOfWeek": [] },
                    "range": { "type": "noEnd", "numberOfOccurrences": 0 } } } } }),
        ),
        (
            "Themselves",
            json!({ "allowedTargetScope": "specificDirectoryUsers", "specificAllowedTargets": [user(rig, "E0904"), group],
            "requestorSettings": { "enableTargetsToSelfAddAccess": true, "enableTargetsToSelfUpdateAccess": true,
                "enableTargetsToSelfRemoveAccess": true, "enableOnBehalfRequestorsToAddAccess": true,
                "onBehalfRequestors": [manager] } }),
        ),
        (
            "Partners",
            json!({ "allowedTargetScope": "specificConnectedOrganizationUsers", "specificAllowedTargets": members }),
        ),
        (
            "Automatic",
            json!({ "allowedTargetScope": "specificDirectoryUsers", "specificAllowedTargets": rule,
            "automaticRequestSettings": { "requestAccessForAllowedTargets": true,
                "removeAccessWhenTargetLeavesAllowedTargets": true, "gracePeriodBeforeAccessRemoval": "P7D" } }),
        ),
        ("Quiet", json!({ "notificationSettings": { "isAssignmentNotificationDisabled": true } })),
        (
            "Calls",
            json!({ "customExtensionStageSettings": [{ "stage": "assignmentRequestCreated", "customExtension": {
            "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension", "id": extension["id"] } }] }),
        ),
    ] {
        let body = with(with(direct(package), json!({ "displayName": name })), changes);
        conforms("accessPackageAssignmentPolicy", &rig.make("assignmentPolicies", &body).await);
    }
}

/// Requests of every kind, in as many states as requests can be brought to.
async fn requests(rig: &Rig) -> String {
    let ask = async |employee: &str, package: &str, policy: &str, changes: Value| {
        let body = with(rig.addition(employee, package, policy).await, changes);
        let request = created(rig.request(&body).await).await;
        conforms("accessPackageAssignmentRequest", &request);
        request
    };
    let kit = "Kit";
    ask("E0901", kit, "Thirty days", json!({})).await;
    let asks = rig.read("assignmentPolicies?$filter=displayName eq 'Asks'&$expand=questions").await;
    let question = &asks["value"][0]["questions"][0];
    let answer = json!([{ "@odata.type": "#microsoft.graph.accessPackageAnswerString", "value": "KE", "displayValue": "KE",
        "answeredQuestion": { "@odata.type": question["@odata.type"], "id": question["id"] } }]);
    ask("E0902", kit, "Asks", json!({ "answers": answer })).await;
    let own = rig.addition("E0904", kit, "Themselves").await;
    created(rig.request_as("E0904", &with(own, json!({ "requestType": "userAdd" }))).await).await;
    rig.advance(5);
    let held = rig.assignment("E0901", kit).await;
    let change = |kind: &str, held: &Value| json!({ "requestType": kind, "assignment": { "id": held["id"] } });
    let longer =
        json!({ "schedule": { "expiration": { "type": "afterDateTime", "endDateTime": "2026-12-10T00:00:00Z" } } });
    created(rig.request(&with(change("adminUpdate", &held), longer)).await).await;
    let own = rig.assignment("E0904", kit).await;
    created(rig.request_as("E0904", &change("userRemove", &own)).await).await;
    rig.advance(5);
    let ended = rig.assignment("E0902", kit).await;
    created(rig.request(&change("adminRemove", &ended)).await).await;
    rig.advance(5);

    let waiting = text(&ask("E0901", "Marketing Campaign", "Approved by manager", json!({})).await["id"]);
    let denied = text(&ask("E0903", "Platform Operations", "Approved by the platform lead", json!({})).await["id"]);
    let canceled = ask("E0902", "Marketing Campaign", "Approved by manager", json!({})).await;
    rig.advance(5);
    rig.sandbox.controls().decide(&denied, false).unwrap();
    let cancel = format!("{EM}/assignmentRequests/{}/cancel", id(&canceled));
    assert_eq!(rig.call_as("E0902", Method::POST, &cancel).send().await.unwrap().status(), StatusCode::OK);
    ask("E0903", kit, "Calls", json!({})).await;
    ask("E0101", kit, "Direct assignment", json!({ "schedule": { "startDateTime": "2026-12-24T00:00:00Z" } })).await;
    for (employee, package, outcome) in
        [("E0901", "Sales Toolkit", "fail"), ("E0902", "Platform Operations", "partial")]
    {
        let policy = if package == "Sales Toolkit" { "Direct assignment" } else { "Approved by the platform lead" };
        assert_eq!(put_control(rig, "outcomes", &json!({ "accessPackage": package, "outcome": outcome })).await, 204);
        let request = ask(employee, package, policy, json!({})).await;
        rig.advance(1);
        _ = rig.sandbox.controls().decide(id(&request), true);
    }
    rig.held_by_guest().await;
    rig.advance(30);
    ask("E0902", "Vendor Portal", "Thirty days", json!({})).await;
    waiting
}

async fn scenario() -> Scenario {
    let rig = controlled().await;
    let catalog = rig.new_catalog().await;
    let expenses = text(&rig.application("Expenses").await["id"]);
    let (tools, site) = (rig.group("Campaign Tools").await, "https://contoso.sharepoint.com/sites/kit");
    let kit = json!({ "displayName": "Kit", "description": "all there is", "catalog": { "id": catalog } });
    let package = text(&rig.make("accessPackages", &kit).await["id"]);
    let mut resource = String::new();
    for (system, origin) in
        [("SharePointOnline", site), ("AadApplication", expenses.as_str()), ("AadGroup", tools.as_str())]
    {
        let onboarded = rig.onboard(&catalog, system, origin).await;
        let given = rig.make(&format!("accessPackages/{package}/resourceRoleScopes"), &role_scope(&onboarded, 0)).await;
        conforms_whole("accessPackageResourceRoleScope", &given);
        resource = text(&onboarded["id"]);
    }
    let link = |path: &str| json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/{path}") });
    let other = rig.make("accessPackages", &json!({ "displayName": "Other", "isHidden": true })).await;
    let other = link(&format!("identityGovernance/entitlementManagement/accessPackages/{}", id(&other)));
    let apart = format!("accessPackages/{package}");
    assert_eq!(rig.outcome(Method::POST, &format!("{apart}/incompatibleAccessPackages/$ref"), &other).await.0, 204);
    let lab = link(&format!("groups/{}", rig.group("Project Atlas").await));
    assert_eq!(rig.outcome(Method::POST, &format!("{apart}/incompatibleGroups/$ref"), &lab).await.0, 204);
    let partner = rig.read("connectedOrganizations").await["value"][0].clone();
    let sponsor = link(&format!("users/{}", rig.user("E0901")));
    let sponsors = format!("connectedOrganizations/{}/externalSponsors/$ref", id(&partner));
    assert_eq!(rig.outcome(Method::POST, &sponsors, &sponsor).await.0, 204);
    policies(&rig, &package, &catalog).await;
    let waiting = requests(&rig).await;
    Scenario { rig, catalog, resource, package, waiting }
}

fn values(page: &[Value], name: &str) -> BTreeSet<String> {
    page.iter().map(|value| text(&value[name])).collect()
}

#[tokio::test]
async fn every_collection_and_one_of_each_agrees_with_graphs_metadata() {
    let Scenario { rig, .. } = scenario().await;
    for &(path, kind, expansions) in SWEPT {
        let plain = rig.all(&format!("{EM}/{path}")).await;
        assert!(!plain.is_empty(), "{path}");
        plain.iter().for_each(|value| conforms_whole(kind, value));
        let every = expansions.join(",");
        for expand in expansions.iter().copied().chain([every.as_str()]) {
            let expanded = rig.all(&format!("{EM}/{path}?$expand={expand}")).await;
            assert_eq!(expanded.len(), plain.len(), "{path} {expand}");
            expanded.iter().for_each(|value| conforms_whole(kind, value));
            let name = expand.split(['(', ',']).next().unwrap();
            let filled = |value: &Value| !matches!(&value[name], Value::Null) && value[name] != json!([]);
            assert!(expanded.iter().any(filled), "{path} has nothing in {name}");
        }
        for one in plain.iter().rev().take(3) {
            let read = rig.read(&format!("{path}/{}", id(one))).await;
            conforms_whole(kind, &read);
            let read = rig.read(&format!("{path}/{}?$expand={every}", id(one))).await;
            conforms_whole(kind, &read);
        }
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_lies_below_a_collection_agrees_with_graphs_metadata() {
    let Scenario { rig, catalog, resource, package, waiting } = scenario().await;
    let partner = text(&rig.read("connectedOrganizations").await["value"][0]["id"]);
    let role_filter = format!("$filter=(originSystem eq 'AadGroup' and resource/id eq '{resource}')&$expand=resource");
    for (path, kind) in [
        (format!("catalogs/{catalog}/accessPackages"), "accessPackage"),
        (format!("catalogs/{catalog}/resources?$expand=roles,scopes,environment"), "accessPackageResource"),
        (format!("catalogs/{catalog}/resourceRoles?{role_filter}"), "accessPackageResourceRole"),
        (format!("catalogs/{catalog}/customWorkflowExtensions"), "customCalloutExtension"),
        (
            format!("accessPackages/{package}/resourceRoleScopes?$expand=role($expand=resource),scope"),
            "accessPackageResourceRoleScope",
        ),
        (format!("accessPackages/{package}/incompatibleAccessPackages"), "accessPackage"),
        (format!("accessPackages/{package}/incompatibleGroups"), "group"),
        (
            "resourceEnvironments?$filter=originSystem eq 'SharePointOnline'".to_owned(),
            "accessPackageResourceEnvironment",
        ),
        (format!("connectedOrganizations/{partner}/internalSponsors"), "directoryObject"),
        (format!("connectedOrganizations/{partner}/externalSponsors"), "directoryObject"),
    ] {
        let listed = rig.all(&format!("{EM}/{path}")).await;
        assert!(!listed.is_empty(), "{path}");
        listed.iter().for_each(|value| conforms(kind, value));
    }
    conforms_whole("entitlementManagementSettings", &with_id(rig.read("settings").await));
    let subject = rig.read(&format!("subjects(objectId='{}')?$expand=connectedOrganization", rig.user("E0901"))).await;
    conforms_whole("accessPackageSubject", &subject);

    let read_as = async |path: &str| -> Value {
        let response = rig.call_as("E0001", Method::GET, &format!("{EM}/{path}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    };
    let approval = read_as(&format!("accessPackageAssignmentApprovals/{waiting}?$expand=stages")).await;
    conforms_whole("approval", &approval);
    for stage in approval["stages"].as_array().unwrap() {
        conforms_whole("approvalStage", stage);
        let path = format!("accessPackageAssignmentApprovals/{waiting}/stages/{}", id(stage));
        conforms_whole("approvalStage", &read_as(&path).await);
    }
    for (path, kind) in [
        ("accessPackageAssignmentApprovals/filterByCurrentUser(on='approver')?$expand=stages", "approval"),
        ("assignmentRequests/filterByCurrentUser(on='approver')?$expand=requestor", "accessPackageAssignmentRequest"),
        ("assignments/filterByCurrentUser(on='targetManager')?$expand=target", "accessPackageAssignment"),
    ] {
        let listed = read_as(path).await["value"].as_array().unwrap().clone();
        assert!(!listed.is_empty(), "{path}");
        listed.iter().for_each(|value| conforms_whole(kind, value));
    }
    rig.sandbox.stop().await;
}

/// The settings are a singleton, whose id is not shown.
fn with_id(value: Value) -> Value {
    if value.get("id").is_some() { value } else { with(value, json!({ "id": "" })) }
}

#[tokio::test]
async fn the_scenario_has_every_kind_of_record() {
    let Scenario { rig, .. } = scenario().await;
    let requests = rig.all(&format!("{EM}/assignmentRequests")).await;
    let states = values(&requests, "state");
    for state in [
        "submitted",
        "pendingApproval",
        "delivered",
        "partiallyDelivered",
        "deliveryFailed",
        "denied",
        "scheduled",
        "canceled",
    ] {
        assert!(states.contains(state), "{state} is not among {states:?}");
    }
    let types = values(&requests, "requestType");
    for kind in ["adminAdd", "adminUpdate", "adminRemove", "userAdd", "userRemove"] {
        assert!(types.contains(kind), "{kind} is not among {types:?}");
    }
    let assignments = values(&rig.all(&format!("{EM}/assignments")).await, "state");
    for state in ["delivered", "expired", "partiallyDelivered", "deliveryFailed"] {
        assert!(assignments.contains(state), "{state} is not among {assignments:?}");
    }
    let origins = values(&rig.all(&format!("{EM}/resources")).await, "originSystem");
    assert_eq!(origins.into_iter().collect::<Vec<_>>(), ["AadApplication", "AadGroup", "SharePointOnline"]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn users_and_groups_of_every_list_agree_with_graphs_metadata() {
    let rig = rig().await;
    let group = rig.group("Engineering").await;
    for path in [
        "/v1.0/users?$top=50".to_owned(),
        "/v1.0/groups".to_owned(),
        format!("/v1.0/groups/{group}/members"),
        format!("/v1.0/groups/{group}/transitiveMembers"),
        format!("/v1.0/users/{}/memberOf", rig.user("E0901")),
    ] {
        let listed = rig.all(&path).await;
        assert!(!listed.is_empty(), "{path}");
        let kind = if path.starts_with("/v1.0/users?") {
            "user"
        } else if path == "/v1.0/groups" {
            "group"
        } else {
            "directoryObject"
        };
        listed.iter().for_each(|value| conforms(kind, value));
    }
    for service_principal in rig.all("/v1.0/servicePrincipals").await {
        conforms("servicePrincipal", &service_principal);
    }
    rig.sandbox.stop().await;
}
