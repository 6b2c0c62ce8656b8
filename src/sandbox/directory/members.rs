//! Members of groups, by `$ref` (graph-contract 2.4).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, post};

use super::DirectoryObject;
use super::body::linked_id;
use super::group_rules::{already_linked, check_members_can_change};
use super::set::object_id;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/groups/{id}/members/$ref", post(add_member))
        .route("/groups/{id}/members/{object}/$ref", delete(remove_member))
}

/// 204, 400 for a member already, 404 for an unknown object.
async fn add_member(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    let member = linked_id(read_json(body, &headers).await?.get("@odata.id"))?;
    shared
        .with_tenant(|tenant, _| {
            check_members_can_change(tenant, &id)?;
            DirectoryObject::find(tenant, &member).ok_or_else(|| ApiError::unknown_object(&member))?;
            if tenant.add_member(&id, &member) { Ok(StatusCode::NO_CONTENT) } else { Err(already_linked("members")) }
        })
        .await
}

/// 204, 404 for one that is no member.
async fn remove_member(
    State(shared): State<Arc<Shared>>,
    Path((id, member)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let (id, member) = (object_id(&id)?, object_id(&member)?);
    shared
        .with_tenant(|tenant, _| {
            check_members_can_change(tenant, &id)?;
            let removed = tenant.remove_member(&id, &member);
            if removed { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::unknown_object(&member)) }
        })
        .await
}
