//! Where a value was read: feed, file and line, the call to Graph, or the ledger.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::ids::{FeedName, GroupId};
use crate::domain::subject::Person;
use crate::plan::observed::Observed;
use crate::plan::population::Member;
use crate::workflow::definition::Definitions;

use super::value::utc;

/// The beginning of a digest that people are shown.
const DIGEST_LETTERS: usize = 12;
const MANAGEMENT: &str = "/v1.0/identityGovernance/entitlementManagement";

/// Where a value was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "source")]
pub enum Origin {
    /// A record of a feed.
    Feed(FeedOrigin),
    /// An answer of Microsoft Graph.
    Graph {
        /// The call.
        call: String,
        /// When the observation was made (tenant time, UTC).
        #[serde(rename = "readAt")]
        read_at: Timestamp,
    },
    /// usherd's own ledger.
    Ledger {
        /// Since when it is so (tenant time, UTC), where the ledger keeps that.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
}

/// A record of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedOrigin {
    /// The feed.
    pub feed: FeedName,
    /// The column's header, where one attribute is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The file's name without its folder, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line the record begins on, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The SHA-256 of the delivery, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    /// When the delivery was accepted (tenant time, UTC), where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Timestamp>,
    /// Whether the latest delivery lacks the record, or held one that cannot be used.
    pub is_carried_over: bool,
}

impl Origin {
    /// The record of a person, and the column of one attribute.
    pub(super) fn of_person(
        person: &Person,
        attribute: Option<&str>,
        definitions: &Definitions,
        observed: &Observed,
    ) -> Self {
        let document = definitions.feeds.iter().find(|feed| feed.name == person.feed);
        let column = attribute.and_then(|name| document?.attributes.get(name)).map(|mapping| mapping.column.clone());
        let deliveries = observed.feeds.get(&person.feed).map_or(&[][..], |feed| &feed.deliveries);
        let other = person.read.as_ref().and_then(|read| read.delivery.as_ref());
        let delivery = match other {
            Some(digest) => deliveries.iter().find(|delivery| delivery.digest == *digest),
            None => deliveries.first().filter(|_| !person.missing),
        };
        let file = delivery.map(|delivery| delivery.file.clone()).filter(|file| !file.is_empty());
        Self::Feed(FeedOrigin {
            feed: person.feed.clone(),
            column,
            file,
            line: person.read.as_ref().map(|read| read.line),
            delivery: other.cloned().or_else(|| delivery.map(|delivery| delivery.digest.clone())),
            accepted: delivery.map(|delivery| delivery.judged),
            is_carried_over: person.missing || other.is_some(),
        })
    }

    /// Where an attribute's value was read; `None` where it was not.
    pub(super) fn of_attribute(
        member: &Member<'_>,
        attribute: &str,
        definitions: &Definitions,
        observed: &Observed,
    ) -> Option<Self> {
        match member.subject.person.filter(|person| person.attributes.contains_key(attribute)) {
            Some(person) => Some(Self::of_person(person, Some(attribute), definitions, observed)),
            None => member
                .subject
                .user
                .filter(|user| user.attributes.contains_key(attribute))
                .map(|_| Self::of_users(observed)),
        }
    }

    /// The directory's list of users.
    pub(super) fn of_users(observed: &Observed) -> Self {
        Self::Graph { call: "GET /v1.0/users".to_owned(), read_at: observed.read_at }
    }

    /// The members of a group.
    pub(super) fn of_group(id: &GroupId, transitive: bool, observed: &Observed) -> Self {
        let relation = if transitive { "transitiveMembers" } else { "members" };
        Self::Graph { call: format!("GET /v1.0/groups/{id}/{relation}"), read_at: observed.read_at }
    }

    /// The lookup of a group that is not known.
    pub(super) fn of_groups(observed: &Observed) -> Self {
        Self::Graph { call: "GET /v1.0/groups".to_owned(), read_at: observed.read_at }
    }

    /// A list of entitlement management: `assignments`, `assignmentRequests`, `accessPackages`.
    pub(super) fn of_list(list: &str, observed: &Observed) -> Self {
        Self::Graph { call: format!("GET {MANAGEMENT}/{list}"), read_at: observed.read_at }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feed(origin) => origin.fmt(f),
            Self::Graph { call, read_at } => write!(f, "{call} at {}", utc(*read_at)),
            Self::Ledger { since: Some(since) } => write!(f, "the ledger, since {}", utc(*since)),
            Self::Ledger { since: None } => f.write_str("the ledger"),
        }
    }
}

impl fmt::Display for FeedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "feed {}", self.feed)?;
        if let Some(file) = &self.file {
            write!(f, ", {file}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column '{column}'")?;
        }
        if let Some(digest) = &self.delivery {
            write!(f, ", delivery {}", digest.get(..DIGEST_LETTERS).unwrap_or(digest))?;
        }
        if let Some(accepted) = self.accepted {
            write!(f, ", accepted {}", utc(accepted))?;
        }
        if self.is_carried_over {
            f.write_str(", carried over: the latest delivery has no usable record")?;
        }
        Ok(())
    }
}
