//! One delivery's bytes against what is in force: read, judged by the gate, merged with those it lacks. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ids::{PersonKey, sha256_hex};
use crate::domain::subject::{Absence, AttributeValue, Person, ReadAt};
use crate::store::FeedState;
use crate::workflow::definition::{ColumnType, Feed};

use super::arrival::Arrival;
use super::table::Table;
use super::{FeedBase, Verdict, format, gate, gzip};

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Rows, the header not counted; 0 when the delivery could not be read as rows.
    pub rows: usize,
    /// Rows that the feed's document leaves out on purpose.
    pub left_out: usize,
    /// The header's columns; empty when the delivery could not be read as rows, for then its first line may be somebody's record.
    pub header: Vec<String>,
    /// People set aside, by employee id (empty where the key itself is bad), with the reason; empty for a refused delivery.
    pub set_aside: Vec<(String, String)>,
    /// Everybody in force from now on, sorted by key; `None` for a refused delivery.
    pub persons: Option<Vec<Person>>,
}

impl Judgement {
    /// A refusal before there were rows.
    pub fn refused(rule: &'static str, why: String) -> Self {
        Self::without_rows(Verdict::Refused { rule, why })
    }

    /// Agreement with the snapshot in force.
    pub fn unchanged() -> Self {
        Self::without_rows(Verdict::Unchanged)
    }

    /// Acceptance without anybody new.
    pub fn accepted() -> Self {
        Self::without_rows(Verdict::Accepted)
    }

    fn without_rows(verdict: Verdict) -> Self {
        Self { verdict, rows: 0, left_out: 0, header: Vec::new(), set_aside: Vec::new(), persons: None }
    }
}

/// Judges a delivery that is not in force already. `now` is tenant time.
pub fn judge(bytes: &[u8], feed: &Feed, state: &FeedState, base: FeedBase, now: Timestamp) -> Judgement {
    let last_header = gate::last_header(&feed.hash, state);
    judge_by(bytes, feed, state, now, last_header, |table| gate::judge(table, feed, state, base, now))
}

/// Judges a delivery by how it came, and then by what it holds.
pub fn judge_arrival(
    (bytes, digest, arrival): (&[u8], &str, &Arrival),
    feed: &Feed,
    state: &FeedState,
    base: FeedBase,
    now: Timestamp,
) -> Judgement {
    if let Some((rule, why)) = arrival.refusal(digest, feed, state, now) {
        return Judgement::refused(rule, why);
    }
    let judgement = judge(bytes, feed, state, base, now);
    let is_read = !judgement.header.is_empty();
    match arrival.refusal_of_rows(judgement.rows + judgement.left_out).filter(|_| is_read) {
        Some((rule, why)) => {
            Judgement { verdict: Verdict::Refused { rule, why }, set_aside: Vec::new(), persons: None, ..judgement }
        }
        None => judgement,
    }
}

/// Judges a delivery that was refused before and that a person has accepted: it must be readable, and that is all.
pub fn judge_accepted_by_person(bytes: &[u8], feed: &Feed, state: &FeedState, now: Timestamp) -> Judgement {
    judge_by(bytes, feed, state, now, None, gate::judge_accepted_by_person)
}

fn judge_by(
    bytes: &[u8],
    feed: &Feed,
    state: &FeedState,
    now: Timestamp,
    last_header: Option<&[String]>,
    verdict: impl FnOnce(&Table) -> Verdict,
) -> Judgement {
    let text = match gzip::unpacked(bytes) {
        Ok(text) => text,
        Err(error) => return Judgement::refused(error.rule(), error.to_string()),
    };
    let table = match format::read(&text, feed, last_header) {
        Ok(table) => table,
        Err(error) => return Judgement::refused(error.rule(), sentence(&error)),
    };
    let verdict = verdict(&table);
    let judgement = Judgement {
        verdict,
        rows: table.rows,
        left_out: table.left_out,
        header: table.header.clone(),
        set_aside: Vec::new(),
        persons: None,
    };
    if !judgement.verdict.is_accepted() {
        return judgement;
    }
    // The same bytes read by another document are no further delivery.
    let is_new = state.accepted.first().is_none_or(|last| last.digest != sha256_hex(bytes));
    let persons = in_force(feed, state, &table, is_new.then_some(now));
    Judgement { set_aside: set_aside(&table), persons: Some(persons), ..judgement }
}

/// An error with what caused it, as one sentence.
pub fn sentence(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Everybody once the same bytes were delivered again, which counts as agreement; `None` where nobody is missing.
pub fn agreed(persons: &[Person], now: Timestamp) -> Option<Vec<Person>> {
    let again = |person: &Person| {
        let absence = person.missing.then(|| Absence::agreed(person.absence.as_ref(), now));
        Person { absence, ..person.clone() }
    };
    persons.iter().any(|person| person.missing).then(|| persons.iter().map(again).collect())
}

fn set_aside(table: &Table) -> Vec<(String, String)> {
    let unkeyed = table.unkeyed.iter().map(|reason| (String::new(), reason.clone()));
    let unusable = table
        .records
        .iter()
        .filter_map(|(key, record)| Some((key.as_str().to_owned(), record.person.as_ref().err()?.clone())));
    unkeyed.chain(unusable).collect()
}

/// Everybody after an accepted delivery, sorted by key. Who was set aside keeps the record as it was; who is missing keeps it too and is marked,
/// because missing is not leaving. Both say from now on which delivery they were read in. What a record does not speak of stays as it was last
/// known. `judged` is when, for a delivery that is new.
fn in_force(feed: &Feed, state: &FeedState, table: &Table, judged: Option<Timestamp>) -> Vec<Person> {
    let last = state.accepted.first().map(|last| &last.digest);
    let carried_over = |person: &Person| {
        let missing = person.missing || !table.records.contains_key(&person.key);
        let is_set_aside = table.records.contains_key(&person.key);
        let absence = match judged {
            _ if is_set_aside => None,
            Some(now) => Some(Absence::agreed(person.absence.as_ref(), now)),
            None => person.absence.clone(),
        };
        let mut person = Person { missing, absence, ..person.clone() };
        if let (Some(ReadAt { delivery: delivery @ None, .. }), Some(last)) = (&mut person.read, last) {
            *delivery = Some(last.clone());
        }
        person
    };
    let mut persons: BTreeMap<&PersonKey, Person> =
        state.persons.iter().map(|person| (&person.key, carried_over(person))).collect();
    for (key, record) in &table.records {
        if let Ok(person) = &record.person {
            let mut person = person.clone();
            if let Some(known) = persons.get(key) {
                let is_kept =
                    |name: &str, value: &_| feed.attributes.get(name).is_some_and(|now| fits(value, &now.value));
                for (name, value) in known.attributes.iter().filter(|(name, value)| is_kept(name, value)) {
                    person.attributes.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            persons.insert(key, person);
        }
    }
    persons.into_values().collect()
}

/// Whether a value that was read earlier is one of the column as the document now declares it.
fn fits(value: &AttributeValue, column: &ColumnType) -> bool {
    match column {
        ColumnType::Text => matches!(value, AttributeValue::Null | AttributeValue::Text(_)),
        ColumnType::Date { inclusive, .. } => match value {
            AttributeValue::Date { inclusive: known, .. } => known == inclusive,
            other => *other == AttributeValue::Null,
        },
        ColumnType::Bool { .. } => matches!(value, AttributeValue::Null | AttributeValue::Bool(_)),
        ColumnType::Enum { values } => match value {
            AttributeValue::Text(text) => values.iter().any(|value| value.trim_ascii() == text),
            other => *other == AttributeValue::Null,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::fixture::{HEADER, NO_BASE, accepted, feed, now, people};
    use crate::workflow::definition::FeedFormat;

    fn after(state: &FeedState, text: &str) -> Judgement {
        judge(text.as_bytes(), &feed(), state, NO_BASE, now())
    }

    fn department<'a>(persons: &'a [Person], key: &str) -> (&'a AttributeValue, bool) {
        let person = persons.iter().find(|person| person.key.as_str() == key).unwrap();
        (&person.attributes["department"], person.missing)
    }

    #[test]
    fn missing_people_are_kept_and_marked_and_set_aside_people_keep_their_record() {
        let before = accepted(&people(4, |_| None));
        let text = format!("{HEADER}00004;IT;;;yes;\n00002;IT;soon;;yes;\n00005;IT;x;;yes;\n00001;IT;;;yes;\n");
        let judgement = after(&before, &text);
        assert_eq!(judgement.verdict, Verdict::Accepted);

        let persons = judgement.persons.unwrap();
        let text = |text: &str| AttributeValue::Text(text.into());
        assert_eq!(department(&persons, "00001"), (&text("IT"), false));
        assert_eq!(department(&persons, "00002"), (&text("Sales"), false));
        assert_eq!(department(&persons, "00003"), (&text("Sales"), true));
        assert_eq!(
            persons.iter().map(|person| person.key.as_str()).collect::<Vec<_>>(),
            ["00001", "00002", "00003", "00004"]
        );
        let read = |place: usize| persons[place].read.clone().unwrap();
        assert_eq!(read(0), ReadAt { line: 5, delivery: None });
        let first = Some(before.accepted[0].digest.clone());
        assert_eq!(read(1), ReadAt { line: 3, delivery: first.clone() }, "set aside");
        assert_eq!(read(2), ReadAt { line: 4, delivery: first }, "missing");
        let aside: Vec<&str> = judgement.set_aside.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(aside, ["00002", "00005"]);
    }

    #[test]
    fn somebody_missing_who_comes_back_is_no_longer_marked() {
        let full = people(4, |_| None);
        let mut before = accepted(&full);
        before.persons = after(&before, &people(3, |_| None)).persons.unwrap();
        assert!(department(&before.persons, "00004").1);
        assert!(!department(&after(&before, &full).persons.unwrap(), "00004").1);
    }

    #[test]
    fn what_a_record_does_not_speak_of_stays_as_it_was_last_known() {
        let feed = Feed { format: FeedFormat::Projected, ..feed() };
        let mut state = accepted(&people(2, |_| Some("00001;Sales;01.02.2020;31.12.2026;yes;".to_owned())));
        let full = r#"{"Id":"00002","Dept":"IT","Hire":"","Last Day":"","Active":"no","Zone":""}"#;
        let text = format!("{{\"Id\":\"00001\",\"Last Day\":null}}\n{full}\n");
        let after = |state: &FeedState| judge(text.as_bytes(), &feed, state, NO_BASE, now()).persons.unwrap();
        let attributes = after(&state)[0].attributes.clone();
        assert_eq!(attributes["department"], AttributeValue::Text("Sales".into()));
        assert_eq!(attributes["employeeLeaveDateTime"], AttributeValue::Null, "null was read");
        // What was read as something else is not what the column holds now.
        state.persons[0].attributes.insert("department".into(), AttributeValue::Bool(true));
        assert_eq!(after(&state)[0].attributes.get("department"), None);
    }

    #[test]
    fn a_record_is_gone_once_three_deliveries_that_span_a_day_agree() {
        let (full, lacking) = (people(4, |_| None), people(3, |_| None));
        let is_gone =
            |persons: &[Person]| persons.iter().find(|person| person.key.as_str() == "00004").unwrap().is_gone();
        // (hours after the first delivery that lacks it, whether it is new bytes) → gone
        let table: [(&[i64], bool); 4] =
            [(&[0, 12, 23], false), (&[0, 24], false), (&[0, 12, 24], true), (&[0, 1, 2, 30], true)];
        for (hours, expected) in table {
            let mut state = accepted(&full);
            for (number, hours) in hours.iter().enumerate() {
                let at = now() + jiff::SignedDuration::from_hours(*hours);
                let text = format!("{lacking}{:05};Sales;;;yes;\n", 90 + number);
                state.persons = judge(text.as_bytes(), &feed(), &state, NO_BASE, at).persons.unwrap();
            }
            assert_eq!(is_gone(&state.persons), expected, "{hours:?}");
            // The same bytes again agree; the same bytes under another document do not.
            let last = now() + jiff::SignedDuration::from_hours(48);
            let again = agreed(&agreed(&state.persons, last).unwrap(), last).unwrap();
            assert!(is_gone(&again), "{hours:?}");
            state.persons = judge(full.as_bytes(), &feed(), &state, NO_BASE, last).persons.unwrap();
            assert!(!is_gone(&state.persons), "it came back");
        }
        let mut state = accepted(&lacking);
        state.persons = accepted(&full).persons;
        for hours in [0, 12, 24, 48] {
            let at = now() + jiff::SignedDuration::from_hours(hours);
            state.persons = judge(lacking.as_bytes(), &feed(), &state, NO_BASE, at).persons.unwrap();
        }
        assert!(!is_gone(&state.persons), "one delivery, read four times");
    }

    #[test]
    fn a_refused_delivery_changes_nobody_and_keeps_no_header_that_may_be_a_record() {
        let judgement = after(&accepted(&people(4, |_| None)), "00001;Sales;;;yes;\n");
        assert_eq!((judgement.verdict.word(), judgement.persons, judgement.header), ("headerChanged", None, vec![]));
    }

    /// Cuts a delivery at every byte and looks at what would be in force then.
    fn check_every_cut(full: &str) {
        let before = accepted(full);
        let mut accepted_cuts = 0;
        for cut in 0..full.len() {
            let judgement = judge(&full.as_bytes()[..cut], &feed(), &before, NO_BASE, now());
            let Some(persons) = judgement.persons else { continue };
            accepted_cuts += 1;
            assert_eq!(persons.len(), before.persons.len(), "cut at {cut}");
            for (is, was) in persons.iter().zip(&before.persons) {
                let unmarked = Person { missing: false, ..is.clone() };
                assert!(unmarked.says_the_same_as(was), "cut at {cut}");
            }
        }
        assert!(accepted_cuts > 0, "every cut was refused, so nothing was shown");
    }

    #[test]
    fn a_delivery_cut_at_any_byte_changes_nobodys_record() {
        let row = |number: usize| {
            let rows = [
                "00001;\"Sales\n& more\";01.02.2020;31.12.2026;yes;Asia/Tokyo",
                "00002;Küche;01.02.2020;31.01.2027;no;",
                "00003;\"a \"\"quoted\"\" one\";;;yes;\"\nEurope/Berlin\n\"",
            ];
            rows.get(number % 7).map(|row| row.replacen("0000", &format!("{number:02}00"), 1))
        };
        let unix = people(30, row);
        check_every_cut(&unix);
        check_every_cut(&unix.replace('\n', "\r\n"));
    }
}
