//! `resume`: a custom extension's answer to the request that waits for it (graph-contract 1.5 R7, 1.9.4).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::Deserialize;

use super::actions::known;
use crate::sandbox::entitlement::payload::{self, refused};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::lifecycle::{self, Callback};
use crate::sandbox::records::{ExtensionStage, Request, RequestState};
use crate::sandbox::shared::Shared;

/// What the stage is preceded by in `type`.
const STAGE_TYPE: &str = "microsoft.graph.accessPackageCustomExtensionStage.";

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/assignmentRequests/{id}/resume", post(resume))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resumption {
    #[serde(default, rename = "source")]
    _source: Option<String>,
    r#type: String,
    data: CallbackData,
}

/// Graph's `accessPackageAssignmentRequestCallbackData`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CallbackData {
    stage: String,
    custom_extension_stage_instance_id: String,
    #[serde(default)]
    custom_extension_stage_instance_detail: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

async fn resume(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let resumption: Resumption = payload::read(body, &headers).await?;
    shared
        .with_tenant(|tenant, now| {
            let request = known(tenant, &id)?;
            let callback = callback(&request, resumption)?;
            lifecycle::resume(tenant, request, callback, now);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// Checks an answer against what the request waits for.
///
/// # Errors
/// 400 where it waits for nothing, or for another instance or stage, and for an end that the stage does not have: the
/// type's own page lets an extension end a request at the first stage only.
fn callback(request: &Request, resumption: Resumption) -> Result<Callback, ApiError> {
    if !request.awaits_callback() {
        return Err(invalid(format!("The request '{}' does not wait for a callback.", request.id)));
    }
    let Resumption { r#type, data, .. } = resumption;
    let by_type = r#type.trim_start_matches('#').strip_prefix(STAGE_TYPE).and_then(ExtensionStage::parse);
    let stage = ExtensionStage::parse(&data.stage).filter(|stage| by_type == Some(*stage));
    let stage = stage.ok_or_else(|| invalid("'type' and 'data/stage' name no stage, or two.".to_owned()))?;
    let callout_id = data.custom_extension_stage_instance_id;
    let mut awaited = request.callouts.iter().filter(|callout| lifecycle::is_awaited(callout));
    let callout = awaited.find(|callout| callout.id.eq_ignore_ascii_case(&callout_id) && callout.stage == stage);
    let Some(callout) = callout else {
        return Err(invalid(format!("The request does not wait for the instance '{callout_id}' at this stage.")));
    };
    let end = match data.state.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("denied") if stage == ExtensionStage::RequestCreated => Some(RequestState::Denied),
        Some("canceled") if stage == ExtensionStage::RequestCreated => Some(RequestState::Canceled),
        Some(state) => return Err(invalid(format!("An extension cannot set the state '{state}' at this stage."))),
    };
    Ok(Callback { callout_id: callout.id.clone(), detail: data.custom_extension_stage_instance_detail, end })
}

fn invalid(message: String) -> ApiError {
    refused("InvalidCallback", message)
}
