//! How usherd connects: checked addresses, the HTTP client, bounded bodies.

use std::time::Duration;

use reqwest::redirect::Policy;
use url::Url;

use crate::domain::address::{has_credentials, is_encrypted, is_loopback};

/// How long one exchange may take, in real time.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub read: Duration,
    /// From the first byte sent to the last byte read.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), read: Duration::from_secs(60), total: Duration::from_secs(120) }
    }
}

/// Why a client for an address could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Tokens and secrets would travel in the clear.
    #[error(
        "the address '{0}' is not https; plain http is accepted for this machine alone (localhost, 127.0.0.1, ::1)"
    )]
    NotEncrypted(String),
    /// More than an origin was given.
    #[error("the address '{0}' must be a scheme, a host and a port alone, such as https://graph.microsoft.com")]
    NotAnOrigin(String),
    /// The HTTP client refused to be built.
    #[error(
        "the HTTP client could not be set up; check that the machine's CA certificates are installed (package ca-certificates)"
    )]
    Client(#[source] reqwest::Error),
}

/// Builds the client for the service at `base`: https, or plain http to this machine alone; never following a redirect, never retrying.
///
/// # Errors
/// [`ConnectionError`] when `base` is not such an address, or when the platform offers no CA certificates.
pub fn client_for(base: &Url, timeouts: Timeouts) -> Result<reqwest::Client, ConnectionError> {
    let is_origin = base.path() == "/" && base.query().is_none() && base.fragment().is_none();
    if !is_origin || has_credentials(base) {
        return Err(ConnectionError::NotAnOrigin(base.origin().ascii_serialization()));
    }
    let is_plain_loopback = base.scheme() == "http" && is_loopback(base);
    if !is_encrypted(base) {
        return Err(ConnectionError::NotEncrypted(base.origin().ascii_serialization()));
    }
    // An error means that main has installed a provider already.
    rustls::crypto::ring::default_provider().install_default().ok();
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .timeout(timeouts.total)
        .user_agent(concat!("usherd/", env!("CARGO_PKG_VERSION")));
    let builder = if is_plain_loopback {
        // A machine without CA certificates must still reach its own sandbox, and a proxy has no place in between.
        builder.tls_certs_only([]).no_proxy()
    } else {
        builder.https_only(true)
    };
    builder.build().map_err(ConnectionError::Client)
}

/// Why a body could not be read.
#[derive(Debug)]
pub enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// The connection failed on the way.
    Transport(reqwest::Error),
}

/// Reads a body of at most `limit` bytes, counted after decompression.
///
/// # Errors
/// [`BodyError`] when it is larger, or when the connection fails on the way.
pub async fn read_body(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| BodyError::Transport(error.without_url()))? {
        if body.len().saturating_add(piece.len()) > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(address: &str) -> Result<reqwest::Client, ConnectionError> {
        client_for(&address.parse().unwrap(), Timeouts::default())
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for address in ["http://localhost:8080", "http://127.0.0.9:1", "http://[::1]:1/"] {
            assert!(build(address).is_ok(), "{address}");
        }
        for address in
            ["http://graph.microsoft.com", "http://127.0.0.1.evil.example", "http://10.0.0.1", "ftp://localhost"]
        {
            assert!(matches!(build(address), Err(ConnectionError::NotEncrypted(_))), "{address}");
        }
    }

    #[test]
    fn an_address_with_more_than_an_origin_is_refused_without_repeating_its_password() {
        for address in
            ["https://graph.microsoft.com/v1.0", "https://a:secret@graph.microsoft.com", "https://g.example/?a=b"]
        {
            let error = build(address).unwrap_err();
            assert!(matches!(error, ConnectionError::NotAnOrigin(_)), "{address}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
