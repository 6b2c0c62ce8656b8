//! Lists of directory objects, and how many objects they have, all with the same query options (graph-contract 2.1, 2.2, 2.4).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};

use super::Kind;
use super::listed::Listed;
use super::navigation::Navigation;
use super::set::{Set, cast_to};
use crate::sandbox::directory::expansion;
use crate::sandbox::directory_query::{COUNT_OPTIONS, LIST_OPTIONS, check_list, page, start, total};
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::{Place, Query};
use crate::sandbox::shared::Shared;

/// The paths of users and groups, and of what they lead to.
pub(super) fn router() -> Router<Arc<Shared>> {
    let sets = [(Set::Users, Kind::User), (Set::Groups, Kind::Group)];
    let router = sets.into_iter().fold(Router::new(), |router, (set, kind)| {
        let every = Listed::Every(kind);
        router
            .route(
                &format!("/{}", set.segment()),
                get(async move |State(shared): Shares, Extension(place): Placed| {
                    list(&shared, &place, every, None).await
                }),
            )
            .route(
                &format!("/{}/$count", set.segment()),
                get(async move |State(shared): Shares, Extension(place): Placed| {
                    count(&shared, &place, every, None).await
                }),
            )
    });
    let links = Set::ALL.into_iter().flat_map(|set| {
        let own = Navigation::ALL.into_iter().filter(move |link| link.is_of(set) && !link.is_single());
        own.map(move |link| (set, link))
    });
    links.fold(router, |router, (set, link)| linked(router, set, link))
}

type Shares = State<Arc<Shared>>;
type Placed = Extension<Place>;

/// Adds the paths of one navigation property of one set's objects.
fn linked(router: Router<Arc<Shared>>, set: Set, link: Navigation) -> Router<Arc<Shared>> {
    let path = format!("/{}/{{id}}/{}", set.segment(), link.name());
    router
        .route(
            &path,
            get(async move |State(shared): Shares, Path(id): Path<String>, Extension(place): Placed| {
                list(&shared, &place, Listed::Linked(set, &id, link), None).await
            }),
        )
        .route(
            &format!("{path}/$count"),
            get(async move |State(shared): Shares, Path(id): Path<String>, Extension(place): Placed| {
                count(&shared, &place, Listed::Linked(set, &id, link), None).await
            }),
        )
        .route(
            &format!("{path}/{{object}}"),
            get(
                async move |State(shared): Shares,
                            Path((id, cast)): Path<(String, String)>,
                            Extension(place): Placed| {
                    list(&shared, &place, Listed::Linked(set, &id, link), Some(cast_to(&cast)?)).await
                },
            ),
        )
        .route(
            &format!("{path}/{{object}}/$count"),
            get(
                async move |State(shared): Shares,
                            Path((id, cast)): Path<(String, String)>,
                            Extension(place): Placed| {
                    count(&shared, &place, Listed::Linked(set, &id, link), Some(cast_to(&cast)?)).await
                },
            ),
        )
}

/// A page of the list, cast to `cast` where that is given; only a list that has one type by its path does not say the types.
///
/// # Errors
/// As [`check_list`] and [`Listed::objects`].
pub(super) async fn list(shared: &Shared, place: &Place, listed: Listed<'_>, cast: Option<&'static [Kind]>) -> Answer {
    let mut query = Query::parse(place, LIST_OPTIONS)?;
    let kinds = cast.unwrap_or_else(|| listed.kinds());
    let typed = cast.is_none() && matches!(listed, Listed::Linked(..));
    check_list(known_by(kinds, listed), &query, place)?;
    expansion::check_in_list(if typed { &[] } else { kinds }, &query.expand)?;
    let wanted = listed.select(&mut query);
    let select = query.select.as_deref();
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let rows = listed.objects(tenant, &wanted, start(&query))?.filter(|object| kinds.contains(&object.kind));
            page(&query, place, rows, |object| {
                let mut shown = if typed { object.render_typed(select) } else { object.render(select) };
                shown.extend(expansion::expanded(tenant, object, &query.expand));
                shown
            })
        })
        .await
        .map(Json)
}

/// How many objects the list has, as plain text.
///
/// # Errors
/// As [`list`].
pub(super) async fn count(
    shared: &Shared,
    place: &Place,
    listed: Listed<'_>,
    cast: Option<&'static [Kind]>,
) -> Result<String, ApiError> {
    let mut query = Query::parse(place, COUNT_OPTIONS)?;
    let kinds = cast.unwrap_or_else(|| listed.kinds());
    check_list(known_by(kinds, listed), &query, place)?;
    let wanted = listed.select(&mut query);
    shared
        .with_tenant(|tenant, _| {
            let objects = listed.objects(tenant, &wanted, None)?.filter(|object| kinds.contains(&object.kind));
            Ok(total(&query, objects))
        })
        .await
}

/// The kinds whose properties a query may name: where a cast leaves none, those of the whole list.
fn known_by(kinds: &'static [Kind], listed: Listed<'_>) -> &'static [Kind] {
    if kinds.is_empty() { listed.kinds() } else { kinds }
}
