//! What becomes of deliveries where a tester says so, over real HTTP.

#![cfg(test)]

use reqwest::Method;
use serde_json::{Value, json};
use usherd::sandbox::{DeliveryOutcome, SandboxOptions};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{Rig, created, options, refused, rig_of};

const PACKAGE: &str = "Marketing Campaign";

async fn controlled() -> Rig {
    rig_of(SandboxOptions { controls: true, ..options() }).await
}

impl Rig {
    async fn ordain(&self, body: Value) {
        self.done(Method::PUT, "/sandbox/outcomes", &body).await;
    }

    async fn ask(&self, employee: &str, package: &str, policy: &str) -> Value {
        created(self.request(&self.addition(employee, package, policy).await).await).await
    }

    async fn ask_directly(&self) -> Value {
        self.ask("E0901", PACKAGE, "Direct assignment").await
    }

    /// The states of a request and of the assignment that it has made.
    async fn states(&self, request: &Value) -> (String, Value) {
        let read = self.read(&format!("assignmentRequests/{}?$expand=assignment", text(&request["id"]))).await;
        (text(&read["state"]), read["assignment"]["state"].clone())
    }
}

fn both(state: &str) -> (String, Value) {
    (state.to_owned(), json!(state))
}

#[tokio::test]
async fn a_delivery_fails_as_often_as_it_is_told_to() {
    let rig = controlled().await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    rig.ordain(json!({ "accessPackage": PACKAGE, "outcome": { "failTimes": 2 } })).await;
    for left in [1, 0] {
        let failed = rig.ask_directly().await;
        rig.advance(2);
        assert_eq!(rig.states(&failed).await, both("deliveryFailed"));
        assert!(!controls.is_member("Campaign Tools", &nora));
        let in_force = rig.get("/sandbox/outcomes").await;
        assert_eq!(in_force[0]["outcome"], json!({ "failTimes": left }));
        assert_eq!(in_force[0]["accessPackage"], json!(controls.package_id(PACKAGE).unwrap()));
    }
    let delivered = rig.ask_directly().await;
    rig.advance(2);
    assert_eq!(rig.states(&delivered).await, both("delivered"));
    assert!(controls.is_member("Campaign Tools", &nora));
}

#[tokio::test]
async fn a_partial_delivery_gives_the_first_role_alone() {
    let rig = controlled().await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    rig.ordain(json!({ "accessPackage": "Platform Operations", "outcome": "partial" })).await;
    let request = rig.ask("E0901", "Platform Operations", "Approved by the platform lead").await;
    rig.advance(1);
    assert_eq!(rig.states(&request).await.0, "pendingApproval");
    controls.decide(request["id"].as_str().unwrap(), true).unwrap();
    rig.advance(2);
    assert_eq!(rig.states(&request).await, both("partiallyDelivered"));
    assert!(controls.is_member("Source Code", &nora));
    let assignment = rig.assignment("E0901", "Platform Operations").await;
    assert_eq!(assignment["status"], "PartiallyDelivered");
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": assignment["id"] } });
    created(rig.request(&removal).await).await;
    rig.advance(2);
    assert!(!controls.is_member("Source Code", &nora));
}

#[tokio::test]
async fn a_reprocessed_request_takes_on_the_outcome_of_its_time() {
    let rig = controlled().await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    rig.ordain(json!({ "accessPackage": PACKAGE, "outcome": { "failTimes": 1 } })).await;
    let request = rig.ask_directly().await;
    rig.advance(2);
    let failed = rig.assignment("E0901", PACKAGE).await;
    assert_eq!((&failed["state"], &failed["status"]), (&json!("deliveryFailed"), &json!("DeliveryFailed")));
    conforms("accessPackageAssignment", &failed);
    let again = format!("assignmentRequests/{}/reprocess", text(&request["id"]));
    for (outcome, expected) in [("partial", "partiallyDelivered"), ("fail", "deliveryFailed"), ("deliver", "delivered")]
    {
        rig.ordain(json!({ "accessPackage": PACKAGE, "outcome": outcome })).await;
        assert_eq!(rig.outcome(Method::POST, &again, &Value::Null).await.0, 202);
        assert_eq!(rig.states(&request).await, both("delivering"));
        rig.advance(2);
        assert_eq!(rig.states(&request).await, both(expected));
    }
    assert!(controls.is_member("Campaign Tools", &nora));
    assert_eq!(rig.assignment("E0901", PACKAGE).await["id"], failed["id"], "it is one assignment all along");
}

#[tokio::test]
async fn a_delivery_that_never_ends_goes_on_when_outcomes_change() {
    let rig = controlled().await;
    rig.ordain(json!({ "accessPackage": PACKAGE, "outcome": "never" })).await;
    let request = rig.ask_directly().await;
    rig.advance(90 * 86_400);
    assert_eq!(rig.states(&request).await, both("delivering"));
    // Another package's outcome does not free it.
    rig.ordain(json!({ "accessPackage": "Sales Toolkit", "outcome": "fail" })).await;
    assert_eq!(rig.states(&request).await, both("delivering"));
    rig.done(Method::DELETE, "/sandbox/outcomes", &Value::Null).await;
    assert_eq!(rig.states(&request).await, both("delivered"));
    assert_eq!(rig.get("/sandbox/outcomes").await, json!([]));
}

#[tokio::test]
async fn a_delivery_lasts_as_long_as_it_is_told_to() {
    let rig = controlled().await;
    rig.ordain(json!({ "accessPackage": PACKAGE, "delay": "PT5M" })).await;
    let request = rig.ask_directly().await;
    rig.advance(300);
    assert_eq!(rig.states(&request).await, both("delivering"));
    rig.advance(1);
    assert_eq!(rig.states(&request).await, both("delivered"));
    let other = rig.ask("E0901", "Sales Toolkit", "Direct assignment").await;
    rig.advance(2);
    assert_eq!(rig.states(&other).await, both("delivered"));
}

#[tokio::test]
async fn a_removal_that_fails_leaves_the_assignment() {
    let rig = controlled().await;
    let added = rig.ask_directly().await;
    rig.ordain(json!({ "accessPackage": PACKAGE, "effect": "remove", "outcome": "fail" })).await;
    rig.advance(2);
    assert_eq!(rig.states(&added).await, both("delivered"));
    let assignment = rig.assignment("E0901", PACKAGE).await;
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": assignment["id"] } });
    let failed = created(rig.request(&removal).await).await;
    rig.advance(2);
    assert_eq!(rig.states(&failed).await, ("deliveryFailed".to_owned(), json!("delivered")));
    assert!(rig.sandbox.controls().is_member("Campaign Tools", &rig.user("E0901")));
    rig.ordain(json!({ "accessPackage": PACKAGE, "effect": "remove", "outcome": "deliver" })).await;
    let done = created(rig.request(&removal).await).await;
    rig.advance(2);
    assert_eq!(rig.states(&done).await, ("delivered".to_owned(), json!("expired")));
}

#[tokio::test]
async fn outcomes_outlast_a_loaded_dump_and_refuse_what_cannot_be() {
    let rig = controlled().await;
    let (controls, id) = (rig.sandbox.controls(), rig.sandbox.controls().package_id(PACKAGE).unwrap());
    let fail: DeliveryOutcome = serde_json::from_value(json!({ "accessPackage": id, "outcome": "fail" })).unwrap();
    controls.set_outcome(fail.clone()).unwrap();
    controls.load(controls.dump()).await.unwrap();
    assert_eq!(controls.outcomes(), [fail]);
    let request = rig.ask_directly().await;
    rig.advance(2);
    assert_eq!(rig.states(&request).await, both("deliveryFailed"));
    for body in [
        json!({ "accessPackage": "No such package", "outcome": "fail" }),
        json!({ "accessPackage": PACKAGE, "effect": "remove", "outcome": "partial" }),
        json!({ "accessPackage": PACKAGE, "outcome": "explode" }),
        json!({ "accessPackage": PACKAGE, "outcome": { "failTimes": -1 } }),
        json!({ "accessPackage": PACKAGE, "delay": "-PT1S" }),
        json!({ "accessPackage": PACKAGE, "delay": "PT99999H" }),
        json!({ "outcome": "fail" }),
    ] {
        let refusal = refused(rig.send(Method::PUT, "/sandbox/outcomes", &body).await).await;
        assert_eq!(refusal, (400, "SandboxControl".to_owned()), "{body}");
    }
}
