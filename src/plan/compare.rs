//! Two plans of the same tenant under different documents: who would gain and lose by the edit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::action::{Action, ActionKind};
use crate::domain::ids::{DocumentName, SubjectKey, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::workflow::definition::Mode;

use super::ledger::{Ledger, Rename};
use super::{Gate, Plan};

/// What an edit of the documents comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// What is done to the documents, sorted.
    pub edits: Vec<Edit>,
    /// What would happen only with the edit, sorted.
    pub with_the_edit: Vec<Fate>,
    /// What would happen only without it, sorted.
    pub without_the_edit: Vec<Fate>,
}

/// What is done to one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// The document, by the name it has after the edit.
    pub document: DocumentName,
    /// What is done to it.
    #[serde(flatten)]
    pub change: DocumentChange,
    /// Its mode before and after, under the ceiling, where it has another one now.
    pub modes: Option<(Mode, Mode)>,
}

/// What is done to a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "change")]
pub enum DocumentChange {
    /// The ledger did not have it in force.
    New,
    /// Its text is another one, or the ceiling over it.
    Changed,
    /// It goes on under another name.
    Renamed {
        /// The name it had.
        from: DocumentName,
    },
    /// It is not in the folder any more.
    Gone,
}

/// What becomes of one person's package or group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fate {
    /// What becomes of it.
    pub outcome: Outcome,
    /// The package or group.
    #[serde(flatten)]
    pub resource: Resource,
    /// Who.
    pub subject: SubjectKey,
    /// Their user, where the plan names one.
    pub user: Option<UserId>,
    /// The gate that holds it, where one does.
    pub held_by: Option<Gate>,
    /// The document that brings it about.
    pub document: DocumentName,
}

/// What becomes of somebody's package or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Given.
    Gains,
    /// Taken.
    Loses,
    /// Taken when the grace period is over.
    LosesLater,
    /// It would be taken if the document were not `grantOnly`.
    WouldLose,
    /// It would be given or taken if the document did not only observe.
    WouldChange,
    /// It stays, and the document that gave it is gone.
    Orphaned,
    /// Two documents wish the opposite.
    Disputed,
}

impl Outcome {
    /// A sentence's beginning for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gains => "gains",
            Self::Loses => "loses",
            Self::LosesLater => "loses after the grace period",
            Self::WouldLose => "would lose in mode enforce",
            Self::WouldChange => "would gain or lose in mode enforce",
            Self::Orphaned => "keeps, orphaned",
            Self::Disputed => "disputed",
        }
    }
}

impl Comparison {
    /// Compares the plan under the documents in force with the plan under others, both of the same observation.
    pub fn of(in_force: (&Plan, &Ledger), proposed: (&Plan, &Ledger), renames: &[Rename]) -> Self {
        let (before, after) = (fates(in_force.0), fates(proposed.0));
        let only = |these: &BTreeMap<FateKey, Fate>, others: &BTreeMap<FateKey, Fate>| {
            let mut only: Vec<Fate> =
                these.iter().filter(|(key, _)| !others.contains_key(*key)).map(|(_, fate)| fate.clone()).collect();
            only.sort();
            only
        };
        Self {
            edits: edits(in_force.1, proposed.1, renames),
            with_the_edit: only(&after, &before),
            without_the_edit: only(&before, &after),
        }
    }

    /// Whether nobody gains, loses or keeps anything by it.
    pub fn is_empty(&self) -> bool {
        self.with_the_edit.is_empty() && self.without_the_edit.is_empty()
    }

    /// Whether a part of what only the edit brings waits for a person.
    pub fn needs_a_person(&self) -> bool {
        self.with_the_edit.iter().any(|fate| fate.held_by.is_some() || fate.outcome == Outcome::Disputed)
    }
}

/// Fates are the same whichever document brings them about.
type FateKey = (SubjectKey, Resource, Outcome, Option<Gate>);

fn fates(plan: &Plan) -> BTreeMap<FateKey, Fate> {
    let sent = plan.actions.iter().map(|action| (action, None));
    let held = plan.holds.iter().flat_map(|hold| hold.items.iter().map(|item| (item, Some(hold.gate))));
    let of_actions = sent.chain(held).filter_map(|(action, gate)| fate_of(action, gate));
    let of_skips = plan.skips.iter().filter_map(|skip| {
        Some(Fate {
            outcome: outcome_of(&skip.reason)?,
            resource: skip.resource.clone()?,
            subject: skip.subject.clone()?,
            user: None,
            held_by: None,
            document: skip.document.clone(),
        })
    });
    of_actions
        .chain(of_skips)
        .map(|fate| ((fate.subject.clone(), fate.resource.clone(), fate.outcome, fate.held_by), fate))
        .collect()
}

fn fate_of(action: &Action, held_by: Option<Gate>) -> Option<Fate> {
    let outcome = match action.kind {
        ActionKind::AdminAdd | ActionKind::AddMember => Outcome::Gains,
        ActionKind::AdminRemove | ActionKind::RemoveMember => Outcome::Loses,
        // Whose an assignment is changes nothing for who holds it.
        ActionKind::Adopt => return None,
    };
    Some(Fate {
        outcome,
        resource: action.resource.clone(),
        subject: action.subject.clone(),
        user: Some(action.user.clone()),
        held_by,
        document: action.document.clone(),
    })
}

fn outcome_of(reason: &Reason) -> Option<Outcome> {
    match reason {
        Reason::InGracePeriod { .. } => Some(Outcome::LosesLater),
        Reason::GrantOnly => Some(Outcome::WouldLose),
        Reason::Observing => Some(Outcome::WouldChange),
        Reason::Orphaned => Some(Outcome::Orphaned),
        Reason::Conflict { .. } => Some(Outcome::Disputed),
        _ => None,
    }
}

fn edits(before: &Ledger, after: &Ledger, renames: &[Rename]) -> Vec<Edit> {
    let former = |name: &DocumentName| renames.iter().find(|rename| rename.to == *name).map(|rename| &rename.from);
    let in_force = |ledger: &Ledger, name: &DocumentName| {
        ledger.documents.get(name).filter(|record| record.in_force).map(|record| (record.hash.clone(), record.mode))
    };
    let names: BTreeSet<&DocumentName> = before.documents.keys().chain(after.documents.keys()).collect();
    let edit = |name: &DocumentName| {
        let known_as = former(name).unwrap_or(name);
        let (was, is) = (in_force(before, known_as), in_force(after, name));
        let change = match (&was, &is) {
            (None, None) => return None,
            (None, Some(_)) => DocumentChange::New,
            (Some(_), Some(_)) if known_as != name => DocumentChange::Renamed { from: known_as.clone() },
            (Some(was), Some(is)) if was == is => return None,
            (Some(_), Some(_)) => DocumentChange::Changed,
            (Some(_), None) if renames.iter().any(|rename| rename.from == *name) => return None,
            (Some(_), None) => DocumentChange::Gone,
        };
        let modes = was.zip(is).map(|((_, was), (_, is))| (was, is)).filter(|(was, is)| was != is);
        Some(Edit { document: name.clone(), change, modes })
    };
    names.into_iter().filter_map(edit).collect()
}
