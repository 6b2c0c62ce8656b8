//! The assignment policies of a seed.

use serde::Deserialize;

use super::{SeedError, Seeding};
use crate::sandbox::records::{
    AllowedTargetScope, ApprovalSettings, ApprovalStageSettings, Expiration, ExpirationType, NotificationSettings,
    Policy, Question, QuestionKind, RequestorSettings, SubjectSet,
};

/// An assignment policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) struct SeedPolicy {
    pub(in crate::sandbox) display_name: String,
    pub(in crate::sandbox) access_package: String,
    #[serde(default)]
    pub(in crate::sandbox) approver: Option<String>,
    #[serde(default)]
    pub(in crate::sandbox) questions: Vec<String>,
    #[serde(default)]
    pub(in crate::sandbox) duration: Option<String>,
    #[serde(default)]
    pub(in crate::sandbox) requestors: Option<SeedRequestors>,
}

/// Who asks for a package themselves; without one, administrators assign it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum SeedRequestors {
    Members,
    Everybody,
}

impl Seeding {
    /// Makes the policy.
    pub(super) fn policy(&mut self, policy: SeedPolicy) -> Result<(), SeedError> {
        let by = || format!("assignment policy \"{}\"", policy.display_name);
        let package_id = self.find("package", &policy.access_package, by)?;
        let id = self.define("policy", &format!("{}/{}", policy.access_package, policy.display_name))?;
        if let Some(duration) = &policy.duration {
            duration
                .parse::<jiff::Span>()
                .map_err(|source| SeedError::Duration { policy: policy.display_name.clone(), source })?;
        }
        let approver = match policy.approver.as_deref() {
            None => None,
            Some("manager") => Some(SubjectSet::RequestorManager { manager_level: 1 }),
            Some(user) => Some(SubjectSet::SingleUser { user_id: self.find("user", user, by)?, description: None }),
        };
        let expiration = match policy.duration {
            None => Expiration::bare(ExpirationType::NoExpiration),
            duration => Expiration { duration, ..Expiration::bare(ExpirationType::AfterDuration) },
        };
        let question = |(sequence, text): (i32, String)| Question {
            id: self.tenant.derived_id("question", &format!("{id}/{text}")),
            text,
            is_required: true,
            is_answer_editable: true,
            sequence,
            localizations: Vec::new(),
            kind: QuestionKind::TextInput { is_single_line_question: true, regex_pattern: None },
        };
        let questions = (0..).zip(policy.questions).map(question).collect();
        let asked_for = policy.requestors.is_some();
        let stage = |approver| ApprovalStageSettings { primary_approvers: vec![approver], ..Default::default() };
        self.tenant.put_policy(Policy {
            id,
            description: policy.display_name.clone(),
            display_name: policy.display_name,
            package_id,
            allowed_target_scope: match policy.requestors {
                None => AllowedTargetScope::NotSpecified,
                Some(SeedRequestors::Members) => AllowedTargetScope::AllMemberUsers,
                Some(SeedRequestors::Everybody) => AllowedTargetScope::AllDirectoryUsers,
            },
            specific_allowed_targets: Vec::new(),
            expiration,
            requestor_settings: RequestorSettings {
                enable_targets_to_self_add_access: asked_for,
                enable_targets_to_self_update_access: asked_for,
                enable_targets_to_self_remove_access: asked_for,
                ..Default::default()
            },
            approval_settings: ApprovalSettings {
                is_approval_required_for_add: approver.is_some(),
                stages: approver.map(stage).into_iter().collect(),
                ..Default::default()
            },
            automatic_request_settings: None,
            review_settings: None,
            notification_settings: NotificationSettings::default(),
            questions,
            verified_id_requirement: None,
            custom_extension_stage_settings: Vec::new(),
            created: self.now,
            modified: self.now,
        });
        Ok(())
    }
}
