//! Rehires: somebody who left, or is about to, and is hired again is no leaver any more once the new employment begins.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::action::Category;
use crate::domain::subject::{CREATED, HIRE_DATE};
use crate::domain::time;
use crate::workflow::definition::{Mode, Scope, Trigger, Workflow};
use crate::workflow::rule::Truth;

use super::dates::{self, CivilDay, ZoneReader};
use super::draft::View;
use super::groups;
use super::population::Member;

/// A hire after the last day of an earlier employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehire {
    /// HR has announced it; until it begins, the person is still out.
    Ahead {
        /// When it begins (UTC).
        begins: Timestamp,
    },
    /// It has begun: its day has come, a joiner workflow is due ahead of it, or it follows the last day without a gap.
    Begun,
}

/// Whether the day of this date attribute ends an employment, so that a hire after it is a rehire: every one but those that begin something.
pub fn ends_employment(attribute: &str) -> bool {
    ![HIRE_DATE, CREATED].contains(&attribute)
}

/// Whether the subject is hired again after `left`, the last day of an earlier employment; `None` also where that was not read.
pub fn after(view: &View<'_>, member: &Member<'_>, left: Date) -> Option<Rehire> {
    let zone = ZoneReader::of(view, None).zone(member).ok()?;
    let hired = hired(view, member, &zone)?;
    if hired.date <= left {
        return None;
    }
    let follows = left.tomorrow().is_ok_and(|next| next == hired.date);
    let expected = view.definitions.workflows.iter().filter_map(|workflow| joins(view, member, workflow));
    let begins = expected.chain([time::start_of_day(hired.date, &zone)]).min().unwrap_or(Timestamp::MAX);
    Some(if follows || begins <= view.now { Rehire::Begun } else { Rehire::Ahead { begins } })
}

fn hired(view: &View<'_>, member: &Member<'_>, zone: &TimeZone) -> Option<CivilDay> {
    let value = view.population.column(HIRE_DATE).and_then(|column| column.value(member));
    dates::day_of(value, HIRE_DATE, zone).ok()
}

/// When a joiner workflow is due for the subject, however far ahead of the first day.
fn joins(view: &View<'_>, member: &Member<'_>, workflow: &Workflow) -> Option<Timestamp> {
    let Trigger::Time(trigger) = &workflow.trigger else { return None };
    let acts = view.record(&workflow.header.name).is_some_and(|record| record.mode != Mode::Observe);
    let is_joiner = workflow.category == Category::Joiner && trigger.attribute == HIRE_DATE && workflow.is_enabled;
    if !is_joiner || !acts || !is_in_scope(view, member, &workflow.scope) {
        return None;
    }
    let zone = ZoneReader::of(view, trigger.time_zone.as_deref()).zone(member).ok()?;
    let day = hired(view, member, &zone)?;
    Some(time::due_instant(day.date, day.inclusive, trigger.offset_in_days, trigger.at, &zone))
}

/// Whether it is certain that the subject is in scope.
fn is_in_scope(view: &View<'_>, member: &Member<'_>, scope: &Scope) -> bool {
    let is_in = |group: &String| {
        let reading = groups::reading(view.observed, view.ledger, (group, false));
        reading.is_ok_and(|reading| member.user_id().is_some_and(|user| reading.users.contains(user)))
    };
    scope.rule.as_ref().is_none_or(|rule| rule.evaluate(member) == Truth::Yes)
        && (scope.groups.is_empty() || scope.groups.iter().any(is_in))
        && !member.subject.is_named_in(&scope.except)
}
