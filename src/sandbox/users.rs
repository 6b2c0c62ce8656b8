//! `GET /users`, `/users/{id or sign-in name}` and `/users/{id}/manager`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::{Map, Value, json};

use super::directory::{DirectoryObject, Kind, check};
use super::directory_query::{COUNT_OPTIONS, LIST_OPTIONS, check_list, page, start, total};
use super::directory_selection::select;
use super::envelope::{Answer, ApiError};
use super::query::{Place, Query};
use super::records::User;
use super::shared::Shared;

/// The list, filtered and in pages.
pub(super) async fn list(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let mut query = Query::parse(&place, LIST_OPTIONS)?;
    check_list(&[Kind::User], &query, &place)?;
    let wanted = select::<User>(&mut query.filter);
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.users.matching(&wanted, start(&query));
            let rows = rows.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
            let rows = rows.filter(|user| tenant.shows(*user)).map(|user| (user.id.as_str(), DirectoryObject::from(user)));
            page(&query, &place, rows, |user| user.render(query.select.as_deref()))
        })
        .await
        .map(Json)
}

/// `GET /users/$count`: how many there are, as plain text.
pub(super) async fn count(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
) -> Result<String, ApiError> {
    let mut query = Query::parse(&place, COUNT_OPTIONS)?;
    check_list(&[Kind::User], &query, &place)?;
    let wanted = select::<User>(&mut query.filter);
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.users.matching(&wanted, None).into_iter().flatten().filter(|user| tenant.shows(*user));
            Ok(total(&query, rows.map(DirectoryObject::from)))
        })
        .await
}

/// One user.
pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let query = Query::parse(&place, &["$select"])?;
    check(&[Kind::User], query.select.as_deref(), &query.filter)?;
    shared
        .with_tenant(|tenant, _| {
            let user = tenant.shown_user(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            Ok(entity(&place, DirectoryObject::from(user).render(query.select.as_deref())))
        })
        .await
        .map(Json)
}

/// A user's manager; 404 where there is none.
pub(super) async fn manager(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let query = Query::parse(&place, &["$select"])?;
    check(&[Kind::User], query.select.as_deref(), &query.filter)?;
    shared
        .with_tenant(|tenant, _| {
            let user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?;
            let manager = user.manager.as_deref().and_then(|manager| tenant.users.get(manager));
            let manager = manager.ok_or_else(|| ApiError::unknown_object("manager"))?;
            Ok(Value::Object(DirectoryObject::from(manager).render_typed(query.select.as_deref())))
        })
        .await
        .map(Json)
}

/// One entity with its context.
pub(super) fn entity(place: &Place, properties: Map<String, Value>) -> Value {
    let mut entity = Map::from_iter([("@odata.context".to_owned(), json!(place.entity_context()))]);
    entity.extend(properties);
    Value::Object(entity)
}
