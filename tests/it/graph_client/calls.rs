//! Single calls and lists: retries, tokens, pages, links, bounds.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use usherd::graph::error::GraphError;
use usherd::graph::transport::{GraphClient, GraphOptions};

use super::service::{Service, answer, answer_with, deserted};

#[tokio::test]
async fn a_call_names_itself_and_its_id_comes_back_in_the_error() {
    let graph = Service::start(|_, _| {
        Some(answer_with(
            403,
            &[("request-id", "server-side")],
            json!({"error": {"code": "Authorization_RequestDenied"}}),
        ))
    })
    .await;
    let error = graph.client().get::<Value>("/v1.0/users").await.unwrap_err();
    let GraphError::Forbidden(answer) = error else { panic!("{error}") };
    let [seen] = graph.seen().try_into().unwrap();
    assert_eq!(seen.header("client-request-id"), answer.call.client.to_string());
    assert_eq!(answer.call.server.as_deref(), Some("server-side"));
    assert_eq!(answer.code, "Authorization_RequestDenied");
    assert!(seen.header("user-agent").starts_with("usherd/"));
    assert_eq!(seen.header("authorization"), "Bearer t1");
}

#[tokio::test]
async fn a_read_is_tried_again_until_it_is_answered() {
    let graph = Service::start(|number, _| {
        let date = "Sat, 21 Nov 2026 10:00:00 GMT";
        Some(match number {
            1 => answer_with(429, &[("retry-after", "0")], ""),
            2 => answer_with(503, &[("retry-after", date), ("date", date)], "<html>"),
            3 => answer(408, ""),
            _ => answer(200, json!({"id": "u1"})),
        })
    })
    .await;
    assert_eq!(graph.client().get::<Value>("/v1.0/users/u1").await.unwrap(), json!({"id": "u1"}));
    let mut ids: Vec<_> = graph.seen().iter().map(|seen| seen.header("client-request-id").to_owned()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "every attempt has an id of its own");
}

#[tokio::test]
async fn a_read_without_an_answer_is_tried_again() {
    let graph = Service::start(|number, _| (number > 1).then(|| answer(200, "{}"))).await;
    let mut impatient = graph.options();
    impatient.timeouts.total = Duration::from_millis(200);
    assert!(GraphClient::new(impatient).unwrap().get::<Value>("/v1.0/users").await.is_ok());
}

#[tokio::test]
async fn reads_give_up_after_four_attempts() {
    let graph = Service::start(|_, _| Some(answer(500, ""))).await;
    assert!(matches!(graph.client().get::<Value>("/v1.0/users").await, Err(GraphError::Server { .. })));
    assert_eq!(graph.seen().len(), 4);
}

#[tokio::test]
async fn a_long_retry_after_goes_to_the_caller() {
    let graph = Service::start(|_, _| Some(answer_with(429, &[("retry-after", "3600")], ""))).await;
    let error = graph.client().get::<Value>("/v1.0/users").await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(graph.seen().len(), 1);
}

#[tokio::test]
async fn what_graph_refuses_is_not_asked_again() {
    let graph = Service::start(|_, _| Some(answer(400, ""))).await;
    assert!(matches!(graph.client().get::<Value>("/v1.0/users").await, Err(GraphError::BadRequest(_))));
    assert_eq!(graph.seen().len(), 1);
}

#[tokio::test]
async fn a_401_brings_a_fresh_token_once() {
    let accepts = |token: &'static str| {
        Service::start(move |_, seen| {
            let accepted = seen.header("authorization") == format!("Bearer {token}");
            Some(if accepted { answer(200, "{}") } else { answer(401, "") })
        })
    };
    let graph = accepts("t2").await;
    assert!(graph.client().get::<Value>("/v1.0/users").await.is_ok());
    assert_eq!(graph.seen().len(), 2);
    let graph = accepts("t9").await;
    assert!(matches!(graph.client().get::<Value>("/v1.0/users").await, Err(GraphError::Unauthorized(_))));
    assert_eq!(graph.seen().len(), 2);
}

#[tokio::test]
async fn a_post_is_sent_once_whatever_happens() {
    for status in [408, 429, 500, 503, 504] {
        let graph = Service::start(move |_, _| Some(answer_with(status, &[("retry-after", "0")], ""))).await;
        assert!(graph.client().post::<_, Value>("/v1.0/x", &json!({})).await.is_err());
        assert_eq!(graph.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_last_page_past_empty_ones() {
    let graph = Service::start(|number, seen| {
        let next = format!("http://{}/v1.0/users?$skiptoken=s%2B{number}", seen.header("host"));
        Some(answer(
            200,
            match number {
                1 => json!({"value": [1, 2], "@odata.nextLink": next}),
                2 => json!({"value": [], "@odata.nextLink": next}),
                _ => json!({"value": [3]}),
            },
        ))
    })
    .await;
    assert_eq!(graph.client().get_all::<u8>("/v1.0/users?$top=2").await.unwrap(), [1, 2, 3]);
    let seen = graph.seen();
    assert_eq!(seen.iter().map(|seen| seen.option("$skiptoken")).collect::<Vec<_>>(), ["", "s+1", "s+2"]);
    assert!(seen.iter().all(|seen| seen.method == Method::GET && seen.header("authorization") == "Bearer t1"));
}

#[tokio::test]
async fn a_list_with_an_unread_page_is_no_list() {
    for last in [answer_script(400, ""), answer_script(200, "{}"), answer_script(200, r#"{"value": [1"#)] {
        let graph = Service::start(move |number, _| {
            Some(if number == 1 { answer(200, json!({"value": [1], "@odata.nextLink": "/v1.0/next"})) } else { last() })
        })
        .await;
        assert!(graph.client().get_all::<u8>("/v1.0/users").await.is_err());
        assert_eq!(graph.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let graph = Service::start(|_, _| Some(answer(200, json!({"value": [1], "@odata.nextLink": "/v1.0/users"})))).await;
    let client = GraphClient::new(GraphOptions { most_pages: 5, ..graph.options() }).unwrap();
    assert!(matches!(client.get_all::<u8>("/v1.0/users").await, Err(GraphError::TooManyPages { limit: 5 })));
    assert_eq!(graph.seen().len(), 5);
}

#[tokio::test]
async fn no_token_goes_to_a_foreign_link() {
    let foreign = Service::start(|_, _| Some(answer(200, json!({"value": []})))).await;
    let host = foreign.root.authority().to_owned();
    for link in [
        format!("http://{host}/v1.0/users"),
        format!("//{host}/users"),
        format!("https://{host}/users"),
        "http://[".into(),
    ] {
        let graph = Service::start(move |_, _| Some(answer(200, json!({"value": [1], "@odata.nextLink": link})))).await;
        let error = graph.client().get_all::<u8>("/v1.0/users").await.unwrap_err();
        assert!(matches!(error, GraphError::ForeignLink { .. }), "{error}");
    }
    let with_password = Service::start(|_, seen| {
        let link = format!("http://a:b@{}/users", seen.header("host"));
        Some(answer(200, json!({"value": [1], "@odata.nextLink": link})))
    })
    .await;
    let error = with_password.client().get_all::<u8>("/v1.0/users").await.unwrap_err();
    assert!(matches!(error, GraphError::ForeignLink { .. }));
    assert!(foreign.seen().is_empty());
}

#[tokio::test]
async fn neither_location_nor_redirect_is_followed() {
    let foreign = Service::start(|_, _| Some(answer(200, "{}"))).await;
    let location = format!("{}elsewhere", foreign.root);
    let graph = Service::start(move |_, seen| {
        let status = if seen.method == Method::POST { 201 } else { 307 };
        Some(answer_with(status, &[("location", &location)], json!({"id": "r1"})))
    })
    .await;
    assert!(graph.client().post::<_, Value>("/v1.0/x", &json!({})).await.is_ok());
    assert!(matches!(graph.client().get::<Value>("/v1.0/x").await, Err(GraphError::Unexpected(_))));
    assert!(foreign.seen().is_empty());
}

#[tokio::test]
async fn an_answer_larger_than_the_bound_is_refused() {
    let graph = Service::start(|_, _| Some(answer(200, json!({"value": ["x".repeat(2000)]})))).await;
    let client = GraphClient::new(GraphOptions { largest_answer: 1000, ..graph.options() }).unwrap();
    assert!(matches!(client.get_all::<String>("/v1.0/x").await, Err(GraphError::TooLarge { limit: 1000, .. })));
}

#[tokio::test]
async fn a_call_without_an_answer_tells_whether_it_left() {
    let left = |error: GraphError| match error {
        GraphError::Transport { never_sent, .. } => !never_sent,
        other => panic!("{other}"),
    };
    let post = async |options: GraphOptions| {
        GraphClient::new(options).unwrap().post::<_, Value>("/v1.0/x", &json!({})).await.unwrap_err()
    };
    let silent = Service::start(|_, _| None).await;
    assert!(!left(post(GraphOptions { root: deserted().await, ..silent.options() }).await));
    assert!(left(post(Service::start_closing().await.options()).await));
    let mut impatient = silent.options();
    impatient.timeouts.total = Duration::from_millis(50);
    assert!(left(post(impatient).await));
}

fn answer_script(status: u16, body: &'static str) -> impl Fn() -> axum::response::Response + Clone {
    move || answer(status, body)
}
