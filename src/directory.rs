//! The seam to the directory: users and group membership, as one pass reads them, and the changes of groups usherd makes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::ids::{GroupId, UserId};
use crate::domain::subject::User;

pub mod graph;

/// Reads users and groups of the tenant. A reading counts only when its last page was read.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Users and groups as one pass sees them at `now`: what has changed since the last observation, and everything where that is due or
    /// needed. A group that could not be read says so for itself.
    ///
    /// # Errors
    /// Fails when the users could not be read whole: part of a reading is none, and the next observation begins where the last one ended.
    async fn observe(&self, wanted: &Wanted, now: Timestamp) -> Result<Observation, ObserveError>;

    /// Every user of the directory with the named attributes (Graph names; nested ones as `employeeOrgData/costCenter`) beside the standing ones.
    ///
    /// # Errors
    /// Fails when any page could not be read.
    async fn users(&self, attributes: &BTreeSet<String>) -> Result<Vec<User>, ObserveError>;

    /// The user members of one group, given by display name or object id. A group that cannot be told is an outcome, not an error.
    ///
    /// # Errors
    /// Fails when the service could not be asked, or any page could not be read.
    async fn group(&self, wanted: &GroupQuery) -> Result<GroupAnswer, ObserveError>;

    /// Makes the user a direct member of the group, once and without any retry of its own.
    ///
    /// # Errors
    /// [`SubmitError`] tells what is certain about it; who is a member already is refused.
    async fn add_member(&self, group: &GroupId, user: &UserId) -> Result<(), SubmitError>;

    /// Ends the user's direct membership of the group, once and without any retry of its own.
    ///
    /// # Errors
    /// [`SubmitError`] tells what is certain about it; who is no member is refused.
    async fn remove_member(&self, group: &GroupId, user: &UserId) -> Result<(), SubmitError>;

    /// Every group's id and name.
    ///
    /// # Errors
    /// Fails when any page could not be read.
    async fn groups(&self) -> Result<Vec<NamedGroup>, ObserveError>;
}

/// What an observation is to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Attributes of users beside the standing ones.
    pub attributes: BTreeSet<String>,
    /// Groups.
    pub groups: BTreeSet<GroupQuery>,
}

/// Users and groups at one instant.
#[derive(Debug)]
pub struct Observation {
    /// Every user.
    pub users: Vec<User>,
    /// Each group that was wanted.
    pub groups: BTreeMap<GroupQuery, Result<GroupAnswer, ObserveError>>,
    /// Why everybody was read, where it was not just the changes.
    pub full: Option<FullReading>,
}

/// Why everybody was read and not just what had changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullReading {
    /// There was no reading before.
    First,
    /// The interval is over, or a new beginning is looked at once more.
    Due,
    /// Documents ask for attributes that were not read so far.
    OtherAttributes,
    /// The directory no longer knows where the last round of changes had ended.
    TokenLost,
    /// The directory does not tell changes of these attributes.
    NotTracked,
}

impl FullReading {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Due => "due",
            Self::OtherAttributes => "otherAttributes",
            Self::TokenLost => "tokenLost",
            Self::NotTracked => "notTracked",
        }
    }
}

/// A group as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGroup {
    /// Its object id.
    pub id: GroupId,
    /// Its display name; not always its alone.
    pub display_name: String,
}

/// Which group's members are wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupQuery {
    /// Display name or object id, as the document gives it.
    pub group: String,
    /// Whether nesting is followed.
    pub transitive: bool,
}

/// What the directory says about a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupAnswer {
    /// Its user members, from a complete reading.
    Members {
        /// The group's object id.
        id: GroupId,
        /// The members' object ids.
        users: BTreeSet<UserId>,
        /// Why the service may refuse to change its members, where it may.
        unchangeable: Option<Unchangeable>,
    },
    /// No group has this name or id.
    NotFound,
    /// More than one group has this name.
    Ambiguous,
}

/// Why the service refuses to change who is in a group, whatever permission usherd has or, for the last, without one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchangeable {
    /// A rule says who is in it.
    Dynamic,
    /// It is mastered on premises.
    OnPremises,
    /// It is a distribution list or a mail-enabled security group, which Exchange keeps.
    MailEnabled,
    /// Directory roles may be assigned to it.
    RoleAssignable,
}

impl Unchangeable {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamicGroup",
            Self::OnPremises => "onPremisesGroup",
            Self::MailEnabled => "mailEnabledGroup",
            Self::RoleAssignable => "roleAssignableGroup",
        }
    }
}

/// Why an observation failed.
#[derive(Debug, thiserror::Error)]
#[error("reading {what} failed")]
pub struct ObserveError {
    /// What was read, such as `users` or `members of group Marketing`.
    pub what: String,
    /// What happened.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// What is certain after something sent to the tenant was not plainly accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The service looked at the request and said no.
    #[error("the service refused the request with HTTP status {status}, code '{code}'")]
    Refused {
        /// The HTTP status (4xx, not 408 or 429).
        status: u16,
        /// Graph's error code; may be empty.
        code: String,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service did not take the request, and it may be sent again later: throttled, or never sent (no token, no connection).
    #[error("the request was not taken; it may be sent again")]
    NotTaken {
        /// How long the service asks to wait, in real time.
        retry_after: Option<std::time::Duration>,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nobody knows whether the service took it: a timeout, a reset, a 5xx. Look before sending again.
    #[error("the answer was lost, so the request may or may not have been made")]
    AnswerLost {
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
