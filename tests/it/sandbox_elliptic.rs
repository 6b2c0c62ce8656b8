//! Tokens of the sandbox for assertions that are signed with keys on P-256; the keys are made anew in each run.

#![cfg(test)]

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384};
use reqwest::{Method, StatusCode};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::sandbox::{options, rig, rig_of};
use crate::sandbox_assertions::{base64url, claims, token, with};

fn signed(key: &KeyPair, header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der(), &random).unwrap();
    let signature = key.sign(&random, text.as_bytes()).unwrap();
    format!("{text}.{}", base64url(signature.as_ref()))
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

#[tokio::test]
async fn a_certificate_with_a_key_on_p256_gets_a_token() {
    let rig = rig().await;
    let key = key();
    let certificate = CertificateParams::new(vec!["usherd".to_owned()]).unwrap().self_signed(&key).unwrap();
    rig.sandbox.controls().register_certificate(&certificate.pem()).unwrap();
    let thumbprint = base64url(digest(&SHA256, certificate.der()).as_ref());
    let header = json!({ "alg": "ES256", "typ": "JWT", "x5t#S256": thumbprint });
    assert_eq!(token(&rig, &signed(&key, &header, &claims(&rig))).await, (200, None));
    let other = self::key();
    assert_eq!(token(&rig, &signed(&other, &header, &claims(&rig))).await, (401, Some(700_027)));
    let mislabelled = with(header, "alg", "PS256");
    assert_eq!(token(&rig, &signed(&key, &mislabelled, &claims(&rig))).await, (401, Some(700_027)));

    let larger = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let unusable = CertificateParams::new(vec!["usherd".to_owned()]).unwrap().self_signed(&larger).unwrap();
    assert!(rig.sandbox.controls().register_certificate(&unusable.pem()).is_err());
}

#[tokio::test]
async fn another_issuers_key_on_p256_gets_a_token() {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    let key = key();
    let pkcs8 = key.serialize_der();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
    let web_key = |kid: &str, crv: &str| json!({ "kty": "EC", "crv": crv, "kid": kid, "use": "sig", "x": x, "y": y });
    let credential = json!({ "federated": {
        "issuer": "https://cluster.example", "subject": "usherd", "keys": [web_key("1", "P-256"), web_key("2", "P-384")],
    }});
    let registered = rig.call(Method::POST, "/sandbox/credentials").json(&credential).send().await.unwrap();
    assert_eq!(registered.status(), StatusCode::NO_CONTENT);
    let claims = with(with(claims(&rig), "iss", "https://cluster.example"), "sub", "usherd");
    let claims = with(claims, "aud", "api://AzureADTokenExchange");
    let header = json!({ "alg": "ES256", "kid": "1" });
    assert_eq!(token(&rig, &signed(&key, &header, &claims)).await, (200, None));
    assert_eq!(token(&rig, &signed(&self::key(), &header, &claims)).await, (401, Some(500_081)));
    let of_another_curve = with(header, "kid", "2");
    assert_eq!(token(&rig, &signed(&key, &of_another_curve, &claims)).await, (401, Some(500_081)));
}
