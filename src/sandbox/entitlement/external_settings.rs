//! `settings`: what becomes of guests after their last assignment (graph-contract 1.5 T1).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::super::envelope::{Answer, ApiError};
use super::super::guests::ExternalUserAction;
use super::super::query::{Place, Query};
use super::super::shared::Shared;
use super::payload::{self, refused};

/// The path of the settings.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/settings", get(read).patch(update))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedSettings {
    external_user_lifecycle_action: Option<String>,
    duration_until_external_user_deleted_after_blocked: Option<String>,
}

/// `GET settings`, which takes no query options.
async fn read(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    Query::parse(&place, &[])?;
    shared
        .with_tenant(|tenant, _| {
            let settings = tenant.external_user_settings();
            Ok(json!({
                "@odata.context": format!("{}/$entity", place.context()),
                "id": settings.id,
                "externalUserLifecycleAction": settings.action.name(),
                "durationUntilExternalUserDeletedAfterBlocked": settings.wait,
            }))
        })
        .await
        .map(Json)
}

/// `PATCH settings`: 204. The duration is ISO 8601 and at most 3660 days.
async fn update(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Result<StatusCode, ApiError> {
    let body: ChangedSettings = payload::read(body, &headers).await?;
    shared
        .with_tenant(|tenant, now| {
            let mut settings = tenant.external_user_settings();
            if let Some(action) = body.external_user_lifecycle_action {
                let unknown = || {
                    let message = format!("'{action}' is not an accessPackageExternalUserLifecycleAction.");
                    refused("InvalidModel", message)
                };
                settings.action = ExternalUserAction::parse(&action).ok_or_else(unknown)?;
            }
            if let Some(wait) = body.duration_until_external_user_deleted_after_blocked {
                settings.wait = wait;
                settings.deletion_after(now).ok_or_else(|| {
                    let message =
                        "'durationUntilExternalUserDeletedAfterBlocked' is not a duration of up to 3660 days.";
                    refused("InvalidModel", message.to_owned())
                })?;
            }
            tenant.put_external_user_settings(settings);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}
