//! Replication that lags, over real HTTP: what has come or gone a moment ago is not seen yet.

#![cfg(test)]

use reqwest::Method;
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::catalogs::text;
use crate::sandbox::{EM, Rig, created, options, refused, rig_of};
use crate::sandbox_directory::link;

async fn lagging(of: &[&str]) -> Rig {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    rig.done(Method::PUT, "/sandbox/replication", &json!({ "lag": "PT60S", "of": of })).await;
    rig
}

impl Rig {
    async fn lists(&self, path: &str, id: &str) -> bool {
        self.all(path).await.iter().any(|listed| listed["id"] == id)
    }
}

#[tokio::test]
async fn a_new_user_is_not_there_yet_and_a_deleted_one_still_is() {
    let rig = lagging(&["users"]).await;
    let basics = rig.addition("E0901", "Office Basics", "Direct assignment").await;
    let user = rig.new_user("pia.new").await;
    let path = format!("/v1.0/users/{user}");
    let mut ask = basics.clone();
    ask["assignment"]["targetId"] = json!(user);
    for _ in 0..2 {
        assert_eq!(rig.refusal(&path).await, (404, "Request_ResourceNotFound".to_owned()));
        assert_eq!(rig.refusal("/v1.0/users/pia.new@contoso.example").await.0, 404);
        assert_eq!(rig.refusal(&format!("/v1.0/directoryObjects/{user}")).await.0, 404);
        assert!(!rig.lists("/v1.0/users?$filter=displayName eq 'pia.new'", &user).await);
        assert_eq!(refused(rig.request(&ask).await).await.0, 404, "entitlement management does not know the target");
        rig.advance(29);
    }
    assert_eq!(rig.refusal(&path).await.0, 404);
    rig.advance(2);
    assert_eq!(rig.get(&path).await["displayName"], "pia.new");
    assert!(rig.lists("/v1.0/users?$filter=displayName eq 'pia.new'", &user).await);
    created(rig.request(&ask).await).await;

    rig.done(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(rig.get(&path).await["id"], user, "a deleted user is still answered");
    rig.advance(61);
    assert_eq!(rig.refusal(&path).await.0, 404);
}

#[tokio::test]
async fn memberships_come_and_go_late_from_both_ends() {
    let rig = lagging(&["members", "groups"]).await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    let group = rig.group("Project Atlas").await;
    let members = format!("/v1.0/groups/{group}/members");
    let own = format!("/v1.0/users/{nora}/memberOf");
    rig.done(Method::POST, &format!("{members}/$ref"), &link(&nora)).await;
    assert!(controls.is_member("Project Atlas", &nora), "it is so, and cannot be seen");
    assert!(!rig.lists(&members, &nora).await && !rig.lists(&own, &group).await);
    rig.advance(60);
    assert!(rig.lists(&members, &nora).await && rig.lists(&own, &group).await);
    rig.done(Method::DELETE, &format!("{members}/{nora}/$ref"), &Value::Null).await;
    assert!(rig.lists(&members, &nora).await && rig.lists(&own, &group).await);
    rig.advance(60);
    assert!(!rig.lists(&members, &nora).await && !rig.lists(&own, &group).await);

    let fresh = rig.new_group("Fresh").await;
    assert_eq!(rig.refusal(&format!("/v1.0/groups/{fresh}")).await.0, 404);
    assert!(!rig.lists("/v1.0/groups", &fresh).await);
    rig.advance(60);
    assert!(rig.lists("/v1.0/groups", &fresh).await);
}

#[tokio::test]
async fn requests_and_assignments_appear_late_however_late_one_looks() {
    let rig = lagging(&["requests", "assignments"]).await;
    let addition = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let request = created(rig.request(&addition).await).await;
    let path = format!("{EM}/assignmentRequests/{}", text(&request["id"]));
    assert_eq!(rig.refusal(&path).await.0, 404);
    rig.advance(59);
    assert_eq!(rig.refusal(&path).await.0, 404);
    assert_eq!(rig.assignment("E0901", "Marketing Campaign").await, Value::Null);
    rig.advance(1);
    // The assignment is there since the request is being delivered, a second after it came in.
    assert_eq!(rig.get(&path).await["state"], "delivered");
    assert_eq!(rig.assignment("E0901", "Marketing Campaign").await, Value::Null);
    rig.advance(1);
    assert_eq!(rig.assignment("E0901", "Marketing Campaign").await["state"], "delivered");

    // Nobody has looked meanwhile: the instants count at which things came about.
    let addition = rig.addition("E0901", "Sales Toolkit", "Direct assignment").await;
    created(rig.request(&addition).await).await;
    rig.advance(61);
    assert_eq!(rig.assignment("E0901", "Sales Toolkit").await["state"], "delivered");
}

#[tokio::test]
async fn the_lag_outlasts_a_loaded_dump_and_ends_when_told() {
    let rig = lagging(&["users"]).await;
    let controls = rig.sandbox.controls();
    controls.load(controls.dump()).await.unwrap();
    assert_eq!(rig.get("/sandbox/replication").await, json!({ "lag": "PT1M", "of": ["users"] }));
    let user = rig.new_user("pia.new").await;
    assert_eq!(rig.refusal(&format!("/v1.0/users/{user}")).await.0, 404);
    rig.done(Method::DELETE, "/sandbox/replication", &Value::Null).await;
    assert_eq!(rig.get("/sandbox/replication").await, Value::Null);
    assert_eq!(rig.get(&format!("/v1.0/users/{user}")).await["id"], user);
    for body in [json!({ "lag": "-PT1S", "of": [] }), json!({ "lag": "PT1S", "of": ["mails"] }), json!({ "of": [] })] {
        let refusal = refused(rig.send(Method::PUT, "/sandbox/replication", &body).await).await;
        assert_eq!(refusal, (400, "SandboxControl".to_owned()), "{body}");
    }
}
