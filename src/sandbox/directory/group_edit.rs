//! New, changed and deleted groups.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{patch, post};
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::body::Edit;
use super::creation::{created, own_properties};
use super::group_rules::{already_linked, check_group, check_members_can_change};
use super::{DirectoryObject, Kind};
use crate::sandbox::directory::set::object_id;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::query::Place;
use crate::sandbox::records::Group;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/groups", post(create_group)).route("/groups/{id}", patch(update_group).delete(delete_group))
}

async fn create_group(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let edit = Edit::of_new(Kind::Group, &read_json(body, &headers).await?)?;
    check_group(&edit.properties)?;
    shared
        .with_tenant(|tenant, now| {
            check_links(tenant, &edit)?;
            let id = tenant.new_id("group");
            let mut properties = own_properties(&id, now);
            properties.extend(edit.properties);
            let group = Group { id: id.clone(), properties, owners: edit.owners.into_iter().collect() };
            let shown = created(&place, DirectoryObject::from(&group));
            tenant.put_group(group);
            for member in &edit.members {
                tenant.add_member(&id, member);
            }
            Ok(shown)
        })
        .await
}

/// Changes properties and adds members and owners: all of it or nothing (graph-contract 2.4).
async fn update_group(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    let edit = Edit::of_changes(Kind::Group, &read_json(body, &headers).await?)?;
    shared
        .with_tenant(|tenant, _| {
            let mut group = tenant.groups.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?.clone();
            if !edit.members.is_empty() {
                check_members_can_change(tenant, &id)?;
            }
            check_links(tenant, &edit)?;
            let already = |ids: &[String], has: &dyn Fn(&str) -> bool| ids.iter().any(|id| has(id));
            for (relation, known) in [
                ("members", already(&edit.members, &|member| tenant.is_member(&id, member))),
                ("owners", already(&edit.owners, &|owner| group.owners.contains(owner))),
            ] {
                if known {
                    return Err(already_linked(relation));
                }
            }
            group.properties.extend(edit.properties);
            check_group(&group.properties)?;
            group.owners.extend(edit.owners);
            tenant.put_group(group);
            for member in &edit.members {
                tenant.add_member(&id, member);
            }
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn delete_group(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    shared
        .with_tenant(|tenant, now| {
            tenant.groups.get(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            tenant.delete_object(&id, now);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

fn check_links(tenant: &Tenant, edit: &Edit) -> Result<(), ApiError> {
    let member = edit.members.iter().find(|id| DirectoryObject::find(tenant, id).is_none());
    let owner = edit.owners.iter().find(|id| tenant.users.get(id).is_none());
    member.or(owner).map_or(Ok(()), |unknown| Err(ApiError::unknown_object(unknown)))
}
