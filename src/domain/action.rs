//! Actions: one write to the outside each, with its cause, its derived id and the states of its life.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entitlement::{Answer, Expiration, RequestType};
use super::ids::{
    ActionId, AssignmentId, DocumentHash, DocumentName, PackageId, PolicyId, SubjectKey, TenantId, UserId,
};
use super::resource::Resource;

pub use super::occasion::{Occasion, OccasionValue};

/// What an action asks the service for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionKind {
    /// Takes an assignment away. First in the order, so that what is taken goes before what is given.
    AdminRemove,
    /// Takes a member out of a group.
    RemoveMember,
    /// Gives a package by a policy.
    AdminAdd,
    /// Puts a member into a group.
    AddMember,
    /// Makes an assignment that was there already a document's own. It is only ever held; once approved, the ledger notes it and nothing is sent.
    Adopt,
}

impl ActionKind {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AdminRemove => "adminRemove",
            Self::RemoveMember => "removeMember",
            Self::AdminAdd => "adminAdd",
            Self::AddMember => "addMember",
            Self::Adopt => "adopt",
        }
    }

    /// The request type this action sends; a change of a group is no request, and an adoption sends nothing.
    pub fn request_type(self) -> Option<RequestType> {
        match self {
            Self::AdminAdd => Some(RequestType::AdminAdd),
            Self::AdminRemove => Some(RequestType::AdminRemove),
            Self::AddMember | Self::RemoveMember | Self::Adopt => None,
        }
    }

    /// Whether somebody loses something by it.
    pub fn is_removal(self) -> bool {
        matches!(self, Self::AdminRemove | Self::RemoveMember)
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an action exists; the same cause never acts twice (design.md section 4, Causes).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "cause")]
pub enum Cause {
    /// A workflow's occasion.
    Occasion(Occasion),
    /// The n-th time a standing document gives a package to a subject.
    Episode {
        /// The auto assignment.
        document: DocumentName,
        /// Who.
        subject: SubjectKey,
        /// Counted from 1.
        episode: u32,
    },
    /// An assignment that was there already becomes a document's own.
    Adoption {
        /// The auto assignment.
        document: DocumentName,
        /// The assignment.
        assignment: AssignmentId,
    },
    /// The end of one assignment.
    Assignment {
        /// The assignment that goes.
        assignment: AssignmentId,
    },
    /// A bar that meets an assignment.
    Bar {
        /// The occasion that set the bar.
        occasion: Occasion,
        /// The assignment that goes.
        assignment: AssignmentId,
    },
}

impl Cause {
    /// The cause as the text an action id is derived from; it never changes for the same cause.
    fn identity(&self) -> String {
        match self {
            Self::Occasion(occasion) => format!("occasion {occasion}"),
            Self::Episode { document, subject, episode } => format!("episode {document} {subject} {episode}"),
            Self::Adoption { document, assignment } => format!("adoption {document} assignment {assignment}"),
            Self::Assignment { assignment } => format!("assignment {assignment}"),
            Self::Bar { occasion, assignment } => format!("bar {occasion} assignment {assignment}"),
        }
    }

    /// The same cause under the name by which its document was first known, so that a rename makes no new cause.
    pub fn under(&self, identity: &DocumentName) -> Self {
        let known = |occasion: &Occasion| Occasion { workflow: identity.clone(), ..occasion.clone() };
        match self {
            Self::Occasion(occasion) => Self::Occasion(known(occasion)),
            Self::Episode { subject, episode, .. } => {
                Self::Episode { document: identity.clone(), subject: subject.clone(), episode: *episode }
            }
            Self::Adoption { assignment, .. } => {
                Self::Adoption { document: identity.clone(), assignment: assignment.clone() }
            }
            Self::Assignment { .. } => self.clone(),
            Self::Bar { occasion, assignment } => {
                Self::Bar { occasion: known(occasion), assignment: assignment.clone() }
            }
        }
    }
}

/// Who goes first when the pace is short: leavers before movers before joiners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Category {
    /// Access ends.
    Leaver,
    /// Access changes.
    Mover,
    /// Access begins.
    Joiner,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Leaver => "leaver",
            Self::Mover => "mover",
            Self::Joiner => "joiner",
        })
    }
}

/// One assignment request, or one change of a group, to be made. It carries every id it needs; the executor makes no choice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// What it asks.
    pub kind: ActionKind,
    /// Leaver, mover or joiner.
    pub category: Category,
    /// The subject.
    pub subject: SubjectKey,
    /// The target's object id.
    pub user: UserId,
    /// The package or group.
    #[serde(flatten)]
    pub resource: Resource,
    /// The policy an add uses.
    pub policy: Option<PolicyId>,
    /// The assignment a removal takes.
    pub assignment: Option<AssignmentId>,
    /// The document that wants it.
    pub document: DocumentName,
    /// That document's version.
    pub document_hash: DocumentHash,
    /// Why.
    pub cause: Cause,
    /// The derived id.
    pub id: ActionId,
    /// The document's own justification, to which the tag is added.
    pub justification: Option<String>,
    /// How long the assignment lasts; without it the policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Expiration>,
    /// Answers to the policy's questions, in the policy's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
}

impl Action {
    /// The package, where it is about one.
    pub fn package(&self) -> Option<&PackageId> {
        self.resource.package()
    }

    /// Derives the id that this kind, resource, policy, user and cause have in `tenant` (a UUIDv5, design.md section 3, 2).
    pub fn derive_id(
        tenant: &TenantId,
        kind: ActionKind,
        resource: &Resource,
        policy: Option<&PolicyId>,
        user: &UserId,
        cause: &Cause,
    ) -> ActionId {
        ActionId::derive(&[
            tenant.as_str(),
            kind.as_str(),
            &resource.to_string(),
            policy.map_or("", PolicyId::as_str),
            user.as_str(),
            &cause.identity(),
        ])
    }
}

/// How far an action is (design.md section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionState {
    /// Part of a hold that waits for a person.
    Held,
    /// Committed, to be sent.
    Ready,
    /// An attempt is under way: durable before the bytes leave.
    Submitting,
    /// The answer was lost; usherd looks before it sends again.
    Ambiguous,
    /// Accepted by the service, being followed.
    Submitted,
    /// Delivered.
    Delivered,
    /// Denied by an approver or the policy; sticks.
    Denied,
    /// Canceled in the service.
    Canceled,
    /// Delivery failed for good.
    DeliveryFailed,
    /// Refused by the service when sent; sticks.
    Refused,
    /// Nothing to do: the tenant already was as wished when it was looked at again.
    AlreadySatisfied,
    /// The plan changed its mind before it was sent.
    Superseded,
    /// Every attempt was used up: a dead letter.
    GaveUp,
}

impl ActionState {
    /// Every state, for tests and tables.
    pub const ALL: [Self; 13] = [
        Self::Held,
        Self::Ready,
        Self::Submitting,
        Self::Ambiguous,
        Self::Submitted,
        Self::Delivered,
        Self::Denied,
        Self::Canceled,
        Self::DeliveryFailed,
        Self::Refused,
        Self::AlreadySatisfied,
        Self::Superseded,
        Self::GaveUp,
    ];

    /// The word the ledger keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Ready => "ready",
            Self::Submitting => "submitting",
            Self::Ambiguous => "ambiguous",
            Self::Submitted => "submitted",
            Self::Delivered => "delivered",
            Self::Denied => "denied",
            Self::Canceled => "canceled",
            Self::DeliveryFailed => "deliveryFailed",
            Self::Refused => "refused",
            Self::AlreadySatisfied => "alreadySatisfied",
            Self::Superseded => "superseded",
            Self::GaveUp => "gaveUp",
        }
    }

    /// Reads the ledger's word back.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing was sent yet, so that the plan may still take it back.
    pub fn is_unsent(self) -> bool {
        matches!(self, Self::Held | Self::Ready)
    }

    /// Whether a request was or may have been sent and its end is not known.
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::Submitting | Self::Ambiguous | Self::Submitted)
    }

    /// Whether the action came to an end that the same cause does not try again.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Denied | Self::Canceled | Self::DeliveryFailed | Self::Refused | Self::GaveUp)
    }

    /// Whether the tenant is as the action wished.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Delivered | Self::AlreadySatisfied)
    }
}

impl fmt::Display for ActionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The tag that ties a request to its action: `[usherd <instance>/<action id>]`, kept in the request's justification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTag {
    /// The ledger's instance, made once per ledger.
    pub instance: String,
    /// The action.
    pub action: ActionId,
}

impl RequestTag {
    /// Finds the tag in a justification.
    pub fn find(justification: &str) -> Option<Self> {
        let (_, rest) = justification.rsplit_once("[usherd ")?;
        let (inside, _) = rest.split_once(']')?;
        let (instance, action) = inside.split_once('/')?;
        Some(Self { instance: instance.to_owned(), action: ActionId::parse(action).ok()? })
    }
}

impl fmt::Display for RequestTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[usherd {}/{}]", self.instance, self.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_from_its_word() {
        for state in ActionState::ALL {
            assert_eq!(ActionState::from_word(state.as_str()), Some(state));
        }
    }

    #[test]
    fn a_tag_is_found_behind_any_text() {
        let tag = RequestTag { instance: "a1b2".into(), action: ActionId::derive(&["x"]) };
        let justification = format!("Joins [soon] {tag}");
        assert_eq!(RequestTag::find(&justification), Some(tag));
        assert_eq!(RequestTag::find("[usherd a1b2/nonsense]"), None);
        assert_eq!(RequestTag::find("nothing here"), None);
    }

    #[test]
    fn another_policy_or_episode_is_another_action() {
        let id = |policy: Option<&PolicyId>, episode| {
            let cause = Cause::Episode { document: "d".into(), subject: "person:E1".into(), episode };
            Action::derive_id(
                &"t".into(),
                ActionKind::AdminAdd,
                &Resource::Package("p".into()),
                policy,
                &"u".into(),
                &cause,
            )
        };
        let policy = PolicyId::from("x");
        assert_eq!(id(Some(&policy), 1), id(Some(&policy), 1));
        assert_ne!(id(Some(&policy), 1), id(Some(&policy), 2));
        assert_ne!(id(Some(&policy), 1), id(None, 1));
    }
}
