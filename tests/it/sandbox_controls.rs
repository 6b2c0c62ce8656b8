//! The sandbox's controls over HTTP: the clock, faults, throttling, decisions, counters, dump and load.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::{SandboxOptions, Seed};

use crate::sandbox::{EM, Rig, created, options, refused, rig, rig_of};

async fn controlled() -> Rig {
    rig_of(SandboxOptions { controls: true, ..options() }).await
}

async fn control(rig: &Rig, method: Method, path: &str, body: &Value) -> StatusCode {
    rig.call(method, &format!("/sandbox/{path}")).json(body).send().await.unwrap().status()
}

#[tokio::test]
async fn controls_are_there_only_when_asked_for_and_only_with_a_token() {
    assert_eq!(rig().await.refusal("/sandbox/clock").await.0, 404);
    let rig = controlled().await;
    let stranger = rig.client.get(rig.sandbox.url().join("/sandbox/tenant").unwrap()).send().await.unwrap();
    assert_eq!(refused(stranger).await, (401, "InvalidAuthenticationToken".to_owned()));
    for (path, body) in [
        ("clock", json!({ "speed": -1 })),
        ("clock", json!({ "advance": "soon" })),
        ("clock", json!({ "advance": "P99999Y" })),
        ("clock", json!({ "x": 1 })),
    ] {
        assert_eq!(control(&rig, Method::PATCH, path, &body).await, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(control(&rig, Method::POST, "faults", &json!({ "kind": "earthquake" })).await, StatusCode::BAD_REQUEST);
    assert_eq!(control(&rig, Method::PUT, "tenant", &json!({ "rows": [] })).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_clock_is_set_moved_on_and_sped_up() {
    let rig = controlled().await;
    assert_eq!(rig.get("/sandbox/clock").await["now"], "2026-11-21T09:30:00Z");
    assert_eq!(control(&rig, Method::PATCH, "clock", &json!({ "advance": "P1DT1H" })).await, StatusCode::OK);
    assert_eq!(rig.get("/sandbox/clock").await["now"], "2026-11-22T10:30:00Z");
    let change = json!({ "now": "2027-01-01T00:00:00Z", "advance": "PT30M", "speed": 0.0 });
    assert_eq!(control(&rig, Method::PATCH, "clock", &change).await, StatusCode::OK);
    let clock = rig.get("/sandbox/clock").await;
    assert_eq!((&clock["now"], &clock["speed"]), (&json!("2027-01-01T00:30:00Z"), &json!(0.0)));
    control(&rig, Method::PATCH, "clock", &json!({ "speed": 3600.0 })).await;
    assert_eq!(rig.sandbox.clock().setting().speed, 3600.0);
}

#[tokio::test]
async fn faults_and_limits_come_and_go() {
    let rig = controlled().await;
    let fault = json!({ "kind": "refuse", "status": 504, "method": "GET", "path": "/users", "count": 2 });
    assert_eq!(control(&rig, Method::POST, "faults", &fault).await, StatusCode::CREATED);
    assert_eq!(rig.refusal("/v1.0/users").await.0, 504);
    assert_eq!(rig.get("/sandbox/faults").await[0]["count"], 1);
    assert_eq!(control(&rig, Method::DELETE, "faults", &Value::Null).await, StatusCode::NO_CONTENT);
    rig.get("/v1.0/users").await;

    let limits = json!({ "resourceUnitsPer10Seconds": 1, "writesPer150Seconds": 1 });
    assert_eq!(control(&rig, Method::PUT, "throttling", &limits).await, StatusCode::NO_CONTENT);
    assert_eq!(rig.get("/sandbox/throttling").await, limits);
    rig.get("/v1.0/users").await;
    assert_eq!(rig.refusal("/v1.0/users").await.0, 429);
    assert_eq!(control(&rig, Method::DELETE, "throttling", &Value::Null).await, StatusCode::NO_CONTENT);

    assert_eq!(control(&rig, Method::PUT, "paging", &json!({ "emptyPages": true })).await, StatusCode::NO_CONTENT);
    let first = rig.get("/v1.0/users?$top=1").await;
    assert_eq!(rig.get(first["@odata.nextLink"].as_str().unwrap()).await["value"], json!([]));
}

#[tokio::test]
async fn requests_are_decided_and_everything_is_counted() {
    let rig = controlled().await;
    let addition = rig.addition("E0901", "Marketing Campaign", "Approved by manager").await;
    let before = rig.get("/sandbox/counters").await;
    let request = created(rig.request(&addition).await).await;
    let decision = format!("requests/{}/decision", request["id"].as_str().unwrap());
    assert_eq!(control(&rig, Method::POST, &decision, &json!({ "approve": true })).await, StatusCode::CONFLICT);
    rig.advance(10);
    assert_eq!(control(&rig, Method::POST, &decision, &json!({ "approve": true })).await, StatusCode::NO_CONTENT);
    let unknown = "requests/00000000-0000-0000-0000-000000000000/decision";
    assert_eq!(control(&rig, Method::POST, unknown, &json!({ "approve": true })).await, StatusCode::NOT_FOUND);
    rig.advance(10);
    assert_eq!(rig.get("/sandbox/requests").await[0]["state"], "delivered");
    let after = rig.get("/sandbox/counters").await;
    let grown = |name: &str| after[name].as_u64().unwrap() - before[name].as_u64().unwrap();
    assert_eq!((grown("graphCalls"), grown("assignmentRequests"), grown("activeAssignments")), (1, 1, 1));
    assert_eq!(
        rig.get("/sandbox/assignments").await.as_array().unwrap().len() as u64,
        after["assignments"].as_u64().unwrap()
    );
}

#[tokio::test]
async fn a_tenant_is_dumped_and_loaded_elsewhere_and_stays_in_the_state_file() {
    let rig = controlled().await;
    let addition = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let request = created(rig.request(&addition).await).await;
    let dump = rig.get("/sandbox/tenant").await;

    let folder = tempfile::tempdir().unwrap();
    let state = Some(folder.path().join("tenant.db"));
    let empty = || SandboxOptions { controls: true, seed: Seed::Empty, state: state.clone(), ..options() };
    let other = rig_of(empty()).await;
    assert_eq!(control(&other, Method::PUT, "tenant", &dump).await, StatusCode::NO_CONTENT);
    assert_eq!(other.get("/sandbox/tenant").await, dump);
    other.advance(10);
    assert_eq!(other.state(&request).await, "delivered", "what was under way goes on");
    assert_eq!(rig.state(&request).await, "submitted");
    let assignments = other.all(&format!("{EM}/assignments")).await;
    other.sandbox.stop().await;
    let again = rig_of(empty()).await;
    assert_eq!(again.all(&format!("{EM}/assignments")).await, assignments);
}
