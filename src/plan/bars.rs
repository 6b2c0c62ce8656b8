//! Bars: a leaver who was put out stays out, whatever arrives late (design.md section 3, 13).

use crate::domain::action::{Category, Cause};
use crate::domain::ids::SubjectKey;
use crate::domain::reason::Reason;
use crate::domain::subject::AttributeValue;
use crate::workflow::rule::AttributeSource;

use super::draft::{Draft, Rank, View, WishFor};
use super::ledger::{Bar, LedgerChange};
use super::population::Member;

/// The attribute whose later value means that the person was hired again.
const HIRE_DATE: &str = "employeeHireDate";

/// Ends bars that the data ends, and lets the others remove what appears.
pub fn enforce_bars(view: &View<'_>, members: &[Member<'_>], draft: &mut Draft) {
    for bar in &view.ledger.bars {
        let member = find(members, &bar.occasion.subject);
        if member.is_some_and(|member| has_ended(bar, member)) {
            draft.changes.push(LedgerChange::BarEnded { bar: bar.clone() });
            continue;
        }
        draft.barred.insert((bar.occasion.subject.clone(), bar.package.clone()));
        if let Some(member) = member {
            draft.barred.insert((member.subject.key.clone(), bar.package.clone()));
            put_out(view, bar, member, draft);
        }
    }
}

/// Removes every active assignment of the barred package, once the run that set the bar no longer does it itself.
fn put_out(view: &View<'_>, bar: &Bar, member: &Member<'_>, draft: &mut Draft) {
    let workflow = &bar.occasion.workflow;
    let run_is_over = view.ledger.runs.get(&bar.occasion).is_none_or(|run| run.status.is_final());
    let (Some(user), Some(record)) = (member.user_id(), view.ledger.documents.get(workflow)) else { return };
    if record.in_force && !run_is_over {
        return;
    }
    let holding = view.holdings.get(user, &bar.package);
    let subject = &member.subject.key;
    let wish_for = WishFor { record, category: Category::Leaver, subject, user, package: &bar.package };
    for assignment in &holding.assignments {
        if view.holdings.is_service_managed(assignment) {
            draft.skip(view, workflow, Some(subject), Some(&bar.package), Reason::ServiceManaged);
        } else if let Some(state) = holding.in_flight {
            draft.skip(view, workflow, Some(subject), Some(&bar.package), Reason::InFlight { state });
        } else {
            let cause = Cause::Bar { occasion: bar.occasion.clone(), assignment: assignment.id.clone() };
            draft.wishes.push(wish_for.remove(view, Rank::Bar, &assignment.id, cause));
        }
    }
}

/// A bar ends by an explicitly cleared or later leave date, or a hire after it.
fn has_ended(bar: &Bar, member: &Member<'_>) -> bool {
    let date = |name: &str| match member.attribute(name) {
        Some(AttributeValue::Date { date, .. }) => Some(*date),
        _ => None,
    };
    let cleared = matches!(member.attribute(&bar.occasion.trigger), Some(AttributeValue::Null));
    let later = date(&bar.occasion.trigger).is_some_and(|date| date > bar.occasion.value);
    let hired_again = date(HIRE_DATE).is_some_and(|hired| hired > bar.occasion.value);
    cleared || later || hired_again
}

/// The member a ledger key means, under its own key or that of its user from before the two were linked.
pub fn find<'m, 'a>(members: &'m [Member<'a>], key: &SubjectKey) -> Option<&'m Member<'a>> {
    match members.binary_search_by(|member| member.subject.key.cmp(key)) {
        Ok(place) => members.get(place),
        Err(_) => members.iter().find(|member| member.subject.keys().any(|own| own == *key)),
    }
}
