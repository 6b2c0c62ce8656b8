//! The body of a policy, and the policy it makes.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::super::custom_extensions::{StageSettingBody, stage_settings};
use super::super::payload::{self, Reference, refused};
use super::questions::QuestionBody;
use super::review::ReviewSettings;
use super::{approval, expiration, people, questions, targets, wire};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::{
    AllowedTargetScope, ApprovalSettings, AutomaticRequestSettings, Expiration, ExpirationType, NotificationSettings,
    Policy, RequestorSettings, SubjectSet,
};
use crate::sandbox::tenant::Tenant;

/// What `POST` and `PUT` of a policy take. The read-only members come with a policy that was read before, and are set aside.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PolicyBody {
    #[serde(default, rename = "id")]
    _id: Option<Value>,
    #[serde(default, rename = "createdDateTime")]
    _created: Option<Value>,
    #[serde(default, rename = "modifiedDateTime")]
    _modified: Option<Value>,
    #[serde(default, rename = "catalog")]
    _catalog: Option<Value>,
    display_name: Option<String>,
    description: Option<String>,
    access_package: Option<Reference>,
    #[serde(default)]
    allowed_target_scope: AllowedTargetScope,
    #[serde(default)]
    specific_allowed_targets: Vec<SubjectSet>,
    expiration: Option<Expiration>,
    #[serde(default)]
    requestor_settings: RequestorSettings,
    #[serde(default)]
    request_approval_settings: ApprovalSettings,
    automatic_request_settings: Option<AutomaticRequestSettings>,
    review_settings: Option<ReviewSettings>,
    #[serde(default)]
    notification_settings: NotificationSettings,
    #[serde(default)]
    questions: Vec<QuestionBody>,
    #[serde(default)]
    custom_extension_stage_settings: Vec<StageSettingBody>,
    /// Beta's name; v1.0 has none.
    verifiable_credential_settings: Option<serde_json::Map<String, Value>>,
}

impl PolicyBody {
    /// Reads a body strictly.
    ///
    /// # Errors
    /// 400 `InvalidModel` for what the type does not declare.
    pub(super) fn read(mut body: Value) -> Result<Self, ApiError> {
        wire::prepare(&mut body);
        Self::deserialize(body).map_err(|error| refused("InvalidModel", format!("The request is invalid: {error}.")))
    }

    /// The package that is named, where one is.
    pub(super) fn package_id(&self) -> Result<Option<String>, ApiError> {
        self.access_package.as_ref().map(Reference::guid).transpose()
    }

    /// The policy that the body makes; it has no id yet.
    ///
    /// # Errors
    /// 400 for settings that do not go together, and for people that are not there.
    pub(super) fn policy(mut self, tenant: &Tenant, package_id: String, now: Timestamp) -> Result<Policy, ApiError> {
        let expiration = self.expiration.unwrap_or_else(|| Expiration::bare(ExpirationType::NoExpiration));
        expiration::check(&expiration, now)?;
        let (scope, automatic) = (self.allowed_target_scope, self.automatic_request_settings.as_ref());
        targets::check(tenant, scope, &mut self.specific_allowed_targets, automatic)?;
        let on_behalf = &mut self.requestor_settings.on_behalf_requestors;
        people::check(tenant, "onBehalfRequestors", on_behalf, people::is_named_or_related)?;
        approval::check(tenant, scope, &mut self.request_approval_settings)?;
        let custom_extension_stage_settings =
            stage_settings(tenant, &package_id, self.custom_extension_stage_settings)?;
        let review_settings = self.review_settings.map(|settings| settings.checked(tenant)).transpose()?;
        Ok(Policy {
            id: String::new(),
            display_name: payload::name(self.display_name)?,
            description: payload::description(self.description)?,
            package_id,
            allowed_target_scope: self.allowed_target_scope,
            specific_allowed_targets: self.specific_allowed_targets,
            expiration,
            requestor_settings: self.requestor_settings,
            approval_settings: self.request_approval_settings,
            automatic_request_settings: self.automatic_request_settings,
            review_settings,
            notification_settings: self.notification_settings,
            questions: questions::checked(self.questions)?,
            verified_id_requirement: self.verifiable_credential_settings.map(Value::Object),
            custom_extension_stage_settings,
            created: now,
            modified: now,
        })
    }
}
