//! Tasks that give and take access packages.

use crate::domain::action::{Cause, Occasion};
use crate::domain::entitlement::Assignment;
use crate::domain::ids::{PackageId, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::plan::asking::Asking;
use crate::plan::draft::{Before, Draft};
use crate::plan::wish::Rank;

use super::{Block, Finding, Progress, RunPlanner};

impl<'a> RunPlanner<'_, 'a> {
    /// A request by a policy that needs approval is sent all the same; it only settles later.
    pub(super) fn give(
        &self,
        asking: &Asking<'a>,
        occasion: &Occasion,
        block: Option<Block>,
        draft: &Draft,
    ) -> Finding {
        let nothing = |reason, progress| Finding::Nothing(reason, progress);
        let Some(user) = self.member.user_id() else { return nothing(Reason::NoUser, Progress::Waiting) };
        let package = &asking.package;
        let asked = match asking.fill_in(self.member) {
            Ok(asked) => asked,
            Err(reason) => return nothing(reason, Progress::Waiting),
        };
        let cause = Cause::Occasion(occasion.clone());
        let wish = self.wish_for(user, &asking.resource).add(self.view, asked, cause);
        if let Some(finding) = self.before(&wish.action) {
            return finding;
        }
        let holding = self.view.holdings.get(user, package);
        if let Some(block) = block {
            block.finding()
        } else if draft.barred.contains(&(user.clone(), package.clone())) {
            // The bar may end while the occasion still stands: by a rehire, or a date put right.
            nothing(Reason::Barred, Progress::Waiting)
        } else if let Some(state) = holding.in_flight {
            nothing(Reason::InFlight { state }, Progress::UnderWay)
        } else if holding.is_going {
            nothing(Reason::WaitsForRemoval, Progress::Waiting)
        } else if holding.has() && self.view.claims.is_owned(self.member, package) {
            nothing(Reason::Satisfied, Progress::Done)
        } else if holding.has() {
            nothing(Reason::AlreadySatisfiedUnowned, Progress::Done)
        } else {
            Finding::Wish(Box::new(wish))
        }
    }

    /// What became of the same wish before, where that stands in its way.
    pub(super) fn before(&self, action: &crate::domain::action::Action) -> Option<Finding> {
        let (reason, progress) = match self.view.before(action) {
            Before::Nothing => return None,
            // Done, and the list still shows it as it was: it lags.
            Before::Lags | Before::Done => (Reason::Done, Progress::Done),
            Before::Failed { state, .. } => (Reason::Sticks { state }, Progress::Failed),
            Before::Forbidden => (Reason::Forbidden, Progress::Waiting),
            Before::Rejected => (Reason::Rejected, Progress::Failed),
        };
        Some(Finding::Nothing(reason, progress))
    }

    pub(super) fn take(
        &self,
        package: &PackageId,
        resource: &Resource,
        owned_only: bool,
        block: Option<Block>,
    ) -> Vec<Finding> {
        let nothing = |reason, progress| vec![Finding::Nothing(reason, progress)];
        let Some(user) = self.member.user_id() else { return nothing(Reason::NoUser, Progress::Waiting) };
        let holding = self.view.holdings.get(user, package);
        if let Some(state) = holding.in_flight {
            return nothing(Reason::InFlight { state }, Progress::UnderWay);
        }
        if holding.assignments.is_empty() {
            return nothing(Reason::NothingToRemove, Progress::Done);
        }
        if owned_only && !self.view.claims.is_owned(self.member, package) {
            return nothing(Reason::NotOwned, Progress::Done);
        }
        if let Some(block) = block {
            return vec![block.finding()];
        }
        if self.rests_on_a_doubtful_feed() {
            return nothing(Reason::FeedRemovalsWait, Progress::Waiting);
        }
        holding.assignments.iter().map(|assignment| self.take_one(user, resource, assignment)).collect()
    }

    fn take_one(&self, user: &UserId, resource: &Resource, assignment: &Assignment) -> Finding {
        if self.view.holdings.is_service_managed(assignment) {
            return Finding::Nothing(Reason::ServiceManaged, Progress::Done);
        }
        let cause = Cause::Assignment { assignment: assignment.id.clone() };
        let wish = self.wish_for(user, resource).remove(self.view, Rank::RemovalTask, &assignment.id, cause);
        self.before(&wish.action).unwrap_or_else(|| Finding::Wish(Box::new(wish)))
    }
}
