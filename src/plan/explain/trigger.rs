//! Triggers: what makes the workflow due for the subject, when that is in both times, and whether it has come.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::counted::counted;
use crate::domain::ids::SubjectKey;
use crate::domain::reason::Reason;
use crate::domain::subject::AttributeValue;
use crate::domain::time::{self, TimeError};
use crate::plan::Plan;
use crate::plan::dates;
use crate::plan::ledger::LedgerChange;
use crate::plan::population::Member;
use crate::plan::watches::{earlier_subject, keys_of, watched_subject};
use crate::workflow::definition::{CatchUp, Change, Schedule, TimeTrigger, Trigger, Workflow};
use crate::workflow::rule::{AttributeSource, Truth};

use super::condition::Condition;
use super::input::Input;
use super::origin::Origin;
use super::value::{duration, instant, shown};
use super::verdict::Verdict;

/// When a date attribute makes a workflow due.
pub(super) struct DueDate {
    pub(super) at: Timestamp,
    pub(super) zone: TimeZone,
}

/// The zone in which a date trigger counts days for a subject: its own, else the person's, else the tenant's.
///
/// # Errors
/// Fails when no such zone is known.
pub(super) fn zone(trigger: &TimeTrigger, member: &Member<'_>, input: &Input<'_>) -> Result<TimeZone, TimeError> {
    let own = member.subject.person.map(|person| person.time_zone.as_str());
    time::zone(trigger.time_zone.as_deref().or(own).unwrap_or(&input.observed.tenant_zone))
}

/// The instant at which a date trigger is due for a subject, by the planner's own arithmetic.
///
/// # Errors
/// A sentence that says why there is none.
pub(super) fn due(trigger: &TimeTrigger, member: &Member<'_>, input: &Input<'_>) -> Result<DueDate, String> {
    let zone = zone(trigger, member, input).map_err(|error| error.to_string())?;
    let day = dates::day_of(member.attribute(&trigger.attribute), &trigger.attribute, &zone)
        .map_err(|reason| reason.to_string())?;
    let at = time::due_instant(day.date, day.inclusive, trigger.offset_in_days, trigger.at, &zone);
    Ok(DueDate { at, zone })
}

/// What the trigger asks, and what of it the planner found.
pub(super) fn condition(
    workflow: &Workflow,
    member: &Member<'_>,
    (verdict, plan): (&Verdict, &Plan),
    input: &Input<'_>,
) -> Condition {
    let mut condition = match &workflow.trigger {
        Trigger::Time(trigger) => by_date(trigger, member, input),
        Trigger::AttributeChange(change) => {
            let mut asks = format!("a change of {}", change.attributes.join(" or "));
            for (word, literals) in [("from", &change.from), ("to", &change.to)] {
                if let Some(literals) = literals {
                    let texts: Vec<String> = literals.iter().map(ToString::to_string).collect();
                    asks.push_str(&format!(" {word} {}", texts.join(" or ")));
                }
            }
            by_change(asks, &workflow.trigger, member, (verdict, plan), input)
        }
        Trigger::MembershipChange { group, change, .. } => {
            let way = if *change == Change::Came { "into" } else { "out of" };
            let asks = format!("coming {way} group '{group}'");
            by_change(asks, &workflow.trigger, member, (verdict, plan), input)
        }
        Trigger::FeedChange { feed, change } => {
            let way = if *change == Change::Came { "into" } else { "out of" };
            by_change(format!("coming {way} feed {feed}"), &workflow.trigger, member, (verdict, plan), input)
        }
        Trigger::Schedule(schedule) => by_schedule(schedule, workflow, verdict, input),
        Trigger::OnDemand => by_activation(workflow, member, input),
    };
    let is_scheduled = matches!(workflow.trigger, Trigger::Schedule(_));
    condition.parts.extend(lateness(workflow, verdict, is_scheduled));
    condition
}

fn by_date(trigger: &TimeTrigger, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let days = match trigger.offset_in_days {
        0 => "the day of".to_owned(),
        before @ ..0 => format!("{} before", counted(before.unsigned_abs(), "day")),
        after => format!("{} after", counted(after.unsigned_abs(), "day")),
    };
    let at = trigger.at.map(|at| format!(", at {}", at.strftime("%H:%M"))).unwrap_or_default();
    let asks = format!("{days} {}{at} has come", trigger.attribute);
    let value = member.attribute(&trigger.attribute);
    let from = Origin::of_attribute(member, &trigger.attribute, input.definitions, input.observed);
    let whose = match (&trigger.time_zone, member.subject.person) {
        (Some(_), _) => "the trigger's zone",
        (None, Some(_)) => "the person's zone",
        (None, None) => "the tenant's zone",
    };
    match due(trigger, member, input) {
        Ok(found) => Condition::new(asks, found.at <= input.now).seen(shown(value)).from(from).parts(vec![
            Condition::statement(format!("due, by {whose}")).seen(instant(found.at, &found.zone)),
            Condition::statement("now").seen(instant(input.now, &found.zone)),
        ]),
        Err(problem) => {
            let holds = if value.is_none() { Truth::Unknown } else { Truth::No };
            let is_told = value.is_some_and(|value| *value != AttributeValue::Null);
            Condition::new(asks, holds).seen(shown(value)).from(from).hint(is_told.then_some(problem))
        }
    }
}

/// The verdict is the planner's; what was seen is what the ledger has noted, or the planner notes now.
fn by_change(
    asks: String,
    trigger: &Trigger,
    member: &Member<'_>,
    (verdict, plan): (&Verdict, &Plan),
    input: &Input<'_>,
) -> Condition {
    let noted = keys_of(trigger).into_iter().map(|key| {
        let since = input.ledger.watched_since.get(&key).copied();
        let subject = watched_subject(&key, member);
        let news = plan.changes.iter().find_map(|change| match change {
            LedgerChange::Watched { subject: whose, key: other, value, before, changes }
                if Some(whose) == subject.as_ref() && *other == key =>
            {
                Some((value, before.as_ref(), *changes, None))
            }
            _ => None,
        });
        let row = |subject: SubjectKey| {
            let row = input.ledger.watched.get(&(subject, key.clone()))?;
            Some((&row.value, row.before.as_ref(), row.changes, Some(row.since)))
        };
        let noted = news.or_else(|| subject.and_then(row));
        // A baseline leaves standing what the account's change, from before the link, made of it.
        let earlier = earlier_subject(&key, member).and_then(row).filter(|(_, before, ..)| before.is_some());
        let stands = earlier.filter(|(value, ..)| noted.is_none_or(|noted| noted.1.is_none() && noted.0 == *value));
        match stands.or(noted) {
            Some((value, Some(before), changes, at)) => {
                let seen = format!("{}, before {}", value.as_str(), before.as_str());
                let at = at.or(Some(input.now));
                Condition::statement(format!("{key}, change {changes}"))
                    .seen(seen)
                    .from(Some(Origin::Ledger { since: at }))
            }
            Some((value, None, ..)) => Condition::statement(key.to_string())
                .seen(format!("{}, as at the first reading, which makes no occasion", value.as_str()))
                .from(Some(Origin::Ledger { since })),
            None => Condition::statement(key.to_string()).seen("no change noted").from(Some(Origin::Ledger { since })),
        }
    });
    Condition::new(asks, has_come(verdict)).parts(noted.collect())
}

fn by_schedule(schedule: &Schedule, workflow: &Workflow, verdict: &Verdict, input: &Input<'_>) -> Condition {
    let name = schedule.time_zone.as_deref().unwrap_or(&input.observed.tenant_zone);
    let zone = time::zone(name).unwrap_or(TimeZone::UTC);
    let last = input.ledger.schedules.get(&workflow.header.name);
    let seen = last.map_or_else(|| "none yet".to_owned(), |last| instant(*last, &zone));
    let next = verdict.reasons().find_map(Reason::changes_at);
    let mut parts = vec![
        Condition::statement("the last instant dealt with")
            .seen(seen)
            .from(Some(Origin::Ledger { since: last.copied() })),
    ];
    parts.extend(next.map(|next| Condition::statement("the next instant").seen(instant(next, &zone))));
    parts.push(Condition::statement("now").seen(instant(input.now, &zone)));
    Condition::new(format!("an instant of the schedule '{}' in {name}", schedule.cron), has_come(verdict)).parts(parts)
}

fn by_activation(workflow: &Workflow, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let own = input.ledger.activations.iter().filter(|(_, activation)| {
        activation.workflow == workflow.header.name && member.subject.goes_by(&activation.subject)
    });
    let parts: Vec<Condition> = own
        .map(|(id, activation)| {
            let since = Some(activation.requested);
            Condition::statement(format!("activation {id}")).from(Some(Origin::Ledger { since }))
        })
        .collect();
    Condition::new("an operator has activated it", !parts.is_empty()).parts(parts)
}

/// Whether the planner found the trigger's moment for the subject.
fn has_come(verdict: &Verdict) -> Truth {
    let has = |is_meant: fn(&Reason) -> bool| verdict.reasons().any(is_meant);
    if has(|reason| matches!(reason, Reason::NoOccasion)) {
        Truth::No
    } else if has(|reason| matches!(reason, Reason::Unknown { .. })) {
        Truth::Unknown
    } else {
        Truth::Yes
    }
}

/// Whether it is made up for, as the planner says.
fn lateness(workflow: &Workflow, verdict: &Verdict, is_scheduled: bool) -> Option<Condition> {
    let late = verdict.reasons().find(|reason| {
        matches!(reason, Reason::TooLate { .. } | Reason::BeforeDocument { .. } | Reason::ModeChanged { .. })
    });
    let asks = match workflow.catch_up {
        _ if is_scheduled => "in time, or made up for".to_owned(),
        CatchUp::None => "in time: on the day it is due (catchUp: none)".to_owned(),
        CatchUp::Within(limit) => format!("in time: up to {} late (catchUp)", duration(limit)),
        CatchUp::Always => "in time: however late (catchUp: always)".to_owned(),
    };
    match late {
        Some(reason) => Some(Condition::new(asks, false).seen(reason.to_string())),
        None if is_scheduled => None,
        None => Some(Condition::statement(asks)),
    }
}
