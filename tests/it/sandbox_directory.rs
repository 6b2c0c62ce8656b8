//! Users and groups of the sandbox over real HTTP: written, linked, deleted, restored, and what they are members of.

#![cfg(test)]

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::{SandboxOptions, Seed};

use crate::sandbox::{EM, Rig, created, options, refused, rig, rig_of};

const DAY: i64 = 86_400;

impl Rig {
    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        self.call(method, path).json(body).send().await.unwrap()
    }

    pub(crate) async fn done(&self, method: Method, path: &str, body: &Value) {
        let response = self.send(method.clone(), path, body).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT, "{method} {path}");
    }

    pub(crate) async fn new_user(&self, alias: &str) -> String {
        id_of(&created(self.post("/v1.0/users", &user_named(alias)).await).await)
    }

    pub(crate) async fn new_group(&self, name: &str) -> String {
        let body = json!({ "displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true });
        id_of(&created(self.post("/v1.0/groups", &body).await).await)
    }

    async fn member_ids(&self, path: &str) -> Vec<String> {
        self.all(path).await.iter().map(id_of).collect()
    }
}

pub(crate) fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub(crate) fn link(id: &str) -> Value {
    json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}") })
}

pub(crate) fn bind(ids: &[String]) -> Value {
    let links: Vec<String> = ids.iter().map(|id| format!("https://graph.microsoft.com/v1.0/users/{id}")).collect();
    json!({ "members@odata.bind": links })
}

fn user_named(alias: &str) -> Value {
    json!({ "accountEnabled": true, "displayName": alias, "mailNickname": alias, "userPrincipalName":
        format!("{alias}@contoso.example"), "passwordProfile": { "password": "xWwvJ]6NMw+bWH-d" } })
}

#[tokio::test]
async fn a_user_is_made_changed_and_deleted() {
    let rig = rig().await;
    let user = created(rig.post("/v1.0/users", &user_named("pia.new")).await).await;
    assert_eq!((&user["displayName"], user.get("passwordProfile")), (&json!("pia.new"), None));
    assert!(user["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata#users/$entity"));
    let path = format!("/v1.0/users/{}", id_of(&user));
    let taken = refused(rig.post("/v1.0/users", &user_named("PIA.new")).await).await;
    assert_eq!(taken, (400, "Request_BadRequest".to_owned()));

    let change = json!({ "department": "Sales", "employeeLeaveDateTime": "2026-12-24T17:00:00Z", "accountEnabled": false,
        "userPrincipalName": "pia.old@contoso.example" });
    rig.done(Method::PATCH, &path, &change).await;
    let read = rig.get("/v1.0/users/pia.old@contoso.example?$select=id,department,accountEnabled,userType").await;
    assert_eq!((&read["id"], &read["department"]), (&user["id"], &json!("Sales")));
    assert_eq!((&read["accountEnabled"], &read["userType"]), (&json!(false), &json!("Member")));
    assert_eq!(rig.refusal("/v1.0/users/pia.new@contoso.example").await.0, 404, "the old name is free");
    for bad in [
        json!({ "id": "x" }),
        json!({ "shoeSize": 5 }),
        json!({ "department": 5 }),
        json!([]),
        json!({ "userPrincipalName": "nora.lindqvist@contoso.example" }),
        json!({ "userPrincipalName": "pia" }),
    ] {
        assert_eq!(refused(rig.send(Method::PATCH, &path, &bad).await).await.0, 400, "{bad}");
    }
    assert_eq!(refused(rig.post("/v1.0/users", &json!({ "displayName": "x" })).await).await.0, 400);

    rig.done(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(rig.refusal(&path).await, (404, "Request_ResourceNotFound".to_owned()));
    assert_eq!(refused(rig.send(Method::DELETE, &path, &Value::Null).await).await.0, 404);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_group_is_made_with_members_and_changed_all_or_nothing() {
    let rig = rig().await;
    let (nora, first) = (rig.user("E0901"), rig.user("E0001"));
    let mut body = json!({ "displayName": "Robotics", "mailNickname": "robotics", "mailEnabled": false,
        "securityEnabled": true, "description": "New" });
    body["owners@odata.bind"] = json!([format!("https://graph.microsoft.com/v1.0/users/{first}")]);
    body["members@odata.bind"] = bind(std::slice::from_ref(&nora))["members@odata.bind"].clone();
    let group = created(rig.post("/v1.0/groups", &body).await).await;
    assert_eq!((&group["displayName"], &group["groupTypes"]), (&json!("Robotics"), &json!([])));
    let path = format!("/v1.0/groups/{}", id_of(&group));
    assert_eq!(rig.member_ids(&format!("{path}/members")).await, [nora.as_str()]);

    let (one, other) = (rig.new_user("one").await, rig.new_user("other").await);
    let unknown = rig.sandbox.tenant_id().to_owned();
    for (ids, status) in [(vec![one.clone(), unknown], 404), (vec![one.clone(), nora.clone()], 400)] {
        assert_eq!(refused(rig.send(Method::PATCH, &path, &bind(&ids)).await).await.0, status);
    }
    assert_eq!(refused(rig.send(Method::PATCH, &path, &bind(&vec![one.clone(); 21])).await).await.0, 400);
    assert_eq!(rig.member_ids(&format!("{path}/members")).await.len(), 1, "nothing of it happened");
    rig.done(Method::PATCH, &path, &bind(&[one.clone(), other])).await;
    assert_eq!(rig.member_ids(&format!("{path}/members")).await.len(), 3);
    rig.done(Method::PATCH, &path, &json!({ "description": "Changed" })).await;
    assert_eq!(rig.get(&path).await["description"], "Changed");

    let owners = format!("{path}/owners");
    assert_eq!(rig.member_ids(&owners).await, [first.as_str()]);
    rig.done(Method::POST, &format!("{owners}/$ref"), &link(&one)).await;
    assert_eq!(refused(rig.post(&format!("{owners}/$ref"), &link(&one)).await).await.0, 400, "an owner already");
    rig.done(Method::DELETE, &format!("{owners}/{first}/$ref"), &Value::Null).await;
    let last = rig.send(Method::DELETE, &format!("{owners}/{one}/$ref"), &Value::Null).await;
    assert_eq!(refused(last).await.0, 400, "the last owner stays");
    assert_eq!(rig.member_ids(&format!("{owners}/microsoft.graph.user")).await, [one]);

    for bad in [
        json!({ "displayName": "x" }),
        json!({ "displayName": "x", "mailNickname": "a b", "mailEnabled": false, "securityEnabled": true }),
        json!({ "displayName": "x", "mailNickname": "a", "mailEnabled": true, "securityEnabled": true }),
        json!({ "displayName": "x", "mailNickname": "a", "mailEnabled": false, "securityEnabled": true,
            "groupTypes": ["DynamicMembership"] }),
    ] {
        assert_eq!(
            refused(rig.post("/v1.0/groups", &bad).await).await,
            (400, "Request_BadRequest".to_owned()),
            "{bad}"
        );
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn members_of_dynamic_and_synced_groups_are_the_services_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seed.yaml");
    let seed = "{name: x, domain: x.example, users: [{userPrincipalName: a@x.example, employeeId: A}], \
        groups: [{displayName: Synced, onPremisesSyncEnabled: true, members: [a@x.example]}]}";
    std::fs::write(&file, seed).unwrap();
    let rig = rig_of(SandboxOptions { seed: Seed::File(file), ..options() }).await;
    let user = rig.user("A");
    let dynamic = json!({ "displayName": "D", "mailNickname": "d", "mailEnabled": false, "securityEnabled": true,
        "groupTypes": ["DynamicMembership"], "membershipRule": "user.department -eq \"Sales\"",
        "membershipRuleProcessingState": "On" });
    let dynamic = id_of(&created(rig.post("/v1.0/groups", &dynamic).await).await);
    let synced = rig.get("/v1.0/groups?$filter=displayName eq 'Synced'").await["value"][0].clone();
    assert_eq!(synced["onPremisesSyncEnabled"], true);
    let synced = id_of(&synced);
    for (group, refusal) in [
        (dynamic, (403, "Authorization_RequestDenied".to_owned())),
        (synced.clone(), (400, "Request_BadRequest".to_owned())),
    ] {
        let path = format!("/v1.0/groups/{group}");
        assert_eq!(refused(rig.post(&format!("{path}/members/$ref"), &link(&user)).await).await, refusal);
        let bound = rig.send(Method::PATCH, &path, &bind(std::slice::from_ref(&user))).await;
        assert_eq!(refused(bound).await, refusal);
        let removal = rig.send(Method::DELETE, &format!("{path}/members/{user}/$ref"), &Value::Null).await;
        assert_eq!(refused(removal).await, refusal);
    }
    assert_eq!(rig.member_ids(&format!("/v1.0/groups/{synced}/members")).await, [user]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_is_deleted_can_be_restored_for_thirty_days() {
    let rig = rig().await;
    let user = rig.new_user("short.stay").await;
    let (group, outer) = (rig.new_group("inner").await, rig.new_group("outer").await);
    rig.done(Method::POST, &format!("/v1.0/groups/{group}/members/$ref"), &link(&user)).await;
    rig.done(Method::POST, &format!("/v1.0/groups/{outer}/members/$ref"), &link(&group)).await;
    let deleted = "/v1.0/directory/deletedItems";
    rig.done(Method::DELETE, &format!("/v1.0/users/{user}"), &Value::Null).await;
    rig.done(Method::DELETE, &format!("/v1.0/groups/{group}"), &Value::Null).await;
    assert!(rig.member_ids(&format!("/v1.0/groups/{outer}/members")).await.is_empty());
    let users = rig.all(&format!("{deleted}/microsoft.graph.user?$select=id,deletedDateTime")).await;
    assert_eq!(users, [json!({ "id": user, "deletedDateTime": "2026-11-21T09:30:00Z" })]);
    assert_eq!(rig.member_ids(&format!("{deleted}/microsoft.graph.group")).await, [group.as_str()]);
    assert_eq!(rig.get(&format!("{deleted}/{group}")).await["@odata.type"], "#microsoft.graph.group");

    let restored = rig.post(&format!("{deleted}/{user}/restore"), &json!({})).await;
    assert_eq!(restored.status(), StatusCode::OK);
    let restored = rig.post(&format!("{deleted}/{group}/restore"), &json!({})).await;
    assert_eq!(restored.json::<Value>().await.unwrap()["displayName"], "inner");
    let read = rig.get(&format!("/v1.0/users/{user}?$select=deletedDateTime,displayName")).await;
    assert_eq!((&read["deletedDateTime"], &read["displayName"]), (&Value::Null, &json!("short.stay")));
    assert_eq!(rig.member_ids(&format!("/v1.0/groups/{outer}/members")).await, [group.as_str()]);
    assert_eq!(rig.member_ids(&format!("/v1.0/groups/{outer}/transitiveMembers")).await.len(), 1, "users first left");

    rig.done(Method::DELETE, &format!("/v1.0/users/{user}"), &Value::Null).await;
    let namesake = rig.new_user("short.stay").await;
    assert_ne!(namesake, user);
    let conflict = rig.post(&format!("{deleted}/{user}/restore"), &json!({})).await;
    assert_eq!(refused(conflict).await.0, 400, "the name is taken");
    rig.advance(30 * DAY - 1);
    assert_eq!(rig.member_ids(&format!("{deleted}/microsoft.graph.user")).await, [user.as_str()]);
    rig.advance(1);
    assert!(rig.member_ids(&format!("{deleted}/microsoft.graph.user")).await.is_empty());
    assert_eq!(refused(rig.post(&format!("{deleted}/{user}/restore"), &json!({})).await).await.0, 404);

    rig.done(Method::DELETE, &format!("/v1.0/groups/{group}"), &Value::Null).await;
    rig.done(Method::DELETE, &format!("{deleted}/{group}"), &Value::Null).await;
    assert_eq!(rig.refusal(&format!("{deleted}/{group}")).await.0, 404);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_deleted_user_keeps_assignments_and_a_restart_keeps_what_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || SandboxOptions { state: Some(folder.path().join("state.db")), ..options() };
    let first = rig_of(kept()).await;
    let (nora, head) = (first.user("E0901"), first.user("E0001"));
    for user in [&nora, &head] {
        first.done(Method::DELETE, &format!("/v1.0/users/{user}"), &Value::Null).await;
    }
    first.sandbox.stop().await;

    let second = rig_of(kept()).await;
    assert_eq!(second.refusal(&format!("/v1.0/users/{nora}")).await.0, 404);
    let held = format!("{EM}/assignments?$filter=target/objectId eq '{nora}'&$expand=target");
    let held = second.all(&held).await;
    assert_eq!((&held[0]["state"], &held[0]["target"]["objectId"]), (&json!("delivered"), &json!(nora)));
    assert!(held[0]["target"]["displayName"].is_string(), "it is still told whose it is");
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": held[0]["id"] } });
    created(second.request(&removal).await).await;
    second.advance(2);
    for user in [&nora, &head] {
        let restored = second.post(&format!("/v1.0/directory/deletedItems/{user}/restore"), &json!({})).await;
        assert_eq!(restored.status(), StatusCode::OK);
    }
    let is_member = |user: &str| second.sandbox.controls().is_member("Company Portal", user);
    assert!(is_member(&head) && !is_member(&nora), "an assignment that has ended meanwhile gives nothing");
    second.sandbox.stop().await;
}

#[tokio::test]
async fn managers_are_set_and_removed() {
    let rig = rig().await;
    let (user, boss) = (rig.new_user("worker").await, rig.new_user("boss").await);
    let manager = format!("/v1.0/users/{user}/manager");
    assert_eq!(rig.refusal(&manager).await.0, 404);
    rig.done(Method::PUT, &format!("{manager}/$ref"), &link(&boss)).await;
    assert_eq!(rig.get(&manager).await["id"], boss);
    assert_eq!(refused(rig.send(Method::PUT, &format!("{manager}/$ref"), &link(&user)).await).await.0, 400);
    let unknown = link(rig.sandbox.tenant_id());
    assert_eq!(refused(rig.send(Method::PUT, &format!("{manager}/$ref"), &unknown).await).await.0, 404);
    rig.done(Method::DELETE, &format!("{manager}/$ref"), &Value::Null).await;
    assert_eq!(refused(rig.send(Method::DELETE, &format!("{manager}/$ref"), &Value::Null).await).await.0, 404);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn memberships_are_told_from_the_members_side() {
    let rig = rig().await;
    let user = rig.new_user("nested").await;
    let (inner, outer, other) =
        (rig.new_group("inner").await, rig.new_group("outer").await, rig.new_group("other").await);
    for (group, member) in [(&inner, &user), (&outer, &inner), (&inner, &outer)] {
        rig.done(Method::POST, &format!("/v1.0/groups/{group}/members/$ref"), &link(member)).await;
    }
    let direct = rig.all(&format!("/v1.0/users/{user}/memberOf")).await;
    assert_eq!((direct.len(), &direct[0]["@odata.type"]), (1, &json!("#microsoft.graph.group")));
    let cast = "/v1.0/users/nested@contoso.example/transitiveMemberOf/microsoft.graph.group?$select=id&$top=1";
    let mut both = vec![inner.clone(), outer.clone()];
    both.sort();
    assert_eq!(rig.member_ids(cast).await, both);
    assert_eq!(rig.member_ids(&format!("/v1.0/groups/{outer}/transitiveMemberOf")).await, [inner.as_str()]);

    let checked =
        rig.post(&format!("/v1.0/users/{user}/checkMemberGroups"), &json!({ "groupIds": [other, outer] })).await;
    assert_eq!(checked.json::<Value>().await.unwrap()["value"], json!([outer]));
    let many = json!({ "groupIds": vec![outer.clone(); 21] });
    assert_eq!(refused(rig.post(&format!("/v1.0/users/{user}/checkMemberGroups"), &many).await).await.0, 400);
    let path = format!("/v1.0/directoryObjects/{user}/getMemberGroups");
    let all = rig.post(&path, &json!({ "securityEnabledOnly": true })).await.json::<Value>().await.unwrap();
    assert_eq!(all["value"], json!(both));

    let ids = json!({ "ids": [user, inner, rig.sandbox.tenant_id()], "types": ["user"] });
    let found = rig.post("/v1.0/directoryObjects/getByIds", &ids).await.json::<Value>().await.unwrap();
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&found["value"][0]["@odata.type"], &found["value"][0]["id"]),
        (&json!("#microsoft.graph.user"), &json!(user))
    );
    assert_eq!(refused(rig.post("/v1.0/directoryObjects/getByIds", &json!({ "ids": "x" })).await).await.0, 400);
    assert_eq!(rig.get(&format!("/v1.0/directoryObjects/{inner}")).await["displayName"], "inner");
    rig.sandbox.stop().await;
}
