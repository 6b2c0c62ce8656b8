//! How long assignments last: days or a date in beta, a pattern in v1.0.

use serde_json::{Value, json};

use super::super::words;

/// The `expirationPattern` for `durationInDays` and `expirationDateTime`, of which a given date counts; neither, or no
/// days, is for ever.
pub(super) fn incoming(days: Value, end: Value) -> Value {
    if !end.is_null() {
        json!({ "type": "afterDateTime", "endDateTime": end, "duration": null })
    } else if days.is_null() || days.as_u64() == Some(0) {
        json!({ "type": "noExpiration", "endDateTime": null, "duration": null })
    } else {
        json!({ "type": "afterDuration", "endDateTime": null, "duration": words::duration_of_days(days) })
    }
}

/// `durationInDays` and `expirationDateTime` for an `expirationPattern`; hours count as begun days.
pub(super) fn outgoing(expiration: &Value) -> (Value, Value) {
    let member = |name: &str| expiration.get(name).cloned().unwrap_or_default();
    match expiration.get("type").and_then(Value::as_str) {
        Some("afterDuration") => (words::days_of_duration(&member("duration")), Value::Null),
        Some("afterDateTime") => (json!(0), member("endDateTime")),
        _ => (json!(0), Value::Null),
    }
}
