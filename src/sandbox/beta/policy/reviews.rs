//! Access reviews: beta's `assignmentReviewSettings` and v1.0's `accessPackageAssignmentReviewSettings`.

use serde_json::{Map, Value, json};

use super::super::words;
use super::{subject_sets, take};

/// beta's word for how often, and v1.0's pattern: its type and how many of them lie between two reviews.
const RECURRENCES: &[(&str, &str, i64)] = &[
    ("weekly", "weekly", 1),
    ("monthly", "absoluteMonthly", 1),
    ("quarterly", "absoluteMonthly", 3),
    ("halfyearly", "absoluteMonthly", 6),
    ("annual", "absoluteMonthly", 12),
    ("annual", "absoluteYearly", 1),
];
/// Members with a name in each version and the same values.
const NAMES: &[(&str, &str)] = &[
    ("isEnabled", "isEnabled"),
    ("accessReviewTimeoutBehavior", "expirationBehavior"),
    ("isAccessRecommendationEnabled", "isRecommendationEnabled"),
    ("isApprovalJustificationRequired", "isReviewerJustificationRequired"),
];

/// v1.0's settings; null stays null.
pub(super) fn incoming(mut settings: Value) -> Value {
    if !settings.is_object() {
        return settings;
    }
    let mut v1 = Map::new();
    for (beta, name) in NAMES {
        let value = take(&mut settings, beta);
        if !value.is_null() {
            v1.insert((*name).to_owned(), value);
        }
    }
    let mut take = |name: &str| take(&mut settings, name);
    let reviewer = take("reviewerType").as_str().map(str::to_ascii_lowercase).unwrap_or_default();
    let (mut primary, fallback) = subject_sets::incoming_apart(take("reviewers"));
    if reviewer == "manager" {
        primary = json!([{ "@odata.type": "#microsoft.graph.targetManager", "managerLevel": 1 }]);
    }
    let days = words::duration_of_days(take("durationInDays"));
    let expiration_type = if days.is_null() { "notSpecified" } else { "afterDuration" };
    v1.extend([
        ("isSelfReview".to_owned(), json!(reviewer == "self")),
        ("primaryReviewers".to_owned(), primary),
        ("fallbackReviewers".to_owned(), fallback),
        (
            "schedule".to_owned(),
            json!({
                "startDateTime": take("startDateTime"),
                "expiration": { "type": expiration_type, "duration": days, "endDateTime": null },
                "recurrence": recurrence(&take("recurrenceType")),
            }),
        ),
    ]);
    Value::Object(v1)
}

/// beta's settings; null stays null.
pub(super) fn outgoing(mut settings: Value) -> Value {
    if !settings.is_object() {
        return settings;
    }
    let schedule = take(&mut settings, "schedule");
    let (primary, fallback) = (take(&mut settings, "primaryReviewers"), take(&mut settings, "fallbackReviewers"));
    let is_manager = primary.pointer("/0/@odata.type").is_some_and(|kind| kind == "#microsoft.graph.targetManager");
    let (reviewer, reviewers) = match settings.get("isSelfReview") {
        Some(Value::Bool(true)) => ("Self", json!([])),
        _ if is_manager => ("Manager", subject_sets::outgoing(json!([]), fallback)),
        _ => ("Reviewers", subject_sets::outgoing(primary, fallback)),
    };
    let mut beta: Map<String, Value> =
        NAMES.iter().map(|(beta, name)| ((*beta).to_owned(), take(&mut settings, name))).collect();
    let duration = schedule.pointer("/expiration/duration").cloned().unwrap_or_default();
    beta.extend([
        ("reviewerType".to_owned(), json!(reviewer)),
        ("reviewers".to_owned(), reviewers),
        ("startDateTime".to_owned(), schedule.get("startDateTime").cloned().unwrap_or_default()),
        ("durationInDays".to_owned(), words::days_of_duration(&duration)),
        ("recurrenceType".to_owned(), recurrence_type(&schedule)),
    ]);
    Value::Object(beta)
}

fn recurrence(name: &Value) -> Value {
    let known =
        RECURRENCES.iter().find(|(known, ..)| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(known)));
    known.map_or(Value::Null, |(_, kind, interval)| {
        json!({ "pattern": { "type": kind, "interval": interval }, "range": { "type": "noEnd" } })
    })
}

fn recurrence_type(schedule: &Value) -> Value {
    let pattern = |name: &str| schedule.pointer(&format!("/recurrence/pattern/{name}"));
    let is_known = |(_, kind, interval): &&(&str, &str, i64)| {
        pattern("type").is_some_and(|given| given == kind)
            && pattern("interval").and_then(Value::as_i64).unwrap_or(1) == *interval
    };
    RECURRENCES.iter().find(is_known).map_or(Value::Null, |(name, ..)| json!(name))
}
