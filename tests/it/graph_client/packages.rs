//! Packages and policies as entitlement management reads them from a scripted Graph.

use serde_json::{Value, json};
use usherd::domain::entitlement::AccessPackage;
use usherd::entitlement::Entitlement;
use usherd::entitlement::graph::GraphEntitlement;

use super::service::{Service, answer};

/// Each package, and what it is incompatible with: `a: b`.
fn incompatibilities(packages: &[AccessPackage]) -> Vec<String> {
    let line = |package: &AccessPackage| {
        let others: Vec<&str> = package.incompatible_with.iter().map(|other| other.as_str()).collect();
        format!("{}: {}", package.id, others.join(" "))
    };
    packages.iter().map(line).collect()
}

fn package(id: &str) -> Value {
    json!({"id": id, "displayName": format!("Package {id}")})
}

#[tokio::test]
async fn an_expanded_list_says_what_is_incompatible() {
    let graph = Service::start(|_, _| {
        let mut marked = package("a");
        marked["incompatibleAccessPackages"] = json!([{"id": "b"}]);
        let mut plain = package("b");
        plain["incompatibleAccessPackages"] = json!([]);
        Some(answer(200, json!({"value": [marked, plain]})))
    })
    .await;
    let packages = GraphEntitlement::new(graph.client()).packages().await.unwrap();
    assert_eq!(incompatibilities(&packages), ["a: b", "b: a"]);
    assert_eq!(packages[0].display_name, "Package a");
    let [list] = graph.seen().try_into().unwrap();
    assert_eq!(list.option("$expand"), "incompatibleAccessPackages($select=id)");
}

#[tokio::test]
async fn where_the_list_does_not_expand_each_package_is_asked_after() {
    for is_refused in [false, true] {
        let graph = Service::start(move |_, seen| match seen.path.rsplit('/').next() {
            Some("accessPackages") if is_refused && !seen.option("$expand").is_empty() => Some(answer(400, "")),
            Some("accessPackages") => {
                let mut cut = package("a");
                cut["incompatibleAccessPackages"] = json!([]);
                cut["incompatibleAccessPackages@odata.nextLink"] = json!("/v1.0/more");
                let first = if is_refused { package("a") } else { cut };
                Some(answer(200, json!({"value": [first, package("b"), package("c")]})))
            }
            _ if seen.path.contains("/a/") => Some(answer(200, json!({"value": [{"id": "c"}]}))),
            _ => Some(answer(200, json!({"value": []}))),
        })
        .await;
        let packages = GraphEntitlement::new(graph.client()).packages().await.unwrap();
        assert_eq!(incompatibilities(&packages), ["a: c", "b: ", "c: a"], "refused: {is_refused}");
    }
}

#[tokio::test]
async fn what_is_incompatible_and_cannot_be_read_fails_the_reading() {
    let graph = Service::start(|_, seen| match seen.path.rsplit('/').next() {
        Some("accessPackages") => Some(answer(200, json!({"value": [package("a")]}))),
        _ => Some(answer(403, "")),
    })
    .await;
    let error = GraphEntitlement::new(graph.client()).packages().await.unwrap_err();
    assert_eq!(error.to_string(), "reading accessPackages/a/incompatibleAccessPackages failed");
}

#[tokio::test]
async fn policies_are_read_with_their_questions_and_approval() {
    let graph = Service::start(|_, _| {
        Some(answer(
            200,
            json!({"value": [
                {"id": "x1", "displayName": "Direct", "accessPackage": {"id": "p1"},
                    "requestApprovalSettings": {"isApprovalRequiredForAdd": true},
                    "questions": [{"id": "q1", "text": "Why?", "isRequired": true, "sequence": 0}]},
                {"id": "x2", "displayName": "Orphan", "accessPackage": null}
            ]}),
        ))
    })
    .await;
    let [policy] = GraphEntitlement::new(graph.client()).policies().await.unwrap().try_into().unwrap();
    assert_eq!((policy.id.as_str(), policy.package.as_str(), policy.is_automatic), ("x1", "p1", false));
    assert!(policy.needs_approval);
    assert_eq!((policy.questions[0].text.as_str(), policy.questions[0].is_required), ("Why?", true));
    assert_eq!(graph.seen()[0].option("$expand"), "accessPackage,questions");
}
