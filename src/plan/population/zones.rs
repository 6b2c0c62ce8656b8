//! Time zones, each looked up once.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::domain::time::{self, TimeError};

use super::Member;

/// The zones that people live in, by name.
#[derive(Debug)]
pub(super) struct Zones<'a>(HashMap<&'a str, Result<TimeZone, TimeError>>);

impl<'a> Zones<'a> {
    pub(super) fn of(members: &[Member<'a>]) -> Self {
        let mut zones = HashMap::new();
        for person in members.iter().filter_map(|member| member.subject.person) {
            zones.entry(person.time_zone.as_str()).or_insert_with_key(|name| time::zone(name));
        }
        Self(zones)
    }

    /// A zone by its IANA name.
    ///
    /// # Errors
    /// [`TimeError::UnknownZone`] when the database has no such name.
    pub(super) fn get(&self, name: &str) -> Result<TimeZone, TimeError> {
        self.0.get(name).map_or_else(|| time::zone(name), Clone::clone)
    }
}
