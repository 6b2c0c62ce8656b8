//! Assignment requests over HTTP: the list, one of them, and new ones (graph-contract 1.5 R1 to R4, 1.9).

mod actions;
mod callbacks;
mod current_user;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::connection::Breaker;
use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::payload::refused;
use super::{list, one, shapes, submission};

/// Says that a call came in by `/beta`, which takes more than v1.0 does; a request's extension.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) struct SpeaksBeta;

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
    beta: Option<Extension<SpeaksBeta>>,
    body: Body,
) -> Result<Response, ApiError> {
    let body = submission::Body::read(read_json(body, &headers).await?)?;
    if body.is_for_beta() && beta.is_none() {
        let message =
            "The property 'isValidationOnly' does not exist on type 'microsoft.graph.accessPackageAssignmentRequest'.";
        return Err(refused("InvalidModel", message.to_owned()));
    }
    let submit = |tenant: &mut _, now| {
        let ask = submission::Ask::of(body, &caller, now)?;
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
    // The real service names an internal host here, which nobody can reach and nobody should follow.
    let location = format!("https://igaelm-ecapi-sandbox.invalid/api/v1/assignmentRequests('{}')", request.id);
    let headers: [(HeaderName, String); 1] = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(Value::Object(answer))).into_response())
}
