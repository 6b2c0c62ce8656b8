//! What is watched for changes, compared with what it last held: the changes that are occasions.
//!
//! A watch is a fact about the world, not about a document: two documents that watch the same thing share it, and one that only observes
//! keeps it too, so that it can say what it would have done. What a document makes of a change is its own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::ids::{FeedName, PersonKey, SubjectKey, UserId};
use crate::domain::subject::Person;
use crate::workflow::definition::Trigger;
use crate::workflow::rule::AttributeSource;

use super::draft::{Draft, View};
use super::groups::{self, GroupName};
use super::ledger::{LedgerChange, WatchKey, Watched, WatchedValue};
use super::population::Member;

/// The last change of something watched, for one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// By which of its keys the subject changed.
    pub subject: SubjectKey,
    /// What it held before.
    pub before: WatchedValue,
    /// What it holds since.
    pub value: WatchedValue,
    /// Which change it is, counted from 1 per key.
    pub number: u32,
    /// When it was seen (tenant time, UTC).
    pub at: Timestamp,
}

/// What is known of something watched, for one subject.
#[derive(Debug, Default)]
pub struct Known<'w> {
    /// Its last change.
    pub last: Option<&'w LastChange>,
    /// A change that the present reading shows and that is not believed yet, since the reading may be wrong.
    pub doubtful: Option<&'w LastChange>,
    /// Whether it was never read, so that nothing can be said.
    pub is_unread: bool,
}

/// Everything watched, for every subject.
#[derive(Debug, Default)]
pub struct Watches(BTreeMap<WatchKey, Watch>);

/// One thing watched. Subjects of whom nothing is kept here have never changed in it.
#[derive(Debug, Default)]
struct Watch {
    last: BTreeMap<SubjectKey, LastChange>,
    doubtful: BTreeMap<SubjectKey, LastChange>,
    unread: BTreeSet<SubjectKey>,
    /// Nobody's value of it is known now.
    is_unknown: bool,
}

impl Watches {
    /// Compares what the documents watch with what the ledger knows of it, and notes what is new.
    pub fn read(view: &View<'_>, members: &[Member<'_>], draft: &mut Draft) -> Self {
        let in_force =
            view.definitions.workflows.iter().filter(|workflow| view.record(&workflow.header.name).is_some());
        let keys: BTreeSet<WatchKey> = in_force.flat_map(|workflow| keys_of(&workflow.trigger)).collect();
        for key in view.ledger.watched_since.keys().filter(|key| !keys.contains(key)) {
            draft.changes.push(LedgerChange::WatchEnded { key: key.clone() });
        }
        let mut rows: BTreeMap<&WatchKey, BTreeMap<&SubjectKey, &Watched>> = BTreeMap::new();
        for ((subject, key), row) in view.ledger.watched.iter().filter(|((_, key), _)| keys.contains(key)) {
            rows.entry(key).or_default().insert(subject, row);
        }
        let nothing = BTreeMap::new();
        let read = |key: WatchKey| {
            let reading = Reading::of(view, &key);
            let is_new = !view.ledger.watched_since.contains_key(&key);
            if is_new && reading.is_complete() {
                draft.changes.push(LedgerChange::WatchBegun { key: key.clone() });
            }
            let mut comparison = Comparison { key: &key, is_new, now: view.now, watch: Watch::default(), draft };
            let rows = rows.get(&key).unwrap_or(&nothing);
            // What changed under the key of an account, whose record may have been linked to it since.
            let of_accounts = rows.iter().filter(|(subject, row)| row.changes > 0 && subject.user_id().is_some());
            let of_accounts: BTreeMap<&SubjectKey, &Watched> =
                of_accounts.map(|(subject, row)| (*subject, *row)).collect();
            for member in members {
                let Some(subject) = watched_subject(&key, member) else { continue };
                let earlier = earlier_subject(&key, member).filter(|_| !of_accounts.is_empty());
                let earlier = earlier.and_then(|subject| Some((*of_accounts.get(&subject)?, subject)));
                let row = rows.get(&subject).copied();
                comparison.compare(subject, row, earlier, reading.of_member(member), reading.is_doubtful());
            }
            let mut watch = comparison.watch;
            watch.is_unknown = matches!(reading, Reading::Unknown);
            drop(reading);
            (key, watch)
        };
        Self(keys.into_iter().map(read).collect())
    }

    /// Whether `key` cannot be read at all now.
    pub fn is_unknown(&self, key: &WatchKey) -> bool {
        self.0.get(key).is_some_and(|watch| watch.is_unknown)
    }

    /// What is known of `key` for `member`.
    pub fn get(&self, key: &WatchKey, member: &Member<'_>) -> Known<'_> {
        match (self.0.get(key), watched_subject(key, member)) {
            (Some(watch), Some(subject)) => Known {
                last: watch.last.get(&subject),
                doubtful: watch.doubtful.get(&subject),
                is_unread: watch.unread.contains(&subject),
            },
            _ => Known::default(),
        }
    }
}

/// What a trigger watches.
pub fn keys_of(trigger: &Trigger) -> Vec<WatchKey> {
    match trigger {
        Trigger::AttributeChange(change) => change.attributes.iter().cloned().map(WatchKey::Attribute).collect(),
        Trigger::MembershipChange { group, transitive, .. } => {
            vec![WatchKey::Group { group: group.clone(), transitive: *transitive }]
        }
        Trigger::FeedChange { feed, .. } => vec![WatchKey::Feed(feed.clone())],
        Trigger::Time(_) | Trigger::Schedule(_) | Trigger::OnDemand => Vec::new(),
    }
}

/// Whose a watched thing is: who is in a group is the user, whoever the record behind them is; all else is the subject's.
pub fn watched_subject(key: &WatchKey, member: &Member<'_>) -> Option<SubjectKey> {
    match key {
        WatchKey::Group { .. } => member.user_id().map(SubjectKey::user),
        WatchKey::Attribute(_) | WatchKey::Feed(_) => Some(member.subject.key.clone()),
    }
}

/// By which key the thing was the subject's before its record was linked to its user.
pub fn earlier_subject(key: &WatchKey, member: &Member<'_>) -> Option<SubjectKey> {
    match key {
        WatchKey::Group { .. } => None,
        WatchKey::Attribute(_) | WatchKey::Feed(_) => member.subject.keys().nth(1),
    }
}

/// The present reading of something watched.
enum Reading<'a> {
    Attribute { name: &'a str, is_complete: bool },
    Group { users: &'a BTreeSet<UserId>, has_shrunk: bool },
    Feed { persons: BTreeMap<&'a PersonKey, &'a Person>, disappearing_waits: bool },
    Unknown,
}

impl<'a> Reading<'a> {
    fn of(view: &View<'a>, key: &'a WatchKey) -> Self {
        match key {
            WatchKey::Attribute(name) => {
                let mut mapping = view.definitions.feeds.iter().filter(|feed| feed.attributes.contains_key(name));
                Self::Attribute { name, is_complete: mapping.all(|feed| view.observed.feeds.contains_key(&feed.name)) }
            }
            WatchKey::Group { group, transitive } => {
                let group = (group.as_str(), *transitive);
                groups::reading(view.observed, view.ledger, group).map_or(Self::Unknown, |reading| Self::Group {
                    users: reading.users,
                    has_shrunk: groups::has_shrunk(view, group),
                })
            }
            WatchKey::Feed(feed) => Self::of_feed(view, feed),
        }
    }

    fn of_feed(view: &View<'a>, feed: &FeedName) -> Self {
        view.observed.feeds.get(feed).map_or(Self::Unknown, |feed| Self::Feed {
            persons: feed.persons.iter().map(|person| (&person.key, person)).collect(),
            disappearing_waits: feed.removals_wait,
        })
    }

    fn is_complete(&self) -> bool {
        !matches!(self, Self::Unknown | Self::Attribute { is_complete: false, .. })
    }

    /// Whether what it no longer shows may still be there.
    fn is_doubtful(&self) -> bool {
        matches!(self, Self::Group { has_shrunk: true, .. })
    }

    /// What it holds for `member`; `None` where that was not read.
    fn of_member(&self, member: &Member<'_>) -> Option<WatchedValue> {
        match self {
            Self::Attribute { name, .. } => member.attribute(name).map(WatchedValue::of),
            Self::Group { users, .. } => member.user_id().map(|user| WatchedValue::is_in(users.contains(user))),
            Self::Feed { persons, disappearing_waits } => {
                let person = member.subject.person.and_then(|person| persons.get(&person.key));
                // Missing is not leaving, until enough deliveries agree.
                match person.map(|person| person.is_gone()) {
                    Some(true) if *disappearing_waits => None,
                    is_gone => Some(WatchedValue::is_in(is_gone == Some(false))),
                }
            }
            Self::Unknown => None,
        }
    }
}

/// One thing watched, compared subject by subject.
struct Comparison<'c> {
    key: &'c WatchKey,
    is_new: bool,
    now: Timestamp,
    watch: Watch,
    draft: &'c mut Draft,
}

impl Comparison<'_> {
    /// `earlier` is what the ledger has of the subject's account from before its record was linked to it.
    fn compare(
        &mut self,
        subject: SubjectKey,
        row: Option<&Watched>,
        earlier: Option<(&Watched, SubjectKey)>,
        current: Option<WatchedValue>,
        is_doubtful: bool,
    ) {
        let outside = WatchedValue::is_in(false);
        let is_attribute = matches!(self.key, WatchKey::Attribute(_));
        match (row, current) {
            (Some(row), None) => self.keep(subject, row, earlier),
            (Some(row), Some(current)) if current == row.value => self.keep(subject, row, earlier),
            (None, current) if earlier.is_some() => self.link(subject, earlier, current),
            (None, None) => {
                self.watch.unread.insert(subject);
            }
            // Of those who were never in a group or feed nothing is kept.
            (None, Some(current)) if !is_attribute && current == outside => {}
            (None, Some(current)) if is_attribute || self.is_new => self.note(subject, current, None, 0),
            (None, Some(current)) => self.change(subject, current, outside, 1),
            // Watched again after a while in which nobody did.
            (Some(row), Some(current)) if self.is_new => self.note(subject, current, None, row.changes),
            (Some(row), Some(current)) => {
                let number = row.changes.saturating_add(1);
                let before = row.value.clone();
                if is_doubtful && current == outside {
                    let change = LastChange { subject: subject.clone(), before, value: current, number, at: self.now };
                    self.watch.doubtful.insert(subject.clone(), change);
                    self.keep(subject, row, None);
                } else {
                    self.change(subject, current, before, number);
                }
            }
        }
    }

    /// A record is linked to an account that changed: what it says is a baseline, and the account's change stands while it says the same.
    fn link(&mut self, subject: SubjectKey, earlier: Option<(&Watched, SubjectKey)>, current: Option<WatchedValue>) {
        let Some((earlier, key)) = earlier else { return };
        if !self.is_new && current.as_ref().is_none_or(|current| *current == earlier.value) {
            self.stands(subject.clone(), earlier, key);
        }
        if let Some(current) = current {
            self.note(subject, current, None, earlier.changes);
        }
    }

    fn keep(&mut self, subject: SubjectKey, row: &Watched, earlier: Option<(&Watched, SubjectKey)>) {
        match earlier.filter(|(earlier, _)| row.before.is_none() && earlier.value == row.value) {
            Some((earlier, key)) => self.stands(subject, earlier, key),
            None => self.stands(subject.clone(), row, subject),
        }
    }

    /// The last change that the ledger has of the subject, under this one of its keys.
    fn stands(&mut self, subject: SubjectKey, row: &Watched, key: SubjectKey) {
        let Some(before) = row.before.clone() else { return };
        let change = LastChange { subject: key, before, value: row.value.clone(), number: row.changes, at: row.since };
        self.watch.last.insert(subject, change);
    }

    fn change(&mut self, subject: SubjectKey, value: WatchedValue, before: WatchedValue, number: u32) {
        let change =
            LastChange { subject: subject.clone(), before: before.clone(), value: value.clone(), number, at: self.now };
        self.watch.last.insert(subject.clone(), change);
        self.note(subject, value, Some(before), number);
    }

    fn note(&mut self, subject: SubjectKey, value: WatchedValue, before: Option<WatchedValue>, changes: u32) {
        let key = self.key.clone();
        self.draft.changes.push(LedgerChange::Watched { subject, key, value, before, changes });
    }
}

/// Adds the watched groups, each with whether a run that its doubtful reading made due waits for a person (`doubted` holds their triggers).
pub fn add_watched_groups<'a>(view: &View<'a>, doubted: &BTreeSet<String>, groups: &mut BTreeMap<GroupName<'a>, bool>) {
    for workflow in &view.definitions.workflows {
        if let Trigger::MembershipChange { group, transitive, .. } = &workflow.trigger {
            let hangs = keys_of(&workflow.trigger).iter().any(|key| doubted.contains(&key.to_string()));
            *groups.entry((group.as_str(), *transitive)).or_default() |= hangs;
        }
    }
}
