//! `assignLicense`: licences by SKU, for users who have a usage location (graph-contract 2.5).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::sandbox::directory::DirectoryObject;
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::Place;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;

const LICENCES: &str = "assignedLicenses";

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/users/{id}/assignLicense", post(assign))
}

async fn assign(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let body = read_json(body, &headers).await?;
    let list = |name: &str| {
        let list = body.get(name).and_then(Value::as_array);
        list.ok_or_else(|| ApiError::bad_request(format!("'{name}' must be a list; both lists are required.")))
    };
    let added: Vec<Value> = list("addLicenses")?.iter().map(licence).collect::<Result<_, _>>()?;
    let removed: Vec<String> = list("removeLicenses")?.iter().map(guid).collect::<Result<_, _>>()?;
    shared
        .with_tenant(|tenant, _| {
            let mut user = tenant.user(&id).ok_or_else(|| ApiError::unknown_object(&id))?.clone();
            if !added.is_empty() && user.text("usageLocation").is_none_or(str::is_empty) {
                let message = "License assignment cannot be done for user with invalid usage location.";
                return Err(ApiError::bad_request(message));
            }
            let mut held = match user.properties.remove(LICENCES) {
                Some(Value::Array(held)) => held,
                _ => Vec::new(),
            };
            for sku in &removed {
                let place = held.iter().position(|licence| licence.get("skuId") == Some(&json!(sku)));
                let place =
                    place.ok_or_else(|| ApiError::bad_request("User does not have a corresponding license."))?;
                held.remove(place);
            }
            for licence in added {
                held.retain(|known| known.get("skuId") != licence.get("skuId"));
                held.push(licence);
            }
            user.properties.insert(LICENCES.to_owned(), Value::Array(held));
            let context = format!("{}#users/$entity", place.metadata());
            let mut shown = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
            shown.extend(DirectoryObject::from(&user).render(None));
            tenant.put_user(user);
            Ok(Value::Object(shown))
        })
        .await
        .map(Json)
}

fn licence(given: &Value) -> Result<Value, ApiError> {
    let sku = guid(given.get("skuId").unwrap_or(&Value::Null))?;
    let disabled = given.get("disabledPlans").and_then(Value::as_array).into_iter().flatten();
    let disabled: Vec<String> = disabled.map(guid).collect::<Result<_, _>>()?;
    Ok(json!({ "disabledPlans": disabled, "skuId": sku }))
}

fn guid(value: &Value) -> Result<String, ApiError> {
    let id = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
    id.map(|id| id.hyphenated().to_string()).ok_or_else(|| ApiError::bad_request("A license is named by a GUID."))
}
