//! Service principals: the applications whose roles packages can give, and who holds those roles.

mod holders;
mod writing;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::directory_selection::select;
use super::entity::entity;
use super::envelope::{Answer, ApiError};
use super::expression::{Expression, Use, UseKind};
use super::filter::Operator;
use super::query::{Place, Query, selected};
use super::shared::Shared;
use super::tenant::Tenant;

/// What a filter may compare, with `eq`.
const FILTERS: [&str; 3] = ["appid", "displayname", "id"];

/// The paths of service principals.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/servicePrincipals", get(list).post(writing::create))
        .route("/servicePrincipals/{id}", get(one).patch(writing::update))
        .route("/servicePrincipals/{id}/appRoleAssignedTo", get(holders::list))
}

/// An application in the tenant; its id is the service principal's object id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Application {
    pub(super) id: String,
    pub(super) app_id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) roles: Vec<AppRole>,
}

/// Graph's `appRole`, for users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct AppRole {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) value: Option<String>,
    pub(super) enabled: bool,
}

async fn list(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let mut query = Query::parse(&place, &["$select", "$filter", "$top"])?;
    let filter = query.filter.1.as_ref();
    let unsupported = |used: &Use| {
        used.kind != UseKind::Compared(Operator::Equal) || !FILTERS.contains(&used.path.to_ascii_lowercase().as_str())
    };
    if let Some(used) = filter.map(Expression::uses).unwrap_or_default().into_iter().find(unsupported) {
        let message = format!("Unsupported or invalid query filter clause specified for property '{}'.", used.path);
        return Err(ApiError::unsupported_query(message));
    }
    let wanted = select::<Application>(&mut query.filter);
    let filter = query.filter.1.as_ref();
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.applications.matching(&wanted, query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
            let matches = |application: &&Application| {
                let value_of = |path: &str| {
                    json!(match path.to_ascii_lowercase().as_str() {
                        "appid" => &application.app_id,
                        "id" => &application.id,
                        _ => &application.display_name,
                    })
                };
                filter.is_none_or(|filter| filter.holds(&value_of))
            };
            query.page(&place, rows.filter(matches), |application| {
                selected(shape(application), query.select.as_deref()).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<String>, Extension(place): Extension<Place>) -> Answer {
    let query = Query::parse(&place, &["$select"])?;
    shared
        .with_tenant(|tenant, _| Ok(entity(&place, selected(shape(known(tenant, &id)?), query.select.as_deref())?)))
        .await
        .map(Json)
}

fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Application, ApiError> {
    tenant.applications.get(&id.to_lowercase()).ok_or_else(|| ApiError::unknown_object(id))
}

/// A `servicePrincipal`, as far as the sandbox knows it.
fn shape(application: &Application) -> Map<String, Value> {
    let role = |role: &AppRole| {
        json!({
            "id": role.id, "displayName": role.display_name, "description": role.description, "value": role.value,
            "isEnabled": role.enabled, "allowedMemberTypes": ["User"], "origin": "Application",
        })
    };
    Map::from_iter([
        ("id".to_owned(), json!(application.id)),
        ("appId".to_owned(), json!(application.app_id)),
        ("displayName".to_owned(), json!(application.display_name)),
        ("appDisplayName".to_owned(), json!(application.display_name)),
        ("description".to_owned(), json!(application.description)),
        ("accountEnabled".to_owned(), json!(true)),
        ("servicePrincipalType".to_owned(), json!("Application")),
        ("appRoles".to_owned(), application.roles.iter().map(role).collect()),
    ])
}
