//! Access packages: create, change, hide, delete (graph-contract 1.7).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;

use super::super::envelope::ApiError;
use super::super::query::Place;
use super::super::records::{Assignment, Package};
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::payload::{self, Reference, guid, refused};
use super::whole_tables::{list_all, single};
use super::{catalogs, shapes, submission};

/// The paths of access packages.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/accessPackages", get(list_all::<Package>).post(create))
        .route("/accessPackages/{id}", get(single::<Package>).patch(update).delete(remove))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPackage {
    display_name: Option<String>,
    description: Option<String>,
    is_hidden: Option<bool>,
    catalog: Option<Reference>,
    catalog_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedPackage {
    display_name: Option<String>,
    description: Option<String>,
    is_hidden: Option<bool>,
}

/// The package with this id.
pub(super) fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Package, ApiError> {
    tenant.packages.get(id).ok_or_else(|| submission::not_found(id))
}

/// `POST accessPackages`: into the General catalog where none is named [seed 003].
async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let body: NewPackage = payload::read(body, &headers).await?;
    let named = body.catalog.map(|catalog| catalog.id).or(body.catalog_id).map(|id| guid(&id)).transpose()?;
    let display_name = payload::name(body.display_name)?;
    let description = payload::description(body.description)?;
    shared
        .with_tenant(|tenant, now| {
            let general = || tenant.catalogs.by("catalogtype", "serviceDefault").next();
            let catalog_id = match &named {
                Some(id) => catalogs::known(tenant, id)?,
                None => general().ok_or_else(|| refused("InvalidModel", "'catalog/id' is missing.".to_owned()))?,
            };
            let catalog_id = catalog_id.id.clone();
            let package = Package {
                id: tenant.new_id("package"),
                display_name,
                description,
                catalog_id,
                hidden: body.is_hidden.unwrap_or_default(),
                role_scopes: Vec::new(),
                incompatible_package_ids: Vec::new(),
                incompatible_group_ids: Vec::new(),
                created: now,
                modified: now,
            };
            tenant.put_package(package.clone());
            Ok(payload::created(&place, shapes::package(&package)))
        })
        .await
}

async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    let ChangedPackage { display_name, description, is_hidden } = payload::read(body, &headers).await?;
    let display_name = display_name.map(|name| payload::name(Some(name))).transpose()?;
    let description = description.map(|text| payload::description(Some(text))).transpose()?;
    shared
        .with_tenant(|tenant, now| {
            let mut package = known(tenant, &id)?.clone();
            package.display_name = display_name.unwrap_or(package.display_name);
            package.description = description.unwrap_or(package.description);
            package.hidden = is_hidden.unwrap_or(package.hidden);
            package.modified = now;
            tenant.put_package(package);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    shared
        .with_tenant(|tenant, _| {
            known(tenant, &id)?;
            let held = tenant.assignments.by("accesspackage/id", &id).any(Assignment::is_active);
            let asked = tenant.requests.by("accesspackage/id", &id).any(|asked| asked.state.is_open());
            if held || asked {
                let message = format!("The access package '{id}' still has assignments or open requests.");
                return Err(refused("AccessPackageInUse", message));
            }
            let naming: Vec<Package> = tenant.packages.by("incompatibleaccesspackages/id", &id).cloned().collect();
            for mut package in naming {
                package.incompatible_package_ids.retain(|known| *known != id);
                tenant.put_package(package);
            }
            tenant.remove_package(&id);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}
