//! The sandbox under `/beta`: the vendor's tutorial for its beta cmdlets (seed 002), and what only beta has.

#![cfg(test)]

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::sandbox::{DEVELOPER, EM, Rig, created, options, refused, rig, rig_of};

const BETA: &str = "/beta/identityGovernance/entitlementManagement";

/// What the tutorial prints of each kind, without what it expands to and the annotations.
const CATALOG: &str = "catalogStatus catalogType createdBy createdDateTime description displayName id isExternallyVisible modifiedBy modifiedDateTime";
const RESOURCE_REQUEST: &str = "catalogId executeImmediately expirationDateTime id isValidationOnly justification requestState requestStatus requestType";
const RESOURCE: &str =
    "addedBy addedOn attributes description displayName id isPendingOnboarding originId originSystem resourceType url";
const PACKAGE: &str = "catalogId createdBy createdDateTime description displayName id isHidden isRoleScopesVisible modifiedBy modifiedDateTime";
const ROLE_SCOPE: &str = "createdBy createdDateTime id modifiedBy modifiedDateTime";
const POLICY: &str = "accessPackageId accessReviewSettings canExtend createdBy createdDateTime description displayName durationInDays expirationDateTime id modifiedBy modifiedDateTime questions requestApprovalSettings requestorSettings verifiableCredentialSettings";
const SUBJECT: &str = "altSecId cleanupScheduledDateTime connectedOrganizationId displayName email id objectId onPremisesSecurityIdentifier principalName subjectLifecycle type";
const REQUEST: &str = "answers completedDate createdDateTime customExtensionCalloutInstances customExtensionHandlerInstances expirationDateTime id isValidationOnly justification requestState requestStatus requestType schedule";
const ASSIGNMENT: &str = "accessPackageId assignmentPolicyId assignmentState assignmentStatus catalogId customExtensionCalloutInstances expiredDateTime id isExtended schedule targetId";

/// The names of an entity's members, without annotations.
fn names(entity: &Value) -> String {
    let names: BTreeSet<_> =
        entity.as_object().unwrap().keys().filter(|name| !name.starts_with('@')).cloned().collect();
    names.into_iter().collect::<Vec<_>>().join(" ")
}

fn text<'v>(entity: &'v Value, name: &str) -> &'v str {
    entity[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {entity}"))
}

fn context(rig: &Rig, entity: &str) -> String {
    format!("{}beta/$metadata#identityGovernance/entitlementManagement/{entity}", rig.sandbox.url())
}

async fn only(rig: &Rig, path: &str) -> Value {
    let page = rig.get(path).await;
    assert_eq!(page["value"].as_array().unwrap().len(), 1, "{page}");
    page["value"][0].clone()
}

/// A group in the General catalog and in a package of it, as the tutorial's second step leaves them.
struct Onboarded {
    group_id: String,
    catalog_id: String,
    resource_id: String,
    package_id: String,
    /// The path of the package's role scopes.
    role_scopes: String,
}

async fn onboarded(rig: &Rig) -> Onboarded {
    let group = json!({
        "displayName": "Marketing resources", "description": "Marketing resources", "mailEnabled": false,
        "mailNickname": "markres", "securityEnabled": true, "groupTypes": [],
    });
    let group = created(rig.post("/beta/groups", &group).await).await;
    assert_eq!(group["@odata.context"], format!("{}beta/$metadata#groups/$entity", rig.sandbox.url()));
    let group_id = text(&group, "id");

    let general = only(rig, &format!("{BETA}/accessPackageCatalogs?$filter=DisplayName eq 'General'")).await;
    assert_eq!(names(&general), CATALOG);
    let shown = ["catalogStatus", "catalogType", "createdBy", "description"].map(|name| text(&general, name));
    assert_eq!(shown, ["Published", "ServiceDefault", "Azure AD", "Built-in catalog."]);
    let catalog_id = text(&general, "id");

    let addition = json!({
        "catalogId": catalog_id, "requestType": "AdminAdd",
        "accessPackageResource": { "originSystem": "AadGroup ", "OriginId": group_id },
    });
    let request = created(rig.post(&format!("{BETA}/accessPackageResourceRequests"), &addition).await).await;
    assert_eq!(request["@odata.context"], context(rig, "accessPackageResourceRequests/$entity"));
    assert_eq!(names(&request), RESOURCE_REQUEST);
    let shown = ["catalogId", "requestState", "requestStatus", "requestType"].map(|name| text(&request, name));
    assert_eq!(shown, [catalog_id, "Delivered", "Fulfilled", "AdminAdd"]);

    let resources = format!("{BETA}/accessPackageCatalogs/{catalog_id}/accessPackageResources");
    let resource = only(rig, &format!("{resources}?$filter=DisplayName eq 'Marketing resources'")).await;
    assert_eq!(names(&resource), RESOURCE);
    assert_eq!((text(&resource, "originId"), text(&resource, "resourceType")), (group_id, "Security Group"));
    let url = format!("manageMembership?objectType=Group&objectId={group_id}");
    assert!(text(&resource, "url").ends_with(&url) && text(&resource, "addedBy").starts_with("admin@"), "{resource}");
    let resource_id = text(&resource, "id");

    let filter = format!(
        "originSystem eq 'AadGroup' and accessPackageResource/id eq '{resource_id}' and DisplayName eq 'Member'"
    );
    let roles = format!("{BETA}/accessPackageCatalogs/{catalog_id}/accessPackageResourceRoles");
    let role = only(rig, &format!("{roles}?$filter={filter}&$expand=accessPackageResource")).await;
    let member = format!("Member_{group_id}");
    assert_eq!((text(&role, "id"), text(&role, "originId")), ("00000000-0000-0000-0000-000000000000", member.as_str()));
    assert_eq!(role["accessPackageResource"]["id"], resource_id);

    let package = json!({ "catalogId": catalog_id, "displayName": "Marketing tutorial" });
    let package = created(rig.post(&format!("{BETA}/accessPackages"), &package).await).await;
    assert_eq!((names(&package).as_str(), text(&package, "catalogId")), (PACKAGE, catalog_id));
    let package_id = text(&package, "id");
    let role_scope = json!({
        "accessPackageResourceRole": {
            "originId": role["originId"], "displayName": "Member", "originSystem": "AadGroup",
            "accessPackageResource": {
                "id": resource_id, "resourceType": "Security Group", "originId": group_id, "originSystem": "AadGroup",
            },
        },
        "accessPackageResourceScope": { "originId": group_id, "originSystem": "AadGroup" },
    });
    let role_scopes = format!("{BETA}/accessPackages/{package_id}/accessPackageResourceRoleScopes");
    let role_scope = created(rig.post(&role_scopes, &role_scope).await).await;
    assert_eq!(names(&role_scope), ROLE_SCOPE);
    let set = format!("accessPackages/{package_id}/accessPackageResourceRoleScopes/$entity");
    assert_eq!(role_scope["@odata.context"], context(rig, &set));
    let (group_id, catalog_id) = (group_id.to_owned(), catalog_id.to_owned());
    let (resource_id, package_id) = (resource_id.to_owned(), package_id.to_owned());
    Onboarded { group_id, catalog_id, resource_id, package_id, role_scopes }
}

/// The tutorial's policy, with its text `[]` for no stages.
fn specific_users(package_id: &str, requestor_id: &str) -> Value {
    json!({
        "accessPackageId": package_id, "displayName": "Specific users",
        "description": "Specific users can request assignment", "durationInDays": 30,
        "requestorSettings": {
            "scopeType": "SpecificDirectorySubjects", "acceptRequests": true,
            "allowedRequestors": [{
                "@odata.type": "#microsoft.graph.singleUser", "isBackup": false, "id": requestor_id,
                "description": "Requestor1",
            }],
        },
        "requestApprovalSettings": {
            "isApprovalRequired": false, "isApprovalRequiredForExtension": false,
            "isRequestorJustificationRequired": false, "approvalMode": "NoApproval", "approvalStages": "[]",
        },
    })
}

async fn delete(rig: &Rig, path: &str) {
    assert_eq!(rig.call(Method::DELETE, path).send().await.unwrap().status(), StatusCode::NO_CONTENT, "{path}");
}

#[tokio::test]
async fn the_tutorial_of_the_beta_cmdlets_runs_from_beginning_to_end() {
    let rig = rig().await;
    let name = "Requestor1@contoso.example";
    let user = json!({
        "displayName": "Requestor1", "accountEnabled": true, "mailNickname": "Requestor1", "userPrincipalName": name,
        "passwordProfile": { "password": "Contoso1234", "forceChangePasswordNextSignIn": true },
    });
    let user = created(rig.post("/v1.0/users", &user).await).await;
    let user_id = text(&user, "id");
    let Onboarded { group_id, catalog_id, package_id, .. } = onboarded(&rig).await;
    let policies = format!("{BETA}/accessPackageAssignmentPolicies");
    let policy = created(rig.post(&policies, &specific_users(&package_id, user_id)).await).await;
    let policy_id = text(&policy, "id");

    let requests = format!("{BETA}/accessPackageAssignmentRequests");
    let wish = json!({ "requestType": "UserAdd", "answers": null, "accessPackageAssignment": {
        "targetId": user_id, "assignmentPolicyId": policy_id, "accessPackageId": package_id,
    }});
    let url = rig.sandbox.url().join(&requests).unwrap();
    let own_call = rig.client.post(url).bearer_auth(format!("{DEVELOPER}+{name}")).json(&wish);
    let request = created(own_call.send().await.unwrap()).await;
    let shown = ["requestState", "requestStatus", "requestType"].map(|name| text(&request, name));
    assert_eq!((shown, &request["isValidationOnly"]), (["Submitted", "Accepted", "UserAdd"], &json!(false)));
    rig.advance(10);
    let done = rig.get(&format!("{requests}/{}", text(&request, "id"))).await;
    assert_eq!(names(&done), REQUEST);
    assert_eq!((text(&done, "requestState"), done["completedDate"].is_string()), ("Delivered", true));
    assert_eq!(done["@odata.context"], context(&rig, "accessPackageAssignmentRequests/$entity"));

    let assignments = format!("{BETA}/accessPackageAssignments");
    let filter = format!("(AccessPackageAssignmentPolicy/Id eq '{policy_id}')");
    let held = only(&rig, &format!("{assignments}?$filter={filter}")).await;
    assert_eq!(names(&held), ASSIGNMENT);
    let shown =
        ["accessPackageId", "assignmentPolicyId", "assignmentState", "assignmentStatus", "catalogId", "targetId"];
    let expected = [package_id.as_str(), policy_id, "Delivered", "Delivered", &catalog_id, user_id];
    assert_eq!(shown.map(|name| text(&held, name)), expected);
    let end = held["schedule"]["expiration"]["endDateTime"].as_str().unwrap().to_owned();
    assert!(end.starts_with("2026-12-21T"), "30 days: {end}");
    let member = only(&rig, &format!("/v1.0/groups/{group_id}/members?$select=id")).await;
    assert_eq!(member["id"], user_id);

    let removal = json!({ "requestType": "AdminRemove", "accessPackageAssignment": { "id": held["id"] } });
    let removal = created(rig.post(&requests, &removal).await).await;
    assert_eq!((text(&removal, "requestState"), text(&removal, "requestType")), ("Submitted", "AdminRemove"));
    rig.advance(10);
    assert_eq!(rig.all(&format!("/v1.0/groups/{group_id}/members")).await, Vec::<Value>::new());
    delete(&rig, &format!("{policies}/{policy_id}")).await;
    delete(&rig, &format!("{BETA}/accessPackages/{package_id}")).await;
    delete(&rig, &format!("/v1.0/users/{user_id}")).await;
    delete(&rig, &format!("/v1.0/groups/{group_id}")).await;
}

#[tokio::test]
async fn what_is_selected_and_expanded_is_shown() {
    let rig = rig().await;
    let Onboarded { catalog_id, resource_id, package_id, role_scopes, .. } = onboarded(&rig).await;
    let listed = format!("{BETA}/accessPackageResourceRequests?$expand=accessPackageResource");
    let listed = rig.all(&listed).await;
    assert_eq!(listed.last().map(|request| names(&request["accessPackageResource"])).as_deref(), Some(RESOURCE));
    let resources = format!("{BETA}/accessPackageCatalogs/{catalog_id}/accessPackageResources");
    let inside = "accessPackageResourceRoles,accessPackageResourceScopes";
    let path = format!("{resources}?$filter=id eq '{resource_id}'&$expand={inside}&$select=addedOn");
    assert_eq!(names(&only(&rig, &path).await), "accessPackageResourceRoles accessPackageResourceScopes addedOn");

    let inside = "accessPackageResourceRole,accessPackageResourceScope";
    let expand =
        format!("accessPackageCatalog($select=catalogStatus),accessPackageResourceRoleScopes($expand={inside})");
    let package = rig.get(&format!("{BETA}/accessPackages/{package_id}?$expand={expand}")).await;
    assert_eq!(package["accessPackageCatalog"], json!({ "catalogStatus": "Published" }));
    let role_scope = &package["accessPackageResourceRoleScopes"][0];
    assert_eq!(role_scope["accessPackageResourceRole"]["displayName"], "Member");
    assert_eq!(package["@odata.context"], context(&rig, "accessPackages/$entity"));
    delete(&rig, &format!("{role_scopes}/{}", text(role_scope, "id"))).await;
    delete(&rig, &format!("{BETA}/accessPackages/{package_id}")).await;

    let catalog = json!({ "displayName": "Sales", "catalogStatus": "Unpublished", "createdBy": "me" });
    let catalog = created(rig.post(&format!("{BETA}/accessPackageCatalogs"), &catalog).await).await;
    assert_eq!((text(&catalog, "catalogStatus"), text(&catalog, "catalogType")), ("Unpublished", "UserManaged"));
    let path = format!("{BETA}/accessPackageCatalogs/{}", text(&catalog, "id"));
    let change = rig.call(Method::PATCH, &path).json(&json!({ "catalogStatus": "Published" })).send().await.unwrap();
    assert_eq!(change.status(), StatusCode::NO_CONTENT);
    assert_eq!(rig.get(&path).await["catalogStatus"], "Published");
}

/// The body of beta's adminAdd by employee id and names.
async fn addition(rig: &Rig, employee_id: &str, package: &str, policy: &str) -> Value {
    let v1 = rig.addition(employee_id, package, policy).await;
    json!({ "requestType": "AdminAdd", "accessPackageAssignment": v1["assignment"], "answers": null })
}

#[tokio::test]
async fn an_assignment_is_made_found_and_ended() {
    let rig = rig().await;
    let body = addition(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    let wanted = &body["accessPackageAssignment"];
    let requests = format!("{BETA}/accessPackageAssignmentRequests");
    let request = created(rig.post(&requests, &body).await).await;
    assert_eq!(names(&request), REQUEST);
    let shown = ["requestState", "requestStatus", "requestType"].map(|name| text(&request, name));
    assert_eq!((shown, &request["createdDateTime"]), (["Submitted", "Accepted", "AdminAdd"], &Value::Null));
    rig.advance(5);
    let path = format!("{requests}/{}", text(&request, "id"));
    let done = rig.get(&format!("{path}?$expand=accessPackageAssignment,requestor,accessPackage")).await;
    assert_eq!((text(&done, "requestState"), done["completedDate"].is_string()), ("Delivered", true));
    assert_eq!(names(&done["requestor"]), SUBJECT);
    assert_eq!((&done["requestor"]["objectId"], &done["requestor"]["type"]), (&wanted["targetId"], &json!("User")));
    assert_eq!(names(&done["accessPackageAssignment"]), ASSIGNMENT);
    let found = format!(
        "{requests}?$filter=requestState eq 'delivered' and accessPackage/Id eq '{}'",
        text(wanted, "accessPackageId")
    );
    assert!(rig.all(&found).await.iter().any(|known| known["id"] == request["id"]));

    let assignments = format!("{BETA}/accessPackageAssignments");
    let policy = format!("(AccessPackageAssignmentPolicy/Id eq '{}')", text(wanted, "assignmentPolicyId"));
    let target = format!(
        "assignmentState eq 'Delivered' and targetId eq '{}' and accessPackageId eq '{}'",
        text(wanted, "targetId"),
        text(wanted, "accessPackageId")
    );
    let held = only(
        &rig,
        &format!("{assignments}?$filter={target} and {policy}&$expand=target,accessPackageAssignmentPolicy"),
    )
    .await;
    assert_eq!(
        names(&held).replace("accessPackageAssignmentPolicy ", "").replace("target targetId", "targetId"),
        ASSIGNMENT
    );
    for name in ["targetId", "accessPackageId", "assignmentPolicyId"] {
        assert_eq!(held[name], wanted[name], "{name}");
    }
    assert_eq!((&held["target"]["objectId"], text(&held, "assignmentStatus")), (&wanted["targetId"], "Delivered"));
    let policy = &held["accessPackageAssignmentPolicy"];
    assert_eq!(
        (&policy["accessPackageId"], &policy["requestorSettings"]["scopeType"]),
        (&wanted["accessPackageId"], &json!("NoSubjects"))
    );
    let shown =
        only(&rig, &format!("{assignments}?$filter={target}&$select=Id,assignmentState,targetId,catalogId")).await;
    assert_eq!(names(&shown), "assignmentState catalogId id targetId");

    let removal = json!({ "requestType": "AdminRemove", "accessPackageAssignment": { "id": held["id"] } });
    created(rig.post(&requests, &removal).await).await;
    rig.advance(5);
    assert_eq!(rig.get(&format!("{assignments}/{}", text(&held, "id"))).await["assignmentState"], "Expired");
}

#[tokio::test]
async fn a_request_for_validation_only_changes_nothing() {
    let rig = rig().await;
    let mut body = addition(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    body["isValidationOnly"] = json!(true);
    let requests = format!("{BETA}/accessPackageAssignmentRequests");
    let checked = created(rig.post(&requests, &body).await).await;
    assert_eq!((&checked["isValidationOnly"], text(&checked, "requestState")), (&json!(true), "Submitted"));
    assert_eq!(rig.all(&requests).await, Vec::<Value>::new());
    body["accessPackageAssignment"]["targetId"] = json!("11111111-1111-1111-1111-111111111111");
    assert_eq!(refused(rig.post(&requests, &body).await).await, (404, "ResourceNotFound".to_owned()));
    body["isValidationOnly"] = json!(false);
    assert_eq!(refused(rig.post(&requests, &body).await).await.0, 404);
    // v1.0 has no such member.
    let mut v1 = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    v1["isValidationOnly"] = json!(true);
    assert_eq!(refused(rig.request(&v1).await).await, (400, "InvalidModel".to_owned()));

    let general = only(&rig, &format!("{BETA}/accessPackageCatalogs?$filter=displayName eq 'General'")).await;
    let group = rig.get("/beta/groups?$top=1&$select=id").await["value"][0]["id"].clone();
    let addition = json!({
        "catalogId": general["id"], "requestType": "AdminAdd", "isValidationOnly": true,
        "accessPackageResource": { "originSystem": "AadGroup", "originId": group },
    });
    let resource_requests = format!("{BETA}/accessPackageResourceRequests");
    let before = rig.all(&format!("{BETA}/accessPackageResources")).await;
    assert_eq!(created(rig.post(&resource_requests, &addition).await).await["isValidationOnly"], true);
    assert_eq!(rig.all(&format!("{BETA}/accessPackageResources")).await, before);
    assert_eq!(rig.all(&resource_requests).await, Vec::<Value>::new());
}

#[tokio::test]
async fn pages_lead_on_within_beta() {
    let rig = rig().await;
    let path = format!("{BETA}/accessPackages?$top=1&$select=displayName,catalogId&$expand=accessPackageCatalog");
    let first = rig.get(&path).await;
    let link = text(&first, "@odata.nextLink");
    let beginning = format!(
        "{}beta/identityGovernance/entitlementManagement/accessPackages?$top=1&$select=displayName%2CcatalogId&$expand=accessPackageCatalog&$skiptoken=",
        rig.sandbox.url()
    );
    assert!(link.starts_with(&beginning), "{link}");
    let pages = rig.all(&path).await;
    assert_eq!(pages.len(), rig.all(&format!("{EM}/accessPackages")).await.len());
    assert!(pages.iter().all(|package| names(package) == "accessPackageCatalog catalogId displayName"), "{pages:?}");
    let users = rig.get("/beta/users?$top=1&$select=id").await;
    assert!(text(&users, "@odata.nextLink").starts_with(&format!("{}beta/users?$top=1", rig.sandbox.url())));
    assert_eq!(text(&users, "@odata.context"), format!("{}beta/$metadata#users", rig.sandbox.url()));
    assert_eq!(rig.all("/beta/users?$top=100").await, rig.all("/v1.0/users?$top=100").await);
}

#[tokio::test]
async fn a_version_knows_its_own_names_only() {
    let rig = rig().await;
    for path in ["catalogs", "assignments", "assignmentPolicies", "accessPackages/1/resourceRoleScopes", "nothing"] {
        assert_eq!(rig.refusal(&format!("{BETA}/{path}")).await, (404, String::new()), "{path}");
    }
    for path in ["accessPackageCatalogs", "accessPackageAssignments"] {
        assert_eq!(rig.refusal(&format!("{EM}/{path}")).await, (404, String::new()), "{path}");
    }
    let invalid = || (400, "InvalidFilter".to_owned());
    for filter in
        ["catalogId eq '1'", "state eq 'Delivered'", "assignmentPolicy/id eq '1'", "assignmentStatus eq 'Delivered'"]
    {
        assert_eq!(
            rig.refusal(&format!("{BETA}/accessPackageAssignments?$filter={filter}")).await,
            invalid(),
            "{filter}"
        );
    }
    let message = rig
        .call(Method::GET, &format!("{BETA}/accessPackageAssignments?$filter=catalogId eq '1'"))
        .send()
        .await
        .unwrap();
    let message: Value = message.json().await.unwrap();
    assert_eq!(message["error"]["message"], "OData query is invalid: Filter 'catalogId Equals 1 is not supported. .");
    for query in [
        "$expand=assignmentPolicies",
        "$expand=nothing",
        "$select=state",
        "$select=nothing",
        "$orderby=displayName",
        "$expand=a(",
    ] {
        assert_eq!(rig.refusal(&format!("{BETA}/accessPackages?{query}")).await.0, 400, "{query}");
    }
    assert_eq!(rig.refusal("/beta/nothing").await, (404, "ResourceNotFound".to_owned()));
    assert_eq!(rig.refusal("/gamma/users").await.0, 404);
}

#[tokio::test]
async fn calls_are_admitted_as_everywhere() {
    let rig = rig().await;
    let requests = format!("{BETA}/accessPackageAssignmentRequests");
    let url = rig.sandbox.url().join(&requests).unwrap();
    let stranger = rig.client.post(url).body("{").send().await.unwrap();
    assert_eq!(refused(stranger).await, (401, "InvalidAuthenticationToken".to_owned()));
    for body in ["", "{", "[]", "5", "null", "{\"requestType\":5}", "{\"accessPackageAssignment\":[]}"] {
        let call = rig.call(Method::POST, &requests).header("Content-Type", "application/json").body(body.to_owned());
        assert_eq!(refused(call.send().await.unwrap()).await.0, 400, "{body}");
    }
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(refused(rig.call(Method::POST, &requests).body(deep).send().await.unwrap()).await.0, 400);
    let large = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(refused(rig.call(Method::POST, &requests).body(large).send().await.unwrap()).await.0, 413);
    let calls = rig.sandbox.controls().graph_calls();
    rig.get(&requests).await;
    assert_eq!(rig.sandbox.controls().graph_calls(), calls + 1);
}

#[tokio::test]
async fn a_batch_is_of_one_version() {
    let rig = rig().await;
    let addition = addition(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    let inside = "/identityGovernance/entitlementManagement";
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users?$top=1" },
        { "id": "2", "method": "POST", "url": format!("{inside}/accessPackageAssignmentRequests"),
          "headers": { "Content-Type": "application/json" }, "body": addition },
        { "id": "3", "method": "GET", "url": format!("{inside}/catalogs") },
    ]});
    let answer: Value = rig.post("/beta/$batch", &batch).await.json().await.unwrap();
    let of = |id: &str| answer["responses"].as_array().unwrap().iter().find(|response| response["id"] == id).unwrap();
    assert_eq!(of("1")["body"]["@odata.context"], format!("{}beta/$metadata#users", rig.sandbox.url()));
    assert_eq!((&of("2")["status"], &of("2")["body"]["requestState"]), (&json!(201), &json!("Submitted")));
    assert_eq!(of("3")["status"], 404);
}

#[tokio::test]
async fn a_policy_is_made_read_replaced_and_deleted() {
    let rig = rig().await;
    let package = rig.sandbox.controls().package_id("Marketing Campaign").unwrap();
    let requestor = rig.user("E0901");
    let policy = specific_users(&package, &requestor);
    let policies = format!("{BETA}/accessPackageAssignmentPolicies");
    let made = created(rig.post(&policies, &policy).await).await;
    assert_eq!(made["@odata.context"], context(&rig, "accessPackageAssignmentPolicies/$entity"));
    assert_eq!(names(&made), POLICY);
    for name in ["accessPackageId", "displayName", "description", "durationInDays", "requestorSettings"] {
        assert_eq!(made[name], policy[name], "{name}");
    }
    assert_eq!(
        (&made["canExtend"], &made["questions"], &made["expirationDateTime"]),
        (&json!(true), &json!([]), &Value::Null)
    );

    let path = format!("{policies}/{}", text(&made, "id"));
    assert_eq!(rig.get(&path).await, made);
    let v1 = rig.get(&format!("{EM}/assignmentPolicies/{}", text(&made, "id"))).await;
    assert_eq!(
        (&v1["allowedTargetScope"], &v1["expiration"]["duration"]),
        (&json!("specificDirectoryUsers"), &json!("P30D"))
    );

    // What was read goes back, with the changes.
    let mut changed = made.clone();
    changed["durationInDays"] = json!(0);
    changed["requestorSettings"]["acceptRequests"] = json!(false);
    changed["accessReviewSettings"] = json!({
        "isEnabled": true, "recurrenceType": "quarterly", "reviewerType": "Manager", "durationInDays": 25, "reviewers": [],
        "startDateTime": "2026-12-01T08:00:00Z", "isAccessRecommendationEnabled": true,
        "isApprovalJustificationRequired": true, "accessReviewTimeoutBehavior": "keepAccess",
    });
    changed["questions"] = json!([{
        "@odata.type": "#microsoft.graph.accessPackageMultipleChoiceQuestion", "id": "b6b0c6b4-6e5f-4b26-a4d6-2f8d8a1d5a11",
        "isRequired": true, "isAnswerEditable": true, "sequence": 0, "allowsMultipleSelection": false,
        "text": { "defaultText": "Where?", "localizedTexts": [{ "languageCode": "de", "text": "Wo?" }] },
        "choices": [{ "actualValue": "EMEA", "displayValue": { "defaultText": "Europe", "localizedTexts": [] } }],
    }]);
    changed["requestApprovalSettings"] = json!({
        "isApprovalRequired": true, "isApprovalRequiredForExtension": false, "isRequestorJustificationRequired": true,
        "approvalMode": "SingleStage",
        "approvalStages": [{
            "approvalStageTimeOutInDays": 7, "isApproverJustificationRequired": true, "isEscalationEnabled": false,
            "escalationTimeInMinutes": 0, "escalationApprovers": [],
            "primaryApprovers": [
                { "@odata.type": "#microsoft.graph.requestorManager", "isBackup": false, "managerLevel": 1 },
                { "@odata.type": "#microsoft.graph.singleUser", "isBackup": true, "id": requestor, "description": null },
            ],
        }],
    });
    let answer = rig.call(Method::PUT, &path).json(&changed).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
    let read = rig.get(&path).await;
    for name in ["durationInDays", "requestorSettings", "requestApprovalSettings", "accessReviewSettings", "questions"]
    {
        assert_eq!(read[name], changed[name], "{name}");
    }
    let expanded = rig.get(&format!("{BETA}/accessPackages/{package}?$expand=accessPackageAssignmentPolicies")).await;
    assert!(expanded["accessPackageAssignmentPolicies"].as_array().unwrap().contains(&without_context(read)));

    let mut odd = policy.clone();
    odd["displayName"] = json!("Odd");
    for (place, value) in [
        ("/requestorSettings/scopeType", json!("Nobody")),
        ("/requestorSettings/acceptRequests", json!(5)),
        ("/requestApprovalSettings/approvalStages", json!("x")),
        ("/durationInDays", json!(-1)),
        ("/durationInDays", json!(4000)),
        ("/accessPackageId", json!("x")),
    ] {
        let mut odd = odd.clone();
        *odd.pointer_mut(place).unwrap() = value;
        assert_eq!(refused(rig.post(&policies, &odd).await).await.0, 400, "{place}");
    }
    odd["requestApprovalSettings"]["isAproved"] = json!(true);
    assert_eq!(refused(rig.post(&policies, &odd).await).await, (400, "InvalidModel".to_owned()));
    assert_eq!(rig.call(Method::DELETE, &path).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(rig.refusal(&path).await.0, 404);
}

fn without_context(mut entity: Value) -> Value {
    entity.as_object_mut().unwrap().remove("@odata.context");
    entity
}

#[tokio::test]
async fn people_from_outside_and_what_becomes_of_them() {
    let rig = rig().await;
    let settings = format!("{BETA}/settings");
    let read = rig.get(&settings).await;
    assert_eq!(text(&read, "externalUserLifecycleAction"), "BlockSignInAndDelete");
    assert_eq!(read["daysUntilExternalUserDeletedAfterBlocked"], 30);
    let change = json!({ "daysUntilExternalUserDeletedAfterBlocked": 7, "externalUserLifecycleAction": "BlockSignIn" });
    assert!(rig.call(Method::PATCH, &settings).json(&change).send().await.unwrap().status().is_success());
    let v1 = rig.get(&format!("{EM}/settings")).await;
    assert_eq!(v1["durationUntilExternalUserDeletedAfterBlocked"], "P7D");
    assert_eq!(rig.get(&settings).await["externalUserLifecycleAction"], "BlockSignIn");

    let organization = json!({
        "displayName": "Wingtip", "state": "configured", "createdBy": "me",
        "identitySources": [{
            "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": "wingtip.example", "displayName": "Wingtip",
        }],
    });
    let made = created(rig.post(&format!("{BETA}/connectedOrganizations"), &organization).await).await;
    assert_eq!((text(&made, "state"), &made["identitySources"]), ("configured", &organization["identitySources"]));
    assert!(text(&made, "createdBy").starts_with("admin@"), "{made}");
    let subject = rig.get(&format!("{BETA}/subjects?$top=1")).await["value"][0].clone();
    assert_eq!((names(&subject).as_str(), text(&subject, "type")), (SUBJECT, "User"));
}

#[tokio::test]
async fn an_application_with_catalog_roles_lists_within_one_package() {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    let package = rig.sandbox.controls().package_id("Office Basics").unwrap();
    let scoped = rig.call(Method::PUT, "/sandbox/identity").json(&json!({ "catalogScoped": true }));
    assert_eq!(scoped.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    for list in ["accessPackageAssignments", "accessPackageAssignmentRequests"] {
        assert_eq!(rig.refusal(&format!("{BETA}/{list}")).await, (403, "UnAuthorized".to_owned()), "{list}");
        rig.get(&format!("{BETA}/{list}?$filter=accessPackage/Id eq '{package}'")).await;
    }
    rig.get(&format!("{BETA}/accessPackageAssignments?$filter=accessPackageId eq '{package}'")).await;
}
