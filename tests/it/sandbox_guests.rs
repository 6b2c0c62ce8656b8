//! What becomes of guests after their last assignment, and of the assignments of deleted users, over real HTTP.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::catalogs::text;
use crate::sandbox::{EM, Rig, options, refused, rig, rig_of};

const DAY: i64 = 86_400;
const DELETED: &str = "/v1.0/directory/deletedItems";

impl Rig {
    /// A guest of the sample company, governed from now on, with one assignment.
    async fn governed_guest(&self) -> (String, Value) {
        let held = self.held_by_guest().await;
        let guest = text(&held["target"]["objectId"]);
        let governed = json!({ "subjectLifecycle": "governed" });
        assert_eq!(self.outcome(Method::PATCH, &format!("subjects(objectId='{guest}')"), &governed).await.0, 204);
        self.end_others(&guest, &held).await;
        (guest, held)
    }

    /// Ends what the guest holds beside this.
    async fn end_others(&self, guest: &str, kept: &Value) {
        let all = self.all(&format!("{EM}/assignments?$filter=target/objectId eq '{guest}'")).await;
        for other in all.iter().filter(|other| other["id"] != kept["id"] && other["state"] == "delivered") {
            self.end(other).await;
        }
    }

    async fn end(&self, assignment: &Value) {
        let removal = json!({ "requestType": "adminRemove", "assignment": { "id": assignment["id"] } });
        self.make("assignmentRequests", &removal).await;
        self.advance(2);
    }

    async fn can_sign_in(&self, user: &str) -> bool {
        self.get(&format!("/v1.0/users/{user}?$select=accountEnabled")).await["accountEnabled"].as_bool().unwrap()
    }

    async fn is_gone(&self, user: &str) -> bool {
        let response = self.call(Method::GET, &format!("/v1.0/users/{user}")).send().await.unwrap();
        response.status() == StatusCode::NOT_FOUND
    }

    async fn held(&self, user: &str) -> Vec<Value> {
        self.all(&format!("{EM}/assignments?$filter=target/objectId eq '{user}'&$expand=accessPackage")).await
    }

    async fn delete_user(&self, user: &str) {
        let response = self.call(Method::DELETE, &format!("/v1.0/users/{user}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn a_governed_guest_is_blocked_then_deleted_then_restorable() {
    let rig = rig().await;
    let (guest, held) = rig.governed_guest().await;
    assert!(rig.can_sign_in(&guest).await);
    rig.end(&held).await;
    assert!(!rig.can_sign_in(&guest).await);
    rig.advance(30 * DAY - 1);
    assert!(!rig.is_gone(&guest).await);
    rig.advance(1);
    assert!(rig.is_gone(&guest).await);
    rig.advance(29 * DAY);
    let restored = rig.post(&format!("{DELETED}/{guest}/restore"), &json!({})).await;
    assert_eq!(restored.status(), StatusCode::OK);
    assert!(!rig.can_sign_in(&guest).await, "restored as deleted");
    rig.advance(60 * DAY);
    assert!(!rig.is_gone(&guest).await, "deletion comes once");
    rig.held_by_guest().await;
    assert!(rig.can_sign_in(&guest).await, "and access lets them in again");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_blocked_guest_who_gets_access_in_time_stays() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || SandboxOptions { state: Some(folder.path().join("state.db")), ..options() };
    let first = rig_of(kept()).await;
    let wait = json!({ "durationUntilExternalUserDeletedAfterBlocked": "P2D" });
    assert_eq!(first.outcome(Method::PATCH, "settings", &wait).await.0, 204);
    let (guest, held) = first.governed_guest().await;
    first.end(&held).await;
    assert!(!first.can_sign_in(&guest).await);
    first.sandbox.stop().await;

    let second = rig_of(kept()).await;
    second.advance(DAY);
    assert!(!second.can_sign_in(&guest).await);
    let again = second.held_by_guest().await;
    assert!(second.can_sign_in(&guest).await);
    second.advance(3 * DAY);
    assert!(second.can_sign_in(&guest).await);
    second.end(&again).await;
    second.sandbox.stop().await;

    let third = rig_of(kept()).await;
    third.advance(7 * DAY);
    assert!(third.is_gone(&guest).await, "settings and what is due outlast a restart");
    third.sandbox.stop().await;
}

#[tokio::test]
async fn a_guest_who_is_not_governed_stays_and_settings_can_spare_all() {
    let rig = rig().await;
    let held = rig.held_by_guest().await;
    let guest = text(&held["target"]["objectId"]);
    rig.end_others(&guest, &held).await;
    rig.end(&held).await;
    rig.advance(90 * DAY);
    assert!(rig.can_sign_in(&guest).await);
    let none = json!({ "externalUserLifecycleAction": "none" });
    assert_eq!(rig.outcome(Method::PATCH, "settings", &none).await.0, 204);
    let (guest, held) = rig.governed_guest().await;
    rig.end(&held).await;
    rig.advance(90 * DAY);
    assert!(rig.can_sign_in(&guest).await);
    let block = json!({ "externalUserLifecycleAction": "blockSignIn" });
    assert_eq!(rig.outcome(Method::PATCH, "settings", &block).await.0, 204);
    let (guest, held) = rig.governed_guest().await;
    rig.end(&held).await;
    assert!(!rig.can_sign_in(&guest).await);
    rig.advance(90 * DAY);
    assert!(!rig.is_gone(&guest).await);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_deleted_users_assignments_stay_until_the_user_is_erased() {
    let rig = rig().await;
    let (user, portal) = (rig.user("E0901"), "Company Portal");
    let body = json!({ "displayName": "P" });
    let package = text(&rig.make("accessPackages", &body).await["id"]);
    rig.delete_user(&user).await;
    let basics = text(&rig.held(&user).await[0]["accessPackage"]["id"]);
    for held in rig.all(&format!("{EM}/assignments?$filter=accessPackage/id eq '{basics}'&$expand=target")).await {
        if held["target"]["objectId"] != user.as_str() && held["state"] == "delivered" {
            let removal = json!({ "requestType": "adminRemove", "assignment": { "id": held["id"] } });
            rig.make("assignmentRequests", &removal).await;
        }
    }
    rig.advance(2);
    assert_eq!(rig.delete(&format!("accessPackages/{package}")).await.0, 204, "nobody holds that one");
    assert_eq!(rig.delete(&format!("accessPackages/{basics}")).await, (400, "AccessPackageInUse".into()));
    rig.advance(29 * DAY);
    assert_eq!(rig.held(&user).await[0]["state"], "delivered");
    assert!(!rig.sandbox.controls().is_member(portal, &user));
    let restored = rig.post(&format!("{DELETED}/{user}/restore"), &json!({})).await;
    assert_eq!(restored.status(), StatusCode::OK);
    assert!(rig.sandbox.controls().is_member(portal, &user));

    rig.delete_user(&user).await;
    rig.advance(30 * DAY);
    let ended = rig.held(&user).await[0].clone();
    assert_eq!((&ended["state"], &ended["expiredDateTime"]), (&json!("expired"), &json!("2027-01-19T09:30:02Z")));
    assert_eq!(rig.delete(&format!("accessPackages/{basics}")).await.0, 204);
    assert_eq!(refused(rig.post(&format!("{DELETED}/{user}/restore"), &json!({})).await).await.0, 404);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn erasing_a_user_ends_what_they_hold_and_ask_for() {
    let rig = rig().await;
    let user = rig.user("E0901");
    let asked = rig.addition("E0901", "Marketing Campaign", "Approved by manager").await;
    let asked = rig.make("assignmentRequests", &asked).await;
    rig.advance(2);
    assert_eq!(rig.state(&asked).await, "pendingApproval");
    rig.delete_user(&user).await;
    assert_eq!(rig.state(&asked).await, "pendingApproval");
    let erased = rig.call(Method::DELETE, &format!("{DELETED}/{user}")).send().await.unwrap();
    assert_eq!(erased.status(), StatusCode::NO_CONTENT);
    assert_eq!(rig.state(&asked).await, "canceled");
    assert!(rig.held(&user).await.iter().all(|held| held["state"] == "expired"));
    let subject = rig.read(&format!("subjects(objectId='{user}')")).await;
    assert_eq!((&subject["displayName"], &subject["objectId"]), (&Value::Null, &json!(user)));
    assert_eq!(subject["subjectLifecycle"], "notDefined");
    rig.sandbox.stop().await;
}
