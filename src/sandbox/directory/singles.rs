//! One object of the directory: a user, a group, an object of either kind, or a user's manager.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};

use super::navigation::Navigation;
use super::set::Set;
use super::{DirectoryObject, Kind, check, expansion};
use crate::sandbox::entity::{directory_object, entity};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    let of_set = |router: Router<Arc<Shared>>, set: Set| {
        let one = async move |State(shared): State<Arc<Shared>>,
                              Path(id): Path<String>,
                              Extension(place): Extension<Place>| {
            let typed = set == Set::DirectoryObjects;
            one(&shared, &place, set.kinds(), typed, |tenant| set.object(tenant, &id)).await
        };
        router.route(&format!("/{}/{{id}}", set.segment()), get(one))
    };
    Set::ALL.into_iter().fold(Router::new().route("/users/{id}/manager", get(manager)), of_set)
}

/// A user's manager; 404 where there is none.
async fn manager(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(place): Extension<Place>,
) -> Answer {
    one(&shared, &place, &[Kind::User], true, |tenant| {
        let user = Set::Users.object(tenant, &id)?;
        let manager = Navigation::Manager.objects(tenant, user.id, None).next();
        manager.ok_or_else(|| ApiError::unknown_object("manager"))
    })
    .await
}

/// The object that `find` finds among objects of these kinds; `typed` where the path does not say which kind it is.
///
/// # Errors
/// What `find` refuses, and query options that do not fit the kinds.
pub(super) async fn one(
    shared: &Shared,
    place: &Place,
    kinds: &[Kind],
    typed: bool,
    find: impl for<'t> FnOnce(&'t Tenant) -> Result<DirectoryObject<'t>, ApiError>,
) -> Answer {
    let query = Query::parse(place, &["$select", "$expand"])?;
    let select = query.select.as_deref();
    check(kinds, select, &query.filter)?;
    expansion::check_of_one(kinds, &query.expand)?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let object = find(tenant)?;
            let mut shown = if typed { object.render_typed(select) } else { object.render(select) };
            shown.extend(expansion::expanded(tenant, object, &query.expand));
            Ok(if typed { directory_object(place, shown) } else { entity(place, shown) })
        })
        .await
        .map(Json)
}
