//! The planner: a pure function from definitions, observation, ledger, limits and now to a plan.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::action::Action;
use crate::domain::ids::{ActionId, DocumentName, HoldHash, SubjectKey};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::workflow::definition::{Definitions, Mode};

pub mod asking;
pub mod bars;
pub mod claims;
pub mod compare;
pub mod consequences;
pub mod coverage;
pub mod dates;
pub mod draft;
pub mod due;
pub mod explain;
pub mod first_documents;
pub mod focus;
pub mod forecast;
pub mod gate;
pub mod groups;
pub mod guests;
pub mod holdings;
pub mod incompatible;
pub mod ledger;
pub mod limits;
pub mod names;
pub mod observed;
pub mod order;
pub mod person_test;
pub mod population;
pub mod records;
pub mod rehire;
pub mod retirement;
pub mod run;
pub mod runs;
pub mod simulation;
pub mod standing;
mod tally;
pub mod watches;
pub mod wish;

#[cfg(test)]
mod tests;

use draft::{Draft, View};
use focus::Focus;
use ledger::{Ledger, LedgerChange};
use limits::Limits;
use names::Names;
use observed::Observed;
use population::{Member, Population};
use watches::Watches;

/// Computes what is due or desired, subtracts what the ledger and the observation say is done, and holds back what needs a person.
///
/// Pure: no IO, no clock, no randomness; equal inputs give equal plans.
pub fn plan(definitions: &Definitions, observed: &Observed, ledger: &Ledger, limits: &Limits, now: Timestamp) -> Plan {
    plan_in_focus(definitions, observed, ledger, limits, now, Focus::default()).0
}

/// The same plan, and beside it every reason that concerns one subject, those that are otherwise only counted too.
pub fn plan_in_focus(
    definitions: &Definitions,
    observed: &Observed,
    ledger: &Ledger,
    limits: &Limits,
    now: Timestamp,
    focus: Focus,
) -> (Plan, Vec<Skip>) {
    let unread = population::unread_attributes(&definitions.feeds, observed);
    let joint = records::join(definitions, observed, now);
    let mut members = population::join(observed, &unread);
    records::put_into(&joint, &mut members);
    let population = Population::of(definitions, members);
    let members = &population.members;
    let holdings = holdings::Holdings::of(observed, ledger);
    let claims = claims::Claims::of(ledger, &population);
    let runs = runs::Runs::of(ledger, &population);
    let view = View {
        definitions,
        observed,
        ledger,
        population: &population,
        holdings: &holdings,
        claims: &claims,
        runs: &runs,
        now,
    };
    let mut names = Names::new(observed, ledger);
    let mut draft = Draft::focused_on(focus);

    note_complete_subjects(&view, members, &mut draft);
    let watches = Watches::read(&view, members, &mut draft);
    bars::enforce_bars(&view, members, &watches, &mut draft);
    due::plan_workflows(&view, members, &watches, &mut names, &mut draft);
    let mut groups = standing::plan_auto_assignments(&view, members, &mut names, &mut draft);
    retirement::plan_orphaned_claims(&view, &mut draft);
    let wishes = order::weigh(&view, &mut draft);
    let mut wishes = incompatible::hold_back_adds(&view, wishes, &mut draft);
    guests::mark_last_assignments(&view, &mut wishes);
    let gated = gate::hold_back(&view, limits, &draft, wishes);

    let doubted = run::status::note_runs(&gated, &mut draft);
    watches::add_watched_groups(&view, &doubted, &mut groups);
    groups::note_sizes(&view, &groups, &mut draft);
    draft.changes.extend(names.into_pins());
    note_planned_documents(&view, &mut draft);
    let reasons = draft.take_reasons_in_focus();
    (finish(&view, draft, gated), reasons)
}

/// The first moment a subject has a user: lateness counts from there. Both sides are sorted by key, so one walk along them is enough.
fn note_complete_subjects(view: &View<'_>, members: &[Member<'_>], draft: &mut Draft) {
    let mut known = view.ledger.complete_since.keys().peekable();
    for subject in members.iter().filter(|member| member.subject.user.is_some()).map(|member| &member.subject.key) {
        while known.next_if(|known| *known < subject).is_some() {}
        if known.peek() != Some(&subject) {
            draft.changes.push(LedgerChange::SubjectComplete { subject: subject.clone() });
        }
    }
}

/// Documents that may write have been planned under this base once the plan is committed.
fn note_planned_documents(view: &View<'_>, draft: &mut Draft) {
    for (name, base) in std::mem::take(&mut draft.bases) {
        let Some(record) = view.record(&name).filter(|record| record.mode != Mode::Observe) else { continue };
        let planned = Some((record.hash.clone(), base));
        let is_whole = view.feeds_are_read() && !draft.unread.contains(&name);
        if record.base != planned || (record.first_removals_held && is_whole) {
            let hash = record.hash.clone();
            draft.changes.push(LedgerChange::DocumentPlanned { document: name, hash, base, is_whole });
        }
    }
}

fn finish(view: &View<'_>, mut draft: Draft, gated: gate::Gated) -> Plan {
    let wanted: BTreeSet<ActionId> =
        gated.actions.iter().chain(gated.holds.iter().flat_map(|hold| &hold.items)).map(|action| action.id).collect();
    let unsent = view.ledger.actions.iter().filter(|(_, action)| action.state.is_unsent());
    let superseded = unsent.map(|(id, _)| *id).filter(|id| !wanted.contains(id)).collect();
    let changes = std::mem::take(&mut draft.changes).into_list();
    let next_due = draft.next_due;
    let (skips, counts) = draft.into_skips();
    Plan { actions: gated.actions, holds: gated.holds, skips, counts, superseded, changes, next_due }
}

impl Plan {
    /// Whether committing it would change nothing at all.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.holds.is_empty() && self.superseded.is_empty() && self.changes.is_empty()
    }
}

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
    /// The next instant at which time alone changes a verdict, however far away.
    #[serde(skip)]
    pub next_due: Option<Timestamp>,
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
    /// What a retired document granted and is to be removed.
    Retirement,
    /// Assignments that a document is to make its own.
    Adoption,
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
    pub const ALL: [Self; 9] = [
        Self::Backfill,
        Self::FirstRemovals,
        Self::GroupShrunk,
        Self::Retirement,
        Self::Adoption,
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
            Self::Retirement => "retirement",
            Self::Adoption => "adoption",
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
    /// The package or group.
    #[serde(flatten)]
    pub resource: Option<Resource>,
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
