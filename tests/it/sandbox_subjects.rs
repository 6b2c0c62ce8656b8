//! The sandbox's subjects, and the settings for people from outside, over real HTTP.

#![cfg(test)]

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, rig};

impl Rig {
    /// An active assignment of one of the sample company's guests, who gets one for it, with its target.
    pub(crate) async fn held_by_guest(&self) -> Value {
        let guests = self.get("/v1.0/users?$filter=userType eq 'Guest'&$select=id").await;
        let guest = text(&guests["value"][0]["id"]);
        let mut body = self.addition("E0901", "Marketing Campaign", "Direct assignment").await;
        body["assignment"]["targetId"] = json!(guest);
        self.make("assignmentRequests", &body).await;
        self.advance(2);
        let package = &body["assignment"]["accessPackageId"].as_str().unwrap();
        let filter =
            format!("target/objectId eq '{guest}' and accessPackage/id eq '{package}' and state eq 'delivered'");
        self.read(&format!("assignments?$filter={filter}&$expand=target($expand=connectedOrganization)")).await["value"]
            [0]
        .clone()
    }
}

#[tokio::test]
async fn everybody_who_was_ever_a_target_is_a_subject() {
    let rig = rig().await;
    let held = rig.all(&format!("{EM}/assignments?$expand=target")).await;
    let targets: BTreeSet<String> = held.iter().map(|held| text(&held["target"]["id"])).collect();
    let subjects = rig.all(&format!("{EM}/subjects?$top=50")).await;
    let listed: Vec<String> = subjects.iter().map(|subject| text(&subject["id"])).collect();
    assert_eq!(listed, targets.into_iter().collect::<Vec<_>>(), "once each, in order of id");

    let nora = rig.user("E0901");
    let by_object = rig.read(&format!("subjects(objectId='{nora}')")).await;
    conforms("accessPackageSubject", &by_object);
    assert!(by_object["@odata.context"].as_str().unwrap().ends_with("/subjects/$entity"));
    assert_eq!((&by_object["displayName"], &by_object["objectId"]), (&json!("Nora Lindqvist"), &json!(nora)));
    assert_eq!((&by_object["subjectType"], &by_object["subjectLifecycle"]), (&json!("user"), &json!("notDefined")));
    let by_id = format!("subjects/{}", text(&by_object["id"]));
    assert_eq!(rig.read(&by_id).await, by_object);
    let part = rig.read(&format!("{by_id}?$select=email&$expand=connectedOrganization")).await;
    assert_eq!((&part["email"], &part["connectedOrganization"]), (&by_object["email"], &Value::Null));
    assert_eq!(part.get("displayName"), None);

    let expanded = "$expand=assignment($expand=target),requestor($expand=connectedOrganization)";
    assert_eq!(rig.read(&format!("assignmentRequests?{expanded}")).await["value"], json!([]));
    for (path, expected) in [
        (format!("subjects/{nora}"), (404, "ResourceNotFound")),
        (format!("subjects(objectId='{}')", rig.sandbox.tenant_id()), (404, "ResourceNotFound")),
        ("subjects(objectId='x')".to_owned(), (400, "InvalidIdentifier")),
        ("subjects?$filter=objectId eq 'x'".to_owned(), (400, "InvalidFilter")),
        ("subjects(id='x')".to_owned(), (404, "")),
        ("nothing".to_owned(), (404, "")),
    ] {
        let refusal = rig.refusal(&format!("{EM}/{path}")).await;
        assert_eq!(refusal, (expected.0, expected.1.to_owned()), "{path}");
    }
    assert_eq!(rig.outcome(Method::POST, "nothing", &json!({})).await, (404, String::new()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn the_lifecycle_of_a_guest_can_be_set() {
    let rig = rig().await;
    let before = rig.get("/v1.0/users?$filter=userType eq 'Guest'&$select=id").await;
    let held = rig.held_by_guest().await;
    conforms("accessPackageAssignment", &held);
    let target = &held["target"];
    assert_eq!(target["subjectLifecycle"], "notGoverned");
    assert_eq!(target["connectedOrganization"]["displayName"], "Partner");
    assert_eq!(before["value"][0]["id"], target["objectId"]);
    let path = format!("subjects(objectId='{}')", text(&target["objectId"]));
    let by_id = format!("subjects/{}", text(&target["id"]));
    for (path, written, read) in
        [(&path, "Governed", "governed"), (&by_id, "notGoverned", "notGoverned"), (&by_id, "governed", "governed")]
    {
        let body = json!({ "@odata.type": "#microsoft.graph.accessPackageSubject", "subjectLifecycle": written });
        assert_eq!(rig.outcome(Method::PATCH, path, &body).await.0, 204);
        assert_eq!(rig.read(&by_id).await["subjectLifecycle"], read);
    }
    for body in [
        json!({}),
        json!({ "subjectLifecycle": "notDefined" }),
        json!({ "subjectLifecycle": "x" }),
        json!({ "displayName": "x" }),
    ] {
        assert_eq!(rig.outcome(Method::PATCH, &path, &body).await, (400, "InvalidModel".into()), "{body}");
    }
    let member = format!("subjects(objectId='{}')", rig.user("E0901"));
    let governed = json!({ "subjectLifecycle": "governed" });
    assert_eq!(rig.outcome(Method::PATCH, &member, &governed).await, (400, "InvalidSubject".into()));
    let never = format!("subjects(objectId='{}')", text(&before["value"][0]["id"]).replace('a', "b"));
    assert_eq!(rig.outcome(Method::PATCH, &never, &governed).await.0, 404);
    let subjects = rig.all(&format!("{EM}/subjects")).await;
    assert_eq!(subjects.iter().filter(|subject| subject["id"] == target["id"]).count(), 1);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn the_settings_are_read_and_changed() {
    let rig = rig().await;
    let settings = rig.read("settings").await;
    conforms("entitlementManagementSettings", &settings);
    assert!(settings["@odata.context"].as_str().unwrap().ends_with("/settings/$entity"));
    let values = |settings: &Value| {
        let value = |name: &str| text(&settings[name]);
        (value("externalUserLifecycleAction"), value("durationUntilExternalUserDeletedAfterBlocked"))
    };
    assert_eq!(values(&settings), ("blockSignInAndDelete".to_owned(), "P30D".to_owned()));
    let change = json!({ "externalUserLifecycleAction": "None" });
    assert_eq!(rig.outcome(Method::PATCH, "settings", &change).await.0, 204);
    assert_eq!(values(&rig.read("settings").await), ("none".to_owned(), "P30D".to_owned()));
    let change =
        json!({ "externalUserLifecycleAction": "blockSignIn", "durationUntilExternalUserDeletedAfterBlocked": "P4D" });
    assert_eq!(rig.outcome(Method::PATCH, "settings", &change).await.0, 204);
    for body in [
        json!({ "externalUserLifecycleAction": "x" }),
        json!({ "durationUntilExternalUserDeletedAfterBlocked": "4" }),
        json!({ "durationUntilExternalUserDeletedAfterBlocked": "-P1D" }),
        json!({ "durationUntilExternalUserDeletedAfterBlocked": "P3661D" }),
        json!({ "name": "x" }),
        json!([]),
    ] {
        assert_eq!(rig.outcome(Method::PATCH, "settings", &body).await, (400, "InvalidModel".into()), "{body}");
    }
    assert_eq!(values(&rig.read("settings").await), ("blockSignIn".to_owned(), "P4D".to_owned()));
    assert_eq!(rig.refusal(&format!("{EM}/settings?$select=id")).await.0, 400);
    assert_eq!(rig.outcome(Method::DELETE, "settings", &Value::Null).await.0, 405);
    rig.sandbox.stop().await;
}
