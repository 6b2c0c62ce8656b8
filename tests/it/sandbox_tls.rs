//! The sandbox over TLS: with a certificate of its own, with one it is given, and with connections that break.

#![cfg(test)]

use std::path::Path;

use reqwest::{Certificate, Client, Method};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::net::TcpStream;
use usherd::sandbox::{self, Fault, FaultKind, SandboxError, SandboxOptions, Tls};

use crate::context::process::Process;
use crate::context::wait::until;
use crate::sandbox::{EM, Rig, options};

/// A caller that trusts this authority and nobody else.
fn trusting(authority: &Path) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = Certificate::from_pem(&std::fs::read(authority).unwrap()).unwrap();
    Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
}

fn with(tls: Tls) -> SandboxOptions {
    SandboxOptions { tls: Some(tls), ..options() }
}

async fn encrypted(folder: &Path) -> Rig {
    let sandbox = sandbox::start(with(Tls::SelfSigned { folder: folder.to_owned() })).await.unwrap();
    let client = trusting(sandbox.certificate_authority().unwrap());
    Rig { sandbox, client }
}

#[tokio::test]
async fn tokens_and_lists_come_over_tls_with_addresses_that_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let rig = encrypted(folder.path()).await;
    let url = rig.sandbox.url().clone();
    assert_eq!(url.scheme(), "https");
    // A connection that never says a word keeps nobody else waiting.
    let silent = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).await.unwrap();

    let tenant = rig.sandbox.tenant_id();
    let configuration = url.join(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).unwrap();
    let configuration: Value = rig.client.get(configuration).send().await.unwrap().json().await.unwrap();
    let endpoint = configuration["token_endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with(url.as_str()), "{endpoint}");
    let scope = format!("{url}.default");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", rig.sandbox.client_id()),
        ("client_secret", rig.sandbox.client_secret().expose_secret()),
        ("scope", &scope),
    ];
    let token: Value = rig.client.post(endpoint).form(&form).send().await.unwrap().json().await.unwrap();
    let users = rig.client.get(url.join("/v1.0/users?$top=5").unwrap());
    let users = users.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap();
    let users: Value = users.json().await.unwrap();
    for link in ["@odata.context", "@odata.nextLink"] {
        assert!(users[link].as_str().unwrap().starts_with(url.as_str()), "{users}");
    }
    assert_eq!(rig.all("/v1.0/users?$select=id&$top=50").await.len(), 165);

    let plain = format!("http://{}/v1.0/users", url.authority());
    assert!(rig.client.get(plain).send().await.is_err());
    let stranger = trusting(encrypted(&folder.path().join("another")).await.sandbox.certificate_authority().unwrap());
    assert!(stranger.get(url).send().await.is_err());
    drop(silent);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn connections_break_under_tls_too() {
    let folder = tempfile::tempdir().unwrap();
    let rig = encrypted(folder.path()).await;
    let addition = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let before = rig.sandbox.controls().requests().len();
    for (kind, expected) in [(FaultKind::ResetBefore, before), (FaultKind::ResetAfter, before + 1)] {
        let method = Some("POST".to_owned());
        let fault = Fault { kind, status: None, retry_after: None, method, path: None, count: 1 };
        rig.sandbox.controls().order_fault(fault);
        let sent = rig.call(Method::POST, &format!("{EM}/assignmentRequests")).json(&addition).send().await;
        assert!(sent.is_err(), "{kind:?}");
        assert_eq!(rig.sandbox.controls().requests().len(), expected, "{kind:?}");
    }
    let fault =
        Fault { kind: FaultKind::Truncate, status: None, retry_after: None, method: None, path: None, count: 1 };
    rig.sandbox.controls().order_fault(fault);
    let read = async { rig.call(Method::GET, "/v1.0/users").send().await?.bytes().await };
    assert!(read.await.is_err());
    rig.get("/v1.0/users").await;
}

#[tokio::test]
async fn a_given_certificate_serves_and_one_that_cannot_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    for folder in [&one, &other] {
        encrypted(folder).await.sandbox.stop().await;
    }
    let files = |certificate: &Path, key: &Path| Tls::Files { certificate: certificate.into(), key: key.into() };
    let (file, foreign) = (one.join("sandbox-tls.pem"), other.join("sandbox-tls.pem"));
    let sandbox = sandbox::start(with(files(&file, &file))).await.unwrap();
    assert_eq!(sandbox.certificate_authority(), None);
    let rig = Rig { sandbox, client: trusting(&one.join("sandbox-ca.pem")) };
    rig.get("/v1.0/users").await;

    let nothing = folder.path().join("nothing.pem");
    std::fs::write(&nothing, "no PEM").unwrap();
    for (certificate, key) in
        [(&file, &foreign), (&file, &nothing), (&nothing, &file), (&folder.path().join("missing.pem"), &file)]
    {
        let refused = sandbox::start(with(files(certificate, key))).await.err();
        assert!(matches!(refused, Some(SandboxError::Tls(_))), "{certificate:?} {key:?}");
    }
}

#[tokio::test]
async fn the_command_makes_a_certificate_and_says_what_to_trust() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["sandbox", "--tls-self-signed", "--developer-token", "d", "--state", "state/tenant.sqlite"];
    let process = Process::start(folder.path(), &arguments);
    let said = |name: &str| {
        let out = std::fs::read_to_string(folder.path().join("stdout")).unwrap();
        let line = out.lines().find(|line| line.starts_with(name) && out.contains("safety:"))?;
        line.split_whitespace().last().map(str::to_owned)
    };
    until("the sandbox listens", async || said("# listening at").is_some()).await;
    let authority = said("# trust").unwrap();
    assert!(authority.ends_with("/state/sandbox-ca.pem"), "{authority}");
    let users = format!("{}v1.0/users", said("# listening at").unwrap());
    let answer = trusting(Path::new(&authority)).get(users).bearer_auth("d").send().await.unwrap();
    assert!(answer.status().is_success());
    assert_eq!(process.terminate().await, Some(0));

    let halves = Process::run(folder.path(), &["sandbox", "--tls-cert", "x.pem"]).await;
    assert_eq!(halves.code, Some(2), "{}", halves.err);
}
