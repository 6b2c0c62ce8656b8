//! Approvals and their stages on the wire, as one user sees them (graph-contract 1.3, 1.11).

use serde_json::{Map, Value, json};

use crate::sandbox::approvals::is_approver;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::query::{Expand, selected};
use crate::sandbox::records::{ApprovalStage, Request};
use crate::sandbox::tenant::Tenant;

/// A request's approval, and who looks at it.
pub(super) struct Viewed<'t> {
    pub(super) tenant: &'t Tenant,
    pub(super) request: &'t Request,
    /// The user's id.
    pub(super) user: &'t str,
}

impl Viewed<'_> {
    /// An `approval`, whose id is the request's; every expansion is one of its stages.
    ///
    /// # Errors
    /// Refuses a selected property that there is not.
    pub(super) fn approval(
        &self,
        select: Option<&[String]>,
        expand: &[Expand],
    ) -> Result<Map<String, Value>, ApiError> {
        let own = Map::from_iter([("id".to_owned(), json!(self.request.id))]);
        let mut approval = selected(own, select)?;
        for expand in expand {
            let stages = self.request.approval_stages.iter();
            let stages = stages.map(|stage| self.stage(stage, expand.select.as_deref()).map(Value::Object));
            approval.insert("stages".to_owned(), Value::Array(stages.collect::<Result<_, _>>()?));
        }
        Ok(approval)
    }

    /// An `approvalStage`; no policy of v1.0 has a label to give it.
    ///
    /// # Errors
    /// As [`Self::approval`].
    pub(super) fn stage(
        &self,
        stage: &ApprovalStage,
        select: Option<&[String]>,
    ) -> Result<Map<String, Value>, ApiError> {
        let review = stage.review.as_ref();
        let reviewer = review.and_then(|review| review.by.as_deref());
        let identity = reviewer.map(|id| {
            let user = self.tenant.user_even_deleted(id);
            json!({ "id": id, "displayName": user.and_then(|user| user.text("displayName")) })
        });
        let assigned = stage.is_open() && is_approver(self.tenant, self.request, stage, self.user);
        let justification = review.and_then(|review| review.justification.as_deref()).unwrap_or_default();
        let properties = [
            ("id", json!(stage.id)),
            ("displayName", Value::Null),
            ("status", json!(stage.status.name())),
            ("assignedToMe", json!(assigned)),
            ("reviewResult", json!(stage.result())),
            ("reviewedBy", json!(identity)),
            ("reviewedDateTime", json!(review.map(|review| review.at))),
            ("justification", json!(justification)),
        ];
        selected(properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), select)
    }
}
