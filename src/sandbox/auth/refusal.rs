//! Refusals of the token endpoint: OAuth's error with an AADSTS number (graph-contract 5).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use uuid::Uuid;

use crate::sandbox::shared::Shared;

/// Status, OAuth code, AADSTS number, message.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str, pub(super) u32, pub(super) String);

impl Refusal {
    /// A 400.
    pub(super) fn bad(error: &'static str, number: u32, message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, error, number, message.into())
    }

    /// The refusal of a request without a parameter that it needs.
    pub(super) fn missing(parameter: &str) -> Self {
        let message = format!("The request body must contain the following parameter: '{parameter}'.");
        Self::bad("invalid_request", 900_144, message)
    }

    /// The refusal of a tenant that is not this one.
    pub(super) fn unknown_tenant(tenant: &str) -> Self {
        Self::bad("invalid_request", 90002, format!("Tenant '{tenant}' not found."))
    }

    /// The answer.
    pub(super) fn answer(self, shared: &Shared) -> Response {
        let Self(status, error, number, message) = self;
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let timestamp = shared.now().strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let description = format!(
            "AADSTS{number}: {message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}"
        );
        let body = json!({
            "error": error, "error_description": description, "error_codes": [number],
            "timestamp": timestamp, "trace_id": trace, "correlation_id": correlation,
        });
        (status, Json(body)).into_response()
    }
}
