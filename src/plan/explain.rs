//! Why something is done for one subject by one document, or not: the planner's own verdict, a proof tree, and the nearest change that flips it.
//!
//! The verdict is read off the plan, so that it cannot disagree with it; the tree is built by the functions that the planner decides by.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::ids::{DocumentName, SubjectKey, UserId};
use crate::workflow::definition::Mode;

use super::names::Names;
use super::population::Member;

pub(in crate::plan) mod candidate;
pub(in crate::plan) mod change;
mod condition;
mod document;
mod holding;
pub(in crate::plan) mod input;
mod membership;
mod near_miss;
pub(in crate::plan) mod nearest;
mod origin;
mod proof;
mod render;
mod rule;
mod trigger;
mod value;
mod verdict;

pub use change::Change;
pub use condition::{Condition, Holds};
pub use document::Document;
pub use input::Input;
pub use nearest::{Nearest, Search};
pub use origin::{FeedOrigin, Origin};
pub use render::render;
pub use verdict::{Finding, Outcome, Verdict};

/// One subject and one document at one instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Who.
    pub subject: SubjectKey,
    /// Their directory user, where there is one.
    pub user: Option<UserId>,
    /// The document.
    pub document: DocumentName,
    /// `Workflow` or `AutoAssignment`.
    pub kind: &'static str,
    /// The document's file, relative to the documents folder.
    pub file: String,
    /// Its mode under the ceiling.
    pub mode: Mode,
    /// The instant (tenant time, UTC).
    pub at: Timestamp,
    /// What the planner does.
    pub verdict: Verdict,
    /// What that comes to.
    pub outcome: Outcome,
    /// Every condition, in the order in which the planner asks.
    pub conditions: Vec<Condition>,
    /// The nearest change that flips the outcome.
    pub search: Search,
}

/// Explains the documents for one subject. A document that is not in force has no explanation.
pub fn explain(input: &Input<'_>, member: &Member<'_>, documents: &[Document<'_>]) -> Vec<Explanation> {
    let keys = input::keys_of(&member.subject);
    let (plan, reasons) = input.plan(&keys);
    let in_force = documents.iter().filter_map(|document| {
        let record = input.ledger.documents.get(document.name()).filter(|record| record.in_force)?;
        Some((*document, record))
    });
    in_force
        .map(|(document, record)| {
            let verdict = Verdict::of(&plan, &reasons, &keys, document.name());
            Explanation {
                subject: member.subject.key.clone(),
                user: member.user_id().cloned(),
                document: document.name().clone(),
                kind: document.kind(),
                file: document.header().file.clone(),
                mode: record.mode,
                at: input.now,
                outcome: verdict.outcome(),
                conditions: proof::conditions(document, record, member, (&verdict, &plan), input),
                search: nearest::search(document, member, &verdict, input),
                verdict,
            }
        })
        .collect()
}

/// What every document says of one subject, those that are gone and still have grants included.
pub fn overview(input: &Input<'_>, member: &Member<'_>) -> BTreeMap<DocumentName, Verdict> {
    let keys = input::keys_of(&member.subject);
    let (plan, reasons) = input.plan(&keys);
    let acting = plan.actions.iter().chain(plan.holds.iter().flat_map(|hold| &hold.items));
    let acting = acting.filter(|action| keys.contains(&action.subject)).map(|action| &action.document);
    let names: BTreeSet<&DocumentName> = reasons.iter().map(|skip| &skip.document).chain(acting).collect();
    names.into_iter().map(|name| (name.clone(), Verdict::of(&plan, &reasons, &keys, name))).collect()
}

/// The documents that give or take a package, named by display name or id.
pub fn documents_about<'a>(input: &Input<'a>, package: &str) -> Vec<Document<'a>> {
    let mut names = Names::new(input.observed, input.ledger);
    let wanted = names.package(package).map(|found| &found.id);
    let mut is_about = |name: &str| match (&wanted, names.package(name)) {
        (Ok(wanted), Ok(found)) => found.id == **wanted,
        _ => name == package,
    };
    let all = Document::all(input.definitions).into_iter();
    all.filter(|document| document.packages().into_iter().any(&mut is_about)).collect()
}
