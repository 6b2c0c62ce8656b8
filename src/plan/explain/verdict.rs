//! What the planner does for one subject by one document: taken from the plan itself, so that it cannot disagree with it.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::domain::action::{Action, ActionKind};
use crate::domain::ids::{DocumentName, HoldHash, SubjectKey};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::plan::{Gate, Plan, Skip};

/// Everything a plan says of one subject and one document, sorted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Verdict(pub Vec<Finding>);

/// One thing a plan says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase", tag = "is")]
pub enum Finding {
    /// It would be sent.
    Sent {
        /// What.
        kind: ActionKind,
        /// The package or group.
        #[serde(flatten)]
        resource: Resource,
    },
    /// It would be held for a person.
    Held {
        /// What.
        kind: ActionKind,
        /// The package or group.
        #[serde(flatten)]
        resource: Resource,
        /// The rule that holds it.
        gate: Gate,
        /// The hold.
        hold: HoldHash,
        /// A sentence with the figures.
        why: String,
    },
    /// Nothing is sent, for a reason.
    NotDone {
        /// The package or group, where the reason concerns one.
        #[serde(flatten)]
        resource: Option<Resource>,
        /// Why.
        reason: Reason,
        /// Whether it concerns the document as a whole, and so everybody.
        is_of_all: bool,
    },
}

/// What a verdict comes to for the subject's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Something is given, or held to be given.
    pub gives: bool,
    /// Something is taken, or held to be taken, or a grace period runs at whose end it is.
    pub takes: bool,
}

impl Verdict {
    /// What `plan` says; `reasons` are all reasons it has for the subject that goes by `keys`.
    pub(super) fn of(plan: &Plan, reasons: &[Skip], keys: &BTreeSet<SubjectKey>, document: &DocumentName) -> Self {
        let is_meant = |action: &&Action| action.document == *document && keys.contains(&action.subject);
        let sent = plan.actions.iter().filter(is_meant);
        let sent = sent.map(|action| Finding::Sent { kind: action.kind, resource: action.resource.clone() });
        let held = plan.holds.iter().flat_map(|hold| {
            hold.items.iter().filter(is_meant).map(move |action| Finding::Held {
                kind: action.kind,
                resource: action.resource.clone(),
                gate: hold.gate,
                hold: hold.hash.clone(),
                why: hold.why.clone(),
            })
        });
        let not_done = reasons.iter().filter(|skip| skip.document == *document);
        let not_done = not_done.map(|skip| {
            let Skip { resource, reason, subject, .. } = skip.clone();
            Finding::NotDone { resource, reason, is_of_all: subject.is_none() }
        });
        let findings: BTreeSet<Finding> = sent.chain(held).chain(not_done).collect();
        Self(findings.into_iter().collect())
    }

    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for finding in &self.0 {
            match finding {
                Finding::Sent { kind, .. } | Finding::Held { kind, .. } if kind.is_removal() => outcome.takes = true,
                Finding::Sent { .. } | Finding::Held { .. } => outcome.gives = true,
                Finding::NotDone { reason: Reason::InGracePeriod { .. }, .. } => outcome.takes = true,
                Finding::NotDone { .. } => {}
            }
        }
        outcome
    }

    /// Why nothing is done, where it is not.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.0.iter().filter_map(|finding| match finding {
            Finding::NotDone { reason, .. } => Some(reason),
            _ => None,
        })
    }
}

impl Finding {
    /// In words; `name` says what a package or group is called.
    pub fn in_words(&self, name: &dyn Fn(&Resource) -> String) -> String {
        match self {
            Self::Sent { kind, resource } => format!("{kind} {} is sent", name(resource)),
            Self::Held { kind, resource, gate, hold, why } => {
                let short = hold.as_str().get(..12).unwrap_or(hold.as_str());
                format!("{kind} {} is held by {} (hold {short}): {why}", name(resource), gate.as_str())
            }
            Self::NotDone { resource, reason, is_of_all } => {
                let whose = if *is_of_all { "for everybody: " } else { "" };
                let about = resource.as_ref().map(|resource| format!("{}: ", name(resource))).unwrap_or_default();
                format!("{whose}{about}{reason} [{}]", reason.code())
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.gives, self.takes) {
            (true, true) => "something is given and something taken",
            (true, false) => "access is given",
            (false, true) => "access is taken",
            (false, false) => "nothing is done",
        })
    }
}
