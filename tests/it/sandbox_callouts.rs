//! Custom extensions: their definitions, the stages at which policies call them, and the requests that wait for them.

#![cfg(test)]

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, refused};
use crate::sandbox_refusals::{NOBODY, controlled, id};

const MINUTE: i64 = 60;

async fn catalog(rig: &Rig) -> String {
    let found = rig.get(&format!("{EM}/catalogs?$filter=displayName eq 'General'")).await;
    format!("{EM}/catalogs/{}/customWorkflowExtensions", id(&found["value"][0]))
}

pub(crate) fn body(wait: Option<&str>) -> Value {
    let mut body = json!({
        "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension",
        "displayName": "checks", "description": "separation of duties",
        "endpointConfiguration": { "@odata.type": "#microsoft.graph.logicAppTriggerEndpointConfiguration",
            "subscriptionId": NOBODY, "resourceGroupName": "test", "logicAppWorkflowName": "checks" },
        "authenticationConfiguration": { "@odata.type": "#microsoft.graph.azureAdPopTokenAuthentication" },
    });
    if let Some(wait) = wait {
        body["callbackConfiguration"] = json!({ "@odata.type": "microsoft.graph.customExtensionCallbackConfiguration", "durationBeforeTimeout": wait });
    }
    body
}

/// A policy of Vendor Portal that calls the extensions at the stages.
async fn policy(rig: &Rig, name: &str, settings: &[(&str, &Value)]) -> Response {
    let settings: Vec<Value> = settings
        .iter()
        .map(|(stage, extension)| {
            json!({ "stage": stage, "customExtension": { "id": extension["id"],
            "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension" } })
        })
        .collect();
    let body = json!({
        "displayName": name, "description": name, "allowedTargetScope": "notSpecified", "specificAllowedTargets": [],
        "expiration": { "type": "noExpiration" }, "requestorSettings": {}, "requestApprovalSettings": {},
        "accessPackage": { "id": rig.sandbox.controls().package_id("Vendor Portal") },
        "customExtensionStageSettings": settings,
    });
    rig.post(&format!("{EM}/assignmentPolicies"), &body).await
}

async fn add(rig: &Rig, user: &str, policy: &Value) -> Value {
    let body = json!({ "requestType": "adminAdd", "assignment": { "targetId": rig.user(user),
        "accessPackageId": rig.sandbox.controls().package_id("Vendor Portal"), "assignmentPolicyId": policy["id"] } });
    created(rig.request(&body).await).await
}

/// Where the request stands: state, status, and the statuses of its callouts.
async fn standing(rig: &Rig, request: &Value) -> (String, String, Vec<String>) {
    let request = rig.read_request(request).await;
    conforms("accessPackageAssignmentRequest", &request);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let callouts = request["customExtensionCalloutInstances"].as_array().unwrap();
    (
        text(&request["state"]),
        text(&request["status"]),
        callouts.iter().map(|callout| text(&callout["status"])).collect(),
    )
}

fn stands(state: &str, status: &str, callouts: &[&str]) -> (String, String, Vec<String>) {
    (state.to_owned(), status.to_owned(), callouts.iter().map(|&callout| callout.to_owned()).collect())
}

/// The answer to the one callout that waits.
async fn answer(rig: &Rig) -> Value {
    let waiting = rig.get("/sandbox/callouts").await;
    assert_eq!(waiting.as_array().unwrap().len(), 1);
    let stage = waiting[0]["stage"].as_str().unwrap();
    json!({
        "source": "Contoso.SodCheckProcess", "type": format!("microsoft.graph.accessPackageCustomExtensionStage.{stage}"),
        "data": { "@odata.type": "microsoft.graph.accessPackageAssignmentRequestCallbackData", "stage": stage,
            "customExtensionStageInstanceId": waiting[0]["customExtensionStageInstanceId"],
            "customExtensionStageInstanceDetail": "all verified" },
    })
}

async fn resume(rig: &Rig, request: &Value, answer: &Value) -> Response {
    rig.post(&format!("{EM}/assignmentRequests/{}/resume", id(request)), answer).await
}

#[tokio::test]
async fn extensions_are_made_changed_and_deleted() {
    let rig = controlled().await;
    let path = catalog(&rig).await;
    let extension = created(rig.post(&path, &body(Some("PT1H"))).await).await;
    assert_eq!(extension["callbackConfiguration"]["durationBeforeTimeout"], "PT1H");
    for own in [
        "@odata.type",
        "createdDateTime",
        "lastModifiedDateTime",
        "createdBy",
        "lastModifiedBy",
        "callbackConfiguration",
        "endpointConfiguration",
        "authenticationConfiguration",
    ] {
        assert!(extension.get(own).is_some(), "{own}");
    }
    conforms("customCalloutExtension", &extension);
    let one = format!("{path}/{}", id(&extension));
    let change = json!({ "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension", "displayName": "other" });
    let changed = rig.call(Method::PUT, &one).json(&change).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::OK);
    let read = rig.get(&one).await;
    assert_eq!((&read["displayName"], &read["description"]), (&json!("other"), &json!("separation of duties")));
    assert_eq!(rig.all(&path).await.len(), 1);

    let assignment = "#microsoft.graph.accessPackageAssignmentWorkflowExtension";
    let mut wrong = body(Some("PT1H"));
    wrong["@odata.type"] = json!(assignment);
    let mut nameless = body(None);
    nameless["displayName"] = json!(" ");
    let mut untyped = body(None);
    untyped.as_object_mut().unwrap().remove("@odata.type");
    for bad in
        [wrong, nameless, untyped, body(Some("PT1M")), body(Some("P15D")), body(Some("soon")), json!([]), json!({})]
    {
        assert_eq!(refused(rig.post(&path, &bad).await).await, (400, "InvalidModel".into()), "{bad}");
    }
    let used = created(policy(&rig, "calls", &[("assignmentRequestCreated", &extension)]).await).await;
    let shown =
        format!("{EM}/assignmentPolicies/{}?$expand=customExtensionStageSettings($expand=customExtension)", id(&used));
    let setting = rig.get(&shown).await["customExtensionStageSettings"][0].clone();
    assert_eq!(
        (&setting["stage"], &setting["customExtension"]["id"]),
        (&json!("assignmentRequestCreated"), &extension["id"])
    );
    for bad in
        [("assignmentOneDayBeforeExpiration", &extension), ("nothing", &extension), ("assignmentRequestCreated", &used)]
    {
        assert_eq!(
            refused(policy(&rig, "bad", &[bad]).await).await,
            (400, "InvalidCustomExtension".into()),
            "{}",
            bad.0
        );
    }
    let delete = async || rig.call(Method::DELETE, &one).send().await.unwrap();
    assert_eq!(refused(delete().await).await, (400, "CustomExtensionInUse".into()));
    let policy = rig.call(Method::DELETE, &format!("{EM}/assignmentPolicies/{}", id(&used))).send().await.unwrap();
    assert_eq!(policy.status(), StatusCode::NO_CONTENT);
    assert_eq!(delete().await.status(), StatusCode::NO_CONTENT);
    assert_eq!(rig.refusal(&one).await, (404, "ResourceNotFound".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_request_waits_at_each_stage_until_it_is_answered() {
    let rig = controlled().await;
    let path = catalog(&rig).await;
    let waits = created(rig.post(&path, &body(Some("PT1H"))).await).await;
    let tells = created(rig.post(&path, &body(None)).await).await;
    let stages = [
        ("assignmentRequestCreated", &waits),
        ("assignmentRequestApproved", &tells),
        ("assignmentRequestGranted", &waits),
        ("assignmentRequestRemoved", &waits),
    ];
    let policy = created(policy(&rig, "calls", &stages).await).await;
    let request = add(&rig, "E0901", &policy).await;
    assert_eq!(
        refused(
            resume(
                &rig,
                &request,
                &json!({ "type": "x", "data": { "stage": "x",
        "customExtensionStageInstanceId": NOBODY } })
            )
            .await
        )
        .await,
        (400, "InvalidCallback".into()),
        "nothing is awaited"
    );
    rig.advance(MINUTE);
    assert_eq!(standing(&rig, &request).await, stands("submitted", "WaitingForCallback", &["waitingForCallback"]));
    let good = answer(&rig).await;
    let with = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad
    };
    for bad in [
        with("/data/stage", json!("assignmentRequestGranted")),
        with("/type", json!("microsoft.graph.accessPackageCustomExtensionStage.assignmentRequestGranted")),
        with("/type", json!("assignmentRequestCreated")),
        with("/data/customExtensionStageInstanceId", json!(NOBODY)),
        json!({ "type": good["type"] }),
    ] {
        assert_eq!(refused(resume(&rig, &request, &bad).await).await.0, 400, "{bad}");
    }
    assert_eq!(refused(resume(&rig, &json!({ "id": NOBODY }), &good).await).await.0, 404);
    assert_eq!(resume(&rig, &request, &good).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(refused(resume(&rig, &request, &good).await).await.0, 400, "once");
    assert_eq!(
        standing(&rig, &request).await,
        stands("delivering", "Fulfilling", &["callbackReceived", "calloutSent"])
    );
    rig.advance(MINUTE);
    let statuses = ["callbackReceived", "calloutSent", "waitingForCallback"];
    assert_eq!(standing(&rig, &request).await, stands("delivering", "WaitingForCallback", &statuses));
    assert_eq!(rig.assignment("E0901", "Vendor Portal").await["state"], "delivered", "it is granted");
    let granted = answer(&rig).await;
    let mut denial = granted.clone();
    denial["data"]["state"] = json!("denied");
    assert_eq!(refused(resume(&rig, &request, &denial).await).await.0, 400, "too late to deny");
    assert_eq!(resume(&rig, &request, &granted).await.status(), StatusCode::NO_CONTENT);
    let statuses = ["callbackReceived", "calloutSent", "callbackReceived"];
    assert_eq!(standing(&rig, &request).await, stands("delivered", "Fulfilled", &statuses));
    assert_eq!(rig.read_request(&request).await["customExtensionCalloutInstances"][0]["detail"], "all verified");

    let held = rig.assignment("E0901", "Vendor Portal").await;
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": held["id"] } });
    let removal = created(rig.request(&removal).await).await;
    rig.advance(MINUTE);
    assert_eq!(standing(&rig, &removal).await, stands("delivering", "WaitingForCallback", &["waitingForCallback"]));
    assert_eq!(rig.assignment("E0901", "Vendor Portal").await["state"], "expired");
    assert_eq!(resume(&rig, &removal, &answer(&rig).await).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(standing(&rig, &removal).await, stands("delivered", "Fulfilled", &["callbackReceived"]));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn an_extension_denies_a_request_or_says_nothing_until_it_is_too_late() {
    let rig = controlled().await;
    let waits = created(rig.post(&catalog(&rig).await, &body(Some("PT1H"))).await).await;
    let policy = created(policy(&rig, "calls", &[("assignmentRequestCreated", &waits)]).await).await;
    for (state, status) in [("denied", "Denied"), ("Canceled", "Canceled")] {
        let request = add(&rig, "E0901", &policy).await;
        rig.advance(MINUTE);
        let mut end = answer(&rig).await;
        end["data"]["state"] = json!(state);
        assert_eq!(resume(&rig, &request, &end).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(standing(&rig, &request).await, stands(&state.to_lowercase(), status, &["callbackReceived"]));
    }
    let request = add(&rig, "E0901", &policy).await;
    rig.advance(59 * MINUTE);
    assert_eq!(standing(&rig, &request).await.1, "WaitingForCallback");
    rig.advance(2 * MINUTE);
    assert_eq!(standing(&rig, &request).await, stands("deliveryFailed", "DeliveryFailed", &["callbackTimedOut"]));
    let again = rig.post(&format!("{EM}/assignmentRequests/{}/reprocess", id(&request)), &json!({})).await;
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    let statuses = ["callbackTimedOut", "waitingForCallback"];
    assert_eq!(standing(&rig, &request).await, stands("submitted", "WaitingForCallback", &statuses));
    resume(&rig, &request, &answer(&rig).await).await;
    rig.advance(MINUTE);
    assert_eq!(rig.state(&request).await, "delivered");
    rig.sandbox.stop().await;
}
