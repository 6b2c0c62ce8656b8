//! `POST assignments/{id}/reprocess`: the package's roles are enforced once more (graph-contract 1.5 A3, 1.9.4).

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;

use super::payload::{guid, refused};
use super::submission::not_found;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::lifecycle;
use crate::sandbox::records::AssignmentState;
use crate::sandbox::shared::Shared;

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/assignments/{id}/reprocess", post(reprocess))
}

async fn reprocess(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    shared
        .with_tenant(|tenant, now| {
            let assignment = tenant.assignments.get(&id).cloned().ok_or_else(|| not_found(&id))?;
            if assignment.state != AssignmentState::Delivered {
                let state = assignment.state.name();
                let message = format!("The assignment '{id}' is {state}; only a delivered one can be reprocessed.");
                return Err(refused("InvalidAssignmentState", message));
            }
            lifecycle::reenforce(tenant, assignment, now);
            Ok(StatusCode::ACCEPTED)
        })
        .await
}
