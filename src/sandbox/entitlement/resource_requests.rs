//! Putting resources into catalogs, changing them there and taking them out (graph-contract 1.6).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::super::beta::ValidationOnly;
use super::super::envelope::{Answer, ApiError};
use super::super::filter::Operator;
use super::super::query::Place;
use super::super::resources::{Origin, OriginSystem, Resource, ResourceRequest};
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::node::{Collection, Node};
use super::payload::{self, Reference, guid, refused};
use super::{catalogs, list, one, shapes, submission};

/// The most attributes that a resource may ask for [graph-contract 1.15].
const ATTRIBUTES_LIMIT: usize = 20;

impl Collection for ResourceRequest {
    const FILTERS: &'static [(&'static str, &'static [Operator])] = &[];
    const EXPANSIONS: &'static [&'static str] = &["catalog", "resource"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::ResourceRequest(self)
    }

    fn filtered(&self, _: &Tenant, _: &str) -> Value {
        Value::Null
    }
}

/// The paths of resource requests.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/resourceRequests", get(list_requests).post(create))
        .route("/resourceRequests/{id}", get(one_request))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestBody {
    request_type: String,
    catalog: Option<Reference>,
    resource: ResourceBody,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResourceBody {
    id: Option<String>,
    origin_id: Option<String>,
    origin_system: Option<String>,
    display_name: Option<String>,
    description: Option<String>,
    attributes: Option<Vec<Value>>,
    // Clients send back what they have read; what the origin says about roles and scopes counts, not this.
    #[serde(default, rename = "roles")]
    _roles: Option<Vec<Value>>,
    #[serde(default, rename = "scopes")]
    _scopes: Option<Vec<Value>>,
    #[serde(default, rename = "environment")]
    _environment: Option<Value>,
}

async fn list_requests(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    list(&shared, &place, |tenant| &tenant.resource_requests).await
}

async fn one_request(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    one(&shared, &id, &place, |tenant| &tenant.resource_requests).await
}

/// `POST resourceRequests`: carried out at once, so that the answer says `delivered`.
async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    validation: Option<Extension<ValidationOnly>>,
    body: Body,
) -> Result<Response, ApiError> {
    let RequestBody { request_type, catalog, resource } = payload::read(body, &headers).await?;
    let catalog = catalog.map(|catalog| catalog.guid()).transpose()?;
    shared
        .with_tenant(|tenant, now| {
            let (request_type, resource) = match request_type.to_ascii_lowercase().as_str() {
                "adminadd" => ("adminAdd", added(tenant, catalog, resource, now)?),
                "adminupdate" => ("adminUpdate", updated(tenant, catalog, resource, now)?),
                "adminremove" => ("adminRemove", removed(tenant, catalog, &resource)?),
                _ => {
                    let message =
                        format!("An application cannot make a resource request of the type '{request_type}'.");
                    return Err(refused("InvalidRequestType", message));
                }
            };
            let request = ResourceRequest {
                id: tenant.new_id("resourceRequest"),
                request_type: request_type.to_owned(),
                catalog_id: resource.catalog_id.clone(),
                resource_id: resource.id.clone(),
                created: now,
            };
            if validation.is_none() {
                if request_type == "adminRemove" {
                    tenant.remove_resource(&resource.id);
                } else {
                    tenant.put_resource(resource);
                }
                tenant.put_resource_request(request.clone());
            }
            Ok(payload::created(&place, shapes::resource_request(&request)))
        })
        .await
}

fn added(tenant: &Tenant, catalog: Option<String>, body: ResourceBody, now: Timestamp) -> Result<Resource, ApiError> {
    let catalog = catalog.ok_or_else(|| refused("InvalidModel", "'catalog/id' is missing.".to_owned()))?;
    let catalog = catalogs::known(tenant, &catalog)?;
    let origin = origin(tenant, &body)?;
    if origin.resource_in(tenant, &catalog.id).is_some() {
        let message = "The specified resource is already onboarded to ELM".to_owned();
        return Err(refused("ResourceAlreadyOnboarded", message));
    }
    let mut resource = origin.onboarded(tenant, catalog, now);
    if resource.scope.origin_system == OriginSystem::SharePointOnline {
        // Only the caller knows what a site is called.
        resource.display_name = body.display_name.unwrap_or(resource.display_name);
        resource.description = body.description.unwrap_or(resource.description);
    }
    resource.attributes = attributes(body.attributes)?.unwrap_or_default();
    Ok(resource)
}

fn updated(tenant: &Tenant, catalog: Option<String>, body: ResourceBody, now: Timestamp) -> Result<Resource, ApiError> {
    let mut resource = known(tenant, catalog, &body)?.clone();
    if let Some(attributes) = attributes(body.attributes)? {
        resource.attributes = attributes;
    }
    resource.modified = now;
    Ok(resource)
}

fn removed(tenant: &Tenant, catalog: Option<String>, body: &ResourceBody) -> Result<Resource, ApiError> {
    let resource = known(tenant, catalog, body)?.clone();
    if tenant.packages.by("resource/id", &resource.id).next().is_some() {
        let message = format!("An access package gives a role of the resource '{}'; remove that first.", resource.id);
        return Err(refused("ResourceInUse", message));
    }
    Ok(resource)
}

fn origin(tenant: &Tenant, body: &ResourceBody) -> Result<Origin, ApiError> {
    let missing = |property: &str| refused("InvalidModel", format!("'resource/{property}' is missing or unknown."));
    let system = body.origin_system.as_deref().and_then(OriginSystem::parse).ok_or_else(|| missing("originSystem"))?;
    let id = body.origin_id.as_deref().ok_or_else(|| missing("originId"))?;
    Origin::find(tenant, system, id)
}

/// The resource that a body names by its id, or by its origin in the catalog.
fn known<'t>(tenant: &'t Tenant, catalog: Option<String>, body: &ResourceBody) -> Result<&'t Resource, ApiError> {
    let resource = match (&body.id, &catalog) {
        (Some(id), _) => {
            let id = guid(id)?;
            tenant.resources.get(&id).ok_or_else(|| submission::not_found(&id))?
        }
        (None, Some(catalog)) => {
            let found = origin(tenant, body)?.resource_in(tenant, catalog);
            found.ok_or_else(|| submission::not_found(body.origin_id.as_deref().unwrap_or_default()))?
        }
        (None, None) => return Err(refused("InvalidModel", "'resource/id' is missing.".to_owned())),
    };
    match catalog {
        Some(catalog) if catalog != resource.catalog_id => Err(submission::not_found(&resource.id)),
        _ => Ok(resource),
    }
}

/// Checks attributes: each has a name, and nothing that the type does not declare.
fn attributes(attributes: Option<Vec<Value>>) -> Result<Option<Vec<Value>>, ApiError> {
    const DECLARED: [&str; 6] =
        ["@odata.type", "destination", "isEditable", "isPersistedOnAssignmentRemoval", "name", "source"];
    let is_sound = |attribute: &Value| {
        let named = attribute.get("name").and_then(Value::as_str).is_some_and(|name| !name.trim().is_empty());
        let declared = |map: &serde_json::Map<String, Value>| map.keys().all(|key| DECLARED.contains(&key.as_str()));
        named && attribute.as_object().is_some_and(declared)
    };
    let Some(attributes) = attributes else { return Ok(None) };
    if attributes.len() > ATTRIBUTES_LIMIT || !attributes.iter().all(is_sound) {
        let message = format!(
            "A resource has at most {ATTRIBUTES_LIMIT} attributes, each an accessPackageResourceAttribute with a name."
        );
        return Err(refused("InvalidModel", message));
    }
    Ok(Some(attributes))
}
