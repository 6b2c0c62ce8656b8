//! The sandbox's assignment policies over real HTTP: made, replaced, deleted, and what they refuse.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, refused, rig};

impl Rig {
    /// The id of a new package that nobody holds and that has no policy.
    pub(crate) async fn free_package(&self) -> String {
        text(&self.make("accessPackages", &json!({ "displayName": "Free" })).await["id"])
    }

    async fn put(&self, path: &str, body: &Value) -> Value {
        let response = self.call(Method::PUT, &format!("{EM}/{path}")).json(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{body}");
        response.json().await.unwrap()
    }

    pub(crate) async fn refused_policy(&self, body: &Value) -> (u16, String) {
        self.outcome(Method::POST, "assignmentPolicies", body).await
    }
}

/// The documentation's policy for direct assignment.
pub(crate) fn direct(package: &str) -> Value {
    json!({
        "displayName": "New Policy", "description": "policy for assignment", "allowedTargetScope": "notSpecified",
        "specificAllowedTargets": [], "expiration": { "endDateTime": null, "duration": null, "type": "noExpiration" },
        "requestorSettings": { "enableTargetsToSelfAddAccess": false, "enableTargetsToSelfUpdateAccess": false,
            "enableTargetsToSelfRemoveAccess": false, "allowCustomAssignmentSchedule": true,
            "enableOnBehalfRequestorsToAddAccess": false, "enableOnBehalfRequestorsToUpdateAccess": false,
            "enableOnBehalfRequestorsToRemoveAccess": false, "onBehalfRequestors": [] },
        "requestApprovalSettings": { "isApprovalRequiredForAdd": false, "isApprovalRequiredForUpdate": false, "stages": [] },
        "accessPackage": { "id": package },
    })
}

/// `body` with other members.
pub(crate) fn with(mut body: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_policy_is_made_read_replaced_and_deleted() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let response = rig.post(&format!("{EM}/assignmentPolicies"), &direct(&package)).await;
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = created(response).await;
    let id = text(&made["id"]);
    assert!(location.ends_with(&format!(".invalid/api/v1/accessPackageAssignmentPolicies('{id}')")), "{location}");
    assert!(made["@odata.context"].as_str().unwrap().ends_with("/assignmentPolicies/$entity"));
    conforms("accessPackageAssignmentPolicy", &made);
    let path = format!("assignmentPolicies/{id}");
    let read = rig.read(&format!("{path}?$expand=accessPackage,catalog,questions")).await;
    conforms("accessPackageAssignmentPolicy", &read);
    assert_eq!((&read["accessPackage"]["id"], &read["questions"]), (&json!(package), &json!([])));
    assert_eq!(read["catalog"]["displayName"], "General");
    assert_eq!(read["expiration"], json!({ "endDateTime": null, "duration": null, "type": "noExpiration" }));
    assert!(read["requestorSettings"].get("acceptRequests").is_none());
    let found = rig.read("assignmentPolicies?$filter=displayName eq 'new policy'").await;
    assert_eq!((found["value"].as_array().unwrap().len(), &found["value"][0]["id"]), (1, &json!(id)));
    assert_eq!(rig.refused_policy(&direct(&package)).await, (409, "DuplicateKey".into()));

    rig.advance(60);
    let body = json!({ "id": id, "displayName": "Thirty days", "expiration": { "type": "AfterDuration", "duration": "P30D" } });
    let replaced = rig.put(&path, &body).await;
    assert_eq!((&replaced["id"], &replaced["description"]), (&json!(id), &json!("")));
    assert_eq!(replaced["expiration"]["type"], "afterDuration");
    assert_ne!(replaced["modifiedDateTime"], replaced["createdDateTime"]);
    assert_eq!(replaced["createdDateTime"], made["createdDateTime"]);
    // What was read can be written back.
    let read = rig.read(&path).await;
    assert_eq!(rig.put(&path, &read).await["displayName"], "Thirty days");

    let changed = json!({ "displayName": "x" });
    assert_eq!(rig.outcome(Method::PATCH, &path, &changed).await, (405, "Request_BadRequest".into()));
    let moved = with(body, json!({ "accessPackage": { "id": id } }));
    assert_eq!(rig.outcome(Method::PUT, &path, &moved).await, (400, "InvalidModel".into()));
    assert_eq!(rig.delete(&path).await.0, 204);
    assert_eq!(rig.delete(&path).await, (404, "ResourceNotFound".into()));
    assert_eq!(rig.outcome(Method::PUT, &path, &changed).await, (404, "ResourceNotFound".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_policy_stays_while_assignments_or_requests_hang_on_it() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let policy = rig.make("assignmentPolicies", &direct(&package)).await;
    let (path, user) = (format!("assignmentPolicies/{}", text(&policy["id"])), rig.user("E0901"));
    let addition = json!({ "requestType": "adminAdd", "assignment": {
        "targetId": user, "accessPackageId": package, "assignmentPolicyId": policy["id"] } });
    created(rig.request(&addition).await).await;
    let in_use = (400, "AssignmentPolicyInUse".to_owned());
    assert_eq!(rig.delete(&path).await, in_use, "an open request");
    rig.advance(10);
    assert_eq!(rig.delete(&path).await, in_use, "an assignment");
    let held = rig.assignment("E0901", "Free").await;
    let gone = rig.call(Method::DELETE, &format!("/v1.0/users/{user}")).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(rig.delete(&path).await, in_use, "an assignment of a deleted user");
    created(rig.request(&json!({ "requestType": "adminRemove", "assignment": { "id": held["id"] } })).await).await;
    rig.advance(10);
    assert_eq!(rig.delete(&path).await.0, 204);
    let left = rig.read(&format!("assignments/{}?$expand=assignmentPolicy", text(&held["id"]))).await;
    assert_eq!((&left["state"], &left["assignmentPolicy"]), (&json!("expired"), &Value::Null));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let good = direct(&package);
    for members in [
        json!({ "durationInDays": 3 }),
        json!({ "displayName": null }),
        json!({ "accessPackage": null }),
        json!({ "allowedTargetScope": "everybody" }),
        json!({ "specificAllowedTargets": [{ "userId": package }] }),
        json!({ "specificAllowedTargets": [null] }),
        json!({ "specificAllowedTargets": [{ "@odata.type": "#microsoft.graph.singleUser", "userId": package, "x": 1 }] }),
        json!({ "requestorSettings": { "x": true } }),
        json!({ "requestApprovalSettings": { "stages": [{ "approvalStageTimeOutInDays": 3 }] } }),
        json!({ "questions": [{ "text": "Why?" }] }),
        json!({ "questions": [{ "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion", "text": "Why?", "x": 1 }] }),
        json!({ "reviewSettings": { "isEnabled": true } }),
        json!({ "reviewSettings": { "expirationBehavior": "x" } }),
        json!({ "expiration": { "type": "whenever" } }),
    ] {
        assert_eq!(
            rig.refused_policy(&with(good.clone(), members.clone())).await,
            (400, "InvalidModel".into()),
            "{members}"
        );
    }
    for (members, expected) in [
        (json!({ "accessPackage": { "id": "x" } }), (400, "InvalidIdentifier")),
        (json!({ "accessPackage": { "id": "8fe745e7-80b2-490d-bd22-4e708c77288c" } }), (404, "ResourceNotFound")),
        (json!({ "expiration": { "type": "afterDuration", "duration": "P3661D" } }), (400, "InvalidExpiration")),
        (
            json!({ "expiration": { "type": "afterDateTime", "endDateTime": "2026-11-21T09:00:00Z" } }),
            (400, "InvalidExpiration"),
        ),
    ] {
        let refusal = rig.refused_policy(&with(good.clone(), members.clone())).await;
        assert_eq!(refusal, (expected.0, expected.1.to_owned()), "{members}");
    }
    for body in ["[]", "null", "3", "{", "{\"displayName\":{}}"] {
        let call = rig.call(Method::POST, &format!("{EM}/assignmentPolicies"));
        let response = call.header("content-type", "application/json").body(body).send().await.unwrap();
        assert_eq!(refused(response).await.0, 400, "{body}");
    }
    rig.sandbox.stop().await;
}
