//! Mail that callers have sent through the sandbox, kept to be looked at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::records::Record;

/// A mail taken in by `sendMail`; it goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMail {
    /// The sandbox's own id; the service shows none.
    pub id: String,
    /// The sending user's object id.
    pub sender_id: String,
    /// When it was taken in, in tenant time.
    pub sent: Timestamp,
    /// The subject.
    pub subject: String,
    /// `text` or `html`, as given.
    pub content_type: String,
    /// The body.
    pub content: String,
    /// The addresses of all recipients, those of copies too.
    pub recipients: Vec<String>,
}

impl Record for SentMail {
    const KIND: &'static str = "mail";

    fn id(&self) -> &str {
        &self.id
    }
}
