//! What all new objects of the directory have in common.

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::DirectoryObject;
use crate::sandbox::query::Place;

/// What every new object has from the service.
pub(super) fn own_properties(id: &str, now: Timestamp) -> Map<String, Value> {
    [("id".to_owned(), json!(id)), ("createdDateTime".to_owned(), json!(now))].into_iter().collect()
}

/// The answer to a creation.
pub(super) fn created(place: &Place, object: DirectoryObject<'_>) -> (StatusCode, Json<Value>) {
    let mut shown = Map::from_iter([("@odata.context".to_owned(), json!(format!("{}/$entity", place.context())))]);
    shown.extend(object.render(None));
    (StatusCode::CREATED, Json(Value::Object(shown)))
}
