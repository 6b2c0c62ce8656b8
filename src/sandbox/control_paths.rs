//! The controls over HTTP under `/sandbox`, for those who test from outside; the server has these paths only when asked for.

mod identity;
mod outcomes;
mod replication;
mod request_rules;
mod settings;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::assertion::FederatedCredential;
use super::bearer;
use super::controls::{ControlError, Controls};
use super::envelope::{Answer, ApiError};
use super::records::Assignment;
use super::routes::read_json;
use super::scripted_faults::Fault;
use super::shared::Shared;
use super::throttle::ThrottleLimits;
use crate::clock::Clock;

/// The largest dump that is loaded, in bytes.
const DUMP_LIMIT: usize = 1024 * 1024 * 1024;

/// The paths below `/sandbox`. They take the application's tokens, so that no web page can reach them through a browser.
pub(super) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/clock", get(clock).patch(set_clock))
        .route("/faults", get(faults).post(order_fault).delete(clear_faults))
        .route("/throttling", get(throttling).put(throttle).delete(end_throttling))
        .route("/paging", axum::routing::put(set_paging))
        .route("/credentials", post(register))
        .merge(identity::router())
        .merge(outcomes::router())
        .merge(replication::router())
        .merge(settings::router())
        .route("/counters", get(counters))
        .route("/requests", get(requests))
        .route("/requests/{id}/decision", post(decide))
        .route("/assignments", get(assignments))
        .route("/tenant", get(dump).put(load))
        .merge(request_rules::router())
        .layer(from_fn_with_state(Arc::clone(shared), admit))
}

async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Result<Response, ApiError> {
    let holder = bearer::check(&shared, request.headers())?;
    if holder.caller.user().is_ok() {
        return Err(ApiError::of_status(StatusCode::FORBIDDEN, None));
    }
    Ok(next.run(request).await)
}

/// The tenant clock: its instant, and how it runs.
async fn clock(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let setting = shared.clock.setting();
    Json(json!({
        "now": shared.clock.now(), "origin": setting.origin, "realOrigin": setting.real_origin, "speed": setting.speed,
    }))
}

/// What to do with the clock, in this order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockChange {
    now: Option<Timestamp>,
    /// An ISO 8601 duration; days and longer are those of UTC.
    advance: Option<Span>,
    speed: Option<f64>,
}

async fn set_clock(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Answer {
    let ClockChange { now, advance, speed } = read(&headers, body).await?;
    let advanced = |by: Span| now.unwrap_or_else(|| shared.clock.now()).to_zoned(TimeZone::UTC).checked_add(by);
    let advanced = advance.map(advanced).transpose();
    let advanced = advanced.map_err(|_| refused("The clock cannot go beyond the calendar."))?;
    if speed.is_some_and(|speed| !speed.is_finite() || speed < 0.0) {
        return Err(refused("The speed is a number of 0 or more."));
    }
    if let Some(now) = advanced.map(|instant| instant.timestamp()).or(now) {
        shared.clock.set(now);
    }
    if let Some(speed) = speed {
        shared.clock.set_speed(speed);
    }
    Ok(clock(State(shared)).await)
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Vec<Fault>> {
    Json(Controls::new(shared).pending_faults())
}

async fn order_fault(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Fault>), ApiError> {
    let fault: Fault = read(&headers, body).await?;
    Controls::new(shared).order_fault(fault.clone());
    Ok((StatusCode::CREATED, Json(fault)))
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    Controls::new(shared).clear_faults();
    StatusCode::NO_CONTENT
}

/// The limits in force, `null` where there are none.
async fn throttling(State(shared): State<Arc<Shared>>) -> Json<Option<ThrottleLimits>> {
    Json(Controls::new(shared).throttle_limits())
}

async fn throttle(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    let limits = read(&headers, body).await?;
    Controls::new(shared).throttle(Some(limits));
    Ok(StatusCode::NO_CONTENT)
}

async fn end_throttling(State(shared): State<Arc<Shared>>) -> StatusCode {
    Controls::new(shared).throttle(None);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Paging {
    empty_pages: bool,
}

async fn set_paging(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    let Paging { empty_pages } = read(&headers, body).await?;
    Controls::new(shared).set_empty_pages(empty_pages);
    Ok(StatusCode::NO_CONTENT)
}

/// One credential of the application.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Credential {
    /// A certificate in PEM.
    Certificate(String),
    Federated(FederatedCredential),
}

async fn register(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    match read(&headers, body).await? {
        Credential::Certificate(pem) => {
            Controls::new(shared).register_certificate(&pem).map_err(|error| refused(error.to_string()))?;
        }
        Credential::Federated(credential) => Controls::new(shared).register_federated(credential),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// How many calls there were, and how much there is of everything.
async fn counters(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let calls = shared.faults.calls();
    let (exchanges, reads) = shared.faults.exchanges();
    Json(shared.with_tenant_now(|tenant, _| {
        json!({
            "graphCalls": calls,
            "graphExchanges": exchanges,
            "graphReads": reads,
            "rowsExamined": tenant.rows_examined(),
            "users": tenant.users.len(),
            "groups": tenant.groups.len(),
            "catalogs": tenant.catalogs.len(),
            "accessPackages": tenant.packages.len(),
            "assignmentPolicies": tenant.policies.len(),
            "assignmentRequests": tenant.requests.len(),
            "openAssignmentRequests": tenant.requests.count(|request| request.state.is_open()),
            "assignments": tenant.assignments.len(),
            "activeAssignments": tenant.assignments.count(Assignment::is_active),
        })
    }))
}

async fn requests(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!(Controls::new(shared).requests()))
}

async fn assignments(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!(Controls::new(shared).assignments()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    approve: bool,
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let Decision { approve } = read(&headers, body).await?;
    Controls::new(shared).decide(&id, approve).map_err(|error| {
        let status = match error {
            ControlError::UnknownRequest(_) => StatusCode::NOT_FOUND,
            ControlError::NotPending { .. } => StatusCode::CONFLICT,
        };
        ApiError::new(status, "SandboxControl", error.to_string())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dump(State(shared): State<Arc<Shared>>) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], Controls::new(shared).dump()).into_response()
}

async fn load(State(shared): State<Arc<Shared>>, body: Body) -> Result<StatusCode, ApiError> {
    let too_large = |_| ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE, None);
    let document = to_bytes(body, DUMP_LIMIT).await.map_err(too_large)?;
    Controls::new(shared).load(document.into()).await.map_err(|error| {
        let why = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        refused(format!("{error}{why}"))
    })?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
    let body = read_json(body, headers).await?;
    T::deserialize(body).map_err(|error| refused(format!("The body is invalid: {error}.")))
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "SandboxControl", message)
}
