//! Which document wins, and what each mode lets through: wishes are weighed against each other (design.md section 4).

use std::collections::BTreeMap;

use crate::domain::ids::UserId;
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::workflow::definition::Mode;

use super::draft::{Draft, View};
use super::wish::Wish;

/// Lets through what each document's mode allows, then at most one wish a user and package: the highest rank, then the first by category and document.
///
/// Wishes for the same target never disagree: an add is wished only for who does not hold the package, a removal only for who does. Documents that
/// disagree over passes are found where the claims are: a removal task outranks a claim, and equal claims are a conflict (see `standing`).
pub fn weigh(view: &View<'_>, draft: &mut Draft) -> Vec<Wish> {
    let allowed = restrict_to_modes(view, draft);
    let mut by_target: BTreeMap<(UserId, Resource), Vec<Wish>> = BTreeMap::new();
    for wish in allowed {
        by_target.entry((wish.action.user.clone(), wish.action.resource.clone())).or_default().push(wish);
    }
    let mut winners = Vec::with_capacity(by_target.len());
    for mut wishes in by_target.into_values() {
        wishes.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.action.cmp(&b.action)));
        let mut wishes = wishes.into_iter();
        let Some(winner) = wishes.next() else { continue };
        for loser in wishes {
            let reason = Reason::SameAs { document: winner.action.document.clone() };
            draft.skip_wish(view, &loser.action, reason);
        }
        winners.push(winner);
    }
    winners
}

/// `observe` sends nothing; `grantOnly` lets removals wait. One place for both (style.md rule 7).
fn restrict_to_modes(view: &View<'_>, draft: &mut Draft) -> Vec<Wish> {
    let mut allowed = Vec::new();
    for wish in std::mem::take(&mut draft.wishes) {
        let mode = view.ledger.documents.get(&wish.action.document).map_or(Mode::Observe, |record| record.mode);
        match (mode, wish.action.kind) {
            (Mode::Observe, _) => draft.skip_wish(view, &wish.action, Reason::Observing),
            (Mode::GrantOnly, kind) if kind.is_removal() => draft.skip_wish(view, &wish.action, Reason::GrantOnly),
            _ => allowed.push(wish),
        }
    }
    allowed
}
