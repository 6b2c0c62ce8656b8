//! The Graph client: sends calls with a token, retries reads, follows pages, and tells what went wrong.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::auth::{TokenError, TokenSource};
use super::error::{CallId, GraphError};
use super::wire::Page;
use crate::domain::address::has_credentials;
use crate::http::connection::{BodyError, ConnectionError, Timeouts, client_for, read_body};
use crate::http::retry::{RetryPolicy, random};

mod batch;
mod round;

pub use batch::{BatchAnswer, BatchRead};
pub use round::Round;

/// Without it, members that an enumeration got later read as `unknownFutureValue`
/// (<https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations>).
const EVERY_MEMBER: &str = "include-unknown-enum-members";

/// What a [`GraphClient`] is made of.
#[derive(Clone)]
pub struct GraphOptions {
    /// Graph without a version, such as `https://graph.microsoft.com`; plain http for this machine alone.
    pub root: Url,
    /// Where tokens come from.
    pub tokens: Arc<dyn TokenSource>,
    /// How long one exchange may take.
    pub timeouts: Timeouts,
    /// How reads are tried again.
    pub retry: RetryPolicy,
    /// The largest answer that is read, in bytes.
    pub largest_answer: usize,
    /// The most pages a list may have.
    pub most_pages: usize,
}

impl GraphOptions {
    /// Options with the usual bounds: answers of 16 MiB, lists of 10,000 pages.
    pub fn new(root: Url, tokens: Arc<dyn TokenSource>) -> Self {
        Self {
            root,
            tokens,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            largest_answer: 16 * 1024 * 1024,
            most_pages: 10_000,
        }
    }
}

/// A client of one Graph service. Addresses given to it begin with the version: `/v1.0/users?$top=999`.
pub struct GraphClient {
    http: reqwest::Client,
    options: GraphOptions,
}

impl GraphClient {
    /// Sets the client up; nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectionError`] when the root is not usable.
    pub fn new(options: GraphOptions) -> Result<Self, ConnectionError> {
        Ok(Self { http: client_for(&options.root, options.timeouts)?, options })
    }

    /// Reads one object, trying again while the failure is passing.
    ///
    /// # Errors
    /// [`GraphError`] after the last attempt.
    pub async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, GraphError> {
        self.read(&self.own_address(address)?).await
    }

    /// Reads one object; `None` when Graph says that there is no such object.
    ///
    /// # Errors
    /// [`GraphError`] after the last attempt.
    pub async fn find<T: DeserializeOwned>(&self, address: &str) -> Result<Option<T>, GraphError> {
        match self.get(address).await {
            Ok(found) => Ok(Some(found)),
            Err(GraphError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a list to its last page.
    ///
    /// # Errors
    /// [`GraphError`] when any page could not be read: an incomplete list is none.
    pub async fn get_all<T: DeserializeOwned>(&self, address: &str) -> Result<Vec<T>, GraphError> {
        let mut url = self.own_address(address)?;
        let mut items = Vec::new();
        for _ in 0..self.options.most_pages {
            let page: Page<T> = self.read(&url).await?;
            items.extend(page.value);
            match page.next_link {
                Some(link) => url = self.own_address(&link)?,
                None => return Ok(items),
            }
        }
        Err(GraphError::TooManyPages { limit: self.options.most_pages })
    }

    /// Sends `body` once: whatever happens, it is not sent again, save after a 401, which means that it was not looked at.
    ///
    /// # Errors
    /// [`GraphError`], whose variants tell whether the service may have acted.
    pub async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        address: &str,
        body: &B,
    ) -> Result<T, GraphError> {
        self.call(Method::POST, &self.own_address(address)?, Some(body)).await?.decode()
    }

    /// The absolute address by which the body of a link names another object.
    ///
    /// # Errors
    /// [`GraphError::ForeignLink`] when `address` leads elsewhere.
    pub fn absolute(&self, address: &str) -> Result<Url, GraphError> {
        self.own_address(address)
    }

    /// Links one object to another by `body`, once, as [`Self::post`] sends; what a success answers is not read.
    ///
    /// # Errors
    /// [`GraphError`], whose variants tell whether the service may have acted.
    pub async fn link<B: Serialize + Sync>(&self, address: &str, body: &B) -> Result<(), GraphError> {
        self.call(Method::POST, &self.own_address(address)?, Some(body)).await.map(|_| ())
    }

    /// Ends what is at `address`, once, as [`Self::post`] sends.
    ///
    /// # Errors
    /// [`GraphError`], whose variants tell whether the service may have acted.
    pub async fn delete(&self, address: &str) -> Result<(), GraphError> {
        self.call::<()>(Method::DELETE, &self.own_address(address)?, None).await.map(|_| ())
    }

    async fn read<T: DeserializeOwned>(&self, url: &Url) -> Result<T, GraphError> {
        let mut attempt = 1;
        loop {
            let error = match self.call::<()>(Method::GET, url, None).await {
                Ok(answer) => return answer.decode(),
                Err(error) => error,
            };
            let delay = self.options.retry.next_delay(attempt, error.retry_after(), random());
            if !error.is_passing() || attempt >= self.options.retry.attempts || delay > self.options.retry.longest_wait
            {
                return Err(error);
            }
            tracing::debug!(attempt, delay_ms = delay.as_millis(), %error, "graph read is tried again");
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    /// One call with a token; a token that is answered with 401 is replaced once.
    async fn call<B: Serialize + Sync>(
        &self,
        method: Method,
        url: &Url,
        body: Option<&B>,
    ) -> Result<Answer, GraphError> {
        let token = self.options.tokens.token().await?;
        match self.exchange(method.clone(), url, body, &token).await {
            Err(GraphError::Unauthorized(_)) => {
                self.options.tokens.reject(&token);
                let fresh = self.options.tokens.token().await?;
                self.exchange(method, url, body, &fresh).await
            }
            result => result,
        }
    }

    /// The one place where bytes go to Graph; a limiter belongs around it.
    async fn exchange<B: Serialize + Sync>(
        &self,
        method: Method,
        url: &Url,
        body: Option<&B>,
        token: &SecretString,
    ) -> Result<Answer, GraphError> {
        let call = CallId::fresh();
        let is_read = method == Method::GET;
        let request = self.http.request(method, url.clone());
        let request = match body {
            Some(body) => request.json(body),
            None if is_read => request.header("prefer", EVERY_MEMBER),
            None => request,
        };
        let request =
            request.header(AUTHORIZATION, bearer(token)?).header("client-request-id", call.client.to_string());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Err(no_answer(error, call)),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let call = call.answered(&headers);
        match read_body(response, self.options.largest_answer).await {
            Ok(body) if status.is_success() => Ok(Answer { body, call }),
            Ok(body) => Err(GraphError::from_answer(status, &headers, &body, call)),
            Err(BodyError::TooLarge) => Err(GraphError::TooLarge { limit: self.options.largest_answer, call }),
            Err(BodyError::Transport(error)) => Err(no_answer(error, call)),
        }
    }

    /// The absolute address of `link`, provided that it leads to the configured service: a token must not go elsewhere.
    fn own_address(&self, link: &str) -> Result<Url, GraphError> {
        let foreign = |origin: String| GraphError::ForeignLink { origin };
        let url = self.options.root.join(link).map_err(|_| foreign("an unreadable address".to_owned()))?;
        if url.origin() == self.options.root.origin() && !has_credentials(&url) {
            Ok(url)
        } else {
            Err(foreign(url.origin().ascii_serialization()))
        }
    }
}

/// A success, not yet read.
struct Answer {
    body: Vec<u8>,
    call: CallId,
}

impl Answer {
    fn decode<T: DeserializeOwned>(self) -> Result<T, GraphError> {
        serde_json::from_slice(&self.body).map_err(|error| GraphError::Malformed {
            line: error.line(),
            column: error.column(),
            call: self.call,
        })
    }
}

fn no_answer(error: reqwest::Error, call: CallId) -> GraphError {
    let never_sent = error.is_connect() || error.is_builder();
    GraphError::Transport { never_sent, call, source: error.without_url() }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, TokenError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| TokenError::Malformed { status: 200 })?;
    value.set_sensitive(true);
    Ok(value)
}
