//! Tokens of the sandbox for signed assertions; the key beside this file was made for these tests and opens nothing else.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use serde_json::{Value, json};
use usherd::clock::{Clock, SystemClock};
use usherd::sandbox::{SandboxOptions, Seed};

use crate::sandbox::{Rig, options, rig, rig_of};

const CERTIFICATE: &str = include_str!("sandbox_assertions/certificate.pem");
/// `openssl x509 -outform DER | openssl dgst -sha256 -binary | basenc --base64url`
const THUMBPRINT: &str = "2zatznhoTiSLWDo8vmt0Q2sUW_vKIrY5FwIpJaN_ry0";

fn key() -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(include_bytes!("sandbox_assertions/key.der")).unwrap()
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digit = move |place: usize| char::from(alphabet[(bits >> (18 - 6 * place)) as usize & 63]);
        (0..=chunk.len()).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(digits).collect()
}

fn signed(header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let mut signature = vec![0; key().public().modulus_len()];
    key().sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", base64url(&signature))
}

fn certificate_header() -> Value {
    json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": THUMBPRINT })
}

pub(crate) fn claims(rig: &Rig) -> Value {
    let now = SystemClock.now().as_second();
    let app = rig.sandbox.client_id();
    let endpoint = format!("{}{}/oauth2/v2.0/token", rig.sandbox.url(), rig.sandbox.tenant_id());
    json!({ "iss": app, "sub": app, "aud": endpoint, "jti": "1", "nbf": now, "iat": now, "exp": now + 300 })
}

pub(crate) fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}

/// The answer's status, and the AADSTS number where there is one.
pub(crate) async fn token(rig: &Rig, assertion: &str) -> (u16, Option<u64>) {
    let url = rig.sandbox.url().join(&format!("/{}/oauth2/v2.0/token", rig.sandbox.tenant_id())).unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", rig.sandbox.client_id()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let response = rig.client.post(url).form(&form).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["access_token"].is_string(), status == 200, "{body}");
    (status, body["error_codes"][0].as_u64())
}

#[tokio::test]
async fn a_certificates_key_gets_a_token_for_the_right_claims_only() {
    let rig = rig().await;
    let good = signed(&certificate_header(), &claims(&rig));
    assert_eq!(token(&rig, &good).await, (401, Some(700_027)), "before the certificate is registered");
    rig.sandbox.controls().register_certificate(CERTIFICATE).unwrap();
    assert_eq!(token(&rig, &good).await, (200, None));

    let now = SystemClock.now().as_second();
    for (claims, number) in [
        (with(claims(&rig), "aud", "https://elsewhere.example"), 700_023),
        (with(claims(&rig), "sub", "another"), 700_021),
        (with(claims(&rig), "exp", now - 3600), 700_024),
        (with(claims(&rig), "nbf", now + 3600), 700_024),
        (with(claims(&rig), "exp", i64::MAX), 700_024),
    ] {
        assert_eq!(token(&rig, &signed(&certificate_header(), &claims)).await, (401, Some(number)), "{claims}");
    }
    let (text, signature) = good.rsplit_once('.').unwrap();
    let other = signed(&certificate_header(), &with(claims(&rig), "jti", "2"));
    let swapped = format!("{text}.{}", other.rsplit_once('.').unwrap().1);
    assert_eq!(token(&rig, &swapped).await, (401, Some(700_027)));
    let plain = signed(&with(certificate_header(), "alg", "none"), &claims(&rig));
    assert_eq!(token(&rig, &plain).await, (401, Some(700_027)));
    for malformed in ["", "a.b.c", signature] {
        assert_eq!(token(&rig, malformed).await, (401, Some(50027)), "{malformed}");
    }
}

#[tokio::test]
async fn another_issuers_assertion_gets_a_token_for_the_registered_subject_only() {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    let public = RsaPublicKeyComponents::<Vec<u8>>::from(key().public());
    let credential = json!({ "federated": {
        "issuer": "https://cluster.example", "subject": "system:serviceaccount:usherd:usherd",
        "keys": [{ "kid": "1", "n": base64url(&public.n), "e": base64url(&public.e), "kty": "RSA" }],
    }});
    let registered = rig.call(Method::POST, "/sandbox/credentials").json(&credential).send().await.unwrap();
    assert_eq!(registered.status(), StatusCode::NO_CONTENT);

    let header = json!({ "alg": "PS256", "kid": "1" });
    let claims = with(claims(&rig), "iss", "https://cluster.example");
    let claims = with(with(claims, "sub", "system:serviceaccount:usherd:usherd"), "aud", "api://AzureADTokenExchange");
    assert_eq!(token(&rig, &signed(&header, &claims)).await, (200, None));
    let other = signed(&header, &with(claims.clone(), "sub", "system:serviceaccount:other:other"));
    assert_eq!(token(&rig, &other).await, (401, Some(70021)));
    let unknown_key = signed(&with(header, "kid", "2"), &claims);
    assert_eq!(token(&rig, &unknown_key).await, (401, Some(500_081)));
}

#[tokio::test]
async fn a_seed_registers_certificates_and_refuses_what_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let seed = |pem: &str| {
        let file = folder.path().join("seed.json");
        let document = json!({ "name": "n", "domain": "n.example", "credentials": { "certificates": [pem] } });
        std::fs::write(&file, document.to_string()).unwrap();
        SandboxOptions { seed: Seed::File(file), ..options() }
    };
    let rig = rig_of(seed(CERTIFICATE)).await;
    assert_eq!(token(&rig, &signed(&certificate_header(), &claims(&rig))).await, (200, None));
    assert!(usherd::sandbox::start(seed("no certificate")).await.is_err());
}

#[tokio::test]
async fn the_tenants_configuration_says_where_tokens_are_to_be_had() {
    let rig = rig().await;
    let (url, tenant) = (rig.sandbox.url(), rig.sandbox.tenant_id());
    let ask = async |tenant: &str| {
        let url = url.join(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).unwrap();
        rig.client.get(url).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let configuration = ask(tenant).await;
    assert_eq!(configuration["token_endpoint"], format!("{url}{tenant}/oauth2/v2.0/token"));
    assert_eq!(configuration["issuer"], format!("{url}{tenant}/v2.0"));
    let keys = rig.client.get(configuration["jwks_uri"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(keys.json::<Value>().await.unwrap(), json!({ "keys": [] }));
    assert_eq!(ask("nobody").await["error_codes"], json!([90002]));
}
