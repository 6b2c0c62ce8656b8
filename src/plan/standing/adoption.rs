//! Adoption: what members hold by nobody's grant becomes the document's own, each assignment once a person approved it.

use crate::domain::action::{ActionKind, Cause};
use crate::domain::ids::UserId;
use crate::domain::reason::Reason;
use crate::plan::draft::{Before, Draft};
use crate::plan::ledger::LedgerChange;
use crate::plan::population::Member;

use super::Standing;

impl Standing<'_, '_> {
    /// Proposes one assignment, or takes it where it is approved. Nothing is sent either way.
    pub(super) fn adopt(&self, member: &Member<'_>, user: &UserId, draft: &mut Draft) {
        let view = self.view;
        let holding = view.holdings.get(user, &self.asking.package);
        let Some(assignment) = holding.assignments.iter().find(|known| !view.holdings.is_service_managed(known)) else {
            return self.skip(draft, member, Reason::ServiceManaged);
        };
        let document = self.record.name.clone();
        let cause = Cause::Adoption { document, assignment: assignment.id.clone() };
        let subject = &member.subject.key;
        let wish = self.wish_for(subject, user).adopt(view, &assignment.id, cause);
        if view.ledger.approved.get(&wish.action.id) == Some(&self.record.name) {
            self.change(draft, LedgerChange::Claim { claim: self.claim_key(subject) });
            return self.skip(draft, member, Reason::Satisfied);
        }
        if view.before(&wish.action) == Before::Rejected {
            return self.skip(draft, member, Reason::Rejected);
        }
        draft.wishes.push(wish);
    }

    /// Once everybody was looked at and nothing waits for a decision, what a person asked for is done.
    pub(super) fn end_adoption(&self, draft: &mut Draft) {
        let name = &self.record.name;
        let is_open =
            || draft.wishes.iter().any(|wish| wish.action.kind == ActionKind::Adopt && wish.action.document == *name);
        let is_read = self.view.feeds_are_read() && !draft.unread.contains(name);
        if self.record.is_adopting && is_read && !is_open() {
            self.change(draft, LedgerChange::AdoptionEnded { document: name.clone() });
        }
    }
}
