//! People of the HR feed, users of the directory, and subjects: the two joined.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::{FeedName, PersonKey, SubjectKey, UserId};

/// The attribute that says on which day an employment begins.
pub const HIRE_DATE: &str = "employeeHireDate";
/// The attribute that says when the directory account was made.
pub const CREATED: &str = "createdDateTime";
/// The attribute that says on which day an employment ends, whether or not a feed's column is declared inclusive.
pub const LEAVE_DATE: &str = "employeeLeaveDateTime";

/// What an attribute holds. An attribute that was not read is absent from its map, which is not the same as [`Null`](Self::Null).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeValue {
    /// Read, and empty.
    Null,
    /// Text as delivered.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A civil date as written, in the person's own zone.
    Date {
        /// The date as written.
        date: Date,
        /// Whether the day itself still belongs to the period that the date ends (a last working day).
        inclusive: bool,
    },
    /// An instant (UTC).
    Instant(Timestamp),
    /// Several texts, such as `proxyAddresses`.
    List(Vec<String>),
    /// The service plans assigned to a user, of `assignedPlans`.
    AssignedPlans(Vec<AssignedPlan>),
}

/// One service plan assigned to a user, as far as a rule can ask for it; the ids in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignedPlan {
    /// Whether it is usable: `Enabled`, `Warning`, `Suspended`, `Deleted` or `LockedOut`.
    pub capability_status: Option<String>,
    /// The service's name, such as `exchange`.
    pub service: Option<String>,
    /// The plan's GUID.
    pub service_plan_id: Option<String>,
}

impl AssignedPlan {
    /// A property by its Graph name: `Some(None)` is read and empty, `None` is no property of a plan.
    pub fn property(&self, name: &str) -> Option<Option<&str>> {
        let property = match name {
            "capabilityStatus" => &self.capability_status,
            "service" => &self.service,
            "servicePlanId" => &self.service_plan_id,
            _ => return None,
        };
        Some(property.as_deref())
    }
}

/// Attributes by their Graph name or by the name a feed maps a column to; an absent key was not read.
pub type Attributes = BTreeMap<String, AttributeValue>;

/// One HR record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The employee id, as text with its leading zeros.
    pub key: PersonKey,
    /// The feed that delivered the record.
    pub feed: FeedName,
    /// The mapped columns.
    pub attributes: Attributes,
    /// The person's IANA time zone.
    pub time_zone: String,
    /// Whether the record is carried over from an earlier delivery because the latest one lacks it (missing is not leaving).
    pub missing: bool,
    /// Which deliveries lack it, while it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
    /// Where it was read; absent in records that an earlier version kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<ReadAt>,
}

/// Where an HR record was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadAt {
    /// The line it begins on, from 1.
    pub line: u64,
    /// The digest of its delivery, where that is not the one in force: the record is carried over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
}

impl Person {
    /// Whether enough deliveries agree that the record is gone (design.md section 5: three that span 24 hours).
    pub fn is_gone(&self) -> bool {
        self.absence.as_ref().is_some_and(Absence::is_confirmed)
    }

    /// Whether both say the same of the person, wherever they were read and however often they were missing.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let Self { key, feed, attributes, time_zone, missing, absence: _, read: _ } = self;
        (key, feed, attributes, time_zone, missing)
            == (&other.key, &other.feed, &other.attributes, &other.time_zone, &other.missing)
    }
}

/// The accepted deliveries in a row that lack a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Absence {
    /// How many.
    pub deliveries: u32,
    /// When the first was judged (tenant time, UTC).
    pub first: Timestamp,
    /// When the last was judged (tenant time, UTC).
    pub last: Timestamp,
}

impl Absence {
    /// So many deliveries must agree.
    const DELIVERIES: u32 = 3;
    /// They must span so much time.
    const SPAN: SignedDuration = SignedDuration::from_hours(24);

    /// The same absence once a delivery judged at `now` agrees.
    #[must_use]
    pub fn agreed(before: Option<&Self>, now: Timestamp) -> Self {
        let first = before.map_or(now, |absence| absence.first);
        Self { deliveries: before.map_or(0, |absence| absence.deliveries).saturating_add(1), first, last: now }
    }

    fn is_confirmed(&self) -> bool {
        self.deliveries >= Self::DELIVERIES && self.last.duration_since(self.first) >= Self::SPAN
    }
}

/// One directory user.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// The Graph object id.
    pub id: UserId,
    /// The sign-in name; for matching `except` lists and for tables, never for logs.
    pub user_principal_name: String,
    /// The mail address, if any; as the sign-in name.
    pub mail: Option<String>,
    /// The name for tables for people, never for logs.
    pub display_name: String,
    /// The employee id by which a feed joins.
    pub employee_id: Option<String>,
    /// Whether the user is a guest (`userType eq 'Guest'`).
    pub is_guest: bool,
    /// Every attribute that was read, under its Graph name (`department`, `employeeOrgData/costCenter`, …).
    pub attributes: Attributes,
}

/// A person joined with their user; either half may be missing.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// What the ledger knows the subject by: the person where there is one.
    pub key: SubjectKey,
    /// The HR record.
    pub person: Option<&'a Person>,
    /// The directory user.
    pub user: Option<&'a User>,
}

impl<'a> Subject<'a> {
    /// An attribute's value: the person's where the feed maps it, else the user's; `None` when it was not read.
    pub fn attribute(&self, name: &str) -> Option<&'a AttributeValue> {
        self.person
            .and_then(|person| person.attributes.get(name))
            .or_else(|| self.user.and_then(|user| user.attributes.get(name)))
    }

    /// The keys the ledger may know this subject by: its own, and that of its user from before the two were linked.
    pub fn keys(&self) -> impl Iterator<Item = SubjectKey> + use<> {
        let linked = self.user.map(|user| SubjectKey::user(&user.id)).filter(|key| *key != self.key);
        std::iter::once(self.key.clone()).chain(linked)
    }

    /// Whether the ledger may know this subject by `key`.
    pub fn goes_by(&self, key: &SubjectKey) -> bool {
        self.keys().any(|own| own == *key)
    }

    /// Whether an `except` list names this subject by one of its [`names`](Self::names) (ASCII case folded).
    pub fn is_named_in(&self, names: &[String]) -> bool {
        self.names().any(|own| names.iter().any(|name| name.eq_ignore_ascii_case(own)))
    }

    /// What an `except` list may call it: its sign-in name, mail address, object id and employee id.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        let person = self.person.map(|person| person.key.as_str());
        self.user
            .into_iter()
            .flat_map(|user| {
                [
                    Some(user.user_principal_name.as_str()),
                    user.mail.as_deref(),
                    Some(user.id.as_str()),
                    user.employee_id.as_deref(),
                ]
            })
            .flatten()
            .chain(person)
    }
}
