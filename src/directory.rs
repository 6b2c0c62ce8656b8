//! The seam to the directory: users and group membership, as one pass reads them.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::domain::ids::{GroupId, UserId};
use crate::domain::subject::User;

pub mod graph;

/// Reads users and groups of the tenant. A reading counts only when its last page was read.
#[async_trait]
pub trait Directory: Send + Sync {
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
        /// Whether the members follow from the group's rule, so that nobody can be put in or taken out.
        is_dynamic: bool,
    },
    /// No group has this name or id.
    NotFound,
    /// More than one group has this name.
    Ambiguous,
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
