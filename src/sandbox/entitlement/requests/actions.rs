//! Requests taken back, tried again and cleared away (graph-contract 1.5 R4 to R6, 1.9.4).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Extension, Router};
use jiff::SignedDuration;

use crate::sandbox::caller::{Caller, unauthorized};
use crate::sandbox::entitlement::payload::{guid, refused};
use crate::sandbox::entitlement::submission::not_found;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::lifecycle;
use crate::sandbox::records::{Effect, Request, RequestState};
use crate::sandbox::refusals::{Refusal, RefusalKind};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The statuses in which a request can be taken back.
const CANCELABLE: [&str; 4] = ["Accepted", "PendingApproval", "PendingNotBefore", "PendingApprovalEscalated"];

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/assignmentRequests/{id}/cancel", post(cancel))
        .route("/assignmentRequests/{id}/reprocess", post(reprocess))
}

/// The request with this id.
pub(super) fn known(tenant: &Tenant, id: &str) -> Result<Request, ApiError> {
    let id = guid(id)?;
    tenant.requests.get(&id).cloned().ok_or_else(|| not_found(&id))
}

/// `DELETE assignmentRequests/{id}`: only of what is at its end.
pub(super) async fn delete(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, _| {
            let request = known(tenant, &id)?;
            if request.state.is_open() {
                return Err(not_in_a_state(&request, "be deleted"));
            }
            tenant.remove_request(&request.id);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn cancel(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, now| {
            if caller.user().is_err() && !tenant.request_rules.applications_can_cancel {
                return Err(unauthorized());
            }
            let request = known(tenant, &id)?;
            if caller.user().is_ok_and(|user| !concerns(&request, user)) {
                caller.require_administrator(tenant)?;
            }
            if !CANCELABLE.contains(&request.status.as_str()) {
                return Err(not_in_a_state(&request, "be canceled"));
            }
            lifecycle::cancel(tenant, request, now);
            Ok(StatusCode::OK)
        })
        .await
}

/// Whether the user made the request, or would get or lose by it.
fn concerns(request: &Request, user_id: &str) -> bool {
    [request.requestor(), &request.target_id].contains(&user_id) || request.created_by.as_deref() == Some(user_id)
}

async fn reprocess(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, now| {
            let request = known(tenant, &id)?;
            if !matches!(request.state, RequestState::DeliveryFailed | RequestState::PartiallyDelivered) {
                return Err(not_in_a_state(&request, "be reprocessed"));
            }
            let window = SignedDuration::from_hours(24 * i64::from(tenant.request_rules.reprocess_days));
            if request.completed.is_some_and(|completed| now.duration_since(completed) > window) {
                return Err(not_in_a_state(&request, "be reprocessed any more"));
            }
            if let Some(refusal) = overtaken(tenant, &request) {
                return Err(tenant.request_rules.refuse(refusal));
            }
            lifecycle::reprocess(tenant, request, now);
            Ok(StatusCode::ACCEPTED)
        })
        .await
}

/// What has come about for the same target and package since the request failed.
fn overtaken(tenant: &Tenant, request: &Request) -> Option<Refusal> {
    if let Some(open) = tenant.open_request(&request.target_id, &request.package_id) {
        let message = format!("The target has the open request '{}' for this access package by now.", open.id);
        return Some(Refusal::new(RefusalKind::ExistingOpenRequest, message));
    }
    let active = tenant.active_assignment(&request.target_id, &request.package_id);
    let other = active.filter(|active| request.assignment_id.as_ref() != Some(&active.id));
    let other = other.filter(|_| request.request_type.effect() == Effect::Add)?;
    let message = format!("The target has the active assignment '{}' of this access package by now.", other.id);
    Some(Refusal::new(RefusalKind::ExistingAssignment, message))
}

fn not_in_a_state(request: &Request, to: &str) -> ApiError {
    let Request { id, state, status, .. } = request;
    let message = format!("The request '{id}' is {}/{status} and cannot {to}.", state.name());
    refused("InvalidRequestState", message)
}
