//! Owners of groups, by `$ref`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::body::linked_id;
use super::{Kind, already_linked, check, objects_after};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::groups::{cast_to, object_id};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/groups/{id}/owners", get(owners))
        .route("/groups/{id}/owners/{owner}", get(owners_of_type))
        .route("/groups/{id}/owners/$ref", post(add_owner))
        .route("/groups/{id}/owners/{owner}/$ref", delete(remove_owner))
}

async fn owners(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    list_owners(&shared, &id, &place, Kind::User, true).await
}

async fn owners_of_type(
    State(shared): State<Arc<Shared>>,
    Path((id, cast)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    list_owners(&shared, &id, &place, cast_to(&cast)?, false).await
}

async fn list_owners(shared: &Shared, id: &str, place: &Place, kind: Kind, typed: bool) -> Answer {
    let query = Query::parse(place, &["$select", "$filter", "$top"])?;
    let select = query.select.as_deref();
    check(&[kind], select, &query.filter)?;
    let id = object_id(id)?;
    shared
        .with_tenant(|tenant, _| {
            let group = tenant.groups.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            let rows = objects_after(tenant, group.owners.iter(), query.after.as_deref())
                .filter(|(_, object)| object.kind == kind && object.matches(&query.filter));
            query.page_of(place, rows, |object| {
                Ok(Value::Object(if typed { object.render_typed(select) } else { object.render(select) }))
            })
        })
        .await
        .map(Json)
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
