//! The control of replication that lags.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};

use super::{Controls, read, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::replication::ReplicationLag;
use crate::sandbox::shared::Shared;

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/replication", get(lag).put(set).delete(end))
}

/// The lag in force, `null` where there is none.
async fn lag(State(shared): State<Arc<Shared>>) -> Json<Option<ReplicationLag>> {
    Json(Controls::new(shared).replication_lag())
}

async fn set(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    let lag: ReplicationLag = read(&headers, body).await?;
    if lag.lag.is_negative() {
        return Err(refused("A lag is not negative."));
    }
    Controls::new(shared).set_replication_lag(Some(lag));
    Ok(StatusCode::NO_CONTENT)
}

async fn end(State(shared): State<Arc<Shared>>) -> StatusCode {
    Controls::new(shared).set_replication_lag(None);
    StatusCode::NO_CONTENT
}
