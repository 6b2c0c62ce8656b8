//! What is missing, late, contradictory or unreadable is refused by a word of its own, and changes nothing.

#![cfg(test)]

use axum::response::Response;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::remote::{Remote, in_force, people, words};
use crate::graph_client::service::{Seen, Service, answer, answer_with, deserted, listen};

/// A service whose every delivery but the first goes wrong.
struct Fault {
    rule: &'static str,
    /// Beside `url`.
    keys: &'static str,
    /// From the first request of the second delivery on.
    script: fn(&Seen) -> Response,
}

/// Four people a page, as long as there are any; the whole list says that there are eight.
fn good(seen: &Seen) -> Response {
    let page: usize = seen.option("page").parse().unwrap_or(1);
    listed(8, if page < 3 { people(4 * page - 3, 4 * page) } else { Vec::new() }, json!(null))
}

fn listed(total: usize, data: Vec<serde_json::Value>, next: serde_json::Value) -> Response {
    answer(200, json!({ "total": total, "data": data, "next": next }))
}

const BY_PAGE: &str = "paging: { page: page }, total: { member: total }";

const FAULTS: &[Fault] = &[
    Fault { rule: "zeroRows", keys: BY_PAGE, script: |_| listed(0, Vec::new(), json!(null)) },
    Fault {
        rule: "totalDiffers",
        keys: BY_PAGE,
        // The second page is empty, as if it were past the end.
        script: |seen| listed(8, if seen.option("page") == "1" { people(1, 4) } else { Vec::new() }, json!(null)),
    },
    Fault { rule: "totalDiffers", keys: BY_PAGE, script: |_| listed(3, people(1, 4), json!(null)) },
    Fault {
        rule: "totalChanged",
        keys: BY_PAGE,
        script: |seen| {
            if seen.option("page") == "1" {
                listed(8, people(1, 4), json!(null))
            } else {
                listed(7, people(5, 8), json!(null))
            }
        },
    },
    Fault { rule: "totalMissing", keys: BY_PAGE, script: |_| answer(200, json!({ "data": people(1, 8) })) },
    Fault {
        rule: "pagesShifted",
        keys: BY_PAGE,
        // Somebody of the first page went while it was read, so that the second begins with its last.
        script: |seen| if seen.option("page") == "1" { good(seen) } else { listed(8, people(4, 7), json!(null)) },
    },
    Fault { rule: "pagesShifted", keys: "paging: { offset: skip }", script: |_| listed(8, people(1, 4), json!(null)) },
    Fault {
        rule: "serviceFailed",
        keys: BY_PAGE,
        script: |seen| if seen.option("page") == "1" { good(seen) } else { answer(404, "no such page") },
    },
    Fault { rule: "pageRepeated", keys: "paging: { next: next }", script: |_| listed(8, people(1, 8), json!("?x=1")) },
    Fault {
        rule: "foreignLink",
        keys: "paging: { next: next }",
        script: |_| listed(8, people(1, 8), json!("https://elsewhere.example/people")),
    },
    Fault {
        rule: "morePages",
        keys: "",
        script: |_| answer_with(200, &[("link", "<?page=2>; rel=next")], json!({ "data": people(1, 8) })),
    },
    Fault { rule: "recordsMissing", keys: "", script: |_| answer(200, json!({ "error": "maintenance" })) },
    Fault { rule: "recordsMissing", keys: "", script: |_| answer(200, json!({ "data": { "people": [] } })) },
    Fault { rule: "malformed", keys: "", script: |_| answer(200, "<html>Sign in</html>") },
    Fault { rule: "halfWritten", keys: "", script: |_| answer(200, "{\"data\": [{\"id\": \"E01\"}") },
    Fault { rule: "memberRepeated", keys: "", script: |_| answer(200, "{\"data\": [{\"id\": \"1\", \"id\": \"2\"}]}") },
    Fault { rule: "undecodable", keys: "", script: |_| answer(200, "{\"data\": [\"\0\"]}") },
    Fault {
        rule: "columnMissing",
        keys: "",
        script: |_| answer(200, json!({ "data": people(1, 8) }).to_string().replace("department", "dept")),
    },
    Fault { rule: "rowsLost", keys: "", script: |_| answer(200, json!({ "data": people(1, 4) })) },
    Fault { rule: "unauthorized", keys: "", script: |_| answer(403, "no") },
    Fault { rule: "redirected", keys: "", script: |_| answer_with(302, &[("location", "/login")], "") },
    Fault { rule: "redirected", keys: "", script: |_| answer(304, "") },
    Fault { rule: "serviceFailed", keys: "", script: |_| answer(204, "") },
    Fault { rule: "throttled", keys: "", script: |_| answer_with(429, &[("retry-after", "3600")], "") },
];

#[tokio::test]
async fn a_delivery_that_is_not_whole_is_refused_and_the_last_one_stays_in_force() {
    for Fault { rule, keys, script } in FAULTS {
        let healthy = if keys.contains("page:") { 2 } else { 1 };
        let service = Service::start(move |number, seen: &Seen| {
            Some(match () {
                () if number > healthy => script(seen),
                () if healthy == 2 => good(seen),
                () => listed(8, people(1, 8), json!(null)),
            })
        })
        .await;
        // An offset is satisfied by the first page alone only where the total says so.
        let first = if keys.contains("offset") { "total: { member: total }" } else { keys };
        let source = |keys: &str| format!("{{ http: {{ url: '{}people', records: data, {keys} }} }}", service.root);
        let mut remote = Remote::new(&source(first)).await;
        let before = remote.pass().await;
        assert_eq!((words(&before), in_force(&before)), (vec!["accepted"], 8), "{rule} {keys}");
        if first != *keys {
            remote.edit(&source(keys));
        }
        let after = remote.visit().await;
        assert_eq!(words(&after), [*rule], "{keys} {:?}", after.deliveries);
        assert_eq!(after.snapshot, before.snapshot, "{rule} {keys}");
        assert_eq!(remote.archived().len(), 1, "{rule} {keys}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_said_in_every_pass() {
    let mut remote = Remote::new(&format!("{{ http: {{ url: '{}', timeout: PT1S }} }}", deserted().await)).await;
    for _ in 0..2 {
        assert_eq!(words(&remote.pass().await), ["unreachable"]);
    }
    assert_eq!(words(&remote.visit().await), ["unreachable"]);
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_given_up_when_its_time_is_over() {
    let service = Service::start(|_, _: &Seen| None).await;
    let remote = Remote::new(&format!("{{ http: {{ url: '{}', timeout: PT1S }} }}", service.root)).await;
    let reading = remote.pass().await;
    assert!(matches!(words(&reading).as_slice(), ["timedOut" | "unreachable"]), "{:?}", reading.deliveries);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_half_written() {
    let (listener, root) = listen().await;
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut method = [0; 4];
            socket.read_exact(&mut method).await.ok();
            let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 400\r\n\r\n[{\"id\": \"E01\"}]";
            socket.write_all(answer.as_bytes()).await.ok();
        }
    });
    let remote = Remote::new(&format!("{{ http: {{ url: '{root}', timeout: PT10S }} }}")).await;
    let reading = remote.pass().await;
    assert_eq!((words(&reading), in_force(&reading)), (vec!["halfWritten"], 0), "{:?}", reading.deliveries);
}

#[tokio::test]
async fn a_delivery_cut_at_any_byte_changes_nobody() {
    let whole = json!({ "total": 8, "data": people(1, 8) }).to_string();
    let cuts = whole.len();
    let service = Service::start(move |number, _: &Seen| {
        let end = if number == 1 { whole.len() } else { number - 2 };
        Some(answer(200, &whole[..end]))
    })
    .await;
    let source = format!("{{ http: {{ url: '{}', records: data }} }}", service.root);
    let mut remote = Remote::new(&source).await;
    let before = remote.pass().await;
    for cut in 0..cuts {
        let after = remote.visit().await;
        assert!(matches!(words(&after).as_slice(), ["halfWritten"]), "cut at {cut}: {:?}", after.deliveries);
        assert_eq!(after.snapshot, before.snapshot, "cut at {cut}");
    }
}
