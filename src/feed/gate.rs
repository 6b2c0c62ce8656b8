//! The feed gate: whether a delivery may replace the snapshot in force. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ids::{DocumentHash, PersonKey};
use crate::domain::subject::{AttributeValue, LEAVE_DATE, Person};
use crate::domain::time;
use crate::store::{DELIVERIES_LOOKED_BACK_ON, FeedState};
use crate::workflow::definition::{ColumnMapping, Feed};

use super::column;
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
/// Every limit is "more than the greater of a count and a share". People of `state` are the previous snapshot; `base` counts until enough
/// deliveries were accepted.
pub fn judge(table: &Table, feed: &Feed, state: &FeedState, base: FeedBase, now: Timestamp) -> Verdict {
    let by_itself = || zero_rows(table).or_else(|| bad_keys(table, feed)).or_else(|| bad_columns(table, feed));
    let by_rows = || too_few_rows(table, feed).or_else(|| rows_lost(table, feed, state));
    let by_people = || {
        let before = Before::of(state);
        people_lost(table, feed, &before)
            .or_else(|| leavers_surge(table, feed, &before, now))
            .or_else(|| leave_dates_cleared(table, feed, &before, now))
            .or_else(|| attribute_surge(table, feed, &before))
    };
    match by_itself().or_else(by_rows).or_else(by_people) {
        Some((rule, why)) => Verdict::Refused { rule, why },
        None => measure(table, feed, state, base),
    }
}

/// Judges a delivery that a person accepted: only one from which nothing at all can be taken is refused.
pub fn judge_accepted_by_person(table: &Table) -> Verdict {
    match zero_rows(table) {
        Some((rule, why)) => Verdict::Refused { rule, why },
        None => Verdict::Accepted,
    }
}

/// The rule's stable word, and the sentence with the figures.
pub type Refusal = (&'static str, String);

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

fn bad_keys(table: &Table, feed: &Feed) -> Option<Refusal> {
    let (unkeyed, conflicting, limit) = (table.unkeyed.len(), table.conflicting, feed.limits.bad_keys);
    limit.is_passed_by(unkeyed + conflicting, table.rows).then(|| {
        let why = format!(
            "{unkeyed} of {} rows have no usable key and {conflicting} keys come with different records; at most {limit} may",
            table.rows
        );
        ("badKeys", why)
    })
}

fn bad_columns(table: &Table, feed: &Feed) -> Option<Refusal> {
    let (limit, rows) = (feed.limits.bad_column, table.rows);
    let (column, failing) = table.bad_columns.iter().find(|(_, failing)| limit.is_passed_by(**failing, rows))?;
    Some((
        "badColumn",
        format!("column '{column}' cannot be read in {failing} of {rows} rows; at most {limit} may fail"),
    ))
}

fn too_few_rows(table: &Table, feed: &Feed) -> Option<Refusal> {
    let (rows, least) = (table.rows, feed.limits.least_rows);
    let is_too_few = usize::try_from(least).is_ok_and(|least| rows < least);
    is_too_few.then(|| {
        ("tooFewRows", format!("it has {rows} rows, and the feed's document says that there are at least {least}"))
    })
}

fn rows_lost(table: &Table, feed: &Feed, state: &FeedState) -> Option<Refusal> {
    let looked_back_on = state.accepted.iter().take(DELIVERIES_LOOKED_BACK_ON);
    let mut rows: Vec<usize> = looked_back_on.map(|delivery| delivery.rows).collect();
    rows.sort_unstable();
    let median = *rows.get(rows.len() / 2)?;
    let (lost, limit) = (median.saturating_sub(table.rows), feed.limits.rows_lost);
    limit.is_passed_by(lost, median).then(|| {
        let why = format!(
            "it has {} rows, {lost} fewer than the {median} usual in the last {} accepted deliveries; at most {limit} may go at once",
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
fn people_lost(table: &Table, feed: &Feed, before: &Before<'_>) -> Option<Refusal> {
    let delivered: Vec<_> = before.0.values().filter(|person| !person.missing).collect();
    let lost = delivered.iter().filter(|person| !table.records.contains_key(&person.key)).count();
    let limit = feed.limits.rows_lost;
    limit.is_passed_by(lost, delivered.len()).then(|| {
        let why = format!(
            "{lost} of the {} people of the last accepted delivery are not in it; at most {limit} may go at once",
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

/// Whether the column of this attribute says by `value` that somebody has left.
fn says_left(feed: &Feed, name: &str, value: &AttributeValue) -> bool {
    let is_it = |mapping: &ColumnMapping| {
        mapping.leavers.iter().any(|leaver| column::value(leaver, mapping).is_ok_and(|leaver| leaver == *value))
    };
    feed.attributes.get(name).is_some_and(is_it)
}

fn leavers_surge(table: &Table, feed: &Feed, before: &Before<'_>, now: Timestamp) -> Option<Refusal> {
    let has_left = |person: &Person, name: &str, value: &AttributeValue| {
        is_leave_date(name, value) && is_due(person, value, now) || says_left(feed, name, value)
    };
    let becomes_leaver = |person: &&Person| {
        person.attributes.iter().any(|(name, value)| {
            let was = before.0.get(&person.key).map(|was| (was, was.attributes.get(name)));
            let is_news = match was {
                None => true,
                // The first reading of an attribute is a baseline.
                Some((_, None)) => false,
                Some((was, Some(old))) => old != value && !has_left(was, name, old),
            };
            is_news && has_left(person, name, value)
        })
    };
    if before.0.is_empty() {
        return None;
    }
    let leavers = usable(table).filter(becomes_leaver).count();
    let (people, limit) = (before.0.len(), feed.limits.leavers_surge);
    limit.is_passed_by(leavers, people).then(|| {
        let why = format!(
            "{leavers} people get a leave date that has already passed or are said to have left, where {people} are in force; at most {limit} may at once"
        );
        ("leaversSurge", why)
    })
}

fn leave_dates_cleared(table: &Table, feed: &Feed, before: &Before<'_>, now: Timestamp) -> Option<Refusal> {
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
    let limit = feed.limits.leave_dates_cleared;
    limit.is_passed_by(cleared, future.len()).then(|| {
        let why = format!(
            "{cleared} of {} leave dates that lie ahead are cleared; at most {limit} may be at once",
            future.len()
        );
        ("leaveDatesCleared", why)
    })
}

fn attribute_surge(table: &Table, feed: &Feed, before: &Before<'_>) -> Option<Refusal> {
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
    let (people, limit) = (both.len(), feed.limits.attribute_surge);
    let (name, count) = changed.into_iter().find(|(_, count)| limit.is_passed_by(*count, people))?;
    Some((
        "attributeSurge",
        format!("'{name}' changes for {count} of {people} people; at most {limit} may change at once"),
    ))
}

/// A delivery that broke no rule, against the directory: removals wait until enough deliveries measured up to it, or a person accepted one.
fn measure(table: &Table, feed: &Feed, state: &FeedState, base: FeedBase) -> Verdict {
    let measured = state.accepted.first().is_some_and(|last| last.verdict == Verdict::Accepted.word());
    let is_settled = measured && state.accepted.len() >= DELIVERIES_LOOKED_BACK_ON;
    let is_vouched_for = state.accepted.iter().any(|delivery| delivery.accepted_by.is_some());
    let users = base.joined_users;
    let short = users.saturating_sub(table.rows);
    if is_settled || is_vouched_for || !feed.limits.rows_lost.is_passed_by(short, users) {
        return Verdict::Accepted;
    }
    Verdict::AcceptedRemovalsWait {
        why: format!(
            "it has {} rows where {users} directory users carry an employee id, and so far {} deliveries were accepted of the {DELIVERIES_LOOKED_BACK_ON} that a feed is measured by itself from",
            table.rows,
            state.accepted.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::csv;
    use crate::feed::fixture::{CSV, HEADER, NO_BASE, accepted, feed, now, people, state_after};
    use crate::feed::judge::{Judgement, judge as judge_bytes};
    use crate::workflow::definition::{FeedLimit, FeedLimits};

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
    fn removals_wait_while_fewer_than_five_deliveries_measured_up_to_the_directory() {
        let base = FeedBase { joined_users: 100 };
        let judged =
            |state: &FeedState, count| judge_bytes(people(count, |_| None).as_bytes(), &feed(), state, base, now());
        let waits = |judgement: &Judgement| matches!(judgement.verdict, Verdict::AcceptedRemovalsWait { .. });
        let first = judged(&FeedState::default(), 89);
        assert!(waits(&first));
        assert_eq!(judged(&FeedState::default(), 90).verdict, Verdict::Accepted);

        // However often it is short, a wait is no consent.
        let mut state = state_after(FeedState::default(), &people(89, |_| None), first);
        for count in [88, 87, 86, 85] {
            let judgement = judged(&state, count);
            assert!(waits(&judgement), "{count}");
            state = state_after(state, &people(count, |_| None), judgement);
        }
        assert!(state.accepted.len() == 5 && waits(&judged(&state, 84)));

        // Full ones are measured by the directory until there are five, and by themselves from then on.
        let mut state = FeedState::default();
        for count in [91, 92, 93, 94] {
            state = state_after(state.clone(), &people(count, |_| None), judged(&state, count));
            assert!(waits(&judged(&state, 88)), "{count}");
        }
        state = state_after(state.clone(), &people(95, |_| None), judged(&state, 95));
        assert_eq!(judged(&state, 88).verdict, Verdict::Accepted);
    }

    #[test]
    fn a_short_feed_that_a_person_accepted_is_measured_by_itself() {
        let base = FeedBase { joined_users: 1000 };
        let mut state = accepted(&people(100, |_| None));
        let judged =
            |state: &FeedState, count| judge_bytes(people(count, |_| None).as_bytes(), &feed(), state, base, now());
        assert!(matches!(judged(&state, 99).verdict, Verdict::AcceptedRemovalsWait { .. }));
        state.accepted[0].accepted_by = Some("anna".into());
        assert_eq!(judged(&state, 90).verdict, Verdict::Accepted);
        check_refused(judged(&state, 89).verdict, "rowsLost", "89 rows");
    }

    #[test]
    fn a_document_may_tighten_every_limit() {
        let none = FeedLimit { count: 0, per_mille: 0 };
        let refused = |change: &dyn Fn(&mut FeedLimits), text: &str| {
            let mut feed = feed();
            change(&mut feed.limits);
            let judgement = judge_bytes(text.as_bytes(), &feed, &accepted(&with(50, 5, LEAVES)), NO_BASE, now());
            judgement.verdict.word()
        };
        let more = |row: &str| with(50, 5, LEAVES) + row + "\n";
        let text = with(50, 5, LEAVES);
        type Tighten<'t> = &'t dyn Fn(&mut FeedLimits);
        let cases: [(&'static str, Tighten<'_>, String); 7] = [
            ("tooFewRows", &|limits| limits.least_rows = 51, text.clone()),
            ("rowsLost", &|limits| limits.rows_lost = none, with(49, 5, LEAVES)),
            ("badKeys", &|limits| limits.bad_keys = none, more(";IT;;;yes;")),
            ("badColumn", &|limits| limits.bad_column = none, more("00051;IT;soon;;yes;")),
            (
                "leaversSurge",
                &|limits| limits.leavers_surge = none,
                with(50, 5, LEAVES).replace("00050;Sales;01.02.2020;", "00050;Sales;01.02.2020;01.01.2021"),
            ),
            ("leaveDatesCleared", &|limits| limits.leave_dates_cleared = none, with(50, 4, LEAVES)),
            ("attributeSurge", &|limits| limits.attribute_surge = none, text.replace("00050;Sales", "00050;IT")),
        ];
        for (rule, tighten, text) in cases {
            assert_eq!(refused(&|_| {}, &text), "accepted", "{rule} as it usually is");
            assert_eq!(refused(tighten, &text), rule);
        }
    }

    #[test]
    fn a_feed_with_as_many_rows_as_its_document_asks_for_is_not_too_small() {
        let mut feed = feed();
        feed.limits.least_rows = 20;
        let judged =
            |count| judge_bytes(people(count, |_| None).as_bytes(), &feed, &FeedState::default(), NO_BASE, now());
        assert_eq!(judged(20).verdict, Verdict::Accepted);
        check_refused(
            judged(19).verdict,
            "tooFewRows",
            "19 rows, and the feed's document says that there are at least 20",
        );
    }

    #[test]
    fn many_people_who_are_said_to_have_left_are_refused() {
        let mut feed = feed();
        feed.attributes.get_mut("isActive").unwrap().leavers = vec!["NO".into()];
        let judged =
            |text: &str| judge_bytes(text.as_bytes(), &feed, &accepted(&people(200, |_| None)), NO_BASE, now());
        let gone = "Sales;01.02.2020;;no;";
        assert_eq!(judged(&with(200, 4, gone)).verdict, Verdict::Accepted);
        check_refused(judged(&with(200, 5, gone)).verdict, "leaversSurge", "5 people");
        // Who was said to have left before is no news, by another way neither.
        let state = accepted(&with(200, 50, gone));
        let again = with(201, 50, gone);
        assert_eq!(judge_bytes(again.as_bytes(), &feed, &state, NO_BASE, now()).verdict, Verdict::Accepted);
    }

    #[test]
    fn an_accepting_person_can_accept_everything_but_nothing() {
        let table = |text: &str| csv::read(text.as_bytes(), &CSV, &feed(), None).unwrap();
        assert_eq!(judge_accepted_by_person(&table(&people(1, |_| None))), Verdict::Accepted);
        check_refused(judge_accepted_by_person(&table(HEADER)), "zeroRows", "no rows");
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
