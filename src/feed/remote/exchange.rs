//! One service and the requests of one delivery: with credentials, patient, bounded, and never led elsewhere.

use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use tokio::time::Instant;
use url::Url;

use crate::domain::address::has_credentials;
use crate::feed::source::MAX_BYTES;
use crate::http::connection::{BodyError, Timeouts, client_for, read_body};
use crate::http::retry::{RetryPolicy, random, retry_after};
use crate::workflow::definition::Credentials;

use super::Validators;
use super::credentials::Shown;
use super::error::RemoteError;

/// The largest page, in bytes.
const LARGEST_PAGE: usize = 32 * 1024 * 1024;

/// The requests of one delivery.
pub(super) struct Exchange {
    client: reqwest::Client,
    own: Url,
    shown: Shown,
    deadline: Instant,
    patience: RetryPolicy,
    /// How many bytes may still come.
    left: usize,
}

/// What came back.
pub(super) enum Answer {
    Page { body: Vec<u8>, headers: HeaderMap },
    NotModified,
}

/// A client for the service at `url`; to others it must not be used.
pub(super) fn client(url: &Url, timeout: Duration) -> Result<reqwest::Client, RemoteError> {
    let mut origin = url.clone();
    origin.set_path("/");
    origin.set_query(None);
    origin.set_fragment(None);
    let usual = Timeouts::default();
    let timeouts = Timeouts { connect: usual.connect.min(timeout), read: usual.read.min(timeout), total: timeout };
    client_for(&origin, timeouts).map_err(RemoteError::Prepare)
}

impl Exchange {
    pub(super) async fn open(
        url: &Url,
        credentials: Option<&Credentials>,
        secrets: &Path,
        timeout: Duration,
        deadline: Instant,
    ) -> Result<Self, RemoteError> {
        Ok(Self {
            client: client(url, timeout)?,
            own: url.clone(),
            shown: Shown::of(credentials, secrets, timeout).await?,
            deadline,
            patience: RetryPolicy::default(),
            left: usize::try_from(MAX_BYTES).unwrap_or(usize::MAX),
        })
    }

    /// Reads what is at `url`, trying again while the failure is passing and the delivery has time.
    pub(super) async fn get(&mut self, url: &Url, known: Option<&Validators>) -> Result<Answer, RemoteError> {
        let mut attempt = 1;
        loop {
            let error = match self.once(url, known).await {
                Err(error) if error.is_passing() => error,
                result => return result,
            };
            let delay = self.patience.next_delay(attempt, error.retry_after(), random());
            if attempt >= self.patience.attempts || Instant::now() + delay >= self.deadline {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// The absolute address of a link on `page`, which was read from `from`; it must lead to the same service.
    pub(super) fn follow(&self, from: &Url, link: &str, page: usize) -> Result<Url, RemoteError> {
        let url = from.join(link).map_err(|_| RemoteError::ForeignLink { page })?;
        if url.origin() == self.own.origin() && !has_credentials(&url) {
            Ok(url)
        } else {
            Err(RemoteError::ForeignLink { page })
        }
    }

    async fn once(&mut self, url: &Url, known: Option<&Validators>) -> Result<Answer, RemoteError> {
        let request = self.client.get(url.clone()).header("accept", "application/json, application/scim+json");
        let mut request = self.shown.with(request);
        if let Some(known) = known {
            request = known.etag.iter().fold(request, |request, etag| request.header(IF_NONE_MATCH, etag));
            let since = known.last_modified.iter();
            request = since.fold(request, |request, since| request.header(IF_MODIFIED_SINCE, since));
        }
        let response = request.send().await.map_err(|error| RemoteError::Unreachable(error.without_url()))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status == StatusCode::NOT_MODIFIED && known.is_some() {
            return Ok(Answer::NotModified);
        }
        if status != StatusCode::OK {
            return Err(refusal(status, &headers));
        }
        let limit = self.left.min(LARGEST_PAGE);
        let body = read_body(response, limit).await.map_err(|error| match error {
            BodyError::TooLarge => RemoteError::TooLarge { limit },
            BodyError::Transport(error) => RemoteError::Cut(error),
        })?;
        self.left -= body.len();
        Ok(Answer::Page { body, headers })
    }
}

fn refusal(status: StatusCode, headers: &HeaderMap) -> RemoteError {
    let number = status.as_u16();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => RemoteError::Unauthorized { status: number },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            RemoteError::Throttled { status: number, retry_after: retry_after(headers) }
        }
        status if status.is_redirection() => RemoteError::Redirected { status: number },
        _ => RemoteError::Failed { status: number },
    }
}

/// What an answer gives to recognise it by.
pub(super) fn validators(headers: &HeaderMap) -> Option<Validators> {
    let (etag, last_modified) = (headers.get(ETAG).cloned(), headers.get(LAST_MODIFIED).cloned());
    (etag.is_some() || last_modified.is_some()).then_some(Validators { etag, last_modified })
}
