//! Person tests: what the documents should do for one person over time, as checked definitions.

use std::fmt;

use jiff::civil::{Date, DateTime};

use crate::domain::ids::{DocumentName, FeedName, PersonKey};
use crate::domain::subject::Attributes;

/// One person's story, and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonTest {
    /// Unique over all kinds.
    pub name: DocumentName,
    /// For people.
    pub description: Option<String>,
    /// The file it came from.
    pub file: String,
    /// The person's IANA zone, in which every date and time of the test is meant.
    pub time_zone: String,
    /// The employee id.
    pub employee_id: PersonKey,
    /// The feed that tells of the person; `None` where the person never has an HR record.
    pub feed: Option<FeedName>,
    /// When the test begins.
    pub from: When,
    /// When it ends; a day belongs to it whole.
    pub until: When,
    /// Since when the documents are in force and the account is known; long before the test where it is not said.
    pub in_force_since: Option<When>,
    /// What holds at the beginning.
    pub given: Circumstances,
    /// What changes later, in the order of time.
    pub history: Vec<Circumstances>,
    /// Everything that must be requested, or held.
    pub expect: Vec<Expectation>,
    /// Reasons that must be given.
    pub reasons: Vec<ExpectedReason>,
}

/// A civil day, or a minute of one, in the person's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The whole day.
    Day(Date),
    /// This minute.
    Minute(DateTime),
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => date.fmt(f),
            Self::Minute(minute) => minute.strftime("%Y-%m-%dT%H:%M").fmt(f),
        }
    }
}

/// What holds from some moment on; what it does not name stays as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Circumstances {
    /// From when on; a day from its beginning.
    pub on: When,
    /// Attributes of the HR record, which is there from now on; those never named are read and empty.
    pub record: Option<Attributes>,
    /// Whether deliveries of the feed lack the record from now on.
    pub is_missing: bool,
    /// Attributes of the directory user; those never named are read and empty.
    pub user: Attributes,
    /// Whether there is a directory user.
    pub has_account: Option<bool>,
    /// Groups the user is in from now on.
    pub joins: Vec<String>,
    /// Groups the user is no longer in.
    pub leaves: Vec<String>,
    /// Packages somebody else has given.
    pub holds: Vec<String>,
    /// Packages somebody else has taken.
    pub lacks: Vec<String>,
    /// Workflows that an operator activates for the person.
    pub activated: Vec<DocumentName>,
}

/// A request that must be made, or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// When.
    pub on: When,
    /// What.
    pub effect: Effect,
    /// The package's or group's name as the documents give it.
    pub name: String,
    /// The document that makes it.
    pub by: DocumentName,
    /// The gate that holds it; without it, it is sent.
    pub held_by: Option<String>,
    /// The line in the test's file, from 1.
    pub line: usize,
}

/// A reason that must be given for doing nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedReason {
    /// When; a day means its end.
    pub on: When,
    /// The document.
    pub document: DocumentName,
    /// The reason's code.
    pub code: String,
    /// The line in the test's file, from 1.
    pub line: usize,
}

/// What a request does to a person's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// A package is given.
    Gains,
    /// A package is taken.
    Loses,
    /// The user comes into a group.
    Joins,
    /// The user goes out of a group.
    Leaves,
}

impl Effect {
    /// The word of the YAML.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gains => "gains",
            Self::Loses => "loses",
            Self::Joins => "joins",
            Self::Leaves => "leaves",
        }
    }
}
