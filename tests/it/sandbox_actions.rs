//! Actions on the sandbox's users over real HTTP: sessions, licences, temporary access passes, mail.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::{created, refused, rig};
use crate::sandbox_directory::id_of;

const SKU: &str = "c7df2760-2c81-4ef7-b578-5b5392b571df";

#[tokio::test]
async fn sign_in_sessions_end() {
    let rig = rig().await;
    let user = format!("/v1.0/users/{}", rig.user("E0901"));
    let revoked = rig.post(&format!("{user}/revokeSignInSessions"), &Value::Null).await;
    let revoked: Value = revoked.json().await.unwrap();
    assert_eq!(revoked["value"], true);
    assert!(revoked["@odata.context"].as_str().unwrap().ends_with("$metadata#Edm.Boolean"));
    let read = rig.get(&format!("{user}?$select=signInSessionsValidFromDateTime")).await;
    assert_eq!(read["signInSessionsValidFromDateTime"], "2026-11-21T09:30:00Z");
    assert_eq!(refused(rig.post("/v1.0/users/nobody/revokeSignInSessions", &Value::Null).await).await.0, 404);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_licence_needs_a_usage_location() {
    let rig = rig().await;
    let user = format!("/v1.0/users/{}", rig.new_user("licensed").await);
    let assign = format!("{user}/assignLicense");
    let add = json!({ "addLicenses": [{ "skuId": SKU, "disabledPlans": [] }], "removeLicenses": [] });
    let remove = json!({ "addLicenses": [], "removeLicenses": [SKU] });
    assert_eq!(refused(rig.post(&assign, &add).await).await, (400, "Request_BadRequest".to_owned()));
    rig.done(Method::PATCH, &user, &json!({ "usageLocation": "NL" })).await;
    let answer: Value = rig.post(&assign, &add).await.json().await.unwrap();
    assert_eq!(answer["displayName"], "licensed");
    let held = async || rig.get(&format!("{user}?$select=assignedLicenses")).await["assignedLicenses"].clone();
    assert_eq!(held().await, json!([{ "disabledPlans": [], "skuId": SKU }]));
    assert_eq!(rig.post(&assign, &remove).await.status(), StatusCode::OK);
    assert_eq!(held().await, json!([]));
    for bad in
        [remove, json!({ "addLicenses": [] }), json!({ "addLicenses": [{ "skuId": "x" }], "removeLicenses": [] })]
    {
        assert_eq!(refused(rig.post(&assign, &bad).await).await.0, 400, "{bad}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_temporary_access_pass_is_shown_once_and_ends() {
    let rig = rig().await;
    let set = format!("/v1.0/users/{}/authentication/temporaryAccessPassMethods", rig.user("E0901"));
    let body = json!({ "startDateTime": "2026-11-21T10:00:00Z", "lifetimeInMinutes": 60, "isUsableOnce": true });
    let pass = created(rig.post(&set, &body).await).await;
    assert_eq!(pass["temporaryAccessPass"].as_str().unwrap().len(), 8);
    assert_eq!((&pass["isUsable"], &pass["methodUsabilityReason"]), (&json!(false), &json!("NotYetValid")));
    let one = format!("{set}/{}", id_of(&pass));
    rig.advance(1800);
    let usable = rig.get(&one).await;
    assert_eq!((&usable["isUsable"], &usable["temporaryAccessPass"]), (&json!(true), &Value::Null));
    rig.advance(3600);
    assert_eq!(rig.get(&one).await["methodUsabilityReason"], "Expired");

    let newer = id_of(&created(rig.post(&set, &json!({})).await).await);
    assert_eq!(rig.all(&set).await.iter().map(id_of).collect::<Vec<_>>(), [newer.as_str()], "one pass per user");
    assert_eq!(rig.refusal(&one).await.0, 404);
    rig.done(Method::DELETE, &format!("{set}/{newer}"), &Value::Null).await;
    assert!(rig.all(&set).await.is_empty());
    for bad in
        [json!({ "lifetimeInMinutes": 9 }), json!({ "lifetimeInMinutes": 43201 }), json!({ "startDateTime": "soon" })]
    {
        assert_eq!(refused(rig.post(&set, &bad).await).await.0, 400, "{bad}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn mail_is_kept_in_the_outbox() {
    let rig = rig().await;
    let sender = rig.user("E0001");
    let recipient = |address: &str| json!({ "emailAddress": { "address": address } });
    let body = json!({ "message": {
        "subject": "Welcome", "body": { "contentType": "Text", "content": "Hello" },
        "toRecipients": [recipient("a@contoso.example")], "ccRecipients": [recipient("b@contoso.example")],
    }, "saveToSentItems": false });
    let path = format!("/v1.0/users/{sender}/sendMail");
    assert_eq!(rig.post(&path, &body).await.status(), StatusCode::ACCEPTED);
    let outbox = rig.sandbox.controls().outbox();
    assert_eq!((outbox.len(), outbox[0].sender_id.as_str()), (1, sender.as_str()));
    assert_eq!((outbox[0].subject.as_str(), outbox[0].content.as_str()), ("Welcome", "Hello"));
    assert_eq!(outbox[0].recipients, ["a@contoso.example", "b@contoso.example"]);
    for bad in [
        json!({}),
        json!({ "message": { "subject": "x" } }),
        json!({ "message": { "toRecipients": [recipient("x")] } }),
    ] {
        assert_eq!(refused(rig.post(&path, &bad).await).await.0, 400, "{bad}");
    }
    assert_eq!(refused(rig.post("/v1.0/users/nobody/sendMail", &body).await).await.0, 404);
    assert_eq!(rig.sandbox.controls().outbox().len(), 1);
    rig.sandbox.stop().await;
}
