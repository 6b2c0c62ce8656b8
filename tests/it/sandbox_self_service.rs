//! What users ask for themselves and for one another: userAdd, userUpdate, userRemove, and their own lists.

#![cfg(test)]

use serde_json::{Value, json};

use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, refused, rig};
use reqwest::Method;

const THIRTY: &str = "Thirty days";

async fn open(rig: &Rig, patch: &Value) {
    rig.edit(
        THIRTY,
        &json!({ "allowedTargetScope": "allMemberUsers", "requestorSettings": {
        "enableTargetsToSelfAddAccess": true, "enableTargetsToSelfUpdateAccess": true,
        "enableTargetsToSelfRemoveAccess": true } }),
    )
    .await;
    rig.edit(THIRTY, patch).await;
}

fn own(rig: &Rig) -> Value {
    let package = rig.sandbox.controls().package_id("Vendor Portal");
    json!({ "requestType": "userAdd", "assignment": { "accessPackageId": package }, "justification": "please" })
}

async fn listed(rig: &Rig, user: &str, on: &str) -> usize {
    let path = format!("{EM}/assignmentRequests/filterByCurrentUser(on='{on}')");
    let response = rig.call_as(user, Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{on}");
    response.json::<Value>().await.unwrap()["value"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_user_gets_keeps_and_gives_back_a_package() {
    let rig = rig().await;
    open(&rig, &json!({})).await;
    let body = own(&rig);
    assert_eq!(refused(rig.request(&body).await).await, (403, "UnAuthorized".into()), "applications ask for nobody");
    let mut passing_over = body.clone();
    passing_over["parameters"] = json!({ "bypassApproval": true });
    assert_eq!(refused(rig.request_as("E0901", &passing_over).await).await, (400, "InvalidModel".into()));
    let request = created(rig.request_as("E0901", &body).await).await;
    assert_eq!(request["requestType"], "userAdd");
    rig.advance(2);
    let request = rig.read_request(&request).await;
    conforms("accessPackageAssignmentRequest", &request);
    assert_eq!(
        (&request["state"], &request["requestor"]["objectId"]),
        (&json!("delivered"), &json!(rig.user("E0901")))
    );
    let held = rig.assignment("E0901", "Vendor Portal").await;

    rig.advance(20 * 86_400);
    let change = |kind: &str| json!({ "requestType": kind, "assignment": { "id": held["id"] } });
    let mut update = change("userUpdate");
    update["schedule"] = json!({ "expiration": { "type": "afterDuration", "duration": "P10D" } });
    for kind in ["userUpdate", "userRemove"] {
        let mut foreign = change(kind);
        foreign["answers"] = json!([]);
        assert_eq!(refused(rig.request_as("E0902", &foreign).await).await, (400, "OnBehalfNotAllowed".into()));
        assert_eq!(refused(rig.request(&foreign).await).await.0, 403);
    }
    created(rig.request_as("E0901", &update).await).await;
    rig.advance(2);
    let extended = rig.assignment("E0901", "Vendor Portal").await;
    assert_eq!(extended["schedule"]["expiration"]["endDateTime"], "2026-12-21T09:30:04Z");
    created(rig.request_as("E0901", &change("userRemove")).await).await;
    rig.advance(2);
    assert_eq!(rig.assignment("E0901", "Vendor Portal").await["state"], "expired");
    open(&rig, &json!({ "requestorSettings": { "enableTargetsToSelfRemoveAccess": false } })).await;
    let again = created(rig.request_as("E0901", &body).await).await;
    rig.advance(2);
    let again = rig.read_request(&again).await;
    let removal = json!({ "requestType": "userRemove", "assignment": { "id": again["assignment"]["id"] } });
    assert_eq!(refused(rig.request_as("E0901", &removal).await).await, (400, "NoSelfService".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn one_asks_for_another_where_the_policy_lets_them() {
    let rig = rig().await;
    let (asker, target) = (rig.user("E0901"), rig.user("E0902"));
    let others = json!({ "requestorSettings": { "enableOnBehalfRequestorsToAddAccess": true, "onBehalfRequestors": [
        { "@odata.type": "#microsoft.graph.singleUser", "userId": asker }] } });
    open(&rig, &others).await;
    let mut body = own(&rig);
    body["assignment"]["targetId"] = json!(target);
    assert_eq!(refused(rig.request_as("E0903", &body).await).await.0, 400);
    let request = created(rig.request_as("E0901", &body).await).await;
    rig.advance(2);
    let request = rig.read_request(&request).await;
    assert_eq!((&request["state"], &request["requestor"]["objectId"]), (&json!("delivered"), &json!(asker)));
    assert_eq!(rig.assignment("E0902", "Vendor Portal").await["state"], "delivered");
    for (user, on, found) in [
        ("E0901", "target", 0),
        ("E0901", "createdBy", 1),
        ("E0901", "requestForOthers", 1),
        ("E0901", "targetOrRequestor", 1),
        ("E0902", "target", 1),
        ("E0902", "createdBy", 0),
        ("E0902", "targetOrRequestor", 1),
        ("E0902", "requestForOthers", 0),
        ("E0903", "targetOrRequestor", 0),
    ] {
        assert_eq!(listed(&rig, user, on).await, found, "{user} {on}");
    }
    let path = format!("{EM}/assignmentRequests/filterByCurrentUser(on='target')");
    assert_eq!(rig.refusal(&path).await, (403, "UnAuthorized".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn the_service_chooses_the_narrowest_policy_that_fits() {
    let rig = rig().await;
    let package = rig.sandbox.controls().package_id("Marketing Campaign");
    let body = json!({ "requestType": "userAdd", "assignment": { "accessPackageId": package } });
    assert_eq!(
        refused(rig.request_as("E0901", &body).await).await,
        (400, "TargetNotInPolicyScope".into()),
        "both are direct only"
    );
    let own = json!({ "enableTargetsToSelfAddAccess": true });
    rig.edit("Direct assignment", &json!({ "allowedTargetScope": "allDirectoryUsers", "requestorSettings": own }))
        .await;
    let one = json!([{ "@odata.type": "#microsoft.graph.singleUser", "userId": rig.user("E0901") }]);
    rig.edit(
        "Approved by manager",
        &json!({ "allowedTargetScope": "specificDirectoryUsers",
        "specificAllowedTargets": one, "requestorSettings": own }),
    )
    .await;
    let (named, any) =
        (created(rig.request_as("E0901", &body).await).await, created(rig.request_as("E0902", &body).await).await);
    rig.advance(1);
    assert_eq!((rig.state(&named).await, rig.state(&any).await), ("pendingApproval".into(), "delivering".into()));
    rig.sandbox.stop().await;
}
