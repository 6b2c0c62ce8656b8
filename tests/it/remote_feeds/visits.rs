//! How often a service is asked, and what the same answer again means.

#![cfg(test)]

use serde_json::json;

use super::remote::{Remote, in_force, people, words};
use crate::graph_client::service::{Seen, Service, answer, answer_with};

#[tokio::test]
async fn a_service_is_asked_as_often_as_its_document_says() {
    let service = Service::start(|_, _: &Seen| Some(answer(200, json!(people(1, 5))))).await;
    let mut remote = Remote::new(&format!("{{ http: {{ url: '{}', every: PT4H }} }}", service.root)).await;
    assert_eq!(words(&remote.pass().await), ["accepted"]);
    remote.wait(239);
    let between = remote.pass().await;
    assert_eq!((words(&between), in_force(&between), service.seen().len()), (vec![], 5, 1));
    remote.wait(1);
    assert_eq!(words(&remote.pass().await), ["unchanged"]);
    assert_eq!((service.seen().len(), remote.archived().len()), (2, 1));
    // A clock that was set back must not keep the service unasked.
    remote.wait(-10_000);
    assert_eq!(words(&remote.pass().await), ["unchanged"]);
}

#[tokio::test]
async fn an_answer_not_modified_is_agreement_and_only_to_the_delivery_in_force_under_the_same_document() {
    let service = Service::start(|_, seen: &Seen| {
        Some(match seen.header("if-none-match") {
            "\"v1\"" => answer(304, ""),
            _ => answer_with(200, &[("etag", "\"v1\"")], json!(people(1, 5))),
        })
    })
    .await;
    let source = format!("{{ http: {{ url: '{}' }} }}", service.root);
    let mut remote = Remote::new(&source).await;
    assert_eq!(words(&remote.pass().await), ["accepted"]);
    assert_eq!(service.seen()[0].header("if-none-match"), "");
    let again = remote.visit().await;
    assert_eq!((words(&again), in_force(&again)), (vec!["unchanged"], 5));
    assert_eq!(service.seen()[1].header("if-none-match"), "\"v1\"");
    // Under another document the bytes must come again.
    remote.edit(&source.replace(" } }", ", every: PT1M } }"));
    assert_eq!(words(&remote.pass().await), ["accepted"]);
    assert_eq!(service.seen()[2].header("if-none-match"), "");
}

#[tokio::test]
async fn a_list_of_several_pages_is_never_asked_whether_its_first_changed() {
    let service = Service::start(|_, seen: &Seen| {
        let page: usize = seen.option("page").parse().unwrap();
        let records = if page == 1 { people(1, 4) } else { Vec::new() };
        Some(answer_with(200, &[("etag", "\"v1\"")], json!(records)))
    })
    .await;
    let mut remote = Remote::new(&format!("{{ http: {{ url: '{}', paging: {{ page: page }} }} }}", service.root)).await;
    remote.pass().await;
    assert_eq!(words(&remote.visit().await), ["unchanged"]);
    assert!(service.seen().iter().all(|seen| seen.header("if-none-match").is_empty()));
}

#[tokio::test]
async fn a_moment_of_too_many_requests_is_waited_out_and_an_hour_is_not() {
    let service = Service::start(|number, _: &Seen| {
        Some(match number {
            1 => answer_with(429, &[("retry-after", "0")], ""),
            2 => answer(503, ""),
            3 => answer(200, json!(people(1, 5))),
            _ => answer_with(429, &[("retry-after", "3600")], ""),
        })
    })
    .await;
    let mut remote = Remote::new(&format!("{{ http: {{ url: '{}', every: PT1M }} }}", service.root)).await;
    assert_eq!(words(&remote.pass().await), ["accepted"]);
    assert_eq!(service.seen().len(), 3);
    for (minutes, asked) in [(1, 4), (30, 4), (29, 4), (2, 5)] {
        remote.wait(minutes);
        let reading = remote.pass().await;
        assert_eq!((words(&reading), in_force(&reading)), (vec!["throttled"], 5));
        assert_eq!(service.seen().len(), asked, "after {minutes} more minutes");
    }
}

#[tokio::test]
async fn only_what_columns_name_is_kept() {
    let service = Service::start(|_, _: &Seen| Some(answer(200, json!(people(1, 5))))).await;
    let remote = Remote::new(&format!("{{ http: {{ url: '{}?key=hidden' }} }}", service.root)).await;
    let reading = remote.pass().await;
    assert_eq!(reading.deliveries[0].file, "127.0.0.1", "neither path nor query");
    let archived = remote.archived();
    let text = std::fs::read_to_string(&archived[0]).unwrap();
    assert!(text.starts_with("{\"/job/department\":\"Sales\",\"/job/lastDay\":null,\"id\":\"E01\"}\n"), "{text}");
    assert!(!text.contains("salary"));
}
