//! Subjects over HTTP: everybody who was ever the target of something (graph-contract 1.5 U1).

mod shape;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::envelope::{Answer, ApiError};
use super::super::guests;
use super::super::query::{Place, Query};
use super::super::shared::Shared;
use super::super::subjects::{self, Lifecycle};
use super::super::tenant::Tenant;
use super::node::{self, Collection, Node};
use super::payload::{self, guid, refused};
use super::{no_such_path, submission, unknown_path};
pub(super) use shape::{organization, shape};

/// The paths of subjects; `subjects(objectId='…')` is one segment.
pub(super) fn router() -> Router<Arc<Shared>> {
    let by_object_id = get(single_by_object_id).patch(update_by_object_id).fallback(unknown_path);
    Router::new()
        .route("/subjects", get(list_all))
        .route("/subjects/{id}", get(single).patch(update))
        .route("/{segment}", by_object_id)
}

/// A subject, by its target.
struct Row<'t>(&'t str);

impl Collection for Row<'_> {
    const FILTERS: &'static [(&'static str, &'static [super::super::filter::Operator])] = &[];
    const EXPANSIONS: &'static [&'static str] = &["connectedorganization"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Subject(self.0)
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        Value::Null
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedSubject {
    subject_lifecycle: Option<String>,
}

async fn list_all(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let query = Query::parse(&place, &["$select", "$filter", "$expand", "$top"])?;
    node::check::<Row<'_>>(&query)?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let rows = tenant.subjects_after(query.after.as_deref());
            query.page_of(&place, rows, |target| {
                node::render(Node::Subject(target), tenant, query.select.as_deref(), &query.expand).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

async fn single(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    show(&shared, &place, |tenant| by_id(tenant, &id)).await
}

async fn single_by_object_id(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let Some(object_id) = object_id_in(&segment) else { return Err(no_such_path(&place)) };
    let object_id = guid(object_id)?;
    show(&shared, &place, |tenant| by_object_id(tenant, &object_id)).await
}

async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    change(&shared, body, &headers, |tenant| by_id(tenant, &id)).await
}

async fn update_by_object_id(
    State(shared): State<Arc<Shared>>,
    Path(segment): Path<String>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let Some(object_id) = object_id_in(&segment) else { return Err(no_such_path(&place)) };
    let object_id = guid(object_id)?;
    change(&shared, body, &headers, |tenant| by_object_id(tenant, &object_id)).await
}

async fn show(shared: &Shared, place: &Place, find: impl FnOnce(&Tenant) -> Result<String, ApiError>) -> Answer {
    let query = Query::parse(place, &["$select", "$expand"])?;
    node::check::<Row<'_>>(&query)?;
    shared
        .with_tenant(|tenant, _| {
            let target = find(tenant)?;
            let rendered = node::render(Node::Subject(&target), tenant, query.select.as_deref(), &query.expand)?;
            let root = "v1.0/$metadata#identityGovernance/entitlementManagement/subjects/$entity";
            let mut entity = Map::from_iter([("@odata.context".to_owned(), json!(format!("{}/{root}", place.origin)))]);
            entity.extend(rendered);
            Ok(Value::Object(entity))
        })
        .await
        .map(Json)
}

/// `PATCH` of a guest's lifecycle: 204; `notDefined` is the service's own to say.
async fn change(
    shared: &Shared,
    body: Body,
    headers: &HeaderMap,
    find: impl FnOnce(&Tenant) -> Result<String, ApiError>,
) -> Result<StatusCode, ApiError> {
    let body: ChangedSubject = payload::read(body, headers).await?;
    let wanted = body.subject_lifecycle.unwrap_or_default();
    let lifecycle = Lifecycle::parse(&wanted).filter(|lifecycle| *lifecycle != Lifecycle::NotDefined);
    let lifecycle =
        lifecycle.ok_or_else(|| refused("InvalidModel", format!("'subjectLifecycle' cannot be set to '{wanted}'.")))?;
    shared
        .with_tenant(|tenant, _| {
            let target = find(tenant)?;
            let guest = tenant.users.get(&target).filter(|user| subjects::is_guest(user));
            let guest = guest.ok_or_else(|| {
                let message = "Only a guest of the directory has a lifecycle that can be changed.";
                refused("InvalidSubject", message.to_owned())
            })?;
            let subject = subjects::subject_of_user(tenant, guest);
            guests::govern(tenant, subject, lifecycle);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

fn by_id(tenant: &Tenant, id: &str) -> Result<String, ApiError> {
    tenant.target_of_subject(id).map(str::to_owned).ok_or_else(|| submission::not_found(id))
}

/// Somebody who is not in the directory yet has no object id to be found by.
fn by_object_id(tenant: &Tenant, object_id: &str) -> Result<String, ApiError> {
    let is_awaited = tenant.subject_of(object_id).is_some_and(|subject| subject.is_awaited);
    let known = tenant.target_of_subject(&tenant.subject_id(object_id)).filter(|_| !is_awaited);
    known.map(str::to_owned).ok_or_else(|| submission::not_found(object_id))
}

/// The id in `subjects(objectId='…')`.
fn object_id_in(segment: &str) -> Option<&str> {
    let (name, rest) = segment.split_once('(')?;
    let (key, value) = rest.strip_suffix(')')?.split_once('=')?;
    let is_key = name.eq_ignore_ascii_case("subjects") && key.trim().eq_ignore_ascii_case("objectId");
    value.trim().strip_prefix('\'')?.strip_suffix('\'').filter(|_| is_key)
}
