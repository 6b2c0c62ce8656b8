//! The controls of who calls: administrators among the users, and what the application counts as.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{post, put};
use serde::Deserialize;

use super::{Controls, read, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::shared::Shared;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/administrators", post(add_administrator)).route("/identity", put(set_identity))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Administrator {
    /// The object id or the sign-in name.
    user_id: String,
}

async fn add_administrator(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let Administrator { user_id } = read(&headers, body).await?;
    let added = Controls::new(shared).add_administrator(&user_id);
    if added { Ok(StatusCode::NO_CONTENT) } else { Err(refused(format!("There is no user '{user_id}'."))) }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Identity {
    catalog_scoped: bool,
}

async fn set_identity(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let Identity { catalog_scoped } = read(&headers, body).await?;
    Controls::new(shared).set_catalog_scoped(catalog_scoped);
    Ok(StatusCode::NO_CONTENT)
}
