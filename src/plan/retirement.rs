//! Documents that are gone: their grants stay and are shown, and go only where a person retired the document for that (design.md section 4).

use std::collections::BTreeSet;

use crate::domain::action::{Category, Cause};
use crate::domain::ids::{DocumentName, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;

use super::Gate;
use super::draft::{Before, Draft, View};
use super::ledger::{ClaimKey, DocumentRecord, LedgerChange, Retirement};
use super::population::Member;
use super::wish::{Rank, WishFor};

/// Shows every grant of documents that are gone, and proposes the removal of those that a person retired for it.
pub fn plan_orphaned_claims(view: &View<'_>, draft: &mut Draft) {
    let gone: BTreeSet<&DocumentName> =
        view.claims.claiming_documents().filter(|document| view.record(document).is_none()).collect();
    if gone.is_empty() {
        return;
    }
    for claim in view.ledger.claims.keys().filter(|claim| gone.contains(&claim.document)) {
        let record = view.ledger.documents.get(&claim.document);
        let retired = record.filter(|record| record.retirement == Some(Retirement::Removing));
        let found = retired.and_then(|record| Some((record, view.population.find(&claim.subject)?)));
        match found.and_then(|(record, member)| Some((record, member, member.user_id()?))) {
            Some((record, member, user)) => {
                let retiring = Retiring { view, record, claim, member, user };
                retiring.take(draft);
            }
            None => skip(view, claim, Reason::Orphaned, draft),
        }
    }
}

/// One grant of a document that a person retired so that its grants go.
struct Retiring<'r, 'a> {
    view: &'r View<'a>,
    record: &'r DocumentRecord,
    claim: &'r ClaimKey,
    member: &'r Member<'a>,
    user: &'r UserId,
}

impl Retiring<'_, '_> {
    fn take(&self, draft: &mut Draft) {
        let Self { view, claim, .. } = self;
        if let Some(document) = self.kept_by(draft) {
            draft.changes.push(LedgerChange::ClaimReleased { claim: (*claim).clone() });
            return skip(view, claim, Reason::KeptBy { document }, draft);
        }
        let holding = view.holdings.get(self.user, &claim.package);
        if let Some(state) = holding.in_flight {
            return skip(view, claim, Reason::InFlight { state }, draft);
        }
        if holding.assignments.is_empty() {
            return skip(view, claim, Reason::Orphaned, draft);
        }
        let subject = &self.member.subject.key;
        let resource = Resource::from(&claim.package);
        let wish_for =
            WishFor { record: self.record, category: Category::Mover, subject, user: self.user, resource: &resource };
        for assignment in &holding.assignments {
            if view.holdings.is_service_managed(assignment) {
                skip(view, claim, Reason::ServiceManaged, draft);
                continue;
            }
            let cause = Cause::Assignment { assignment: assignment.id.clone() };
            let mut wish = wish_for.remove(view, Rank::Claim, &assignment.id, cause);
            wish.held_by = Some(Gate::Retirement);
            match view.before(&wish.action) {
                Before::Nothing => draft.wishes.push(wish),
                Before::Rejected => {
                    // A person said that this access stays: it is nobody's from now on.
                    draft.changes.push(LedgerChange::ClaimReleased { claim: (*claim).clone() });
                    skip(view, claim, Reason::Rejected, draft);
                }
                Before::Forbidden => skip(view, claim, Reason::Forbidden, draft),
                Before::Failed { state, .. } => skip(view, claim, Reason::Sticks { state }, draft),
                Before::Lags | Before::Done => skip(view, claim, Reason::Done, draft),
            }
        }
    }

    /// Another document that granted the same, or does so from this plan on; one that lets go in this plan may count on this very grant.
    fn kept_by(&self, draft: &Draft) -> Option<DocumentName> {
        let Self { view, claim, member, .. } = self;
        let mut granting = draft.changes.granting(view.claims, member, &claim.package);
        granting.find(|document| view.record(document).is_some()).cloned()
    }
}

fn skip(view: &View<'_>, claim: &ClaimKey, reason: Reason, draft: &mut Draft) {
    draft.skip(view, &claim.document, Some(&claim.subject), Some(&Resource::from(&claim.package)), reason);
}
