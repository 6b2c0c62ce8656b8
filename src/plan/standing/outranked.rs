//! Claims that a removal task outranks: what it takes is not given again by the same membership (design.md section 4, Which document wins).

use std::collections::BTreeMap;

use crate::domain::action::{Action, ActionKind, Category, Cause};
use crate::domain::entitlement::Assignment;
use crate::domain::ids::{DocumentName, PackageId, UserId};
use crate::plan::draft::{Draft, View};
use crate::plan::ledger::{ClaimKey, LedgerChange};
use crate::plan::population::Member;
use crate::plan::wish::{Rank, Wish};
use crate::workflow::definition::Mode;

use super::Standing;

/// What removal tasks take in this plan, and by which document.
pub(super) type Taken = BTreeMap<(UserId, PackageId), DocumentName>;

/// The removal tasks that are due and may act. A leaver's bar does the same and more, but a schedule sets none.
pub(super) fn taken_by_tasks(view: &View<'_>, draft: &Draft) -> Taken {
    let target = |action: &Action| Some((action.user.clone(), action.package()?.clone()));
    let is_barred = |action: &Action| target(action).is_some_and(|target| draft.barred.contains(&target));
    let acts = |wish: &&Wish| {
        wish.rank == Rank::RemovalTask
            && !(wish.action.category == Category::Leaver && is_barred(&wish.action))
            && view.record(&wish.action.document).is_some_and(|record| record.mode == Mode::Enforce)
    };
    let due = draft.wishes.iter().filter(acts).map(|wish| &wish.action);
    due.filter_map(|action| Some((target(action)?, action.document.clone()))).collect()
}

impl Standing<'_, '_> {
    /// The document whose task takes, or took, what this one would give; what is new about it is noted.
    pub(super) fn outranked_by(
        &self,
        member: &Member<'_>,
        user: &UserId,
        taken: &Taken,
        draft: &mut Draft,
    ) -> Option<DocumentName> {
        let known = self.outranked(member);
        if let Some(by) = taken.get(&(user.clone(), self.asking.package.clone())) {
            if known.is_none_or(|(_, before)| before != by) {
                let claim = self.claim_key(&member.subject.key);
                self.change(draft, LedgerChange::Outranked { claim, by: by.clone() });
            }
            return Some(by.clone());
        }
        let (claim, by) = known?;
        if self.view.record(by).is_some() && !self.is_given_back(user) {
            return Some(by.clone());
        }
        self.change(draft, LedgerChange::OutrankEnded { claim });
        None
    }

    /// Who is no member any more may be given it anew once they are one again.
    pub(super) fn end_outranking(&self, member: &Member<'_>, draft: &mut Draft) {
        if let Some((claim, _)) = self.outranked(member) {
            self.change(draft, LedgerChange::OutrankEnded { claim });
        }
    }

    fn outranked(&self, member: &Member<'_>) -> Option<(ClaimKey, &DocumentName)> {
        if self.view.ledger.outranked.is_empty() {
            return None;
        }
        member.subject.keys().find_map(|subject| {
            let claim = self.claim_key(&subject);
            self.view.ledger.outranked.get(&claim).map(|by| (claim, by))
        })
    }

    /// Whether the subject holds it, and not only in a list that lags behind the removal.
    fn is_given_back(&self, user: &UserId) -> bool {
        let holding = self.view.holdings.get(user, &self.asking.package);
        let was_taken = |assignment: &&Assignment| {
            let cause = Cause::Assignment { assignment: assignment.id.clone() };
            let (tenant, resource) = (&self.view.observed.tenant, &self.asking.resource);
            let id = Action::derive_id(tenant, ActionKind::AdminRemove, resource, None, user, &cause);
            self.view.ledger.actions.get(&id).is_some_and(|action| action.state.is_success())
        };
        holding.has() && !holding.is_going && holding.in_flight.is_none() && !holding.assignments.iter().any(was_taken)
    }
}
