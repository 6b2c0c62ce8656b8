//! Graph's error envelope (graph-contract 4.5) and what every answer carries.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A refusal; the envelope's ids and date are added where the answer leaves the server.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    code: String,
    message: String,
    /// Entitlement management adds an empty `details`.
    details: bool,
    retry_after: Option<u32>,
}

impl ApiError {
    /// A refusal of the directory.
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), details: false, retry_after: None }
    }

    /// A refusal of entitlement management.
    pub(super) fn entitlement(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { details: true, ..Self::new(status, code, message) }
    }

    /// The directory's 400 for what it does not understand.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// The directory's 400 for a query that it does not have, or not without its index.
    pub(super) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// The 400 for a batch as a whole.
    pub(super) fn batch(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// The directory's 404.
    pub(super) fn unknown_object(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    /// A plain answer for a status, with a wait in seconds.
    pub(super) fn of_status(status: StatusCode, retry_after: Option<u32>) -> Self {
        let (code, message) = match status {
            StatusCode::UNAUTHORIZED => ("InvalidAuthenticationToken", "Access token validation failure."),
            StatusCode::FORBIDDEN => {
                ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
            }
            StatusCode::NOT_FOUND => ("ResourceNotFound", "Resource not found for the segment."),
            StatusCode::METHOD_NOT_ALLOWED => ("Request_BadRequest", "The method is not allowed for this resource."),
            StatusCode::PAYLOAD_TOO_LARGE => ("RequestEntityTooLarge", "The request body is larger than 1 MiB."),
            StatusCode::TOO_MANY_REQUESTS => ("TooManyRequests", "Please retry again later."),
            StatusCode::SERVICE_UNAVAILABLE => ("serviceNotAvailable", "The service is temporarily unavailable."),
            status if status.is_server_error() => ("InternalServerError", "The service failed to answer."),
            _ => ("BadRequest", "The request was refused."),
        };
        Self { retry_after, ..Self::new(status, code, message) }
    }

    /// The body of the answer.
    pub(super) fn body(&self, now: Timestamp, request_id: &str, client_request_id: &str) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": request_id,
                "client-request-id": client_request_id,
            },
        });
        if let Some(error) = error.as_object_mut().filter(|_| self.details) {
            error.insert("details".to_owned(), json!([]));
        }
        json!({ "error": error })
    }

    /// Seconds for `Retry-After`.
    pub(super) fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A handler's answer: JSON or a refusal.
pub(super) type Answer = Result<Json<Value>, ApiError>;
