//! New, changed and deleted users.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{patch, post};
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::body::Edit;
use super::creation::{created, own_properties};
use super::{DirectoryObject, Kind};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::query::Place;
use crate::sandbox::records::User;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/users", post(create_user)).route("/users/{id}", patch(update_user).delete(delete_user))
}

/// The refusal of a sign-in name that another user has.
pub(super) fn name_taken() -> ApiError {
    ApiError::bad_request("Another object with the same value for property userPrincipalName already exists.")
}

async fn create_user(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let edit = Edit::of_new(Kind::User, &read_json(body, &headers).await?)?;
    let name = checked_name(&edit.properties)?.unwrap_or_default();
    shared
        .with_tenant(|tenant, now| {
            if tenant.user(&name).is_some() {
                return Err(name_taken());
            }
            let id = tenant.new_id("user");
            let mut properties = own_properties(&id, now);
            properties.insert("userType".to_owned(), json!("Member"));
            properties.insert("signInSessionsValidFromDateTime".to_owned(), json!(now));
            properties.extend(edit.properties);
            let user = User { id, properties, manager: None, access_pass: None };
            let shown = created(&place, DirectoryObject::from(&user));
            tenant.put_user(user);
            Ok(shown)
        })
        .await
}

async fn update_user(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let edit = Edit::of_changes(Kind::User, &read_json(body, &headers).await?)?;
    let name = checked_name(&edit.properties)?;
    shared
        .with_tenant(|tenant, _| {
            let mut user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.clone();
            if name.and_then(|name| tenant.user(&name)).is_some_and(|other| other.id != user.id) {
                return Err(name_taken());
            }
            user.properties.extend(edit.properties);
            tenant.put_user(user);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

async fn delete_user(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    shared
        .with_tenant(|tenant, now| {
            let user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.id.clone();
            tenant.delete_object(&user, now);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// The sign-in name in the properties, where they have one.
fn checked_name(properties: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let name = properties.get("userPrincipalName").and_then(Value::as_str);
    let is_good = |name: &str| {
        let parts = name.split_once('@');
        parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
            && !name.chars().any(|letter| letter.is_whitespace() || letter == '/')
    };
    match name {
        Some(name) if !is_good(name) => {
            Err(ApiError::bad_request("Invalid value specified for property 'userPrincipalName' of resource 'User'."))
        }
        name => Ok(name.map(str::to_owned)),
    }
}
