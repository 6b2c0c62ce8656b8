//! One delivery's bytes against what is in force: read, judged by the gate, merged with those it lacks. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::ids::PersonKey;
use crate::domain::subject::Person;
use crate::store::FeedState;
use crate::workflow::definition::Feed;

use super::csv::{self, Table};
use super::{FeedBase, Verdict, gate};

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Rows, the header not counted; 0 when the delivery could not be read as rows.
    pub rows: usize,
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

    fn without_rows(verdict: Verdict) -> Self {
        Self { verdict, rows: 0, header: Vec::new(), set_aside: Vec::new(), persons: None }
    }
}

/// Judges a delivery that is not in force already. `now` is tenant time.
pub fn judge(bytes: &[u8], feed: &Feed, state: &FeedState, base: FeedBase, now: Timestamp) -> Judgement {
    let table = match csv::read(bytes, feed, gate::last_header(&feed.hash, state)) {
        Ok(table) => table,
        Err(error) => return Judgement::refused(error.rule(), sentence(&error)),
    };
    let verdict = gate::judge(&table, state, base, now);
    let rows = table.rows;
    if !verdict.is_accepted() {
        return Judgement { verdict, rows, header: table.header, set_aside: Vec::new(), persons: None };
    }
    let set_aside = set_aside(&table);
    let persons = in_force(&state.persons, &table);
    Judgement { verdict, rows, header: table.header, set_aside, persons: Some(persons) }
}

/// An error with what caused it, as one sentence.
pub fn sentence(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
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
/// because missing is not leaving.
fn in_force(before: &[Person], table: &Table) -> Vec<Person> {
    let mut persons: BTreeMap<&PersonKey, Person> = before
        .iter()
        .map(|person| {
            let missing = person.missing || !table.records.contains_key(&person.key);
            (&person.key, Person { missing, ..person.clone() })
        })
        .collect();
    for (key, record) in &table.records {
        if let Ok(person) = &record.person {
            persons.insert(key, person.clone());
        }
    }
    persons.into_values().collect()
}
