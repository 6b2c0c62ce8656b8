//! The feed gate: whether a delivery may replace the snapshot in force. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ids::{DocumentHash, PersonKey};
use crate::domain::subject::{AttributeValue, LEAVE_DATE, Person};
use crate::domain::time;
use crate::store::FeedState;

use super::table::Table;
use super::{FeedBase, Verdict};

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
    matches!(value, AttributeValue::Date { inclusive, .. } if *inclusive || name == LEAVE_DATE)
}

/// Whether `value` is a date that `person` has reached.
fn is_due(person: &Person, value: &AttributeValue, now: Timestamp) -> bool {
    let AttributeValue::Date { date, inclusive } = value else { return false };
    time::zone(&person.time_zone).is_ok_and(|zone| time::due_instant(*date, *inclusive, 0, None, &zone) <= now)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::fixture::{HEADER, NO_BASE, accepted, feed, now, people, state_after};
    use crate::feed::judge::judge as judge_bytes;

    /// What happens to `text` after a delivery of `before`.
    fn verdict(before: &str, text: &str) -> Verdict {
        judge_bytes(text.as_bytes(), &feed(), &accepted(before), NO_BASE, now()).verdict
    }

    #[track_caller]
    fn check_refused(verdict: Verdict, rule: &str, figures: &str) {
        let Verdict::Refused { rule: found, why } = verdict else { panic!("{verdict:?}") };
        assert_eq!(found, rule, "{why}");
        assert!(why.contains(figures), "{why}");
    }

    /// A delivery of `count` people, of whom the first `changed` have this row behind their key.
    fn with(count: usize, changed: usize, row: &str) -> String {
        people(count, |number| (number <= changed).then(|| format!("{number:05};{row}")))
    }

    const LEFT: &str = "Sales;01.02.2020;30.11.2026;yes;";
    const LEAVES: &str = "Sales;01.02.2020;31.12.2026;yes;";

    #[test]
    fn a_delivery_without_rows_or_without_a_usable_row_is_refused() {
        check_refused(verdict(&people(5, |_| None), HEADER), "zeroRows", "no rows");
        check_refused(verdict(&people(2, |_| None), &with(2, 2, "Sales;x;;yes;")), "zeroRows", "none of its 2 rows");
    }

    #[test]
    fn losing_more_rows_than_usual_is_refused_and_the_last_allowed_one_is_not() {
        let before = people(100, |_| None);
        assert_eq!(verdict(&before, &people(90, |_| None)), Verdict::Accepted);
        check_refused(verdict(&before, &people(89, |_| None)), "rowsLost", "89 rows, 11 fewer than the 100 usual");
        assert_eq!(verdict(&people(6, |_| None), &people(3, |_| None)), Verdict::Accepted);
        check_refused(verdict(&people(6, |_| None), &people(2, |_| None)), "rowsLost", "2 rows");
    }

    #[test]
    fn shrinking_slowly_is_measured_against_the_median_of_five() {
        let mut state = accepted(&people(100, |_| None));
        for count in [95, 91, 90] {
            let text = people(count, |_| None);
            let judgement = judge_bytes(text.as_bytes(), &feed(), &state, NO_BASE, now());
            assert_eq!(judgement.verdict, Verdict::Accepted, "{count}");
            state = state_after(state, &text, judgement);
        }
        // Within a tenth of the last delivery, but not of the usual one.
        let judgement = judge_bytes(people(84, |_| None).as_bytes(), &feed(), &state, NO_BASE, now());
        check_refused(judgement.verdict, "rowsLost", "84 rows, 11 fewer than the 95 usual in the last 4");
    }

    #[test]
    fn as_many_rows_with_other_keys_are_other_people() {
        let before = people(50, |_| None);
        let text = people(50, |number| Some(format!("{number};Sales;01.02.2020;;yes;")));
        check_refused(verdict(&before, &text), "rowsLost", "50 of the 50 people");
    }

    #[test]
    fn bad_and_conflicting_keys_are_refused_above_two_or_half_a_percent() {
        let before = people(50, |_| None);
        let double = people(51, |number| (number == 51).then(|| "00007;IT;;;yes;".to_owned()));
        assert_eq!(verdict(&before, &double), Verdict::Accepted);
        let worse = people(53, |number| match number {
            51 => Some("00007;IT;;;yes;".to_owned()),
            52 | 53 => Some(";IT;;;yes;".to_owned()),
            _ => None,
        });
        check_refused(verdict(&before, &worse), "badKeys", "2 of 53 rows have no usable key and 1 keys");
    }

    #[test]
    fn a_column_that_cannot_be_read_is_refused_above_two_or_half_a_percent() {
        let before = people(600, |_| None);
        let bad = "Sales;2020-02-01;;yes;";
        assert_eq!(verdict(&before, &with(600, 3, bad)), Verdict::Accepted);
        check_refused(verdict(&before, &with(600, 4, bad)), "badColumn", "column 'Hire' cannot be read in 4 of 600");
        check_refused(verdict(&before, &with(600, 4, "Sales;;;yes;Mars/Olympus")), "badColumn", "column 'Zone'");
    }

    #[test]
    fn many_people_who_left_at_once_are_refused() {
        let before = people(200, |_| None);
        assert_eq!(verdict(&before, &with(200, 4, LEFT)), Verdict::Accepted);
        check_refused(verdict(&before, &with(200, 5, LEFT)), "leaversSurge", "5 people get a leave date");
        assert_eq!(verdict(&before, &with(200, 50, LEAVES)), Verdict::Accepted);
        // Time passing makes no surge: the date stood there before.
        assert_eq!(verdict(&with(200, 50, LEFT), &with(201, 50, LEFT)), Verdict::Accepted);
        // Unknown people with a past leave date may be users with access.
        let newcomers = people(205, |number| (number > 200).then(|| format!("{number:05};{LEFT}")));
        check_refused(verdict(&before, &newcomers), "leaversSurge", "5 people");
    }

    #[test]
    fn a_last_working_day_is_not_over_before_its_evening() {
        let before = people(50, |_| None);
        assert_eq!(verdict(&before, &with(50, 10, "Sales;01.02.2020;01.12.2026;yes;")), Verdict::Accepted);
        // In Auckland it is over already.
        let far_east = with(50, 10, "Sales;01.02.2020;30.11.2026;yes;Pacific/Auckland");
        check_refused(verdict(&before, &far_east), "leaversSurge", "10 people");
    }

    #[test]
    fn a_newly_mapped_leave_date_is_a_baseline() {
        let before = with(200, 50, LEFT);
        let mut state = accepted(&before);
        for person in &mut state.persons {
            person.attributes.remove("employeeLeaveDateTime");
        }
        let mut edited = feed();
        edited.hash = "document-2".into();
        let judgement = judge_bytes(before.as_bytes(), &edited, &state, NO_BASE, now());
        assert_eq!(judgement.verdict, Verdict::Accepted);
    }

    #[test]
    fn many_cleared_leave_dates_are_refused() {
        let before = with(200, 50, LEAVES);
        let cleared = |count: usize| {
            people(200, |number| (number <= 50 && number > count).then(|| format!("{number:05};{LEAVES}")))
        };
        assert_eq!(verdict(&before, &cleared(3)), Verdict::Accepted);
        check_refused(verdict(&before, &cleared(4)), "leaveDatesCleared", "4 of 50 leave dates");
        // Dates that were reached may go.
        assert_eq!(verdict(&with(200, 50, LEFT), &people(200, |_| None)), Verdict::Accepted);
    }

    #[test]
    fn an_attribute_that_changes_for_a_third_of_the_people_is_refused() {
        let moved = "IT;01.02.2020;;yes;";
        assert_eq!(verdict(&people(40, |_| None), &with(40, 12, moved)), Verdict::Accepted);
        check_refused(
            verdict(&people(40, |_| None), &with(40, 13, moved)),
            "attributeSurge",
            "'department' changes for 13 of 40",
        );
        assert_eq!(verdict(&people(10, |_| None), &with(10, 9, moved)), Verdict::Accepted);
    }

    #[test]
    fn removals_wait_until_a_delivery_measures_up_to_the_directory() {
        let base = FeedBase { joined_users: 100 };
        let judged =
            |state: &FeedState, count| judge_bytes(people(count, |_| None).as_bytes(), &feed(), state, base, now());
        let first = judged(&FeedState::default(), 89);
        assert!(matches!(first.verdict, Verdict::AcceptedRemovalsWait { .. }));
        assert_eq!(judged(&FeedState::default(), 90).verdict, Verdict::Accepted);

        // A second small one does not turn the wait into consent; a full one does, and from then on the feed is its own measure.
        let waiting = state_after(FeedState::default(), &people(89, |_| None), first);
        assert!(matches!(judged(&waiting, 88).verdict, Verdict::AcceptedRemovalsWait { .. }));
        let full = judged(&waiting, 91);
        assert_eq!(full.verdict, Verdict::Accepted);
        assert_eq!(judged(&state_after(waiting, &people(91, |_| None), full), 88).verdict, Verdict::Accepted);
    }

    #[test]
    fn known_bytes_are_known_only_under_the_same_version_of_the_document() {
        let text = people(5, |_| None);
        let mut state = accepted(&text);
        let digest = state.accepted[0].digest.clone();
        let (same, edited) = ("document-1".into(), "document-2".into());
        assert!(is_in_force(&digest, &same, &state) && !is_in_force(&digest, &edited, &state));
        assert!(last_header(&same, &state).is_some() && last_header(&edited, &state).is_none());

        state.last_refused = Some(crate::store::DeliveryRecord { digest: "bad".into(), ..state.accepted[0].clone() });
        assert!(was_refused("bad", &same, &state) && !was_refused("bad", &edited, &state));
        state.accepted[0].judged = now() + jiff::SignedDuration::from_hours(1);
        assert!(!was_refused("bad", &same, &state), "another delivery was accepted since");
    }
}
