//! What a group may be, and who may change whom it holds.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::sandbox::envelope::ApiError;
use crate::sandbox::tenant::Tenant;

/// The most a mail nickname of a group may not hold (Graph's `group: mailNickname`).
const NOT_IN_NICKNAME: &str = "@()\\[]\";:<>, ";

/// Refuses a manual change of members where the service keeps them: 403 for rules, 400 for what is mastered on premises.
///
/// # Errors
/// As said, and 404 without the group.
pub(in crate::sandbox) fn check_members_can_change(tenant: &Tenant, group_id: &str) -> Result<(), ApiError> {
    let group = tenant.groups.get(group_id).ok_or_else(|| ApiError::unknown_object(group_id))?;
    let types = group.properties.get("groupTypes").and_then(Value::as_array);
    if types.is_some_and(|types| types.iter().any(|kind| kind == "DynamicMembership")) {
        return Err(ApiError::of_status(StatusCode::FORBIDDEN, None));
    }
    if group.properties.get("onPremisesSyncEnabled") == Some(&Value::Bool(true)) {
        let message = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.";
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

/// The refusal of a link that is there already.
pub(in crate::sandbox) fn already_linked(relation: &str) -> ApiError {
    ApiError::bad_request(format!(
        "One or more added object references already exist for the following modified properties: '{relation}'."
    ))
}

/// Refuses properties that make no group.
pub(super) fn check_group(properties: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default();
    let flag = |name: &str| properties.get(name) == Some(&Value::Bool(true));
    let types: Vec<&str> = properties
        .get("groupTypes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let (unified, dynamic) = (types.contains(&"Unified"), types.contains(&"DynamicMembership"));
    let refusal = if text("mailNickname").contains(|letter: char| NOT_IN_NICKNAME.contains(letter)) {
        "Invalid value specified for property 'mailNickname' of resource 'Group'."
    } else if types.iter().any(|kind| !["Unified", "DynamicMembership"].contains(kind)) {
        "Invalid value specified for property 'groupTypes' of resource 'Group'."
    } else if dynamic && text("membershipRule").is_empty() {
        "A value is required for property 'membershipRule' of a dynamic group."
    } else if !dynamic && !text("membershipRule").is_empty() {
        "The property 'membershipRule' can only be set for a dynamic group."
    } else if flag("mailEnabled") != unified {
        "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set."
    } else if !unified && !flag("securityEnabled") {
        "A group must be security-enabled or a Microsoft 365 group."
    } else {
        return Ok(());
    };
    Err(ApiError::bad_request(refusal))
}
