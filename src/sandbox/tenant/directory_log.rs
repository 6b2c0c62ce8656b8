//! What has lately changed in the directory: what delta queries tell (graph-contract 2.3).

use std::collections::{BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Change, Tenant};
use crate::sandbox::directory::Kind;
use crate::sandbox::records::{Group, Record, User};

/// How long a delta token is good for, and how long changes are remembered, in tenant time.
pub(in crate::sandbox) const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One change of one user or group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct DirectoryChange {
    /// The row's id: the sequence as text.
    id: String,
    /// Counts from 1 and never again from the start.
    pub(in crate::sandbox) sequence: u64,
    at: Timestamp,
    pub(in crate::sandbox) kind: Kind,
    /// The object that has changed.
    pub(in crate::sandbox) object: String,
    pub(in crate::sandbox) what: What,
}

impl Record for DirectoryChange {
    const KIND: &'static str = "directoryChange";

    fn id(&self) -> &str {
        &self.id
    }
}

/// How an object has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) enum What {
    /// It is there: new, or restored.
    Appeared,
    /// The properties of these names have new values.
    Changed(BTreeSet<String>),
    /// It has a new member, owner or manager.
    Linked(Link),
    /// It has lost a member, owner or manager.
    Unlinked(Link),
    /// It has been deleted, or erased for good.
    Gone,
}

/// The other end of a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::sandbox) struct Link {
    pub(in crate::sandbox) relation: Relation,
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) kind: Kind,
}

/// The relations that delta queries track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum Relation {
    Manager,
    Members,
    Owners,
}

impl Relation {
    /// All of them.
    pub(in crate::sandbox) const ALL: [Self; 3] = [Self::Manager, Self::Members, Self::Owners];

    /// The navigation property.
    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::Members => "members",
            Self::Owners => "owners",
        }
    }
}

/// The changes of the last days; nothing is logged before the tenant's first call, since nobody can have seen what was before.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct DirectoryLog {
    now: Option<Timestamp>,
    entries: VecDeque<DirectoryChange>,
    replays: bool,
}

impl DirectoryLog {
    /// The sequence of the latest change.
    pub(in crate::sandbox) fn last(&self) -> u64 {
        self.entries.back().map_or(0, |entry| entry.sequence)
    }

    /// The changes behind `base` up to and with `upto`, oldest first.
    pub(in crate::sandbox) fn between(&self, base: u64, upto: u64) -> impl Iterator<Item = &DirectoryChange> {
        let start = self.entries.partition_point(|entry| entry.sequence <= base);
        self.entries.range(start..).take_while(move |entry| entry.sequence <= upto)
    }

    /// The instant of the call that is being answered; `None` before the first.
    pub(super) fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Whether every delta round shows the changes of the round before once more.
    pub(in crate::sandbox) fn replays(&self) -> bool {
        self.replays
    }

    /// Switches replays on or off.
    pub(in crate::sandbox) fn set_replays(&mut self, replays: bool) {
        self.replays = replays;
    }

    /// All changes that are remembered, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &DirectoryChange> {
        self.entries.iter()
    }

    /// Takes in a change that is saved already.
    pub(in crate::sandbox) fn load(&mut self, entry: DirectoryChange) {
        self.entries.push_back(entry);
    }
}

impl Tenant {
    /// Logs what follows at `now`, and forgets what no token can ask for any more; the latest change stays, for its number.
    pub(in crate::sandbox) fn begin_call(&mut self, now: Timestamp) {
        self.directory_log.now = Some(now);
        self.time_assessment(Some(now));
        let is_old = |entry: &DirectoryChange| now.duration_since(entry.at) > TOKEN_LIFE;
        while self.directory_log.entries.len() > 1 && self.directory_log.entries.front().is_some_and(is_old) {
            if let Some(old) = self.directory_log.entries.pop_front() {
                self.changes.push(Change::Delete { kind: DirectoryChange::KIND, id: old.id });
            }
        }
    }

    pub(super) fn log(&mut self, kind: Kind, object: &str, what: What) {
        let Some(at) = self.directory_log.now else { return };
        let sequence = self.directory_log.last() + 1;
        let entry = DirectoryChange { id: sequence.to_string(), sequence, at, kind, object: object.to_owned(), what };
        self.record(&entry);
        self.directory_log.load(entry);
    }

    /// Logs how the user differs from the one of the same id.
    pub(super) fn log_user(&mut self, user: &User) {
        let old = self.users.get(&user.id);
        let what = difference(old.map(|old| &old.properties), &user.properties);
        let manager = |user: &User| user.manager.iter().cloned().collect();
        let was = old.map(manager).unwrap_or_default();
        self.log_all(Kind::User, &user.id, what, Relation::Manager, &was, &manager(user));
    }

    /// Logs how the group differs from the one of the same id.
    pub(super) fn log_group(&mut self, group: &Group) {
        let old = self.groups.get(&group.id);
        let what = difference(old.map(|old| &old.properties), &group.properties);
        let was = old.map(|old| old.owners.clone()).unwrap_or_default();
        self.log_all(Kind::Group, &group.id, what, Relation::Owners, &was, &group.owners);
    }

    fn log_all(
        &mut self,
        kind: Kind,
        id: &str,
        what: Option<What>,
        relation: Relation,
        was: &BTreeSet<String>,
        is: &BTreeSet<String>,
    ) {
        if let Some(what) = what {
            self.log(kind, id, what);
        }
        // Managers and owners are users.
        let link = |id: &String| Link { relation, id: id.clone(), kind: Kind::User };
        for lost in was.difference(is) {
            self.log(kind, id, What::Unlinked(link(lost)));
        }
        for won in is.difference(was) {
            self.log(kind, id, What::Linked(link(won)));
        }
    }
}

fn difference(old: Option<&Map<String, Value>>, new: &Map<String, Value>) -> Option<What> {
    let Some(old) = old else { return Some(What::Appeared) };
    let changed: BTreeSet<String> = old
        .keys()
        .chain(new.keys())
        .filter(|name| old.get(*name).unwrap_or(&Value::Null) != new.get(*name).unwrap_or(&Value::Null))
        .cloned()
        .collect();
    (!changed.is_empty()).then_some(What::Changed(changed))
}
