//! The body of `POST assignmentRequests`, as it comes (graph-contract 1.9.1).

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::entitlement::payload::refused;
use crate::sandbox::envelope::ApiError;

/// The body; `targetId`, `assignmentPolicyId` and `accessPackageId` are taken and never shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox::entitlement) struct Body {
    pub(super) request_type: String,
    pub(super) assignment: BodyAssignment,
    /// An example of the documentation repeats the request's own id in an update; nobody looks at it.
    #[serde(default, rename = "id")]
    _id: Option<String>,
    #[serde(default)]
    pub(super) justification: Option<String>,
    #[serde(default)]
    pub(super) schedule: Option<BodySchedule>,
    #[serde(default)]
    pub(super) answers: Option<Vec<Value>>,
    #[serde(default)]
    pub(super) parameters: Option<Parameters>,
}

/// The assignment that is asked for, or about.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BodyAssignment {
    pub(super) id: Option<String>,
    pub(super) target_id: Option<String>,
    pub(super) assignment_policy_id: Option<String>,
    pub(super) access_package_id: Option<String>,
    /// Beta's, and v1.0's where a tester wants it.
    pub(super) target: Option<BodyTarget>,
}

/// Somebody who need not be in the directory yet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BodyTarget {
    pub(super) email: String,
    #[serde(default)]
    pub(super) display_name: Option<String>,
}

/// Graph's `accessPackageAssignmentRequestParameters`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Parameters {
    #[serde(default)]
    pub(super) bypass_approval: bool,
}

/// When the assignment is to begin and end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BodySchedule {
    pub(super) start_date_time: Option<Timestamp>,
    pub(super) expiration: Option<BodyExpiration>,
    #[serde(default, rename = "recurrence")]
    _recurrence: Option<()>,
}

/// Graph's `expirationPattern`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BodyExpiration {
    pub(super) r#type: String,
    pub(super) end_date_time: Option<Timestamp>,
    pub(super) duration: Option<String>,
}

impl Body {
    /// Reads the body; OData annotations are set aside, anything else unknown is refused.
    ///
    /// # Errors
    /// 400 for what the type does not declare.
    pub(in crate::sandbox::entitlement) fn read(mut body: Value) -> Result<Self, ApiError> {
        drop_annotations(&mut body);
        Self::deserialize(body).map_err(|error| refused("InvalidModel", format!("The request is invalid: {error}.")))
    }
}

/// Removes `@odata.…` members from the typed parts; answers and attributes are kept as they came.
pub(in crate::sandbox::entitlement) fn drop_annotations(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|name, _| !name.contains("@odata."));
        for (_, inner) in map.iter_mut().filter(|(name, _)| !["answers", "attributes"].contains(&name.as_str())) {
            drop_annotations(inner);
        }
    }
}
