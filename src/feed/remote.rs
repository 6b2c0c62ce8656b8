//! Fetches a whole delivery from a service: every page, counted, and nothing of it that no column names.

use std::path::Path;

use reqwest::header::HeaderValue;
use tokio::time::Instant;

use crate::domain::member_path::MemberPath;
use crate::workflow::definition::{Credentials, Feed, FeedSource, Visits};

mod collection;
mod credentials;
pub mod error;
mod exchange;
mod http;
mod paging;
mod scim;

pub use error::RemoteError;

use collection::Collection;
use exchange::Exchange;

/// By what a service recognises that nothing changed since; of a delivery that one answer held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// Everybody.
    Whole {
        /// The records as [`FeedFormat::Projected`](crate::workflow::definition::FeedFormat::Projected) lines, sorted, so that the same people
        /// are the same bytes in whatever order and however divided into pages they come.
        bytes: Vec<u8>,
        /// What to ask the next time.
        validators: Option<Validators>,
    },
    /// Nothing changed since the delivery that the validators came with.
    NotModified,
}

/// Fetches everybody that `feed`'s service has, or learns that nothing changed since `known`. Secrets are files in `secrets`.
///
/// # Errors
/// [`RemoteError`] when anything is missing, late, contradictory or unreadable: a part of a list is none.
pub async fn fetch(feed: &Feed, secrets: &Path, known: Option<&Validators>) -> Result<Fetched, RemoteError> {
    let Some((url, credentials, visits)) = whom(&feed.source) else { return Err(RemoteError::NotRemote) };
    let deadline = Instant::now() + visits.timeout;
    let work = async {
        let mut exchange = Exchange::open(url, credentials, secrets, visits.timeout, deadline).await?;
        let collection = Collection::of(columns(feed));
        match &feed.source {
            FeedSource::Http(source) => http::fetch(source, &mut exchange, collection, known).await,
            FeedSource::Scim(source) => scim::fetch(source, &mut exchange, collection).await,
            FeedSource::File(_) | FeedSource::Drop(_) => Err(RemoteError::NotRemote),
        }
    };
    tokio::time::timeout_at(deadline, work)
        .await
        .unwrap_or(Err(RemoteError::TimedOut { seconds: visits.timeout.as_secs_f64() }))
}

/// What reports and archives call a remote source: its host, never its path or query, which may hold a key.
pub fn host(source: &FeedSource) -> Option<&str> {
    whom(source)?.0.host_str()
}

fn whom(source: &FeedSource) -> Option<(&url::Url, Option<&Credentials>, Visits)> {
    match source {
        FeedSource::Http(source) => Some((&source.url, source.credentials.as_ref(), source.visits)),
        FeedSource::Scim(source) => Some((&source.url, source.credentials.as_ref(), source.visits)),
        FeedSource::File(_) | FeedSource::Drop(_) => None,
    }
}

/// The columns that the feed's document names, and the ways to them.
fn columns(feed: &Feed) -> Vec<(String, MemberPath)> {
    let parse = if matches!(feed.source, FeedSource::Scim(_)) { MemberPath::scim } else { MemberPath::json };
    // What is no path was refused when the document was read.
    let with_path = |column: &String| (column.clone(), parse(column).unwrap_or_else(|_| MemberPath::member(column)));
    let mut columns: Vec<_> = std::iter::once(&feed.key)
        .chain(&feed.time_zone.column)
        .chain(feed.attributes.values().map(|mapping| &mapping.column))
        .chain(feed.rows.iter().flat_map(|rows| rows.columns.values()))
        .map(with_path)
        .collect();
    columns.sort_by(|(a, _), (b, _)| a.cmp(b));
    columns.dedup_by(|(a, _), (b, _)| a == b);
    columns
}
