//! What an object is a member of, checked memberships, and objects by their ids.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::{Map, Value, json};

use super::{DirectoryObject, Kind, check, objects_after};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::groups::{cast_to, object_id};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;
use crate::sandbox::users::entity;

/// The most groups that one call checks (graph-contract 2.1).
const CHECK_LIMIT: usize = 20;
/// The most objects that one call gets by id.
const IDS_LIMIT: usize = 1000;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    let of_each = |router: Router<Arc<Shared>>, set: &str| {
        router
            .route(&format!("/{set}/{{id}}/memberOf"), get(member_of))
            .route(&format!("/{set}/{{id}}/memberOf/{{cast}}"), get(member_of_type))
            .route(&format!("/{set}/{{id}}/transitiveMemberOf"), get(transitive_member_of))
            .route(&format!("/{set}/{{id}}/transitiveMemberOf/{{cast}}"), get(transitive_member_of_type))
            .route(&format!("/{set}/{{id}}/checkMemberGroups"), post(check_member_groups))
            .route(&format!("/{set}/{{id}}/getMemberGroups"), post(get_member_groups))
    };
    ["users", "groups", "directoryObjects"]
        .into_iter()
        .fold(Router::new(), of_each)
        .route("/directoryObjects/{id}", get(one))
        .route("/directoryObjects/getByIds", post(get_by_ids))
}

macro_rules! lists {
    ($($plain:ident, $of_type:ident => $transitive:literal;)*) => {$(
        async fn $plain(
            State(shared): State<Arc<Shared>>,
            Path(id): Path<String>,
            Extension(place): Extension<Place>,
        ) -> Answer {
            list(&shared, &id, &place, None, $transitive).await
        }

        async fn $of_type(
            State(shared): State<Arc<Shared>>,
            Path((id, cast)): Path<(String, String)>,
            Extension(place): Extension<Place>,
        ) -> Answer {
            list(&shared, &id, &place, Some(cast_to(&cast)?), $transitive).await
        }
    )*};
}

lists! {
    member_of, member_of_type => false;
    transitive_member_of, transitive_member_of_type => true;
}

async fn list(shared: &Shared, id: &str, place: &Place, cast: Option<Kind>, transitive: bool) -> Answer {
    let query = Query::parse(place, &["$select", "$filter", "$top"])?;
    let select = query.select.as_deref();
    check(&[cast.unwrap_or(Kind::Group)], select, &query.filter)?;
    shared
        .with_tenant(|tenant, _| {
            let id = resolved(tenant, id)?;
            let groups = groups_of(tenant, &id, transitive);
            // Only groups have members: a cast to users finds nothing.
            let rows = objects_after(tenant, groups.iter(), query.after.as_deref())
                .filter(|(_, object)| cast.is_none_or(|cast| cast == object.kind) && object.matches(&query.filter));
            query.page_of(place, rows, |object| {
                Ok(Value::Object(if cast.is_some() { object.render(select) } else { object.render_typed(select) }))
            })
        })
        .await
        .map(Json)
}

async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<String>, Extension(place): Extension<Place>) -> Answer {
    let query = Query::parse(&place, &["$select"])?;
    check(&[Kind::User, Kind::Group], query.select.as_deref(), &query.filter)?;
    let id = object_id(&id)?;
    shared
        .with_tenant(|tenant, _| {
            let object = DirectoryObject::find(tenant, &id).ok_or_else(|| ApiError::unknown_object(&id))?;
            Ok(entity(&place, object.render_typed(query.select.as_deref())))
        })
        .await
        .map(Json)
}

/// Which of the groups the object is in, through other groups too.
async fn check_member_groups(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let asked = ids(&read_json(body, &headers).await?, "groupIds", CHECK_LIMIT)?;
    shared
        .with_tenant(|tenant, _| {
            let id = resolved(tenant, &id)?;
            let groups = groups_of(tenant, &id, true);
            Ok(texts(&place, asked.into_iter().filter(|id| groups.contains(id)).collect()))
        })
        .await
        .map(Json)
}

/// All groups that the object is in, through other groups too.
async fn get_member_groups(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let body = read_json(body, &headers).await?;
    let secure_only = match body.get("securityEnabledOnly") {
        None => false,
        Some(Value::Bool(secure_only)) => *secure_only,
        Some(_) => return Err(ApiError::bad_request("'securityEnabledOnly' must be true or false.")),
    };
    shared
        .with_tenant(|tenant, _| {
            let id = resolved(tenant, &id)?;
            let is_secure = |id: &String| {
                let group = tenant.groups.get(id);
                group.is_some_and(|group| group.properties.get("securityEnabled") == Some(&Value::Bool(true)))
            };
            let groups = groups_of(tenant, &id, true).into_iter();
            Ok(texts(&place, groups.filter(|id| !secure_only || is_secure(id)).collect()))
        })
        .await
        .map(Json)
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
            let objects = ids.iter().filter_map(|id| DirectoryObject::find(tenant, id));
            let shown = objects.filter(|object| wanted(object.kind));
            let shown: Vec<Map<_, _>> = shown.map(|object| object.render_typed(query.select.as_deref())).collect();
            let context = format!("{}/v1.0/$metadata#directoryObjects", place.origin);
            Ok(json!({ "@odata.context": context, "value": shown }))
        })
        .await
        .map(Json)
}

/// The object id behind an id or, for users, a sign-in name.
fn resolved(tenant: &Tenant, id: &str) -> Result<String, ApiError> {
    if let Some(user) = tenant.user(id) {
        return Ok(user.id.clone());
    }
    let group = object_id(id).ok().and_then(|id| tenant.groups.get(&id));
    group.map(|group| group.id.clone()).ok_or_else(|| ApiError::unknown_object(id))
}

fn groups_of(tenant: &Tenant, id: &str, transitive: bool) -> BTreeSet<String> {
    if transitive {
        tenant.transitive_groups_of_member(id)
    } else {
        tenant.groups_of_member(id).cloned().unwrap_or_default()
    }
}

fn ids(body: &Value, name: &str, limit: usize) -> Result<Vec<String>, ApiError> {
    let ids = body.get(name).and_then(Value::as_array);
    let ids = ids.ok_or_else(|| ApiError::bad_request(format!("'{name}' must be a list of ids.")))?;
    if ids.len() > limit {
        return Err(ApiError::bad_request(format!("'{name}' can hold at most {limit} ids.")));
    }
    ids.iter().map(|id| object_id(id.as_str().unwrap_or_default())).collect()
}

fn texts(place: &Place, values: Vec<String>) -> Value {
    json!({ "@odata.context": format!("{}/v1.0/$metadata#Collection(Edm.String)", place.origin), "value": values })
}
