//! Members and owners of groups, written by `$ref` (graph-contract 2.4).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, post};

use super::DirectoryObject;
use super::body::linked_id;
use super::group_rules::{already_linked, check_members_can_change};
use super::navigation::Navigation;
use super::set::object_id;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    [Navigation::Members, Navigation::Owners].into_iter().fold(Router::new(), |router, link| {
        let path = format!("/groups/{{id}}/{}", link.name());
        let add = async move |State(shared): State<Arc<Shared>>, Path(id): Path<String>, headers, body| {
            add(&shared, link, &id, &headers, body).await
        };
        let remove = async move |State(shared): State<Arc<Shared>>, Path((id, other)): Path<(String, String)>| {
            remove(&shared, link, &id, &other).await
        };
        router.route(&format!("{path}/$ref"), post(add)).route(&format!("{path}/{{object}}/$ref"), delete(remove))
    })
}

/// 204, 400 for what is linked already, 404 for an unknown object.
async fn add(
    shared: &Shared,
    link: Navigation,
    id: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = object_id(id)?;
    let other = linked_id(read_json(body, headers).await?.get("@odata.id"))?;
    let added = shared.with_tenant(|tenant, _| {
        check_group(tenant, link, &id)?;
        let known = DirectoryObject::shown(tenant, &other).filter(|found| link.kinds().contains(&found.kind));
        known.ok_or_else(|| ApiError::unknown_object(&other))?;
        Ok(match link {
            Navigation::Owners => tenant.change_owner(&id, &other, true),
            _ => tenant.add_member(&id, &other),
        })
    });
    if added.await? { Ok(StatusCode::NO_CONTENT) } else { Err(already_linked(link.name())) }
}

/// 204, 404 for what is not linked; the last owner stays (Graph's `group: remove owners`).
async fn remove(shared: &Shared, link: Navigation, id: &str, other: &str) -> Result<StatusCode, ApiError> {
    let (id, other) = (object_id(id)?, object_id(other)?);
    let removed = shared.with_tenant(|tenant, _| {
        check_group(tenant, link, &id)?;
        if link != Navigation::Owners {
            return Ok(tenant.remove_member(&id, &other));
        }
        let owners = tenant.groups.get(&id).map(|group| &group.owners);
        if owners.is_some_and(|owners| owners.len() == 1 && owners.contains(&other)) {
            let message = "The group must have at least one owner, hence this owner cannot be removed.";
            return Err(ApiError::bad_request(message));
        }
        Ok(tenant.change_owner(&id, &other, false))
    });
    if removed.await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::unknown_object(&other)) }
}

fn check_group(tenant: &Tenant, link: Navigation, id: &str) -> Result<(), ApiError> {
    match link {
        Navigation::Owners => tenant.groups.get(id).map(|_| ()).ok_or_else(|| ApiError::unknown_object(id)),
        _ => check_members_can_change(tenant, id),
    }
}
