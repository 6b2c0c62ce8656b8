//! Connected organizations over HTTP: listed, made, changed, deleted (graph-contract 1.5 O1).

mod body;
mod sponsors;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::super::entity::entity;
use super::super::envelope::ApiError;
use super::super::filter::Operator;
use super::super::organizations::{ConnectedOrganization, OrganizationState, organization_in_use};
use super::super::query::Place;
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::node::{Collection, EQUAL, Node};
use super::payload::{created, guid, refused};
use super::submission;
use super::whole_tables::{list_all, single};
use body::OrganizationBody;
pub(super) use sponsors::{SponsorKind, sponsors};

/// The one documented filter beside the name's.
const TENANT_OF_SOURCE: &str = "identitysources/any/microsoft.graph.azureactivedirectorytenant/tenantid";

/// The paths of connected organizations.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/connectedOrganizations", get(list_all::<ConnectedOrganization>).post(create))
        .route("/connectedOrganizations/{id}", get(single::<ConnectedOrganization>).patch(update).delete(remove))
        .merge(sponsors::router())
}

impl Collection for ConnectedOrganization {
    const FILTERS: &'static [(&'static str, &'static [Operator])] =
        &[("displayname", EQUAL), (TENANT_OF_SOURCE, EQUAL)];
    const EXPANSIONS: &'static [&'static str] = &["externalsponsors", "internalsponsors"];

    fn node<'t>(&'t self, _: &'t Tenant) -> Node<'t> {
        Node::Organization(self)
    }

    fn filtered(&self, _: &Tenant, property: &str) -> Value {
        match property {
            TENANT_OF_SOURCE => self.identity_sources.iter().filter_map(|source| source.directory_id()).collect(),
            _ => json!(self.display_name),
        }
    }
}

/// A `connectedOrganization` on the wire.
pub(super) fn shape(organization: &ConnectedOrganization) -> Map<String, Value> {
    [
        ("id", json!(organization.id)),
        ("displayName", json!(organization.display_name)),
        ("description", json!(organization.description)),
        ("identitySources", json!(organization.identity_sources)),
        ("state", json!(organization.state.name())),
        ("createdDateTime", json!(organization.created)),
        ("modifiedDateTime", json!(organization.modified)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t ConnectedOrganization, ApiError> {
    tenant.organizations.get(id).ok_or_else(|| submission::not_found(id))
}

async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let body = OrganizationBody::read_new(read_json(body, &headers).await?)?;
    shared
        .with_tenant(|tenant, now| {
            let mut organization = ConnectedOrganization {
                id: String::new(),
                display_name: String::new(),
                description: String::new(),
                identity_sources: Vec::new(),
                state: OrganizationState::Configured,
                internal_sponsors: Vec::new(),
                external_sponsors: Vec::new(),
                created: now,
                modified: now,
            };
            body.apply(tenant, &mut organization)?;
            organization.id = tenant.new_id("connectedOrganization");
            tenant.put_organization(organization.clone());
            Ok(created(&place, shape(&organization)))
        })
        .await
}

/// `PATCH connectedOrganizations/{id}`: 202 with the organization, as Graph v1.0 documents it.
async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let id = guid(&id)?;
    let body = OrganizationBody::read(read_json(body, &headers).await?)?;
    shared
        .with_tenant(|tenant, now| {
            let mut organization = ConnectedOrganization { modified: now, ..known(tenant, &id)?.clone() };
            body.apply(tenant, &mut organization)?;
            let shown = entity(&place, shape(&organization));
            tenant.put_organization(organization);
            Ok((StatusCode::ACCEPTED, Json(shown)).into_response())
        })
        .await
}

async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    shared
        .with_tenant(|tenant, _| {
            known(tenant, &id)?;
            match organization_in_use(tenant, &id) {
                Some(reason) => Err(refused("ConnectedOrganizationInUse", reason)),
                None => {
                    tenant.remove_organization(&id);
                    Ok(StatusCode::NO_CONTENT)
                }
            }
        })
        .await
}
