//! A plan in the making: wishes not yet weighed against each other, non-actions with their reasons, and ledger changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::domain::action::{Action, ActionKind, ActionState, Cause};
use crate::domain::ids::{ActionId, DocumentName, PackageId, SubjectKey, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::workflow::definition::{Definitions, RemovalLimit};

use super::claims::Claims;
use super::focus::Focus;
use super::holdings::Holdings;
use super::ledger::{Bar, DocumentRecord, Ledger, LedgerChange};
use super::observed::Observed;
use super::population::Population;
use super::run::status::RunInMaking;
use super::runs::Runs;
use super::tally::Tally;
use super::wish::Wish;
use super::{Skip, SkipCount};

mod changes;

pub use changes::Changes;

/// Non-actions due within this time are listed one by one.
const NEAR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What every step of planning looks at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The documents.
    pub definitions: &'a Definitions,
    /// The observation.
    pub observed: &'a Observed,
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Every subject.
    pub population: &'a Population<'a>,
    /// Who holds what.
    pub holdings: &'a Holdings<'a>,
    /// Whose grants stand.
    pub claims: &'a Claims<'a>,
    /// The runs so far.
    pub runs: &'a Runs<'a>,
    /// Now, in tenant time.
    pub now: Timestamp,
}

/// Lag of the service's lists: so long after an action settled, they may not show it yet.
pub const LAG: SignedDuration = SignedDuration::from_mins(30);
/// A refusal for lack of permission is tried again after this time: a grant takes minutes to take effect.
pub(super) const FORBIDDEN_FOR: SignedDuration = SignedDuration::from_hours(1);

/// What became of the same wish before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nothing that stands in its way.
    Nothing,
    /// It was done a moment ago, and the observation may not show it yet.
    Lags,
    /// It was done, long enough ago that the observation must be believed.
    Done,
    /// It ended badly, by this version of the document or another one; the same cause does not try again.
    Failed {
        /// How it ended.
        state: ActionState,
        /// Whether the document changed since.
        is_of_another_version: bool,
    },
    /// It was refused for lack of permission, and is tried again later.
    Forbidden,
    /// A person said no to it for this document.
    Rejected,
}

impl<'a> View<'a> {
    /// The ledger's record of a document that is in force.
    pub fn record(&self, document: &DocumentName) -> Option<&'a DocumentRecord> {
        self.ledger.documents.get(document).filter(|record| record.in_force)
    }

    /// Whether every feed has told of its people at least once.
    pub fn feeds_are_read(&self) -> bool {
        self.definitions.feeds.iter().all(|feed| self.observed.feeds.contains_key(&feed.name))
    }

    /// Whether a person said no to a removal of `package` from `user` by `document`, of an assignment that is still there.
    pub fn is_removal_rejected(&self, user: &UserId, package: &PackageId, document: &DocumentName) -> bool {
        if self.ledger.rejected.is_empty() {
            return false;
        }
        self.holdings.get(user, package).assignments.iter().any(|assignment| {
            let cause = Cause::Assignment { assignment: assignment.id.clone() };
            let kind = ActionKind::AdminRemove;
            let id = Action::derive_id(&self.observed.tenant, kind, &package.into(), None, user, &cause);
            self.ledger.rejected.get(&id) == Some(document)
        })
    }

    /// What became of `action`'s cause before.
    pub fn before(&self, action: &Action) -> Before {
        if self.ledger.rejected.get(&action.id) == Some(&action.document) {
            return Before::Rejected;
        }
        let Some(known) = self.ledger.actions.get(&action.id) else { return Before::Nothing };
        let is_of_another_version = known.document == action.document && known.document_hash != action.document_hash;
        let age = self.now.duration_since(known.changed);
        match known.state {
            // A refused request was never made, so the same action may be sent again.
            ActionState::Refused if is_of_another_version => Before::Nothing,
            ActionState::Refused if known.is_forbidden && age >= FORBIDDEN_FOR => Before::Nothing,
            ActionState::Refused if known.is_forbidden => Before::Forbidden,
            state if state.is_failure() => Before::Failed { state, is_of_another_version },
            state if state.is_success() && age < LAG => Before::Lags,
            state if state.is_success() => Before::Done,
            _ => Before::Nothing,
        }
    }
}

/// Everything the steps of planning find.
#[derive(Debug, Default)]
pub struct Draft {
    /// What the documents want.
    pub wishes: Vec<Wish>,
    /// What changes in the ledger.
    pub changes: Changes,
    /// The base of each document's gates: owned grants, or subjects in scope.
    pub bases: BTreeMap<DocumentName, u32>,
    /// Packages that are barred for a user, in the ledger or from this plan on.
    pub barred: BTreeSet<(UserId, PackageId)>,
    /// Documents for which something was not read that may hide a removal.
    pub unread: BTreeSet<DocumentName>,
    /// The next instant at which time alone changes a verdict, also of those that are only counted.
    pub next_due: Option<Timestamp>,
    /// The runs that go on in this plan.
    pub runs: Vec<RunInMaking>,
    /// Wishes that came to nothing, with the reason's code.
    pub lost: BTreeMap<(ActionId, DocumentName), &'static str>,
    focus: Focus,
    skips: Vec<Skip>,
    tally: Tally,
}

impl Draft {
    /// A draft that keeps every reason of the subject in focus.
    pub fn focused_on(focus: Focus) -> Self {
        Self { focus, ..Self::default() }
    }

    /// Every reason of the subject in focus, sorted.
    pub fn take_reasons_in_focus(&mut self) -> Vec<Skip> {
        std::mem::take(&mut self.focus).into_reasons()
    }

    /// Notes a non-action: listed where a person may want to see it, counted otherwise.
    pub fn skip(
        &mut self,
        view: &View<'_>,
        document: &DocumentName,
        subject: Option<&SubjectKey>,
        resource: Option<&Resource>,
        reason: Reason,
    ) {
        self.next_due = self.next_due.into_iter().chain(reason.changes_at()).min();
        self.focus.note(document, subject, resource, &reason);
        if is_listed(&reason, view.now) {
            self.skips.push(Skip {
                document: document.clone(),
                subject: subject.cloned(),
                resource: resource.cloned(),
                reason,
            });
        } else {
            self.tally.count(document, reason.code());
        }
    }

    /// Notes a non-action of a wish.
    pub fn skip_wish(&mut self, view: &View<'_>, action: &Action, reason: Reason) {
        self.lost.insert((action.id, action.document.clone()), reason.code());
        self.skip(view, &action.document, Some(&action.subject), Some(&action.resource), reason);
    }

    /// Sets a bar, in force from this plan on.
    pub fn bar(&mut self, bar: Bar) {
        self.barred.insert((bar.user.clone(), bar.package.clone()));
        self.changes.push(LedgerChange::BarSet { bar });
    }

    /// The non-actions, sorted.
    pub fn into_skips(mut self) -> (Vec<Skip>, Vec<SkipCount>) {
        self.skips.sort();
        self.skips.dedup();
        (self.skips, self.tally.into_counts())
    }
}

/// Whether a person may want to see this one by name: it is due, near, or needs attention.
fn is_listed(reason: &Reason, now: Timestamp) -> bool {
    let is_near = |due: &Timestamp| due.duration_since(now) <= NEAR;
    match reason {
        Reason::NotYetDue { due } | Reason::BarredUntil { begins: due } => is_near(due),
        Reason::InGracePeriod { until } => until.as_ref().is_none_or(is_near),
        Reason::NotInScope
        | Reason::Excepted
        | Reason::SharesEmployeeId
        | Reason::NoDate
        | Reason::HiredAgain
        | Reason::NoOccasion
        | Reason::NoLongerDue
        | Reason::Unknown { .. }
        | Reason::TooLate { .. }
        | Reason::BeforeDocument { .. }
        | Reason::ModeChanged { .. }
        | Reason::Satisfied
        | Reason::AlreadySatisfiedUnowned
        | Reason::NothingToRemove
        | Reason::AlreadyMember
        | Reason::NotAMember
        | Reason::Done
        | Reason::Barred
        | Reason::NeverRemoves
        | Reason::NotOwned
        | Reason::ServiceManaged
        | Reason::SameAs { .. } => false,
        _ => true,
    }
}

/// The limit in force for a document: its own may tighten the tenant's, never loosen it.
pub fn removal_limit(view: &View<'_>, document: &DocumentName, base: u32, tenant: RemovalLimit) -> u32 {
    let own = view
        .definitions
        .auto_assignments
        .iter()
        .find(|auto| auto.header.name == *document)
        .and_then(|auto| auto.removal_limit);
    let allowed = super::limits::allowed(tenant, base);
    own.map_or(allowed, |own| allowed.min(super::limits::allowed(own, base)))
}
