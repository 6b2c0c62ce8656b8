//! Time zones, each looked up once.

use foldhash::{HashMap, HashMapExt};
use jiff::tz::TimeZone;

use crate::domain::time::{self, TimeError};

use super::Member;

/// The zones that people live in.
#[derive(Debug)]
pub(super) struct Zones {
    zones: Vec<Result<TimeZone, TimeError>>,
    /// Per row, the place of the person's zone among them.
    places: Vec<Option<usize>>,
}

impl Zones {
    pub(super) fn of(members: &[Member<'_>]) -> Self {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut zones = Vec::new();
        let mut place_of = |name| {
            *known.entry(name).or_insert_with_key(|name| {
                zones.push(time::zone(name));
                zones.len() - 1
            })
        };
        let places = members.iter().map(|member| Some(place_of(member.subject.person?.time_zone.as_str()))).collect();
        Self { zones, places }
    }

    /// The zone of the subject's record; `None` where there is no record.
    pub(super) fn of_member(&self, member: &Member<'_>) -> Option<&Result<TimeZone, TimeError>> {
        self.zones.get((*self.places.get(member.row)?)?)
    }
}
