//! Managers of users, by `$ref`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::put;

use super::body::linked_id;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/users/{id}/manager/$ref", put(set_manager).delete(remove_manager))
}

async fn set_manager(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let manager = linked_id(read_json(body, &headers).await?.get("@odata.id"))?;
    shared
        .with_tenant(|tenant, _| {
            tenant.users.get(&manager).ok_or_else(|| ApiError::unknown_object(&manager))?;
            change_manager(tenant, &id, Some(manager))
        })
        .await
}

async fn remove_manager(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, _| {
            let user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            user.manager.as_ref().ok_or_else(|| ApiError::unknown_object("manager"))?;
            change_manager(tenant, &id, None)
        })
        .await
}

fn change_manager(tenant: &mut Tenant, id: &str, manager: Option<String>) -> Result<StatusCode, ApiError> {
    let mut user = tenant.user(id).ok_or_else(|| ApiError::unknown_object(id))?.clone();
    if manager.as_ref() == Some(&user.id) {
        return Err(ApiError::bad_request("A user cannot be their own manager."));
    }
    user.manager = manager;
    tenant.put_user(user);
    Ok(StatusCode::NO_CONTENT)
}
