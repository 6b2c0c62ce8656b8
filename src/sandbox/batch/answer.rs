//! One item's answer within a batch's.

use axum::body::{Bytes, to_bytes};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// One item's answer.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    headers: Map<String, Value>,
    body: Option<Value>,
}

impl Answered {
    /// The answer of a call of its own.
    pub(super) async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), json!(text(value)))).collect();
        // Every answer is one of the sandbox's own, so its size needs no limit; a fault may have broken it off.
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return Self::refusal(StatusCode::BAD_GATEWAY, "UnknownError", "");
        };
        let readable =
            |bytes: &Bytes| serde_json::from_slice(bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(bytes)));
        Self { status: parts.status, headers, body: (!bytes.is_empty()).then(|| readable(&bytes)) }
    }

    /// A refusal of the batch's own.
    pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Self {
        let headers = Map::from_iter([("content-type".to_owned(), json!("application/json"))]);
        Self { status, headers, body: Some(json!({ "error": { "code": code, "message": message } })) }
    }

    /// The item's entry in the batch's answer.
    pub(super) fn render(self, id: &str) -> Value {
        let mut rendered = json!({ "id": id, "status": self.status.as_u16(), "headers": self.headers });
        if let (Some(rendered), Some(body)) = (rendered.as_object_mut(), self.body) {
            rendered.insert("body".to_owned(), body);
        }
        rendered
    }
}
