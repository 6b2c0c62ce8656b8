//! Incompatible packages: an add waits until what cannot be held together with it is gone (design.md section 6).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::action::ActionKind;
use crate::domain::ids::{PackageId, UserId};
use crate::domain::reason::Reason;

use super::draft::{Draft, LAG, View};
use super::wish::Wish;

/// Lets an add wait for the removal of an incompatible package that is planned, under way or not to be seen yet; where nothing takes that away,
/// or another add of this plan would bring it, the add is refused with a reason.
pub fn hold_back_adds(view: &View<'_>, wishes: Vec<Wish>, draft: &mut Draft) -> Vec<Wish> {
    let incompatible = incompatible_packages(view);
    if incompatible.is_empty() {
        return wishes;
    }
    let going = going(view, &wishes);
    let mut coming: BTreeSet<(UserId, PackageId)> = BTreeSet::new();
    let mut passed = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let action = &wish.action;
        let (ActionKind::AdminAdd, Some(package)) = (action.kind, action.package()) else {
            passed.push(wish);
            continue;
        };
        let user = &action.user;
        let others = incompatible.get(package).into_iter().flatten();
        let mut in_the_way = others.filter(|other| {
            let holding = view.holdings.get(user, other);
            let is_given = holding.has() || holding.in_flight.is_some();
            is_given || coming.contains(&(user.clone(), (**other).clone()))
        });
        let first = in_the_way.next().copied();
        let lasting = first
            .into_iter()
            .chain(in_the_way.copied())
            .find(|other| !going.contains(&(user.clone(), (*other).clone())));
        match (first, lasting) {
            (None, _) => {
                coming.insert((user.clone(), package.clone()));
                passed.push(wish);
            }
            (Some(_), None) => draft.skip_wish(view, action, Reason::WaitsForRemoval),
            (Some(_), Some(other)) => {
                draft.skip_wish(view, action, Reason::Incompatible { with: other.clone() });
            }
        }
    }
    passed
}

/// Every package with those that nobody may hold together with it, whichever of the two names the other.
fn incompatible_packages<'a>(view: &View<'a>) -> BTreeMap<&'a PackageId, BTreeSet<&'a PackageId>> {
    let mut incompatible: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for package in &view.observed.packages {
        for other in &package.incompatible_with {
            incompatible.entry(&package.id).or_default().insert(other);
            incompatible.entry(other).or_default().insert(&package.id);
        }
    }
    incompatible
}

/// What is taken from whom: by this plan, by a request under way, or a moment ago, so that the list may still show it.
fn going(view: &View<'_>, wishes: &[Wish]) -> BTreeSet<(UserId, PackageId)> {
    let planned = wishes.iter().map(|wish| &wish.action).filter(|action| action.kind == ActionKind::AdminRemove);
    let planned = planned.filter_map(|action| Some((&action.user, action.package()?)));
    let sent = view.ledger.actions.values().filter(|action| {
        let is_recent = action.state.is_success() && view.now.duration_since(action.changed) < LAG;
        action.kind == ActionKind::AdminRemove && (action.state.is_in_flight() || is_recent)
    });
    let sent = sent.filter_map(|action| Some((&action.user, action.resource.package()?)));
    let requests =
        view.observed.requests.iter().filter(|request| request.state.is_open() && request.request_type.is_going());
    let requests = requests.filter_map(|request| Some((request.user.as_ref()?, request.package.as_ref()?)));
    let all = planned.chain(sent).chain(requests);
    all.map(|(user, package)| (user.clone(), package.clone())).collect()
}
