//! The control of what becomes of deliveries.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};

use super::{Controls, read, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::outcomes::DeliveryOutcome;
use crate::sandbox::shared::Shared;

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/outcomes", get(outcomes).put(set).delete(clear))
}

async fn outcomes(State(shared): State<Arc<Shared>>) -> Json<Vec<DeliveryOutcome>> {
    Json(Controls::new(shared).outcomes())
}

async fn set(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    let outcome = read(&headers, body).await?;
    Controls::new(shared).set_outcome(outcome).map_err(|error| refused(format!("{error}.")))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear(State(shared): State<Arc<Shared>>) -> StatusCode {
    Controls::new(shared).clear_outcomes();
    StatusCode::NO_CONTENT
}
