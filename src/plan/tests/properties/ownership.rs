//! An auto assignment removes only what usherd granted, and only the last claim's end takes it (design.md section 3, 5).

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::{everything, keys_of};
use crate::domain::action::{ActionKind, Cause};
use crate::domain::ids::{DocumentName, PackageId, UserId};
use crate::plan::ledger::{ClaimKey, LedgerChange};
use crate::plan::standing::LOSS_CONFIRMED_AFTER;
use crate::plan::tests::any_life::{Moment, lives, scripts};
use crate::workflow::definition::{AutoAssignment, TaskKind};

proptest! {
    #![proptest_config(lives(40))]

    #[test]
    fn only_what_was_granted_is_taken(script in scripts(12)) {
        script.live(|moment| {
            an_auto_assignment_takes_its_own(moment)?;
            owned_only_takes_what_is_owned(moment)?;
            the_services_own_is_never_touched(moment)?;
            a_loss_is_believed_the_second_time(moment)
        })?;
    }

    #[test]
    fn a_claim_comes_of_a_grant(script in scripts(12)) {
        let mut granted: BTreeSet<(UserId, PackageId)> = BTreeSet::new();
        let mut earlier: BTreeSet<ClaimKey> = script.world().ledger.claims.into_keys().collect();
        script.live(|moment| {
            for action in moment.sent.iter().filter(|action| action.kind == ActionKind::AdminAdd) {
                granted.extend(action.package().map(|package| (action.user.clone(), package.clone())));
            }
            for change in &moment.plan.changes {
                let LedgerChange::Claim { claim } = change else { continue };
                if earlier.contains(claim) {
                    continue;
                }
                let is_adopted = auto_assignment(moment, &claim.document).is_some_and(|auto| auto.adopt);
                let is_of = |(user, package): &(UserId, PackageId)| {
                    *package == claim.package && is_user_of(moment, user, claim)
                };
                let is_granted = granted.iter().any(is_of);
                let is_shared = earlier.iter().any(|known| known.package == claim.package && {
                    known.subject == claim.subject || users_of(moment, known).any(|user| is_user_of(moment, user, claim))
                });
                let is_approved = moment.world.ledger.approved.values().any(|document| *document == claim.document);
                prop_assert!(is_adopted || is_granted || is_shared || is_approved, "{:?}", claim);
                earlier.insert(claim.clone());
            }
            Ok(())
        })?;
    }
}

fn auto_assignment<'m>(moment: &Moment<'m>, document: &DocumentName) -> Option<&'m AutoAssignment> {
    moment.world.definitions.auto_assignments.iter().find(|auto| auto.header.name == *document)
}

fn users_of<'m>(moment: &Moment<'m>, claim: &ClaimKey) -> impl Iterator<Item = &'m UserId> {
    let claim = claim.clone();
    let users = moment.world.observed.users.iter();
    users.map(|user| &user.id).filter(move |user| {
        let person = user.as_str().trim_start_matches("u-").trim_end_matches('x');
        claim.subject.as_str() == format!("user:{user}") || claim.subject.as_str() == format!("person:{person}")
    })
}

fn is_user_of(moment: &Moment<'_>, user: &UserId, claim: &ClaimKey) -> bool {
    users_of(moment, claim).any(|known| known == user)
}

/// It was granted by it, and nobody else's grant stands.
fn an_auto_assignment_takes_its_own(moment: &Moment<'_>) -> TestCaseResult {
    for action in everything(moment.plan) {
        let Some(auto) = auto_assignment(moment, &action.document) else { continue };
        let (ActionKind::AdminRemove, Some(package)) = (action.kind, action.package()) else { continue };
        let of = |document: &DocumentName| {
            keys_of(action).into_iter().any(|subject| {
                let claim = ClaimKey { document: document.clone(), subject, package: package.clone() };
                moment.world.ledger.claims.contains_key(&claim)
            })
        };
        prop_assert!(
            auto.adopt || of(&auto.header.name),
            "{} took what it did not grant: {:?}",
            auto.header.name,
            action
        );
        // Two documents may end their claims in one pass; whose claim ends in it has no say any more.
        let ends = |document: &DocumentName| {
            moment.plan.changes.iter().any(|change| {
                matches!(change, LedgerChange::ClaimReleased { claim } if claim.document == *document
                    && claim.package == *package && keys_of(action).contains(&claim.subject))
            })
        };
        let others = moment.world.ledger.documents.keys().filter(|name| **name != auto.header.name);
        for other in others {
            prop_assert!(!of(other) || ends(other), "{} took what {} gave: {:?}", auto.header.name, other, action);
        }
    }
    Ok(())
}

fn owned_only_takes_what_is_owned(moment: &Moment<'_>) -> TestCaseResult {
    let ledger = &moment.world.ledger;
    for action in everything(moment.plan).filter(|action| action.kind == ActionKind::AdminRemove) {
        let workflows = &moment.world.definitions.workflows;
        let Some(workflow) = workflows.iter().find(|known| known.header.name == action.document) else { continue };
        let package = moment.world.observed.packages.iter().find(|package| Some(&package.id) == action.package());
        let is_owned_only = workflow.tasks.iter().all(|task| match &task.kind {
            TaskKind::RemoveAssignment { access_package, owned_only } => {
                *owned_only || package.is_none_or(|package| package.display_name != *access_package)
            }
            _ => true,
        });
        let is_owned = ledger
            .claims
            .keys()
            .any(|claim| Some(&claim.package) == action.package() && keys_of(action).contains(&claim.subject));
        prop_assert!(!is_owned_only || is_owned, "{:?}", action);
    }
    Ok(())
}

fn the_services_own_is_never_touched(moment: &Moment<'_>) -> TestCaseResult {
    let observed = &moment.world.observed;
    let automatic: BTreeSet<_> =
        observed.policies.iter().filter(|policy| policy.is_automatic).map(|policy| &policy.id).collect();
    for action in everything(moment.plan) {
        let held = observed.assignments.iter().find(|held| Some(&held.id) == action.assignment.as_ref());
        let policy = held.and_then(|held| held.policy.as_ref());
        prop_assert!(policy.is_none_or(|policy| !automatic.contains(policy)), "{:?}", action);
        let is_adoption = matches!(action.cause, Cause::Adoption { .. });
        prop_assert_eq!(is_adoption, action.kind == ActionKind::Adopt);
    }
    Ok(())
}

/// What is not seen any more was not seen half an hour ago either.
fn a_loss_is_believed_the_second_time(moment: &Moment<'_>) -> TestCaseResult {
    for change in &moment.plan.changes {
        let LedgerChange::ClaimReleased { claim } = change else { continue };
        let is_orphan = moment.world.ledger.documents.get(&claim.document).is_none_or(|record| !record.in_force);
        let Some(record) = moment.world.ledger.claims.get(claim) else { continue };
        let is_held = users_of(moment, claim).any(|user| moment.holds(user, &claim.package));
        let is_confirmed = record
            .missing_since
            .is_some_and(|since| moment.world.observed.read_at.duration_since(since) >= LOSS_CONFIRMED_AFTER);
        prop_assert!(is_orphan || is_held || is_confirmed, "{:?}: {:?}", claim, record);
    }
    Ok(())
}
