//! Calls of custom extensions: at which stage of a request, and what came of them (graph-contract 1.3, 1.9.4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Graph's `accessPackageCustomExtensionStage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) enum ExtensionStage {
    #[serde(rename = "assignmentRequestCreated")]
    RequestCreated,
    #[serde(rename = "assignmentRequestApproved")]
    RequestApproved,
    #[serde(rename = "assignmentRequestGranted")]
    RequestGranted,
    #[serde(rename = "assignmentRequestRemoved")]
    RequestRemoved,
    #[serde(rename = "assignmentFourteenDaysBeforeExpiration")]
    FourteenDaysBeforeExpiration,
    #[serde(rename = "assignmentOneDayBeforeExpiration")]
    OneDayBeforeExpiration,
}

impl ExtensionStage {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::RequestCreated, "assignmentRequestCreated"),
        (Self::RequestApproved, "assignmentRequestApproved"),
        (Self::RequestGranted, "assignmentRequestGranted"),
        (Self::RequestRemoved, "assignmentRequestRemoved"),
        (Self::FourteenDaysBeforeExpiration, "assignmentFourteenDaysBeforeExpiration"),
        (Self::OneDayBeforeExpiration, "assignmentOneDayBeforeExpiration"),
    ];

    /// Reads the wire's name, any case.
    pub(in crate::sandbox) fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(stage, _)| *stage)
    }

    /// Whether it belongs to a request, and not to an assignment that nears its end.
    pub(in crate::sandbox) fn is_of_requests(self) -> bool {
        !matches!(self, Self::FourteenDaysBeforeExpiration | Self::OneDayBeforeExpiration)
    }
}

/// Graph's `customExtensionCalloutInstanceStatus`, as far as calls get that nobody really makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum CalloutStatus {
    /// Nobody waits for an answer.
    CalloutSent,
    WaitingForCallback,
    CallbackReceived,
    CallbackTimedOut,
}

/// One call of a custom extension for a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct Callout {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) stage: ExtensionStage,
    pub(in crate::sandbox) custom_extension_id: String,
    pub(in crate::sandbox) external_correlation_id: String,
    /// What the extension said.
    pub(in crate::sandbox) detail: Option<String>,
    pub(in crate::sandbox) status: CalloutStatus,
    /// When it is too late for an answer.
    pub(in crate::sandbox) deadline: Option<Timestamp>,
}
