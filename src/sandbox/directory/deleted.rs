//! `directory/deletedItems`: what was deleted in the last 30 days, restored or erased for good.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::user_edit::name_taken;
use super::{DirectoryObject, Kind, check};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::erasure;
use crate::sandbox::groups::object_id;
use crate::sandbox::query::{Place, Query};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::{DeletedObject, Remains, RestoreRefusal};
use crate::sandbox::users::entity;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/directory/deletedItems/{id}", get(list_or_one).delete(erase))
        .route("/directory/deletedItems/{id}/restore", post(restore))
}

impl DeletedObject {
    fn object(&self) -> DirectoryObject<'_> {
        match &self.remains {
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
    let Some(kind) = Kind::of_cast(&segment) else { return one(&shared, &segment, &place).await };
    let query = Query::parse(&place, &["$select", "$filter", "$top"])?;
    let select = query.select.as_deref();
    check(&[kind], select, &query.filter)?;
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.deleted.after(query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
            let rows = rows.filter(|row| row.object().kind == kind && row.object().matches(&query.filter));
            query.page(&place, rows, |row| Ok(Value::Object(row.object().render(select))))
        })
        .await
        .map(Json)
}

async fn one(shared: &Shared, id: &str, place: &Place) -> Answer {
    let query = Query::parse(place, &["$select"])?;
    check(&[Kind::User, Kind::Group], query.select.as_deref(), &query.filter)?;
    let id = object_id(id)?;
    shared
        .with_tenant(|tenant, _| {
            let deleted = tenant.deleted.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            Ok(entity(place, deleted.object().render_typed(query.select.as_deref())))
        })
        .await
        .map(Json)
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
            Ok(entity(&place, object.render_typed(None)))
        })
        .await
        .map(Json)
}
