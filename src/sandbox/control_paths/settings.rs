//! The control of the tenant's settings.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};

use super::read;
use crate::sandbox::controls::Controls;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::settings::TenantSettings;
use crate::sandbox::shared::Shared;

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/settings", get(settings).put(set_settings))
}

async fn settings(State(shared): State<Arc<Shared>>) -> Json<TenantSettings> {
    Json(Controls::new(shared).settings())
}

async fn set_settings(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    Controls::new(shared).set_settings(read(&headers, body).await?);
    Ok(StatusCode::NO_CONTENT)
}
