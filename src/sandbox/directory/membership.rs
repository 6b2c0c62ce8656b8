//! What an object is a member of, listed and checked.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use super::by_id::ids;
use super::{Kind, check, objects_after};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::groups::{cast_to, object_id};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::routes::read_json;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The most groups that one call checks (graph-contract 2.1).
const CHECK_LIMIT: usize = 20;

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
    ["users", "groups", "directoryObjects"].into_iter().fold(Router::new(), of_each)
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

/// The object id behind an id or, for users, a sign-in name.
fn resolved(tenant: &Tenant, id: &str) -> Result<String, ApiError> {
    if let Some(user) = tenant.shown_user(id) {
        return Ok(user.id.clone());
    }
    let group = object_id(id).ok().and_then(|id| tenant.shown_group(&id));
    group.map(|group| group.id.clone()).ok_or_else(|| ApiError::unknown_object(id))
}

fn groups_of(tenant: &Tenant, id: &str, transitive: bool) -> BTreeSet<String> {
    if transitive {
        tenant.transitive_groups_of_member(id)
    } else {
        tenant.shown_groups_of_member(id)
    }
}

fn texts(place: &Place, values: Vec<String>) -> Value {
    json!({ "@odata.context": format!("{}#Collection(Edm.String)", place.metadata()), "value": values })
}
