//! What the planner needs of the ledger, and the changes a plan or a settled action makes to it: plain data.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Gate;
use crate::domain::action::{ActionKind, ActionState, Category, Occasion};
use crate::domain::ids::{ActionId, DocumentHash, DocumentName, HoldHash, PackageId, SubjectKey, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;

mod document;
mod watch;

pub use document::{DocumentRecord, FEED, Rename, Retirement};
pub use watch::{Activation, WatchKey, Watched, WatchedValue};

/// The ledger as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Every document ever in force, by name.
    pub documents: BTreeMap<DocumentName, DocumentRecord>,
    /// The first moment each subject had a user (UTC).
    pub complete_since: BTreeMap<SubjectKey, Timestamp>,
    /// Runs by their occasion.
    pub runs: BTreeMap<Occasion, RunRecord>,
    /// What usherd granted and still stands for.
    pub claims: BTreeMap<ClaimKey, ClaimRecord>,
    /// Episodes above the first.
    pub episodes: BTreeMap<ClaimKey, u32>,
    /// What a document would give and another one's removal task took; it is not given again by the same membership.
    pub outranked: BTreeMap<ClaimKey, DocumentName>,
    /// The standing "no" on leavers.
    pub bars: BTreeSet<Bar>,
    /// The ids that names stand for.
    pub pins: BTreeMap<PinKey, String>,
    /// Every action ever committed.
    pub actions: BTreeMap<ActionId, LedgerAction>,
    /// Action ids a person has released, and the document they released them for.
    pub approved: BTreeMap<ActionId, DocumentName>,
    /// Action ids a person has said no to, and the document they said it to.
    pub rejected: BTreeMap<ActionId, DocumentName>,
    /// What was held of a document and nobody has decided on: whenever the document wishes it again, it is held again.
    pub held: BTreeMap<(ActionId, DocumentName), HeldBy>,
    /// How many members each group had when its reading was last believed.
    pub group_sizes: BTreeMap<String, usize>,
    /// What is watched for changes, as it was last read of each subject. Of groups and feeds only who is or ever was in them.
    pub watched: BTreeMap<(SubjectKey, WatchKey), Watched>,
    /// Since when something is watched at all (UTC): its first complete reading is the baseline, and makes no occasion.
    pub watched_since: BTreeMap<WatchKey, Timestamp>,
    /// The last instant of each scheduled workflow that was dealt with (UTC).
    pub schedules: BTreeMap<DocumentName, Timestamp>,
    /// What operators asked for and no plan has taken up yet, by id.
    pub activations: BTreeMap<String, Activation>,
}

/// What holds an action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldBy {
    /// The gate.
    pub gate: Gate,
    /// The hold it was last part of.
    pub hold: HoldHash,
    /// Why it was held.
    pub why: String,
}

/// Who holds what by which document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimKey {
    /// The document.
    pub document: DocumentName,
    /// The subject.
    pub subject: SubjectKey,
    /// The package.
    pub package: PackageId,
}

/// A document's grant that stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRecord {
    /// Since when the subject is no longer a member (UTC): the grace period runs.
    pub leaving_since: Option<Timestamp>,
    /// When the assignment was first seen missing (UTC).
    pub missing_since: Option<Timestamp>,
}

/// A leaver's standing "no" on a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bar {
    /// The occasion that set it.
    pub occasion: Occasion,
    /// The user it keeps out, also when the person is no longer linked to them.
    pub user: UserId,
    /// The package.
    pub package: PackageId,
    /// The document's version that set it.
    pub document_hash: DocumentHash,
}

impl Ledger {
    /// The bars that one occasion set.
    pub fn bars_of<'l>(&'l self, occasion: &Occasion) -> impl Iterator<Item = &'l Bar> {
        let lowest = Bar {
            occasion: occasion.clone(),
            user: UserId::new(""),
            package: PackageId::new(""),
            document_hash: DocumentHash::new(""),
        };
        let occasion = lowest.occasion.clone();
        self.bars.range(lowest..).take_while(move |bar| bar.occasion == occasion)
    }
}

/// How far a run is, by Lifecycle Workflows' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunStatus {
    /// Nothing was begun yet.
    Queued,
    /// Some task is not done yet.
    InProgress,
    /// What is left waits for a person (Lifecycle Workflows' quarantine).
    Held,
    /// Every task is done.
    Completed,
    /// A task that tolerates errors failed.
    CompletedWithErrors,
    /// A task failed.
    Failed,
    /// The subject no longer matched before everything was sent.
    Canceled,
}

impl RunStatus {
    /// The stable word, Lifecycle Workflows' own where it has one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "inProgress",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::CompletedWithErrors => "completedWithErrors",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::InProgress | Self::Held)
    }
}

/// A run: one workflow for one subject for one occasion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// How far it is.
    pub status: RunStatus,
    /// The document's version it runs by.
    pub document_hash: DocumentHash,
    /// Leaver, mover or joiner.
    pub category: Category,
    /// The gate that holds all it does, where it began under suspicion: a backfill found it, or a group that shrank made it due.
    pub held_by: Option<Gate>,
    /// Why it is as it is: a reason's code, of the task that decides.
    pub reason: Option<String>,
    /// How far each task is, in the document's order.
    pub tasks: Vec<TaskRun>,
}

impl RunRecord {
    /// The same run, given up for `reason`: what was not done yet is not done any more.
    #[must_use]
    pub fn canceled(&self, reason: &Reason) -> Self {
        let canceled = |task: &TaskRun| match task.status.is_final() {
            true => task.clone(),
            false => TaskRun { status: RunStatus::Canceled, reason: Some(reason.code().to_owned()) },
        };
        let tasks = self.tasks.iter().map(canceled).collect();
        Self { status: RunStatus::Canceled, reason: Some(reason.code().to_owned()), tasks, ..self.clone() }
    }
}

/// How far one task of a run is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskRun {
    /// How far it is.
    pub status: RunStatus,
    /// Why: a reason's code.
    pub reason: Option<String>,
}

/// An action as the planner needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerAction {
    /// How far it is.
    pub state: ActionState,
    /// What it asks.
    pub kind: ActionKind,
    /// The target.
    pub user: UserId,
    /// The package or group.
    pub resource: Resource,
    /// The document.
    pub document: DocumentName,
    /// That document's version.
    pub document_hash: DocumentHash,
    /// The subject.
    pub subject: SubjectKey,
    /// When its state last changed (UTC).
    pub changed: Timestamp,
    /// Whether it was refused for lack of permission, which may be a matter of minutes.
    pub is_forbidden: bool,
}

/// What a pinned name is the name of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PinKey {
    /// An access package.
    Package {
        /// The name.
        name: String,
    },
    /// A policy of a package.
    Policy {
        /// The package.
        package: PackageId,
        /// The name.
        name: String,
    },
    /// A group.
    Group {
        /// The name.
        name: String,
    },
}

/// One change of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "change")]
pub enum LedgerChange {
    /// The subject has a user from now on.
    SubjectComplete {
        /// Who.
        subject: SubjectKey,
    },
    /// A run begins or moves on.
    Run {
        /// Why it is due.
        occasion: Occasion,
        /// How far it is.
        run: RunRecord,
    },
    /// A document's grant stands from now on.
    Claim {
        /// Whose, by which document.
        claim: ClaimKey,
    },
    /// The subject is no longer a member; the grace period begins now.
    ClaimLeaving {
        /// Whose, by which document.
        claim: ClaimKey,
    },
    /// The subject is a member again.
    ClaimStays {
        /// Whose, by which document.
        claim: ClaimKey,
    },
    /// The assignment was not seen; a later reading must agree.
    ClaimMissing {
        /// Whose, by which document.
        claim: ClaimKey,
    },
    /// The assignment is gone: every claim on it ends, and the next grant is a new episode.
    Gone {
        /// Whose.
        subject: SubjectKey,
        /// The user, by whose key older claims may be kept.
        user: UserId,
        /// The package.
        package: PackageId,
    },
    /// The claim ends.
    ClaimReleased {
        /// Whose, by which document.
        claim: ClaimKey,
    },
    /// The next grant is a new episode.
    EpisodeRaised {
        /// Whose, by which document.
        claim: ClaimKey,
    },
    /// Another document's removal task takes what this one would give.
    Outranked {
        /// Whose, by the document that would give it.
        claim: ClaimKey,
        /// The document whose task takes it.
        by: DocumentName,
    },
    /// The document may give it again.
    OutrankEnded {
        /// Whose, by the document that would give it.
        claim: ClaimKey,
    },
    /// Everything that a person wanted the document to adopt is decided on.
    AdoptionEnded {
        /// The document.
        document: DocumentName,
    },
    /// A leaver is barred.
    BarSet {
        /// The bar.
        bar: Bar,
    },
    /// A bar ends.
    BarEnded {
        /// The bar.
        bar: Bar,
    },
    /// A name stands for an id.
    Pinned {
        /// The name.
        pin: PinKey,
        /// The id.
        id: String,
    },
    /// A group's reading is believed.
    GroupSize {
        /// The group as the documents name it.
        group: String,
        /// Its members.
        size: usize,
    },
    /// Something is watched from now on: what holds now is the baseline.
    WatchBegun {
        /// What.
        key: WatchKey,
    },
    /// Nothing watches it any more: should it be watched again, what holds then is a new baseline.
    WatchEnded {
        /// What.
        key: WatchKey,
    },
    /// Something watched was read for the first time, or holds something else.
    Watched {
        /// Whose.
        subject: SubjectKey,
        /// What.
        key: WatchKey,
        /// What it holds now.
        value: WatchedValue,
        /// What it held before; absent at a baseline, which is no change.
        before: Option<WatchedValue>,
        /// How often it has changed with this one.
        changes: u32,
    },
    /// A schedule's instant was dealt with.
    ScheduleReached {
        /// The workflow.
        document: DocumentName,
        /// The instant (UTC).
        instant: Timestamp,
    },
    /// An operator's wish was taken up.
    ActivationTaken {
        /// Its id.
        id: String,
    },
    /// A document's plan is committed under this base; its first removals have been held where they had to be.
    DocumentPlanned {
        /// The document.
        document: DocumentName,
        /// Its version.
        hash: DocumentHash,
        /// The base of its gates.
        base: u32,
        /// Whether everything it rests on was read, so that its first removals have been seen.
        is_whole: bool,
    },
}
