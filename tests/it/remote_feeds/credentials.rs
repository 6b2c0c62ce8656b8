//! What a service is shown, and that no secret comes out elsewhere.

#![cfg(test)]

use serde_json::json;

use super::remote::{Remote, people, words};
use crate::graph_client::service::{Seen, Service, answer};

const SECRET: &str = "s3cr3t/+ é";

/// Answers everybody; `/token` gives the token `t0k3n`.
async fn service() -> Service {
    Service::start(|_, seen: &Seen| {
        Some(match seen.path.as_str() {
            "/token" => answer(200, json!({ "access_token": "t0k3n", "token_type": "Bearer", "expires_in": 60 })),
            _ => answer(200, json!(people(1, 3))),
        })
    })
    .await
}

async fn requests(auth: &str, secret: &str) -> Vec<Seen> {
    let service = service().await;
    let auth = auth.replace("ROOT/", service.root.as_str());
    let remote = Remote::new(&format!("{{ http: {{ url: '{}people', auth: {{ {auth} }} }} }}", service.root)).await;
    remote.secret("hr", &format!("{secret}\n"));
    let reading = remote.pass().await;
    assert_eq!(words(&reading), ["accepted"], "{:?}", reading.deliveries);
    service.seen()
}

#[tokio::test]
async fn a_token_a_password_or_a_key_goes_with_every_request() {
    let seen = requests("tokenFile: hr", "t1").await;
    assert_eq!(seen[0].header("authorization"), "Bearer t1");
    let seen = requests("user: usherd, passwordFile: hr", "Aladdin").await;
    // `usherd:Aladdin`.
    assert_eq!(seen[0].header("authorization"), "Basic dXNoZXJkOkFsYWRkaW4=");
    let seen = requests("header: X-Api-Key, keyFile: hr", "k1").await;
    assert_eq!((seen[0].header("x-api-key"), seen[0].header("authorization")), ("k1", ""));
}

#[tokio::test]
async fn a_client_secret_becomes_a_token_first() {
    let seen = requests("tokenUrl: ROOT/token, clientId: 'us herd', clientSecretFile: hr, scope: a b", SECRET).await;
    assert_eq!(seen.iter().map(|seen| seen.path.as_str()).collect::<Vec<_>>(), ["/token", "/people"]);
    // `us+herd:s3cr3t%2F%2B+%C3%A9`: each form-encoded, then joined (RFC 6749, 2.3.1).
    assert_eq!(seen[0].header("authorization"), "Basic dXMraGVyZDpzM2NyM3QlMkYlMkIrJUMzJUE5");
    assert_eq!(seen[0].body, "grant_type=client_credentials&scope=a+b");
    assert_eq!(seen[1].header("authorization"), "Bearer t0k3n");

    let auth = "tokenUrl: ROOT/token, clientId: usherd, clientSecretFile: hr, clientSecretIn: form";
    let seen = requests(auth, SECRET).await;
    assert_eq!(seen[0].header("authorization"), "");
    let body = "grant_type=client_credentials&client_id=usherd&client_secret=s3cr3t%2F%2B+%C3%A9";
    assert_eq!(seen[0].body, body);
}

#[tokio::test]
async fn without_a_usable_secret_or_token_nothing_is_asked_and_no_secret_is_told() {
    let service = Service::start(|_, _: &Seen| Some(answer(401, format!("wrong secret: {SECRET}")))).await;
    let url = format!("url: '{}people'", service.root);
    let oauth = format!("tokenUrl: '{}token', clientId: a, clientSecretFile: hr", service.root);
    let cases = [
        ("tokenFile: nothing".to_owned(), "secretUnreadable", 0),
        // Not what may stand in a header.
        ("tokenFile: hr".to_owned(), "secretUnreadable", 0),
        (oauth, "unauthorized", 1),
        ("user: a, passwordFile: hr".to_owned(), "unauthorized", 2),
    ];
    for (auth, rule, asked) in cases {
        let remote = Remote::new(&format!("{{ http: {{ {url}, auth: {{ {auth} }} }} }}")).await;
        remote.secret("hr", SECRET);
        let reading = remote.pass().await;
        assert_eq!(words(&reading), [rule], "{auth}");
        assert!(!format!("{:?}", reading.deliveries).contains("s3cr3t"), "{:?}", reading.deliveries);
        assert_eq!(service.seen().len(), asked, "{auth}");
    }
}
