//! Who approves: beta's `approvalSettings` and v1.0's `accessPackageAssignmentApprovalSettings`.

use serde_json::{Value, json};

use super::super::words;
use super::{subject_sets, take, with_rest};

/// v1.0's settings; beta's `approvalMode` says no more than the stages do.
pub(super) fn incoming(mut settings: Value) -> Value {
    let mut take = |name: &str| take(&mut settings, name);
    take("approvalMode");
    let stages = match stages_of(take("approvalStages")) {
        Value::Array(stages) => Value::Array(stages.into_iter().map(incoming_stage).collect()),
        other => other,
    };
    let known = json!({
        "isApprovalRequiredForAdd": take("isApprovalRequired"),
        "isApprovalRequiredForUpdate": take("isApprovalRequiredForExtension"),
        "isRequestorJustificationRequired": take("isRequestorJustificationRequired"), "stages": stages,
    });
    with_rest(known, settings)
}

/// beta's settings.
pub(super) fn outgoing(mut settings: Value) -> Value {
    let stages = match take(&mut settings, "stages") {
        Value::Array(stages) => stages.into_iter().map(outgoing_stage).collect(),
        _ => Vec::new(),
    };
    let mode = match stages.len() {
        0 => "NoApproval",
        1 => "SingleStage",
        _ => "Serial",
    };
    json!({
        "isApprovalRequired": take(&mut settings, "isApprovalRequiredForAdd"),
        "isApprovalRequiredForExtension": take(&mut settings, "isApprovalRequiredForUpdate"),
        "isRequestorJustificationRequired": take(&mut settings, "isRequestorJustificationRequired"),
        "approvalMode": mode, "approvalStages": stages,
    })
}

/// The list of stages; a vendor document writes the empty one as the text `[]` (seed 002).
fn stages_of(stages: Value) -> Value {
    match stages {
        Value::Null => json!([]),
        Value::String(text) if text.trim().is_empty() => json!([]),
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}

fn incoming_stage(mut stage: Value) -> Value {
    let mut take = |name: &str| take(&mut stage, name);
    let minutes = take("escalationTimeInMinutes");
    let minutes = minutes.as_u64().map_or(minutes, |minutes| json!(format!("PT{minutes}M")));
    let (primary, fallback) = subject_sets::incoming_apart(take("primaryApprovers"));
    let (escalated, fallback_escalated) = subject_sets::incoming_apart(take("escalationApprovers"));
    let known = json!({
        "durationBeforeAutomaticDenial": words::duration_of_days(take("approvalStageTimeOutInDays")),
        "isApproverJustificationRequired": take("isApproverJustificationRequired"),
        "isEscalationEnabled": take("isEscalationEnabled"), "durationBeforeEscalation": minutes,
        "primaryApprovers": primary, "fallbackPrimaryApprovers": fallback,
        "escalationApprovers": escalated, "fallbackEscalationApprovers": fallback_escalated,
    });
    with_rest(known, stage)
}

fn outgoing_stage(mut stage: Value) -> Value {
    let mut take = |name: &str| take(&mut stage, name);
    json!({
        "approvalStageTimeOutInDays": words::days_of_duration(&take("durationBeforeAutomaticDenial")),
        "isApproverJustificationRequired": take("isApproverJustificationRequired"),
        "isEscalationEnabled": take("isEscalationEnabled"),
        "escalationTimeInMinutes": words::minutes_of_duration(&take("durationBeforeEscalation")),
        "primaryApprovers": subject_sets::outgoing(take("primaryApprovers"), take("fallbackPrimaryApprovers")),
        "escalationApprovers": subject_sets::outgoing(take("escalationApprovers"), take("fallbackEscalationApprovers")),
    })
}
