//! Users and groups as the directory reads them from a scripted Graph.

use std::collections::BTreeSet;

use serde_json::json;
use usherd::directory::graph::GraphDirectory;
use usherd::directory::{Directory, GroupAnswer, GroupQuery};
use usherd::domain::subject::AttributeValue;

use super::service::{Service, answer};

const GROUP_ID: &str = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";

fn query(group: &str, transitive: bool) -> GroupQuery {
    GroupQuery { group: group.into(), transitive }
}

fn members(id: &str, users: &[&str]) -> GroupAnswer {
    let users = users.iter().map(|user| (*user).into()).collect();
    GroupAnswer::Members { id: id.into(), users, unchangeable: None }
}

#[tokio::test]
async fn users_are_read_over_all_pages_with_what_was_wanted() {
    let graph = Service::start(|number, _| {
        let user = |id: &str| json!({"id": id, "userPrincipalName": "a@contoso.example", "employeeOrgData": {"costCenter": "C1"}});
        Some(answer(200, match number {
            1 => json!({"value": [user("u1"), user("u2")], "@odata.nextLink": "/v1.0/users?$skiptoken=2"}),
            _ => json!({"value": [user("u2"), user("u3")]}),
        }))
    })
    .await;
    let wanted = BTreeSet::from(["employeeOrgData/costCenter".to_owned(), "department".to_owned()]);
    let users = GraphDirectory::new(graph.client()).users(&wanted).await.unwrap();
    assert_eq!(users.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["u1", "u2", "u3"]);
    for user in users {
        assert_eq!(user.attributes.get("employeeOrgData/costCenter"), Some(&AttributeValue::Text("C1".into())));
        assert_eq!(user.attributes.get("department"), Some(&AttributeValue::Null));
    }
    let first = &graph.seen()[0];
    assert_eq!((first.path.as_str(), first.option("$top")), ("/v1.0/users", "999"));
    assert_eq!(
        first.option("$select"),
        "accountEnabled,department,displayName,employeeId,employeeOrgData,id,mail,userPrincipalName,userType"
    );
}

#[tokio::test]
async fn a_group_is_found_by_its_name() {
    let graph = Service::start(|_, seen| {
        Some(answer(
            200,
            match seen.path.as_str() {
                "/v1.0/groups" => json!({"value": [{"id": "g1", "displayName": "R&D's"}]}),
                "/v1.0/groups/g1/members/microsoft.graph.user" => json!({"value": [{"id": "u2"}, {"id": "u1"}]}),
                _ => json!({}),
            },
        ))
    })
    .await;
    let found = GraphDirectory::new(graph.client()).group(&query("R&D's", false)).await.unwrap();
    assert_eq!(found, members("g1", &["u1", "u2"]));
    assert_eq!(graph.seen()[0].option("$filter"), "displayName eq 'R&D''s'");
    assert_eq!(graph.seen()[1].option("$select"), "id");
}

#[tokio::test]
async fn a_group_is_found_by_its_id_with_nested_members() {
    let graph = Service::start(|_, seen| {
        Some(answer(
            200,
            if seen.path.ends_with("/transitiveMembers/microsoft.graph.user") {
                json!({"value": [{"id": "u1"}]})
            } else {
                json!({"id": GROUP_ID})
            },
        ))
    })
    .await;
    let found = GraphDirectory::new(graph.client()).group(&query(GROUP_ID, true)).await.unwrap();
    assert_eq!(found, members(GROUP_ID, &["u1"]));
}

#[tokio::test]
async fn a_group_that_cannot_be_told_is_an_answer_and_not_an_error() {
    let not_found = || Some(answer(404, json!({"error": {"code": "Request_ResourceNotFound"}})));
    let graph = Service::start(move |_, seen| match seen.option("$filter") {
        "displayName eq 'Twice'" => Some(answer(200, json!({"value": [{"id": "g1"}, {"id": "g2"}]}))),
        "displayName eq 'Gone'" => Some(answer(200, json!({"value": [{"id": "g1"}]}))),
        "displayName eq 'None'" => Some(answer(200, json!({"value": []}))),
        _ => not_found(),
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    for (group, expected) in [
        ("Twice", GroupAnswer::Ambiguous),
        ("Gone", GroupAnswer::NotFound),
        ("None", GroupAnswer::NotFound),
        (GROUP_ID, GroupAnswer::NotFound),
    ] {
        assert_eq!(directory.group(&query(group, false)).await.unwrap(), expected, "{group}");
    }
}

#[tokio::test]
async fn a_failed_reading_is_an_error_that_says_what_was_read() {
    let graph = Service::start(|_, _| Some(answer(403, ""))).await;
    let directory = GraphDirectory::new(graph.client());
    assert_eq!(directory.users(&BTreeSet::new()).await.unwrap_err().to_string(), "reading users failed");
    let error = directory.group(&query("IT", false)).await.unwrap_err();
    assert_eq!(error.to_string(), "reading members of group IT failed");
}
