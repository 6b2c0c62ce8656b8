//! Sponsors of connected organizations: users and groups who can approve for its people.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{delete, get, post};
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::super::payload::{duplicate, guid, linked, refused};
use super::super::submission;
use super::known;
use crate::sandbox::directory::{DirectoryObject, Kind, check};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::organizations::ConnectedOrganization;
use crate::sandbox::query::{Place, Query};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The most sponsors of one kind.
const SPONSORS_LIMIT: usize = 100;

/// Which of the two collections.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox::entitlement) enum SponsorKind {
    Internal,
    External,
}

impl SponsorKind {
    /// The navigation property.
    pub(in crate::sandbox::entitlement) fn name(self) -> &'static str {
        match self {
            Self::Internal => "internalSponsors",
            Self::External => "externalSponsors",
        }
    }

    fn ids_mut(self, organization: &mut ConnectedOrganization) -> &mut Vec<String> {
        match self {
            Self::Internal => &mut organization.internal_sponsors,
            Self::External => &mut organization.external_sponsors,
        }
    }
}

/// The paths of sponsors.
pub(super) fn router() -> Router<Arc<Shared>> {
    [SponsorKind::Internal, SponsorKind::External].into_iter().fold(Router::new(), |router, kind| {
        let path = format!("/connectedOrganizations/{{id}}/{}", kind.name());
        let own = Router::new()
            .route(&path, get(list))
            .route(&format!("{path}/$ref"), post(add))
            .route(&format!("{path}/{{sponsor}}/$ref"), delete(remove))
            .layer(Extension(kind));
        router.merge(own)
    })
}

/// The sponsors that are still in the directory.
pub(in crate::sandbox::entitlement) fn sponsors<'t>(
    tenant: &'t Tenant,
    organization: &'t ConnectedOrganization,
    kind: SponsorKind,
) -> impl Iterator<Item = (&'t str, DirectoryObject<'t>)> {
    let ids = match kind {
        SponsorKind::Internal => &organization.internal_sponsors,
        SponsorKind::External => &organization.external_sponsors,
    };
    ids.iter().filter_map(|id| DirectoryObject::find(tenant, id).map(|object| (id.as_str(), object)))
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(kind): Extension<SponsorKind>,
    Extension(place): Extension<Place>,
) -> Answer {
    let id = guid(&id)?;
    let query = Query::parse(&place, &["$select", "$top"])?;
    let select = query.select.as_deref();
    check(&[Kind::User, Kind::Group], select, &query.filter)?;
    shared
        .with_tenant(|tenant, _| {
            let rows = sponsors(tenant, known(tenant, &id)?, kind);
            let rows = rows.skip_while(|(id, _)| query.after.as_deref().is_some_and(|after| after != *id));
            let rows = rows.skip(usize::from(query.after.is_some()));
            query.page_of(&place, rows, |sponsor| Ok(Value::Object(sponsor.render_typed(select))))
        })
        .await
        .map(Json)
}

async fn add(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(kind): Extension<SponsorKind>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let sponsor = linked(body, &headers).await?;
    change(&shared, &id, kind, |tenant, ids| {
        DirectoryObject::find(tenant, &sponsor).ok_or_else(|| submission::not_found(&sponsor))?;
        if ids.contains(&sponsor) {
            return Err(duplicate());
        }
        if ids.len() >= SPONSORS_LIMIT {
            let message = format!("A connected organization has at most {SPONSORS_LIMIT} sponsors of a kind.");
            return Err(refused("InvalidModel", message));
        }
        ids.push(sponsor);
        Ok(())
    })
    .await
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Path((id, sponsor)): Path<(String, String)>,
    Extension(kind): Extension<SponsorKind>,
) -> Result<StatusCode, ApiError> {
    let sponsor = guid(&sponsor)?;
    change(&shared, &id, kind, |_, ids| {
        let place = ids.iter().position(|id| *id == sponsor).ok_or_else(|| submission::not_found(&sponsor))?;
        ids.remove(place);
        Ok(())
    })
    .await
}

async fn change(
    shared: &Shared,
    id: &str,
    kind: SponsorKind,
    edit: impl FnOnce(&Tenant, &mut Vec<String>) -> Result<(), ApiError>,
) -> Result<StatusCode, ApiError> {
    let id = guid(id)?;
    shared
        .with_tenant(|tenant, now| {
            let mut organization = ConnectedOrganization { modified: now, ..known(tenant, &id)?.clone() };
            edit(tenant, kind.ids_mut(&mut organization))?;
            tenant.put_organization(organization);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}
