//! What a service is shown: secrets from files, and tokens for them.

use std::path::Path;
use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use crate::http::connection::{BodyError, read_body};
use crate::http::retry::retry_after;
use crate::http::secret_file::{SecretFileError, read_secret};
use crate::workflow::definition::{Credentials, SecretPlace};

use super::error::RemoteError;
use super::exchange::client;

/// Most bytes of a token answer that are read.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What goes with every request of one delivery.
pub(super) enum Shown {
    Nothing,
    Bearer(SecretString),
    Basic { user: String, password: SecretString },
    Header { name: String, value: SecretString },
}

impl Shown {
    /// Reads the secret, and gets a token for it where that is how it goes.
    pub(super) async fn of(
        credentials: Option<&Credentials>,
        secrets: &Path,
        timeout: Duration,
    ) -> Result<Self, RemoteError> {
        Ok(match credentials {
            None => Self::Nothing,
            Some(Credentials::Bearer { token }) => Self::Bearer(header_text(token, secrets).await?),
            Some(Credentials::Basic { user, password }) => {
                Self::Basic { user: user.clone(), password: secret(password, secrets).await? }
            }
            Some(Credentials::ApiKey { header, key }) => {
                Self::Header { name: header.clone(), value: header_text(key, secrets).await? }
            }
            Some(Credentials::ClientCredentials { token_url, client_id, client_secret, scope, in_form }) => {
                let secret = secret(client_secret, secrets).await?;
                let mut form = vec![("grant_type", "client_credentials")];
                form.extend(scope.as_deref().map(|scope| ("scope", scope)));
                let request = client(token_url, timeout)?.post(token_url.clone());
                let request = if *in_form {
                    form.push(("client_id", client_id));
                    form.push(("client_secret", secret.expose_secret()));
                    request
                } else {
                    // RFC 6749, 2.3.1: both are form-encoded before they become a user and a password.
                    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                    request.basic_auth(encoded(client_id), Some(encoded(secret.expose_secret())))
                };
                Self::Bearer(token(request.form(&form)).await?)
            }
        })
    }

    /// The request with it.
    pub(super) fn with(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nothing => request,
            Self::Bearer(token) => request.bearer_auth(token.expose_secret()),
            Self::Basic { user, password } => request.basic_auth(user, Some(password.expose_secret())),
            Self::Header { name, value } => match reqwest::header::HeaderValue::from_str(value.expose_secret()) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    request.header(name, value)
                }
                // It was checked when it was read.
                Err(_) => request,
            },
        }
    }
}

async fn secret(place: &SecretPlace, secrets: &Path) -> Result<SecretString, RemoteError> {
    let unusable = |source| RemoteError::Secret { name: place.as_str().to_owned(), source };
    read_secret(&secrets.join(place.as_str())).await.map_err(unusable)
}

/// A secret that may stand in a header.
async fn header_text(place: &SecretPlace, secrets: &Path) -> Result<SecretString, RemoteError> {
    let found = secret(place, secrets).await?;
    if is_header_text(&found) {
        return Ok(found);
    }
    Err(RemoteError::Secret { name: place.as_str().to_owned(), source: SecretFileError::Unusable })
}

fn is_header_text(secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

async fn token(request: RequestBuilder) -> Result<SecretString, RemoteError> {
    #[derive(Deserialize)]
    struct TokenAnswer {
        access_token: SecretString,
    }
    let response = request.send().await.map_err(|error| RemoteError::Unreachable(error.without_url()))?;
    let status = response.status();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let retry_after = retry_after(response.headers());
        return Err(RemoteError::Throttled { status: status.as_u16(), retry_after });
    }
    let no_token = || RemoteError::NoToken { status: status.as_u16() };
    let body = read_body(response, LONGEST_ANSWER).await.map_err(|error| match error {
        BodyError::TooLarge => no_token(),
        BodyError::Transport(error) => RemoteError::Cut(error),
    })?;
    let answer = serde_json::from_slice::<TokenAnswer>(&body).ok().filter(|_| status == StatusCode::OK);
    answer.map(|answer| answer.access_token).filter(is_header_text).ok_or_else(no_token)
}
