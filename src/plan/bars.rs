//! Bars: a leaver who was put out stays out, whatever arrives late (design.md section 3, 13).

use std::collections::HashMap;

use crate::domain::action::{ActionState, Category, Cause, OccasionValue};
use crate::domain::ids::UserId;
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::domain::subject::AttributeValue;
use crate::workflow::definition::TaskKind;
use crate::workflow::rule::AttributeSource;

use super::draft::{Before, Draft, View};
use super::ledger::{Bar, LedgerChange};
use super::population::Member;
use super::rehire::{self, Rehire};
use super::watches::Watches;
use super::wish::{Rank, WishFor};

/// Ends bars that the data ends, and lets the others remove what appears.
pub fn enforce_bars(view: &View<'_>, members: &[Member<'_>], watches: &Watches, draft: &mut Draft) {
    let by_user: HashMap<&UserId, &Member<'_>> =
        members.iter().filter_map(|member| Some((member.user_id()?, member))).collect();
    for bar in &view.ledger.bars {
        let person = view.population.find(&bar.occasion.subject);
        let is_another_person = by_user.get(&bar.user).is_some_and(|member| is_another_person(view, bar, member));
        if is_another_person || person.is_some_and(|person| has_ended(view, bar, person, watches)) {
            draft.changes.push(LedgerChange::BarEnded { bar: bar.clone() });
            // Should the date come back, its run begins anew.
            if let Some(run) = view.ledger.runs.get(&bar.occasion) {
                let run = run.canceled(&Reason::NoLongerDue);
                draft.changes.push(LedgerChange::Run { occasion: bar.occasion.clone(), run });
            }
            continue;
        }
        // The user that was put out, also when the record no longer leads to them, and the user the record leads to now.
        let users = [by_user.get(&bar.user).copied(), person.filter(|person| person.user_id() != Some(&bar.user))];
        draft.barred.insert((bar.user.clone(), bar.package.clone()));
        for member in users.into_iter().flatten() {
            if let Some(Rehire::Ahead { begins }) = rehire_after(view, bar, member) {
                let (subject, package) = (&member.subject.key, (&bar.package).into());
                let reason = Reason::BarredUntil { begins };
                draft.skip(view, &bar.occasion.workflow, Some(subject), Some(&package), reason);
            }
            put_out(view, bar, member, draft);
        }
    }
}

/// Removes every active assignment of the barred package, once the run that set the bar no longer does it itself.
fn put_out(view: &View<'_>, bar: &Bar, member: &Member<'_>, draft: &mut Draft) {
    let workflow = &bar.occasion.workflow;
    let (Some(user), Some(record)) = (member.user_id(), view.ledger.documents.get(workflow)) else { return };
    draft.barred.insert((user.clone(), bar.package.clone()));
    let run_is_over = view.ledger.runs.get(&bar.occasion).is_none_or(|run| run.status.is_final());
    // What the run has not removed yet may be held, and is no less so when its document is deleted or the record leads elsewhere.
    if !run_is_over {
        return;
    }
    let workflows = &view.definitions.workflows;
    let except = workflows.iter().find(|known| known.header.name == *workflow).map(|known| &known.scope.except);
    if except.is_some_and(|except| member.subject.is_named_in(except)) {
        return draft.skip(view, workflow, Some(&member.subject.key), Some(&(&bar.package).into()), Reason::Excepted);
    }
    let is_rejected = view.is_removal_rejected(user, &bar.package, workflow);
    let holding = view.holdings.get(user, &bar.package);
    let subject = &member.subject.key;
    let resource = Resource::from(&bar.package);
    let wish_for = WishFor { record, category: Category::Leaver, subject, user, resource: &resource };
    let is_left_alone = is_owned_only(view, bar) && !view.claims.is_owned(member, &bar.package);
    for assignment in &holding.assignments {
        let cause = Cause::Bar { occasion: bar.occasion.clone(), assignment: assignment.id.clone() };
        let wish = wish_for.remove(view, Rank::Bar, &assignment.id, cause);
        let reason = match (view.before(&wish.action), holding.in_flight) {
            _ if view.holdings.is_service_managed(assignment) => Reason::ServiceManaged,
            _ if is_left_alone => Reason::NotOwned,
            (_, Some(state)) => Reason::InFlight { state },
            (before, _) if is_rejected || before == Before::Rejected => {
                // A person said that this access stays.
                draft.changes.push(LedgerChange::BarEnded { bar: bar.clone() });
                Reason::Rejected
            }
            (Before::Failed { state, .. }, _) => Reason::Sticks { state },
            (Before::Forbidden, _) => Reason::Forbidden,
            (Before::Lags, _) => Reason::Done,
            // Delivered long ago, and it is still there: a person must ask the service why.
            (Before::Done, _) => Reason::Sticks { state: ActionState::Delivered },
            (Before::Rejected, _) => Reason::Rejected,
            (Before::Nothing, _) => {
                draft.wishes.push(wish);
                continue;
            }
        };
        draft.skip(view, workflow, Some(subject), Some(&(&bar.package).into()), reason);
    }
}

/// Whether the task that set the bar takes only what usherd granted.
fn is_owned_only(view: &View<'_>, bar: &Bar) -> bool {
    let package = view.observed.packages.iter().find(|package| package.id == bar.package);
    let is_meant = |name: &str| {
        bar.package.as_str().eq_ignore_ascii_case(name) || package.is_some_and(|package| package.display_name == name)
    };
    let workflows = view.definitions.workflows.iter().filter(|workflow| workflow.header.name == bar.occasion.workflow);
    let mut removals = workflows.flat_map(|workflow| &workflow.tasks).filter_map(|task| match &task.kind {
        TaskKind::RemoveAssignment { access_package, owned_only } if is_meant(access_package) => Some(*owned_only),
        _ => None,
    });
    let first = removals.next();
    first.is_some_and(|first| first && removals.all(|owned_only| owned_only))
}

/// The user belongs to somebody else now: an account put right, or a hire under a new employee id that has begun.
fn is_another_person(view: &View<'_>, bar: &Bar, member: &Member<'_>) -> bool {
    let is_told = member.subject.person.is_some_and(|person| !person.missing) && !member.is_ambiguous;
    is_told
        && bar.occasion.subject.person_key().is_some()
        && member.subject.key != bar.occasion.subject
        && !matches!(rehire_after(view, bar, member), Some(Rehire::Ahead { .. }))
}

fn rehire_after(view: &View<'_>, bar: &Bar, member: &Member<'_>) -> Option<Rehire> {
    let left = bar.occasion.value.date().filter(|_| rehire::ends_employment(&bar.occasion.trigger))?;
    rehire::after(view, member, left)
}

/// A bar ends by an explicitly cleared or later leave date; where a hire after it is told of, only once that begins. One that a change set ends
/// by the next change of the same thing.
fn has_ended(view: &View<'_>, bar: &Bar, member: &Member<'_>, watches: &Watches) -> bool {
    if let (OccasionValue::Change(number), Ok(key)) = (&bar.occasion.value, bar.occasion.trigger.parse()) {
        return watches.get(&key, member).last.is_some_and(|last| last.number > *number);
    }
    match (rehire_after(view, bar, member), member.attribute(&bar.occasion.trigger)) {
        (Some(rehire), _) => rehire == Rehire::Begun,
        (None, Some(AttributeValue::Null)) => true,
        (None, Some(AttributeValue::Date { date, .. })) => bar.occasion.value.date().is_some_and(|left| *date > left),
        _ => false,
    }
}
