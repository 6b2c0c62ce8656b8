//! The resource roles that a package gives: listed, added, removed, with effect on whoever holds it (graph-contract 1.7).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::super::envelope::{Answer, ApiError};
use super::super::grants;
use super::super::query::{Place, Query};
use super::super::records::Package;
use super::super::resources::{self, OriginSystem, Resource, Role};
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::super::users::entity;
use super::node::{self, Node};
use super::packages::known;
use super::payload::{self, duplicate, guid, refused};
use super::{shapes, submission};

/// What a list of role scopes expands.
const EXPANSIONS: &[&str] = &["role", "role/resource", "scope"];

/// The paths of role scopes.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/accessPackages/{id}/resourceRoleScopes", get(list).post(add))
        .route("/accessPackages/{id}/resourceRoleScopes/{scope}", get(one).delete(remove))
}

/// What names a role, its resource and its scope; further properties are as read before, and say nothing new.
#[derive(Debug, Deserialize)]
struct RoleScopeBody {
    role: RoleBody,
    scope: Option<ScopeBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleBody {
    id: Option<String>,
    origin_id: Option<String>,
    origin_system: Option<String>,
    resource: Option<ScopeBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeBody {
    id: Option<String>,
    origin_id: Option<String>,
}

impl ScopeBody {
    /// Whether the id and the origin, as far as they are given, are these.
    fn names(&self, id: &str, origin_id: &str) -> bool {
        let same = |given: &Option<String>, known: &str| {
            given.as_ref().is_none_or(|given| given.trim().trim_end_matches('/').eq_ignore_ascii_case(known))
        };
        same(&self.id, id) && same(&self.origin_id, origin_id) && (self.id.is_some() || self.origin_id.is_some())
    }
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
            let (resource, role) = chosen(tenant, &package, &body)?;
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

/// The resource in the package's catalog and its role that a body names.
fn chosen<'t>(
    tenant: &'t Tenant,
    package: &Package,
    body: &RoleScopeBody,
) -> Result<(&'t Resource, &'t Role), ApiError> {
    let incomplete = |what: &str| refused("InvalidModel", format!("'{what}' does not say which it is."));
    let named = body.role.resource.as_ref().filter(|named| named.id.is_some() || named.origin_id.is_some());
    let named = named.ok_or_else(|| incomplete("role/resource"))?;
    let resource = tenant.resources.iter().find(|resource| {
        resource.catalog_id == package.catalog_id && named.names(&resource.id, &resource.scope.origin_id)
    });
    let wanted = named.id.as_ref().or(named.origin_id.as_ref()).map_or("", String::as_str);
    let resource = resource.ok_or_else(|| submission::not_found(wanted))?;
    let scope = &resource.scope;
    if body.scope.as_ref().is_some_and(|given| !given.names(&scope.id, &scope.origin_id)) {
        return Err(refused("InvalidScope", "The scope is not one of the role's resource.".to_owned()));
    }
    let system = body.role.origin_system.as_deref();
    if system.is_some_and(|system| OriginSystem::parse(system) != Some(scope.origin_system)) {
        return Err(refused("InvalidModel", "'role/originSystem' is not that of the role's resource.".to_owned()));
    }
    let id = body.role.id.as_deref().filter(|id| *id != shapes::UNUSED_ROLE);
    if id.is_none() && body.role.origin_id.is_none() {
        return Err(incomplete("role"));
    }
    let is_chosen = |role: &&Role| {
        id.is_none_or(|id| id.eq_ignore_ascii_case(&role.id))
            && body.role.origin_id.as_ref().is_none_or(|origin| origin.eq_ignore_ascii_case(&role.origin_id))
    };
    let role = resource.roles.iter().find(is_chosen);
    let message = || format!("The resource '{}' has no such role that an access package can give.", resource.id);
    Ok((resource, role.ok_or_else(|| refused("InvalidRole", message()))?))
}
