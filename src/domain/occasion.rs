//! Occasions: why a workflow is due for a subject.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ids::{DocumentName, SubjectKey};

/// Why a workflow is due for a subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occasion {
    /// The workflow.
    pub workflow: DocumentName,
    /// Who.
    pub subject: SubjectKey,
    /// What triggers it: a date attribute's name, what is watched (`attribute department`, `group Sales`, `feed hr`), `schedule` or `activation`.
    pub trigger: String,
    /// Which one of them.
    pub value: OccasionValue,
}

impl fmt::Display for Occasion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {} ({})", self.trigger, self.value, self.subject, self.workflow)
    }
}

/// Which occasion of its trigger it is. Written as text everywhere, since action ids are derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OccasionValue {
    /// The civil date that a date attribute holds: `2026-12-01`.
    Date(Date),
    /// The n-th change of what is watched, counted from 1 per subject: `change 3`. It holds no attribute's value.
    Change(u32),
    /// The instant of a schedule (UTC): `2026-12-01T05:00:00Z`.
    Instant(Timestamp),
    /// An operator's activation by its id: `activation 6f0c…`.
    Activation(String),
}

const CHANGE: &str = "change ";
const ACTIVATION: &str = "activation ";

impl OccasionValue {
    /// The date, if it is one.
    pub fn date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The instant of a schedule, if it is one.
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(*instant),
            _ => None,
        }
    }
}

impl fmt::Display for OccasionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::Change(number) => write!(f, "{CHANGE}{number}"),
            Self::Instant(instant) => instant.fmt(f),
            Self::Activation(id) => write!(f, "{ACTIVATION}{id}"),
        }
    }
}

/// The text is no occasion's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no occasion's value")]
pub struct NoOccasionValue(String);

impl FromStr for OccasionValue {
    type Err = NoOccasionValue;

    fn from_str(text: &str) -> Result<Self, NoOccasionValue> {
        let unknown = || NoOccasionValue(text.to_owned());
        if let Some(number) = text.strip_prefix(CHANGE) {
            number.parse().map(Self::Change).map_err(|_| unknown())
        } else if let Some(id) = text.strip_prefix(ACTIVATION) {
            Ok(Self::Activation(id.to_owned()))
        } else if text.contains('T') {
            text.parse().map(Self::Instant).map_err(|_| unknown())
        } else {
            text.parse().map(Self::Date).map_err(|_| unknown())
        }
    }
}

impl TryFrom<String> for OccasionValue {
    type Error = NoOccasionValue;

    fn try_from(text: String) -> Result<Self, NoOccasionValue> {
        text.parse()
    }
}

impl From<OccasionValue> for String {
    fn from(value: OccasionValue) -> Self {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_reads_back_from_its_text() {
        for text in ["2026-12-01", "change 3", "2026-12-01T05:00:00Z", "activation 6f0c"] {
            assert_eq!(text.parse::<OccasionValue>().unwrap().to_string(), text);
        }
        for text in ["", "change", "change x", "tomorrow", "2026-13-01", "T"] {
            assert!(text.parse::<OccasionValue>().is_err(), "{text}");
        }
    }
}
