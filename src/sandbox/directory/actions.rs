//! What is done to users by action: sign-in sessions, licences, temporary access passes, mail (graph-contract 2.5).

mod access_pass;
mod licence;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::outbox::SentMail;
use crate::sandbox::query::Place;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;

/// The most recipients of one mail.
const RECIPIENT_LIMIT: usize = 500;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/users/{id}/revokeSignInSessions", post(revoke_sign_in_sessions))
        .route("/users/{id}/sendMail", post(send_mail))
        .merge(licence::router())
        .merge(access_pass::router())
}

async fn revoke_sign_in_sessions(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    shared
        .with_tenant(|tenant, now| {
            let mut user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.clone();
            user.properties.insert("signInSessionsValidFromDateTime".to_owned(), json!(now));
            tenant.put_user(user);
            Ok(json!({ "@odata.context": format!("{}#Edm.Boolean", place.metadata()), "value": true }))
        })
        .await
        .map(Json)
}

/// Takes a mail in; nothing leaves the sandbox but what `Controls::outbox` shows.
async fn send_mail(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let body = read_json(body, &headers).await?;
    // The schema writes the parameter's name with a capital, the documentation without one.
    let message = body.get("message").or_else(|| body.get("Message")).filter(|message| message.is_object());
    let message = message.ok_or_else(|| mail_refused("ErrorInvalidParameter", "The body must hold 'message'."))?;
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut recipients = Vec::new();
    for list in ["toRecipients", "ccRecipients", "bccRecipients"] {
        for recipient in message.get(list).and_then(Value::as_array).into_iter().flatten() {
            let address = recipient.pointer("/emailAddress/address").and_then(Value::as_str);
            let address = address.filter(|address| address.contains('@'));
            let invalid = || mail_refused("ErrorInvalidRecipients", "At least one recipient is not valid.");
            recipients.push(address.ok_or_else(invalid)?.to_owned());
        }
    }
    if recipients.is_empty() || recipients.len() > RECIPIENT_LIMIT {
        return Err(mail_refused("ErrorInvalidRecipients", "A mail must have between 1 and 500 recipients."));
    }
    shared
        .with_tenant(|tenant, now| {
            let sender = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.id.clone();
            let mail = SentMail {
                id: tenant.new_id("mail"),
                sender_id: sender,
                sent: now,
                subject: text("/subject"),
                content_type: text("/body/contentType"),
                content: text("/body/content"),
                recipients,
            };
            tenant.put_mail(mail);
            Ok(StatusCode::ACCEPTED)
        })
        .await
}

fn mail_refused(code: &str, message: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}
