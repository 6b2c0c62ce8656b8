//! Delta queries of the sandbox over real HTTP: everything once, then what has changed, and tokens that grow old.

#![cfg(test)]

use std::collections::BTreeMap;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::{Rig, options, rig, rig_of};
use crate::sandbox_directory::{bind, id_of, link};

const DAY: i64 = 86_400;

/// A round: its values, and the link that ends it.
struct Round {
    pages: Vec<Vec<Value>>,
    link: String,
}

impl Round {
    fn values(&self) -> Vec<Value> {
        self.pages.concat()
    }
}

async fn round(rig: &Rig, path: &str) -> Round {
    let mut pages = Vec::new();
    let mut path = path.to_owned();
    loop {
        let page = rig.get(&path).await;
        pages.push(page["value"].as_array().unwrap().clone());
        let link = |name: &str| page.get(name).map(|link| link.as_str().unwrap().to_owned());
        match (link("@odata.nextLink"), link("@odata.deltaLink")) {
            (Some(next), None) => path = next,
            (None, Some(link)) => return Round { pages, link },
            other => panic!("one link and one only: {other:?}"),
        }
    }
}

#[tokio::test]
async fn users_are_shown_once_and_then_as_they_change() {
    let rig = rig().await;
    let all = round(&rig, "/v1.0/users/delta()?$select=displayName,department").await;
    assert_eq!((all.pages.len(), all.values().len()), (2, 165));
    assert!(all.values().iter().all(|user| user.get("mail").is_none() && user["id"].is_string()));
    let quiet = round(&rig, &all.link).await;
    assert!(quiet.values().is_empty());

    let (nora, first) = (rig.user("E0901"), rig.user("E0001"));
    rig.done(Method::PATCH, &format!("/v1.0/users/{nora}"), &json!({ "department": "Sales" })).await;
    rig.done(Method::PATCH, &format!("/v1.0/users/{first}"), &json!({ "city": "Delft" })).await;
    let pia = rig.new_user("pia").await;
    let changed = round(&rig, &quiet.link).await;
    assert_eq!(changed.values().iter().map(id_of).collect::<Vec<_>>(), [nora.clone(), pia.clone()]);
    assert_eq!(changed.values()[0]["department"], "Sales");
    assert!(changed.values()[1].get("department").is_none(), "what was never set is left out");

    rig.done(Method::PATCH, &format!("/v1.0/users/{nora}"), &json!({ "department": null })).await;
    rig.done(Method::DELETE, &format!("/v1.0/users/{pia}"), &Value::Null).await;
    let minimal = rig.call(Method::GET, &changed.link).header("Prefer", "return=minimal").send().await.unwrap();
    assert_eq!(minimal.headers()["preference-applied"], "return=minimal");
    let minimal: Value = minimal.json().await.unwrap();
    let gone = |reason: &str| json!({ "id": pia, "@removed": { "reason": reason } });
    assert_eq!(minimal["value"], json!([{ "id": nora, "department": null }, gone("changed")]));
    assert_eq!(
        round(&rig, &changed.link).await.values(),
        round(&rig, &changed.link).await.values(),
        "a link stays good"
    );

    rig.done(Method::DELETE, &format!("/v1.0/directory/deletedItems/{pia}"), &Value::Null).await;
    let erased = round(&rig, minimal["@odata.deltaLink"].as_str().unwrap()).await;
    assert_eq!(erased.values(), [gone("deleted")]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_delta_can_begin_now_and_be_about_some_objects_only() {
    let rig = rig().await;
    let latest = rig.get("/v1.0/users/delta?$select=manager,department&$deltaToken=latest").await;
    assert_eq!(latest["value"], json!([]));
    let (nora, first) = (rig.user("E0901"), rig.user("E0001"));
    let one = round(&rig, &format!("/v1.0/users/delta?$filter=id eq '{nora}' or id eq '{nora}'")).await;
    assert_eq!(one.values().len(), 1);
    let manager = format!("/v1.0/users/{nora}/manager/$ref");
    rig.done(Method::DELETE, &manager, &Value::Null).await;
    rig.done(Method::PATCH, &format!("/v1.0/users/{first}"), &json!({ "department": "IT" })).await;
    let changed = round(&rig, latest["@odata.deltaLink"].as_str().unwrap()).await.values();
    assert_eq!(changed.len(), 2);
    let lost = json!([{ "@odata.type": "#microsoft.graph.user", "id": first, "@removed": { "reason": "deleted" } }]);
    assert_eq!((&changed[0]["id"], &changed[0]["manager@delta"]), (&json!(nora), &lost));
    assert!(round(&rig, &one.link).await.values().is_empty(), "the filter holds on");
    for bad in ["$top=5", "$select=shoeSize", "$deltatoken=zz", "$filter=department eq 'IT'"] {
        assert_eq!(rig.refusal(&format!("/v1.0/users/delta?{bad}")).await, (400, "Request_BadRequest".into()), "{bad}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn groups_tell_their_members_in_slices_and_then_who_came_and_went() {
    let rig = rig().await;
    let big = rig.new_group("big").await;
    let users: Vec<String> = rig.all("/v1.0/users?$select=id&$top=130").await.iter().take(130).map(id_of).collect();
    for slice in users.chunks(20) {
        rig.done(Method::PATCH, &format!("/v1.0/groups/{big}"), &bind(slice)).await;
    }
    let all = round(&rig, "/v1.0/groups/delta?$select=displayName,members").await;
    assert!(all.pages.len() > 1);
    let mut members: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages_of_big = 0;
    for group in all.values() {
        let shown = group.get("members@delta").and_then(Value::as_array).cloned().unwrap_or_default();
        assert!(shown.iter().all(|member| member.get("@removed").is_none()));
        pages_of_big += usize::from(group["id"] == *big);
        *members.entry(id_of(&group)).or_default() += shown.len();
    }
    assert_eq!((members[&big], pages_of_big), (130, 2));
    let direct = rig.all(&format!("/v1.0/groups/{}/members", group_id(&rig, "Engineering").await)).await.len();
    assert_eq!(members[&group_id(&rig, "Engineering").await], direct);
    let empty = all.values().into_iter().find(|group| group["displayName"] == "Project Atlas").unwrap();
    assert!(empty.get("members@delta").is_none());

    let platform = group_id(&rig, "Platform Team").await;
    rig.done(Method::POST, &format!("/v1.0/groups/{big}/members/$ref"), &link(&platform)).await;
    rig.done(Method::DELETE, &format!("/v1.0/groups/{big}/members/{}/$ref", users[0]), &Value::Null).await;
    let changed = round(&rig, &all.link).await;
    let mut shown = changed.values()[0]["members@delta"].as_array().unwrap().clone();
    shown.sort_by_key(|member| member.get("@removed").is_some());
    assert_eq!(
        shown,
        [
            json!({ "@odata.type": "#microsoft.graph.group", "id": platform }),
            json!({ "@odata.type": "#microsoft.graph.user", "id": users[0], "@removed": { "reason": "deleted" } }),
        ]
    );
    assert_eq!(changed.values().len(), 1);

    rig.done(Method::DELETE, &format!("/v1.0/users/{}", users[1]), &Value::Null).await;
    let left = round(&rig, &changed.link).await.values();
    let of_big = left.iter().find(|group| group["id"] == *big).unwrap();
    assert_eq!(of_big["members@delta"][0]["@removed"]["reason"], "deleted", "a deleted user is no member");
    rig.sandbox.stop().await;
}

async fn group_id(rig: &Rig, name: &str) -> String {
    id_of(&rig.get(&format!("/v1.0/groups?$filter=displayName eq '{name}'")).await["value"][0])
}

#[tokio::test]
async fn a_token_lives_for_seven_days() {
    let rig = rig().await;
    let link = round(&rig, "/v1.0/groups/delta?$select=displayName").await.link;
    rig.advance(7 * DAY);
    let link = round(&rig, &link).await.link;
    rig.new_group("late").await;
    rig.advance(7 * DAY + 1);
    let expired = rig.call(Method::GET, &link).send().await.unwrap();
    assert_eq!(expired.status(), StatusCode::GONE);
    let location = expired.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.ends_with("/v1.0/groups/delta?$select=displayName&$deltatoken="), "{location}");
    assert_eq!(expired.json::<Value>().await.unwrap()["error"]["code"], "syncStateNotFound");
    let anew = round(&rig, &location).await;
    assert!(anew.values().iter().any(|group| group["displayName"] == "late" && group.get("description").is_none()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn changes_can_be_replayed_and_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || usherd::sandbox::SandboxOptions { state: Some(folder.path().join("state.db")), ..options() };
    let first = rig_of(kept()).await;
    let link = first.get("/v1.0/users/delta?$deltatoken=latest").await["@odata.deltaLink"].clone();
    let path =
        |link: &Value| link.as_str().unwrap().split_once("/v1.0").map(|(_, rest)| format!("/v1.0{rest}")).unwrap();
    let (one, other) = (first.new_user("one").await, first.new_user("other").await);
    first.sandbox.stop().await;

    let second = rig_of(kept()).await;
    let ids = |round: &Round| round.values().iter().map(id_of).collect::<Vec<_>>();
    let news = round(&second, &path(&link)).await;
    assert_eq!(ids(&news), [one.clone(), other.clone()]);
    assert!(ids(&round(&second, &news.link).await).is_empty());
    second.sandbox.controls().replay_changes(true);
    let third = second.new_user("third").await;
    let replayed = round(&second, &news.link).await;
    assert_eq!(ids(&replayed), [one, other, third.clone()]);
    let after = round(&second, &replayed.link).await;
    assert_eq!(ids(&after), [third], "one round back and no more");
    let fourth = second.new_user("fourth").await;
    let controls = second.sandbox.controls();
    controls.load(controls.dump()).await.unwrap();
    let shown = round(&second, &after.link).await;
    assert_eq!(ids(&shown), std::slice::from_ref(&fourth));
    assert_eq!(ids(&round(&second, &shown.link).await), [fourth], "replays go on over a load");
    second.sandbox.stop().await;
}
