//! One entity as an answer.

use serde_json::{Map, Value, json};

use super::query::Place;

/// One entity with its context.
pub(super) fn entity(place: &Place, properties: Map<String, Value>) -> Value {
    with_context(place.entity_context(), properties)
}

/// As [`entity`], for an object whose type the path does not say.
pub(super) fn directory_object(place: &Place, properties: Map<String, Value>) -> Value {
    with_context(format!("{}/v1.0/$metadata#directoryObjects/$entity", place.origin), properties)
}

fn with_context(context: String, properties: Map<String, Value>) -> Value {
    let mut entity = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
    entity.extend(properties);
    Value::Object(entity)
}
