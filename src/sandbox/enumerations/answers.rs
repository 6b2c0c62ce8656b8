//! Answers in the members that a caller knows: those behind the sentinel only where the caller prefers them.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::{ENUMERATIONS, SENTINEL, each_property};
use crate::sandbox::envelope::ApiError;

/// The preference, in `Prefer` and in `Preference-Applied`.
const PREFERENCE: &str = "include-unknown-enum-members";
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The part of Graph whose enumerations have grown.
const GOVERNANCE: &str = "/identityGovernance/";

/// Answers a call; without the preference, the sentinel stands for what came after it.
pub(in crate::sandbox) async fn tell_known_members(request: Request, next: Next) -> Response {
    let preferred = prefers_all(request.headers());
    let is_concerned = request.uri().path().contains(GOVERNANCE);
    let mut response = next.run(request).await;
    if !is_concerned || !response.status().is_success() {
        return response;
    }
    if preferred {
        response.headers_mut().append(PREFERENCE_APPLIED, HeaderValue::from_static(PREFERENCE));
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The body is one that a handler has made, and whole.
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return ApiError::of_status(StatusCode::INTERNAL_SERVER_ERROR, None).into_response();
    };
    let Some(known) = std::str::from_utf8(&bytes).ok().and_then(in_known_members) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(known))
}

fn prefers_all(headers: &HeaderMap) -> bool {
    let is_it = |text: &str| text.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case(PREFERENCE));
    headers.get_all("prefer").iter().any(|value| value.to_str().is_ok_and(is_it))
}

/// The text with the sentinel where it has to stand; `None` where the text can stay as it is.
fn in_known_members(text: &str) -> Option<String> {
    // Most answers name no such member at all, and need not be read.
    let may_hold = ENUMERATIONS
        .iter()
        .any(|own| own.later.iter().any(|member| text.contains(member)) && text.contains(own.property));
    let mut answer: Value = if may_hold { serde_json::from_str(text).ok()? } else { return None };
    each_property(&mut answer, &mut |name, value| {
        let Some(own) = ENUMERATIONS.iter().find(|own| own.property == name && !own.later.is_empty()) else { return };
        // Flags stand in one text, with commas between them.
        let known = |member| if own.later.contains(&member) { SENTINEL } else { member };
        *value = value.split(',').map(known).collect::<Vec<_>>().join(",");
    });
    Some(answer.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_sentinel_stands_for_what_came_after_it() {
        let answer = json!({ "value": [
            { "category": "joiner,mover", "createdDateTime": "x", "displayName": "mover" },
            { "trigger": { "timeBasedAttribute": "createdDateTime" }, "requestType": "approverRemove" },
        ] });
        let known: Value = serde_json::from_str(&in_known_members(&answer.to_string()).unwrap()).unwrap();
        assert_eq!(
            known,
            json!({ "value": [
                { "category": "joiner,unknownFutureValue", "createdDateTime": "x", "displayName": "mover" },
                { "trigger": { "timeBasedAttribute": "unknownFutureValue" }, "requestType": "unknownFutureValue" },
            ] })
        );
        assert_eq!(in_known_members(&json!({ "requestType": "adminAdd", "displayName": "mover" }).to_string()), None);
    }

    #[test]
    fn the_preference_is_read_among_others() {
        let prefers = |text| {
            prefers_all(&HeaderMap::from_iter([(HeaderName::from_static("prefer"), HeaderValue::from_static(text))]))
        };
        assert!(prefers("return=minimal, Include-Unknown-Enum-Members") && prefers(PREFERENCE));
        assert!(!prefers("return=minimal") && !prefers("include-unknown-enum-members-not"));
    }
}
