//! Assignment requests from beginning to end: changes, taking back, trying again, clearing away, and what lists take.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, refused, rig};
use crate::sandbox_refusals::{NOBODY, controlled, id, put_control};

const DAY: i64 = 86_400;

async fn act(rig: &Rig, request: &Value, action: &str) -> reqwest::Response {
    rig.post(&format!("{EM}/assignmentRequests/{}/{action}", id(request)), &json!({})).await
}

async fn act_as(rig: &Rig, user: &str, request: &Value, action: &str) -> reqwest::Response {
    let path = format!("{EM}/assignmentRequests/{}/{action}", id(request));
    rig.call_as(user, Method::POST, &path).send().await.unwrap()
}

async fn add(rig: &Rig, user: &str, package: &str, policy: &str) -> Value {
    created(rig.request(&rig.addition(user, package, policy).await).await).await
}

async fn delete(rig: &Rig, request: &Value) -> reqwest::Response {
    rig.call(Method::DELETE, &format!("{EM}/assignmentRequests/{}", id(request))).send().await.unwrap()
}

#[tokio::test]
async fn an_administrator_extends_and_ends_an_assignment() {
    let rig = rig().await;
    add(&rig, "E0901", "Vendor Portal", "Thirty days").await;
    rig.advance(2);
    let held = rig.assignment("E0901", "Vendor Portal").await;
    let start = held["schedule"]["startDateTime"].clone();
    assert_eq!(held["schedule"]["expiration"]["endDateTime"], "2026-12-21T09:30:01Z");
    rig.advance(10 * DAY);

    let update = json!({
        "id": NOBODY, "requestType": "AdminUpdate", "assignment": { "id": held["id"] },
        "schedule": { "startDateTime": start, "expiration": { "type": "afterDateTime", "endDateTime": "2026-12-30T00:00:00Z" } },
    });
    let request = created(rig.request(&update).await).await;
    assert_ne!(id(&request), NOBODY);
    conforms("accessPackageAssignmentRequest", &request);
    rig.advance(2);
    assert_eq!(rig.state(&request).await, "delivered");
    let extended = rig.assignment("E0901", "Vendor Portal").await;
    assert_eq!((&extended["id"], &extended["schedule"]["startDateTime"]), (&held["id"], &start));
    assert_eq!(extended["schedule"]["expiration"]["endDateTime"], "2026-12-30T00:00:00Z");

    let answers = json!({ "requestType": "adminUpdate", "assignment": { "id": held["id"] }, "answers": [] });
    created(rig.request(&answers).await).await;
    rig.advance(2);
    let same = rig.assignment("E0901", "Vendor Portal").await;
    assert_eq!(same["schedule"], extended["schedule"], "answers change no dates");

    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": held["id"] } });
    let removal = created(rig.request(&removal).await).await;
    rig.advance(2);
    let removal = rig.read_request(&removal).await;
    conforms("accessPackageAssignmentRequest", &removal);
    assert_eq!((&removal["state"], &removal["assignment"]["state"]), (&json!("delivered"), &json!("expired")));
    assert_eq!(removal["requestor"]["objectId"], rig.user("E0901"));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_request_is_taken_back_while_nothing_is_delivered() {
    let rig = controlled().await;
    let pending = add(&rig, "E0902", "Marketing Campaign", "Approved by manager").await;
    let mut scheduled = rig.addition("E0903", "Marketing Campaign", "Direct assignment").await;
    scheduled["schedule"] = json!({ "startDateTime": "2026-12-24T00:00:00Z" });
    let scheduled = created(rig.request(&scheduled).await).await;
    rig.advance(1);
    assert_eq!(refused(act(&rig, &pending, "cancel").await).await, (403, "UnAuthorized".into()));
    let accepted = add(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    for (request, state, user) in
        [(&pending, "pendingApproval", "E0902"), (&scheduled, "scheduled", "E0903"), (&accepted, "submitted", "E0901")]
    {
        assert_eq!(rig.state(request).await, state);
        let strange = refused(act_as(&rig, "E0904", request, "cancel").await).await;
        assert_eq!(strange, (403, "UnAuthorized".into()), "it is no concern of theirs");
        assert_eq!(rig.state(request).await, state);
        let answer = act_as(&rig, user, request, "cancel").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.text().await.unwrap(), "");
        let canceled = rig.read_request(request).await;
        conforms("accessPackageAssignmentRequest", &canceled);
        assert_eq!((&canceled["state"], &canceled["status"]), (&json!("canceled"), &json!("Canceled")));
        assert!(canceled["completedDateTime"].is_string());
        assert_eq!(refused(act_as(&rig, user, request, "cancel").await).await.0, 400, "once");
    }
    rig.advance(60 * DAY);
    assert_eq!(rig.state(&scheduled).await, "canceled", "its start comes for nothing");

    let again = add(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    put_control(&rig, "requestRules", &json!({ "applicationsCanCancel": true })).await;
    assert_eq!(act(&rig, &again, "cancel").await.status(), StatusCode::OK);
    let last = add(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    rig.advance(1);
    assert_eq!(refused(act(&rig, &last, "cancel").await).await, (400, "InvalidRequestState".into()), "delivering");
    let unknown = json!({ "id": NOBODY });
    assert_eq!(refused(act(&rig, &unknown, "cancel").await).await.0, 404);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_failed_is_tried_again_for_some_days() {
    let rig = controlled().await;
    put_control(&rig, "refusals", &json!({ "mode": "later" })).await;
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": NOBODY } });
    let failed = created(rig.request(&removal).await).await;
    rig.advance(2);
    assert_eq!(rig.state(&failed).await, "deliveryFailed");
    let again = act(&rig, &failed, "reprocess").await;
    assert_eq!((again.status(), again.text().await.unwrap()), (StatusCode::ACCEPTED, String::new()));
    assert_eq!(rig.state(&failed).await, "delivering");
    assert_eq!(refused(act(&rig, &failed, "reprocess").await).await.0, 400);
    rig.advance(2);
    assert_eq!(rig.state(&failed).await, "deliveryFailed", "there is still no such assignment");

    let delivered = add(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    rig.advance(2);
    assert_eq!(refused(act(&rig, &delivered, "reprocess").await).await, (400, "InvalidRequestState".into()));
    for (unknown, status) in [(json!({ "id": NOBODY }), 404), (json!({ "id": "nonsense" }), 400)] {
        assert_eq!(refused(act(&rig, &unknown, "reprocess").await).await.0, status);
    }
    rig.advance(8 * DAY);
    put_control(&rig, "requestRules", &json!({ "reprocessDays": 7 })).await;
    assert_eq!(refused(act(&rig, &failed, "reprocess").await).await.0, 400, "a week is over");
    put_control(&rig, "requestRules", &json!({ "reprocessDays": 14 })).await;
    let rules = rig.get("/sandbox/requestRules").await;
    assert_eq!(rules, json!({ "acceptsEmailTargets": false, "applicationsCanCancel": false, "reprocessDays": 14 }));
    assert_eq!(act(&rig, &failed, "reprocess").await.status(), StatusCode::ACCEPTED);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn finished_requests_are_deleted_by_hand_or_after_three_months() {
    let rig = rig().await;
    let first = add(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    assert_eq!(refused(delete(&rig, &first).await).await, (400, "InvalidRequestState".into()));
    rig.advance(2);
    let request = rig.read_request(&first).await;
    assert_eq!((&request["state"], &request["status"]), (&json!("delivered"), &json!("Fulfilled")));
    rig.advance(120);
    let request = rig.read_request(&first).await;
    assert_eq!(
        (&request["state"], &request["status"]),
        (&json!("delivered"), &json!("FulfilledNotificationTriggered"))
    );
    assert_eq!(delete(&rig, &first).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(refused(delete(&rig, &first).await).await, (404, "ResourceNotFound".into()));

    let second = add(&rig, "E0902", "Marketing Campaign", "Direct assignment").await;
    let waiting = add(&rig, "E0903", "Marketing Campaign", "Approved by manager").await;
    rig.advance(90 * DAY);
    assert_eq!(rig.all(&format!("{EM}/assignmentRequests")).await.len(), 2);
    rig.advance(4 * DAY);
    let left = rig.all(&format!("{EM}/assignmentRequests")).await;
    assert!(left.iter().all(|left| left["id"] != second["id"]));
    assert_eq!(left[0]["id"], waiting["id"], "what is open stays");
    assert_eq!(rig.assignment("E0902", "Marketing Campaign").await["state"], "delivered", "the assignment as well");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn lists_take_the_documented_filters_and_expansions_and_nothing_else() {
    let rig = rig().await;
    let request = add(&rig, "E0901", "Marketing Campaign", "Direct assignment").await;
    let package = rig.sandbox.controls().package_id("Marketing Campaign").unwrap();
    let path = format!("{EM}/assignmentRequests");
    for (filter, found) in [
        (format!("accessPackage/id eq '{package}'"), 1),
        (format!("accessPackage/Id eq '{NOBODY}'"), 0),
        ("state eq 'Submitted'".to_owned(), 1),
        ("state eq 'delivered'".to_owned(), 0),
        ("createdDateTime ge 2026-11-21T09:30:00Z and createdDateTime lt 2026-11-21T09:30:01Z".to_owned(), 1),
        ("createdDateTime gt 2026-11-21T09:30:00Z".to_owned(), 0),
        (format!("(state eq 'submitted') and (accessPackage/id eq '{package}')"), 1),
    ] {
        assert_eq!(rig.all(&format!("{path}?$filter={filter}")).await.len(), found, "{filter}");
    }
    for (filter, clause) in [
        ("catalogId eq 'x'", "catalogId Equals x"),
        ("requestor/objectId eq 'x'", "requestor/objectId Equals x"),
        ("target/objectId eq 'x'", "target/objectId Equals x"),
        ("assignment/id eq 'x'", "assignment/id Equals x"),
        ("id eq 'x'", "id Equals x"),
        ("status eq 'Accepted'", "status Equals Accepted"),
        ("completedDateTime ge 2026-01-01T00:00:00Z", "completedDateTime GreaterThanOrEqual 2026-01-01T00:00:00Z"),
        ("state gt 'submitted'", "state GreaterThan submitted"),
        ("state ne 'submitted'", "state ne 'submitted'"),
        ("state in ('submitted')", "state in ('submitted')"),
        ("state eq 'submitted' or state eq 'denied'", "state eq 'submitted' or state eq 'denied'"),
        ("not (state eq 'submitted')", "not (state eq 'submitted')"),
        ("startswith(state,'sub')", "startswith(state,'sub')"),
    ] {
        let response = rig.call(Method::GET, &format!("{path}?$filter={filter}")).send().await.unwrap();
        assert_eq!(response.status(), 400, "{filter}");
        let error = response.json::<Value>().await.unwrap()["error"].clone();
        assert_eq!((&error["code"], &error["details"]), (&json!("InvalidFilter"), &json!([])), "{filter}");
        let message = format!("OData query is invalid: Filter '{clause} is not supported. .");
        assert_eq!(error["message"], message, "{filter}");
    }
    for options in [
        "$orderby=createdDateTime",
        "$count=true",
        "$search=\"a\"",
        "$skip=1",
        "$expand=target",
        "$expand=accessPackageAssignment",
        "$expand=answers",
        "$select=nothing",
        "$top=0",
    ] {
        assert_eq!(rig.refusal(&format!("{path}?{options}")).await.0, 400, "{options}");
    }
    let one = rig.get(&format!("{path}/{}?$select=id,state&$expand=accessPackage,requestor", id(&request))).await;
    conforms("accessPackageAssignmentRequest", &one);
    assert_eq!(
        (&one["accessPackage"]["id"], &one["requestor"]["objectId"]),
        (&json!(package), &json!(rig.user("E0901")))
    );
    assert!(one.get("createdDateTime").is_none());
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn of_two_equal_requests_at_once_exactly_one_is_taken() {
    let rig = rig().await;
    let body = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let answers = futures_util::future::join_all((0..8).map(|_| rig.request(&body))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
    assert_eq!(rig.sandbox.controls().requests().len(), 1);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn an_incompatible_package_that_is_only_asked_for_is_in_the_way() {
    let rig = rig().await;
    let package = |name: &str| rig.sandbox.controls().package_id(name).unwrap();
    let (sales, campaign) = (package("Sales Toolkit"), package("Marketing Campaign"));
    let link = json!({ "@odata.id": rig.sandbox.url().join(&format!("{EM}/accessPackages/{campaign}")).unwrap() });
    rig.post(&format!("{EM}/accessPackages/{sales}/incompatibleAccessPackages/$ref"), &link).await;
    let first = add(&rig, "E0901", "Marketing Campaign", "Approved by manager").await;
    rig.advance(1);
    assert_eq!(rig.state(&first).await, "pendingApproval");
    let second = rig.addition("E0901", "Sales Toolkit", "Direct assignment").await;
    assert_eq!(refused(rig.request(&second).await).await, (400, "IncompatibleAccess".into()));
    assert_eq!(act_as(&rig, "E0901", &first, "cancel").await.status(), 200);
    created(rig.request(&second).await).await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn somebody_outside_the_directory_is_asked_for_by_mail_address() {
    let rig = controlled().await;
    let organization = json!({ "displayName": "Field", "identitySources": [{
        "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": "field.example", "displayName": "Field" }],
        "state": "configured" });
    created(rig.post(&format!("{EM}/connectedOrganizations"), &organization).await).await;
    let outside = json!({ "allowedTargetScope": "allConfiguredConnectedOrganizationUsers" });
    rig.edit("Thirty days", &outside).await;
    let mut body = rig.addition("E0901", "Vendor Portal", "Thirty days").await;
    body["assignment"].as_object_mut().unwrap().remove("targetId");
    let to = |email: &str| {
        let mut body = body.clone();
        body["assignment"]["target"] = json!({ "email": email, "displayName": "Jen Field" });
        body
    };
    assert_eq!(
        refused(rig.request(&to("jen@field.example")).await).await,
        (400, "InvalidModel".into()),
        "v1.0 has none"
    );
    put_control(&rig, "requestRules", &json!({ "acceptsEmailTargets": true })).await;
    for (email, refusal) in [("jen@elsewhere.example", "TargetNotInPolicyScope"), ("jen", "InvalidModel")] {
        assert_eq!(refused(rig.request(&to(email)).await).await, (400, refusal.into()), "{email}");
    }
    let request = created(rig.request(&to("jen@field.example")).await).await;
    assert_eq!(refused(rig.request(&to("JEN@field.example")).await).await, (400, "ExistingOpenRequest".into()));
    rig.advance(2);
    let request = rig.read_request(&request).await;
    assert_eq!((&request["state"], &request["requestor"]["email"]), (&json!("delivered"), &json!("jen@field.example")));
    let guest = request["requestor"]["objectId"].as_str().unwrap();
    assert_eq!(rig.get(&format!("/v1.0/users/{guest}?$select=userType")).await["userType"], "Guest");

    put_control(&rig, "requestRules", &json!({ "acceptsEmailTargets": false })).await;
    let before = rig.sandbox.controls().requests().len();
    let beta = "/beta/identityGovernance/entitlementManagement/accessPackageAssignmentRequests";
    let mut asked = json!({ "requestType": "AdminAdd", "isValidationOnly": true, "accessPackageAssignment": {
        "target": { "email": "tom@field.example" }, "assignmentPolicyId": body["assignment"]["assignmentPolicyId"],
        "accessPackageId": body["assignment"]["accessPackageId"] } });
    created(rig.post(beta, &asked).await).await;
    assert_eq!(rig.sandbox.controls().requests().len(), before, "only checked");
    asked["isValidationOnly"] = json!(false);
    created(rig.post(beta, &asked).await).await;
    rig.advance(2);
    assert_eq!(rig.sandbox.controls().requests().last().unwrap().state, "delivered");
    rig.sandbox.stop().await;
}
