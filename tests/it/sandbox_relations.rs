//! What users and groups of the sandbox lead to, over real HTTP: lists with every query option, counts, casts and expansions.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::metadata::conforms;
use crate::sandbox::{Rig, refused, rig};
use crate::sandbox_directory::{bind, id_of, link};
use crate::sandbox_queries::eventual;

/// A tree: `boss` over three workers, all of them in `inner`, which is in `outer`; the boss owns `inner`.
struct Tree {
    rig: Rig,
    boss: String,
    workers: Vec<String>,
    inner: String,
    outer: String,
}

async fn tree() -> Tree {
    let rig = rig().await;
    let boss = rig.new_user("boss").await;
    let (inner, outer) = (rig.new_group("inner").await, rig.new_group("outer").await);
    let mut workers = Vec::new();
    for (name, city) in [("worker.b", "Delft"), ("worker.a", "Delft"), ("worker.c", "Gouda")] {
        let worker = rig.new_user(name).await;
        rig.done(Method::PATCH, &format!("/v1.0/users/{worker}"), &json!({ "city": city })).await;
        rig.done(Method::PUT, &format!("/v1.0/users/{worker}/manager/$ref"), &link(&boss)).await;
        workers.push(worker);
    }
    rig.done(Method::PATCH, &format!("/v1.0/groups/{inner}"), &bind(&workers)).await;
    rig.done(Method::POST, &format!("/v1.0/groups/{inner}/owners/$ref"), &link(&boss)).await;
    rig.done(Method::POST, &format!("/v1.0/groups/{outer}/members/$ref"), &link(&inner)).await;
    Tree { rig, boss, workers, inner, outer }
}

fn names(page: &Value) -> Vec<&str> {
    page["value"].as_array().unwrap().iter().map(|object| object["displayName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_list_takes_every_option_of_the_index() {
    let Tree { rig, boss, workers, inner, outer } = tree().await;
    let deleted = rig.new_user("worker.gone").await;
    rig.done(Method::DELETE, &format!("/v1.0/users/{deleted}"), &Value::Null).await;
    let all = ["worker.a", "worker.b", "worker.c"];
    let worker = &workers[0];
    for (path, found) in [
        (format!("groups/{inner}/members"), all.as_slice()),
        (format!("groups/{inner}/members/microsoft.graph.user"), &all),
        (format!("groups/{outer}/transitiveMembers/graph.user"), &all),
        (format!("groups/{inner}/owners"), &["boss"]),
        (format!("users/{boss}/directReports"), &all),
        (format!("users/{worker}/memberOf"), &["inner"]),
        (format!("directoryObjects/{worker}/transitiveMemberOf"), &["inner", "outer"]),
        (format!("groups/{inner}/transitiveMemberOf/microsoft.graph.group"), &["outer"]),
        ("directory/deletedItems/microsoft.graph.user".to_owned(), &["worker.gone"]),
    ] {
        let path = format!("/v1.0/{path}");
        let sorted = eventual(&rig, &format!("{path}?$orderby=displayName&$count=true&$select=displayName")).await;
        assert_eq!((names(&sorted), &sorted["@odata.count"]), (found.to_vec(), &json!(found.len())), "{path}");
        let first = eventual(&rig, &format!("{path}?$orderby=displayName desc&$top=1&$select=displayName")).await;
        assert_eq!(names(&first), [*found.last().unwrap()], "{path}");
        assert_eq!(first.get("@odata.nextLink").is_some(), found.len() > 1, "{path}");
        let searched = eventual(&rig, &format!("{path}?$search=\"displayName:{}\"", found[0])).await;
        assert_eq!(names(&searched), [found[0]], "{path}");
        let filter = format!("$count=true&$filter=displayName ne '{}'", found[0]);
        assert_eq!(names(&eventual(&rig, &format!("{path}?{filter}")).await).len(), found.len() - 1, "{path}");
        let count = rig.call(Method::GET, &format!("{path}/$count")).header("ConsistencyLevel", "eventual");
        assert_eq!(count.send().await.unwrap().text().await.unwrap(), found.len().to_string(), "{path}");

        let refusal = (400, "Request_UnsupportedQuery".to_owned());
        for advanced in ["/$count", "?$count=true", "?$search=\"displayName:a\"", "?$filter=displayName ne 'a'"] {
            assert_eq!(rig.refusal(&format!("{path}{advanced}")).await, refusal, "{path}{advanced}");
        }
        let skipped = rig.call(Method::GET, &format!("{path}?$skip=1")).send().await.unwrap();
        let skipped: Value = skipped.json().await.unwrap();
        assert_eq!(skipped["error"]["code"], "Request_BadRequest");
        assert_eq!(skipped["error"]["message"], "'$skip' is not supported by the service.");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_list_says_types_where_its_path_does_not() {
    let Tree { rig, boss, workers, inner, outer } = tree().await;
    let types = async |path: &str| {
        let all = rig.all(&format!("/v1.0/{path}")).await;
        all.iter().map(|object| object.get("@odata.type").cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    let (user, group) = (json!("#microsoft.graph.user"), json!("#microsoft.graph.group"));
    assert_eq!(types(&format!("groups/{outer}/members")).await, std::slice::from_ref(&group));
    assert_eq!(types(&format!("groups/{inner}/owners")).await, std::slice::from_ref(&user));
    assert_eq!(types(&format!("users/{boss}/directReports?$top=2")).await, vec![user.clone(); 3]);
    assert_eq!(types(&format!("users/{boss}/directReports/microsoft.graph.user")).await, vec![Value::Null; 3]);
    assert_eq!(types(&format!("users/{}/memberOf/microsoft.graph.directoryRole", workers[0])).await, [] as [Value; 0]);
    let manager = rig.get(&format!("/v1.0/users/{}/manager?$select=id", workers[0])).await;
    assert_eq!((&manager["@odata.type"], &manager["id"]), (&user, &json!(boss)));
    assert!(manager["@odata.context"].as_str().unwrap().ends_with("#directoryObjects/$entity"));
    assert_eq!(rig.get(&format!("/v1.0/directoryObjects/{inner}")).await["@odata.type"], group);
    for unknown in [format!("users/{inner}/memberOf"), format!("groups/{boss}/owners")] {
        assert_eq!(rig.refusal(&format!("/v1.0/{unknown}")).await.0, 404, "{unknown}");
    }

    rig.done(Method::DELETE, &format!("/v1.0/users/{}", workers[0]), &Value::Null).await;
    rig.done(Method::DELETE, &format!("/v1.0/users/{}/manager/$ref", workers[1]), &Value::Null).await;
    let left: Vec<_> = rig.all(&format!("/v1.0/users/{boss}/directReports")).await.iter().map(id_of).collect();
    assert_eq!(left, [workers[2].as_str()]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn an_expansion_goes_one_step_and_shows_at_most_twenty() {
    let Tree { rig, boss, workers, inner, outer } = tree().await;
    let path = format!("/v1.0/users/{}?$select=displayName&$expand=manager($select=id,mail)", workers[0]);
    let one = rig.get(&path).await;
    conforms("user", &one);
    let manager = json!({ "@odata.type": "#microsoft.graph.user", "id": boss, "mail": null });
    assert_eq!((&one["displayName"], &one["manager"], one.get("id")), (&json!("worker.b"), &manager, None));
    assert!(rig.get(&format!("/v1.0/users/{boss}?$expand=manager")).await.get("manager").is_none());
    let list =
        rig.all("/v1.0/users?$filter=startsWith(displayName,'worker')&$expand=manager($select=displayName)").await;
    list.iter().for_each(|user| conforms("user", user));
    assert!(list.len() == 3 && list.iter().all(|user| user["manager"]["displayName"] == "boss"));
    let boss_of_all = rig.get(&format!("/v1.0/users/{boss}?$expand=directReports,memberOf")).await;
    assert_eq!((boss_of_all["directReports"].as_array().unwrap().len(), &boss_of_all["memberOf"]), (3, &json!([])));

    let more: Vec<String> = rig.all("/v1.0/users?$top=999").await.iter().map(id_of).collect();
    let more: Vec<String> = more.into_iter().filter(|id| !workers.contains(id)).take(20).collect();
    rig.done(Method::PATCH, &format!("/v1.0/groups/{inner}"), &bind(&more)).await;
    let group = rig.get(&format!("/v1.0/groups/{inner}?$expand=members($select=id),owners($select=id)")).await;
    conforms("group", &group);
    assert_eq!(group["members"].as_array().unwrap().len(), 20);
    assert_eq!(group["owners"], json!([{ "@odata.type": "#microsoft.graph.user", "id": boss }]));
    let groups =
        rig.all("/v1.0/groups?$filter=displayName eq 'outer'&$select=id&$expand=members($select=displayName)").await;
    let member = json!({ "@odata.type": "#microsoft.graph.group", "displayName": "inner" });
    assert_eq!(groups, [json!({ "id": outer, "members": [member] })]);

    for bad in [
        "users?$expand=shoes",
        "users?$expand=members",
        "users?$expand=transitiveMemberOf",
        "users?$expand=manager($select=shoeSize)",
        "users?$expand=manager($expand=manager)",
        "users?$expand=manager($levels=2)",
        "users?$expand=manager(",
        &format!("users/{boss}?$expand=memberOf($levels=2)"),
        &format!("groups/{inner}?$expand=manager"),
        &format!("groups/{inner}/members?$expand=manager"),
        &format!("directoryObjects/{boss}?$expand=manager"),
    ] {
        assert_eq!(rig.refusal(&format!("/v1.0/{bad}")).await.0, 400, "{bad}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_line_of_managers_ends_at_its_level_or_where_it_began() {
    let Tree { rig, boss, workers, .. } = tree().await;
    let top = rig.new_user("top").await;
    rig.done(Method::PUT, &format!("/v1.0/users/{boss}/manager/$ref"), &link(&top)).await;
    let line = async |levels: &str| {
        let path = format!("/v1.0/users/{}?$expand=manager($levels={levels};$select=displayName)", workers[0]);
        let user = rig.get(&path).await;
        let above = |user: &Value| user.get("manager").cloned();
        let managers = std::iter::successors(above(&user), above);
        managers.map(|manager| manager["displayName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (line("1").await, line("2").await, line("max").await),
        (vec!["boss".to_owned()], vec!["boss".to_owned(), "top".to_owned()], vec!["boss".to_owned(), "top".to_owned()],)
    );
    rig.done(Method::PUT, &format!("/v1.0/users/{top}/manager/$ref"), &link(&workers[0])).await;
    assert_eq!(line("max").await, ["boss", "top"], "a circle");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_is_kept_elsewhere_is_shown_of_one_user_only() {
    let Tree { rig, boss, inner, .. } = tree().await;
    let one = rig.get(&format!("/v1.0/users/{boss}?$select=aboutMe,skills,displayName")).await;
    conforms("user", &one);
    assert_eq!((&one["aboutMe"], &one["skills"]), (&Value::Null, &json!([])));
    let refusal = (StatusCode::NOT_IMPLEMENTED.as_u16(), "NotImplemented".to_owned());
    for path in [
        "users?$select=id,aboutMe",
        "users/delta?$select=skills",
        "groups/delta()?$select=displayName,members",
        &format!("groups/{inner}/members?$select=birthday"),
    ] {
        let response = rig.call(Method::GET, &format!("/v1.0/{path}")).send().await.unwrap();
        if path.starts_with("groups/delta") {
            assert_eq!(response.status(), StatusCode::OK, "a group has nothing elsewhere");
        } else {
            assert_eq!(refused(response).await, refusal, "{path}");
        }
    }
    for query in ["$filter=aboutMe eq 'x'", "$orderby=hireDate"] {
        assert_eq!(rig.refusal(&format!("/v1.0/users?{query}")).await.0, 400, "{query}");
    }
    rig.sandbox.stop().await;
}
