//! Every refusal of an assignment request: answered at once, and by a request that ends later.

#![cfg(test)]

use std::collections::BTreeSet;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::metadata::conforms;
use crate::sandbox::{DEVELOPER, EM, Rig, created, options, refused, rig_of};

pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) async fn controlled() -> Rig {
    rig_of(SandboxOptions { controls: true, ..options() }).await
}

pub(crate) async fn put_control(rig: &Rig, path: &str, body: &Value) -> StatusCode {
    rig.call(Method::PUT, &format!("/sandbox/{path}")).json(body).send().await.unwrap().status()
}

impl Rig {
    /// Replaces every policy of this name by itself with some changes; what v1.0 does not show goes back to its default.
    pub(crate) async fn edit(&self, policy: &str, patch: &Value) {
        let found = self.get(&format!("{EM}/assignmentPolicies?$filter=displayName eq '{policy}'")).await;
        assert_ne!(found["value"], json!([]), "there is a policy {policy}");
        for mut body in found["value"].as_array().unwrap().iter().cloned() {
            merge(&mut body, patch);
            let path = format!("{EM}/assignmentPolicies/{}", id(&body));
            let replaced = self.call(Method::PUT, &path).json(&body).send().await.unwrap();
            let status = replaced.status();
            assert_eq!(status, StatusCode::OK, "{patch}: {}", replaced.text().await.unwrap());
        }
    }

    /// A call of the user with this employee id.
    pub(crate) fn call_as(&self, employee_id: &str, method: Method, path: &str) -> reqwest::RequestBuilder {
        let token = format!("{DEVELOPER}+{}", self.user(employee_id));
        self.client.request(method, self.sandbox.url().join(path).unwrap()).bearer_auth(token)
    }

    pub(crate) async fn request_as(&self, employee_id: &str, body: &Value) -> Response {
        self.call_as(employee_id, Method::POST, &format!("{EM}/assignmentRequests")).json(body).send().await.unwrap()
    }

    pub(crate) async fn read_request(&self, request: &Value) -> Value {
        self.get(&format!("{EM}/assignmentRequests/{}?$expand=requestor,assignment,accessPackage", id(request))).await
    }
}

pub(crate) fn id(entity: &Value) -> &str {
    entity["id"].as_str().unwrap()
}

fn merge(value: &mut Value, patch: &Value) {
    match (value, patch) {
        (Value::Object(value), Value::Object(patch)) => {
            for (name, patch) in patch {
                merge(value.entry(name.clone()).or_insert(Value::Null), patch);
            }
        }
        (value, patch) => *value = patch.clone(),
    }
}

/// What is wrong with a request, and who makes it; the patch is of the policy of Platform Operations.
struct Case {
    kind: &'static str,
    body: Value,
    by: Option<&'static str>,
    patch: Value,
}

fn case(kind: &'static str, body: Value) -> Case {
    Case { kind, body, by: None, patch: json!({}) }
}

const PLATFORM: &str = "Approved by the platform lead";

/// The policy of Platform Operations before each case: everybody asks for themselves, at once.
fn open_to_all() -> Value {
    json!({
        "allowedTargetScope": "allMemberUsers", "specificAllowedTargets": [], "verifiableCredentialSettings": null,
        "requestorSettings": { "enableTargetsToSelfAddAccess": true, "allowCustomAssignmentSchedule": true,
            "acceptRequests": true },
        "requestApprovalSettings": { "isApprovalRequiredForAdd": false, "isRequestorJustificationRequired": false },
    })
}

async fn cases(rig: &Rig) -> Vec<Case> {
    let good = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let sales = rig.addition("E0901", "Sales Toolkit", "Direct assignment").await;
    let changed = |part: &str, value: &Value| {
        let mut body = good.clone();
        body["assignment"][part] = value.clone();
        body
    };
    let mut strange_answer = good.clone();
    strange_answer["answers"] = json!([{ "@odata.type": "#microsoft.graph.accessPackageAnswerString", "value": "x", "answeredQuestion": { "id": NOBODY } }]);

    let open = rig.addition("E0902", "Marketing Campaign", "Approved by manager").await;
    created(rig.request(&open).await).await;
    created(rig.request(&rig.addition("E0903", "Marketing Campaign", "Approved by manager").await).await).await;
    let vendor = rig.addition("E0901", "Vendor Portal", "Thirty days").await;
    created(rig.request(&vendor).await).await;
    let ending = rig.addition("E0903", "Vendor Portal", "Thirty days").await;
    created(rig.request(&ending).await).await;
    rig.advance(2);
    let held = rig.assignment("E0901", "Vendor Portal").await;
    let over = rig.assignment("E0903", "Vendor Portal").await;
    created(rig.request(&json!({ "requestType": "adminRemove", "assignment": { "id": over["id"] } })).await).await;
    rig.advance(2);
    let toolkit = rig.sandbox.controls().package_id("Sales Toolkit").unwrap();
    let campaign = rig.sandbox.controls().package_id("Marketing Campaign").unwrap();
    let link = json!({ "@odata.id": rig.sandbox.url().join(&format!("{EM}/accessPackages/{campaign}")).unwrap() });
    let incompatible = format!("{EM}/accessPackages/{toolkit}/incompatibleAccessPackages/$ref");
    assert_eq!(rig.post(&incompatible, &link).await.status(), StatusCode::NO_CONTENT);

    let platform = rig.addition("E0901", "Platform Operations", PLATFORM).await;
    let mut own = platform.clone();
    own["requestType"] = json!("userAdd");
    let update = |schedule: Value| json!({ "requestType": "adminUpdate", "assignment": { "id": held["id"] }, "schedule": schedule });
    let by_user = |kind, patch: Value| Case { kind, body: own.clone(), by: Some("E0901"), patch };
    let mut dated =
        by_user("ScheduleNotAllowed", json!({ "requestorSettings": { "allowCustomAssignmentSchedule": false } }));
    dated.body["schedule"] = json!({ "expiration": { "type": "afterDuration", "duration": "P1D" } });
    let mut for_another = by_user("OnBehalfNotAllowed", json!({}));
    for_another.body["assignment"]["targetId"] = json!(rig.user("E0902"));
    vec![
        case("ExistingAssignment", rig.addition("E0901", "Office Basics", "Direct assignment").await),
        case("ExistingOpenRequest", open),
        case("IncompatibleAccess", rig.addition("E0903", "Sales Toolkit", "Direct assignment").await),
        case("MissingRequiredAnswer", rig.addition("E0901", "Sales Toolkit", "With questions").await),
        case("InvalidAnswer", strange_answer),
        case("UnknownTarget", changed("targetId", &json!(NOBODY))),
        case("UnknownPackage", changed("accessPackageId", &json!(NOBODY))),
        case("UnknownPolicy", changed("assignmentPolicyId", &json!(NOBODY))),
        case("UnknownAssignment", json!({ "requestType": "adminRemove", "assignment": { "id": NOBODY } })),
        case("AssignmentExpired", json!({ "requestType": "adminRemove", "assignment": { "id": over["id"] } })),
        case("InvalidAssignmentPolicy", changed("assignmentPolicyId", &sales["assignment"]["assignmentPolicyId"])),
        case(
            "EndBeyondPolicy",
            update(json!({ "expiration": { "type": "afterDateTime", "endDateTime": "2027-03-01T00:00:00Z" } })),
        ),
        case("EndBeyondPolicy", update(json!({ "expiration": { "type": "noExpiration" } }))),
        case("StartFixed", update(json!({ "startDateTime": "2026-11-25T00:00:00Z" }))),
        Case {
            body: platform,
            by: None,
            ..by_user("PolicyDisabled", json!({ "requestorSettings": { "acceptRequests": false } }))
        },
        Case {
            body: rig.addition("E0901", "Platform Operations", PLATFORM).await,
            by: None,
            ..by_user(
                "TargetNotInPolicyScope",
                json!({ "allowedTargetScope": "specificDirectoryUsers", "specificAllowedTargets": [
                    { "@odata.type": "#microsoft.graph.singleUser", "userId": rig.user("E0101") },
                ] }),
            )
        },
        by_user("TargetNotInPolicyScope", json!({ "allowedTargetScope": "allConfiguredConnectedOrganizationUsers" })),
        by_user("NoSelfService", json!({ "requestorSettings": { "enableTargetsToSelfAddAccess": false } })),
        by_user(
            "MissingJustification",
            json!({ "requestApprovalSettings": { "isRequestorJustificationRequired": true } }),
        ),
        by_user("VerifiedIdRequired", json!({ "verifiableCredentialSettings": { "any": "claim" } })),
        dated,
        for_another,
    ]
}

async fn sent(rig: &Rig, case: &Case) -> Response {
    rig.edit(PLATFORM, &open_to_all()).await;
    rig.edit(PLATFORM, &case.patch).await;
    match case.by {
        None => rig.request(&case.body).await,
        Some(user) => rig.request_as(user, &case.body).await,
    }
}

async fn publish(rig: &Rig, state: &str) {
    let found = rig.get(&format!("{EM}/catalogs?$filter=displayName eq 'Business Applications'")).await;
    let path = format!("{EM}/catalogs/{}", id(&found["value"][0]));
    let changed = rig.call(Method::PATCH, &path).json(&json!({ "state": state })).send().await.unwrap();
    assert!(changed.status().is_success());
}

/// Runs every case in a mode and gives back the kinds seen.
async fn refuse_all(rig: &Rig, later: bool) -> BTreeSet<String> {
    let table = rig.get("/sandbox/refusals").await;
    let row =
        |kind: &str| table["refusals"].as_array().unwrap().iter().find(|row| row["kind"] == kind).unwrap().clone();
    let check = async |kind: &str, response: Response| {
        let row = row(kind);
        if !later {
            let expected = (row["status"].as_u64().unwrap() as u16, row["code"].as_str().unwrap().to_owned());
            assert_eq!(refused(response).await, expected, "{kind}");
            return;
        }
        let request = created(response).await;
        assert_eq!((&request["state"], &request["status"]), (&json!("submitted"), &json!("Accepted")), "{kind}");
        rig.advance(2);
        let ended = rig.read_request(&request).await;
        conforms("accessPackageAssignmentRequest", &ended);
        assert_eq!((&ended["state"], &ended["status"]), (&row["lateState"], &row["code"]), "{kind}");
    };
    let mut seen = BTreeSet::new();
    for case in cases(rig).await {
        // What an earlier case left behind must not be what this one meets.
        check(case.kind, sent(rig, &case).await).await;
        seen.insert(case.kind.to_owned());
    }
    rig.edit(PLATFORM, &open_to_all()).await;
    publish(rig, "unpublished").await;
    let own = json!({ "requestType": "userAdd", "assignment": {
        "accessPackageId": rig.sandbox.controls().package_id("Platform Operations") } });
    check("CatalogNotPublished", rig.request_as("E0901", &own).await).await;
    seen.insert("CatalogNotPublished".to_owned());
    publish(rig, "published").await;
    created(rig.request_as("E0901", &own).await).await;
    rig.advance(2);
    assert_eq!(
        rig.assignment("E0901", "Platform Operations").await["state"],
        "delivered",
        "nothing refused is in the way"
    );
    seen
}

#[tokio::test]
async fn what_cannot_be_is_refused_at_once_or_later() {
    for later in [false, true] {
        let rig = controlled().await;
        if later {
            assert_eq!(put_control(&rig, "refusals", &json!({ "mode": "later" })).await, 204);
        }
        let seen = refuse_all(&rig, later).await;
        let table = rig.get("/sandbox/refusals").await;
        let all: BTreeSet<String> =
            table["refusals"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect();
        assert_eq!(seen, all, "every kind has a case");
        rig.sandbox.stop().await;
    }
}

#[tokio::test]
async fn each_refusal_is_answered_as_a_tester_wants_it() {
    let rig = controlled().await;
    let addition = rig.addition("E0901", "Office Basics", "Direct assignment").await;
    let other = json!({ "kind": "ExistingAssignment", "status": 409, "code": "X", "message": "there" });
    assert_eq!(put_control(&rig, "refusals", &other).await, 204);
    let response = rig.request(&addition).await;
    assert_eq!(response.status(), 409);
    let error = response.json::<Value>().await.unwrap()["error"].clone();
    assert_eq!((&error["code"], &error["message"], &error["details"]), (&json!("X"), &json!("there"), &json!([])));
    put_control(&rig, "refusals", &json!({ "mode": "later" })).await;
    let request = created(rig.request(&addition).await).await;
    rig.advance(2);
    assert_eq!(rig.read_request(&request).await["status"], "X");
    for bad in [
        json!({ "kind": "Nothing", "status": 400, "code": "X" }),
        json!({ "kind": "UnknownTarget", "status": 200, "code": "X" }),
        json!({ "kind": "UnknownTarget", "status": 400, "code": "X".repeat(2000) }),
        json!({ "mode": "sometimes" }),
    ] {
        assert_eq!(put_control(&rig, "refusals", &bad).await, 400, "{bad}");
    }
    rig.call(Method::DELETE, "/sandbox/refusals").send().await.unwrap();
    assert_eq!(refused(rig.request(&addition).await).await, (400, "ExistingAssignment".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn bodies_that_say_nothing_sensible_are_refused_at_once_in_both_modes() {
    let rig = controlled().await;
    let good = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let held = json!({ "id": NOBODY });
    for mode in ["immediate", "later"] {
        put_control(&rig, "refusals", &json!({ "mode": mode })).await;
        for (body, code) in [
            (json!([]), "InvalidModel"),
            (json!({}), "InvalidModel"),
            (with("surprise", json!(1)), "InvalidModel"),
            (with("isValidationOnly", json!(true)), "InvalidModel"),
            (with("justification", json!("x".repeat(9000))), "InvalidModel"),
            (with("answers", json!(vec![json!({}); 101])), "InvalidModel"),
            (with("parameters", json!({ "other": true })), "InvalidModel"),
            (with("assignment", json!({ "targetId": "nonsense" })), "InvalidModel"),
            (with("assignment", json!({ "targetId": NOBODY })), "InvalidModel"),
            (with("schedule", json!({ "expiration": { "type": "afterDateTime" } })), "InvalidExpiration"),
            (
                with("schedule", json!({ "expiration": { "type": "afterDuration", "duration": "-P1D" } })),
                "InvalidExpiration",
            ),
            (with("requestType", json!("systemAdd")), "InvalidRequestType"),
            (with("requestType", json!("onBehalfAdd")), "InvalidRequestType"),
            (json!({ "requestType": "adminUpdate", "assignment": held }), "InvalidModel"),
            (
                json!({ "requestType": "adminRemove", "assignment": { "id": NOBODY, "targetId": NOBODY } }),
                "InvalidModel",
            ),
        ] {
            assert_eq!(refused(rig.request(&body).await).await, (400, code.to_owned()), "{mode}: {body}");
        }
    }
    assert!(rig.sandbox.controls().requests().is_empty());
    rig.sandbox.stop().await;
}
