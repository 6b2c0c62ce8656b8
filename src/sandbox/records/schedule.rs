//! When an assignment begins and ends: Graph's schedules and expiration patterns (graph-contract 1.3, 1.9.1).

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Graph's `expirationPatternType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum ExpirationType {
    NotSpecified,
    NoExpiration,
    AfterDateTime,
    AfterDuration,
}

/// Graph's `expirationPattern`; the duration is ISO 8601.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) struct Expiration {
    pub(in crate::sandbox) end_date_time: Option<Timestamp>,
    pub(in crate::sandbox) duration: Option<String>,
    pub(in crate::sandbox) r#type: ExpirationType,
}

impl Expiration {
    /// A pattern that says only its type.
    pub(in crate::sandbox) fn bare(kind: ExpirationType) -> Self {
        Self { end_date_time: None, duration: None, r#type: kind }
    }

    /// The pattern that ends at an instant, or never.
    pub(in crate::sandbox) fn at(end: Option<Timestamp>) -> Self {
        let kind = if end.is_some() { ExpirationType::AfterDateTime } else { ExpirationType::NoExpiration };
        Self { end_date_time: end, ..Self::bare(kind) }
    }

    /// The pattern's own end, counted from the moment access is granted; `None` for one that does not end, or that
    /// overflows the calendar.
    pub(in crate::sandbox) fn end(&self, granted: Timestamp) -> Option<Timestamp> {
        match self.r#type {
            ExpirationType::NotSpecified | ExpirationType::NoExpiration => None,
            ExpirationType::AfterDateTime => self.end_date_time,
            ExpirationType::AfterDuration => later_by(granted, self.duration.as_deref()?),
        }
    }
}

/// An ISO 8601 duration; `None` for any other way to write one, such as `30 days`, which the service does not read.
pub(in crate::sandbox) fn span(duration: &str) -> Option<jiff::Span> {
    jiff::fmt::temporal::SpanParser::new().parse_span(duration).ok()
}

/// The instant an ISO 8601 duration later; days and longer are those of UTC. `None` for what is no duration, or leaves the calendar.
pub(in crate::sandbox) fn later_by(at: Timestamp, duration: &str) -> Option<Timestamp> {
    let duration = span(duration)?;
    at.to_zoned(TimeZone::UTC).checked_add(duration).ok().map(|later| later.timestamp())
}

/// Graph's `entitlementManagementSchedule`, without recurrence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Schedule {
    pub(in crate::sandbox) start_date_time: Option<Timestamp>,
    pub(in crate::sandbox) expiration: Expiration,
}

impl Schedule {
    /// A schedule that says nothing.
    pub(in crate::sandbox) fn open() -> Self {
        Self { start_date_time: None, expiration: Expiration::bare(ExpirationType::NotSpecified) }
    }
}
