//! The planner: a pure function from definitions, observation, ledger, limits and now to a plan.

use serde::{Deserialize, Serialize};

use crate::domain::action::Action;
use crate::domain::ids::{ActionId, DocumentName, HoldHash, PackageId, SubjectKey};
use crate::domain::reason::Reason;

pub mod ledger;

use ledger::LedgerChange;

/// What one pass would do, in order, with every reason. Equal inputs give equal bytes: it holds no `now` and no observation time.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Actions to be sent, leavers first.
    pub actions: Vec<Action>,
    /// Parts that wait for a person.
    pub holds: Vec<Hold>,
    /// Non-actions that are due, near, or need attention.
    pub skips: Vec<Skip>,
    /// The other non-actions, counted.
    pub counts: Vec<SkipCount>,
    /// Unsent actions of earlier plans that this plan no longer wants.
    pub superseded: Vec<ActionId>,
    /// What changes in the ledger when the plan is committed.
    pub changes: Vec<LedgerChange>,
}

/// A part of a plan that waits for approval by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Over the sorted items and the gate, and nothing else.
    pub hash: HoldHash,
    /// The rule that holds it.
    pub gate: Gate,
    /// A sentence with the figures.
    pub why: String,
    /// Sorted.
    pub items: Vec<Action>,
}

/// The rules that hold part of a plan (design.md section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Gate {
    /// What a backfill found.
    Backfill,
    /// The first removals after a document began to enforce.
    FirstRemovals,
    /// A group lost so many members that its reading may be wrong.
    GroupShrunk,
    /// The end of a guest's last assignment blocks and deletes the guest.
    LastGuestAssignment,
    /// Too many removals of one document.
    DocumentRemovals,
    /// Too many removals in the tenant.
    TenantRemovals,
    /// Too many additions of one document.
    DocumentAdditions,
}

impl Gate {
    /// Every gate.
    pub const ALL: [Self; 7] = [
        Self::Backfill,
        Self::FirstRemovals,
        Self::GroupShrunk,
        Self::LastGuestAssignment,
        Self::DocumentRemovals,
        Self::TenantRemovals,
        Self::DocumentAdditions,
    ];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backfill => "backfill",
            Self::FirstRemovals => "firstRemovals",
            Self::GroupShrunk => "groupShrunk",
            Self::LastGuestAssignment => "lastGuestAssignment",
            Self::DocumentRemovals => "documentRemovals",
            Self::TenantRemovals => "tenantRemovals",
            Self::DocumentAdditions => "documentAdditions",
        }
    }
}

/// A subject and a document for which nothing is sent, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Skip {
    /// The document.
    pub document: DocumentName,
    /// The subject; absent where the reason concerns the document as a whole.
    pub subject: Option<SubjectKey>,
    /// The package.
    pub package: Option<PackageId>,
    /// Why.
    pub reason: Reason,
}

/// How many non-actions of a document have the same reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SkipCount {
    /// The document.
    pub document: DocumentName,
    /// The reason's code.
    pub reason: &'static str,
    /// People.
    pub count: usize,
}
