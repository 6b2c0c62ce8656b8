//! What one pass observed of feeds, directory and entitlement management: plain data for the planner.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy, AssignmentRequest};
use crate::domain::ids::{FeedName, GroupId, TenantId, UserId};
use crate::domain::subject::{Person, User};

/// One complete observation. What could not be read is absent or says so; it is never an empty list.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The tenant, part of every action id.
    pub tenant: TenantId,
    /// The IANA zone where neither the trigger nor the person names one.
    pub tenant_zone: String,
    /// Every directory user.
    pub users: Vec<User>,
    /// The snapshot in force of each feed; a feed without one is absent.
    pub feeds: BTreeMap<FeedName, FeedView>,
    /// Each group that a document asks for, by its name there and whether nesting is followed.
    pub groups: BTreeMap<(String, bool), GroupView>,
    /// Every access package.
    pub packages: Vec<AccessPackage>,
    /// Every assignment policy.
    pub policies: Vec<AssignmentPolicy>,
    /// Every active assignment.
    pub assignments: Vec<Assignment>,
    /// Every open request.
    pub requests: Vec<AssignmentRequest>,
    /// When the observation was made (tenant time, UTC).
    pub read_at: Timestamp,
}

/// A feed's snapshot in force.
#[derive(Debug, Clone, Default)]
pub struct FeedView {
    /// Everybody in it.
    pub persons: Vec<Person>,
    /// Whether removals that rest on it wait for a person.
    pub removals_wait: bool,
    /// The latest accepted deliveries, newest first; records that do not say another one are of the first.
    pub deliveries: Vec<Delivery>,
}

/// A delivery of a feed that was accepted: where its people's records were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The SHA-256 of the bytes, hexadecimal.
    pub digest: String,
    /// The file's name without its folder; empty where an earlier version recorded it.
    pub file: String,
    /// When it was judged (tenant time, UTC).
    pub judged: Timestamp,
}

/// A group's reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupView {
    /// Complete.
    Members {
        /// The group's object id.
        id: GroupId,
        /// Its user members.
        users: BTreeSet<UserId>,
        /// Whether nobody can be put in or taken out through the service: a rule, the local directory or Exchange keeps the members.
        is_fixed: bool,
    },
    /// No group has this name or id.
    NotFound,
    /// More than one group has this name.
    Ambiguous,
    /// It could not be read.
    Unreadable,
}
