//! Assignments: who holds a package, since when, until when (graph-contract 1.10, 1.12).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Schedule;

/// Where an assignment stands; the wire's `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum AssignmentState {
    Delivering,
    PartiallyDelivered,
    Delivered,
    Expired,
    DeliveryFailed,
}

impl AssignmentState {
    /// The wire's `state`.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            Self::Delivering => "delivering",
            Self::PartiallyDelivered => "partiallyDelivered",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
            Self::DeliveryFailed => "deliveryFailed",
        }
    }

    /// The wire's `status` where nothing more is to be said than the state says.
    pub(in crate::sandbox) fn status(self) -> &'static str {
        match self {
            Self::Delivering => "Delivering",
            Self::PartiallyDelivered => "PartiallyDelivered",
            Self::Delivered => "Delivered",
            Self::Expired => "ExpiredNotificationTriggered",
            Self::DeliveryFailed => "DeliveryFailed",
        }
    }
}

/// A holding of a package.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct Assignment {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) state: AssignmentState,
    /// The wire's free `status`.
    pub(in crate::sandbox) status: String,
    /// As of the request that made it.
    pub(in crate::sandbox) target_id: String,
    pub(in crate::sandbox) package_id: String,
    pub(in crate::sandbox) policy_id: String,
    pub(in crate::sandbox) schedule: Schedule,
    /// When the grace period ends after which the service takes it back: its holder has left an auto-assignment policy's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) leaves: Option<Timestamp>,
    /// When its roles are given once more; it is reprocessed until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) redelivery: Option<Timestamp>,
    /// When it really ended.
    pub(in crate::sandbox) expired: Option<Timestamp>,
}

impl Assignment {
    /// Whether the user holds the package, or is just being given it (graph-contract 7, trap 8).
    pub(in crate::sandbox) fn is_active(&self) -> bool {
        !matches!(self.state, AssignmentState::Expired | AssignmentState::DeliveryFailed)
    }

    /// Takes on a state, with the status that goes with it.
    pub(in crate::sandbox) fn enter(&mut self, state: AssignmentState) {
        self.state = state;
        self.status = state.status().to_owned();
    }
}
