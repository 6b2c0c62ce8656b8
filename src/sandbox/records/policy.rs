//! Assignment policies: who may get a package, how, for how long, and who approves (graph-contract 1.3, 1.8).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Expiration, ExtensionStageSetting, SubjectSet};

/// An assignment policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct Policy {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) display_name: String,
    pub(in crate::sandbox) description: String,
    pub(in crate::sandbox) package_id: String,
    pub(in crate::sandbox) allowed_target_scope: AllowedTargetScope,
    pub(in crate::sandbox) specific_allowed_targets: Vec<SubjectSet>,
    pub(in crate::sandbox) expiration: Expiration,
    pub(in crate::sandbox) requestor_settings: RequestorSettings,
    pub(in crate::sandbox) approval_settings: ApprovalSettings,
    /// What makes it an auto-assignment policy.
    pub(in crate::sandbox) automatic_request_settings: Option<AutomaticRequestSettings>,
    /// An `accessPackageAssignmentReviewSettings` as it came: reviews are not carried out.
    pub(in crate::sandbox) review_settings: Option<Value>,
    pub(in crate::sandbox) notification_settings: NotificationSettings,
    pub(in crate::sandbox) questions: Vec<Question>,
    /// What a requestor's verified ID has to show, as it came; kept, and in the way of every request of a user.
    pub(in crate::sandbox) verified_id_requirement: Option<Value>,
    #[serde(default)]
    pub(in crate::sandbox) custom_extension_stage_settings: Vec<ExtensionStageSetting>,
    pub(in crate::sandbox) created: Timestamp,
    pub(in crate::sandbox) modified: Timestamp,
}

impl Policy {
    /// The latest end that a change at `at` can give an assignment; `None` where there is no limit [seed 003].
    pub(in crate::sandbox) fn latest_end(&self, at: Timestamp) -> Option<Timestamp> {
        self.expiration.end(at)
    }
}

/// Graph's `allowedTargetScope`, without the members for service principals and agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum AllowedTargetScope {
    /// Nobody asks: administrators assign directly.
    #[default]
    NotSpecified,
    SpecificDirectoryUsers,
    SpecificConnectedOrganizationUsers,
    AllMemberUsers,
    AllDirectoryUsers,
    AllConfiguredConnectedOrganizationUsers,
    AllExternalUsers,
}

/// Graph's `accessPackageAssignmentRequestorSettings`, in its wire's shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(in crate::sandbox) struct RequestorSettings {
    pub(in crate::sandbox) enable_targets_to_self_add_access: bool,
    pub(in crate::sandbox) enable_targets_to_self_update_access: bool,
    pub(in crate::sandbox) enable_targets_to_self_remove_access: bool,
    pub(in crate::sandbox) allow_custom_assignment_schedule: bool,
    pub(in crate::sandbox) enable_on_behalf_requestors_to_add_access: bool,
    pub(in crate::sandbox) enable_on_behalf_requestors_to_update_access: bool,
    pub(in crate::sandbox) enable_on_behalf_requestors_to_remove_access: bool,
    pub(in crate::sandbox) on_behalf_requestors: Vec<SubjectSet>,
    /// "Enable new requests and assignments" of the portal [seed 003]; v1.0 has no name for it, so it is taken and never shown.
    pub(in crate::sandbox) accept_requests: bool,
}

impl Default for RequestorSettings {
    fn default() -> Self {
        Self {
            enable_targets_to_self_add_access: false,
            enable_targets_to_self_update_access: false,
            enable_targets_to_self_remove_access: false,
            allow_custom_assignment_schedule: true,
            enable_on_behalf_requestors_to_add_access: false,
            enable_on_behalf_requestors_to_update_access: false,
            enable_on_behalf_requestors_to_remove_access: false,
            on_behalf_requestors: Vec::new(),
            accept_requests: true,
        }
    }
}

/// Graph's `accessPackageAssignmentApprovalSettings`, in its wire's shape.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(in crate::sandbox) struct ApprovalSettings {
    pub(in crate::sandbox) is_approval_required_for_add: bool,
    pub(in crate::sandbox) is_approval_required_for_update: bool,
    pub(in crate::sandbox) is_requestor_justification_required: bool,
    pub(in crate::sandbox) stages: Vec<ApprovalStageSettings>,
}

/// Graph's `accessPackageApprovalStage`, in its wire's shape; durations are ISO 8601.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(in crate::sandbox) struct ApprovalStageSettings {
    pub(in crate::sandbox) duration_before_automatic_denial: String,
    pub(in crate::sandbox) is_approver_justification_required: bool,
    pub(in crate::sandbox) is_escalation_enabled: bool,
    pub(in crate::sandbox) duration_before_escalation: String,
    pub(in crate::sandbox) primary_approvers: Vec<SubjectSet>,
    pub(in crate::sandbox) fallback_primary_approvers: Vec<SubjectSet>,
    pub(in crate::sandbox) escalation_approvers: Vec<SubjectSet>,
    pub(in crate::sandbox) fallback_escalation_approvers: Vec<SubjectSet>,
    /// `default`, `notVisible` or `visible`.
    pub(in crate::sandbox) approver_information_visibility: String,
}

impl Default for ApprovalStageSettings {
    fn default() -> Self {
        Self {
            duration_before_automatic_denial: "P14D".to_owned(),
            is_approver_justification_required: false,
            is_escalation_enabled: false,
            duration_before_escalation: "PT0S".to_owned(),
            primary_approvers: Vec::new(),
            fallback_primary_approvers: Vec::new(),
            escalation_approvers: Vec::new(),
            fallback_escalation_approvers: Vec::new(),
            approver_information_visibility: "default".to_owned(),
        }
    }
}

/// Graph's `accessPackageAutomaticRequestSettings`, in its wire's shape.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(in crate::sandbox) struct AutomaticRequestSettings {
    pub(in crate::sandbox) request_access_for_allowed_targets: bool,
    pub(in crate::sandbox) remove_access_when_target_leaves_allowed_targets: bool,
    /// ISO 8601.
    pub(in crate::sandbox) grace_period_before_access_removal: Option<String>,
}

/// Graph's `accessPackageNotificationSettings`, in its wire's shape.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(in crate::sandbox) struct NotificationSettings {
    pub(in crate::sandbox) is_assignment_notification_disabled: bool,
}

/// Graph's `accessPackageQuestion`, in its wire's shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Question {
    #[serde(default)]
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) text: String,
    #[serde(default)]
    pub(in crate::sandbox) is_required: bool,
    #[serde(default)]
    pub(in crate::sandbox) is_answer_editable: bool,
    /// Its place among the policy's questions.
    #[serde(default)]
    pub(in crate::sandbox) sequence: i32,
    #[serde(default)]
    pub(in crate::sandbox) localizations: Vec<LocalizedText>,
    #[serde(flatten)]
    pub(in crate::sandbox) kind: QuestionKind,
}

/// What a question takes for an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename_all_fields = "camelCase")]
pub(in crate::sandbox) enum QuestionKind {
    #[serde(
        rename = "#microsoft.graph.accessPackageTextInputQuestion",
        alias = "microsoft.graph.accessPackageTextInputQuestion"
    )]
    TextInput {
        #[serde(default)]
        is_single_line_question: bool,
        regex_pattern: Option<String>,
    },
    #[serde(
        rename = "#microsoft.graph.accessPackageMultipleChoiceQuestion",
        alias = "microsoft.graph.accessPackageMultipleChoiceQuestion"
    )]
    MultipleChoice {
        choices: Vec<Choice>,
        #[serde(default)]
        is_multiple_selection_allowed: bool,
    },
}

/// Graph's `accessPackageAnswerChoice`, in its wire's shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) struct Choice {
    pub(in crate::sandbox) actual_value: String,
    pub(in crate::sandbox) text: String,
    #[serde(default)]
    pub(in crate::sandbox) localizations: Vec<LocalizedText>,
}

/// Graph's `accessPackageLocalizedText`, in its wire's shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) struct LocalizedText {
    pub(in crate::sandbox) language_code: String,
    pub(in crate::sandbox) text: String,
}
