//! What can go wrong with a Graph call: one enum, mapped from the status in one place.

use std::fmt;
use std::iter::successors;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use super::auth::TokenError;
use crate::http::retry::retry_after;

/// Longest piece of the service's own text that is kept, in characters.
const LONGEST_TEXT: usize = 500;
/// How deep an error code is looked for in nested `innerError` objects.
const DEEPEST_INNER_ERROR: usize = 4;
/// What Graph says where it no longer knows a delta token (graph-contract 2.3).
const STATE_LOST: [&str; 3] = ["syncStateNotFound", "syncStateInvalid", "resyncRequired"];

/// Why a Graph call failed. `Display` carries statuses, codes and request ids, never the service's message, which may repeat names.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The request is wrong (400, and every 4xx that has no variant of its own).
    #[error("Graph found the request wrong: {0}")]
    BadRequest(Box<ServiceAnswer>),
    /// The token was not accepted, also not a fresh one (401).
    #[error(
        "Graph did not accept usherd's token, also not a fresh one: {0}; check the tenant, the scope and the cloud"
    )]
    Unauthorized(Box<ServiceAnswer>),
    /// A permission lacks (403).
    #[error("Graph refused access: {0}; grant the application permission and its admin consent, or its catalog role")]
    Forbidden(Box<ServiceAnswer>),
    /// The service says that it has no such object (404 with Graph's own error envelope).
    #[error("Graph knows no such object: {0}")]
    NotFound(Box<ServiceAnswer>),
    /// The object's state does not allow it (409).
    #[error("Graph sees a conflict: {0}")]
    Conflict(Box<ServiceAnswer>),
    /// Too many calls (429).
    #[error("Graph throttles usherd: {answer}")]
    Throttled {
        /// The answer.
        answer: Box<ServiceAnswer>,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service failed at it (5xx, and 408): it may or may not have been done.
    #[error("Graph failed: {answer}")]
    Server {
        /// The answer.
        answer: Box<ServiceAnswer>,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// Not an answer Graph gives: a redirect, or a 404 without Graph's error envelope, as from a wrong address or a proxy.
    #[error("unexpected answer: {0}; check the configured Graph address and any proxy on the way")]
    Unexpected(Box<ServiceAnswer>),
    /// A success whose body is not what the call promises. Holds the place only: serde's own words would repeat values.
    #[error("Graph's answer could not be read at line {line}, column {column} ({call})")]
    Malformed {
        /// Line in the body, from 1.
        line: usize,
        /// Column in the body, from 1.
        column: usize,
        /// The call.
        call: CallId,
    },
    /// The body is larger than `limit` bytes.
    #[error("Graph's answer is larger than {limit} bytes ({call})")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// The call.
        call: CallId,
    },
    /// No answer: no connection, a timeout, a reset.
    #[error("the call to Graph got no answer ({call})")]
    Transport {
        /// Whether the request certainly never left this machine.
        never_sent: bool,
        /// The call.
        call: CallId,
        /// What happened.
        #[source]
        source: reqwest::Error,
    },
    /// A link to another origin, to which a token must not go.
    #[error("a link leads to {origin}, which is not the configured Graph address; it was not followed")]
    ForeignLink {
        /// Scheme, host and port of the link.
        origin: String,
    },
    /// A list that does not end.
    #[error("a list has more than {limit} pages; nothing of it is used")]
    TooManyPages {
        /// The limit.
        limit: usize,
    },
    /// A list, a round or a batch that ends before its end.
    #[error("Graph's answer ends before its end; nothing of it is used")]
    Unfinished,
    /// No token, so nothing was sent.
    #[error("no token for Graph")]
    Token(#[from] TokenError),
}

/// Graph's answer to a failed call.
#[derive(Debug, Clone)]
pub struct ServiceAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Graph's error code; may be empty.
    pub code: String,
    /// Graph's message, shortened; unstable, may repeat names: for a person at a terminal, never for logs or for branching.
    pub message: String,
    /// The call.
    pub call: CallId,
}

impl fmt::Display for ServiceAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP status {}, code '{}' ({})", self.status, self.code, self.call)
    }
}

/// What Microsoft's support asks for: the ids of one call on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallId {
    /// `client-request-id`, made by usherd for this call.
    pub client: Uuid,
    /// `request-id`, made by Graph; absent when no answer came.
    pub server: Option<String>,
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client-request-id {}", self.client)?;
        self.server.as_ref().map_or(Ok(()), |server| write!(f, ", request-id {server}"))
    }
}

impl CallId {
    /// A fresh id for a call that is about to be made.
    pub(super) fn fresh() -> Self {
        Self { client: Uuid::new_v4(), server: None }
    }

    /// The same call, answered.
    pub(super) fn answered(self, headers: &HeaderMap) -> Self {
        let server = headers.get("request-id").and_then(|id| id.to_str().ok()).map(kept_word);
        Self { server, ..self }
    }
}

impl GraphError {
    /// The error that an answer with a status other than 2xx stands for.
    pub(super) fn from_answer(status: StatusCode, headers: &HeaderMap, body: &[u8], call: CallId) -> Self {
        let envelope = Envelope::parse(body);
        let is_envelope = envelope.is_some();
        let Envelope { code, message } = envelope.unwrap_or_default();
        let answer = Box::new(ServiceAnswer { status: status.as_u16(), code, message, call });
        match status.as_u16() {
            401 => Self::Unauthorized(answer),
            403 => Self::Forbidden(answer),
            404 if is_envelope => Self::NotFound(answer),
            404 => Self::Unexpected(answer),
            408 | 500..=599 => Self::Server { answer, retry_after: retry_after(headers) },
            409 => Self::Conflict(answer),
            429 => Self::Throttled { answer, retry_after: retry_after(headers) },
            400..=499 => Self::BadRequest(answer),
            _ => Self::Unexpected(answer),
        }
    }

    /// Whether the same read may succeed a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            // Not implemented today is not implemented a moment later.
            Self::Server { answer, .. } => answer.status != 501,
            Self::Throttled { .. } | Self::Transport { .. } => true,
            Self::Token(error) => !error.is_permanent(),
            _ => false,
        }
    }

    /// Whether Graph no longer knows where a delta query had stopped, so that only reading everything anew helps.
    pub fn is_state_lost(&self) -> bool {
        let (Self::BadRequest(answer) | Self::NotFound(answer) | Self::Conflict(answer)) = self else { return false };
        let is_code = |code: &&str| code.eq_ignore_ascii_case(&answer.code);
        answer.status == 410 || STATE_LOST.iter().any(is_code)
    }

    /// Whether the call is one that this service, or these properties, do not have.
    pub fn is_not_offered(&self) -> bool {
        match self {
            Self::BadRequest(_) => !self.is_state_lost(),
            Self::Server { answer, .. } => answer.status == 501,
            _ => false,
        }
    }

    /// How long the service asks to wait before the next call.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } | Self::Server { retry_after, .. } => *retry_after,
            Self::Token(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// Graph's error envelope, as far as it can be trusted.
#[derive(Default)]
struct Envelope {
    code: String,
    message: String,
}

impl Envelope {
    /// Reads `{"error":{"code","message","innerError"|"innererror"}}`; an empty code gives way to the nearest inner one.
    fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let error = body.get("error").filter(|error| error.is_object())?;
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = successors(Some(error), |error| error.get("innerError").or_else(|| error.get("innererror")))
            .take(DEEPEST_INNER_ERROR)
            .map(|error| text(error, "code"))
            .find(|code| !code.is_empty());
        Some(Self {
            code: kept_word(&code.unwrap_or_default()),
            message: text(error, "message").chars().take(LONGEST_TEXT).collect(),
        })
    }
}

/// A code or an id from outside, fit for a log line: printable ASCII, bounded.
fn kept_word(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> GraphError {
        let status = StatusCode::from_u16(status).unwrap();
        GraphError::from_answer(status, &HeaderMap::new(), body.as_bytes(), CallId::fresh())
    }

    fn answer(status: u16, body: &str) -> ServiceAnswer {
        match error(status, body) {
            GraphError::BadRequest(answer) | GraphError::Server { answer, .. } => *answer,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn every_documented_shape_of_the_envelope_is_read() {
        let real = r#"{"error":{"code":"InvalidFilter","message":"OData query is invalid","details":[],"innerError":{"date":"2023-12-14T19:27:42"}}}"#;
        assert_eq!(answer(400, real).code, "InvalidFilter");
        assert_eq!(answer(400, real).message, "OData query is invalid");
        let nested = r#"{"error":{"code":"","message":null,"innererror":{"innererror":{"code":"quota"}}}}"#;
        assert_eq!(answer(400, nested).code, "quota");
        for other in ["<html>Bad gateway</html>", "", r#"{"error":"text"}"#, r#"{"error":{"code":7}}"#] {
            assert_eq!(answer(502, other).code, "", "{other}");
        }
    }

    #[test]
    fn a_404_means_absence_only_in_graphs_own_words() {
        assert!(matches!(error(404, r#"{"error":{"code":"ResourceNotFound"}}"#), GraphError::NotFound(_)));
        assert!(matches!(error(404, "<html>no such page</html>"), GraphError::Unexpected(_)));
    }

    #[test]
    fn the_message_of_the_service_stays_out_of_the_text() {
        let error = error(400, r#"{"error":{"code":"X\n","message":"Jane Doe is unknown"}}"#);
        assert!(
            error
                .to_string()
                .starts_with("Graph found the request wrong: HTTP status 400, code 'X' (client-request-id ")
        );
        assert!(!error.to_string().contains("Jane"));
    }

    #[test]
    fn only_passing_failures_are_tried_again() {
        for (status, is_passing) in
            [(408, true), (429, true), (500, true), (504, true), (400, false), (403, false), (409, false), (301, false)]
        {
            assert_eq!(error(status, "").is_passing(), is_passing, "{status}");
        }
    }
}
