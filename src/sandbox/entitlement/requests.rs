//! Assignment requests over HTTP: the list, one of them, and new ones (graph-contract 1.5 R1 to R4, 1.9).

mod actions;
mod callbacks;
mod current_user;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::super::beta::ValidationOnly;
use super::super::caller::Caller;
use super::super::connection::Breaker;
use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::{list, one, payload, shapes, submission};

/// The paths of assignment requests.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/assignmentRequests", get(list_requests).post(create))
        .route("/assignmentRequests/{id}", get(one_request).delete(actions::delete))
        .merge(actions::router())
        .merge(callbacks::router())
}

async fn list_requests(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    list(&shared, &place, |tenant| &tenant.requests).await
}

/// One request, or those of the function that stands in the place of an id.
async fn one_request(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    match current_user::relation(&id) {
        None => one(&shared, &id, &place, |tenant| &tenant.requests).await,
        Some(relation) => current_user::list(&shared, &place, &caller, relation?).await,
    }
}

/// `POST assignmentRequests`: 201 with the documented quirks (graph-contract 1.9.2).
async fn create(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(breaker): ConnectInfo<Breaker>,
    headers: HeaderMap,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
    validation: Option<Extension<ValidationOnly>>,
    body: Body,
) -> Result<Response, ApiError> {
    let body = submission::Body::read(read_json(body, &headers).await?)?;
    let submit = |tenant: &mut Tenant, now| {
        let ask = submission::Ask::of(body, &caller, validation.is_some(), now)?;
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
