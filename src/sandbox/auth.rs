//! The token endpoint for client credentials (graph-contract 5).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use url::form_urlencoded;
use uuid::Uuid;

use super::base64::base64;
use super::bearer::{LIFETIME, credentials};
use super::caller::Caller;
use super::envelope::ApiError;
use super::query::Place;
use super::routes::read_body;
use super::secrets;
use super::shared::Shared;
use crate::clock::Clock;

/// The type of an assertion that is a JWT (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let body = read_body(body, &headers).await?;
    let form: HashMap<_, _> = form_urlencoded::parse(&body).into_owned().collect();
    let basic = credentials(&headers, "basic").and_then(basic_pair).unwrap_or_default();
    let own_or = |name: &str, other: &String| form.get(name).unwrap_or(other).clone();
    let claim = Claim {
        tenant,
        client_id: own_or("client_id", &basic.0),
        client_secret: own_or("client_secret", &basic.1),
        assertion: form
            .get("client_assertion")
            .filter(|_| form.get("client_assertion_type").is_some_and(|kind| kind == JWT_BEARER))
            .cloned(),
        grant_type: form.get("grant_type").cloned().unwrap_or_default(),
        scope: form.get("scope").cloned().unwrap_or_default(),
    };
    if let Err(refusal) = claim.check(&shared, &headers) {
        return Ok(refusal.answer(&shared));
    }
    let token = shared
        .tokens
        .issue(Caller::Application)
        .ok_or_else(|| ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR, None))?;
    let seconds = LIFETIME.as_secs();
    let body =
        json!({ "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token });
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body)).into_response())
}

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`: where tokens are to be had (OpenID Connect Discovery 1.0, section 3).
pub(super) async fn configuration(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    Extension(place): Extension<Place>,
) -> Result<Response, ApiError> {
    let (tenant_id, domain) =
        shared.with_tenant_now(|tenant, _| (tenant.profile.tenant_id.clone(), tenant.profile.domain.clone()));
    if ![&tenant_id, &domain].iter().any(|known| known.eq_ignore_ascii_case(&tenant)) {
        return Ok(unknown_tenant(&tenant).answer(&shared));
    }
    let authority = format!("{}/{tenant_id}", place.origin);
    let body = json!({
        "issuer": format!("{authority}/v2.0"),
        "authorization_endpoint": format!("{authority}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{authority}/oauth2/v2.0/token"),
        "jwks_uri": format!("{authority}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
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

struct Claim {
    tenant: String,
    client_id: String,
    client_secret: String,
    /// A signed JWT in the place of the secret.
    assertion: Option<String>,
    grant_type: String,
    scope: String,
}

impl Claim {
    fn check(&self, shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
        let known = shared.with_tenant_now(|tenant, _| {
            let profile = &tenant.profile;
            (
                profile.tenant_id.clone(),
                profile.domain.clone(),
                profile.client_id.clone(),
                profile.client_secret.clone(),
                profile.credentials.clone(),
            )
        });
        let (tenant_id, domain, client_id, client_secret, credentials) = known;
        let bad = StatusCode::BAD_REQUEST;
        if ![&tenant_id, &domain].iter().any(|known| known.eq_ignore_ascii_case(&self.tenant)) {
            return Err(unknown_tenant(&self.tenant));
        }
        if self.client_id.is_empty() {
            let message = "The request body must contain the following parameter: 'client_id'.".to_owned();
            return Err(Refusal(bad, "invalid_request", 900_144, message));
        }
        if !self.client_id.eq_ignore_ascii_case(&client_id) {
            let message = format!("Application with identifier '{}' was not found in the directory.", self.client_id);
            return Err(Refusal(bad, "unauthorized_client", 700_016, message));
        }
        if self.grant_type != "client_credentials" {
            let message = format!("The app requested an unsupported grant type '{}'.", self.grant_type);
            return Err(Refusal(bad, "unsupported_grant_type", 70003, message));
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let proven = match &self.assertion {
            Some(assertion) => {
                let addresses = [&shared.authority, host];
                let endpoints =
                    addresses.map(|authority| format!("http://{authority}/{}/oauth2/v2.0/token", self.tenant));
                credentials.check(assertion, &client_id, &endpoints, shared.clock.real_now())
            }
            None if secrets::same(&self.client_secret, &client_secret) => Ok(()),
            None => Err((7_000_215, format!("Invalid client secret provided for app '{client_id}'."))),
        };
        proven.map_err(|(number, message)| Refusal(StatusCode::UNAUTHORIZED, "invalid_client", number, message))?;
        let resources = [
            format!("http://{}", shared.authority),
            format!("http://{host}"),
            "https://graph.microsoft.com".to_owned(),
        ];
        if !resources.iter().any(|resource| self.scope == format!("{resource}/.default")) {
            let message =
                format!("The provided request must include a valid 'scope'. The scope '{}' is not valid.", self.scope);
            return Err(Refusal(bad, "invalid_scope", 70011, message));
        }
        Ok(())
    }
}

fn unknown_tenant(tenant: &str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, "invalid_request", 90002, format!("Tenant '{tenant}' not found."))
}

/// Status, OAuth code, AADSTS number, message.
struct Refusal(StatusCode, &'static str, u32, String);

impl Refusal {
    fn answer(self, shared: &Shared) -> Response {
        let Self(status, error, number, message) = self;
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let timestamp = shared.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let description = format!(
            "AADSTS{number}: {message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}"
        );
        let body = json!({
            "error": error, "error_description": description, "error_codes": [number],
            "timestamp": timestamp, "trace_id": trace, "correlation_id": correlation,
        });
        (status, Json(body)).into_response()
    }
}

/// Client id and secret of HTTP Basic, each form-encoded first (RFC 6749, section 2.3.1).
fn basic_pair(credentials: &str) -> Option<(String, String)> {
    let text = String::from_utf8(base64(credentials)?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_as_the_rfc_writes_them() {
        // printf 'my app:s%%2Bcret' | base64
        assert_eq!(basic_pair("bXkrYXBwOnMlMkJjcmV0"), Some(("my app".into(), "s+cret".into())));
        assert_eq!(basic_pair("bm9jb2xvbg=="), None);
        assert_eq!(basic_pair("***"), None);
    }
}
