//! `$batch` of the sandbox over real HTTP: single answers, dependencies, refusals of the whole and of one item.

#![cfg(test)]

use reqwest::StatusCode;
use serde_json::{Value, json};
use usherd::sandbox::{Fault, FaultKind};

use crate::sandbox::{EM, Rig, refused, rig};

async fn batch(rig: &Rig, requests: Value) -> Value {
    let response = rig.post("/v1.0/$batch", &json!({ "requests": requests })).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

fn answer<'a>(batch: &'a Value, id: &str) -> &'a Value {
    batch["responses"].as_array().unwrap().iter().find(|response| response["id"] == id).unwrap()
}

#[tokio::test]
async fn items_are_answered_as_calls_of_their_own() {
    let rig = rig().await;
    let addition = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let batch = batch(
        &rig,
        json!([
            { "id": "users", "method": "GET", "url": "/users?$top=2&$select=id" },
            { "id": "add", "method": "post", "url": "/identityGovernance/entitlementManagement/assignmentRequests",
              "headers": { "Content-Type": "application/json" }, "body": addition },
            { "id": "open", "method": "GET", "dependsOn": ["ADD"],
              "url": "identityGovernance/entitlementManagement/assignmentRequests?$filter=state eq 'submitted'" },
            { "id": "count", "method": "GET", "url": "/users/$count", "headers": { "ConsistencyLevel": "eventual" } },
            { "id": "none", "method": "GET", "url": "/users/nobody@nowhere" },
            { "id": "late", "method": "GET", "url": "/users", "dependsOn": ["none"] },
            { "id": "bare", "method": "POST", "url": "/groups", "body": {} },
            { "id": "inner", "method": "POST", "url": "/$batch" },
            { "id": "version", "method": "GET", "url": "/v1.0/users" },
        ]),
    )
    .await;
    let users = answer(&batch, "users");
    assert_eq!((&users["status"], users["body"]["value"].as_array().unwrap().len()), (&json!(200), 2));
    let link = users["body"]["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}v1.0/users?$top=2", rig.sandbox.url())), "{link}");
    assert!(users["headers"]["request-id"].is_string());

    let added = answer(&batch, "add");
    assert_eq!(added["status"], 201, "{added}");
    assert!(added["headers"]["location"].is_string());
    assert_eq!(answer(&batch, "open")["body"]["value"][0]["id"], added["body"]["id"]);
    assert_eq!(answer(&batch, "count")["body"].as_u64(), Some(rig.all("/v1.0/users").await.len() as u64));

    let missing = answer(&batch, "none");
    assert_eq!(
        (&missing["status"], &missing["body"]["error"]["code"]),
        (&json!(404), &json!("Request_ResourceNotFound"))
    );
    assert_eq!(answer(&batch, "late")["status"], 424);
    for id in ["bare", "inner"] {
        assert_eq!(answer(&batch, id)["status"], 400, "{id}");
    }
    assert_eq!(answer(&batch, "version")["status"], 404);
}

#[tokio::test]
async fn a_batch_that_is_not_one_is_refused_as_a_whole() {
    let rig = rig().await;
    let users = |id: &str| json!({ "id": id, "method": "GET", "url": "/users" });
    for requests in [
        json!([]),
        json!([users("1"), users("1")]),
        json!((0..21).map(|id| users(&id.to_string())).collect::<Vec<_>>()),
    ] {
        let refusal = refused(rig.post("/v1.0/$batch", &json!({ "requests": requests })).await).await;
        assert_eq!(refusal, (400, "BadRequest".to_owned()));
    }
    assert_eq!(rig.refusal("/v1.0/$batch").await.0, 405);
    let stranger = rig.client.post(rig.sandbox.url().join("/v1.0/$batch").unwrap()).json(&json!({ "requests": [] }));
    assert_eq!(refused(stranger.send().await.unwrap()).await.0, 401);
}

#[tokio::test]
async fn a_fault_hits_one_item_or_the_whole_batch() {
    let rig = rig().await;
    let fault =
        Fault { kind: FaultKind::Refuse, status: Some(429), retry_after: Some(7), method: None, path: None, count: 1 };
    let two = json!([
        { "id": "1", "method": "GET", "url": "/users" },
        { "id": "2", "method": "GET", "url": format!("{}/assignments", EM.trim_start_matches("/v1.0")) },
    ]);
    rig.sandbox.controls().order_fault(Fault { path: Some("/assignments".to_owned()), ..fault.clone() });
    let mixed = batch(&rig, two.clone()).await;
    assert_eq!(answer(&mixed, "1")["status"], 200);
    let throttled = answer(&mixed, "2");
    assert_eq!((&throttled["status"], &throttled["headers"]["retry-after"]), (&json!(429), &json!("7")));
    assert_eq!(throttled["body"]["error"]["code"], "TooManyRequests");

    rig.sandbox.controls().order_fault(Fault { path: Some("$batch".to_owned()), status: Some(500), ..fault });
    assert_eq!(refused(rig.post("/v1.0/$batch", &json!({ "requests": two })).await).await.0, 500);
    assert_eq!(rig.sandbox.controls().pending_faults(), vec![]);
}
