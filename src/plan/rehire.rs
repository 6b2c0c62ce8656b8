//! Rehires: somebody who left, or is about to, and is hired again is no leaver any more once the new employment begins.

use jiff::civil::Date;

use crate::domain::action::Category;
use crate::domain::subject::HIRE_DATE;
use crate::domain::time;
use crate::workflow::definition::{Mode, Trigger, Workflow};
use crate::workflow::rule::Truth;

use super::dates;
use super::draft::View;
use super::population::Member;

/// A hire after the last day of an earlier employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehire {
    /// HR has announced it; until it begins, the person is still out.
    Ahead,
    /// It has begun: its day has come, a joiner workflow is due ahead of it, or it follows the last day without a gap.
    Begun,
}

/// Whether the subject is hired again after `left`, the last day of an earlier employment; `None` also where that was not read.
pub fn after(view: &View<'_>, member: &Member<'_>, left: Date) -> Option<Rehire> {
    let zone = dates::zone_of(view, member, None).ok()?;
    let hired = dates::day_of(member, HIRE_DATE, &zone).ok()?;
    if hired.date <= left {
        return None;
    }
    let follows = left.tomorrow().is_ok_and(|next| next == hired.date);
    let has_come = || time::start_of_day(hired.date, &zone) <= view.now;
    let is_expected = || view.definitions.workflows.iter().any(|workflow| expects(view, member, workflow));
    Some(if follows || has_come() || is_expected() { Rehire::Begun } else { Rehire::Ahead })
}

/// Whether a joiner workflow is due for the subject, however far ahead of the first day.
fn expects(view: &View<'_>, member: &Member<'_>, workflow: &Workflow) -> bool {
    let Trigger::Time(trigger) = &workflow.trigger else { return false };
    let acts = view.record(&workflow.header.name).is_some_and(|record| record.mode != Mode::Observe);
    if workflow.category != Category::Joiner || trigger.attribute != HIRE_DATE || !workflow.is_enabled || !acts {
        return false;
    }
    let Ok(zone) = dates::zone_of(view, member, trigger.time_zone.as_deref()) else { return false };
    let Ok(day) = dates::day_of(member, HIRE_DATE, &zone) else { return false };
    let due = time::due_instant(day.date, day.inclusive, trigger.offset_in_days, trigger.at, &zone);
    let is_in_scope = || workflow.scope.rule.as_ref().is_none_or(|rule| rule.evaluate(member) == Truth::Yes);
    due <= view.now && is_in_scope()
}
