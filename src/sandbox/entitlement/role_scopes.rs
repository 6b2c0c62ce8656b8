//! The resource roles that a package gives: listed, added, removed, with effect on whoever holds it (graph-contract 1.7).

mod choice;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::super::entity::entity;
use super::super::envelope::{Answer, ApiError};
use super::super::grants;
use super::super::query::{Place, Query};
use super::super::records::Package;
use super::super::resources;
use super::super::shared::Shared;
use super::node::{self, Node};
use super::packages::known;
use super::payload::{self, duplicate, guid};
use super::{shapes, submission};
use choice::RoleScopeBody;

/// What a list of role scopes expands.
const EXPANSIONS: &[&str] = &["role", "role/resource", "scope"];

/// The paths of role scopes.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/accessPackages/{id}/resourceRoleScopes", get(list).post(add))
        .route("/accessPackages/{id}/resourceRoleScopes/{scope}", get(one).delete(remove))
}

async fn list(State(shared): State<Arc<Shared>>, Path(id): Path<String>, Extension(place): Extension<Place>) -> Answer {
    let id = guid(&id)?;
    let query = Query::parse(&place, &["$select", "$expand", "$top"])?;
    node::check_expansions(&query.expand, EXPANSIONS)?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let package = known(tenant, &id)?;
            let rows: Vec<_> = package.role_scopes.iter().map(|role| (role.id(), role)).collect();
            let rows = rows
                .iter()
                .skip_while(|(id, _)| query.after.as_ref().is_some_and(|after| after != id))
                .skip(usize::from(query.after.is_some()))
                .map(|(id, role)| (id.as_str(), Node::RoleScope(role)));
            query.page_of(&place, rows, |row| {
                node::render(row, tenant, query.select.as_deref(), &query.expand).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

async fn one(
    State(shared): State<Arc<Shared>>,
    Path((id, scope)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let query = Query::parse(&place, &["$select", "$expand"])?;
    node::check_expansions(&query.expand, EXPANSIONS)?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let found = known(tenant, &id)?.role_scopes.iter().find(|known| known.id().eq_ignore_ascii_case(&scope));
            let found = Node::RoleScope(found.ok_or_else(|| submission::not_found(&scope))?);
            Ok(entity(&place, node::render(found, tenant, query.select.as_deref(), &query.expand)?))
        })
        .await
        .map(Json)
}

/// `POST resourceRoleScopes`: 201; who holds the package has the role from then on.
async fn add(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let id = guid(&id)?;
    let body: RoleScopeBody = payload::read(body, &headers).await?;
    shared
        .with_tenant(|tenant, now| {
            let package = known(tenant, &id)?.clone();
            let (resource, role) = body.chosen(tenant, &package)?;
            let (resource_id, role) = (resource.id.clone(), role.origin_id.clone());
            let taken = |known: &resources::RoleScope| known.resource_id == resource_id && known.role.origin_id == role;
            if package.role_scopes.iter().any(taken) {
                return Err(duplicate());
            }
            let added = resources::role_scope(tenant, &resource_id, &role, now);
            let added = added.ok_or_else(|| submission::not_found(&resource_id))?;
            let answer = payload::created(&place, shapes::role_scope(&added));
            grants::extend(tenant, Package { modified: now, ..package }, added);
            Ok(answer)
        })
        .await
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Path((id, scope)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    shared
        .with_tenant(|tenant, now| {
            let package = Package { modified: now, ..known(tenant, &id)?.clone() };
            if grants::reduce(tenant, package, &scope) {
                Ok(StatusCode::NO_CONTENT)
            } else {
                Err(submission::not_found(&scope))
            }
        })
        .await
}
