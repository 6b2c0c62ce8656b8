//! Absence of data changes nothing: it neither removes access nor cancels a removal (design.md section 3, 4).

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{deeds, everything};
use crate::domain::action::{ActionKind, Cause};
use crate::domain::subject::Attributes;
use crate::plan::Plan;
use crate::plan::ledger::{LedgerChange, RunStatus};
use crate::plan::observed::{GroupView, Observed};
use crate::plan::tests::any_life::people::{GROUPS, key_of};
use crate::plan::tests::any_life::{Moment, lives, scripts};
use crate::plan::tests::world::text_of;

/// What is not read.
#[derive(Debug, Clone, Copy)]
enum Unread {
    Everything,
    Feed(&'static str),
    Group(usize),
    NoGroup,
    Record(usize),
    Department(usize),
    Attributes(usize),
}

fn unread() -> impl Strategy<Value = Unread> {
    prop_oneof![
        Just(Unread::Everything),
        prop::sample::select(vec!["hr", "contractors"]).prop_map(Unread::Feed),
        (0..GROUPS.len()).prop_map(Unread::Group),
        Just(Unread::NoGroup),
        (0..12_usize).prop_map(Unread::Record),
        (0..12_usize).prop_map(Unread::Department),
        (0..12_usize).prop_map(Unread::Attributes),
    ]
}

impl Unread {
    fn hide(self, observed: &mut Observed) {
        let hide = |attributes: &mut Attributes, name: Option<&str>| {
            attributes.retain(|known, _| name.is_some_and(|name| known != name));
        };
        match self {
            Self::Everything => {
                observed.feeds.clear();
                observed.groups.clear();
            }
            Self::Feed(feed) => drop(observed.feeds.remove(&feed.into())),
            Self::Group(group) => {
                let (name, transitive) = GROUPS[group];
                observed.groups.insert((name.to_owned(), transitive), GroupView::Unreadable);
            }
            Self::NoGroup => observed.groups.clear(),
            Self::Record(who) => of_person(observed, who, |person| person.missing = true),
            Self::Department(who) => {
                of_person(observed, who, |person| hide(&mut person.attributes, Some("department")))
            }
            Self::Attributes(who) => of_person(observed, who, |person| hide(&mut person.attributes, None)),
        }
    }
}

/// That removals wait is told by the feed itself, so that who does not read it cannot know; what was due before goes on.
fn knows_of_doubt(moment: &Moment<'_>) -> bool {
    moment.world.observed.feeds.values().any(|feed| feed.removals_wait)
}

fn of_person(observed: &mut Observed, who: usize, change: impl Fn(&mut crate::domain::subject::Person)) {
    let persons = observed.feeds.values_mut().flat_map(|feed| &mut feed.persons);
    persons.filter(|person| person.key.as_str() == key_of(who)).for_each(change);
}

/// What of the ledger a plan ends or takes back.
fn taken_back(plan: &Plan) -> BTreeSet<String> {
    let words = plan.changes.iter().filter_map(|change| match change {
        LedgerChange::BarEnded { bar } => Some(format!("bar {} {} {}", bar.occasion, bar.user, bar.package)),
        LedgerChange::ClaimLeaving { claim } => Some(format!("leaving {claim:?}")),
        LedgerChange::ClaimReleased { claim } => Some(format!("released {claim:?}")),
        LedgerChange::Gone { .. } => Some(format!("{change:?}")),
        LedgerChange::OutrankEnded { claim } => Some(format!("outranked {claim:?}")),
        LedgerChange::AdoptionEnded { document } => Some(format!("adoption {document}")),
        LedgerChange::ScheduleReached { document, instant } => Some(format!("schedule {document} {instant}")),
        LedgerChange::Run { occasion, run } if run.status == RunStatus::Canceled => Some(format!("run {occasion}")),
        _ => None,
    });
    words.collect()
}

proptest! {
    #![proptest_config(lives(40))]

    #[test]
    fn what_is_not_read_takes_nothing_from_anybody(script in scripts(10), unread in unread()) {
        script.live(|moment| {
            // Of two records of one person that say different things, the one that is left is another one than both together.
            let mut keys: Vec<_> = moment.world.observed.feeds.values().flat_map(|feed| &feed.persons).map(|person| &person.key).collect();
            let persons = keys.len();
            keys.sort();
            keys.dedup();
            let is_feed = matches!(unread, Unread::Feed(_) | Unread::Everything);
            if is_feed && (keys.len() < persons || knows_of_doubt(moment)) {
                return Ok(());
            }
            let mut world = moment.world.clone();
            unread.hide(&mut world.observed);
            let plan = world.plan();
            let is_removal = |kind: ActionKind| kind.is_removal();
            let known = deeds(moment.plan, |action| is_removal(action.kind));
            for deed in deeds(&plan, |action| is_removal(action.kind)) {
                prop_assert!(known.contains(&deed), "{:?} comes of not knowing {:?}\n{}", deed, unread, text_of(&plan));
            }
            let known = taken_back(moment.plan);
            for change in taken_back(&plan) {
                prop_assert!(known.contains(&change), "{} comes of not knowing {:?}", change, unread);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_bar_stands_whatever_is_not_read(script in scripts(10), unread in unread()) {
        script.live(|moment| {
            let mut world = moment.world.clone();
            unread.hide(&mut world.observed);
            let plan = world.plan();
            let ends = |plan: &Plan| plan.changes.iter().filter(|change| matches!(change, LedgerChange::BarEnded { .. })).count();
            let put_out = |plan: &Plan| deeds(plan, |action| matches!(action.cause, Cause::Bar { .. }));
            let removed = deeds(&plan, |action| action.kind == ActionKind::AdminRemove);
            for deed in put_out(moment.plan) {
                prop_assert!(removed.contains(&deed), "{:?} is canceled by not knowing {:?}", deed, unread);
            }
            prop_assert!(ends(&plan) <= ends(moment.plan));
            for bar in &world.ledger.bars {
                let gives = everything(&plan).any(|action| {
                    action.kind == ActionKind::AdminAdd && action.user == bar.user && action.package() == Some(&bar.package)
                });
                prop_assert!(!gives || ends(moment.plan) > 0, "{} comes back in by not knowing {:?}", bar.user, unread);
            }
            Ok(())
        })?;
    }

    #[test]
    fn who_knows_nothing_does_nothing_but_keep_out(script in scripts(10)) {
        script.live(|moment| {
            if knows_of_doubt(moment) {
                return Ok(());
            }
            let mut world = moment.world.clone();
            Unread::Everything.hide(&mut world.observed);
            let plan = world.plan();
            for action in everything(&plan) {
                let rests_on_the_ledger = matches!(action.cause, Cause::Bar { .. })
                    || world.ledger.held.contains_key(&(action.id, action.document.clone()))
                    || !world.ledger.documents[&action.document].in_force;
                prop_assert!(rests_on_the_ledger, "{}", text_of(&plan));
            }
            Ok(())
        })?;
    }
}
