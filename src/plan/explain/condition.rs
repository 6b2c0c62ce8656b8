//! A proof tree: what was asked, the value seen, where it came from, and whether it holds.

use serde::Serialize;

use crate::workflow::rule::Truth;

use super::origin::Origin;

/// One condition of an explanation, with what it is made of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is asked or stated, in the document's words.
    pub asks: String,
    /// Whether it holds; absent for a plain statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
    /// The value seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// Where the value came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
    /// What may have been meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Condition>,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Something it needs was not read.
    Unknown,
}

impl From<Truth> for Holds {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Self::Yes,
            Truth::No => Self::No,
            Truth::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        Truth::from(holds).into()
    }
}

impl Condition {
    /// A condition and whether it holds.
    pub(super) fn new(asks: impl Into<String>, holds: impl Into<Holds>) -> Self {
        Self { holds: Some(holds.into()), ..Self::statement(asks) }
    }

    /// A statement beside the conditions.
    pub(super) fn statement(asks: impl Into<String>) -> Self {
        Self { asks: asks.into(), holds: None, seen: None, from: None, hint: None, parts: Vec::new() }
    }

    /// With the value seen.
    pub(super) fn seen(self, seen: impl Into<String>) -> Self {
        Self { seen: Some(seen.into()), ..self }
    }

    /// With where that value came from.
    pub(super) fn from(self, from: Option<Origin>) -> Self {
        Self { from, ..self }
    }

    /// With what may have been meant.
    pub(super) fn hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// With what it is made of.
    pub(super) fn parts(self, parts: Vec<Condition>) -> Self {
        Self { parts, ..self }
    }
}
