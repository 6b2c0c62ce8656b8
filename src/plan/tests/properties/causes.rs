//! The same cause never acts twice, and equal inputs give equal plans (design.md section 3, 2).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::{everything, keys_of};
use crate::domain::action::{Action, ActionKind, ActionState, Cause, OccasionValue};
use crate::domain::ids::{ActionId, DocumentName, SubjectKey};
use crate::domain::subject::AttributeValue;
use crate::plan::Plan;
use crate::plan::draft::FORBIDDEN_FOR;
use crate::plan::ledger::{LedgerChange, WatchKey, WatchedValue};
use crate::plan::population::{join, unread_attributes};
use crate::plan::tests::any_life::{Moment, lives, scripts};
use crate::workflow::definition::Mode;
use crate::workflow::rule::AttributeSource;

proptest! {
    #![proptest_config(lives(40))]

    #[test]
    fn a_cause_has_one_id_and_acts_once(script in scripts(12)) {
        let mut ids: BTreeMap<ActionId, String> = BTreeMap::new();
        let mut sent: BTreeMap<String, ActionId> = BTreeMap::new();
        script.live(|moment| {
            for action in everything(moment.plan) {
                let words = in_words(action);
                prop_assert_eq!(ids.entry(action.id).or_insert_with(|| words.clone()), &words, "two causes of one id");
            }
            for action in moment.sent {
                let before = sent.insert(in_words(action), action.id);
                let known = moment.world.ledger.actions.get(&action.id).map(|known| known.state);
                let may_repeat = known == Some(ActionState::Refused);
                prop_assert!(before.is_none() || may_repeat, "sent twice: {}", in_words(action));
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_planned_can_be_done_and_is_not_done_already(script in scripts(12)) {
        script.live(|moment| {
            one_action_a_target(moment)?;
            nothing_that_came_to_its_end(moment)?;
            nothing_there_is_added_and_nothing_missing_removed(moment)?;
            a_cause_names_its_own_subject(moment.plan)
        })?;
    }

    #[test]
    fn equal_inputs_give_equal_bytes_whatever_their_order(script in scripts(8)) {
        script.live(|moment| {
            let mut world = moment.world.clone();
            for feed in world.observed.feeds.values_mut() {
                feed.persons.reverse();
            }
            world.observed.users.reverse();
            world.observed.assignments.reverse();
            world.observed.requests.reverse();
            let bytes = |plan: &Plan| serde_json::to_string(plan).unwrap();
            prop_assert_eq!(bytes(moment.plan), bytes(&world.plan()));
            Ok(())
        })?;
    }

    #[test]
    fn changes_are_counted_as_they_happen(script in scripts(14)) {
        let mut known: BTreeMap<SubjectKey, (WatchedValue, u32)> = BTreeMap::new();
        let mut begun: BTreeSet<(SubjectKey, String)> = BTreeSet::new();
        script.live(|moment| {
            let key = WatchKey::Attribute("department".to_owned());
            let unread = unread_attributes(&moment.world.definitions.feeds, &moment.world.observed);
            let noted: BTreeMap<&SubjectKey, u32> = moment.plan.changes.iter().filter_map(|change| match change {
                LedgerChange::Watched { subject, key: watched, changes, .. } if *watched == key => Some((subject, *changes)),
                _ => None,
            }).collect();
            // Whether anybody watches it at all, and did without a break.
            let is_watched = moment.world.ledger.watched_since.contains_key(&key);
            for member in join(&moment.world.observed, &unread) {
                let subject = &member.subject.key;
                let two_feeds_may_differ = moment.world.observed.feeds.values()
                    .filter(|feed| feed.persons.iter().any(|person| subject.person_key() == Some(person.key.as_str()))).count() > 1;
                if !is_watched || two_feeds_may_differ {
                    known.remove(subject);
                    continue;
                }
                let Some(value) = member.attribute("department").map(WatchedValue::of) else { continue };
                let row = moment.world.ledger.watched.get(&(subject.clone(), key.clone()));
                if let (Some((before, count)), Some(row)) = (known.get(subject), row) {
                    prop_assert_eq!(row.changes, *count);
                    let expected = (*before != value).then_some(count + 1);
                    prop_assert_eq!(noted.get(subject).copied(), expected, "{} of {}", key, subject);
                }
                let count = noted.get(subject).copied().or(row.map(|row| row.changes)).unwrap_or(0);
                known.insert(subject.clone(), (value, count));
            }
            every_change_is_an_occasion(moment)?;
            // A run of a change is that of the last one.
            for change in &moment.plan.changes {
                let LedgerChange::Run { occasion, run } = change else { continue };
                let OccasionValue::Change(number) = occasion.value else { continue };
                if occasion.trigger == key.to_string() && !run.status.is_final() {
                    let is_new = begun.insert((occasion.subject.clone(), format!("{occasion}")));
                    let last = known.get(&occasion.subject).map(|(_, count)| *count);
                    prop_assert!(!is_new || last.is_none_or(|last| last == number), "{} is not the last change", occasion);
                }
            }
            Ok(())
        })?;
    }
}

/// A change of the department begins a run of its own where nothing is in its way.
fn every_change_is_an_occasion(moment: &Moment<'_>) -> TestCaseResult {
    let (world, name) = (moment.world, DocumentName::from("moved"));
    let is_known = world.definitions.workflows.iter().any(|workflow| workflow.header.name == name);
    let record = world.ledger.documents.get(&name).filter(|record| is_known && record.in_force);
    if record.is_none_or(|record| record.mode == Mode::Observe) {
        return Ok(());
    }
    let unread = unread_attributes(&world.definitions.feeds, &world.observed);
    let members = join(&world.observed, &unread);
    for change in &moment.plan.changes {
        let LedgerChange::Watched { subject, key, before: Some(_), changes, .. } = change else { continue };
        let member = members.iter().find(|member| member.subject.key == *subject);
        let Some(member) = member.filter(|member| member.user_id().is_some() && !member.is_ambiguous) else { continue };
        let department = member.attribute("department");
        let is_in_scope = department.is_some_and(|value| *value != AttributeValue::Text("Board".to_owned()));
        let is_excepted = member.subject.is_named_in(&["E1".to_owned()]);
        if *key != WatchKey::Attribute("department".to_owned()) || !is_in_scope || is_excepted {
            continue;
        }
        let begins = moment.plan.changes.iter().any(|change| {
            matches!(change, LedgerChange::Run { occasion, .. } if occasion.workflow == name
                && occasion.subject == *subject && occasion.value == OccasionValue::Change(*changes))
        });
        prop_assert!(begins, "change {} of {} makes no run", changes, subject);
    }
    Ok(())
}

/// What an action is, in words that nothing was derived from.
fn in_words(action: &Action) -> String {
    let cause = serde_json::to_string(&action.cause).unwrap();
    format!("{} {} {} by {:?} for {cause}", action.kind, action.resource, action.user, action.policy)
}

/// At most one that is planned or on its way.
fn one_action_a_target(moment: &Moment<'_>) -> TestCaseResult {
    let targets: BTreeSet<_> = everything(moment.plan).map(|action| (&action.user, &action.resource)).collect();
    let ids: BTreeSet<_> = everything(moment.plan).map(|action| action.id).collect();
    prop_assert_eq!(targets.len(), everything(moment.plan).count());
    prop_assert_eq!(ids.len(), everything(moment.plan).count());
    let moving = moment.world.ledger.actions.values().filter(|action| action.state.is_in_flight());
    for known in moving {
        prop_assert!(!targets.contains(&(&known.user, &known.resource)), "{} {}", known.user, known.resource);
    }
    Ok(())
}

/// What failed, or was done, is not planned again by the same cause.
fn nothing_that_came_to_its_end(moment: &Moment<'_>) -> TestCaseResult {
    for action in everything(moment.plan) {
        let Some(known) = moment.world.ledger.actions.get(&action.id) else { continue };
        let age = moment.world.now.duration_since(known.changed);
        let may = match known.state {
            ActionState::Refused => {
                known.document_hash != action.document_hash
                    || known.document != action.document
                    || (known.is_forbidden && age >= FORBIDDEN_FOR)
            }
            state => state.is_unsent() || state == ActionState::Superseded,
        };
        prop_assert!(may, "{} came to {} before", in_words(action), known.state);
        let rejected = moment.world.ledger.rejected.get(&action.id);
        prop_assert!(rejected != Some(&action.document), "{} was rejected", in_words(action));
    }
    Ok(())
}

fn nothing_there_is_added_and_nothing_missing_removed(moment: &Moment<'_>) -> TestCaseResult {
    let observed = &moment.world.observed;
    for action in everything(moment.plan) {
        let Some(package) = action.package() else {
            let is_in = observed.groups.values().any(|view| match view {
                crate::plan::observed::GroupView::Members { id, users, .. } => {
                    Some(id) == action.resource.group() && users.contains(&action.user)
                }
                _ => false,
            });
            prop_assert_eq!(is_in, action.kind.is_removal(), "{}", in_words(action));
            continue;
        };
        let held = observed.assignments.iter().filter(|held| {
            held.user.as_ref() == Some(&action.user) && held.package == *package && held.state.is_active()
        });
        let held: BTreeSet<_> = held.map(|held| &held.id).collect();
        let open = |is: fn(&crate::domain::entitlement::RequestType) -> bool| {
            observed.requests.iter().any(|request| {
                request.user.as_ref() == Some(&action.user)
                    && request.package.as_ref() == Some(package)
                    && request.state.is_open()
                    && is(&request.request_type)
            })
        };
        if action.kind == ActionKind::AdminAdd {
            prop_assert!(held.is_empty(), "{}", in_words(action));
            prop_assert!(!open(|kind| kind.is_coming()) && !open(|kind| kind.is_going()), "{}", in_words(action));
            let policy = observed.policies.iter().find(|policy| Some(&policy.id) == action.policy.as_ref());
            prop_assert_eq!(policy.map(|policy| &policy.package), Some(package));
        } else {
            prop_assert!(action.assignment.as_ref().is_some_and(|id| held.contains(id)), "{}", in_words(action));
        }
    }
    Ok(())
}

fn a_cause_names_its_own_subject(plan: &Plan) -> TestCaseResult {
    for action in everything(plan) {
        match &action.cause {
            Cause::Occasion(occasion) => {
                prop_assert!(keys_of(action).contains(&occasion.subject));
                prop_assert_eq!(&occasion.workflow, &action.document);
            }
            Cause::Episode { subject, document, .. } => {
                prop_assert_eq!((subject, document), (&action.subject, &action.document));
            }
            Cause::Adoption { assignment, .. } | Cause::Assignment { assignment } | Cause::Bar { assignment, .. } => {
                prop_assert_eq!(Some(assignment), action.assignment.as_ref());
            }
        }
    }
    Ok(())
}
