//! SCIM by a scripted service: discovery, paging, and what a service can get wrong.

#![cfg(test)]

use axum::response::Response;
use serde_json::{Value, json};

use super::remote::{Remote, in_force, words};
use crate::graph_client::service::{Seen, Service, answer};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn config(seen: &Seen, filters: bool, most: usize) -> Option<Response> {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"];
    let filter = json!({ "supported": filters, "maxResults": most });
    let is_asked = seen.path == "/scim/v2/ServiceProviderConfig";
    is_asked.then(|| answer(200, json!({ "schemas": schemas, "filter": filter })))
}

fn users(from: usize, to: usize) -> Vec<Value> {
    let user = |number: usize| {
        let id = format!("E{number:02}");
        json!({ "id": id, "userName": id, "title": "x", ENTERPRISE: { "Department": "Sales" },
            "urn:contoso:2.0:User": { "lastDay": "2027-01-31" } })
    };
    (from..=to).map(user).collect()
}

fn listed(total: usize, start: usize, users: Vec<Value>) -> Response {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
    answer(
        200,
        json!({ "schemas": schemas, "totalResults": total, "startIndex": start, "itemsPerPage": users.len(), "Resources": users }),
    )
}

fn start(seen: &Seen) -> usize {
    seen.option("startIndex").parse().unwrap()
}

async fn remote(service: &Service, keys: &str) -> Remote {
    let source = format!("{{ scim: {{ url: '{}scim/v2'{keys} }} }}", service.root);
    Remote::mapped(&source, "userName", &format!("{ENTERPRISE}:department"), "urn:contoso:2.0:User:lastDay").await
}

#[tokio::test]
async fn all_users_are_read_page_by_page_no_larger_than_the_service_allows() {
    let service = Service::start(|_, seen: &Seen| {
        let page = || listed(5, start(seen), users(start(seen), (start(seen) + 1).min(5)));
        Some(config(seen, true, 2).unwrap_or_else(page))
    })
    .await;
    let reading = remote(&service, ", filter: 'userType eq \"Employee\"'").await.pass().await;
    assert_eq!((words(&reading), in_force(&reading)), (vec!["accepted"], 5), "{:?}", reading.deliveries);
    let seen = service.seen();
    let asked: Vec<_> = seen[1..].iter().map(|seen| (seen.option("startIndex"), seen.option("count"))).collect();
    assert_eq!(asked, [("1", "2"), ("3", "2"), ("5", "2")]);
    assert!(seen[1..].iter().all(|seen| seen.option("filter") == "userType eq \"Employee\""));
    let person = &reading.snapshot.unwrap().persons[0];
    assert_eq!(person.attributes.len(), 2, "{person:?}");
    assert!(format!("{person:?}").contains("Sales") && format!("{person:?}").contains("2027-01-31"), "{person:?}");
}

#[tokio::test]
async fn a_service_without_the_answer_about_itself_is_asked_without_a_filter_alone() {
    let service = Service::start(|_, seen: &Seen| {
        let is_config = seen.path.ends_with("ServiceProviderConfig");
        Some(if is_config { answer(404, "") } else { listed(3, 1, users(1, 3)) })
    })
    .await;
    assert_eq!(words(&remote(&service, "").await.pass().await), ["accepted"]);
    assert_eq!(words(&remote(&service, ", filter: 'active eq true'").await.pass().await), ["filterUnsupported"]);
}

#[tokio::test]
async fn what_a_service_gets_wrong_is_refused() {
    /// The rule, and what comes instead of the second delivery.
    type Case = (&'static str, fn(&Seen) -> Response);
    let cases: [Case; 9] = [
        ("zeroRows", |_| listed(0, 1, Vec::new())),
        ("pageMissing", |seen| if start(seen) == 1 { listed(5, 1, users(1, 2)) } else { listed(5, 3, Vec::new()) }),
        // Pages by rules of its own: the first again.
        ("pageMissing", |_| listed(5, 1, users(1, 2))),
        ("pagesShifted", |seen| listed(5, start(seen), users(1, 2))),
        ("totalChanged", |seen| listed(4 + start(seen), start(seen), users(start(seen), start(seen) + 1))),
        ("totalDiffers", |_| listed(2, 1, users(1, 5))),
        ("totalMissing", |_| answer(200, json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"] }))),
        ("notScim", |_| answer(200, json!({ "totalResults": 5, "Resources": users(1, 5) }))),
        ("halfWritten", |_| answer(200, "{\"schemas\": [")),
    ];
    for (rule, script) in cases {
        let service = Service::start(move |number, seen: &Seen| {
            let users = || if number == 2 { listed(5, 1, users(1, 5)) } else { script(seen) };
            Some(config(seen, true, 100).unwrap_or_else(users))
        })
        .await;
        let mut remote = remote(&service, "").await;
        let before = remote.pass().await;
        assert_eq!(words(&before), ["accepted"], "{rule}");
        let after = remote.visit().await;
        assert_eq!(words(&after), [rule], "{:?}", after.deliveries);
        assert_eq!(after.snapshot, before.snapshot, "{rule}");
    }
}
