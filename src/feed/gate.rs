//! The feed gate: whether a delivery may replace the snapshot in force. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ids::{DocumentHash, PersonKey};
use crate::domain::subject::{AttributeValue, Person};
use crate::domain::time;
use crate::store::FeedState;

use super::csv::Table;
use super::{FeedBase, Verdict};

/// The date attribute of leaving, whether or not its column is declared inclusive.
const LEAVE_ATTRIBUTE: &str = "employeeLeaveDateTime";

/// Whether these bytes, read by this version of the feed's document, are the snapshot in force.
pub fn is_in_force(digest: &str, feed_hash: &DocumentHash, state: &FeedState) -> bool {
    state.accepted.first().is_some_and(|last| last.digest == digest && last.feed_hash == feed_hash.as_str())
}

/// Whether these bytes, read by this version of the feed's document, were refused since the last delivery was accepted.
pub fn was_refused(digest: &str, feed_hash: &DocumentHash, state: &FeedState) -> bool {
    state.last_refused.as_ref().is_some_and(|refused| {
        refused.digest == digest
            && refused.feed_hash == feed_hash.as_str()
            && state.accepted.first().is_none_or(|accepted| accepted.judged <= refused.judged)
    })
}

/// The header that the next delivery must have: that of the last accepted one, unless the feed's document changed since.
pub fn last_header<'a>(feed_hash: &DocumentHash, state: &'a FeedState) -> Option<&'a [String]> {
    let last = state.accepted.first().filter(|last| last.feed_hash == feed_hash.as_str())?;
    Some(&last.header)
}

/// Judges a delivery by design.md section 5: the first rule it breaks refuses it. Bytes already in force are not judged again.
///
/// Every limit is "more than the greater of a count and a share". People of `state` are the previous snapshot; `base` counts as long as no
/// delivery was accepted that measured up to it.
pub fn judge(table: &Table, state: &FeedState, base: FeedBase, now: Timestamp) -> Verdict {
    let by_itself = || zero_rows(table).or_else(|| bad_keys(table)).or_else(|| bad_columns(table));
    let by_rows = || rows_lost(table, state);
    let by_people = || {
        let before = Before::of(state);
        people_lost(table, &before)
            .or_else(|| leavers_surge(table, &before, now))
            .or_else(|| leave_dates_cleared(table, &before, now))
            .or_else(|| attribute_surge(table, &before))
    };
    match by_itself().or_else(by_rows).or_else(by_people) {
        Some((rule, why)) => Verdict::Refused { rule, why },
        None => measure(table, state, base),
    }
}

/// The rule's stable word, and the sentence with the figures.
type Refusal = (&'static str, String);

/// Whether `count` is more than the greater of `floor` and `per_mille` thousandths of `base`.
fn is_over(count: usize, floor: usize, per_mille: usize, base: usize) -> bool {
    count > floor && count.saturating_mul(1000) > base.saturating_mul(per_mille)
}

/// The people of a delivery whose record can be used.
fn usable(table: &Table) -> impl Iterator<Item = &Person> {
    table.records.values().filter_map(|record| record.person.as_ref().ok())
}

fn zero_rows(table: &Table) -> Option<Refusal> {
    let why = match table.rows {
        0 => "it has a header and no rows".to_owned(),
        rows if usable(table).next().is_none() => format!("none of its {rows} rows can be used"),
        _ => return None,
    };
    Some(("zeroRows", why))
}

fn bad_keys(table: &Table) -> Option<Refusal> {
    let (unkeyed, conflicting) = (table.unkeyed.len(), table.conflicting);
    is_over(unkeyed + conflicting, 2, 5, table.rows).then(|| {
        let why = format!(
            "{unkeyed} of {} rows have no usable key and {conflicting} keys come with different records; at most 2 or 0.5 % may",
            table.rows
        );
        ("badKeys", why)
    })
}

fn bad_columns(table: &Table) -> Option<Refusal> {
    let (column, failing) = table.bad_columns.iter().find(|(_, failing)| is_over(**failing, 2, 5, table.rows))?;
    let rows = table.rows;
    Some((
        "badColumn",
        format!("column '{column}' cannot be read in {failing} of {rows} rows; at most 2 or 0.5 % may fail"),
    ))
}

fn rows_lost(table: &Table, state: &FeedState) -> Option<Refusal> {
    let mut rows: Vec<usize> = state.accepted.iter().take(5).map(|delivery| delivery.rows).collect();
    rows.sort_unstable();
    let median = *rows.get(rows.len() / 2)?;
    let lost = median.saturating_sub(table.rows);
    is_over(lost, 3, 100, median).then(|| {
        let why = format!(
            "it has {} rows, {lost} fewer than the {median} usual in the last {} accepted deliveries; at most 3 or 10 % may go at once",
            table.rows,
            rows.len()
        );
        ("rowsLost", why)
    })
}

/// The people of the snapshot in force.
struct Before<'a>(BTreeMap<&'a PersonKey, &'a Person>);

impl<'a> Before<'a> {
    fn of(state: &'a FeedState) -> Self {
        Self(state.persons.iter().map(|person| (&person.key, person)).collect())
    }
}

/// The count of rows says nothing when all keys are other keys (leading zeros lost in a spreadsheet), so people are counted too.
fn people_lost(table: &Table, before: &Before<'_>) -> Option<Refusal> {
    let delivered: Vec<_> = before.0.values().filter(|person| !person.missing).collect();
    let lost = delivered.iter().filter(|person| !table.records.contains_key(&person.key)).count();
    is_over(lost, 3, 100, delivered.len()).then(|| {
        let why = format!(
            "{lost} of the {} people of the last accepted delivery are not in it; at most 3 or 10 % may go at once",
            delivered.len()
        );
        ("rowsLost", why)
    })
}

/// The attributes that end a person's employment: a name, the date as written, and whether that day still counts.
fn is_leave_date(name: &str, value: &AttributeValue) -> bool {
    matches!(value, AttributeValue::Date { inclusive, .. } if *inclusive || name == LEAVE_ATTRIBUTE)
}

/// Whether `value` is a date that `person` has reached.
fn is_due(person: &Person, value: &AttributeValue, now: Timestamp) -> bool {
    let AttributeValue::Date { date, inclusive } = value else { return false };
    time::zone(&person.time_zone)
        .and_then(|zone| time::due_instant(*date, *inclusive, 0, None, &zone))
        .is_ok_and(|due| due <= now)
}

fn leavers_surge(table: &Table, before: &Before<'_>, now: Timestamp) -> Option<Refusal> {
    let becomes_leaver = |person: &&Person| {
        person.attributes.iter().any(|(name, value)| {
            let was = before.0.get(&person.key).map(|was| (was, was.attributes.get(name)));
            let is_news = match was {
                None => true,
                // The first reading of an attribute is a baseline.
                Some((_, None)) => false,
                Some((was, Some(old))) => old != value && !is_due(was, old, now),
            };
            is_news && is_leave_date(name, value) && is_due(person, value, now)
        })
    };
    if before.0.is_empty() {
        return None;
    }
    let leavers = usable(table).filter(becomes_leaver).count();
    let people = before.0.len();
    is_over(leavers, 3, 20, people).then(|| {
        let why = format!(
            "{leavers} people get a leave date that has already passed, where {people} are in force; at most 3 or 2 % may at once"
        );
        ("leaversSurge", why)
    })
}

fn leave_dates_cleared(table: &Table, before: &Before<'_>, now: Timestamp) -> Option<Refusal> {
    let future: Vec<(&Person, &String)> = before
        .0
        .values()
        .flat_map(|person| person.attributes.iter().map(move |(name, value)| (*person, name, value)))
        .filter(|(person, name, value)| is_leave_date(name, value) && !is_due(person, value, now))
        .map(|(person, name, _)| (person, name))
        .collect();
    let is_cleared = |(person, name): &&(&Person, &String)| {
        let record = table.records.get(&person.key).and_then(|record| record.person.as_ref().ok());
        record.is_some_and(|person| person.attributes.get(*name) == Some(&AttributeValue::Null))
    };
    let cleared = future.iter().filter(is_cleared).count();
    is_over(cleared, 3, 10, future.len()).then(|| {
        let why = format!(
            "{cleared} of {} leave dates that lie ahead are cleared; at most 3 or 1 % may be at once",
            future.len()
        );
        ("leaveDatesCleared", why)
    })
}

fn attribute_surge(table: &Table, before: &Before<'_>) -> Option<Refusal> {
    let both: Vec<(&Person, &Person)> =
        usable(table).filter_map(|person| Some((*before.0.get(&person.key)?, person))).collect();
    let mut changed: BTreeMap<&str, usize> = BTreeMap::new();
    for (was, is) in &both {
        for (name, value) in &is.attributes {
            if was.attributes.get(name).is_some_and(|old| old != value) {
                *changed.entry(name).or_default() += 1;
            }
        }
    }
    let (name, count) = changed.into_iter().find(|(_, count)| is_over(*count, 9, 300, both.len()))?;
    let people = both.len();
    Some((
        "attributeSurge",
        format!("'{name}' changes for {count} of {people} people; at most 9 or 30 % may change at once"),
    ))
}

/// A delivery that broke no rule, against the directory: until one measures up to it, removals wait.
fn measure(table: &Table, state: &FeedState, base: FeedBase) -> Verdict {
    let measured = state.accepted.first().is_some_and(|last| last.verdict == Verdict::Accepted.word());
    let users = base.joined_users;
    let short = users.saturating_sub(table.rows);
    if measured || !is_over(short, 3, 100, users) {
        return Verdict::Accepted;
    }
    Verdict::AcceptedRemovalsWait {
        why: format!(
            "it has {} rows where {users} directory users carry an employee id, and no delivery that covers them was accepted before",
            table.rows
        ),
    }
}
