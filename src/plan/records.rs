//! Records: what several feeds say of one person becomes one record, so that nobody who leaves in one file and joins in another loses access
//! in between.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::action::Category;
use crate::domain::ids::PersonKey;
use crate::domain::subject::{AttributeValue, HIRE_DATE, LEAVE_DATE, Person};
use crate::domain::time;
use crate::workflow::definition::{Definitions, Trigger};

use super::observed::Observed;
use super::population::Member;

/// The records of those people whom more than one feed delivers.
///
/// Such a record is the one that runs now, before one that begins later and one that is over. Dates that end something say when the last of the
/// employments ends that follow each other without a gap; dates that begin something say which one begins next.
pub fn join(definitions: &Definitions, observed: &Observed, now: Timestamp) -> BTreeMap<PersonKey, Person> {
    if observed.feeds.len() < 2 {
        return BTreeMap::new();
    }
    let mut by_key: BTreeMap<&PersonKey, Vec<&Person>> = BTreeMap::new();
    for person in observed.feeds.values().flat_map(|feed| &feed.persons).filter(|person| !person.missing) {
        by_key.entry(&person.key).or_default().push(person);
    }
    let dates = Dates::of(definitions);
    let several = by_key.into_iter().filter(|(_, records)| records.len() > 1);
    several.filter_map(|(key, records)| Some((key.clone(), dates.merge(&records, now)?))).collect()
}

/// Gives these people their joint record.
pub fn put_into<'a>(joint: &'a BTreeMap<PersonKey, Person>, members: &mut [Member<'a>]) {
    for member in members {
        member.subject.person = member.subject.person.map(|person| joint.get(&person.key).unwrap_or(person));
    }
}

/// Which attributes begin an employment, and which end one.
struct Dates<'a> {
    begins: BTreeSet<&'a str>,
    ends: BTreeSet<&'a str>,
}

/// Whether a record's employment runs, in the order in which records count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Runs,
    Ahead,
    Over,
    /// The feed says nothing of employments.
    Undated,
}

impl<'a> Dates<'a> {
    fn of(definitions: &'a Definitions) -> Self {
        let triggers_of = |category: Category| {
            let own = definitions.workflows.iter().filter(move |workflow| workflow.category == category);
            own.filter_map(|workflow| match &workflow.trigger {
                Trigger::Time(trigger) => Some(trigger.attribute.as_str()),
                _ => None,
            })
        };
        let ends: BTreeSet<&str> =
            triggers_of(Category::Leaver).chain([LEAVE_DATE]).filter(|name| *name != HIRE_DATE).collect();
        let begins = triggers_of(Category::Joiner).chain([HIRE_DATE]).filter(|name| !ends.contains(name)).collect();
        Self { begins, ends }
    }

    fn merge(&self, records: &[&Person], now: Timestamp) -> Option<Person> {
        let base = records.iter().min_by_key(|record| (self.standing(record, now), &record.feed))?;
        let mut person = Person::clone(base);
        let begins = self.begins.iter().filter_map(|name| Some((name, next_begin(records, name, now)?)));
        let ends = self.ends.iter().filter_map(|name| Some((name, self.last_end(records, name, now)?)));
        person.attributes.extend(begins.chain(ends).map(|(name, value)| ((*name).to_owned(), value.clone())));
        Some(person)
    }

    fn standing(&self, record: &Person, now: Timestamp) -> Standing {
        let begin = self.begin(record);
        let mut ends = self.ends.iter().filter_map(|name| end(record, name)).filter(|end| *end > begin).peekable();
        let is_dated = self.begins.iter().chain(&self.ends).any(|name| record.attributes.contains_key(*name));
        if !is_dated {
            Standing::Undated
        } else if begin > now {
            Standing::Ahead
        } else if ends.peek().is_some() && ends.all(|end| end <= now) {
            Standing::Over
        } else {
            Standing::Runs
        }
    }

    /// When the record's employment begins; one that does not say so has always been.
    fn begin(&self, record: &Person) -> Timestamp {
        let days = self.begins.iter().filter_map(|name| first_instant(record, record.attributes.get(*name)?));
        days.min().unwrap_or(Timestamp::MIN)
    }

    fn last_end<'r>(&self, records: &[&'r Person], name: &str, now: Timestamp) -> Option<&'r AttributeValue> {
        let period = |record: &'r Person| Some((self.begin(record), end(record, name)?, record.attributes.get(name)?));
        let mut periods: Vec<_> = records.iter().filter_map(|record| period(record)).collect();
        periods.sort_by_key(|(begin, end, _)| (*begin, *end));
        let mut periods = periods.into_iter();
        let (_, mut last, mut value) = periods.next()?;
        for (begin, end, of_next) in periods {
            let follows = begin <= last;
            if (follows && end > last) || (!follows && begin <= now) {
                (last, value) = (end, of_next);
            }
        }
        Some(value)
    }
}

/// Of the days that begin something the first that is not over, else the last.
fn next_begin<'r>(records: &[&'r Person], name: &str, now: Timestamp) -> Option<&'r AttributeValue> {
    let value = |record: &'r Person| record.attributes.get(name);
    let mut begins: Vec<_> =
        records.iter().filter_map(|record| Some((first_instant(record, value(record)?)?, *record))).collect();
    begins.sort_by_key(|(begin, record)| (*begin, &record.feed));
    let is_open = |record: &Person| match value_date(record.attributes.get(name)) {
        Some((date, _)) => time::end_of_day(date, &zone(record)) > now,
        None => false,
    };
    let next = begins.iter().find(|(_, record)| is_open(record)).or(begins.last());
    next.and_then(|(_, record)| value(record))
}

/// When the employment ends by this attribute; an empty date never does.
fn end(record: &Person, name: &str) -> Option<Timestamp> {
    match record.attributes.get(name)? {
        AttributeValue::Null => Some(Timestamp::MAX),
        value => {
            value_date(Some(value)).map(|(date, inclusive)| time::due_instant(date, inclusive, 0, None, &zone(record)))
        }
    }
}

fn first_instant(record: &Person, value: &AttributeValue) -> Option<Timestamp> {
    value_date(Some(value)).map(|(date, _)| time::start_of_day(date, &zone(record)))
}

fn value_date(value: Option<&AttributeValue>) -> Option<(jiff::civil::Date, bool)> {
    match value? {
        AttributeValue::Date { date, inclusive } => Some((*date, *inclusive)),
        _ => None,
    }
}

/// The record's zone. Where it is not known nothing of the person is dated anyway, and any zone puts the records in order.
fn zone(record: &Person) -> TimeZone {
    time::zone(&record.time_zone).unwrap_or(TimeZone::UTC)
}
