//! `/beta`: the handlers of `/v1.0` under the names that beta has, translated on the way in and on the way out (graph-contract 1.16).

mod answer;
mod body;
mod derived;
mod kinds;
mod names;
mod options;
mod path;
mod policy;
mod property_path;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use serde_json::Value;

use super::entitlement;
use super::envelope::ApiError;
use super::query::Place;
use super::routes::read_body;
use super::shared::Shared;
use kinds::Kind;
use options::Options;

/// The member of a request that says to check it and to do nothing.
const VALIDATION_ONLY: &str = "isValidationOnly";

/// A call that carries this as an extension is checked and refused as any other, and changes nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValidationOnly;

/// A call that carries this as an extension came in by `/beta`, where an assignment's target may be named by mail address.
#[derive(Debug, Clone, Copy)]
pub(super) struct AcceptsEmailTargets;

/// The service of the paths below `/beta`, on top of the one of the paths below `/v1.0`.
pub(super) fn service(versioned: Router, shared: Arc<Shared>) -> Router {
    Router::new().fallback_service(versioned).layer(from_fn_with_state(shared, translate))
}

async fn translate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let Some(path::Target { path, kind }) = path::target(parts.uri.path()) else {
        return Err(entitlement::no_such_path(&place(&parts)?));
    };
    let query = parts.uri.query().unwrap_or_default();
    if kind == Kind::Other {
        parts.uri = uri(&path, query)?;
        return Ok(next.run(Request::from_parts(parts, body)).await);
    }
    // What a write answers cannot be chosen.
    let options = if parts.method == Method::GET { Options::read(kind, query)? } else { Options::default() };
    let mut place = place(&parts)?;
    place.uri = uri(place.uri.path(), &options.v1)?;
    parts.uri = uri(&path, &options.v1)?;
    parts.extensions.insert(place);

    let body = read_body(body, &parts.headers).await?;
    parts.headers.remove(header::CONTENT_LENGTH);
    let (body, validation_only) = match serde_json::from_slice::<Value>(&body) {
        Ok(value) => {
            let only = is_validation_only(&value);
            (Body::from(body::incoming(kind, value).to_string()), only)
        }
        // The handler refuses it where it wants JSON.
        Err(_) => (Body::from(body), false),
    };
    if validation_only {
        parts.extensions.insert(ValidationOnly);
    }
    parts.extensions.insert(AcceptsEmailTargets);
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().is_success() {
        translated(&shared, kind, response, &options, validation_only).await
    } else {
        Ok(response)
    }
}

/// The answer in beta's names; one without JSON stays as it is.
async fn translated(
    shared: &Shared,
    kind: Kind,
    response: Response,
    options: &Options,
    validation_only: bool,
) -> Result<Response, ApiError> {
    let (mut parts, body) = response.into_parts();
    // The answer is the sandbox's own, so its size needs no limit.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(value) = serde_json::from_slice(&bytes) else { return Ok(Response::from_parts(parts, Body::from(bytes))) };
    let mut value = shared.with_tenant_now(|tenant, _| answer::outgoing(kind, value, options, tenant))?;
    if let Some(shown) = value.get_mut(VALIDATION_ONLY).filter(|_| validation_only) {
        *shown = Value::Bool(true);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(value.to_string())))
}

fn is_validation_only(body: &Value) -> bool {
    let mut members = body.as_object().into_iter().flatten();
    members.any(|(name, value)| name.eq_ignore_ascii_case(VALIDATION_ONLY) && *value == Value::Bool(true))
}

fn place(parts: &Parts) -> Result<Place, ApiError> {
    parts.extensions.get().cloned().ok_or_else(|| ApiError::bad_request("The call has no place."))
}

fn uri(path: &str, query: &str) -> Result<Uri, ApiError> {
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    text.parse().map_err(|_| ApiError::bad_request("The URI of the call is not one."))
}
