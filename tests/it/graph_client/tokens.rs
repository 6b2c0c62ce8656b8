//! Tokens by client secret from a scripted login service.

use futures_util::future::join_all;
use secrecy::ExposeSecret;
use serde_json::json;
use usherd::graph::auth::{ClientSecret, ClientSecretOptions, SecretOrigin, TokenError, TokenSource};
use usherd::http::connection::Timeouts;

use super::service::{Service, answer, answer_with, deserted};

fn options(login: &url::Url, secret: SecretOrigin) -> ClientSecretOptions {
    ClientSecretOptions {
        login: login.clone(),
        tenant: "contoso.example".into(),
        client_id: "app".into(),
        secret,
        scope: "https://graph.microsoft.com/.default".into(),
        timeouts: Timeouts::default(),
    }
}

fn tokens(login: &url::Url) -> ClientSecret {
    ClientSecret::new(options(login, SecretOrigin::Value("hunter2 &".into()))).unwrap()
}

#[tokio::test]
async fn a_hundred_calls_at_once_make_one_token_request() {
    let login = Service::start(|number, _| {
        Some(answer(200, json!({"access_token": format!("t{number}"), "expires_in": 3599})))
    })
    .await;
    let tokens = tokens(&login.root);
    let given = join_all((0..100).map(|_| tokens.token())).await;
    assert!(given.into_iter().all(|token| token.unwrap().expose_secret() == "t1"));
    let [request] = login.seen().try_into().unwrap();
    assert_eq!(request.path, "/contoso.example/oauth2/v2.0/token");
    assert_eq!(
        request.body,
        "grant_type=client_credentials&client_id=app&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_secret=hunter2+%26"
    );
}

#[tokio::test]
async fn an_ended_token_is_not_given_again() {
    let login =
        Service::start(|number, _| Some(answer(200, json!({"access_token": format!("t{number}"), "expires_in": "0"}))))
            .await;
    let tokens = tokens(&login.root);
    for expected in ["t1", "t2"] {
        assert_eq!(tokens.token().await.unwrap().expose_secret(), expected);
    }
}

#[tokio::test]
async fn a_new_secret_in_the_file_needs_no_restart() {
    let login = Service::start(|_, seen| {
        Some(answer(200, json!({"access_token": seen.body.len().to_string(), "expires_in": 60})))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let tokens = ClientSecret::new(options(&login.root, SecretOrigin::File(file.clone()))).unwrap();
    for secret in ["first", "second"] {
        std::fs::write(&file, format!("{secret}\n")).unwrap();
        tokens.reject(&tokens.token().await.unwrap());
    }
    let sent: Vec<_> = login.seen().iter().map(|seen| seen.body.rsplit_once('=').unwrap().1.to_owned()).collect();
    assert_eq!(sent, ["first", "second"]);
}

#[tokio::test]
async fn a_wrong_secret_is_said_once_and_not_hammered() {
    let login = Service::start(|_, _| {
        let description = "AADSTS7000215: Invalid client secret hunter2 provided.";
        Some(answer(
            401,
            json!({"error": "invalid_client", "error_description": description, "error_codes": [7000215]}),
        ))
    })
    .await;
    let tokens = tokens(&login.root);
    let results = join_all((0..10).map(|_| tokens.token())).await;
    for result in results {
        let error = result.unwrap_err();
        assert!(error.is_permanent());
        assert!(error.to_string().contains("AADSTS7000215; put the secret's value"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    assert_eq!(login.seen().len(), 1);
}

#[tokio::test]
async fn a_login_service_that_is_down_is_a_passing_failure() {
    let login = Service::start(|_, _| Some(answer_with(503, &[("retry-after", "7")], "<html>"))).await;
    let error = tokens(&login.root).token().await.unwrap_err();
    assert!(!error.is_permanent());
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
    let error = tokens(&deserted().await).token().await.unwrap_err();
    assert!(matches!(error, TokenError::Transport { .. }) && !error.is_permanent());
}
