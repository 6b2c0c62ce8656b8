//! What is watched for changes: attributes, groups and feeds, and what they held when they were last read.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{DocumentName, FeedName, SubjectKey};
use crate::domain::subject::AttributeValue;
use crate::workflow::rule::Literal;

/// Something whose changes are occasions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WatchKey {
    /// An attribute's value.
    Attribute(String),
    /// Whether a user is in a group, as the documents name it.
    Group {
        /// Display name or id.
        group: String,
        /// Whether nesting is followed.
        transitive: bool,
    },
    /// Whether a person is in a feed.
    Feed(FeedName),
}

const ATTRIBUTE: &str = "attribute ";
const GROUP: &str = "group ";
const TRANSITIVE: &str = "transitive group ";
const FEED: &str = "feed ";

/// The text the ledger keeps, which is also the `trigger` of the occasions its changes make.
impl fmt::Display for WatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, "{ATTRIBUTE}{name}"),
            Self::Group { group, transitive: false } => write!(f, "{GROUP}{group}"),
            Self::Group { group, transitive: true } => write!(f, "{TRANSITIVE}{group}"),
            Self::Feed(feed) => write!(f, "{FEED}{feed}"),
        }
    }
}

/// The text names nothing that can be watched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names nothing that can be watched")]
pub struct NoWatchKey(String);

impl FromStr for WatchKey {
    type Err = NoWatchKey;

    fn from_str(text: &str) -> Result<Self, NoWatchKey> {
        let group = |group: &str, transitive| Self::Group { group: group.to_owned(), transitive };
        text.strip_prefix(ATTRIBUTE)
            .map(|name| Self::Attribute(name.to_owned()))
            .or_else(|| text.strip_prefix(GROUP).map(|name| group(name, false)))
            .or_else(|| text.strip_prefix(TRANSITIVE).map(|name| group(name, true)))
            .or_else(|| text.strip_prefix(FEED).map(|name| Self::Feed(FeedName::from(name))))
            .ok_or_else(|| NoWatchKey(text.to_owned()))
    }
}

impl TryFrom<String> for WatchKey {
    type Error = NoWatchKey;

    fn try_from(text: String) -> Result<Self, NoWatchKey> {
        text.parse()
    }
}

impl From<WatchKey> for String {
    fn from(key: WatchKey) -> Self {
        key.to_string()
    }
}

/// What something watched holds, in the one text the ledger keeps. The planner's output shows that it changed, never what it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchedValue(String);

impl WatchedValue {
    /// The text of a value; equal values have equal texts.
    pub fn of(value: &AttributeValue) -> Self {
        Self(match value {
            AttributeValue::Null => "null".to_owned(),
            AttributeValue::Text(text) => format!("'{text}'"),
            AttributeValue::Bool(value) => value.to_string(),
            AttributeValue::Date { date, inclusive } => format!("{date}{}", if *inclusive { " inclusive" } else { "" }),
            AttributeValue::Instant(instant) => instant.to_string(),
            AttributeValue::List(values) => format!("{values:?}"),
            AttributeValue::AssignedPlans(plans) => format!("{plans:?}"),
        })
    }

    /// Whether somebody is in a group or a feed.
    pub fn is_in(is_in: bool) -> Self {
        Self::of(&AttributeValue::Bool(is_in))
    }

    /// The ledger's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes the ledger's text back.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// Whether a document's literal means this value.
    pub fn is(&self, literal: &Literal) -> bool {
        match literal {
            Literal::Null => self.0 == "null",
            Literal::Bool(value) => self.0 == if *value { "true" } else { "false" },
            Literal::Text(text) => {
                let quoted = self.0.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                let date = self.0.strip_suffix(" inclusive").unwrap_or(&self.0);
                quoted == Some(text)
                    || (quoted.is_none() && date == text && date.starts_with(|first: char| first.is_ascii_digit()))
            }
        }
    }
}

/// Written as nothing: plans and their JSON show no attribute's value.
impl Serialize for WatchedValue {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

/// What was last read of something watched, for one subject. Groups and feeds hold truth values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// What it held.
    pub value: WatchedValue,
    /// What it held before its last change; absent where what it holds is a baseline.
    pub before: Option<WatchedValue>,
    /// How often it changed since it was first read.
    pub changes: u32,
    /// When it last changed, or was first read (tenant time, UTC).
    pub since: Timestamp,
}

/// An operator's wish that a workflow runs for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The workflow.
    pub workflow: DocumentName,
    /// Who.
    pub subject: SubjectKey,
    /// When it was asked for (tenant time, UTC).
    pub requested: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_a_document_writes() {
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        let literal = |text: &str| Literal::Text(text.to_owned());
        let date = AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: true };
        assert!(WatchedValue::of(&text("Sales")).is(&literal("Sales")));
        assert!(!WatchedValue::of(&text("Sales")).is(&literal("sales")));
        assert!(WatchedValue::of(&AttributeValue::Null).is(&Literal::Null));
        assert!(!WatchedValue::of(&text("null")).is(&Literal::Null));
        assert!(!WatchedValue::of(&text("true")).is(&Literal::Bool(true)));
        assert!(WatchedValue::is_in(true).is(&Literal::Bool(true)));
        assert!(!WatchedValue::is_in(true).is(&literal("true")));
        assert!(WatchedValue::of(&date).is(&literal("2026-12-01")));
    }

    #[test]
    fn every_key_reads_back_from_its_text() {
        for text in ["attribute department", "group Sales NL", "transitive group Sales", "feed hr"] {
            assert_eq!(text.parse::<WatchKey>().unwrap().to_string(), text);
        }
        assert!("department".parse::<WatchKey>().is_err());
    }
}
