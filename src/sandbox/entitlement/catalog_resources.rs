//! Resources of all catalogs: listed, read, and brought up to what their origins say now (graph-contract 1.5 C8).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Extension, Router};

use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::resources::Origin;
use super::super::shared::Shared;
use super::payload::guid;
use super::{environments, list, one, submission};

/// The paths of resources and of their environments.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/resources", get(list_resources))
        .route("/resources/{id}", get(one_resource))
        .route("/resources/{id}/refresh", post(refresh))
        .route("/resourceEnvironments", get(environments::list))
}

async fn list_resources(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    list(&shared, &place, |tenant| &tenant.resources).await
}

async fn one_resource(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    one(&shared, &id, &place, |tenant| &tenant.resources).await
}

/// `POST resources/{id}/refresh`: names and roles are read anew.
async fn refresh(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    refreshed(&shared, &id, None).await
}

/// `POST catalogs/{id}/resources/{id}/refresh`.
pub(super) async fn refresh_in_catalog(
    State(shared): State<Arc<Shared>>,
    Path((catalog, id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    refreshed(&shared, &id, Some(guid(&catalog)?)).await
}

async fn refreshed(shared: &Shared, id: &str, catalog: Option<String>) -> Result<StatusCode, ApiError> {
    let id = guid(id)?;
    shared
        .with_tenant(|tenant, now| {
            let known = tenant.resources.get(&id);
            let known = known.filter(|known| catalog.is_none_or(|catalog| known.catalog_id == catalog));
            let mut resource = known.ok_or_else(|| submission::not_found(&id))?.clone();
            let origin = Origin::find(tenant, resource.scope.origin_system, &resource.scope.origin_id)?;
            origin.refresh(tenant, &mut resource, now);
            tenant.put_resource(resource);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}
