//! An approver's decision on a stage (graph-contract 1.5, row V2).

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;

use super::{known, stage_of};
use crate::sandbox::approvals::is_approver;
use crate::sandbox::caller::{Caller, unauthorized};
use crate::sandbox::entitlement::payload::{self, DESCRIPTION_LIMIT, bounded, guid, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::lifecycle;
use crate::sandbox::records::{Review, StageStatus};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Decision {
    review_result: String,
    #[serde(default)]
    justification: Option<String>,
}

/// `PATCH …/stages/{stage}`.
///
/// # Errors
/// 400 for what is no decision, or lacks the justification that the stage asks for; 403 for who is no approver of the stage; 404;
/// 409 where it is decided already, or not to be decided any more.
pub(super) async fn decide(
    State(shared): State<Arc<Shared>>,
    Path((id, stage)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let (user, id, stage) = (caller.user()?, guid(&id)?, guid(&stage)?);
    let Decision { review_result, justification } = payload::read(body, &headers).await?;
    let is_approval = match review_result.to_ascii_lowercase().as_str() {
        "approve" => true,
        "deny" => false,
        _ => return Err(refused("InvalidModel", "'reviewResult' is 'Approve' or 'Deny'.".to_owned())),
    };
    let justification = justification.filter(|text| !text.trim().is_empty());
    let justification = justification.map(|text| bounded("justification", text, DESCRIPTION_LIMIT)).transpose()?;
    let review = |at: Timestamp| Review { is_approval, by: Some(user.to_owned()), at, justification };
    shared.with_tenant(|tenant, now| accept(tenant, &id, &stage, user, review(now))).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn accept(tenant: &mut Tenant, id: &str, stage_id: &str, user: &str, review: Review) -> Result<(), ApiError> {
    let request = known(tenant, id)?;
    let stage = stage_of(request, stage_id)?;
    if !is_approver(tenant, request, stage, user) {
        return Err(unauthorized());
    }
    if stage.status == StageStatus::Initializing {
        let message = format!("The approval stage '{stage_id}' has not begun.");
        return Err(refused("ApprovalStageNotActive", message));
    }
    if !stage.is_open() {
        let message = format!("The approval stage '{stage_id}' is not to be decided any more.");
        return Err(ApiError::entitlement(StatusCode::CONFLICT, "ApprovalStageAlreadyCompleted", message));
    }
    if stage.settings.is_approver_justification_required && review.justification.is_none() {
        let message = "The approval stage asks its approvers for a justification.";
        return Err(refused("MissingJustification", message.to_owned()));
    }
    let request = request.clone();
    lifecycle::decide(tenant, request, review);
    Ok(())
}
