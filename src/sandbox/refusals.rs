//! What an assignment request is refused for, and what each refusal is answered with unless a tester says otherwise (graph-contract 1.13, 8.2).

use serde::{Deserialize, Serialize};

use super::records::RequestState;

/// Why a request that is well formed is refused. No source confirms the service's codes, so all of them are defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum RefusalKind {
    /// The target holds the package, or is being given it.
    ExistingAssignment,
    /// Another request about the target and the package is under way.
    ExistingOpenRequest,
    /// Separation of duties: an incompatible package or group.
    IncompatibleAccess,
    /// A required question has no answer.
    MissingRequiredAnswer,
    /// An answer belongs to no question, or is none of its choices.
    InvalidAnswer,
    /// Nobody has the target's id.
    UnknownTarget,
    UnknownPackage,
    UnknownPolicy,
    UnknownAssignment,
    /// The assignment to change or to remove has ended.
    AssignmentExpired,
    /// The policy takes no new requests.
    PolicyDisabled,
    /// The policy belongs to another package.
    InvalidAssignmentPolicy,
    /// The policy is not for the target.
    TargetNotInPolicyScope,
    /// The policy lets nobody ask for this themselves.
    NoSelfService,
    /// The policy does not let the requestor ask for the target.
    OnBehalfNotAllowed,
    /// The policy asks requestors for a justification.
    MissingJustification,
    /// The policy lets requestors choose no dates.
    ScheduleNotAllowed,
    /// The policy asks requestors for a verified ID.
    VerifiedIdRequired,
    /// Users cannot ask for what a catalog offers that is not published.
    CatalogNotPublished,
    /// The assignment would outlast what its policy allows.
    EndBeyondPolicy,
    /// The start of an assignment stays as it is.
    StartFixed,
}

impl RefusalKind {
    /// All of them.
    pub(super) const ALL: [Self; 21] = [
        Self::ExistingAssignment,
        Self::ExistingOpenRequest,
        Self::IncompatibleAccess,
        Self::MissingRequiredAnswer,
        Self::InvalidAnswer,
        Self::UnknownTarget,
        Self::UnknownPackage,
        Self::UnknownPolicy,
        Self::UnknownAssignment,
        Self::AssignmentExpired,
        Self::PolicyDisabled,
        Self::InvalidAssignmentPolicy,
        Self::TargetNotInPolicyScope,
        Self::NoSelfService,
        Self::OnBehalfNotAllowed,
        Self::MissingJustification,
        Self::ScheduleNotAllowed,
        Self::VerifiedIdRequired,
        Self::CatalogNotPublished,
        Self::EndBeyondPolicy,
        Self::StartFixed,
    ];

    /// The HTTP status and the error code.
    pub(super) fn defaults(self) -> (u16, String) {
        match self {
            Self::UnknownTarget | Self::UnknownPackage | Self::UnknownPolicy | Self::UnknownAssignment => {
                (404, "ResourceNotFound".to_owned())
            }
            kind => (400, format!("{kind:?}")),
        }
    }

    /// How a request ends that is taken in first and refused later: what nobody could carry out fails, the rest is denied.
    pub(super) fn late_state(self) -> RequestState {
        match self {
            Self::UnknownTarget
            | Self::UnknownPackage
            | Self::UnknownPolicy
            | Self::UnknownAssignment
            | Self::AssignmentExpired => RequestState::DeliveryFailed,
            _ => RequestState::Denied,
        }
    }
}

/// One refusal of one request.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) kind: RefusalKind,
    /// What is wrong with this request, in words.
    pub(super) message: String,
}

impl Refusal {
    /// A refusal.
    pub(super) fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// There is nothing with this id.
    pub(super) fn unknown(kind: RefusalKind, id: &str) -> Self {
        Self::new(kind, format!("The resource '{id}' was not found."))
    }
}
