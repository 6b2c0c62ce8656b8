//! The stages of approval that a request goes through, each decided by one person (graph-contract 1.11).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::schedule::later_by;
use super::{ApprovalStageSettings, Request};

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum StageStatus {
    /// An earlier stage is not approved yet.
    Initializing,
    /// It waits for its approvers.
    InProgress,
    /// Somebody has decided, or nobody has to any more.
    Completed,
    /// Nobody has decided in time.
    Expired,
}

impl StageStatus {
    /// The wire's `status`, as Graph's page on the approvalStage names them.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            Self::Initializing => "Initializing",
            Self::InProgress => "InProgress",
            Self::Completed => "Completed",
            Self::Expired => "Expired",
        }
    }
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Review {
    pub(in crate::sandbox) is_approval: bool,
    /// The approver's user id; `None` for the tester's hand.
    pub(in crate::sandbox) by: Option<String>,
    pub(in crate::sandbox) at: Timestamp,
    pub(in crate::sandbox) justification: Option<String>,
}

/// A stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct ApprovalStage {
    pub(in crate::sandbox) id: String,
    /// What the policy said when the request began to wait: later changes of the policy are for later requests.
    pub(in crate::sandbox) settings: ApprovalStageSettings,
    pub(in crate::sandbox) status: StageStatus,
    pub(in crate::sandbox) review: Option<Review>,
    /// When the request is denied by itself.
    pub(in crate::sandbox) deadline: Option<Timestamp>,
    /// When the alternate approvers get it too; `None` once they have it.
    pub(in crate::sandbox) escalation: Option<Timestamp>,
    /// Whether the alternate approvers have it too.
    pub(in crate::sandbox) is_escalated: bool,
}

impl ApprovalStage {
    /// A stage that is still to come.
    pub(in crate::sandbox) fn new(id: String, settings: ApprovalStageSettings) -> Self {
        Self {
            id,
            settings,
            status: StageStatus::Initializing,
            review: None,
            deadline: None,
            escalation: None,
            is_escalated: false,
        }
    }

    /// Lets the stage begin at `at`, from where its durations count; one that is not above zero is no limit.
    pub(in crate::sandbox) fn begin(&mut self, at: Timestamp) {
        let limit = |duration: &str| later_by(at, duration).filter(|limit| *limit > at);
        self.status = StageStatus::InProgress;
        self.deadline = limit(&self.settings.duration_before_automatic_denial);
        let escalation = limit(&self.settings.duration_before_escalation);
        let is_in_time = |escalation: &Timestamp| self.deadline.is_none_or(|deadline| *escalation < deadline);
        self.escalation = escalation.filter(|_| self.settings.is_escalation_enabled).filter(is_in_time);
    }

    /// Hands the stage to the alternate approvers too.
    pub(in crate::sandbox) fn escalate(&mut self) {
        self.is_escalated = true;
        self.escalation = None;
    }

    /// Ends the stage with a decision.
    pub(in crate::sandbox) fn decide(&mut self, review: Review) {
        self.status = StageStatus::Completed;
        self.review = Some(review);
    }

    /// Whether it waits for a decision.
    pub(in crate::sandbox) fn is_open(&self) -> bool {
        self.status == StageStatus::InProgress
    }

    /// What comes next by the clock.
    pub(in crate::sandbox) fn due(&self) -> Option<Timestamp> {
        self.escalation.or(self.deadline)
    }

    /// The wire's `reviewResult`.
    pub(in crate::sandbox) fn result(&self) -> &'static str {
        match &self.review {
            None => "NotReviewed",
            Some(review) if review.is_approval => "Approved",
            Some(_) => "Denied",
        }
    }
}

impl Request {
    /// The stage that waits for a decision.
    pub(in crate::sandbox) fn open_stage(&self) -> Option<&ApprovalStage> {
        self.approval_stages.iter().find(|stage| stage.is_open())
    }

    /// As [`Self::open_stage`].
    pub(in crate::sandbox) fn open_stage_mut(&mut self) -> Option<&mut ApprovalStage> {
        self.approval_stages.iter_mut().find(|stage| stage.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(denial: &str, escalation: &str) -> ApprovalStage {
        let settings = ApprovalStageSettings {
            duration_before_automatic_denial: denial.to_owned(),
            duration_before_escalation: escalation.to_owned(),
            is_escalation_enabled: true,
            ..Default::default()
        };
        let mut stage = ApprovalStage::new("s".to_owned(), settings);
        stage.begin("2026-11-21T00:00:00Z".parse().unwrap());
        stage
    }

    #[test]
    fn the_nearest_of_forwarding_and_denial_comes_next() {
        let mut stage = begun("P14D", "P8D");
        assert_eq!(stage.due().unwrap().to_string(), "2026-11-29T00:00:00Z");
        stage.escalate();
        assert_eq!(stage.due().unwrap().to_string(), "2026-12-05T00:00:00Z");
    }

    #[test]
    fn durations_that_lead_nowhere_are_no_limits() {
        assert_eq!(begun("PT0S", "PT0S").due(), None);
        assert_eq!(begun("soon", "P9999999Y").due(), None);
        let late = begun("P2D", "P2D");
        assert_eq!((late.escalation, late.due()), (None, late.deadline), "forwarding needs time before the denial");
    }
}
