//! Reads the users of a SCIM 2.0 service (RFC 7644), to the last that it says it has.

use url::Url;

use crate::domain::member_path::MemberPath;
use crate::feed::json::{Found, Json, JsonError, Source};
use crate::workflow::definition::ScimSource;

use super::Fetched;
use super::collection::Collection;
use super::error::RemoteError;
use super::exchange::{Answer, Exchange};
use super::http::number;
use super::paging::with;

const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

/// What a service says of itself, as far as it matters here.
struct Abilities {
    filters: bool,
    most_results: Option<u64>,
}

pub(super) async fn fetch(
    source: &ScimSource,
    exchange: &mut Exchange,
    mut collection: Collection,
) -> Result<Fetched, RemoteError> {
    let abilities = discover(&source.url, exchange).await?;
    if source.filter.is_some() && !abilities.filters {
        return Err(RemoteError::FilterUnsupported);
    }
    let size = abilities.most_results.filter(|most| *most > 0).unwrap_or(u64::MAX).min(u64::from(source.page_size));
    let mut users = below(&source.url, "Users")?;
    if let Some(filter) = &source.filter {
        users = with(&users, "filter", filter);
    }
    users = with(&users, "count", &size.to_string());
    loop {
        let page = collection.turn()?;
        let start = collection.count() + 1;
        let Answer::Page { body, .. } = exchange.get(&with(&users, "startIndex", &start.to_string()), None).await?
        else {
            return Err(RemoteError::PageMissing { page });
        };
        let text = collection.text(&body)?;
        let json = Source::new(&text);
        let unreadable = |source: JsonError| RemoteError::Page { page, source };
        let root = json.root().map_err(unreadable)?;
        let at = |name: &str| json.find(root, &attribute(name)).map_err(unreadable);
        let number_at = |name: &str| match at(name)? {
            Some(found) => Ok::<_, RemoteError>(number(&json.value(found, 0).map_err(unreadable)?)),
            None => Ok(None),
        };
        let schemas = at("schemas")?.map(|found| json.value(found, 0).map_err(unreadable)).transpose()?;
        if !schemas.is_some_and(|schemas| lists(&schemas, LIST_RESPONSE)) {
            return Err(RemoteError::NotScim("the answer to /Users is no ListResponse"));
        }
        collection.note_total(number_at("totalResults")?.ok_or(RemoteError::TotalMissing { page })?)?;
        // A service that pages by rules of its own would give the first page again and again.
        if number_at("startIndex")?.is_some_and(|given| given != start) {
            return Err(RemoteError::PageMissing { page });
        }
        let records = match at("Resources")? {
            Some(found) => json.items(found).map_err(unreadable)?,
            None => Vec::new(),
        };
        collection.add(&json, &records, true)?;
        if collection.is_complete() {
            return Ok(Fetched::Whole { bytes: collection.finish()?, validators: None });
        }
        if records.is_empty() {
            return Err(RemoteError::PageMissing { page });
        }
    }
}

/// Asks the service what it can do (RFC 7644, 4). One without that answer is taken to filter nothing.
async fn discover(base: &Url, exchange: &mut Exchange) -> Result<Abilities, RemoteError> {
    let body = match exchange.get(&below(base, "ServiceProviderConfig")?, None).await {
        Ok(Answer::Page { body, .. }) => body,
        Ok(Answer::NotModified) | Err(RemoteError::Failed { status: 404 | 501 }) => {
            return Ok(Abilities { filters: false, most_results: None });
        }
        Err(error) => return Err(error),
    };
    let no_config = || RemoteError::NotScim("the answer to /ServiceProviderConfig is none");
    let text = String::from_utf8(body).map_err(|_| no_config())?;
    let source = Source::new(&text);
    let config = source.root().and_then(|root| source.record(root)).map_err(|_| no_config())?;
    let find = |path: &str| MemberPath::scim(path).map(|path| config.find(&path));
    match find("schemas") {
        Ok(Found::Value(schemas)) if lists(schemas, PROVIDER_CONFIG) => {}
        _ => return Err(no_config()),
    }
    let most_results = match find("filter.maxResults") {
        Ok(Found::Value(most)) => number(most),
        _ => None,
    };
    let filters = matches!(find("filter.supported"), Ok(Found::Value(Json::Bool(true))));
    Ok(Abilities { filters, most_results })
}

fn below(base: &Url, segment: &str) -> Result<Url, RemoteError> {
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut segments) => segments.pop_if_empty().push(segment),
        Err(()) => return Err(RemoteError::NotScim("the address has no path")),
    };
    Ok(url)
}

fn attribute(name: &str) -> MemberPath {
    MemberPath::scim(name).unwrap_or_else(|_| MemberPath::member(name))
}

/// Whether a list of schemas has this one.
fn lists(schemas: &Json<'_>, wanted: &str) -> bool {
    let Json::List(schemas) = schemas else { return false };
    schemas.iter().any(|schema| matches!(schema, Json::Text(schema) if schema.eq_ignore_ascii_case(wanted)))
}
