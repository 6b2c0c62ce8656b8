//! The tenant's settings for people from outside: Graph's `entitlementManagementSettings` (graph-contract 1.3, 1.5 T1).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::sandbox::records::{Record, later_by};

/// The constant id of the one instance, as Graph's own example has it.
const SINGLETON: &str = "singleton";
/// The longest time between blocking and deletion: as long as an assignment can last [seed 003].
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(3660 * 24);

/// What happens to a governed guest after the last assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct ExternalUserSettings {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) action: ExternalUserAction,
    /// From blocking to deletion, ISO 8601.
    pub(in crate::sandbox) wait: String,
}

impl Record for ExternalUserSettings {
    const KIND: &'static str = "externalUserSettings";

    fn id(&self) -> &str {
        &self.id
    }
}

/// Block and delete after 30 days (graph-contract 1.14.6).
impl Default for ExternalUserSettings {
    fn default() -> Self {
        Self { id: SINGLETON.to_owned(), action: ExternalUserAction::BlockSignInAndDelete, wait: "P30D".to_owned() }
    }
}

impl ExternalUserSettings {
    /// When a guest blocked at `blocked` is deleted; `None` where the wait leads nowhere in the calendar, back, or too far.
    pub(in crate::sandbox) fn deletion_after(&self, blocked: Timestamp) -> Option<Timestamp> {
        let end = later_by(blocked, &self.wait)?;
        (blocked <= end && end.duration_since(blocked) <= LONGEST_WAIT).then_some(end)
    }
}

/// Graph's `accessPackageExternalUserLifecycleAction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum ExternalUserAction {
    None,
    BlockSignIn,
    BlockSignInAndDelete,
}

impl ExternalUserAction {
    /// Reads the wire's name, any case.
    pub(in crate::sandbox) fn parse(text: &str) -> Option<Self> {
        let known = [Self::None, Self::BlockSignIn, Self::BlockSignInAndDelete];
        known.into_iter().find(|action| action.name().eq_ignore_ascii_case(text))
    }

    /// The wire's name.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BlockSignIn => "blockSignIn",
            Self::BlockSignInAndDelete => "blockSignInAndDelete",
        }
    }
}
