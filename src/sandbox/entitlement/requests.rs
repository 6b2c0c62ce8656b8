//! Assignment requests over HTTP: the list, one of them, and new ones (graph-contract 1.5 R1 to R4, 1.9).

mod actions;
mod callbacks;

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::super::beta::{AcceptsEmailTargets, ValidationOnly};
use super::super::caller::Caller;
use super::super::connection::Breaker;
use super::super::envelope::ApiError;
use super::super::query::Place;
use super::super::records;
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::whole_tables::{list_all, single};
use super::{payload, shapes, submission};

/// The paths of assignment requests.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/assignmentRequests", get(list_all::<records::Request>).post(create))
        .route("/assignmentRequests/{id}", get(single::<records::Request>).delete(actions::delete))
        .merge(actions::router())
        .merge(callbacks::router())
}

/// `POST assignmentRequests`: 201 with the documented quirks (graph-contract 1.9.2).
async fn create(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
    request: Request,
) -> Result<Response, ApiError> {
    let (Parts { headers, extensions, .. }, body) = request.into_parts();
    let body = submission::Body::read(read_json(body, &headers).await?)?;
    let submit = |tenant: &mut Tenant, now| {
        let manner = submission::Manner {
            is_validation_only: extensions.get::<ValidationOnly>().is_some(),
            accepts_email_targets: extensions.get::<AcceptsEmailTargets>().is_some()
                || tenant.request_rules.accepts_email_targets,
        };
        let ask = submission::Ask::of(body, &caller, manner, now)?;
        if ask.is_administrative() {
            caller.require_administrator(tenant)?;
        }
        submission::accept(tenant, ask, now)
    };
    let request = shared.with_tenant(submit).await?;
    shared.faults.wait_if_held().await;
    if shared.faults.take_lost_answer() {
        breaker.break_connection();
    }
    let mut answer = shapes::request(&request);
    answer.insert("createdDateTime".to_owned(), Value::Null);
    answer.insert("@odata.context".to_owned(), json!(format!("{}/$entity", place.context())));
    let location = payload::foreign_location("assignmentRequests", &request.id);
    Ok((StatusCode::CREATED, location, Json(Value::Object(answer))).into_response())
}
