//! Guests: the end of the last assignment of one blocks and deletes the account, so it is never a matter of course.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::action::ActionKind;
use crate::domain::ids::UserId;

use super::draft::View;
use super::wish::Wish;

/// Marks the removals of guests who would be left with nothing, once what is on its way and what this plan takes is gone.
pub fn mark_last_assignments(view: &View<'_>, wishes: &mut [Wish]) {
    let guests: BTreeSet<&UserId> =
        view.observed.users.iter().filter(|user| user.is_guest).map(|user| &user.id).collect();
    let mut leaving: BTreeMap<UserId, usize> = BTreeMap::new();
    let removals = |wish: &&Wish| wish.action.kind == ActionKind::AdminRemove && guests.contains(&wish.action.user);
    for wish in wishes.iter().filter(removals) {
        *leaving.entry(wish.action.user.clone()).or_default() += 1;
    }
    if leaving.is_empty() {
        return;
    }
    for action in view.ledger.actions.values() {
        if action.state.is_in_flight()
            && action.kind == ActionKind::AdminRemove
            && let Some(count) = leaving.get_mut(&action.user)
        {
            *count += 1;
        }
    }
    for wish in wishes {
        let count = leaving.get(&wish.action.user).copied().unwrap_or(0);
        wish.ends_last_of_guest = wish.action.kind == ActionKind::AdminRemove
            && count > 0
            && count >= view.holdings.active_count(&wish.action.user);
    }
}
