//! What an object is a member of, checked.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::by_id::ids;
use super::set::Set;
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::Place;
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;

/// The most groups that one call checks (graph-contract 2.1).
const CHECK_LIMIT: usize = 20;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    Set::ALL.into_iter().fold(Router::new(), |router, set| {
        let check =
            async move |State(shared): Shares, Path(id): Path<String>, Extension(place): Placed, headers, body| {
                check_member_groups(&shared, set, &id, &place, &headers, body).await
            };
        let get =
            async move |State(shared): Shares, Path(id): Path<String>, Extension(place): Placed, headers, body| {
                get_member_groups(&shared, set, &id, &place, &headers, body).await
            };
        router
            .route(&format!("/{}/{{id}}/checkMemberGroups", set.segment()), post(check))
            .route(&format!("/{}/{{id}}/getMemberGroups", set.segment()), post(get))
    })
}

type Shares = State<Arc<Shared>>;
type Placed = Extension<Place>;

/// Which of the groups the object is in, through other groups too.
async fn check_member_groups(
    shared: &Shared,
    set: Set,
    id: &str,
    place: &Place,
    headers: &HeaderMap,
    body: Body,
) -> Answer {
    let asked = ids(&read_json(body, headers).await?, "groupIds", CHECK_LIMIT)?;
    shared
        .with_tenant(|tenant, _| {
            let groups = tenant.transitive_groups_of_member(set.object(tenant, id)?.id);
            Ok(texts(place, asked.into_iter().filter(|id| groups.contains(id)).collect()))
        })
        .await
        .map(Json)
}

/// All groups that the object is in, through other groups too.
async fn get_member_groups(
    shared: &Shared,
    set: Set,
    id: &str,
    place: &Place,
    headers: &HeaderMap,
    body: Body,
) -> Answer {
    let body = read_json(body, headers).await?;
    let secure_only = match body.get("securityEnabledOnly") {
        None => false,
        Some(Value::Bool(secure_only)) => *secure_only,
        Some(_) => return Err(ApiError::bad_request("'securityEnabledOnly' must be true or false.")),
    };
    shared
        .with_tenant(|tenant, _| {
            let groups = tenant.transitive_groups_of_member(set.object(tenant, id)?.id).into_iter();
            let is_secure = |id: &String| {
                let group = tenant.groups.get(id);
                group.is_some_and(|group| group.properties.get("securityEnabled") == Some(&Value::Bool(true)))
            };
            Ok(texts(place, groups.filter(|id| !secure_only || is_secure(id)).collect()))
        })
        .await
        .map(Json)
}

fn texts(place: &Place, values: Vec<String>) -> Value {
    json!({ "@odata.context": format!("{}#Collection(Edm.String)", place.metadata()), "value": values })
}
