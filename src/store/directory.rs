//! What is kept of the directory between passes: its users, and where the next round of changes begins.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::ids::UserId;

/// A user's properties as the directory gave them, by their Graph names.
pub type Properties = Map<String, Value>;

/// The users as they were read last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeptUsers {
    /// How they were read; `None` before the first reading.
    pub reading: Option<UsersReading>,
    /// Everybody.
    pub users: BTreeMap<UserId, Properties>,
}

/// How the kept users were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsersReading {
    /// The properties that were asked for.
    pub properties: BTreeSet<String>,
    /// Where the next round of changes begins; `None` where the directory does not tell changes of these properties.
    pub link: Option<String>,
    /// When everybody was read last (tenant time, UTC).
    pub full: Timestamp,
    /// When everybody is to be read again (tenant time, UTC).
    pub full_due: Timestamp,
}

/// What a reading changes of the kept users.
#[derive(Debug, Clone, PartialEq)]
pub struct UsersChange {
    /// How they were read.
    pub reading: UsersReading,
    /// Users that are new or say something else.
    pub kept: BTreeMap<UserId, Properties>,
    /// Users that are gone for certain.
    pub gone: BTreeSet<UserId>,
}

impl KeptUsers {
    /// The users once `change` is kept.
    pub fn apply(&mut self, change: UsersChange) {
        self.reading = Some(change.reading);
        self.users.retain(|id, _| !change.gone.contains(id));
        self.users.extend(change.kept);
    }
}
