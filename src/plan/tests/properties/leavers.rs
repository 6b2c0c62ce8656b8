//! A leaver who was put out does not come back in by a late approval, a standing document or a lost reading (design.md section 3, 13).

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::everything;
use crate::domain::action::{ActionKind, OccasionValue};
use crate::domain::subject::{AttributeValue, HIRE_DATE, LEAVE_DATE};
use crate::plan::Plan;
use crate::plan::ledger::{Bar, LedgerChange};
use crate::plan::population::{Member, join, unread_attributes};
use crate::plan::tests::any_life::{Moment, lives, scripts};
use crate::workflow::rule::AttributeSource;

proptest! {
    #![proptest_config(lives(60))]

    #[test]
    fn who_is_barred_is_given_nothing(script in scripts(12)) {
        script.live(|moment| {
            let ended: BTreeSet<&Bar> = ended(moment.plan).collect();
            let set = moment.plan.changes.iter().filter_map(|change| match change {
                LedgerChange::BarSet { bar } => Some(bar),
                _ => None,
            });
            let standing = moment.world.ledger.bars.iter().filter(|bar| !ended.contains(bar));
            for bar in standing.chain(set) {
                let mut given = everything(moment.plan).filter(|action| {
                    action.kind == ActionKind::AdminAdd && action.user == bar.user && action.package() == Some(&bar.package)
                });
                prop_assert!(given.next().is_none(), "{:?}", bar);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_bar_ends_by_what_hr_says_or_a_person(script in scripts(12)) {
        script.live(|moment| {
            for bar in ended(moment.plan) {
                a_bar_may_end(moment, bar)?;
            }
            Ok(())
        })?;
    }
}

fn ended(plan: &Plan) -> impl Iterator<Item = &Bar> {
    plan.changes.iter().filter_map(|change| match change {
        LedgerChange::BarEnded { bar } => Some(bar),
        _ => None,
    })
}

/// By another leave date, a hire after it, a newer change, a person's no to the removal, or since the account is somebody else's.
fn a_bar_may_end(moment: &Moment<'_>, bar: &Bar) -> TestCaseResult {
    let world = moment.world;
    let unread = unread_attributes(&world.definitions.feeds, &world.observed);
    let members = join(&world.observed, &unread);
    let is_rejected = world
        .ledger
        .rejected
        .keys()
        .any(|id| world.ledger.actions.get(id).is_some_and(|action| action.user == bar.user));
    let owner = members.iter().find(|member| member.user_id() == Some(&bar.user));
    let is_anothers =
        owner.is_some_and(|owner| owner.subject.person.is_some() && owner.subject.key != bar.occasion.subject);
    let subject = members.iter().find(|member| member.subject.goes_by(&bar.occasion.subject));
    let may = match &bar.occasion.value {
        OccasionValue::Date(left) => subject.is_some_and(|subject| {
            let hired_after =
                matches!(subject.attribute(HIRE_DATE), Some(AttributeValue::Date { date, .. }) if date > left);
            let leaves_then =
                matches!(subject.attribute(LEAVE_DATE), Some(AttributeValue::Date { date, .. }) if date == left);
            let is_ahead = matches!(subject.attribute(HIRE_DATE), Some(AttributeValue::Date { date, .. }) if date > left) && !hired_after;
            let says_something = subject.attribute(LEAVE_DATE).is_some();
            hired_after || (says_something && !leaves_then && !is_ahead) || says_two_things(moment, subject)
        }),
        OccasionValue::Change(number) => {
            moment.plan.changes.iter().any(|change| {
                matches!(change, LedgerChange::Watched { key, changes, .. }
                if key.to_string() == bar.occasion.trigger && changes > number)
            }) || world
                .ledger
                .watched
                .iter()
                .any(|((_, key), row)| key.to_string() == bar.occasion.trigger && row.changes > *number)
        }
        // An operator's word ends by nothing but another.
        OccasionValue::Activation(_) | OccasionValue::Instant(_) => false,
    };
    prop_assert!(may || is_rejected || is_anothers, "{:?}", bar);
    Ok(())
}

/// Two feeds tell of the person; what the planner makes of both is tested beside it.
fn says_two_things(moment: &Moment<'_>, member: &Member<'_>) -> bool {
    let Some(person) = member.subject.person else { return false };
    let feeds = moment.world.observed.feeds.values();
    feeds.filter(|feed| feed.persons.iter().any(|known| known.key == person.key)).count() > 1
}
