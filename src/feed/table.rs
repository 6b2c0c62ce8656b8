//! A delivery read as rows: what it says of each person, setting aside those whose own record cannot be used.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use crate::domain::ids::PersonKey;
use crate::domain::subject::{AttributeValue, Attributes, Person, ReadAt};
use crate::domain::time;
use crate::workflow::definition::{Feed, FeedZone, RowFilter, WhenAbsent};
use crate::workflow::rule::Truth;

use super::column;

/// A longer key is no employee id.
const MAX_KEY_BYTES: usize = 128;

/// A delivery read as rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The header's columns.
    pub header: Vec<String>,
    /// Rows, the header not counted, nor those that the feed's document leaves out.
    pub rows: usize,
    /// Rows that the feed's document leaves out on purpose.
    pub left_out: usize,
    /// What the rows say of each person.
    pub records: BTreeMap<PersonKey, Record>,
    /// Why rows have no usable key, one reason a row.
    pub unkeyed: Vec<String>,
    /// Keys that come with different records.
    pub conflicting: usize,
    /// Rows in which a typed column cannot be read, by column.
    pub bad_columns: BTreeMap<String, usize>,
    /// What is wrong in single rows, in the order of finding; at most [`MOST_PROBLEMS`].
    pub problems: Vec<RowProblem>,
}

/// More problems of single rows than this are not kept.
pub const MOST_PROBLEMS: usize = 100_000;

/// What is wrong with a row; never its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowProblem {
    /// The line the row begins on, from 1.
    pub line: u64,
    /// The column, where it is one.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: String,
}

/// `line 2, column 'Hire': is no date`
impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, column '{column}': {}", self.line, self.problem),
            None => write!(f, "line {}: {}", self.line, self.problem),
        }
    }
}

/// What the rows of one key say.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The person, or why the record cannot be used; the reason names line and column, never the value.
    pub person: Result<Person, String>,
    /// The first line with this key.
    line: u64,
    conflicting: bool,
}

/// What a row says in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'r> {
    /// Nothing: the row does not speak of it.
    Absent,
    /// This text; an empty one is an empty value.
    Text(Cow<'r, str>),
    /// Something that is no text, and what is wrong with it.
    Unusable(Cow<'r, str>),
}

/// One row of a delivery, by the columns of its feed's document.
pub trait Row {
    /// The line it begins on, from 1.
    fn line(&self) -> u64;
    /// The key's column.
    fn key(&self) -> Cell<'_>;
    /// The time zone's column; absent where the document names none.
    fn zone(&self) -> Cell<'_>;
    /// The column of the attribute with this number, in the order of [`Feed::attributes`].
    fn attribute(&self, number: usize) -> Cell<'_>;
    /// The column of the row filter's word with this number, in the order of [`RowFilter::columns`].
    fn filter(&self, number: usize) -> Cell<'_>;
}

impl Table {
    /// Takes a row in.
    ///
    /// Rows that give one key the same record count once; rows that give it different records set that person aside, as does a value that does
    /// not fit its column or a time zone that the IANA database does not know.
    pub fn take(&mut self, row: &impl Row, feed: &Feed) {
        let line = row.line();
        if feed.rows.as_ref().is_some_and(|filter| is_left_out(row, filter)) {
            self.left_out += 1;
            return;
        }
        self.rows += 1;
        let Some(key) = usable_key(&row.key()) else {
            self.unkeyed.push(format!("line {line}: column '{}' holds no usable key", feed.key));
            note(&mut self.problems, line, Some(&feed.key), "holds no usable key");
            return;
        };
        let person = self.person(&key, row, feed);
        match self.records.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Record { person, line, conflicting: false });
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let agree = match (&known.person, &person) {
                    (Ok(known), Ok(person)) => known.says_the_same_as(person),
                    (known, person) => known.is_err() && person.is_err(),
                };
                if !agree {
                    let problem = format!("gives the key of line {} another record", known.line);
                    note(&mut self.problems, line, Some(&feed.key), &problem);
                }
                if !agree && !known.conflicting {
                    known.person = Err(format!("lines {} and {line} give this key different records", known.line));
                    known.conflicting = true;
                    self.conflicting += 1;
                }
            }
        }
    }

    fn person(&mut self, key: &PersonKey, row: &impl Row, feed: &Feed) -> Result<Person, String> {
        let line = row.line();
        let mut problem = None;
        let mut bad = |column: &str, reason: &str| {
            *self.bad_columns.entry(column.to_owned()).or_default() += 1;
            note(&mut self.problems, line, Some(column), reason);
            problem.get_or_insert_with(|| format!("line {line}: column '{column}' {reason}"));
        };
        let mut attributes = Attributes::new();
        for (number, (name, mapping)) in feed.attributes.iter().enumerate() {
            let value = match row.attribute(number) {
                Cell::Text(text) => column::value(&text, mapping).map_err(|error| error.to_string()),
                Cell::Absent if mapping.when_absent == WhenAbsent::Empty => Ok(AttributeValue::Null),
                Cell::Absent => continue,
                Cell::Unusable(why) => Err(why.into_owned()),
            };
            match value {
                Ok(value) => {
                    attributes.insert(name.clone(), value);
                }
                Err(reason) => bad(&mapping.column, &reason),
            }
        }
        let time_zone = zone(&row.zone(), &feed.time_zone).unwrap_or_else(|| {
            bad(feed.time_zone.column.as_deref().unwrap_or("timeZone.default"), "is no IANA time zone");
            String::new()
        });
        match problem {
            Some(problem) => Err(problem),
            None => Ok(Person {
                key: key.clone(),
                feed: feed.name.clone(),
                attributes,
                time_zone,
                missing: false,
                absence: None,
                read: Some(ReadAt { line, delivery: None }),
            }),
        }
    }
}

/// Keeps a problem of a row.
pub(super) fn note(problems: &mut Vec<RowProblem>, line: u64, column: Option<&str>, problem: &str) {
    if problems.len() < MOST_PROBLEMS {
        problems.push(RowProblem { line, column: column.map(str::to_owned), problem: problem.to_owned() });
    }
}

/// Whether the filter leaves the row out; what it cannot tell, it keeps, so that the row's own mistakes are counted.
fn is_left_out(row: &impl Row, filter: &RowFilter) -> bool {
    let texts = filter.columns.keys().enumerate().filter_map(|(number, word)| match row.filter(number) {
        Cell::Text(text) if text.trim_ascii().is_empty() => Some((word.clone(), AttributeValue::Null)),
        Cell::Text(text) => Some((word.clone(), AttributeValue::Text(text.trim_ascii().to_owned()))),
        Cell::Absent => Some((word.clone(), AttributeValue::Null)),
        Cell::Unusable(_) => None,
    });
    filter.keep.evaluate(&texts.collect::<Attributes>()) == Truth::No
}

fn usable_key(cell: &Cell<'_>) -> Option<PersonKey> {
    let Cell::Text(text) = cell else { return None };
    let key = text.trim_ascii();
    let is_usable = !key.is_empty() && key.len() <= MAX_KEY_BYTES && !key.contains(char::is_control);
    is_usable.then(|| PersonKey::from(key))
}

/// The IANA name, in its own spelling, of the zone that the cell or else the feed's default names.
fn zone(cell: &Cell<'_>, default: &FeedZone) -> Option<String> {
    let text = match cell {
        Cell::Text(text) => text.trim_ascii(),
        Cell::Absent => "",
        Cell::Unusable(_) => return None,
    };
    let name = Some(text).filter(|name| !name.is_empty()).unwrap_or(&default.default);
    let zone = time::zone(name).ok()?;
    Some(zone.iana_name().unwrap_or(name).to_owned())
}
