//! The seam to the ledger: what usherd has done and granted, durable before anything depends on it.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::action::{Action, ActionState};
use crate::domain::ids::{ActionId, DocumentName, FeedName, HoldHash, RequestId, SubjectKey};
use crate::domain::subject::Person;
use crate::plan::Plan;
use crate::plan::ledger::{DocumentRecord, Ledger, LedgerChange, Rename};

#[cfg(test)]
mod conformance;
pub mod directory;
pub mod sqlite;

use directory::{KeptUsers, UsersChange};

/// The ledger. One writer at a time; each method is one transaction.
#[async_trait]
pub trait Store: Send + Sync {
    /// The ledger's instance, made once per ledger; part of every tag.
    fn instance(&self) -> &str;

    /// Everything the planner needs to know.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn ledger(&self) -> Result<Ledger, StoreError>;

    /// Makes a plan's changes, intents and holds durable, all or nothing.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written; then nothing of the plan may be carried out.
    async fn commit(&self, plan: &Plan, now: Timestamp) -> Result<(), StoreError>;

    /// Applies changes outside a plan, such as what settling brings about.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written.
    async fn apply(&self, changes: &[LedgerChange], now: Timestamp) -> Result<(), StoreError>;

    /// Every action in one of `states`, leavers first, then by id.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn actions_in(&self, states: &[ActionState]) -> Result<Vec<ActionRecord>, StoreError>;

    /// Moves an action on, together with what follows from it; an action that is no longer in `from` is left alone and `false` returned.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written.
    async fn advance(&self, transition: &Transition, now: Timestamp) -> Result<bool, StoreError>;

    /// Every hold that was not decided yet.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn holds(&self) -> Result<Vec<HoldRecord>, StoreError>;

    /// Approves or rejects a hold by its hash. Approval binds the hold's action ids; the next pass releases what it still plans of them.
    ///
    /// # Errors
    /// Fails when no open hold has this hash, or the ledger cannot be written.
    async fn decide_hold(&self, hash: &HoldHash, decision: &HoldDecision, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps an operator's wish; returns the subjects for whom it is new. Where the last wish for a subject has not come to its end (no plan took
    /// it up, or its run is not over), it stands for this one too.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written.
    async fn activate(&self, wish: &ActivationWish, now: Timestamp) -> Result<BTreeSet<SubjectKey>, StoreError>;

    /// Last good texts of the documents folder by file, relative to the folder.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn good_texts(&self) -> Result<BTreeMap<String, String>, StoreError>;

    /// Moves what renamed documents have done to their new names, replaces the last good texts, and brings the records given up to date.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written.
    async fn save_documents(&self, documents: &DocumentsInForce, now: Timestamp) -> Result<(), StoreError>;

    /// Ends a document that is gone from the folder; returns how many grants that concerns.
    ///
    /// # Errors
    /// Fails when the ledger knows no such document, when it or no such successor is in force, or when the ledger cannot be written.
    async fn retire_document(
        &self,
        document: &DocumentName,
        grants: &GrantsOfRetired,
        by: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError>;

    /// Asks that the assignments an auto assignment's members hold already become its own; the next plan holds each of them first.
    ///
    /// # Errors
    /// Fails when no auto assignment of this name is in force and may write, or when the ledger cannot be written.
    async fn adopt_for(&self, document: &DocumentName, by: &str, now: Timestamp) -> Result<(), StoreError>;

    /// What was accepted of a feed.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn feed_state(&self, feed: &FeedName) -> Result<FeedState, StoreError>;

    /// The latest deliveries of a feed, newest first, at most `most`.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn deliveries(&self, feed: &FeedName, most: usize) -> Result<Vec<DeliveryRecord>, StoreError>;

    /// Keeps that a person accepted a delivery; the next pass takes it, unless another one was recorded by then.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written.
    async fn accept_delivery(&self, feed: &FeedName, acceptance: &Acceptance) -> Result<(), StoreError>;

    /// Records a delivery and, where it was accepted, the people now in force.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written.
    async fn record_delivery(
        &self,
        feed: &FeedName,
        delivery: &DeliveryRecord,
        persons: Option<&[Person]>,
    ) -> Result<(), StoreError>;

    /// The directory's users as they were read last.
    ///
    /// # Errors
    /// Fails when the ledger cannot be read.
    async fn kept_users(&self) -> Result<KeptUsers, StoreError>;

    /// Keeps what a whole reading changed of them together with where the next one begins, all or nothing.
    ///
    /// # Errors
    /// Fails when the ledger cannot be written; then the reading is to be made again from where the last one ended.
    async fn keep_users(&self, change: &UsersChange) -> Result<(), StoreError>;
}

/// An action as the ledger holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRecord {
    /// The action.
    pub action: Action,
    /// How far it is.
    pub state: ActionState,
    /// Attempts begun.
    pub attempts: u32,
    /// When the present attempt began (tenant time, UTC).
    pub submitted: Option<Timestamp>,
    /// The request, once the service named it.
    pub request: Option<RequestId>,
    /// When the state last changed (tenant time, UTC).
    pub changed: Timestamp,
    /// A short explanation of the state: an error code, a request state.
    pub detail: String,
}

/// One step of an action's life.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The action.
    pub action: ActionId,
    /// The state it must be in.
    pub from: ActionState,
    /// The state it moves to.
    pub to: ActionState,
    /// The request, where the step learnt it.
    pub request: Option<RequestId>,
    /// A short explanation: an error code, a request state; never a name or a body.
    pub detail: String,
    /// What follows in the ledger, in the same transaction.
    pub changes: Vec<LedgerChange>,
}

/// A hold as the ledger holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct HoldRecord {
    /// The hold.
    pub hold: crate::plan::Hold,
    /// When it was first raised (tenant time, UTC).
    pub raised: Timestamp,
    /// Whether a person approved it and the next pass has not released it yet.
    pub approved: bool,
}

/// A person's decision on a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldDecision {
    /// Approved, or rejected.
    pub approve: bool,
    /// Who decided: the account that ran the command.
    pub by: String,
}

/// What the ledger is to keep of the documents folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentsInForce {
    /// The last good texts by file, relative to the folder.
    pub texts: BTreeMap<String, String>,
    /// The records of the documents in force, and of those no longer so.
    pub records: Vec<DocumentRecord>,
    /// Documents that have another name now.
    pub renames: Vec<Rename>,
}

/// What becomes of the grants of a document that is retired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantsOfRetired {
    /// The access stays, and is nobody's.
    Stay,
    /// Their removal is proposed, and held.
    AreRemoved,
    /// They become another document's.
    GoTo(DocumentName),
}

/// A person's wish that a workflow runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationWish {
    /// The workflow.
    pub workflow: DocumentName,
    /// For whom.
    pub subjects: BTreeSet<SubjectKey>,
    /// Who wishes it: the account that ran the command.
    pub by: String,
}

/// What the ledger knows of a feed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeedState {
    /// The latest deliveries that were accepted, newest first, at most five; re-deliveries of the same bytes are not repeated.
    pub accepted: Vec<DeliveryRecord>,
    /// The digest of the last delivery that was refused, so that the same bytes are not judged aloud again in every pass.
    pub last_refused: Option<DeliveryRecord>,
    /// The people in force, sorted by key.
    pub persons: Vec<Person>,
    /// What a person accepted and no pass has taken yet.
    pub acceptance: Option<Acceptance>,
}

/// A person's acceptance of a delivery that the gate refused, or that lets removals wait.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acceptance {
    /// The delivery's digest.
    pub digest: String,
    /// The version of the feed's document that it was judged by.
    pub feed_hash: String,
    /// The account that ran the command.
    pub by: String,
    /// When (tenant time, UTC).
    pub at: Timestamp,
}

/// How many accepted deliveries the feed gate looks back on.
pub const DELIVERIES_LOOKED_BACK_ON: usize = 5;

impl FeedState {
    /// What the ledger knows once `delivery` is recorded; `persons` are those in force where it was accepted.
    pub fn note(&mut self, delivery: DeliveryRecord, persons: Option<&[Person]>) {
        self.acceptance = None;
        match persons {
            Some(persons) => {
                self.accepted.retain(|known| known.digest != delivery.digest);
                self.accepted.insert(0, delivery);
                self.accepted.truncate(DELIVERIES_LOOKED_BACK_ON);
                self.persons = persons.to_vec();
                self.last_refused = None;
            }
            None => self.last_refused = Some(delivery),
        }
    }
}

/// A delivery as the ledger holds it.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryRecord {
    /// The SHA-256 of the bytes, hexadecimal.
    pub digest: String,
    /// The file's name without its folder; empty in deliveries that an earlier version recorded.
    #[serde(default)]
    pub file: String,
    /// The version of the feed's document it was read by.
    pub feed_hash: String,
    /// Rows.
    pub rows: usize,
    /// The header line's columns.
    pub header: Vec<String>,
    /// When it was judged (tenant time, UTC).
    pub judged: Timestamp,
    /// `accepted`, `acceptedRemovalsWait`, or the rule that refused it.
    pub verdict: String,
    /// Rows that the feed's document leaves out on purpose.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: usize,
    /// Why it was refused, or why removals wait: a sentence with figures, never content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When its source made it, by the source's clock (real time, UTC); `None` where nothing says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Timestamp>,
    /// The same in tenant time (UTC); its age counts from here, else from when it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// The account that accepted it, where the gate would not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
}

impl DeliveryRecord {
    /// How old it is.
    pub fn age(&self, now: Timestamp) -> jiff::SignedDuration {
        now.duration_since(self.as_of.unwrap_or(self.judged))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the state folder.
    #[error("the state folder {folder} is locked by another usherd; stop it, or use another state folder")]
    Locked {
        /// The folder.
        folder: String,
    },
    /// The state folder or a file in it cannot be used.
    #[error("the state folder {folder} cannot be used")]
    Folder {
        /// The folder.
        folder: String,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The database failed.
    #[error("{step} failed in the ledger")]
    Database {
        /// What was attempted.
        step: &'static str,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row does not hold what this version wrote.
    #[error("the ledger holds something unreadable in {place}")]
    Corrupt {
        /// Table and key.
        place: String,
    },
    /// The ledger has never seen a document of this name.
    #[error("the ledger knows no document {0}; `usherd document list` shows those it knows")]
    NoSuchDocument(DocumentName),
    /// Only what is gone can be retired.
    #[error(
        "{0} is in force; take its file out of the documents folder, wait until usherd has seen that, and retire it then"
    )]
    DocumentInForce(DocumentName),
    /// It takes a document that is in force and grants packages.
    #[error("{0} is no auto assignment or workflow in force; `usherd document list` shows which documents are")]
    DocumentNotInForce(DocumentName),
    /// Only an auto assignment has members.
    #[error("{0} is no auto assignment, so it has no members whose assignments it could adopt")]
    NoMembers(DocumentName),
    /// What only observes grants nothing.
    #[error("{0} only observes; let it and the configuration's `safety.mode` say grantOnly or enforce first")]
    OnlyObserves(DocumentName),
    /// There is no open hold with this hash.
    #[error("no open hold has the hash {0}; `usherd hold list` shows the open ones")]
    NoSuchHold(HoldHash),
    /// The prefix fits more than one open hold.
    #[error("more than one open hold begins with {0}; give more of the hash")]
    HoldAmbiguous(HoldHash),
}
