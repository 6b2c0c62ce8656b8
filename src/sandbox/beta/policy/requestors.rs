//! Who may ask: beta's `requestorSettings` (docs: requestorsettings, beta) and the three members that v1.0 has instead.

use serde_json::{Value, json};

use super::{subject_sets, take, with_rest};

/// What v1.0 has for beta's `requestorSettings`.
pub(super) struct Requestors {
    pub(super) scope: Value,
    pub(super) targets: Value,
    pub(super) settings: Value,
}

/// beta's `scopeType` and v1.0's `allowedTargetScope`; the first of several for one is the one that is answered.
const SCOPES: &[(&str, &str)] = &[
    ("NoSubjects", "notSpecified"),
    ("SpecificDirectorySubjects", "specificDirectoryUsers"),
    ("SpecificConnectedOrganizationSubjects", "specificConnectedOrganizationUsers"),
    ("AllConfiguredConnectedOrganizationSubjects", "allConfiguredConnectedOrganizationUsers"),
    ("AllExistingConnectedOrganizationSubjects", "allConfiguredConnectedOrganizationUsers"),
    ("AllExistingDirectoryMemberUsers", "allMemberUsers"),
    ("AllExistingDirectorySubjects", "allDirectoryUsers"),
    ("AllExternalSubjects", "allExternalUsers"),
];

/// v1.0's members for `requestorSettings`; without `canExtend`, who may ask may extend [seed 002].
pub(super) fn incoming(mut requestors: Value, can_extend: Option<bool>) -> Requestors {
    let scope = take(&mut requestors, "scopeType");
    let targets = take(&mut requestors, "allowedRequestors");
    let accept = take(&mut requestors, "acceptRequests");
    let known = |name: &str| SCOPES.iter().find(|(beta, _)| beta.eq_ignore_ascii_case(name)).map(|(_, v1)| json!(v1));
    let scope = match scope.as_str() {
        None if scope.is_null() => json!("notSpecified"),
        name => name.and_then(known).unwrap_or(scope),
    };
    let asks = scope != "notSpecified";
    let settings = json!({
        "enableTargetsToSelfAddAccess": asks, "enableTargetsToSelfUpdateAccess": can_extend.unwrap_or(asks),
        "enableTargetsToSelfRemoveAccess": asks, "allowCustomAssignmentSchedule": true,
        "acceptRequests": if accept.is_null() { json!(true) } else { accept },
    });
    Requestors { scope, targets: subject_sets::incoming(targets), settings: with_rest(settings, requestors) }
}

/// beta's `requestorSettings`.
pub(super) fn outgoing(scope: &Value, targets: Value, accept_requests: bool) -> Value {
    let known = SCOPES.iter().find(|(_, v1)| scope == v1).map(|(beta, _)| json!(beta));
    json!({
        "scopeType": known.unwrap_or_else(|| scope.clone()), "acceptRequests": accept_requests,
        "allowedRequestors": subject_sets::outgoing(targets, Value::Null),
    })
}
