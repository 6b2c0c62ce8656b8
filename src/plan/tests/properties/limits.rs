//! What is over a limit is held, whole, until a person decides; and nothing passes round a gate (design.md section 3, 6 to 8).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::everything;
use crate::domain::action::{Action, ActionKind};
use crate::domain::ids::{ActionId, DocumentName, HoldHash, UserId};
use crate::plan::Gate;
use crate::plan::ledger::RunRecord;
use crate::plan::limits::allowed;
use crate::plan::tests::any_life::{Moment, lives, scripts};

proptest! {
    #![proptest_config(lives(50))]

    #[test]
    fn no_plan_sends_more_than_its_limits_allow(script in scripts(10)) {
        script.live(|moment| {
            each_document_stays_within_its_limits(moment)?;
            the_tenant_stays_within_its_limit(moment)?;
            what_a_limit_holds_it_holds_whole(moment)?;
            what_a_kind_of_action_asks_for_is_held(moment)
        })?;
    }

    #[test]
    fn what_is_held_stays_held_until_a_person_decides(script in scripts(12)) {
        let mut hashes: BTreeMap<HoldHash, BTreeSet<ActionId>> = BTreeMap::new();
        script.live(|moment| {
            let ledger = &moment.world.ledger;
            for action in &moment.plan.actions {
                let held = ledger.held.get(&(action.id, action.document.clone()));
                prop_assert!(held.is_none() || moment.is_approved(action), "{:?}", action);
            }
            for hold in &moment.plan.holds {
                let items: BTreeSet<ActionId> = hold.items.iter().map(|item| item.id).collect();
                let known = hashes.entry(hold.hash.clone()).or_insert_with(|| items.clone());
                prop_assert_eq!(&*known, &items, "one hash, two holds");
                prop_assert!(hold.items.iter().all(|item| !moment.is_approved(item)), "{:?}", hold.items);
                prop_assert!(hold.items.is_sorted());
            }
            Ok(())
        })?;
    }
}

/// What is sent without a person's word.
fn unasked<'m>(moment: &'m Moment<'_>, removals: bool) -> impl Iterator<Item = &'m Action> {
    let actions = moment.plan.actions.iter().filter(|action| !moment.is_approved(action));
    actions.filter(move |action| action.kind.is_removal() == removals)
}

fn people<'m>(actions: impl Iterator<Item = &'m Action>) -> u32 {
    let users: BTreeSet<&UserId> = actions.map(|action| &action.user).collect();
    u32::try_from(users.len()).unwrap()
}

fn each_document_stays_within_its_limits(moment: &Moment<'_>) -> TestCaseResult {
    let (ledger, limits) = (&moment.world.ledger, &moment.world.limits);
    // Nobody's base is larger than everybody.
    let subjects = moment.world.observed.users.len()
        + moment.world.observed.feeds.values().map(|feed| feed.persons.len()).sum::<usize>();
    let everybody = u32::try_from(subjects + ledger.claims.len()).unwrap();
    for name in ledger.documents.keys() {
        let of_document = |action: &&Action| action.document == *name;
        let added = people(unasked(moment, false).filter(of_document));
        prop_assert!(added <= allowed(limits.document_additions, everybody), "{} adds {}", name, added);
        let removed = people(unasked(moment, true).filter(of_document));
        prop_assert!(removed <= allowed(limits.document_removals, everybody), "{} removes {}", name, removed);
        if let Some(base) = grants_of(moment, name) {
            let is_large_share = (base >= 4 && removed * 2 >= base) || (base >= 2 && removed >= base);
            prop_assert!(!is_large_share, "{} removes {} of {}", name, removed, base);
        }
        let own = moment.world.definitions.auto_assignments.iter().find(|auto| auto.header.name == *name);
        if let (Some(limit), Some(base)) = (own.and_then(|auto| auto.removal_limit), grants_of(moment, name)) {
            prop_assert!(removed <= allowed(limit, base), "{} removes {} of {}", name, removed, base);
        }
    }
    Ok(())
}

/// The grants of an auto assignment, by which it is measured.
fn grants_of(moment: &Moment<'_>, name: &DocumentName) -> Option<u32> {
    let is_auto = moment.world.definitions.auto_assignments.iter().any(|auto| auto.header.name == *name);
    let grants = moment.world.ledger.claims.keys().filter(|claim| claim.document == *name).count();
    let in_force = moment.world.ledger.documents.get(name).is_some_and(|record| record.in_force);
    (is_auto && in_force && grants > 0).then(|| u32::try_from(grants).unwrap())
}

fn the_tenant_stays_within_its_limit(moment: &Moment<'_>) -> TestCaseResult {
    let users = u32::try_from(moment.world.observed.users.len()).unwrap();
    let removed = people(unasked(moment, true));
    prop_assert!(removed <= allowed(moment.world.limits.tenant_removals, users), "{} of {}", removed, users);
    Ok(())
}

/// Nothing of the part that is over a limit goes on beside it.
fn what_a_limit_holds_it_holds_whole(moment: &Moment<'_>) -> TestCaseResult {
    for hold in &moment.plan.holds {
        let is_removal = match hold.gate {
            Gate::DocumentRemovals | Gate::TenantRemovals => true,
            Gate::DocumentAdditions => false,
            _ => continue,
        };
        // What was held before is held by its own; what is new was over the limit in this very plan.
        let is_new = |item: &Action| !moment.world.ledger.held.contains_key(&(item.id, item.document.clone()));
        if !hold.items.iter().all(is_new) {
            continue;
        }
        let mut beside = unasked(moment, is_removal);
        let is_of_it = |action: &Action| hold.gate == Gate::TenantRemovals || action.document == hold.items[0].document;
        prop_assert!(!beside.any(is_of_it), "{:?} is cut to fit", hold.gate);
    }
    Ok(())
}

/// Adoptions, the removals of retired documents, and all that a suspicious run does, wait whatever their number.
fn what_a_kind_of_action_asks_for_is_held(moment: &Moment<'_>) -> TestCaseResult {
    let ledger = &moment.world.ledger;
    let suspicious = |action: &Action| {
        let crate::domain::action::Cause::Occasion(occasion) = &action.cause else { return false };
        ledger.runs.get(occasion).is_some_and(|run: &RunRecord| run.held_by.is_some())
    };
    for action in moment.plan.actions.iter().filter(|action| !moment.is_approved(action)) {
        let record = &ledger.documents[&action.document];
        prop_assert!(action.kind != ActionKind::Adopt, "{:?}", action);
        prop_assert!(!(action.kind.is_removal() && record.first_removals_held), "{:?}", action);
        prop_assert!(!suspicious(action), "{:?}", action);
        let is_retired = !record.in_force && matches!(action.cause, crate::domain::action::Cause::Assignment { .. });
        prop_assert!(!is_retired, "{:?}", action);
        let is_guest = moment.world.observed.users.iter().any(|user| user.id == action.user && user.is_guest);
        let held = moment.world.observed.assignments.iter().filter(|held| held.user.as_ref() == Some(&action.user));
        let taken =
            everything(moment.plan).filter(|other| other.user == action.user && other.kind == ActionKind::AdminRemove);
        let is_last = action.kind == ActionKind::AdminRemove && held.count() <= taken.count();
        prop_assert!(!(is_guest && is_last), "{:?}", action);
    }
    Ok(())
}
