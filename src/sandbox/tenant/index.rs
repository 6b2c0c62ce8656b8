//! The indexes of a table: for each indexed property, which keys stand at which places.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::keys::Keys;
use super::table::Position;

/// How many neighbouring records share a zone of a growing index.
const ZONE: Position = 32;

/// A property by which records of one kind are found, named as in filters, in lower case.
pub(in crate::sandbox) enum Property<T: 'static> {
    /// By keys.
    Keyed(&'static str, fn(&T, &mut Keys)),
    /// By an instant that is as a rule later in later records.
    Growing(&'static str, fn(&T) -> Timestamp),
}

impl<T> Property<T> {
    /// The name.
    pub(in crate::sandbox) fn name(&self) -> &'static str {
        match self {
            Self::Keyed(name, _) | Self::Growing(name, _) => name,
        }
    }
}

/// The places of one key: most keys have one.
pub(super) enum Places {
    One(Position),
    Many(BTreeSet<Position>),
}

/// The index of one property.
pub(super) enum PropertyIndex {
    Keyed(BTreeMap<Box<str>, Places>),
    /// The earliest and the latest instant in each zone of places.
    Growing(Vec<(Timestamp, Timestamp)>),
}

/// All indexes of a table, by property.
pub(super) struct Index(Vec<(&'static str, PropertyIndex)>);

impl Index {
    /// Empty indexes for these properties.
    pub(super) fn over<T>(properties: &[Property<T>]) -> Self {
        let empty = |property: &Property<T>| match property {
            Property::Keyed(..) => PropertyIndex::Keyed(BTreeMap::new()),
            Property::Growing(..) => PropertyIndex::Growing(Vec::new()),
        };
        Self(properties.iter().map(|property| (property.name(), empty(property))).collect())
    }

    /// The index of a property, where it has one.
    pub(super) fn of(&self, property: &str) -> Option<&PropertyIndex> {
        self.0.iter().find(|(known, _)| *known == property).map(|(_, index)| index)
    }

    /// Takes note that the record at this place is now another, new or gone.
    pub(super) fn replace<T>(
        &mut self,
        properties: &[Property<T>],
        position: Position,
        old: Option<&T>,
        new: Option<&T>,
    ) {
        for (property, (_, index)) in properties.iter().zip(&mut self.0) {
            match (property, index) {
                (Property::Keyed(_, keys), PropertyIndex::Keyed(index)) => {
                    let keys_of = |record: Option<&T>| {
                        let mut found = Keys::default();
                        record.into_iter().for_each(|record| keys(record, &mut found));
                        found.into_sorted()
                    };
                    let (old, new) = (keys_of(old), keys_of(new));
                    old.iter().filter(|key| !new.contains(key)).for_each(|key| leave(index, key, position));
                    new.into_iter().filter(|key| !old.contains(key)).for_each(|key| enter(index, key, position));
                }
                (Property::Growing(_, instant), PropertyIndex::Growing(zones)) => {
                    if let Some(new) = new.map(instant) {
                        widen(zones, position, new);
                    }
                }
                _ => {}
            }
        }
    }
}

/// The zone in which a place is, and the first place of a zone.
pub(super) fn zone_of(position: Position) -> usize {
    (position / ZONE) as usize
}

/// The first place of a zone.
pub(super) fn zone_start(zone: usize) -> Position {
    Position::try_from(zone).unwrap_or(Position::MAX).saturating_mul(ZONE)
}

fn enter(index: &mut BTreeMap<Box<str>, Places>, key: String, position: Position) {
    match index.get_mut(key.as_str()) {
        None => _ = index.insert(key.into(), Places::One(position)),
        Some(Places::Many(places)) => _ = places.insert(position),
        Some(places @ Places::One(_)) => {
            if let Places::One(first) = *places {
                *places = Places::Many(BTreeSet::from([first, position]));
            }
        }
    }
}

fn leave(index: &mut BTreeMap<Box<str>, Places>, key: &str, position: Position) {
    let emptied = match index.get_mut(key) {
        Some(Places::Many(places)) => {
            places.remove(&position);
            places.is_empty()
        }
        Some(Places::One(_)) => true,
        None => false,
    };
    if emptied {
        index.remove(key);
    }
}

fn widen(zones: &mut Vec<(Timestamp, Timestamp)>, position: Position, instant: Timestamp) {
    let zone = zone_of(position);
    match zones.get_mut(zone) {
        Some((earliest, latest)) => (*earliest, *latest) = ((*earliest).min(instant), (*latest).max(instant)),
        // Records come one behind the other: a zone is new when its first one comes.
        None => zones.resize(zone + 1, (instant, instant)),
    }
}
