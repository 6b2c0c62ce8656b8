//! The whole usherd over a remote feed: joiners get access, and what goes wrong at the service takes nobody's.

#![cfg(test)]

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::context::TestContext;
use crate::context::company::{auto_assignment, feed};
use crate::graph_client::service::{Seen, Service, answer};

/// The HR file as a service would answer it; what is empty is left out.
fn records(csv: &str) -> Vec<Value> {
    let mut lines = csv.lines().map(|line| line.split(';').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let mut records = Vec::new();
    for line in lines {
        let members = header.iter().zip(line).filter(|(_, value)| !value.is_empty());
        records.push(members.map(|(name, value)| ((*name).to_owned(), json!(value))).collect());
    }
    records
}

#[tokio::test]
async fn joiners_get_access_and_a_service_that_fails_takes_nobodys() {
    let answered: Arc<Mutex<(u16, Vec<Value>)>> = Arc::new(Mutex::new((200, Vec::new())));
    let service = {
        let answered = Arc::clone(&answered);
        Service::start(move |_, seen: &Seen| {
            let (status, people) = answered.lock().unwrap().clone();
            let first = 7 * seen.option("page").parse::<usize>().unwrap() - 7;
            let page: Vec<_> = people.iter().skip(first).take(7).collect();
            Some(answer(status, json!({ "total": people.len(), "data": page })))
        })
        .await
    };
    let sales = auto_assignment("sales", "Basics", "{ rule: \"department eq 'Sales'\" }", "immediately");
    let mut context = TestContext::builder().document("sales.yaml", sales).prepared().await;
    let http = format!(
        "http: {{ url: '{}people', records: data, paging: {{ page: page }}, total: {{ member: total }} }}",
        service.root
    );
    let document = feed("SOURCE")
        .replace("SOURCE, format: csv, delimiter: \";\", encoding: utf-8", &http)
        .replace("none: [\"\"]", "absent: empty");
    context.write_document("feed.yaml", &document);
    context.start_app().await;

    let everybody = records(&context.hr.csv());
    *answered.lock().unwrap() = (200, everybody[..19].to_vec());
    assert_eq!(context.settle_all().await, 19);
    *answered.lock().unwrap() = (200, everybody.clone());
    assert_eq!(context.settle_all().await, 0, "it is not asked yet");
    context.clock.advance(SignedDuration::from_mins(20));
    assert_eq!(context.settle_all().await, 1);

    for bad in
        [(500, everybody.clone()), (200, Vec::new()), (200, everybody[..10].to_vec()), (200, records("x;y\n1;2\n"))]
    {
        *answered.lock().unwrap() = bad;
        context.clock.advance(SignedDuration::from_mins(20));
        assert_eq!(context.settle_all().await, 0);
    }
    assert_eq!(context.assignments().len(), 20);

    // The last good delivery is in force through all that, and the next one counts.
    let mut moved = everybody;
    moved[4]["Department"] = json!("Market");
    *answered.lock().unwrap() = (200, moved);
    context.clock.advance(SignedDuration::from_mins(20));
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E05 Basics");
    context.finish().await;
}
