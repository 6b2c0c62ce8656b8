//! Observations of users and groups against a scripted Graph that interrupts, repeats, forgets and falls short.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};
use usherd::directory::graph::GraphDirectory;
use usherd::directory::{Directory, FullReading, GroupAnswer, GroupQuery, Observation, Wanted};
use usherd::domain::subject::{AttributeValue, LEAVE_DATE};

use super::service::{Seen, Service, answer};

const DELTA: &str = "/v1.0/users/delta";

fn at(minute: u8) -> Timestamp {
    format!("2026-11-23T09:{minute:02}:00Z").parse().unwrap()
}

fn wanted(attributes: &[&str], groups: &[&str]) -> Wanted {
    Wanted {
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        groups: groups.iter().map(|group| GroupQuery { group: (*group).to_owned(), transitive: false }).collect(),
    }
}

fn names(observation: &Observation) -> Vec<(String, String)> {
    let users = observation.users.iter().map(|user| (user.id.to_string(), user.display_name.clone()));
    users.collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

fn user(id: &str, name: &str) -> Value {
    json!({ "id": id, "displayName": name })
}

fn ended(values: Value, link: &str) -> Response {
    answer(200, json!({ "value": values, "@odata.deltaLink": format!("{DELTA}?$deltatoken={link}") }))
}

/// Answers a batch's items one by one.
fn batch(seen: &Seen, one: impl Fn(&str, &Value) -> (u16, Value)) -> Response {
    let body = seen.json();
    let items = body["requests"].as_array().unwrap().iter().map(|item| {
        let (status, body) = one(item["url"].as_str().unwrap(), &item["body"]);
        json!({ "id": item["id"], "status": status, "body": body })
    });
    answer(200, json!({ "responses": items.collect::<Vec<_>>() }))
}

fn not_found() -> (u16, Value) {
    (404, json!({ "error": { "code": "Request_ResourceNotFound", "message": "no" } }))
}

/// A tenant of three users whose rounds a test scripts by their token.
fn tenant(seen: &Seen, round: impl Fn(&str) -> Option<Response>) -> Option<Response> {
    let token = [seen.option("$deltatoken"), seen.option("$skiptoken")].concat();
    Some(match seen.path.as_str() {
        DELTA if token == "latest" => ended(json!([]), "one"),
        DELTA => return round(&token),
        "/v1.0/users" => answer(200, json!({ "value": [user("u1", "A"), user("u2", "B"), user("u3", "C")] })),
        "/v1.0/$batch" => batch(seen, |url, _| match url.split(['/', '?']).nth(2).unwrap() {
            "u2" => not_found(),
            id => (200, user(id, "asked")),
        }),
        _ => answer(404, "no such path in this tenant"),
    })
}

#[tokio::test]
async fn a_round_that_is_interrupted_counts_for_nothing_and_is_read_again_from_its_beginning() {
    let failures = Arc::new(AtomicUsize::new(8));
    let left = Arc::clone(&failures);
    let graph = Service::start(move |_, seen| {
        tenant(seen, |token| match token {
            "one" => Some(answer(
                200,
                json!({
                    "value": [user("u1", "A2"), { "id": "u2", "@removed": { "reason": "changed" } }],
                    "@odata.nextLink": format!("{DELTA}?$skiptoken=page2"),
                }),
            )),
            // The second page fails through all attempts of two observations.
            "page2" if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() => {
                Some(answer(503, ""))
            }
            "page2" => Some(ended(json!([user("u3", "C2")]), "two")),
            "two" => Some(ended(json!([]), "three")),
            other => panic!("{other}"),
        })
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    let first = directory.observe(&wanted(&[], &[]), at(0)).await.unwrap();
    assert_eq!(
        (names(&first), first.full),
        (pairs(&[("u1", "A"), ("u2", "B"), ("u3", "C")]), Some(FullReading::First))
    );
    for minute in [1, 2] {
        let error = directory.observe(&wanted(&[], &[]), at(minute)).await.unwrap_err();
        assert_eq!(error.to_string(), "reading users failed");
    }
    let after = directory.observe(&wanted(&[], &[]), at(3)).await.unwrap();
    assert_eq!((names(&after), after.full), (pairs(&[("u1", "A2"), ("u3", "C2")]), None));
    let begun = graph.seen().iter().filter(|seen| seen.option("$deltatoken") == "one").count();
    assert_eq!(begun, 3, "each began where the last whole one had ended");
}

#[tokio::test]
async fn who_is_said_to_be_gone_and_is_there_stays() {
    let graph = Service::start(|_, seen| {
        tenant(seen, |token| match token {
            "one" => Some(ended(json!([
                { "id": "u1", "@removed": { "reason": "deleted" } }, { "id": "u2", "@removed": { "reason": "deleted" } },
                { "id": "u9", "@removed": { "reason": "deleted" } }, user("u3", "C2"), user("u3", "C3"),
            ]), "two")),
            other => panic!("{other}"),
        })
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    directory.observe(&wanted(&[], &[]), at(0)).await.unwrap();
    let after = directory.observe(&wanted(&[], &[]), at(1)).await.unwrap();
    assert_eq!(names(&after), pairs(&[("u1", "asked"), ("u3", "C3"), ("u9", "asked")]));
}

#[tokio::test]
async fn a_confirmation_that_fails_leaves_users_and_token_as_they_were() {
    let is_down = Arc::new(Mutex::new(true));
    let down = Arc::clone(&is_down);
    let graph = Service::start(move |_, seen| {
        if seen.path == "/v1.0/$batch" && *down.lock().unwrap() {
            return Some(batch(seen, |_, _| (403, json!({ "error": { "code": "Forbidden" } }))));
        }
        tenant(seen, |token| match token {
            "one" => Some(ended(json!([{ "id": "u2", "@removed": { "reason": "deleted" } }]), "two")),
            other => panic!("{other}"),
        })
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    directory.observe(&wanted(&[], &[]), at(0)).await.unwrap();
    directory.observe(&wanted(&[], &[]), at(1)).await.unwrap_err();
    *is_down.lock().unwrap() = false;
    let after = directory.observe(&wanted(&[], &[]), at(2)).await.unwrap();
    assert_eq!(names(&after), pairs(&[("u1", "A"), ("u3", "C")]));
}

#[tokio::test]
async fn a_lost_token_leads_to_everybody_and_a_foreign_link_leads_nowhere() {
    for (status, code) in [(410, "resyncRequired"), (410, ""), (400, "syncStateNotFound"), (404, "syncStateNotFound")] {
        let graph = Service::start(move |_, seen| {
            tenant(seen, |_| Some(answer(status, json!({ "error": { "code": code, "message": "gone" } }))))
        })
        .await;
        let directory = GraphDirectory::new(graph.client());
        directory.observe(&wanted(&[], &[]), at(0)).await.unwrap();
        let after = directory.observe(&wanted(&[], &[]), at(1)).await.unwrap();
        assert_eq!((after.users.len(), after.full), (3, Some(FullReading::TokenLost)), "{status} {code}");
    }
    for page in [
        json!({ "value": [], "@odata.nextLink": "http://elsewhere.example/v1.0/users/delta?$skiptoken=x" }),
        json!({ "value": [], "@odata.deltaLink": "http://elsewhere.example/v1.0/users/delta?$deltatoken=x" }),
        json!({ "value": [] }),
    ] {
        let graph = Service::start(move |_, seen| tenant(seen, |_| Some(answer(200, &page)))).await;
        let directory = GraphDirectory::new(graph.client());
        directory.observe(&wanted(&[], &[]), at(0)).await.unwrap();
        directory.observe(&wanted(&[], &[]), at(1)).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_short_list_takes_nobody_away() {
    let lists = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lists);
    let graph = Service::start(move |_, seen| {
        if seen.path == "/v1.0/users" && count.fetch_add(1, Ordering::SeqCst) > 0 {
            return Some(answer(200, json!({ "value": [] })));
        }
        tenant(seen, |token| Some(ended(json!([]), token)))
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    directory.observe(&wanted(&[], &[]), at(0)).await.unwrap();
    let again = directory.observe(&wanted(&[], &[]), at(20)).await.unwrap();
    assert_eq!(again.full, Some(FullReading::Due));
    assert_eq!(
        names(&again),
        pairs(&[("u1", "asked"), ("u3", "asked")]),
        "only who is not there when asked after is gone"
    );
}

#[tokio::test]
async fn a_leave_date_that_is_left_out_was_not_read_and_the_last_known_one_stays() {
    let permitted = Arc::new(Mutex::new(false));
    let is_permitted = Arc::clone(&permitted);
    let graph = Service::start(move |_, seen| {
        let is_permitted = *is_permitted.lock().unwrap();
        let user = |id: &str, date: Value| {
            let mut user = json!({ "id": id, "displayName": id });
            if is_permitted {
                user[LEAVE_DATE] = date;
            }
            user
        };
        let users = || json!([user("u1", json!("2026-12-31T00:00:00Z")), user("u2", Value::Null)]);
        let token = seen.option("$deltatoken");
        Some(match seen.path.as_str() {
            DELTA if token == "latest" => ended(json!([]), "one"),
            // Somebody new, and a change that leaves out what it does not change.
            DELTA => {
                ended(json!([{ "id": "u3", "displayName": "new" }, { "id": "u1", "displayName": "other" }]), "two")
            }
            "/v1.0/users" => answer(200, json!({ "value": users() })),
            _ => batch(seen, |_, _| (200, user("u3", Value::Null))),
        })
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    let wanted = wanted(&[LEAVE_DATE], &[]);
    let dates = |observation: &Observation| {
        let date = |user: &usherd::domain::subject::User| user.attributes.get(LEAVE_DATE).cloned();
        observation.users.iter().map(date).collect::<Vec<_>>()
    };
    let date = || Some(AttributeValue::Date { date: "2026-12-31".parse().unwrap(), inclusive: false });
    assert_eq!(dates(&directory.observe(&wanted, at(0)).await.unwrap()), [None, None]);
    *permitted.lock().unwrap() = true;
    assert_eq!(dates(&directory.observe(&wanted, at(16)).await.unwrap()), [date(), Some(AttributeValue::Null)]);
    let changed = directory.observe(&wanted, at(17)).await.unwrap();
    assert_eq!(dates(&changed), [date(), Some(AttributeValue::Null), Some(AttributeValue::Null)]);
    *permitted.lock().unwrap() = false;
    let later = "2026-11-23T16:00:00Z".parse().unwrap();
    let without = directory.observe(&wanted, later).await.unwrap();
    assert_eq!(without.full, Some(FullReading::Due));
    assert_eq!(
        dates(&without),
        [date(), Some(AttributeValue::Null), Some(AttributeValue::Null)],
        "permission was lost"
    );
}

#[tokio::test]
async fn attributes_whose_changes_are_not_told_are_listed_every_time() {
    for status in [501, 400] {
        let graph = Service::start(move |_, seen| match seen.path.as_str() {
            DELTA => Some(answer(status, json!({ "error": { "code": "NotImplemented" } }))),
            _ => tenant(seen, |_| None),
        })
        .await;
        let directory = GraphDirectory::new(graph.client());
        for (minute, why) in [(0, FullReading::First), (1, FullReading::NotTracked)] {
            let observation = directory.observe(&wanted(&["skills"], &[]), at(minute)).await.unwrap();
            assert_eq!((observation.users.len(), observation.full), (3, Some(why)), "{status}");
        }
    }
}

const GROUPS_DELTA: &str = "/v1.0/groups/delta";

fn groups_ended(values: Value, link: &str) -> Response {
    answer(200, json!({ "value": values, "@odata.deltaLink": format!("{GROUPS_DELTA}?$deltatoken={link}") }))
}

fn member(id: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.user", "id": id })
}

fn left(id: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.user", "id": id, "@removed": { "reason": "deleted" } })
}

/// Group g1, called IT, listed with u1 to u3; its rounds, lists and questions as the test scripts them.
async fn it_group(
    round: impl Fn(&str) -> Response + Clone + Send + Sync + 'static,
    check: impl Fn(&str) -> (u16, Value) + Clone + Send + Sync + 'static,
    members: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> (Service, GraphDirectory) {
    let graph = Service::start(move |_, seen| {
        let token = seen.option("$deltatoken");
        Some(match seen.path.as_str() {
            GROUPS_DELTA if token == "latest" => groups_ended(json!([]), "one"),
            GROUPS_DELTA => round(token),
            "/v1.0/groups" => answer(200, json!({ "value": [{ "id": "g1", "displayName": "IT" }] })),
            "/v1.0/groups/g1/members/microsoft.graph.user" => members(),
            "/v1.0/$batch" => batch(seen, |url, _| check(url.split('/').nth(2).unwrap())),
            _ => return tenant(seen, |token| Some(ended(json!([]), token))),
        })
    })
    .await;
    let directory = GraphDirectory::new(graph.client());
    (graph, directory)
}

fn three() -> Response {
    answer(200, json!({ "value": [{ "id": "u1" }, { "id": "u2" }, { "id": "u3" }] }))
}

async fn members_of(directory: &GraphDirectory, now: Timestamp) -> Result<BTreeSet<String>, String> {
    let mut observation = directory.observe(&wanted(&[], &["IT"]), now).await.unwrap();
    match observation.groups.pop_first().unwrap().1 {
        Ok(GroupAnswer::Members { users, .. }) => Ok(users.into_iter().map(|user| user.to_string()).collect()),
        Ok(other) => Err(format!("{other:?}")),
        Err(error) => Err(error.to_string()),
    }
}

fn set(ids: &[&str]) -> Result<BTreeSet<String>, String> {
    Ok(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn in_groups(groups: &[&str]) -> (u16, Value) {
    (200, json!({ "value": groups }))
}

#[tokio::test]
async fn a_departure_counts_once_the_service_confirms_it() {
    let round = |token: &str| match token {
        "one" => groups_ended(
            json!([
                { "id": "g1", "members@delta": [member("u4"), left("u1")] },
                { "id": "g1", "members@delta": [left("u2"), left("u9")] },
            ]),
            "two",
        ),
        _ => groups_ended(json!([]), token),
    };
    let check = |user: &str| match user {
        "u1" => in_groups(&[]),
        // Deleted meanwhile: in no group for certain.
        _ => not_found(),
    };
    let (graph, directory) = it_group(round, check, three).await;
    assert_eq!(members_of(&directory, at(0)).await, set(&["u1", "u2", "u3"]));
    assert_eq!(members_of(&directory, at(1)).await, set(&["u3", "u4"]));
    assert_eq!(members_of(&directory, at(2)).await, set(&["u3", "u4"]));
    let listings = graph.seen().iter().filter(|seen| seen.path.ends_with("microsoft.graph.user")).count();
    assert_eq!(listings, 1, "nothing was listed again");
}

#[tokio::test]
async fn a_departure_that_is_not_confirmed_is_left_to_a_whole_listing() {
    for check in [in_groups(&["g1"]), (403, json!({ "error": { "code": "Forbidden" } })), (200, json!({}))] {
        let round = |token: &str| match token {
            "one" => groups_ended(json!([{ "id": "g1", "members@delta": [left("u1")] }]), "two"),
            _ => groups_ended(json!([]), token),
        };
        let is_down = Arc::new(Mutex::new(false));
        let down = Arc::clone(&is_down);
        let members = move || if *down.lock().unwrap() { answer(403, "") } else { three() };
        let answer = check.clone();
        let (_graph, directory) = it_group(round, move |_| answer.clone(), members).await;
        assert_eq!(members_of(&directory, at(0)).await, set(&["u1", "u2", "u3"]));
        *is_down.lock().unwrap() = true;
        let unknown = members_of(&directory, at(1)).await;
        assert_eq!(unknown, Err("reading members of group IT failed".to_owned()), "{check:?}");
        assert!(members_of(&directory, at(2)).await.is_err(), "it stays unknown until it is listed");
        *is_down.lock().unwrap() = false;
        assert_eq!(members_of(&directory, at(3)).await, set(&["u1", "u2", "u3"]), "{check:?}");
    }
}

#[tokio::test]
async fn a_group_whose_round_fails_is_unknown_and_its_round_comes_again() {
    let failures = Arc::new(AtomicUsize::new(4));
    let round = move |token: &str| match token {
        "one" if failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() => {
            answer(503, "")
        }
        "one" => groups_ended(json!([{ "id": "g1", "members@delta": [member("u4"), left("u1")] }]), "two"),
        _ => groups_ended(json!([]), token),
    };
    let (_graph, directory) = it_group(round, |_| in_groups(&[]), three).await;
    assert_eq!(members_of(&directory, at(0)).await, set(&["u1", "u2", "u3"]));
    assert!(members_of(&directory, at(1)).await.is_err());
    assert_eq!(members_of(&directory, at(2)).await, set(&["u2", "u3", "u4"]));
}

#[tokio::test]
async fn a_group_whose_token_is_lost_or_that_is_said_to_be_gone_is_listed() {
    let lost = || answer(410, json!({ "error": { "code": "syncStateNotFound" } }));
    let removed = || groups_ended(json!([{ "id": "g1", "@removed": { "reason": "deleted" } }]), "two");
    let both = || groups_ended(json!([{ "id": "g1", "members@delta": [left("u1"), member("u1")] }]), "two");
    for number in 0..3 {
        let round = move |token: &str| match (token, number) {
            ("one", 0) => lost(),
            ("one", 1) => removed(),
            ("one", _) => both(),
            _ => groups_ended(json!([]), token),
        };
        let (graph, directory) = it_group(round, |_| in_groups(&[]), three).await;
        assert_eq!(members_of(&directory, at(0)).await, set(&["u1", "u2", "u3"]));
        assert_eq!(members_of(&directory, at(1)).await, set(&["u1", "u2", "u3"]), "{number}");
        let listings = graph.seen().iter().filter(|seen| seen.path.ends_with("microsoft.graph.user")).count();
        assert_eq!(listings, 2, "{number}");
    }
}
