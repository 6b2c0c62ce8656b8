//! Subjects: people of the feeds joined with users of the directory by employee id, never by a guess.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};
use jiff::tz::TimeZone;

use crate::domain::ids::{PersonKey, SubjectKey, UserId};
use crate::domain::reason::Reason;
use crate::domain::subject::{AttributeValue, Person, Subject, User};
use crate::domain::time::TimeError;
use crate::workflow::definition::{Definitions, Feed};
use crate::workflow::rule::{AttributeSource, Rule};

use super::observed::Observed;

mod columns;
mod exceptions;
mod rows;
mod zones;

pub use columns::{Column, RuleVerdicts};
pub use rows::RowSet;

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
    zones: Zones,
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
    pub fn excepted(&self, except: &[String]) -> RowSet {
        self.exceptions.rows(except)
    }

    /// An attribute of every subject, where a rule or a date trigger of these definitions asks for it, or the hire date.
    pub fn column(&self, attribute: &str) -> Option<&Column<'a>> {
        self.columns.get(attribute)
    }

    /// The zone that the subject's record names; `None` where there is no record.
    pub fn own_zone(&self, member: &Member<'_>) -> Option<&Result<TimeZone, TimeError>> {
        self.zones.of_member(member)
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

    /// Why nothing can be said of a subject whose join is not certain. The record is told of once; the accounts that share its id are only
    /// counted.
    pub fn ambiguity(&self) -> Option<Reason> {
        self.is_ambiguous.then_some(match self.subject.person {
            Some(_) => Reason::AmbiguousJoin,
            None => Reason::SharesEmployeeId,
        })
    }

    /// The employee id that the account shares with another one, so that a record of it may be of either.
    pub fn shared_id(&self) -> Option<PersonKey> {
        let user = self.subject.user.filter(|_| self.is_ambiguous)?;
        user.employee_id.as_deref().map(PersonKey::from)
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
    let accounts = accounts_by_employee_id(&observed.users);
    let persons = persons(observed);
    let mut members = Vec::with_capacity(observed.users.len().max(persons.len()));
    let mut is_joined = vec![false; observed.users.len()];
    for person in persons {
        let found = accounts.get(person.key.as_str());
        let is_ambiguous = found.is_some_and(|accounts| accounts.are_several);
        let user = found.filter(|accounts| !accounts.are_several).and_then(|accounts| {
            *is_joined.get_mut(accounts.first)? = true;
            observed.users.get(accounts.first)
        });
        let subject = Subject { key: SubjectKey::person(&person.key), person: Some(person), user };
        members.push(Member { row: 0, subject, is_ambiguous, unread });
    }
    for (user, _) in observed.users.iter().zip(&is_joined).filter(|(_, is_joined)| !**is_joined) {
        let shares_its_id =
            user.employee_id.as_deref().and_then(|id| accounts.get(id)).is_some_and(|same| same.are_several);
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

/// The users that carry one employee id.
struct Accounts {
    /// The place of the first.
    first: usize,
    are_several: bool,
}

fn accounts_by_employee_id(users: &[User]) -> HashMap<&str, Accounts> {
    let mut by_id: HashMap<&str, Accounts> = HashMap::with_capacity(users.len());
    for (place, user) in users.iter().enumerate() {
        if let Some(id) = user.employee_id.as_deref().filter(|id| !id.is_empty()) {
            let accounts = by_id.entry(id).and_modify(|accounts| accounts.are_several = true);
            accounts.or_insert(Accounts { first: place, are_several: false });
        }
    }
    by_id
}

/// One record a key: a delivered one before a carried-over one, then the first feed by name.
fn persons(observed: &Observed) -> Vec<&Person> {
    let count = observed.feeds.values().map(|feed| feed.persons.len()).sum();
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(count);
    let mut persons: Vec<&Person> = Vec::with_capacity(count);
    for person in observed.feeds.values().flat_map(|feed| &feed.persons) {
        let place = *places.entry(person.key.as_str()).or_insert(persons.len());
        match persons.get_mut(place) {
            Some(kept) if kept.missing && !person.missing => *kept = person,
            Some(_) => {}
            None => persons.push(person),
        }
    }
    persons
}
