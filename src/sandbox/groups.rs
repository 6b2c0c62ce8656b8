//! Groups, their members, and manual changes of membership (graph-contract 2.4).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use uuid::Uuid;

use super::directory::{
    DirectoryObject, Kind, already_linked, check, check_members_can_change, linked_id, objects_after,
};
use super::directory_query::{COUNT_OPTIONS, LIST_OPTIONS, check_list, page, start, total};
use super::directory_selection::select;
use super::envelope::{Answer, ApiError};
use super::query::{Place, Query};
use super::records::Group;
use super::routes::read_json;
use super::shared::Shared;
use super::tenant::Tenant;
use super::users::entity;

/// The list, filtered and in pages.
pub(super) async fn list(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let mut query = Query::parse(&place, LIST_OPTIONS)?;
    check_list(&[Kind::Group], &query, &place)?;
    let wanted = select::<Group>(&mut query.filter);
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.groups.matching(&wanted, start(&query));
            let rows = rows.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
            let rows = rows.filter(|group| tenant.shows(*group)).map(|group| (group.id.as_str(), DirectoryObject::from(group)));
            page(&query, &place, rows, |group| group.render(query.select.as_deref()))
        })
        .await
        .map(Json)
}

/// `GET /groups/$count`: how many there are, as plain text.
pub(super) async fn count(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
) -> Result<String, ApiError> {
    let mut query = Query::parse(&place, COUNT_OPTIONS)?;
    check_list(&[Kind::Group], &query, &place)?;
    let wanted = select::<Group>(&mut query.filter);
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.groups.matching(&wanted, None).into_iter().flatten().filter(|group| tenant.shows(*group));
            Ok(total(&query, rows.map(DirectoryObject::from)))
        })
        .await
}

/// One group.
pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let query = Query::parse(&place, &["$select"])?;
    check(&[Kind::Group], query.select.as_deref(), &query.filter)?;
    let id = object_id(&id)?;
    shared
        .with_tenant(|tenant, _| {
            let group = tenant.shown_group(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            Ok(entity(&place, DirectoryObject::from(group).render(query.select.as_deref())))
        })
        .await
        .map(Json)
}

/// Direct members of every kind.
pub(super) async fn members(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    list_members(&shared, &id, &place, None, false).await
}

/// Direct members of one kind.
pub(super) async fn members_of_type(
    State(shared): State<Arc<Shared>>,
    Path((id, cast)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    list_members(&shared, &id, &place, Some(cast_to(&cast)?), false).await
}

/// Members of every kind, of the group and of the groups inside it.
pub(super) async fn transitive_members(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    list_members(&shared, &id, &place, None, true).await
}

/// Members of one kind, of the group and of the groups inside it.
pub(super) async fn transitive_members_of_type(
    State(shared): State<Arc<Shared>>,
    Path((id, cast)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    list_members(&shared, &id, &place, Some(cast_to(&cast)?), true).await
}

/// `POST /groups/{id}/members/$ref`: 204, 400 for a member already, 404 for an unknown object.
pub(super) async fn add_member(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = object_id(&id)?;
    let body = read_json(body, &headers).await?;
    let member = linked_id(body.get("@odata.id"))?;
    shared
        .with_tenant(|tenant, _| {
            check_members_can_change(tenant, &id)?;
            DirectoryObject::shown(tenant, &member).ok_or_else(|| ApiError::unknown_object(&member))?;
            if tenant.add_member(&id, &member) { Ok(StatusCode::NO_CONTENT) } else { Err(already_linked("members")) }
        })
        .await
}

/// `DELETE /groups/{id}/members/{object}/$ref`: 204, 404 for one that is no member.
pub(super) async fn remove_member(
    State(shared): State<Arc<Shared>>,
    Path((id, member)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let (id, member) = (object_id(&id)?, object_id(&member)?);
    shared
        .with_tenant(|tenant, _| {
            check_members_can_change(tenant, &id)?;
            if tenant.remove_member(&id, &member) {
                Ok(StatusCode::NO_CONTENT)
            } else {
                Err(ApiError::unknown_object(&member))
            }
        })
        .await
}

async fn list_members(shared: &Shared, id: &str, place: &Place, kind: Option<Kind>, transitive: bool) -> Answer {
    let query = Query::parse(place, LIST_OPTIONS)?;
    let select = query.select.as_deref();
    let kinds = kind.map_or(vec![Kind::User, Kind::Group], |kind| vec![kind]);
    check_list(&kinds, &query, place)?;
    let id = object_id(id)?;
    shared
        .with_tenant(|tenant, _| {
            known_group(tenant, &id)?;
            let ids = if transitive {
                tenant.transitive_members(&id)
            } else {
                tenant.shown_members(&id)
            };
            let rows = objects_after(tenant, ids.iter(), start(&query));
            let rows = rows.filter(|(_, object)| kinds.contains(&object.kind));
            page(
                &query,
                place,
                rows,
                |object| {
                    if kind.is_some() { object.render(select) } else { object.render_typed(select) }
                },
            )
        })
        .await
        .map(Json)
}

fn known_group(tenant: &Tenant, id: &str) -> Result<(), ApiError> {
    tenant.shown_group(id).map(|_| ()).ok_or_else(|| ApiError::unknown_object(id))
}

pub(super) fn cast_to(segment: &str) -> Result<Kind, ApiError> {
    Kind::of_cast(segment).ok_or_else(|| {
        let message = format!("The segment '{segment}' is not a type that members can have.");
        ApiError::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    })
}

pub(super) fn object_id(text: &str) -> Result<String, ApiError> {
    let id =
        Uuid::try_parse(text).map_err(|_| ApiError::bad_request(format!("Invalid object identifier '{text}'.")))?;
    Ok(id.hyphenated().to_string())
}
