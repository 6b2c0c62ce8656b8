//! The login authority: tokens for the application and for users, and where they are to be had (graph-contract 5).

mod claim;
mod password;
mod refusal;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use url::form_urlencoded;

use super::bearer::LIFETIME;
use super::caller::Caller;
use super::envelope::ApiError;
use super::query::Place;
use super::routes::read_body;
use super::shared::Shared;
use claim::{Claim, is_tenant};
use refusal::Refusal;

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = read_body(body, &headers).await?;
    let form: HashMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    let holder = match Claim::read(tenant, form, &headers).check(&shared) {
        Ok(holder) => holder,
        Err(refusal) => return Ok(refusal.answer(&shared)),
    };
    let scope = matches!(holder.caller, Caller::User(_)).then(|| holder.scopes.names());
    let token = shared.tokens.issue(holder);
    let token = token.ok_or_else(|| ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR, None))?;
    let seconds = LIFETIME.as_secs();
    let mut body =
        json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token });
    if let (Some(body), Some(scope)) = (body.as_object_mut(), scope) {
        body.insert("scope".to_owned(), json!(scope));
    }
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body)).into_response())
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`: where tokens are to be had (OpenID Connect Discovery 1.0, section 3).
pub(super) async fn configuration(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    Extension(place): Extension<Place>,
) -> Result<Response, ApiError> {
    let known =
        shared.with_tenant_now(|known, _| is_tenant(&known.profile, &tenant).then(|| known.profile.tenant_id.clone()));
    let Some(tenant_id) = known else { return Ok(Refusal::unknown_tenant(&tenant).answer(&shared)) };
    let authority = format!("{}/{tenant_id}", place.origin);
    let body = json!({
        "issuer": format!("{authority}/v2.0"),
        "authorization_endpoint": format!("{authority}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{authority}/oauth2/v2.0/token"),
        "jwks_uri": format!("{authority}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
        "grant_types_supported": ["client_credentials", "password"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    Ok(Json(body).into_response())
}

/// `GET /{tenant}/discovery/v2.0/keys`: no keys, for the sandbox's tokens are not signed.
pub(super) async fn keys() -> Json<serde_json::Value> {
    Json(json!({ "keys": [] }))
}
