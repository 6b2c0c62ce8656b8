//! Entitlement management over HTTP: lists and single entities, and new assignment requests (graph-contract 1.5).

mod additional_access;
mod approvals;
mod assignment_reprocess;
mod catalog_resources;
mod catalogs;
mod current_user;
mod custom_extensions;
mod environments;
mod external_settings;
mod incompatibility;
mod node;
mod organizations;
mod packages;
mod payload;
mod policies;
mod requests;
mod resource_attributes;
mod resource_requests;
mod resource_roles;
mod role_scopes;
mod selection;
mod shapes;
mod subjects;
mod submission;
mod whole_tables;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::entity::entity;
use super::envelope::{Answer, ApiError};
use super::query::{Place, Query};
use super::records::{Assignment, Record};
use super::shared::Shared;
use super::tenant::{Condition, Table, Tenant};
pub(super) use incompatibility::obstacle;
use node::Collection;
use whole_tables::{list_all, single};

/// The paths under `identityGovernance/entitlementManagement`.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .merge(catalogs::router())
        .merge(custom_extensions::router())
        .merge(catalog_resources::router())
        .merge(resource_requests::router())
        .merge(packages::router())
        .merge(role_scopes::router())
        .merge(incompatibility::router())
        .merge(approvals::router())
        .merge(current_user::router())
        .merge(organizations::router())
        .merge(external_settings::router())
        .merge(subjects::router())
        .merge(policies::router())
        .merge(additional_access::router())
        .merge(assignment_reprocess::router())
        .merge(requests::router())
        .route("/assignments", get(list_all::<Assignment>))
        .route("/assignments/{id}", get(single::<Assignment>))
        .fallback(unknown_path)
}

async fn list<T: Record + Collection>(
    shared: &Shared,
    place: &Place,
    table: impl FnOnce(&Tenant) -> &Table<T>,
) -> Answer {
    list_within(shared, place, |tenant| Ok(table(tenant)), Condition::Every).await
}

/// As [`list`], for the rows that belong to something, whose absence `table` reports; what `within` says has to be indexed.
async fn list_within<T: Record + Collection>(
    shared: &Shared,
    place: &Place,
    table: impl FnOnce(&Tenant) -> Result<&Table<T>, ApiError>,
    within: Condition,
) -> Answer {
    let query = Query::parse(place, &["$select", "$filter", "$expand", "$top"])?;
    node::check::<T>(&query)?;
    let wanted = selection::condition(within, &query.filter);
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let rows = table(tenant)?.matching(&wanted, query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("The skip token is not one of this collection's."))?;
            let rows = rows.filter(|row| tenant.shows(*row));
            let rows = rows.filter(|row| query.filter.0.iter().all(|comparison| node::holds(*row, tenant, comparison)));
            query.page(place, rows, |row| {
                node::render(row.node(tenant), tenant, query.select.as_deref(), &query.expand).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

async fn one<T: Record + Collection>(
    shared: &Shared,
    id: &str,
    place: &Place,
    table: impl FnOnce(&Tenant) -> &Table<T>,
) -> Answer {
    one_within(shared, id, place, table, |_| true).await
}

/// As [`one`], for a row that has to belong to something.
async fn one_within<T: Record + Collection>(
    shared: &Shared,
    id: &str,
    place: &Place,
    table: impl FnOnce(&Tenant) -> &Table<T>,
    belongs: impl FnOnce(&T) -> bool,
) -> Answer {
    let query = Query::parse(place, &["$select", "$expand"])?;
    node::check::<T>(&query)?;
    let id = payload::guid(id)?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let row = table(tenant)
                .get(&id)
                .filter(|row| belongs(row) && tenant.shows(*row))
                .ok_or_else(|| submission::not_found(&id))?;
            let rendered = node::render(row.node(tenant), tenant, query.select.as_deref(), &query.expand)?;
            Ok(entity(place, rendered))
        })
        .await
        .map(Json)
}

/// The gateway's 404 for paths that the schema has and the service does not (graph-contract 1.5): an empty code.
async fn unknown_path(Extension(place): Extension<Place>) -> ApiError {
    no_such_path(&place)
}

/// As [`unknown_path`], for a path that nothing is asked about.
pub(super) fn no_such_path(place: &Place) -> ApiError {
    let message = format!("No HTTP resource was found that matches the request URI '{}'.", place.uri);
    ApiError::entitlement(StatusCode::NOT_FOUND, "", message)
}
