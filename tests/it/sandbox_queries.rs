//! `$filter`, `$orderby`, `$search`, `$count` and paging of the sandbox's directory over real HTTP.

#![cfg(test)]

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::{Rig, refused, rig};

pub(crate) async fn eventual(rig: &Rig, path: &str) -> Value {
    let response = rig.call(Method::GET, path).header("ConsistencyLevel", "eventual").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.json().await.unwrap()
}

fn names(page: &Value) -> Vec<String> {
    let users = page["value"].as_array().unwrap();
    users.iter().map(|user| user["displayName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn users_are_filtered_by_the_documented_operators() {
    let rig = rig().await;
    let users = rig.all("/v1.0/users?$select=id,displayName,department,employeeId,accountEnabled,mail").await;
    let text = |user: &Value, name: &str| user[name].as_str().unwrap_or_default().to_owned();
    let (one, other) = (text(&users[0], "department"), text(&users[1], "employeeId"));
    let first = text(&users[0], "displayName").chars().take(3).collect::<String>();
    let ids = |keep: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        users.iter().filter(|user| keep(user)).map(|user| text(user, "id")).collect()
    };
    for (filter, expected) in [
        (
            format!("department eq '{one}' or employeeId eq '{other}'"),
            ids(&|user| text(user, "department") == one || text(user, "employeeId") == other),
        ),
        (format!("startsWith(displayName,'{first}')"), ids(&|user| text(user, "displayName").starts_with(&first))),
        (format!("employeeId in ('{other}')"), ids(&|user| text(user, "employeeId") == other)),
        ("employeeId ge 'E0500'".to_owned(), ids(&|user| text(user, "employeeId").as_str() >= "E0500")),
        ("accountEnabled eq false".to_owned(), ids(&|user| user["accountEnabled"] == false)),
    ] {
        let found: BTreeSet<_> = rig
            .all(&format!("/v1.0/users?$select=id&$filter={filter}"))
            .await
            .iter()
            .map(|user| text(user, "id"))
            .collect();
        assert_eq!(found, expected, "{filter}");
    }
    for filter in [format!("department ne '{one}'"), format!("not(department eq '{one}')")] {
        let path = format!("/v1.0/users?$select=id,department&$count=true&$top=999&$filter={filter}");
        let page = eventual(&rig, &path).await;
        assert_eq!(page["@odata.count"], ids(&|user| text(user, "department") != one).len(), "{filter}");
    }
    let unified = rig.all("/v1.0/groups?$filter=groupTypes/any(c:c eq 'Unified')").await;
    assert!(unified.iter().all(|group| group["groupTypes"].as_array().unwrap().contains(&json!("Unified"))));
}

#[tokio::test]
async fn what_needs_the_index_is_refused_without_header_and_count() {
    let rig = rig().await;
    let refusal = (400, "Request_UnsupportedQuery".to_owned());
    for query in [
        "$filter=department ne 'x'",
        "$filter=not(department eq 'x')",
        "$filter=endsWith(mail,'x')",
        "$filter=department eq 'x'&$orderby=displayName",
        "$search=\"displayName:a\"",
        "$count=true",
    ] {
        assert_eq!(rig.refusal(&format!("/v1.0/users?{query}")).await, refusal, "{query}");
    }
    assert_eq!(rig.refusal("/v1.0/users/$count").await, refusal);
    let without_count =
        rig.call(Method::GET, "/v1.0/users?$filter=department ne 'x'").header("ConsistencyLevel", "eventual");
    assert_eq!(refused(without_count.send().await.unwrap()).await, refusal);
    for query in [
        "$filter=shoeSize eq 'x'",
        "$filter=department gt 'x'",
        "$filter=startsWith(accountEnabled,'t')",
        "$orderby=businessPhones",
    ] {
        assert_eq!(rig.refusal(&format!("/v1.0/users?{query}")).await, refusal, "{query}");
    }
    for query in ["$skip=1", "$count=maybe", "$orderby=displayName up", "$search=a"] {
        assert_eq!(rig.refusal(&format!("/v1.0/users?{query}")).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_sorted_list_is_counted_once_and_continues_where_it_stopped() {
    let rig = rig().await;
    let mut expected = names(&json!({ "value": rig.all("/v1.0/users?$select=displayName").await }));
    expected.sort_by_key(|name| std::cmp::Reverse(name.to_lowercase()));
    let mut next = Some("/v1.0/users?$orderby=displayName desc&$top=3&$count=true&$select=displayName".to_owned());
    let (mut found, mut counts) = (Vec::new(), Vec::new());
    while let Some(path) = next {
        let page = eventual(&rig, &path).await;
        counts.push(page.get("@odata.count").cloned());
        found.extend(names(&page));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(found, expected);
    assert_eq!(counts[0], Some(json!(expected.len())));
    assert!(counts.len() > 1 && counts[1..].iter().all(Option::is_none));

    let count =
        rig.call(Method::GET, "/v1.0/users/$count").header("ConsistencyLevel", "eventual").send().await.unwrap();
    assert_eq!(count.text().await.unwrap(), expected.len().to_string());
    let word = expected[0].split(' ').next_back().unwrap();
    let found = eventual(&rig, &format!("/v1.0/users?$search=\"displayName:{word}\"")).await;
    assert!(names(&found).contains(&expected[0]));
}

#[tokio::test]
async fn empty_pages_in_between_change_no_list() {
    let rig = rig().await;
    let all = rig.all("/v1.0/users?$top=4").await;
    rig.sandbox.controls().set_empty_pages(true);
    let first = rig.get("/v1.0/users?$top=4").await;
    let second = rig.get(first["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!(second["value"], json!([]));
    assert!(second["@odata.nextLink"].is_string());
    assert_eq!(rig.all("/v1.0/users?$top=4").await, all);
    let group =
        rig.get("/v1.0/groups?$filter=displayName eq 'Marketing'").await["value"][0]["id"].as_str().unwrap().to_owned();
    let members = rig.all(&format!("/v1.0/groups/{group}/members?$top=7")).await;
    rig.sandbox.controls().set_empty_pages(false);
    assert_eq!(rig.all(&format!("/v1.0/groups/{group}/members")).await, members);
    assert!(members.len() > 7);
}
