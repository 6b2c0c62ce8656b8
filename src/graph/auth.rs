//! Tokens for Graph: where they come from, and why there is none.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

mod cache;
mod client_secret;

pub use client_secret::{ClientSecret, ClientSecretOptions, SecretOrigin};

/// Gives tokens for Graph; shared by every call.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token that is valid now, from memory where possible.
    ///
    /// # Errors
    /// [`TokenError`] when there is none; [`TokenError::is_permanent`] tells whether a person must act.
    async fn token(&self) -> Result<SecretString, TokenError>;

    /// Says that Graph answered `token` with 401, so that it is not handed out again. A token renewed meanwhile stays.
    fn reject(&self, token: &SecretString);
}

/// Why there is no token. Never holds the secret, nor the login service's description, which may repeat it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// The file with the client secret cannot be read.
    #[error(
        "the client secret file '{path}' could not be read; check that it exists and that usherd's account may read it"
    )]
    SecretFile {
        /// The file.
        path: PathBuf,
        /// What happened.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The file with the client secret holds no secret.
    #[error("the client secret file '{path}' must hold the secret alone, as text of 1 to {limit} bytes")]
    UnusableSecret {
        /// The file.
        path: PathBuf,
        /// The most a secret file may hold, in bytes.
        limit: u64,
    },
    /// The login service did not answer.
    #[error("the login service gave no answer")]
    Transport {
        /// What happened.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// The login service cannot answer now.
    #[error("the login service is not able to give a token now: {refusal}")]
    Unavailable {
        /// What it said.
        refusal: Refusal,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The login service said no, and will say so again until somebody changes the configuration.
    #[error("the login service refused usherd: {refusal}; {}", refusal.advice())]
    Refused {
        /// What it said.
        refusal: Refusal,
    },
    /// The login service's answer holds no usable token.
    #[error(
        "the login service's answer with HTTP status {status} is not a token answer; check the login address and any proxy on the way"
    )]
    Malformed {
        /// The HTTP status.
        status: u16,
    },
}

impl TokenError {
    /// Whether trying again is in vain until a person changes something.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::SecretFile { .. } | Self::UnusableSecret { .. } | Self::Refused { .. })
    }

    /// How long the login service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What the login service said when it gave no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// OAuth's error word (RFC 6749, 5.2), such as `invalid_client`; empty when it gave none.
    pub word: String,
    /// The number of its AADSTS code.
    pub aadsts: Option<u32>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HTTP status {}, '{}'", self.status, self.word)?;
        self.aadsts.map_or(Ok(()), |code| write!(f, ", AADSTS{code}"))
    }
}

impl Refusal {
    /// Whether the login service blames the moment and not the configuration
    /// (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
    pub(crate) fn is_passing(&self) -> bool {
        self.status == 408
            || self.status == 429
            || self.status >= 500
            || matches!(self.word.as_str(), "temporarily_unavailable" | "server_error")
            || matches!(self.aadsts, Some(50196 | 90006 | 90024 | 90033))
    }

    /// What a person can do about it.
    pub fn advice(&self) -> &'static str {
        match self.aadsts {
            Some(7_000_215) => "put the secret's value (not its id) in the client secret file",
            Some(7_000_222) => "the client secret has expired: make a new one and put it in the client secret file",
            Some(700_016) => "check the client id and the tenant: the tenant has no such application",
            Some(90_002) => "check the tenant id: there is no such tenant",
            Some(70_011) => "check the scope: it must be the Graph address followed by /.default",
            Some(53_003) => "a Conditional Access policy blocks the application: change it for this workload",
            _ => {
                "look up the code at https://login.microsoftonline.com/error and correct the tenant, client id, secret or scope"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, word: &str, aadsts: Option<u32>) -> Refusal {
        Refusal { status, word: word.into(), aadsts }
    }

    #[test]
    fn a_wrong_configuration_is_told_from_a_bad_moment() {
        assert!(!refusal(401, "invalid_client", Some(7_000_215)).is_passing());
        assert!(!refusal(400, "invalid_scope", Some(70_011)).is_passing());
        assert!(refusal(400, "temporarily_unavailable", None).is_passing());
        assert!(refusal(400, "invalid_request", Some(90_033)).is_passing());
        assert!(refusal(503, "", None).is_passing());
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let error = TokenError::Refused { refusal: refusal(401, "invalid_client", Some(7_000_222)) };
        assert_eq!(
            error.to_string(),
            "the login service refused usherd: HTTP status 401, 'invalid_client', AADSTS7000222; \
             the client secret has expired: make a new one and put it in the client secret file"
        );
    }
}
