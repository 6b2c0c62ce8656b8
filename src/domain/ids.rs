//! Identifiers as distinct types, so that a package id cannot stand where a user id is meant.

use std::fmt;

use ring::digest;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )*};
}

text_id! {
    /// A directory tenant.
    TenantId;
    /// A directory user's Graph object id (never the entitlement management subject id).
    UserId;
    /// A directory group's Graph object id.
    GroupId;
    /// An access package's id.
    PackageId;
    /// An assignment policy's id.
    PolicyId;
    /// An access package assignment's id.
    AssignmentId;
    /// An access package assignment request's id, given by the service.
    RequestId;
    /// A person's key in a feed: the employee id.
    PersonKey;
    /// A feed's document name.
    FeedName;
    /// A document's name.
    DocumentName;
    /// A document's version: the SHA-256 of its text, hexadecimal.
    DocumentHash;
    /// A hold's hash over its sorted items, hexadecimal.
    HoldHash;
    /// What a subject is known by in the ledger: `person:<employee id>`, or `user:<object id>` where no person is known.
    SubjectKey;
}

impl SubjectKey {
    /// The key of a person of the HR feed.
    pub fn person(key: &PersonKey) -> Self {
        Self(format!("person:{key}"))
    }

    /// The key of a directory user no person is known for.
    pub fn user(id: &UserId) -> Self {
        Self(format!("user:{id}"))
    }

    /// The person's key in their feed, if it is a person's.
    pub fn person_key(&self) -> Option<&str> {
        self.0.strip_prefix("person:")
    }

    /// The user's object id, if it is a user's.
    pub fn user_id(&self) -> Option<&str> {
        self.0.strip_prefix("user:")
    }
}

/// An action's id: a UUIDv5 of what it does and why, so that the same cause never acts twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionId(Uuid);

impl ActionId {
    /// The namespace of usherd's action ids; changing it would make every old cause act again.
    const NAMESPACE: Uuid = Uuid::from_u128(0x6c1d_6f6b_7b0e_4b57_9a54_0d1e_7c5f_a201);

    /// Derives the id from its parts; the parts are length-prefixed, so that no two lists of parts share a name.
    pub fn derive(parts: &[&str]) -> Self {
        let mut name = String::new();
        for part in parts {
            name.push_str(&part.len().to_string());
            name.push(':');
            name.push_str(part);
        }
        Self(Uuid::new_v5(&Self::NAMESPACE, name.as_bytes()))
    }

    /// Reads an id back from the ledger or a tag.
    ///
    /// # Errors
    /// Fails when the text is not a UUID.
    pub fn parse(text: &str) -> Result<Self, uuid::Error> {
        Uuid::try_parse(text).map(Self)
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

/// The SHA-256 of `bytes`, hexadecimal, as used for document hashes, feed digests and hold hashes.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(ActionId::derive(&["ab", "c"]), ActionId::derive(&["a", "bc"]));
        assert_eq!(ActionId::derive(&["ab", "c"]), ActionId::derive(&["ab", "c"]));
    }

    #[test]
    fn an_action_id_reads_back() {
        let id = ActionId::derive(&["x"]);
        assert_eq!(ActionId::parse(&id.to_string()).unwrap(), id);
        assert!(ActionId::parse("nonsense").is_err());
    }
}
