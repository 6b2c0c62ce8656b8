//! `/users/delta` and `/groups/delta`: everything once, then what has changed (graph-contract 2.3).

mod item;
mod options;
mod token;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Kind;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::query::Place;
use crate::sandbox::records::Record;
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::{Table, Tenant};
use item::Tracked;
use options::{Options, Start};
use token::{Mark, Round, Token};

/// How many objects a page shows.
const OBJECTS: usize = 100;
/// How many members and owners a page shows; the rest of a larger group follows on the next pages.
const LINKS: usize = 100;
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The paths, in the spellings that clients use.
pub(super) fn router() -> Router<Arc<Shared>> {
    ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"].into_iter().fold(
        Router::new(),
        |router, name| {
            router.route(&format!("/users/{name}"), get(users)).route(&format!("/groups/{name}"), get(groups))
        },
    )
}

async fn users(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>, headers: HeaderMap) -> Response {
    answer(&shared, &place, &headers, Kind::User).await
}

async fn groups(State(shared): State<Arc<Shared>>, Extension(place): Extension<Place>, headers: HeaderMap) -> Response {
    answer(&shared, &place, &headers, Kind::Group).await
}

async fn answer(shared: &Shared, place: &Place, headers: &HeaderMap, kind: Kind) -> Response {
    let options = match Options::parse(place, kind) {
        Ok(options) => options,
        Err(refusal) => return refusal.into_response(),
    };
    let preferred = |text: &str| text.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("return=minimal"));
    let minimal = headers.get_all("prefer").iter().any(|value| value.to_str().is_ok_and(preferred));
    let resync = options.resync_link(place);
    // A state that is not known is no failure of the work itself, which is why it is the value.
    match shared.with_tenant(|tenant, now| Ok(round(tenant, place, options, minimal, now))).await {
        Err(refusal) => refusal.into_response(),
        Ok(None) => {
            let message =
                "The sync state generation is not found; start again from the address in the Location header.";
            let refusal = ApiError::new(StatusCode::GONE, "syncStateNotFound", message);
            ([(header::LOCATION, resync)], refusal).into_response()
        }
        Ok(Some(body)) if minimal => ([(PREFERENCE_APPLIED, "return=minimal")], Json(body)).into_response(),
        Ok(Some(body)) => Json(body).into_response(),
    }
}

/// The page that the options ask for; `None` for a token that is too old, or of another tenant.
fn round(tenant: &Tenant, place: &Place, options: Options, minimal: bool, now: Timestamp) -> Option<Value> {
    let last = tenant.directory_log.last();
    let fresh = |options: Options, round: Round| Token {
        options,
        base: last,
        before: last,
        previous: last,
        round,
        issued: now,
    };
    let mut token = match options.start.clone() {
        Start::Everything => fresh(options, Round::All(None)),
        Start::Latest => {
            let token = fresh(options, Round::Over);
            return Some(body(place, Vec::new(), &token));
        }
        Start::Token(token) if token.is_good(last, now) => *token,
        Start::Token(_) => return None,
    };
    if matches!(token.round, Round::Over) {
        token.before = if tenant.directory_log.replays() { token.previous } else { token.base };
        (token.previous, token.base) = (token.base, last);
        token.round = Round::Changes(None);
    }
    token.issued = now;
    let (values, mark) = match &token.round {
        Round::All(mark) => {
            let mark = mark.as_ref();
            let ids = match token.options.kind {
                Kind::User => ids_of(&tenant.users, mark)?,
                Kind::Group => ids_of(&tenant.groups, mark)?,
            };
            page(ids, mark, |id| item::whole(tenant, &token.options, id))
        }
        Round::Changes(mark) => {
            let mark = mark.as_ref();
            let (ids, changes) = item::changes(tenant, &token);
            let start = mark.map_or(Some(0), |mark| {
                let place = ids.iter().position(|id| *id == mark.object)?;
                Some(if mark.link.is_some() { place } else { place + 1 })
            })?;
            let ids = ids.into_iter().skip(start);
            page(ids, mark, |id| item::changed(tenant, &token.options, id, &changes, minimal))
        }
        Round::Over => (Vec::new(), None),
    };
    token.round = match (token.round, mark) {
        (_, None) => Round::Over,
        (Round::All(_), mark) => Round::All(mark),
        (_, mark) => Round::Changes(mark),
    };
    Some(body(place, values, &token))
}

/// The ids that a full round has still to show; the one marked comes again where links of it are left.
fn ids_of<'t, T: Record>(
    table: &'t Table<T>,
    mark: Option<&'t Mark>,
) -> Option<Box<dyn Iterator<Item = &'t str> + 't>> {
    let unfinished = mark.filter(|mark| mark.link.is_some()).map(|mark| mark.object.as_str());
    let rest = table.after(mark.map(|mark| mark.object.as_str()))?;
    Some(Box::new(unfinished.into_iter().chain(rest.map(|row| row.id()))))
}

/// Shows objects until the page is full; gives back where the next page begins, where there is one.
fn page<'t>(
    ids: impl Iterator<Item = &'t str>,
    mark: Option<&Mark>,
    show: impl Fn(&str) -> Option<Tracked>,
) -> (Vec<Value>, Option<Mark>) {
    let mut ids = ids.peekable();
    let (mut values, mut links_left) = (Vec::new(), LINKS);
    let mut seen: Option<&str> = None;
    while let Some(id) = ids.next() {
        if let Some(mut tracked) = show(id) {
            if let Some(Mark { link: Some(shown), .. }) = mark.filter(|mark| mark.object == id) {
                tracked.links.retain(|(link, _)| link > shown);
            }
            if tracked.links.len() > links_left {
                // A group that is too large for what is left of the page begins the next one.
                if let Some(seen) = seen {
                    return (values, Some(Mark { object: seen.to_owned(), link: None }));
                }
                tracked.links.truncate(links_left);
                let link = tracked.links.last().map(|(link, _)| link.clone());
                values.push(tracked.into_value());
                return (values, Some(Mark { object: id.to_owned(), link }));
            }
            links_left -= tracked.links.len();
            values.push(tracked.into_value());
        }
        seen = Some(id);
        if values.len() == OBJECTS && ids.peek().is_some() {
            return (values, Some(Mark { object: id.to_owned(), link: None }));
        }
    }
    (values, None)
}

fn body(place: &Place, values: Vec<Value>, token: &Token) -> Value {
    let set = if token.options.kind == Kind::User { "users" } else { "groups" };
    let (name, option) = match token.round {
        Round::Over => ("@odata.deltaLink", "$deltatoken"),
        Round::All(_) | Round::Changes(_) => ("@odata.nextLink", "$skiptoken"),
    };
    let link = format!("{}{}?{option}={}", place.origin, place.uri.path(), token.text());
    json!({ "@odata.context": format!("{}#{set}", place.metadata()), name: link, "value": values })
}
