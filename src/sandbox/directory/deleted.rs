//! `directory/deletedItems`: what was deleted in the last 30 days, restored or erased for good.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};

use super::listed::Listed;
use super::lists::{count, list};
use super::set::{cast_to, object_id};
use super::singles::one;
use super::user_edit::name_taken;
use super::{DirectoryObject, Kind};
use crate::sandbox::entity::directory_object;
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::erasure;
use crate::sandbox::query::Place;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::{DeletedObject, Remains, RestoreRefusal};

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/directory/deletedItems/{id}", get(list_or_one).delete(erase))
        .route("/directory/deletedItems/{id}/$count", get(count_of_type))
        .route("/directory/deletedItems/{id}/restore", post(restore))
}

impl<'t> From<&'t DeletedObject> for DirectoryObject<'t> {
    fn from(deleted: &'t DeletedObject) -> Self {
        match &deleted.remains {
            Remains::User(user) => user.into(),
            Remains::Group(group) => group.into(),
        }
    }
}

/// The deleted objects of a type such as `microsoft.graph.user`, or one of them by id.
async fn list_or_one(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    if segment.contains('.') {
        return list(&shared, &place, deleted_of(&segment)?, None).await;
    }
    let id = object_id(&segment)?;
    one(&shared, &place, &[Kind::User, Kind::Group], true, |tenant| {
        tenant.deleted.get(&id).map(Into::into).ok_or_else(|| ApiError::unknown_object(&id))
    })
    .await
}

/// How many deleted objects of a type there are, as plain text.
async fn count_of_type(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(place): Extension<Place>,
) -> Result<String, ApiError> {
    count(&shared, &place, deleted_of(&segment)?, None).await
}

fn deleted_of(segment: &str) -> Result<Listed<'static>, ApiError> {
    match cast_to(segment)? {
        [kind] => Ok(Listed::Deleted(*kind)),
        _ => Err(ApiError::unsupported_query(format!("Deleted objects of the type '{segment}' are not kept."))),
    }
}

async fn erase(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    let erased = shared.with_tenant(|tenant, now| Ok(erasure::erase(tenant, &id, now))).await?;
    if erased { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::unknown_object(&id)) }
}

async fn restore(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = object_id(&id)?;
    shared
        .with_tenant(|tenant, _| {
            erasure::restore(tenant, &id).map_err(|refusal| match refusal {
                RestoreRefusal::Unknown => ApiError::unknown_object(&id),
                RestoreRefusal::NameTaken => name_taken(),
            })?;
            let object = DirectoryObject::find(tenant, &id).ok_or_else(|| ApiError::unknown_object(&id))?;
            Ok(directory_object(&place, object.render_typed(None)))
        })
        .await
        .map(Json)
}
