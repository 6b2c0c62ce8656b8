//! The opaque tokens in the links of delta answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::options::Options;
use crate::sandbox::tenant::{Link, TOKEN_LIFE};

/// What a link of an answer says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) options: Options,
    /// The last change of the directory that this round covers; the next round begins behind it.
    pub(super) base: u64,
    /// Behind which change this round began.
    pub(super) before: u64,
    /// Behind which change it would have begun without a replay.
    pub(super) previous: u64,
    pub(super) round: Round,
    pub(super) issued: Timestamp,
}

/// How far a round is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Round {
    /// All objects are being shown, from the mark on.
    All(Option<Mark>),
    /// Changes are being shown, from the mark on.
    Changes(Option<Mark>),
    /// Everything has been shown.
    Over,
}

/// The last thing that a page has shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) object: String,
    /// Set where links of the object are left.
    pub(super) link: Option<Link>,
}

impl Token {
    /// Whether the log still knows all that the token asks for.
    pub(super) fn is_good(&self, last: u64, now: Timestamp) -> bool {
        self.base <= last && now.duration_since(self.issued) <= TOKEN_LIFE
    }

    /// The text in links.
    pub(super) fn text(&self) -> String {
        // A struct of texts and numbers always has a JSON text.
        hex::encode(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads a text that this sandbox has made, or one like it.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        serde_json::from_slice(&hex::decode(text).ok()?).ok()
    }
}
