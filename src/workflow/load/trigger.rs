//! `trigger:` of a workflow.

use jiff::SignedDuration;
use jiff::civil::Time;

use crate::domain::action::Category;
use crate::domain::cron::Cron;
use crate::workflow::definition::{AttributeChange, CatchUp, Change, Missed, Schedule, TimeTrigger, Trigger};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{
    boolean, checked, duration, integer, list, mapping, some_of, text, time_zone, word,
};
use crate::workflow::reader::{Field, Reader, iso_duration};
use crate::workflow::rule::Literal;
use crate::workflow::yaml::{ScalarKind, Value};

use super::Surroundings;
use super::value::feed_name;

/// A joiner or mover who is later than this stays a question for people (Lifecycle Workflows has the same window).
const USUAL_CATCH_UP: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How far back missed times of a schedule are looked for, unless the document says otherwise.
const USUAL_WINDOW: SignedDuration = SignedDuration::from_hours(24);
const FURTHEST_OFFSET: i32 = 3650;
const SECONDS_A_DAY: i64 = 86_400;

/// The triggers, by the key that names each.
pub(super) const TRIGGERS: [&str; 6] =
    ["timeBasedAttribute", "attributeChange", "membershipChange", "feedChange", "schedule", "onDemand"];
const MEMBERSHIP_CHANGES: &[(&str, Change)] = &[("added", Change::Came), ("removed", Change::Went)];
const FEED_CHANGES: &[(&str, Change)] = &[("appeared", Change::Came), ("disappeared", Change::Went)];
const MISSED: &[(&str, Missed)] = &[("none", Missed::None), ("one", Missed::One), ("all", Missed::All)];

/// Reads a trigger and how late it may still run.
pub(super) fn read(
    reader: &mut Reader<'_>,
    category: Option<Category>,
    surroundings: &Surroundings,
) -> Option<(Trigger, CatchUp)> {
    let Some(which) = reader.exactly_one_of(&TRIGGERS) else {
        reader.ignore_the_rest();
        return None;
    };
    let usual = if category == Some(Category::Leaver) { CatchUp::Always } else { CatchUp::Within(USUAL_CATCH_UP) };
    let catch_up = match which {
        "schedule" | "onDemand" => {
            reader.refuse(&["catchUp"], "does not go with this trigger");
            CatchUp::Always
        }
        _ => reader.optional("catchUp", checked(catch_up)).unwrap_or(usual),
    };
    let trigger = match which {
        "timeBasedAttribute" => time(reader, surroundings).map(Trigger::Time),
        "attributeChange" => reader
            .required("attributeChange", mapping(|reader| attribute_change(reader, surroundings)))
            .map(Trigger::AttributeChange),
        "membershipChange" => reader.required("membershipChange", mapping(membership_change)),
        "feedChange" => reader.required("feedChange", mapping(|reader| feed_change(reader, surroundings))),
        "schedule" => schedule(reader).map(Trigger::Schedule),
        _ => on_demand(reader),
    };
    Some((trigger?, catch_up))
}

fn time(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<TimeTrigger> {
    let attribute = reader.required(
        "timeBasedAttribute",
        checked(|name| surroundings.attributes.borrow().check_trigger(name).map(|()| name.to_owned())),
    );
    let offset_in_days = reader.required("offsetInDays", integer(-FURTHEST_OFFSET..=FURTHEST_OFFSET));
    let at = reader.optional("at", checked(time_of_day));
    let time_zone = reader.optional("timeZone", time_zone);
    let backfill_days = reader.optional("backfill", checked(whole_days));
    Some(TimeTrigger { attribute: attribute?, offset_in_days: offset_in_days?, at, time_zone, backfill_days })
}

fn attribute_change(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<AttributeChange> {
    let known = |name: &str| surroundings.attributes.borrow().check_watched(name).map(|()| name.to_owned());
    let attributes = reader.required("attributes", some_of(checked(known)));
    let from = reader.optional_or_null("from", literals);
    let to = reader.optional_or_null("to", literals);
    let attributes = attributes?;
    if attributes.len() > 1 {
        reader.refuse(&["from", "to"], "goes only with one attribute");
    }
    Some(AttributeChange { attributes, from, to })
}

fn membership_change(reader: &mut Reader<'_>) -> Option<Trigger> {
    let group = reader.required("group", text);
    let change = reader.required_word("change", MEMBERSHIP_CHANGES);
    let transitive = reader.optional("transitive", boolean).unwrap_or(false);
    Some(Trigger::MembershipChange { group: group?, transitive, change: change? })
}

fn feed_change(reader: &mut Reader<'_>, surroundings: &Surroundings) -> Option<Trigger> {
    let feed = reader.required("feed", |field| feed_name(field, surroundings));
    let change = reader.required_word("change", FEED_CHANGES);
    Some(Trigger::FeedChange { feed: feed?, change: change? })
}

fn schedule(reader: &mut Reader<'_>) -> Option<Schedule> {
    let parse = |text: &str| {
        text.parse::<Cron>().map_err(|error| {
            Complaint::new(error.to_string()).hint("write it as in \"0 6 * * MON\": minute, hour, day, month, weekday")
        })
    };
    let cron = reader.required("schedule", checked(parse));
    let time_zone = reader.optional("timeZone", time_zone);
    let missed = reader.optional("missed", word(MISSED));
    let window = reader.optional("window", duration);
    Some(Schedule {
        cron: cron?,
        time_zone,
        missed: missed.unwrap_or(Missed::One),
        window: window.unwrap_or(USUAL_WINDOW),
    })
}

fn on_demand(reader: &mut Reader<'_>) -> Option<Trigger> {
    reader.required("onDemand", |field: Field<'_>| {
        if boolean(field)? {
            return Some(Trigger::OnDemand);
        }
        field.report(Complaint::new("`onDemand` can only be true").hint("or give another trigger"));
        None
    })
}

/// One value of an attribute, or a list of them: texts, true, false, null.
fn literals(field: Field<'_>) -> Option<Vec<Literal>> {
    match &field.node.value {
        Value::Sequence(_) => list(literal)(field),
        _ => literal(field).map(|literal| vec![literal]),
    }
}

fn literal(field: Field<'_>) -> Option<Literal> {
    match &field.node.value {
        Value::Scalar(scalar) => match (scalar.kind, scalar.text.as_str()) {
            (ScalarKind::Null, _) => Some(Literal::Null),
            (ScalarKind::Bool, text) => Some(Literal::Bool(text == "true")),
            (_, text) => Some(Literal::Text(text.to_owned())),
        },
        Value::Sequence(_) | Value::Mapping(_) => {
            field.report(Complaint::new(format!("`{}` must be a value or a list of values", field.key)));
            None
        }
    }
}

/// `HH:MM`.
fn time_of_day(text: &str) -> Result<Time, Complaint> {
    let two_digits = |part: &str| {
        let written = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        written.then(|| part.parse().ok()).flatten()
    };
    let time =
        text.split_once(':').and_then(|(hour, minute)| Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok());
    let hint = if text == "24:00" { "a day ends with 00:00 of the next one" } else { "write it as in 08:00" };
    time.ok_or_else(|| Complaint::new(format!("{} is not a time of day", quoted(text))).hint(hint))
}

fn catch_up(text: &str) -> Result<CatchUp, Complaint> {
    match text {
        "none" => Ok(CatchUp::None),
        "always" => Ok(CatchUp::Always),
        _ if text.starts_with('P') => iso_duration(text).map(CatchUp::Within),
        _ => {
            let complaint =
                Complaint::new(format!("{} is neither none, always nor a duration such as P3D", quoted(text)));
            Err(complaint.suggest(text, ["none", "always"]))
        }
    }
}

fn whole_days(text: &str) -> Result<i32, Complaint> {
    let seconds = iso_duration(text)?.as_secs();
    let days = i32::try_from(seconds / SECONDS_A_DAY).ok().filter(|_| seconds % SECONDS_A_DAY == 0);
    days.ok_or_else(|| {
        Complaint::new(format!("{} is not a number of whole days", quoted(text))).hint("write it as in P30D")
    })
}
