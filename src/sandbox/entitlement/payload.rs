//! Bodies that create and change things: reading them, and answering with what was made.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::envelope::ApiError;
use super::super::query::Place;
use super::super::routes::read_json;
use super::submission;

/// The longest name, in characters.
const NAME_LIMIT: usize = 512;
/// The longest description, in characters.
pub(super) const DESCRIPTION_LIMIT: usize = 8192;

/// Another entity, by its id; the service looks at nothing else of it.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub(super) id: String,
}

impl Reference {
    /// The id, in the form in which ids are kept.
    pub(super) fn guid(&self) -> Result<String, ApiError> {
        guid(&self.id)
    }
}

/// What only the service writes; clients send it back with what they have read.
const READ_ONLY: [&str; 3] = ["id", "createdDateTime", "modifiedDateTime"];

/// Reads a body; OData annotations and what only the service writes are set aside, and what the type does not declare is refused.
///
/// # Errors
/// 400 `InvalidModel`, and what [`read_json`] refuses.
pub(super) async fn read<T: DeserializeOwned>(body: Body, headers: &HeaderMap) -> Result<T, ApiError> {
    let mut value = read_json(body, headers).await?;
    submission::drop_annotations(&mut value);
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    }
    T::deserialize(value).map_err(|error| refused("InvalidModel", format!("The request is invalid: {error}.")))
}

/// The id that ends the address in `@odata.id`, of a body that refers to something.
pub(super) async fn linked(body: Body, headers: &HeaderMap) -> Result<String, ApiError> {
    let body = read_json(body, headers).await?;
    let link = body.get("@odata.id").and_then(Value::as_str);
    let link = link.ok_or_else(|| refused("InvalidModel", "The body must hold '@odata.id', an address.".to_owned()))?;
    let last = link.trim_end_matches(['/', ')']).rsplit(['/', '(']).next().unwrap_or_default();
    guid(last.trim_matches('\''))
}

/// A name that says something.
pub(super) fn name(text: Option<String>) -> Result<String, ApiError> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| refused("InvalidModel", "'displayName' is missing or empty.".to_owned()))?;
    bounded("displayName", text, NAME_LIMIT)
}

/// A description, which may be missing.
pub(super) fn description(text: Option<String>) -> Result<String, ApiError> {
    bounded("description", text.unwrap_or_default(), DESCRIPTION_LIMIT)
}

/// An id, in the form in which ids are kept.
pub(super) fn guid(text: &str) -> Result<String, ApiError> {
    let id =
        Uuid::try_parse(text.trim()).map_err(|_| refused("InvalidIdentifier", format!("'{text}' is not a GUID.")))?;
    Ok(id.hyphenated().to_string())
}

/// 201 with the new entity.
pub(super) fn created(place: &Place, properties: Map<String, Value>) -> Response {
    let mut answer = Map::from_iter([("@odata.context".to_owned(), json!(format!("{}/$entity", place.context())))]);
    answer.extend(properties);
    (StatusCode::CREATED, Json(Value::Object(answer))).into_response()
}

/// The `Location` of a new policy or request: the real service names an internal host, which nobody can reach and nobody
/// should follow (graph-contract 1.9.2).
pub(super) fn foreign_location(collection: &str, id: &str) -> [(HeaderName, String); 1] {
    [(header::LOCATION, format!("https://igaelm-ecapi-sandbox.invalid/api/v1/{collection}('{id}')"))]
}

/// Entitlement management's 400.
pub(super) fn refused(code: &str, message: String) -> ApiError {
    ApiError::entitlement(StatusCode::BAD_REQUEST, code, message)
}

/// Entitlement management's 409 for what is there already (graph-contract 1.13).
pub(super) fn duplicate() -> ApiError {
    ApiError::entitlement(StatusCode::CONFLICT, "DuplicateKey", "There is already a duplicated entity")
}

/// A text that is not too long.
pub(super) fn bounded(property: &str, text: String, limit: usize) -> Result<String, ApiError> {
    if text.chars().count() > limit {
        return Err(refused("InvalidModel", format!("'{property}' is longer than {limit} characters.")));
    }
    Ok(text)
}
