//! Assignments over real HTTP: reprocessed, near their end, and those that should not be held together (seed 004).

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, options, refused, rig, rig_of};
use crate::sandbox_policies::{direct, with};

const NORA: &str = "nora.lindqvist@contoso.example";
const DAY: i64 = 86_400;

impl Rig {
    /// Brings the employee a package, delivered.
    async fn hold(&self, employee: &str, package: &str, policy: &str) -> Value {
        created(self.request(&self.addition(employee, package, policy).await).await).await;
        self.advance(2);
        let assignment = self.assignment(employee, package).await;
        assert_eq!(assignment["state"], "delivered");
        assignment
    }

    async fn reprocess(&self, id: &str) -> (u16, String) {
        let response = self.call(Method::POST, &format!("{EM}/assignments/{id}/reprocess")).send().await.unwrap();
        if response.status() == StatusCode::ACCEPTED { (202, String::new()) } else { refused(response).await }
    }

    async fn status(&self, assignment: &Value) -> (String, String) {
        let read = self.read(&format!("assignments/{}", text(&assignment["id"]))).await;
        (text(&read["state"]), text(&read["status"]))
    }
}

fn pair(state: &str, status: &str) -> (String, String) {
    (state.to_owned(), status.to_owned())
}

#[tokio::test]
async fn a_reprocessed_assignment_gives_its_roles_once_more() {
    let rig = rig().await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    let held = rig.hold("E0901", "Marketing Campaign", "Direct assignment").await;
    let id = text(&held["id"]);
    assert!(controls.remove_member("Campaign Tools", &nora));
    assert_eq!(rig.reprocess(&id).await.0, 202);
    assert_eq!(rig.status(&held).await, pair("delivering", "Delivering"));
    assert_eq!(rig.reprocess(&id).await, (400, "InvalidAssignmentState".to_owned()));
    assert!(!controls.is_member("Campaign Tools", &nora));
    // What is under way goes on in a loaded dump.
    let loaded = rig_of(options()).await;
    loaded.sandbox.controls().load(controls.dump()).await.unwrap();
    for rig in [&rig, &loaded] {
        rig.advance(4);
        assert_eq!(rig.status(&held).await, pair("delivered", "Delivered"));
        assert!(rig.sandbox.controls().is_member("Campaign Tools", &nora));
    }

    assert_eq!(rig.reprocess("x").await.0, 400);
    assert_eq!(rig.reprocess("0f1ff2a1-5f3d-4c0e-8f3a-2d6a0e8f6a11").await, (404, "ResourceNotFound".to_owned()));
    assert_eq!(rig.reprocess(&id).await.0, 202);
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": id } });
    created(rig.request(&removal).await).await;
    rig.advance(10);
    assert_eq!(rig.status(&held).await, pair("expired", "ExpiredNotificationTriggered"));
    assert!(!controls.is_member("Campaign Tools", &nora), "what has ended is not given again");
    assert_eq!(rig.reprocess(&id).await, (400, "InvalidAssignmentState".to_owned()));
    let beta = "/beta/identityGovernance/entitlementManagement/accessPackageAssignments";
    let response = rig.call(Method::POST, &format!("{beta}/{id}/reprocess")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_status_says_that_the_end_is_near_and_an_ended_assignment_stays_listed() {
    let rig = rig().await;
    let held = rig.hold("E0901", "Vendor Portal", "Thirty days").await;
    assert_eq!(held["status"], "Delivered");
    rig.advance(15 * DAY);
    assert_eq!(rig.status(&held).await, pair("delivered", "Delivered"));
    rig.advance(DAY);
    assert_eq!(rig.status(&held).await, pair("delivered", "NearExpiry14DaysNotificationTriggered"));
    rig.advance(12 * DAY);
    assert_eq!(rig.status(&held).await.1, "NearExpiry14DaysNotificationTriggered");
    rig.advance(DAY);
    assert_eq!(rig.status(&held).await, pair("delivered", "NearExpiry1DayNotificationTriggered"));
    let open = format!("assignments?$filter=state eq 'Delivered' and target/objectId eq '{}'", rig.user("E0901"));
    assert!(rig.read(&open).await["value"].as_array().unwrap().iter().any(|listed| listed["id"] == held["id"]));
    rig.advance(DAY);
    assert_eq!(rig.status(&held).await, pair("expired", "ExpiredNotificationTriggered"));
    let ended = rig.assignment("E0901", "Vendor Portal").await;
    conforms("accessPackageAssignment", &ended);
    assert_eq!(
        (&ended["id"], &ended["expiredDateTime"]),
        (&held["id"], &held["schedule"]["expiration"]["endDateTime"])
    );
}

#[tokio::test]
async fn an_extended_assignment_is_not_near_its_end() {
    let rig = rig().await;
    let held = rig.hold("E0901", "Vendor Portal", "Thirty days").await;
    rig.advance(17 * DAY);
    assert_eq!(rig.status(&held).await.1, "NearExpiry14DaysNotificationTriggered");
    let extension = json!({ "requestType": "adminUpdate", "assignment": { "id": held["id"] },
        "schedule": { "expiration": { "type": "afterDuration", "duration": "P30D" } } });
    created(rig.request(&extension).await).await;
    rig.advance(2);
    assert_eq!(rig.status(&held).await, pair("delivered", "Delivered"));
    rig.advance(17 * DAY);
    assert_eq!(rig.status(&held).await.1, "NearExpiry14DaysNotificationTriggered");
}

#[tokio::test]
async fn nobody_is_told_of_the_end_where_the_policys_notifications_are_disabled() {
    let rig = rig().await;
    let package = text(&rig.read("accessPackages?$filter=displayName eq 'Vendor Portal'").await["value"][0]["id"]);
    let quiet = with(
        direct(&package),
        json!({ "displayName": "Quiet", "expiration": { "type": "afterDuration", "duration": "P30D", "endDateTime": null },
            "notificationSettings": { "isAssignmentNotificationDisabled": true } }),
    );
    rig.make("assignmentPolicies", &quiet).await;
    let held = rig.hold("E0901", "Vendor Portal", "Quiet").await;
    rig.advance(20 * DAY);
    assert_eq!(rig.status(&held).await, pair("delivered", "Delivered"));
    rig.advance(11 * DAY);
    assert_eq!(rig.status(&held).await.0, "expired");
}

#[tokio::test]
async fn a_user_sees_who_holds_what_should_not_be_held_together() {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    let marketing = rig.hold("E0901", "Marketing Campaign", "Direct assignment").await;
    let sales = rig.hold("E0901", "Sales Toolkit", "Direct assignment").await;
    let id = |name: &str| rig.sandbox.controls().package_id(name).unwrap();
    let (campaign, toolkit) = (id("Marketing Campaign"), id("Sales Toolkit"));
    let path = |arguments: &str| format!("{EM}/assignments/additionalAccess{arguments}");
    let ids = |answer: &(u16, Value)| {
        assert_eq!(answer.0, 200, "{}", answer.1);
        answer.1["value"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };

    let both = format!("(accessPackageId='{campaign}',incompatibleAccessPackageId='{toolkit}')");
    let answer = rig.read_as(NORA, &path(&format!("{both}?$expand=target,accessPackage"))).await;
    assert_eq!(ids(&answer), std::slice::from_ref(&marketing["id"]));
    let found = &answer.1["value"][0];
    conforms("accessPackageAssignment", found);
    assert_eq!(
        (&found["target"]["objectId"], &found["accessPackage"]["id"]),
        (&json!(rig.user("E0901")), &json!(campaign))
    );
    let spaced =
        format!("(incompatibleAccessPackageId%20=%20%27{campaign}%27,%20accessPackageId='{toolkit}')?$select=id");
    assert_eq!(ids(&rig.read_as(NORA, &path(&spaced)).await), std::slice::from_ref(&sales["id"]));
    let none = format!("{both}?$filter=state eq 'expired'");
    assert_eq!(ids(&rig.read_as(NORA, &path(&none)).await), Vec::<Value>::new());

    // What the packages themselves say counts where no other one is named.
    for arguments in ["", "()", &format!("(accessPackageId='{toolkit}')")] {
        assert_eq!(ids(&rig.read_as(NORA, &path(arguments)).await), Vec::<Value>::new(), "{arguments}");
    }
    let link = json!({ "@odata.id": format!("https://graph.microsoft.com{EM}/accessPackages/{campaign}") });
    let reference = format!("accessPackages/{toolkit}/incompatibleAccessPackages/$ref");
    assert_eq!(rig.outcome(Method::POST, &reference, &link).await.0, 204);
    for arguments in ["", "()", &format!("(accessPackageId='{toolkit}')")] {
        assert_eq!(ids(&rig.read_as(NORA, &path(arguments)).await), std::slice::from_ref(&sales["id"]), "{arguments}");
    }
    assert_eq!(ids(&rig.read_as(NORA, &path(&format!("(accessPackageId='{campaign}')"))).await), Vec::<Value>::new());

    assert_eq!(rig.refusal(&path(&both)).await, (403, "UnAuthorized".to_owned()));
    let unknown = "0f1ff2a1-5f3d-4c0e-8f3a-2d6a0e8f6a11";
    for (arguments, status) in [
        (format!("(accessPackageId='{campaign}',incompatibleAccessPackageId='{campaign}')"), 400),
        (format!("(accessPackageId='{campaign}',incompatibleAccessPackageId='{unknown}')"), 404),
        (format!("(incompatibleAccessPackageId='{campaign}')"), 400),
        ("(accessPackageId='x')".to_owned(), 400),
        (format!("{both}?$orderby=id"), 400),
    ] {
        assert_eq!(rig.read_as(NORA, &path(&arguments)).await.0, status, "{arguments}");
    }
    let beta = "/beta/identityGovernance/entitlementManagement/accessPackageAssignments/additionalAccess";
    let answer = rig.read_as(NORA, &format!("{beta}{both}")).await;
    assert_eq!(
        (ids(&answer), &answer.1["value"][0]["assignmentState"]),
        (vec![marketing["id"].clone()], &json!("Delivered"))
    );
}

#[tokio::test]
async fn additional_access_comes_in_pages() {
    let rig = rig().await;
    let (portal, toolkit) = ("Office Basics", "Sales Toolkit");
    let id = |name: &str| rig.sandbox.controls().package_id(name).unwrap();
    let arguments = format!("(accessPackageId='{}',incompatibleAccessPackageId='{}')", id(portal), id(toolkit));
    let path = format!("{EM}/assignments/additionalAccess{arguments}");
    let whole = rig.read_as(NORA, &format!("{path}?$top=999")).await.1;
    let whole: Vec<Value> = whole["value"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert!(whole.len() > 2, "the sample company's sales people hold both");
    let (mut next, mut paged) = (Some(format!("{path}?$top=2")), Vec::new());
    while let Some(path) = next {
        let (status, page) = rig.read_as(NORA, &path).await;
        assert_eq!(status, 200, "{page}");
        paged.extend(page["value"].as_array().unwrap().iter().map(|one| one["id"].clone()));
        next = page.get("@odata.nextLink").map(text);
    }
    assert_eq!(paged, whole);
}
