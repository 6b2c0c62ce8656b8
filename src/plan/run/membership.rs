//! Tasks that put users into groups and take them out.

use crate::domain::action::{Cause, Occasion};
use crate::domain::reason::Reason;

use super::tasks::GroupGoal;
use super::{Block, Finding, Progress, RunPlanner};

impl RunPlanner<'_, '_> {
    /// Puts the user into the group, or takes them out of it.
    pub(super) fn change_membership(
        &self,
        group: &GroupGoal<'_>,
        takes: bool,
        occasion: &Occasion,
        block: Option<Block>,
    ) -> Finding {
        let nothing = |reason, progress| Finding::Nothing(reason, progress);
        let Some(user) = self.member.user_id() else { return nothing(Reason::NoUser, Progress::Waiting) };
        if let Some(state) = group.resource.group().and_then(|id| self.view.holdings.group_change(user, id)) {
            return nothing(Reason::InFlight { state }, Progress::UnderWay);
        }
        let wish_for = self.wish_for(user, &group.resource);
        let cause = Cause::Occasion(occasion.clone());
        let wish = if takes { wish_for.remove_member(self.view, cause) } else { wish_for.add_member(self.view, cause) };
        if let Some(finding) = self.before(&wish.action) {
            return finding;
        }
        match (group.users.contains(user), takes) {
            (true, false) => nothing(Reason::AlreadyMember, Progress::Done),
            (false, true) => nothing(Reason::NotAMember, Progress::Done),
            _ if group.is_fixed => nothing(Reason::GroupIsFixed { name: group.name.to_owned() }, Progress::Failed),
            _ => match block {
                Some(block) => block.finding(),
                None if takes && self.rests_on_a_doubtful_feed() => {
                    nothing(Reason::FeedRemovalsWait, Progress::Waiting)
                }
                None => Finding::Wish(Box::new(wish)),
            },
        }
    }
}
