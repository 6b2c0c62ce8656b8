//! The seam to HR feeds: the snapshot in force and what was found at the source.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::subject::Person;
use crate::store::{DeliveryRecord, StoreError};
use crate::workflow::definition::Feed;

pub mod acceptance;
pub mod archive;
pub mod arrival;
pub mod check;
pub mod column;
pub mod csv;
pub mod encoding;
#[cfg(test)]
mod fixture;
pub mod format;
pub mod gate;
pub mod gzip;
pub mod json;
pub mod json_records;
pub mod judge;
pub mod manifest;
pub mod reader;
pub mod remote;
pub mod sample;
pub mod source;
pub mod status;
pub mod table;

/// Takes what a feed's source delivers, judges it, and says which snapshot is in force.
#[async_trait]
pub trait Feeds: Send + Sync {
    /// Looks at the source of `feed`, takes, judges and archives what is complete there, and returns the snapshot in force.
    ///
    /// A delivery that cannot be read or is refused is an outcome, not an error: the last accepted snapshot stays in force.
    ///
    /// # Errors
    /// Fails only when the ledger cannot be read or written.
    async fn collect(&self, feed: &Feed, base: FeedBase, now: Timestamp) -> Result<FeedReading, StoreError>;
}

/// What a feed's first deliveries are measured against, while no delivery was accepted yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedBase {
    /// Directory users that carry an employee id.
    pub joined_users: usize,
}

/// A feed as one pass sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedReading {
    /// Everybody in force, sorted by key, carried-over records included; `None` until a delivery was accepted.
    pub snapshot: Option<FeedSnapshot>,
    /// What was found at the source in this pass, oldest first; empty when nothing new was there.
    ///
    /// A `file:` is silent while its bytes are those in force or those refused last. A source that cannot be read at all is reported in
    /// every pass, as a refusal without a digest.
    pub deliveries: Vec<DeliveryReport>,
    /// Whether something is there that is not complete yet (still being written), so that the next look should come soon.
    pub incomplete: bool,
    /// Why the snapshot in force is older than the feed's document wants, once it is.
    pub too_old: Option<String>,
}

/// The snapshot in force.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedSnapshot {
    /// The latest accepted deliveries, newest first and never none: the first is in force, from others people may be carried over.
    pub deliveries: Vec<DeliveryRecord>,
    /// Everybody, sorted by key.
    pub persons: Vec<Person>,
    /// Whether removals that rest on it wait for a person (a first delivery that looks too small).
    pub removals_wait: bool,
}

/// One delivery and its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryReport {
    /// The file's name without its folder; never its content.
    pub file: String,
    /// The SHA-256 of the bytes, hexadecimal; empty when they could not be read.
    pub digest: String,
    /// Rows, the header not counted; 0 when the delivery could not be read as rows, or did not have to be.
    pub rows: usize,
    /// Rows that the feed's document leaves out on purpose.
    pub left_out: usize,
    /// People of an accepted delivery set aside because their own record cannot be used, by employee id (empty where the key itself is bad),
    /// with a reason that names line and column, never the value.
    pub set_aside: Vec<(String, String)>,
    /// The verdict.
    pub verdict: Verdict,
    /// What went wrong beside the verdict: the bytes could not be archived, or the dropped file could not be taken away.
    pub trouble: Option<String>,
}

/// What the feed gate decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// In force from now on.
    Accepted,
    /// In force for additions; removals wait for a person.
    AcceptedRemovalsWait {
        /// Why.
        why: String,
    },
    /// The same bytes as the snapshot in force: no change, but agreement.
    Unchanged,
    /// Refused; nothing changed.
    Refused {
        /// The rule that refused it: a stable word.
        rule: &'static str,
        /// A sentence with the figures.
        why: String,
    },
}

impl Verdict {
    /// The stable word of the ledger and of archive names: `accepted`, `acceptedRemovalsWait`, `unchanged`, or the rule that refused.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AcceptedRemovalsWait { .. } => "acceptedRemovalsWait",
            Self::Unchanged => "unchanged",
            Self::Refused { rule, .. } => rule,
        }
    }

    /// Why it was refused, or why removals wait.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::AcceptedRemovalsWait { why } | Self::Refused { why, .. } => Some(why),
            Self::Accepted | Self::Unchanged => None,
        }
    }

    /// Whether the delivery is in force from now on.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted | Self::AcceptedRemovalsWait { .. })
    }
}
