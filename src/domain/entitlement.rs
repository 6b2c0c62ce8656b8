//! What entitlement management holds: access packages, policies, assignments and assignment requests, as plain data.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{AssignmentId, PackageId, PolicyId, RequestId, UserId};

/// An access package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPackage {
    /// Its id.
    pub id: PackageId,
    /// Its display name.
    pub display_name: String,
    /// Packages that nobody may hold together with it (incompatible access packages, in both directions).
    pub incompatible_with: BTreeSet<PackageId>,
}

/// An assignment policy of an access package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentPolicy {
    /// Its id.
    pub id: PolicyId,
    /// Its display name.
    pub display_name: String,
    /// The package it belongs to.
    pub package: PackageId,
    /// Whether the service itself assigns by this policy (`automaticRequestSettings`): its assignments are never touched.
    pub is_automatic: bool,
    /// Whether a request by it waits for an approver.
    pub needs_approval: bool,
    /// What it asks of who requests, in its order.
    pub questions: Vec<Question>,
}

/// A question of a policy (`accessPackageQuestion`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// Its text in the policy's own language.
    pub text: String,
    /// Whether a request without an answer is refused.
    pub is_required: bool,
    /// The values that may be chosen; empty where any text will do.
    pub choices: Vec<String>,
}

impl Question {
    /// How it is answered.
    pub fn kind(&self) -> QuestionKind {
        if self.choices.is_empty() { QuestionKind::TextInput } else { QuestionKind::MultipleChoice }
    }
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum QuestionKind {
    /// By any text (`accessPackageTextInputQuestion`).
    #[default]
    TextInput,
    /// By one of its choices (`accessPackageMultipleChoiceQuestion`).
    MultipleChoice,
}

/// An answer to a policy's question (`accessPackageAnswerString`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The question's id.
    pub question: String,
    /// How the question is answered.
    #[serde(default)]
    pub kind: QuestionKind,
    /// The answer.
    pub value: String,
}

/// How long an assignment lasts (`expirationPattern`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expiration {
    /// For this long after it is granted: an ISO 8601 duration as the document writes it.
    AfterDuration(String),
    /// Until this instant (UTC).
    AfterDateTime(Timestamp),
    /// For good.
    NoExpiration,
}

macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A member this version does not know, kept as it came.
            Other(String),
        }

        impl $name {
            /// The service's own word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $(if text.eq_ignore_ascii_case($text) { return Self::$variant; })*
                Self::Other(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

wire_enum! {
    /// `accessPackageRequestType` of Graph v1.0.
    RequestType {
        /// Asked by the user.
        UserAdd = "userAdd",
        /// Changed by the user.
        UserUpdate = "userUpdate",
        /// Given back by the user.
        UserRemove = "userRemove",
        /// Given directly, as usherd does.
        AdminAdd = "adminAdd",
        /// Changed directly.
        AdminUpdate = "adminUpdate",
        /// Taken directly, as usherd does.
        AdminRemove = "adminRemove",
        /// Given by the service.
        SystemAdd = "systemAdd",
        /// Changed by the service.
        SystemUpdate = "systemUpdate",
        /// Taken by the service.
        SystemRemove = "systemRemove",
        /// Asked on somebody's behalf.
        OnBehalfAdd = "onBehalfAdd",
        /// Taken by an approver.
        ApproverRemove = "approverRemove",
    }
}

wire_enum! {
    /// `accessPackageRequestState` of Graph v1.0.
    RequestState {
        /// Accepted, not looked at yet.
        Submitted = "submitted",
        /// Waiting for an approver.
        PendingApproval = "pendingApproval",
        /// Being carried out.
        Delivering = "delivering",
        /// Done.
        Delivered = "delivered",
        /// Failed; the service may try again by itself for hours.
        DeliveryFailed = "deliveryFailed",
        /// Refused by an approver or by the policy.
        Denied = "denied",
        /// Waiting for its start.
        Scheduled = "scheduled",
        /// Taken back before it was done.
        Canceled = "canceled",
        /// Done in part; the service may try again by itself for hours.
        PartiallyDelivered = "partiallyDelivered",
    }
}

wire_enum! {
    /// `accessPackageAssignmentState` of Graph v1.0.
    AssignmentState {
        /// Being given.
        Delivering = "delivering",
        /// Given in part.
        PartiallyDelivered = "partiallyDelivered",
        /// Given.
        Delivered = "delivered",
        /// Ended.
        Expired = "expired",
        /// Could not be given.
        DeliveryFailed = "deliveryFailed",
    }
}

impl RequestType {
    /// Whether a request of this type brings a package to its target.
    pub fn is_coming(&self) -> bool {
        matches!(self, Self::AdminAdd | Self::UserAdd | Self::SystemAdd | Self::OnBehalfAdd)
    }

    /// Whether a request of this type takes a package from its target.
    pub fn is_going(&self) -> bool {
        matches!(self, Self::AdminRemove | Self::UserRemove | Self::SystemRemove | Self::ApproverRemove)
    }
}

impl RequestState {
    /// Whether the request has not come to an end yet. An unknown state counts as open: unknown is not "done".
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Submitted | Self::PendingApproval | Self::Delivering | Self::Scheduled | Self::Other(_))
    }
}

impl AssignmentState {
    /// Whether the target counts as holding the package. An unknown state counts as holding.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Delivering | Self::PartiallyDelivered | Self::Delivered | Self::Other(_))
    }
}

/// An access package assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Its state.
    pub state: AssignmentState,
    /// The package.
    pub package: PackageId,
    /// The policy, where the service names it.
    pub policy: Option<PolicyId>,
    /// The target's directory object id (`target.objectId`, never `target.id`); absent for someone not in the directory yet.
    pub user: Option<UserId>,
}

/// An access package assignment request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentRequest {
    /// Its id.
    pub id: RequestId,
    /// What it asks.
    pub request_type: RequestType,
    /// How far it is.
    pub state: RequestState,
    /// The service's free text beside the state; for people, never for branching.
    pub status: String,
    /// The justification, which carries usherd's tag.
    pub justification: Option<String>,
    /// When the service created it (UTC); absent in the answer to a create.
    pub created: Option<Timestamp>,
    /// The package.
    pub package: Option<PackageId>,
    /// The assignment it made or takes, once there is one.
    pub assignment: Option<AssignmentId>,
    /// The target's directory object id.
    pub user: Option<UserId>,
}
