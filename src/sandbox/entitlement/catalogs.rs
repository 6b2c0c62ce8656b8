//! Catalogs: create, change, delete, and what is in them (graph-contract 1.5 C1 to C5).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use jiff::Timestamp;
use serde::Deserialize;

use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::records::Catalog;
use super::super::shared::Shared;
use super::super::tenant::{Condition, Tenant};
use super::payload::{self, guid, refused};
use super::whole_tables::{list_all, single};
use super::{catalog_resources, list_within, one_within, resource_roles, shapes, submission};

/// The paths of catalogs.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/catalogs", get(list_all::<Catalog>).post(create))
        .route("/catalogs/{id}", get(single::<Catalog>).patch(update).delete(remove))
        .route("/catalogs/{id}/accessPackages", get(packages))
        .route("/catalogs/{id}/resources", get(resources))
        .route("/catalogs/{id}/resources/{resource}", get(resource))
        .route("/catalogs/{id}/resources/{resource}/refresh", post(catalog_resources::refresh_in_catalog))
        .route("/catalogs/{id}/resourceRoles", get(resource_roles::list))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CatalogBody {
    display_name: Option<String>,
    description: Option<String>,
    catalog_type: Option<String>,
    state: Option<String>,
    is_externally_visible: Option<bool>,
}

impl CatalogBody {
    /// Writes what the body says into the catalog.
    fn apply(self, catalog: &mut Catalog, now: Timestamp) -> Result<(), ApiError> {
        if self.catalog_type.is_some_and(|kind| !kind.eq_ignore_ascii_case(&catalog.catalog_type)) {
            return Err(refused("InvalidModel", "The type of a catalog cannot be chosen or changed.".to_owned()));
        }
        if let Some(state) = self.state {
            let known = ["published", "unpublished"].into_iter().find(|known| known.eq_ignore_ascii_case(&state));
            let unknown = || refused("InvalidModel", format!("'{state}' is not an accessPackageCatalogState."));
            catalog.state = known.ok_or_else(unknown)?.to_owned();
        }
        if self.display_name.is_some() {
            catalog.display_name = payload::name(self.display_name)?;
        }
        if self.description.is_some() {
            catalog.description = payload::description(self.description)?;
        }
        catalog.externally_visible = self.is_externally_visible.unwrap_or(catalog.externally_visible);
        catalog.modified = now;
        Ok(())
    }
}

/// The catalog with this id.
pub(super) fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Catalog, ApiError> {
    tenant.catalogs.get(id).ok_or_else(|| submission::not_found(id))
}

async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let mut body: CatalogBody = payload::read(body, &headers).await?;
    let display_name = payload::name(body.display_name.take())?;
    shared
        .with_tenant(|tenant, now| {
            let mut catalog = Catalog {
                id: String::new(),
                display_name,
                description: String::new(),
                catalog_type: "userManaged".to_owned(),
                state: "published".to_owned(),
                externally_visible: false,
                created: now,
                modified: now,
            };
            body.apply(&mut catalog, now)?;
            catalog.id = tenant.new_id("catalog");
            tenant.put_catalog(catalog.clone());
            Ok(payload::created(&place, shapes::catalog(&catalog)))
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
    let body: CatalogBody = payload::read(body, &headers).await?;
    shared
        .with_tenant(|tenant, now| {
            let mut catalog = known(tenant, &id)?.clone();
            body.apply(&mut catalog, now)?;
            tenant.put_catalog(catalog);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    shared
        .with_tenant(|tenant, _| {
            if known(tenant, &id)?.catalog_type != "userManaged" {
                return Err(refused("CatalogNotDeletable", "The built-in catalog cannot be deleted.".to_owned()));
            }
            if tenant.packages.by("catalog/id", &id).next().is_some() {
                let message = format!("The catalog '{id}' still has access packages; delete them first.");
                return Err(refused("CatalogNotEmpty", message));
            }
            tenant.remove_catalog(&id);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn packages(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let within = Condition::is("catalog/id", &id);
    list_within(&shared, &place, |tenant| known(tenant, &id).map(|_| &tenant.packages), within).await
}

/// The resources of a catalog.
pub(super) async fn resources(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let within = Condition::is("catalog/id", &id);
    list_within(&shared, &place, |tenant| known(tenant, &id).map(|_| &tenant.resources), within).await
}

async fn resource(
    State(shared): State<Arc<Shared>>,
    Path((id, resource)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    one_within(&shared, &resource, &place, |tenant| &tenant.resources, |resource| resource.catalog_id == id).await
}
