//! Service principals: the applications whose roles packages can give, and who holds those roles.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::envelope::{Answer, ApiError};
use super::filter::Operator;
use super::grants;
use super::query::{Place, Query, selected};
use super::resources::OriginSystem;
use super::routes::read_json;
use super::shared::Shared;
use super::tenant::Tenant;
use super::users::entity;

/// The most roles that an application may have here.
const ROLES_LIMIT: usize = 100;
/// What a filter may compare, with `eq`.
const FILTERS: [&str; 3] = ["appid", "displayname", "id"];

/// The paths of service principals.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/servicePrincipals", get(list).post(create))
        .route("/servicePrincipals/{id}", get(one).patch(update))
        .route("/servicePrincipals/{id}/appRoleAssignedTo", get(holders))
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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Created {
    app_id: Uuid,
    display_name: Option<String>,
    description: Option<String>,
    #[serde(default)]
    app_roles: Vec<ChangedRole>,
    #[serde(default, rename = "@odata.type")]
    _type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Changed {
    app_roles: Vec<ChangedRole>,
    #[serde(default, rename = "@odata.type")]
    _type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedRole {
    id: Uuid,
    display_name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    value: Option<String>,
    is_enabled: bool,
    #[serde(rename = "allowedMemberTypes")]
    _allowed_member_types: Vec<String>,
    #[serde(default, rename = "origin")]
    _origin: Option<String>,
    #[serde(default, rename = "@odata.type")]
    _type: Option<String>,
}

async fn list(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>) -> Answer {
    let query = Query::parse(&place, &["$select", "$filter", "$top"])?;
    let unsupported = query.filter.0.iter().find(|comparison| {
        comparison.operator != Operator::Equal || !FILTERS.contains(&comparison.path.to_ascii_lowercase().as_str())
    });
    if let Some(comparison) = unsupported {
        let message =
            format!("Unsupported or invalid query filter clause specified for property '{}'.", comparison.path);
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message));
    }
    shared
        .with_tenant(|tenant, _| {
            let rows = tenant.applications.after(query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("Bad skip token."))?;
            let matches = |application: &&Application| {
                query.filter.0.iter().all(|comparison| {
                    comparison.holds(&json!(match comparison.path.to_ascii_lowercase().as_str() {
                        "appid" => &application.app_id,
                        "id" => &application.id,
                        _ => &application.display_name,
                    }))
                })
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

/// `POST /servicePrincipals`: every `appId` is one of an application somewhere, and its name is what the caller says it is.
async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let Created { app_id, display_name, description, app_roles, .. } = read(body, &headers).await?;
    let (app_id, roles) = (app_id.hyphenated().to_string(), roles(app_roles)?);
    shared
        .with_tenant(|tenant, _| {
            if tenant.applications.iter().any(|known| known.app_id == app_id) {
                let message = format!("The service principal of the application '{app_id}' is already in use.");
                return Err(ApiError::new(StatusCode::CONFLICT, "Request_MultipleObjectsWithSameKeyValue", message));
            }
            let display_name = display_name.unwrap_or_else(|| app_id.clone());
            let description = description.unwrap_or_default();
            let application =
                Application { id: tenant.new_id("application"), app_id, display_name, description, roles };
            tenant.put_application(application.clone());
            let context = format!("{}/$entity", place.context());
            let mut answer = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
            answer.extend(shape(&application));
            Ok((StatusCode::CREATED, Json(Value::Object(answer))))
        })
        .await
}

/// `PATCH /servicePrincipals/{id}`: the roles, and nothing else; a resource in a catalog learns of them when it is refreshed.
async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let changed: Changed = read(body, &headers).await?;
    let roles = roles(changed.app_roles)?;
    shared
        .with_tenant(|tenant, _| {
            let application = Application { roles, ..known(tenant, &id)?.clone() };
            tenant.put_application(application);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// `GET /servicePrincipals/{id}/appRoleAssignedTo`: what packages have given; the ids are derived, always the same.
async fn holders(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    let query = Query::parse(&place, &["$select", "$top"])?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let application = known(tenant, &id)?;
            let mut rows = Vec::new();
            let default = Uuid::nil().hyphenated().to_string();
            let roles = application.roles.iter().map(|role| &role.id).chain(std::iter::once(&default));
            for role in roles {
                let key = grants::role_key(tenant, OriginSystem::AadApplication, &application.id, role);
                for user in tenant.role_holders(&key).into_iter().flatten() {
                    rows.push((tenant.derived_id("appRoleAssignment", &format!("{key}/{user}")), role, user));
                }
            }
            rows.sort_by(|one, other| one.0.cmp(&other.0));
            let behind = |row: &&(String, &String, &String)| query.after.as_ref().is_none_or(|after| row.0 > *after);
            query.page_of(&place, rows.iter().filter(behind).map(|row| (row.0.as_str(), row)), |(id, role, user)| {
                let name = tenant.users.get(user).and_then(|user| user.text("displayName"));
                let assignment = json!({
                    "id": id, "appRoleId": role, "principalId": user, "principalDisplayName": name,
                    "principalType": "User", "resourceId": application.id,
                    "resourceDisplayName": application.display_name, "createdDateTime": null,
                });
                let Value::Object(assignment) = assignment else { return Ok(Value::Null) };
                selected(assignment, query.select.as_deref()).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

async fn read<T: DeserializeOwned>(body: Body, headers: &HeaderMap) -> Result<T, ApiError> {
    let body = read_json(body, headers).await?;
    T::deserialize(body)
        .map_err(|error| ApiError::bad_request(format!("A service principal cannot be written so: {error}.")))
}

fn roles(roles: Vec<ChangedRole>) -> Result<Vec<AppRole>, ApiError> {
    if roles.len() > ROLES_LIMIT {
        return Err(ApiError::bad_request(format!("An application has at most {ROLES_LIMIT} roles here.")));
    }
    let role = |role: ChangedRole| AppRole {
        id: role.id.hyphenated().to_string(),
        display_name: role.display_name,
        description: role.description.unwrap_or_default(),
        value: role.value,
        enabled: role.is_enabled,
    };
    Ok(roles.into_iter().map(role).collect())
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
