//! Custom extensions of a catalog: made, read, changed and deleted; nothing they name is ever called (graph-contract 1.2, 1.15).

mod body;
mod stages;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Json, Router};

use super::super::entity::entity;
use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::records::CustomExtension;
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::super::tenant::{Condition, Tenant};
use super::payload::{self, guid, refused};
use super::{catalogs, list_within, one_within, shapes, submission};
use body::ExtensionBody;
pub(super) use stages::{StageSettingBody, stage_settings};

/// The most that a tenant has (graph-contract 1.15).
const LIMIT: usize = 500;

/// The paths of custom extensions; the service documents PUT for changes, which change only what they name.
pub(super) fn router() -> Router<Arc<Shared>> {
    let one = get(single).put(update).patch(update).delete(remove);
    Router::new()
        .route("/catalogs/{id}/customWorkflowExtensions", get(list_all).post(create))
        .route("/catalogs/{id}/customWorkflowExtensions/{extension}", one)
}

async fn list_all(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let own = Condition::is("catalog/id", &id);
    list_within(&shared, &place, |tenant| catalogs::known(tenant, &id).map(|_| &tenant.custom_extensions), own).await
}

async fn single(
    State(shared): State<Arc<Shared>>,
    Path((id, extension)): Path<(String, String)>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let own = |extension: &CustomExtension| extension.catalog_id == id;
    one_within(&shared, &extension, &place, |tenant| &tenant.custom_extensions, own).await
}

async fn create(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let id = guid(&id)?;
    let body = ExtensionBody::read(read_json(body, &headers).await?)?;
    shared
        .with_tenant(|tenant, now| {
            catalogs::known(tenant, &id)?;
            if tenant.custom_extensions.len() >= LIMIT {
                return Err(refused("QuotaExceeded", format!("A tenant has at most {LIMIT} custom extensions.")));
            }
            let mut extension = body.extension(id, now)?;
            extension.id = tenant.new_id("customExtension");
            tenant.put_custom_extension(extension.clone());
            Ok(payload::created(&place, shapes::custom_extension(&extension)))
        })
        .await
}

async fn update(
    State(shared): State<Arc<Shared>>,
    Path((id, extension)): Path<(String, String)>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Answer {
    let body = ExtensionBody::read(read_json(body, &headers).await?)?;
    shared
        .with_tenant(|tenant, now| {
            let mut extension = known(tenant, &id, &extension)?;
            body.apply(&mut extension, now)?;
            tenant.put_custom_extension(extension.clone());
            Ok(Json(entity(&place, shapes::custom_extension(&extension))))
        })
        .await
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Path((id, extension)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, _| {
            let extension = known(tenant, &id, &extension)?;
            let settings = tenant.policies.iter().flat_map(|policy| &policy.custom_extension_stage_settings);
            if settings.into_iter().any(|setting| setting.custom_extension_id == extension.id) {
                let message = format!("An assignment policy still calls the custom extension '{}'.", extension.id);
                return Err(refused("CustomExtensionInUse", message));
            }
            tenant.remove_custom_extension(&extension.id);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

fn known(tenant: &Tenant, catalog_id: &str, id: &str) -> Result<CustomExtension, ApiError> {
    let (catalog_id, id) = (guid(catalog_id)?, guid(id)?);
    let own = |extension: &&CustomExtension| extension.catalog_id == catalog_id;
    tenant.custom_extensions.get(&id).filter(own).cloned().ok_or_else(|| submission::not_found(&id))
}
