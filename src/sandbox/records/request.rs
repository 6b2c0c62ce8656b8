//! Assignment requests: what is asked for, and where the asking stands (graph-contract 1.9, 1.12).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApprovalStage, Callout, Schedule, StageStatus};

/// How long after delivery the requestor has been told of it; the status then says so.
const NOTIFIED_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// How long a request is kept after its end, in months (graph-contract 1.15).
const KEPT_MONTHS: i64 = 3;
/// The status of a delivered request whose requestor has been told.
const NOTIFIED: &str = "FulfilledNotificationTriggered";
/// The status of a request that waits for the answer of a custom extension.
const AWAITS_CALLBACK: &str = "WaitingForCallback";

/// Graph's `accessPackageRequestType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum RequestType {
    UserAdd,
    UserUpdate,
    UserRemove,
    AdminAdd,
    AdminUpdate,
    AdminRemove,
    SystemAdd,
    SystemUpdate,
    SystemRemove,
}

/// What a request does to an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Effect {
    Add,
    Update,
    Remove,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Asker {
    /// A user, for themselves or for somebody else.
    User,
    Administrator,
    /// Entitlement management itself: auto-assignment.
    Service,
}

impl RequestType {
    const NAMES: [(Self, &'static str); 9] = [
        (Self::UserAdd, "userAdd"),
        (Self::UserUpdate, "userUpdate"),
        (Self::UserRemove, "userRemove"),
        (Self::AdminAdd, "adminAdd"),
        (Self::AdminUpdate, "adminUpdate"),
        (Self::AdminRemove, "adminRemove"),
        (Self::SystemAdd, "systemAdd"),
        (Self::SystemUpdate, "systemUpdate"),
        (Self::SystemRemove, "systemRemove"),
    ];

    /// Reads the wire's name, any case.
    pub(in crate::sandbox) fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(kind, _)| *kind)
    }

    /// The wire's name.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// What it does to the assignment.
    pub(in crate::sandbox) fn effect(self) -> Effect {
        match self {
            Self::UserAdd | Self::AdminAdd | Self::SystemAdd => Effect::Add,
            Self::UserUpdate | Self::AdminUpdate | Self::SystemUpdate => Effect::Update,
            Self::UserRemove | Self::AdminRemove | Self::SystemRemove => Effect::Remove,
        }
    }

    /// Who asks.
    pub(in crate::sandbox) fn asker(self) -> Asker {
        match self {
            Self::UserAdd | Self::UserUpdate | Self::UserRemove => Asker::User,
            Self::AdminAdd | Self::AdminUpdate | Self::AdminRemove => Asker::Administrator,
            Self::SystemAdd | Self::SystemUpdate | Self::SystemRemove => Asker::Service,
        }
    }
}

/// Where a request stands; the wire's `state` (graph-contract 1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum RequestState {
    Submitted,
    PendingApproval,
    Scheduled,
    Delivering,
    Delivered,
    PartiallyDelivered,
    DeliveryFailed,
    Denied,
    Canceled,
}

impl RequestState {
    /// Whether the request still has something ahead of it.
    pub(in crate::sandbox) fn is_open(self) -> bool {
        matches!(self, Self::Submitted | Self::PendingApproval | Self::Scheduled | Self::Delivering)
    }

    /// The wire's `state`.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::PendingApproval => "pendingApproval",
            Self::Scheduled => "scheduled",
            Self::Delivering => "delivering",
            Self::Delivered => "delivered",
            Self::PartiallyDelivered => "partiallyDelivered",
            Self::DeliveryFailed => "deliveryFailed",
            Self::Denied => "denied",
            Self::Canceled => "canceled",
        }
    }

    /// The wire's `status` where nothing more is to be said than the state says.
    pub(in crate::sandbox) fn status(self) -> &'static str {
        match self {
            Self::Submitted => "Accepted",
            Self::PendingApproval => "PendingApproval",
            Self::Scheduled => "PendingNotBefore",
            Self::Delivering => "Fulfilling",
            Self::Delivered => "Fulfilled",
            Self::PartiallyDelivered => "PartiallyDelivered",
            Self::DeliveryFailed => "DeliveryFailed",
            Self::Denied => "Denied",
            Self::Canceled => "Canceled",
        }
    }
}

/// What a request has to pass before it is at its end, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum Gate {
    /// The service takes the request up.
    Acceptance,
    /// The custom extensions that the policy calls for new requests.
    CreationCallout,
    /// The approvers of the policy.
    Approval,
    /// The custom extensions that the policy calls for approved requests.
    ApprovalCallout,
    /// The asked start.
    Start,
    /// The roles are given, changed or taken back.
    Delivery,
    /// The custom extensions that the policy calls for what has been given or taken back.
    DeliveryCallout,
    /// Nothing is left to do.
    Completion,
}

/// An assignment request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct Request {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) request_type: RequestType,
    pub(in crate::sandbox) state: RequestState,
    /// The wire's free `status`.
    pub(in crate::sandbox) status: String,
    /// The gate before which it stands, or at which it ended.
    pub(in crate::sandbox) gate: Gate,
    /// The directory user who gets or loses the package; for somebody who is not in the directory yet, the id kept for them.
    pub(in crate::sandbox) target_id: String,
    pub(in crate::sandbox) package_id: String,
    pub(in crate::sandbox) policy_id: String,
    /// For a change or a removal from the start, for an addition from delivery on.
    pub(in crate::sandbox) assignment_id: Option<String>,
    pub(in crate::sandbox) justification: Option<String>,
    pub(in crate::sandbox) schedule: Schedule,
    pub(in crate::sandbox) answers: Vec<Value>,
    /// What it was taken in with nevertheless, to be refused later.
    #[serde(default)]
    pub(in crate::sandbox) refusal: Option<LateRefusal>,
    /// The calls of custom extensions, oldest first.
    #[serde(default)]
    pub(in crate::sandbox) callouts: Vec<Callout>,
    pub(in crate::sandbox) created: Timestamp,
    pub(in crate::sandbox) completed: Option<Timestamp>,
    /// The tenant instant of the next change of state; `None` while a person has to decide, and at the end.
    pub(in crate::sandbox) due: Option<Timestamp>,
    /// The user who made the request, where one did: an application has no name here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) created_by: Option<String>,
    /// Whether the policy's approvers are passed over (graph-contract 1.14, `parameters.bypassApproval`).
    #[serde(default)]
    pub(in crate::sandbox) bypass_approval: bool,
    /// From the moment it waits for approvers; one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::sandbox) approval_stages: Vec<ApprovalStage>,
}

impl Request {
    /// A request as it comes in.
    pub(in crate::sandbox) fn new(id: String, request_type: RequestType, about: About, now: Timestamp) -> Self {
        let About { target_id, package_id, policy_id, assignment_id } = about;
        Self {
            id,
            request_type,
            state: RequestState::Submitted,
            status: RequestState::Submitted.status().to_owned(),
            gate: Gate::Acceptance,
            target_id,
            package_id,
            policy_id,
            assignment_id,
            justification: None,
            schedule: Schedule::open(),
            answers: Vec::new(),
            refusal: None,
            callouts: Vec::new(),
            created: now,
            completed: None,
            due: None,
            created_by: None,
            bypass_approval: false,
            approval_stages: Vec::new(),
        }
    }

    /// The user who made the request; a user's own is made by the target.
    pub(in crate::sandbox) fn creator(&self) -> Option<&str> {
        let own = (self.request_type.asker() == Asker::User).then_some(&self.target_id);
        self.created_by.as_ref().or(own).map(String::as_str)
    }

    /// Takes on a state, with the status that goes with it, until `due`.
    pub(in crate::sandbox) fn enter(&mut self, state: RequestState, due: Option<Timestamp>) {
        self.state = state;
        self.status = state.status().to_owned();
        self.due = due;
    }

    /// Takes on its last state; what follows by itself is that the requestor is told, and that it is forgotten.
    pub(in crate::sandbox) fn end(&mut self, state: RequestState, at: Timestamp) {
        let notified = at.checked_add(NOTIFIED_AFTER).ok().filter(|_| state == RequestState::Delivered);
        self.enter(state, notified.or_else(|| forgotten_at(at)));
        self.completed = Some(at);
        if let Some(stage) = self.open_stage_mut() {
            stage.status = StageStatus::Completed;
        }
    }

    /// Waits for custom extensions until `due`.
    pub(in crate::sandbox) fn await_callback(&mut self, state: RequestState, due: Option<Timestamp>) {
        self.enter(state, due);
        self.status = AWAITS_CALLBACK.to_owned();
    }

    /// Whether it waits for custom extensions.
    pub(in crate::sandbox) fn awaits_callback(&self) -> bool {
        self.state.is_open() && self.status == AWAITS_CALLBACK
    }

    /// The requestor of a delivered request has been told; `false` where that is long since.
    pub(in crate::sandbox) fn notify(&mut self) -> bool {
        let news = self.state == RequestState::Delivered && self.status != NOTIFIED;
        if news {
            self.status = NOTIFIED.to_owned();
            self.due = self.completed.and_then(forgotten_at);
        }
        news
    }

    /// Who asked; of an administrator's or the service's request, the target (graph-contract 1.9.3).
    pub(in crate::sandbox) fn requestor(&self) -> &str {
        let own = self.created_by.as_deref().filter(|_| self.request_type.asker() == Asker::User);
        own.unwrap_or(&self.target_id)
    }

    /// Whether it keeps others about the same target and package from being taken in.
    pub(in crate::sandbox) fn is_in_the_way(&self) -> bool {
        self.state.is_open() && self.refusal.is_none()
    }
}

/// `None` beyond the calendar.
fn forgotten_at(completed: Timestamp) -> Option<Timestamp> {
    let kept = completed.to_zoned(TimeZone::UTC).checked_add(Span::new().months(KEPT_MONTHS)).ok()?;
    Some(kept.timestamp())
}

/// How a request ends that was taken in although it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct LateRefusal {
    pub(in crate::sandbox) state: RequestState,
    /// The refusal's code, which its `status` then shows.
    pub(in crate::sandbox) status: String,
}

/// Whom and what a request is about.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct About {
    pub(in crate::sandbox) target_id: String,
    pub(in crate::sandbox) package_id: String,
    pub(in crate::sandbox) policy_id: String,
    pub(in crate::sandbox) assignment_id: Option<String>,
}
