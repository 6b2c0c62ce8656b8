//! Owners of groups, by `$ref`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, post};

use super::body::linked_id;
use super::group_rules::already_linked;
use super::set::object_id;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/groups/{id}/owners/$ref", post(add_owner))
        .route("/groups/{id}/owners/{object}/$ref", delete(remove_owner))
}

async fn add_owner(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    let owner = linked_id(read_json(body, &headers).await?.get("@odata.id"))?;
    shared
        .with_tenant(|tenant, _| {
            known(tenant, &id, &owner)?;
            if tenant.change_owner(&id, &owner, true) {
                Ok(StatusCode::NO_CONTENT)
            } else {
                Err(already_linked("owners"))
            }
        })
        .await
}

/// The last owner stays (Graph's `group: remove owners`).
async fn remove_owner(
    State(shared): State<Arc<Shared>>,
    Path((id, owner)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let (id, owner) = (object_id(&id)?, object_id(&owner)?);
    shared
        .with_tenant(|tenant, _| {
            let group = tenant.groups.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            if !group.owners.contains(&owner) {
                return Err(ApiError::unknown_object(&owner));
            }
            if group.owners.len() == 1 {
                let message = "The group must have at least one owner, hence this owner cannot be removed.";
                return Err(ApiError::bad_request(message));
            }
            tenant.change_owner(&id, &owner, false);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

fn known(tenant: &Tenant, group: &str, user: &str) -> Result<(), ApiError> {
    tenant.groups.get(group).ok_or_else(|| ApiError::unknown_object(group))?;
    tenant.users.get(user).map(|_| ()).ok_or_else(|| ApiError::unknown_object(user))
}
