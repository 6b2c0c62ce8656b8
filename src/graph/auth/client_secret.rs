//! Tokens by client secret: the OAuth client credentials grant.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::cache::{CachedToken, FetchToken, FetchedToken};
use super::{Refusal, TokenError, TokenSource};
use crate::graph::odata::encode;
use crate::http::connection::{BodyError, ConnectionError, Timeouts, client_for, read_body};
use crate::http::retry::retry_after;
use crate::http::secret_file::{LONGEST_SECRET, SecretFileError, read_secret};

/// Most bytes of a token answer that are read.
const LONGEST_ANSWER: usize = 256 * 1024;
/// No token is believed to live longer.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Whose token is fetched, and where.
#[derive(Debug, Clone)]
pub struct ClientSecretOptions {
    /// The login service without a path, such as `https://login.microsoftonline.com`.
    pub login: Url,
    /// The tenant's id or one of its domains.
    pub tenant: String,
    /// The application's (client) id.
    pub client_id: String,
    /// Where the secret is.
    pub secret: SecretOrigin,
    /// What the token is for: the Graph address followed by `/.default`.
    pub scope: String,
    /// How long an exchange with the login service may take.
    pub timeouts: Timeouts,
}

/// Where a client secret is.
#[derive(Debug, Clone)]
pub enum SecretOrigin {
    /// In a file, which is read again for every token, so that a new secret needs no restart. A line end after it is dropped.
    File(PathBuf),
    /// In memory.
    Value(SecretString),
}

/// A token source by client secret
/// (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>): cached, single flight, renewed early.
pub struct ClientSecret(CachedToken<Login>);

impl ClientSecret {
    /// Sets it up; nothing is sent or read until a token is wanted.
    ///
    /// # Errors
    /// [`ConnectionError`] when the login address is not usable.
    pub fn new(options: ClientSecretOptions) -> Result<Self, ConnectionError> {
        let http = client_for(&options.login, options.timeouts)?;
        let mut endpoint = options.login.clone();
        endpoint.set_path(&format!("/{}/oauth2/v2.0/token", encode(&options.tenant)));
        Ok(Self(CachedToken::new(Login { http, endpoint, options })))
    }
}

#[async_trait]
impl TokenSource for ClientSecret {
    async fn token(&self) -> Result<SecretString, TokenError> {
        self.0.token().await
    }

    fn reject(&self, token: &SecretString) {
        self.0.reject(token);
    }
}

struct Login {
    http: reqwest::Client,
    endpoint: Url,
    options: ClientSecretOptions,
}

#[async_trait]
impl FetchToken for Login {
    async fn fetch(&self) -> Result<FetchedToken, TokenError> {
        let secret = match &self.options.secret {
            SecretOrigin::File(path) => read_secret(path).await.map_err(|error| match error {
                SecretFileError::Unreadable(source) => {
                    TokenError::SecretFile { path: path.clone(), source: Arc::new(source) }
                }
                SecretFileError::Unusable => TokenError::UnusableSecret { path: path.clone(), limit: LONGEST_SECRET },
            })?,
            SecretOrigin::Value(secret) => secret.clone(),
        };
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.options.client_id),
            ("scope", &self.options.scope),
            ("client_secret", secret.expose_secret()),
        ];
        let response = self.http.post(self.endpoint.clone()).form(&form).send().await.map_err(no_answer)?;
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let body = read_body(response, LONGEST_ANSWER).await.map_err(|error| match error {
            BodyError::TooLarge => TokenError::Malformed { status: status.as_u16() },
            BodyError::Transport(error) => no_answer(error),
        })?;
        if status == StatusCode::OK {
            return token_in(&body).ok_or(TokenError::Malformed { status: status.as_u16() });
        }
        let refusal = refusal_in(status.as_u16(), &body);
        Err(if refusal.is_passing() {
            TokenError::Unavailable { refusal, retry_after }
        } else if refusal.word.is_empty() {
            TokenError::Malformed { status: status.as_u16() }
        } else {
            TokenError::Refused { refusal }
        })
    }
}

fn no_answer(error: reqwest::Error) -> TokenError {
    TokenError::Transport { source: Arc::new(error.without_url()) }
}

fn token_in(body: &[u8]) -> Option<FetchedToken> {
    #[derive(Deserialize)]
    struct TokenAnswer {
        access_token: SecretString,
        expires_in: Value,
    }
    let answer: TokenAnswer = serde_json::from_slice(body).ok()?;
    // Seconds come as a number, from some endpoints as a string.
    let seconds = answer.expires_in.as_u64().or_else(|| answer.expires_in.as_str()?.parse().ok())?;
    let lifetime = Duration::from_secs(seconds).min(LONGEST_LIFETIME);
    let is_header_text = answer.access_token.expose_secret().chars().all(|character| character.is_ascii_graphic());
    (is_header_text && !answer.access_token.expose_secret().is_empty())
        .then_some(FetchedToken { token: answer.access_token, lifetime })
}

fn refusal_in(status: u16, body: &[u8]) -> Refusal {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct ErrorAnswer {
        error: String,
        error_codes: Vec<u32>,
        error_description: String,
    }
    let answer: ErrorAnswer = serde_json::from_slice(body).unwrap_or_default();
    let described = || {
        let (_, after) = answer.error_description.split_once("AADSTS")?;
        after.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    };
    let is_word = answer.error.len() <= 64 && answer.error.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    Refusal {
        status,
        aadsts: answer.error_codes.first().copied().or_else(described),
        word: if is_word { answer.error } else { String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lifetime_is_read_as_a_number_or_as_text() {
        for expires_in in ["3599", r#""3599""#] {
            let body = format!(r#"{{"token_type":"Bearer","expires_in":{expires_in},"access_token":"a.b"}}"#);
            assert_eq!(token_in(body.as_bytes()).unwrap().lifetime, Duration::from_secs(3599));
        }
        assert!(token_in(br#"{"expires_in":3599,"access_token":"a\r\nb"}"#).is_none());
        assert!(token_in(br#"{"expires_in":3599,"access_token":""}"#).is_none());
        assert!(token_in(b"<html>").is_none());
    }

    #[test]
    fn a_refusal_keeps_code_and_word_but_not_the_description() {
        let body = br#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret hunter2.","error_codes":[7000215]}"#;
        let refusal = refusal_in(401, body);
        assert_eq!(refusal, Refusal { status: 401, word: "invalid_client".into(), aadsts: Some(7_000_215) });
        let without_codes = br#"{"error":"invalid_scope","error_description":"AADSTS70011: no"}"#;
        assert_eq!(refusal_in(400, without_codes).aadsts, Some(70_011));
        assert_eq!(refusal_in(502, b"<html>"), Refusal { status: 502, word: String::new(), aadsts: None });
        assert_eq!(refusal_in(400, br#"{"error":"My secret is hunter2"}"#).word, "");
    }
}
