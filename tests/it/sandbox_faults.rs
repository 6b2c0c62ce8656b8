//! Throttling and ordered faults of the sandbox over real HTTP.

#![cfg(test)]

use std::time::Duration;

use reqwest::Method;
use usherd::sandbox::{Fault, FaultKind, ThrottleLimits};

use crate::sandbox::{EM, Rig, refused, rig};

fn fault(kind: FaultKind) -> Fault {
    Fault { kind, status: None, retry_after: None, method: None, path: None, count: 1 }
}

async fn requests(rig: &Rig) -> usize {
    rig.all(&format!("{EM}/assignmentRequests")).await.len()
}

#[tokio::test]
async fn throttled_calls_say_what_ran_out_and_when_to_come_back() {
    let rig = rig().await;
    let plain = rig.call(Method::GET, "/v1.0/users").send().await.unwrap();
    assert_eq!(plain.headers()["x-ms-resource-unit"], "2");
    assert!(plain.headers().get("x-ms-throttle-limit-percentage").is_none());

    let limits = ThrottleLimits { resource_units_per_10_seconds: 2, writes_per_150_seconds: 3000 };
    rig.sandbox.controls().throttle(Some(limits));
    let last = rig.call(Method::GET, "/v1.0/users").send().await.unwrap();
    assert!(last.status().is_success());
    assert_eq!(last.headers()["x-ms-throttle-limit-percentage"], "1.0");
    let refusal = rig.call(Method::GET, "/v1.0/users").send().await.unwrap();
    let header = |name: &str| refusal.headers()[name].to_str().unwrap().to_owned();
    assert!(header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(header("x-ms-throttle-information"), "ResourceUnitLimitExceeded");
    let scope = format!("Tenant_Application/ReadWrite/{}/{}", rig.sandbox.client_id(), rig.sandbox.tenant_id());
    assert_eq!(header("x-ms-throttle-scope"), scope);
    assert_eq!(refused(refusal).await, (429, "TooManyRequests".to_owned()));

    rig.sandbox.controls().throttle(None);
    rig.get("/v1.0/users").await;
}

#[tokio::test]
async fn a_refusal_comes_with_and_without_a_wait() {
    let rig = rig().await;
    let controls = rig.sandbox.controls();
    controls.order_fault(Fault { status: Some(429), retry_after: Some(12), ..fault(FaultKind::Refuse) });
    controls.order_fault(Fault { status: Some(429), ..fault(FaultKind::Refuse) });
    let first = rig.call(Method::GET, "/v1.0/users").send().await.unwrap();
    assert_eq!((first.status().as_u16(), &first.headers()["retry-after"]), (429, &"12".parse().unwrap()));
    let second = rig.call(Method::GET, "/v1.0/users").send().await.unwrap();
    assert_eq!((second.status().as_u16(), second.headers().get("retry-after")), (429, None));
    rig.get("/v1.0/users").await;
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_work() {
    let rig = rig().await;
    let addition = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let before = requests(&rig).await;
    for (kind, expected) in [(FaultKind::ResetBefore, before), (FaultKind::ResetAfter, before + 1)] {
        rig.sandbox.controls().order_fault(Fault { method: Some("POST".to_owned()), ..fault(kind) });
        let sent = rig.call(Method::POST, &format!("{EM}/assignmentRequests")).json(&addition).send().await;
        assert!(sent.is_err(), "{kind:?}");
        assert_eq!(requests(&rig).await, expected, "{kind:?}");
    }
}

#[tokio::test]
async fn bodies_break_off_or_are_no_json() {
    let rig = rig().await;
    for kind in [FaultKind::Truncate, FaultKind::Malform] {
        rig.sandbox.controls().order_fault(fault(kind));
        // Whether the head still arrives before a connection breaks is up to the network.
        let read = async { rig.call(Method::GET, "/v1.0/users").send().await?.json::<serde_json::Value>().await };
        assert!(read.await.is_err(), "{kind:?}");
    }
    rig.get("/v1.0/users").await;
}

#[tokio::test]
async fn a_call_hangs_until_faults_are_cleared() {
    let rig = rig().await;
    rig.sandbox.controls().order_fault(fault(FaultKind::Hang));
    let call = rig.call(Method::GET, "/v1.0/users").timeout(Duration::from_millis(200)).send().await;
    assert!(call.unwrap_err().is_timeout());

    rig.sandbox.controls().order_fault(fault(FaultKind::Hang));
    let hanging = tokio::spawn(rig.call(Method::GET, "/v1.0/users").send());
    while !rig.sandbox.controls().pending_faults().is_empty() {
        tokio::task::yield_now().await;
    }
    rig.sandbox.controls().clear_faults();
    // A call that has not begun to wait when faults are cleared is let go by the next clearing.
    while !hanging.is_finished() {
        rig.sandbox.controls().clear_faults();
        tokio::task::yield_now().await;
    }
    assert_eq!(hanging.await.unwrap().unwrap().status().as_u16(), 503);
}
