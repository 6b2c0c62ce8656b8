//! Reads a list that a service answers in JSON, to its last page.

use reqwest::header::HeaderMap;

use crate::feed::json::{Json, JsonError, Source};
use crate::workflow::definition::{HttpSource, Total};

use super::collection::Collection;
use super::error::RemoteError;
use super::exchange::{Answer, Exchange, validators};
use super::paging::{Pages, Seen};
use super::{Fetched, Validators};

pub(super) async fn fetch(
    source: &HttpSource,
    exchange: &mut Exchange,
    mut collection: Collection,
    known: Option<&Validators>,
) -> Result<Fetched, RemoteError> {
    let mut pages = Pages::of(source.paging.as_ref(), &source.url);
    let mut url = pages.first();
    // Of a list of several pages no answer says that all are as they were.
    let is_single = source.paging.is_none();
    loop {
        let page = collection.turn()?;
        let (body, headers) = match exchange.get(&url, known.filter(|_| is_single)).await? {
            Answer::Page { body, headers } => (body, headers),
            Answer::NotModified => return Ok(Fetched::NotModified),
        };
        let text = collection.text(&body)?;
        let json = Source::new(&text);
        let unreadable = |source: JsonError| RemoteError::Page { page, source };
        let root = json.root().map_err(unreadable)?;
        let list = json.find(root, &source.records).map_err(unreadable)?;
        let list = list.ok_or(unreadable(JsonError::NoRecords("there is no list of records in it")))?;
        let records = json.items(list).map_err(unreadable)?;
        if let Some(total) = &source.total {
            let total = match total {
                Total::Header(name) => total_in(&headers, name),
                Total::Member(path) => match json.find(root, path).map_err(unreadable)? {
                    Some(found) => number(&json.value(found, 0).map_err(unreadable)?),
                    None => None,
                },
            };
            collection.note_total(total.ok_or(RemoteError::TotalMissing { page })?)?;
        }
        collection.add(&json, &records, pages.is_by_position())?;
        let seen = Seen {
            page,
            url: &url,
            headers: &headers,
            source: json,
            root,
            records: records.len(),
            count: collection.count(),
            is_complete: collection.is_complete(),
        };
        match pages.next(&seen, exchange)? {
            Some(next) => url = next,
            None => {
                let validators = validators(&headers).filter(|_| is_single);
                return Ok(Fetched::Whole { bytes: collection.finish()?, validators });
            }
        }
    }
}

fn total_in(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// A count, which some services write as text.
pub(super) fn number(value: &Json<'_>) -> Option<u64> {
    match value {
        Json::Number(number) => number.parse().ok(),
        Json::Text(text) => text.parse().ok(),
        _ => None,
    }
}
