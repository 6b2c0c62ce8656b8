//! The body that creates an assignment request.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::ids::{AssignmentId, PackageId, PolicyId, UserId};

/// The body that creates an assignment request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAssignmentRequest<'a> {
    /// `adminAdd` or `adminRemove`.
    pub request_type: String,
    /// What it is about.
    pub assignment: NewAssignment<'a>,
    /// The justification.
    pub justification: &'a str,
    /// When the assignment ends; without it the policy says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<NewSchedule<'a>>,
    /// Answers to the policy's questions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<NewAnswer<'a>>,
}

/// The assignment that a new request makes or takes. The three ids of a new one are accepted but never returned, and are not in Graph's schema
/// (<https://learn.microsoft.com/graph/api/entitlementmanagement-post-assignmentrequests>).
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum NewAssignment<'a> {
    /// A new one.
    Given {
        /// The target's directory object id.
        target_id: &'a UserId,
        /// The policy.
        assignment_policy_id: &'a PolicyId,
        /// The package.
        access_package_id: &'a PackageId,
    },
    /// An existing one, to be taken.
    Taken {
        /// Its id.
        id: &'a AssignmentId,
    },
}

/// `entitlementManagementSchedule`, as far as usherd says anything about it.
#[derive(Debug, Serialize)]
pub struct NewSchedule<'a> {
    /// When it ends.
    pub expiration: NewExpiration<'a>,
}

/// `expirationPattern`; each type has the one property that its documentation gives it.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NewExpiration<'a> {
    /// So long after the access was granted.
    AfterDuration {
        /// An ISO 8601 duration.
        duration: &'a str,
    },
    /// At an instant.
    AfterDateTime {
        /// In UTC.
        end_date_time: Timestamp,
    },
    /// Never.
    NoExpiration,
}

/// `accessPackageAnswerString`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAnswer<'a> {
    /// Always [`super::ANSWER_STRING`].
    #[serde(rename = "@odata.type")]
    pub kind: &'static str,
    /// The answer; of a choice, its actual value.
    pub value: &'a str,
    /// What is shown for it.
    pub display_value: &'a str,
    /// The question.
    pub answered_question: AnsweredQuestion<'a>,
}

/// The question of an answer; its type is abstract, so that the derived one has to be said.
#[derive(Debug, Serialize)]
pub struct AnsweredQuestion<'a> {
    /// [`super::TEXT_INPUT_QUESTION`] or [`super::MULTIPLE_CHOICE_QUESTION`].
    #[serde(rename = "@odata.type")]
    pub kind: &'static str,
    /// Its id.
    pub id: &'a str,
}
