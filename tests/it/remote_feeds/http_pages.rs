//! Every way of paging reads everybody, and asks for no page twice.

#![cfg(test)]

use axum::response::Response;
use serde_json::json;

use super::remote::{Remote, in_force, people, words};
use crate::graph_client::service::{Seen, Service, answer, answer_with};

/// Everybody in pages of up to four, by the number of the first.
fn page(first: usize) -> Vec<serde_json::Value> {
    people(first, (first + 3).min(10))
}

#[track_caller]
fn number(seen: &Seen, parameter: &str) -> usize {
    seen.option(parameter).parse().unwrap()
}

/// Ten people come in three pages, and `requests` are made for them.
async fn check(keys: &str, requests: usize, script: fn(&Seen) -> Response) {
    let service = Service::start(move |_, seen: &Seen| Some(script(seen))).await;
    let source = format!("{{ http: {{ url: '{}people?size=4', {keys} }} }}", service.root);
    let remote = Remote::new(&source).await;
    let reading = remote.pass().await;
    assert_eq!((words(&reading), in_force(&reading)), (vec!["accepted"], 10), "{:?}", reading.deliveries);
    assert_eq!(reading.deliveries[0].rows, 10);
    let seen = service.seen();
    assert_eq!(seen.len(), requests, "{keys}");
    assert!(seen.iter().all(|seen| seen.path == "/people" && seen.option("size") == "4"), "{keys}");
}

#[tokio::test]
async fn one_answer_that_is_the_list() {
    check("", 1, |_| answer(200, json!(people(1, 10)))).await;
}

#[tokio::test]
async fn a_next_address_in_the_page() {
    check("records: /data, paging: { next: /links/next }", 3, |seen| {
        let first = seen.option("from").parse().unwrap_or(1);
        let next = if first == 9 { json!(null) } else { json!(format!("/people?size=4&from={}", first + 4)) };
        answer(200, json!({ "links": { "next": next }, "data": page(first) }))
    })
    .await;
}

#[tokio::test]
async fn a_next_address_in_the_link_header() {
    check("paging: { linkHeader: true }", 3, |seen| {
        let first = seen.option("from").parse().unwrap_or(1);
        let next = format!("<people?size=4&from={}>; rel=\"next\"", first + 4);
        let headers = [("link", next.as_str())];
        answer_with(200, if first == 9 { &[] } else { &headers }, json!(page(first)))
    })
    .await;
}

#[tokio::test]
async fn a_cursor() {
    check("records: people, paging: { cursor: /meta/next, parameter: after }", 3, |seen| {
        let first = seen.option("after").parse().unwrap_or(1);
        let meta = if first == 9 { json!({}) } else { json!({ "next": (first + 4).to_string() }) };
        answer(200, json!({ "meta": meta, "people": page(first) }))
    })
    .await;
}

#[tokio::test]
async fn page_numbers_end_with_a_page_without_records() {
    check("paging: { page: page }", 4, |seen| answer(200, json!(page(4 * number(seen, "page") - 3)))).await;
}

#[tokio::test]
async fn page_numbers_from_nought_end_where_the_total_is_reached() {
    check("records: data, paging: { page: p, first: 0 }, total: { member: /count }", 3, |seen| {
        answer(200, json!({ "count": 10, "data": page(4 * number(seen, "p") + 1) }))
    })
    .await;
}

#[tokio::test]
async fn an_offset_counts_what_came_also_where_pages_are_shorter_than_asked_for() {
    check("paging: { offset: skip }, total: { header: X-Total-Count }", 3, |seen| {
        answer_with(200, &[("x-total-count", "10")], json!(page(number(seen, "skip") + 1)))
    })
    .await;
}
