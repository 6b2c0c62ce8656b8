//! Subjects: people of the feeds joined with users of the directory by employee id, never by a guess.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;

use crate::domain::ids::{SubjectKey, UserId};
use crate::domain::subject::{AttributeValue, Person, Subject, User};
use crate::domain::time::TimeError;
use crate::workflow::definition::{Definitions, Feed};
use crate::workflow::rule::{AttributeSource, Rule};

use super::observed::Observed;

mod columns;
mod exceptions;
mod rows;
mod zones;

pub use columns::RuleVerdicts;
pub use exceptions::Excepted;

use columns::Columns;
use exceptions::Exceptions;
use rows::Rows;
use zones::Zones;

/// Every subject, with what all documents look up of them.
#[derive(Debug)]
pub struct Population<'a> {
    /// Sorted by key.
    pub members: Vec<Member<'a>>,
    rows: Rows<'a>,
    columns: Columns<'a>,
    exceptions: Exceptions,
    zones: Zones<'a>,
}

impl<'a> Population<'a> {
    /// Looks at each of the joined members once for all of `definitions`.
    pub fn of(definitions: &'a Definitions, members: Vec<Member<'a>>) -> Self {
        Self {
            rows: Rows::of(&members),
            columns: Columns::of(definitions, &members),
            exceptions: Exceptions::of(definitions, &members),
            zones: Zones::of(&members),
            members,
        }
    }

    /// The member a ledger key means, under its own key or that of its user from before the two were linked.
    pub fn find(&self, key: &SubjectKey) -> Option<&Member<'a>> {
        self.rows.find(key).and_then(|row| self.members.get(row))
    }

    /// A rule of these definitions, ready for every member.
    pub fn verdicts(&self, rule: &Rule) -> RuleVerdicts<'_> {
        self.columns.verdicts(rule)
    }

    /// Whom an `except` list of these definitions names.
    pub fn excepted(&self, except: &[String]) -> Excepted {
        self.exceptions.rows(except)
    }

    /// A zone by its IANA name.
    ///
    /// # Errors
    /// [`TimeError::UnknownZone`] when the database has no such name.
    pub fn zone(&self, name: &str) -> Result<TimeZone, TimeError> {
        self.zones.get(name)
    }
}

/// A subject together with what could not be told about it.
#[derive(Debug)]
pub struct Member<'a> {
    /// Its place among all members.
    pub row: usize,
    /// The subject.
    pub subject: Subject<'a>,
    /// Whether more than one user or record carries the join key, so that its attributes are not known.
    pub is_ambiguous: bool,
    unread: &'a BTreeSet<String>,
}

impl AttributeSource for Member<'_> {
    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.value(name)
    }
}

impl<'a> Member<'a> {
    /// An attribute's value; `None` where it was not read.
    pub fn value(&self, name: &str) -> Option<&'a AttributeValue> {
        if self.is_ambiguous || (self.subject.person.is_none() && self.unread.contains(name)) {
            return None;
        }
        self.subject.attribute(name)
    }

    /// The user's object id, where the subject has a user.
    pub fn user_id(&self) -> Option<&UserId> {
        self.subject.user.map(|user| &user.id)
    }
}

/// Attributes that a feed maps but has never delivered: nobody's value of them is known.
pub fn unread_attributes(feeds: &[Feed], observed: &Observed) -> BTreeSet<String> {
    feeds
        .iter()
        .filter(|feed| !observed.feeds.contains_key(&feed.name))
        .flat_map(|feed| feed.attributes.keys().cloned())
        .collect()
}

/// Joins people and users, sorted by key.
pub fn join<'a>(observed: &'a Observed, unread: &'a BTreeSet<String>) -> Vec<Member<'a>> {
    let users = users_by_employee_id(&observed.users);
    let persons = persons_by_key(observed);
    let mut members = Vec::with_capacity(observed.users.len());
    let mut joined: BTreeSet<&UserId> = BTreeSet::new();
    for (key, person) in &persons {
        let matches = users.get(key).map_or(&[][..], Vec::as_slice);
        let user = match matches {
            [user] => Some(*user),
            _ => None,
        };
        joined.extend(user.map(|user| &user.id));
        let subject = Subject { key: SubjectKey::person(&person.key), person: Some(person), user };
        members.push(Member { row: 0, subject, is_ambiguous: matches.len() > 1, unread });
    }
    for user in &observed.users {
        if joined.contains(&user.id) {
            continue;
        }
        let shares_its_id = user.employee_id.as_deref().and_then(|id| users.get(id)).is_some_and(|same| same.len() > 1);
        let subject = Subject { key: SubjectKey::user(&user.id), person: None, user: Some(user) };
        members.push(Member { row: 0, subject, is_ambiguous: shares_its_id, unread });
    }
    members.sort_by(|a, b| a.subject.key.cmp(&b.subject.key));
    for (row, member) in members.iter_mut().enumerate() {
        member.row = row;
    }
    members
}

/// Who may be meant by a word: a ledger key, an employee id, a sign-in name, a mail address or an object id (ASCII case folded).
///
/// An employee id means the HR record; accounts that carry it too are meant only where there is no such record.
pub fn named<'m, 'a>(members: &'m [Member<'a>], word: &str) -> Vec<&'m Member<'a>> {
    let words = [word.to_owned()];
    let by_key = |member: &&Member<'_>| member.subject.key.as_str().eq_ignore_ascii_case(word);
    let by_record = |member: &&Member<'_>| {
        member.subject.person.is_some_and(|person| person.key.as_str().eq_ignore_ascii_case(word))
    };
    let found: Vec<&Member<'_>> = members.iter().filter(by_key).collect();
    let found = if found.is_empty() { members.iter().filter(by_record).collect() } else { found };
    if found.is_empty() { members.iter().filter(|member| member.subject.is_named_in(&words)).collect() } else { found }
}

fn users_by_employee_id(users: &[User]) -> HashMap<&str, Vec<&User>> {
    let mut by_id: HashMap<&str, Vec<&User>> = HashMap::new();
    for user in users {
        if let Some(id) = user.employee_id.as_deref().filter(|id| !id.is_empty()) {
            by_id.entry(id).or_default().push(user);
        }
    }
    by_id
}

/// One record a key: a delivered one before a carried-over one, then the first feed by name.
fn persons_by_key(observed: &Observed) -> BTreeMap<&str, &Person> {
    let mut by_key: BTreeMap<&str, &Person> = BTreeMap::new();
    for person in observed.feeds.values().flat_map(|feed| &feed.persons) {
        by_key
            .entry(person.key.as_str())
            .and_modify(|kept| {
                if kept.missing && !person.missing {
                    *kept = person;
                }
            })
            .or_insert(person);
    }
    by_key
}
