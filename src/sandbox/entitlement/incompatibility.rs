//! Separation of duties: what a package is incompatible with, and whom that keeps out (graph-contract 1.7).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, get};
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::super::directory::{DirectoryObject, Kind, check};
use super::super::envelope::{Answer, ApiError};
use super::super::query::{Place, Query};
use super::super::records::{Effect, Package, Request};
use super::super::shared::Shared;
use super::super::tenant::{Condition, Tenant};
use super::packages::known;
use super::payload::{duplicate, guid, linked, refused};
use super::{list_within, submission};

/// The paths of incompatibilities.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/accessPackages/{id}/accessPackagesIncompatibleWith", get(incompatible_with))
        .route("/accessPackages/{id}/incompatibleAccessPackages", get(packages))
        .route("/accessPackages/{id}/incompatibleAccessPackages/$ref", get(packages).post(add_package))
        .route("/accessPackages/{id}/incompatibleAccessPackages/{other}/$ref", delete(remove_package))
        .route("/accessPackages/{id}/incompatibleGroups", get(groups))
        .route("/accessPackages/{id}/incompatibleGroups/$ref", get(groups).post(add_group))
        .route("/accessPackages/{id}/incompatibleGroups/{other}/$ref", delete(remove_group))
}

/// What keeps the user from being given the package: a package held or asked for, or a group, said in words.
pub(in crate::sandbox) fn obstacle(tenant: &Tenant, user_id: &str, package: &Package) -> Option<String> {
    let held = package.incompatible_package_ids.iter().find(|id| tenant.active_assignment(user_id, id).is_some());
    if let Some(id) = held {
        return Some(format!("The target holds the access package '{id}', which is incompatible with this one."));
    }
    let is_addition = |request: &Request| request.request_type.effect() == Effect::Add;
    let asked = |id: &&String| tenant.open_request(user_id, id).is_some_and(is_addition);
    if let Some(id) = package.incompatible_package_ids.iter().find(asked) {
        return Some(format!(
            "The target is being given the access package '{id}', which is incompatible with this one."
        ));
    }
    let within = |id: &&String| tenant.transitive_members(id).contains(user_id);
    let group = package.incompatible_group_ids.iter().find(within)?;
    Some(format!("The target is a member of the group '{group}', which is incompatible with this access package."))
}

async fn packages(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let listed = shared.with_tenant(|tenant, _| known(tenant, &id).cloned()).await?;
    let within = Condition::Any(listed.incompatible_package_ids.into_iter().map(Condition::Id).collect());
    list_within(&shared, &place, |tenant| Ok(&tenant.packages), within).await
}

/// The packages that name this one as incompatible with them.
async fn incompatible_with(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let within = Condition::is("incompatibleaccesspackages/id", &id);
    list_within(&shared, &place, |tenant| known(tenant, &id).map(|_| &tenant.packages), within).await
}

async fn groups(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let query = Query::parse(&place, &["$select", "$top"])?;
    let select = query.select.as_deref();
    check(&[Kind::Group], select, &query.filter)?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let listed = &known(tenant, &id)?.incompatible_group_ids;
            let listed = Condition::Any(listed.iter().cloned().map(Condition::Id).collect());
            let rows = tenant.groups.matching(&listed, query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("The skip token is not one of this collection's."))?;
            query.page(&place, rows, |group| Ok(Value::Object(DirectoryObject::from(group).render(select))))
        })
        .await
        .map(Json)
}

async fn add_package(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let other = linked(body, &headers).await?;
    change(&shared, &id, |tenant, package| {
        known(tenant, &other)?;
        if other == package.id {
            return Err(refused(
                "InvalidReference",
                "An access package cannot be incompatible with itself.".to_owned(),
            ));
        }
        add(&mut package.incompatible_package_ids, other)
    })
    .await
}

async fn add_group(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let group = linked(body, &headers).await?;
    change(&shared, &id, |tenant, package| {
        tenant.groups.get(&group).ok_or_else(|| submission::not_found(&group))?;
        add(&mut package.incompatible_group_ids, group)
    })
    .await
}

async fn remove_package(
    State(shared): State<Arc<Shared>>,
    Path((id, other)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let other = guid(&other)?;
    change(&shared, &id, |_, package| remove(&mut package.incompatible_package_ids, &other)).await
}

async fn remove_group(
    State(shared): State<Arc<Shared>>,
    Path((id, group)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let group = guid(&group)?;
    change(&shared, &id, |_, package| remove(&mut package.incompatible_group_ids, &group)).await
}

async fn change(
    shared: &Shared,
    id: &str,
    edit: impl FnOnce(&Tenant, &mut Package) -> Result<(), ApiError>,
) -> Result<StatusCode, ApiError> {
    let id = guid(id)?;
    shared
        .with_tenant(|tenant, now| {
            let mut package = Package { modified: now, ..known(tenant, &id)?.clone() };
            edit(tenant, &mut package)?;
            tenant.put_package(package);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

fn add(ids: &mut Vec<String>, id: String) -> Result<(), ApiError> {
    if ids.contains(&id) {
        return Err(duplicate());
    }
    ids.push(id);
    Ok(())
}

fn remove(ids: &mut Vec<String>, id: &str) -> Result<(), ApiError> {
    let place = ids.iter().position(|known| known == id).ok_or_else(|| submission::not_found(id))?;
    ids.remove(place);
    Ok(())
}
