//! Many objects of any kind by their ids.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::set::object_id;
use super::{DirectoryObject, Kind, check, check_store};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;

/// The most objects that one call gets by id.
const IDS_LIMIT: usize = 1000;

/// The path.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/directoryObjects/getByIds", post(get_by_ids))
}

/// The ids in a body, at most so many.
pub(super) fn ids(body: &Value, name: &str, limit: usize) -> Result<Vec<String>, ApiError> {
    let ids = body.get(name).and_then(Value::as_array);
    let ids = ids.ok_or_else(|| ApiError::bad_request(format!("'{name}' must be a list of ids.")))?;
    if ids.len() > limit {
        return Err(ApiError::bad_request(format!("'{name}' can hold at most {limit} ids.")));
    }
    ids.iter().map(|id| object_id(id.as_str().unwrap_or_default())).collect()
}

/// The objects of these ids and types; ids of nothing are passed over.
async fn get_by_ids(
    State(shared): State<Arc<Shared>>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let query = Query::parse(&place, &["$select"])?;
    check(&[Kind::User, Kind::Group], query.select.as_deref(), &query.filter)?;
    check_store(&[Kind::User], query.select.as_deref())?;
    let body = read_json(body, &headers).await?;
    let ids = ids(&body, "ids", IDS_LIMIT)?;
    let types: Option<Vec<&str>> = match body.get("types") {
        None | Some(Value::Null) => None,
        Some(types) => {
            let types = types.as_array().and_then(|types| types.iter().map(Value::as_str).collect());
            Some(types.ok_or_else(|| ApiError::bad_request("'types' must be a list of type names."))?)
        }
    };
    let wanted = |kind: Kind| {
        let name = kind.odata_type().rsplit('.').next().unwrap_or_default();
        let matches =
            |wanted: &&str| wanted.eq_ignore_ascii_case(name) || wanted.eq_ignore_ascii_case("directoryObject");
        types.as_ref().is_none_or(|types| types.iter().any(matches))
    };
    shared
        .with_tenant(|tenant, _| {
            let objects = ids.iter().filter_map(|id| DirectoryObject::shown(tenant, id));
            let shown = objects.filter(|object| wanted(object.kind));
            let shown: Vec<Map<_, _>> = shown.map(|object| object.render_typed(query.select.as_deref())).collect();
            let context = format!("{}#directoryObjects", place.metadata());
            Ok(json!({ "@odata.context": context, "value": shown }))
        })
        .await
        .map(Json)
}
