//! Making service principals, and changing the roles that they offer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::envelope::ApiError;
use super::super::query::Place;
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::{AppRole, Application, known, shape};

/// The most roles that an application may have here.
const ROLES_LIMIT: usize = 100;

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

/// `POST /servicePrincipals`: every `appId` is one of an application somewhere, and its name is what the caller says it is.
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let Created { app_id, display_name, description, app_roles, .. } = read(body, &headers).await?;
    let (app_id, roles) = (app_id.hyphenated().to_string(), roles(app_roles)?);
    shared
        .with_tenant(|tenant, _| {
            if tenant.applications.by("appid", &app_id).next().is_some() {
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
pub(super) async fn update(
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
