//! Nobody is passed over without a reason, nothing is done beyond a document's mode, and no value is told (design.md section 3, 10 and 11).

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::{everything, keys_of};
use crate::domain::ids::DocumentName;
use crate::plan::focus::Focus;
use crate::plan::ledger::LedgerChange;
use crate::plan::plan_in_focus;
use crate::plan::population::{join, unread_attributes};
use crate::plan::tests::any_life::{Moment, lives, scripts};
use crate::plan::tests::world::text_of;
use crate::workflow::definition::Mode;

proptest! {
    #![proptest_config(lives(40))]

    #[test]
    fn everybody_has_an_action_or_a_reason_in_every_document(script in scripts(8), who in any::<usize>()) {
        script.live(|moment| {
            let world = moment.world;
            let unread = unread_attributes(&world.definitions.feeds, &world.observed);
            let members = join(&world.observed, &unread);
            let Some(member) = members.get(who % members.len().max(1)) else { return Ok(()) };
            let keys: BTreeSet<_> = member.subject.keys().collect();
            let focus = Focus::on(keys.clone());
            let (plan, reasons) =
                plan_in_focus(&world.definitions, &world.observed, &world.ledger, &world.limits, world.now, focus);
            prop_assert_eq!(&plan, moment.plan, "looking changes nothing");
            let acted = everything(&plan).filter(|action| keys.contains(&action.subject)).map(|action| &action.document);
            let told: BTreeSet<&DocumentName> = acted.chain(reasons.iter().map(|skip| &skip.document)).collect();
            for name in world.ledger.documents.iter().filter(|(_, record)| record.in_force).map(|(name, _)| name) {
                prop_assert!(told.contains(name), "{} says nothing of {:?}:\n{}", name, keys, text_of(&plan));
            }
            Ok(())
        })?;
    }

    #[test]
    fn documents_do_what_they_may_and_tell_no_values(script in scripts(10)) {
        script.live(|moment| {
            each_acts_within_its_mode(moment)?;
            the_excepted_are_untouched(moment)?;
            no_value_is_told(moment)
        })?;
    }
}

fn each_acts_within_its_mode(moment: &Moment<'_>) -> TestCaseResult {
    let ledger = &moment.world.ledger;
    let mode = |name: &DocumentName| ledger.documents.get(name).map_or(Mode::Observe, |record| record.mode);
    for action in everything(moment.plan) {
        let needed = if action.kind.is_removal() { Mode::Enforce } else { Mode::GrantOnly };
        prop_assert!(mode(&action.document) >= needed, "{:?}", action);
    }
    for change in &moment.plan.changes {
        let document = match change {
            LedgerChange::Claim { claim } | LedgerChange::ClaimLeaving { claim } => &claim.document,
            LedgerChange::BarSet { bar } => &bar.occasion.workflow,
            LedgerChange::ScheduleReached { document, .. } => document,
            LedgerChange::Run { occasion, .. } if !ledger.runs.contains_key(occasion) => &occasion.workflow,
            _ => continue,
        };
        prop_assert!(mode(document) > Mode::Observe, "{} only observes: {:?}", document, change);
    }
    Ok(())
}

/// Neither given nor taken, by whichever of their names.
fn the_excepted_are_untouched(moment: &Moment<'_>) -> TestCaseResult {
    let definitions = &moment.world.definitions;
    let workflows = definitions.workflows.iter().map(|workflow| (&workflow.header.name, &workflow.scope.except));
    let standing = definitions.auto_assignments.iter().map(|auto| (&auto.header.name, &auto.except));
    for (document, except) in workflows.chain(standing) {
        let in_force = moment.world.ledger.documents.get(document).is_some_and(|record| record.in_force);
        for action in everything(moment.plan).filter(|action| in_force && action.document == *document) {
            let is_named = |name: &String| {
                let names = [format!("person:{name}"), format!("user:u-{name}"), format!("user:u-{name}x")];
                keys_of(action).iter().any(|key| names.iter().any(|name| key.as_str() == name))
            };
            prop_assert!(!except.iter().any(is_named), "{:?}", action);
        }
    }
    Ok(())
}

/// Of what HR says, only that it changed.
fn no_value_is_told(moment: &Moment<'_>) -> TestCaseResult {
    let plan = moment.plan;
    let told = serde_json::to_string(&(&plan.skips, &plan.counts, &plan.changes)).unwrap();
    prop_assert!(!told.contains("secret "), "{}", told);
    Ok(())
}
