//! What is asked of a record, as far as an index can tell.

use std::ops::Bound::{Included, Unbounded};

use jiff::Timestamp;

use super::candidates::{Bits, Candidates};
use super::index::{Places, PropertyIndex};
use super::keys::{text_key, type_bounds};
use super::table::Table;
use crate::sandbox::records::Record;

/// A condition on records. Properties are named as in filters, in lower case; one that has no index says nothing.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox) enum Condition {
    /// Any record.
    Every,
    /// The one with this id.
    Id(String),
    /// One whose property has such a key.
    Keyed(String, KeyTest),
    /// One whose growing property is not before the first instant and not after the second.
    Within(String, Timestamp, Timestamp),
    /// One of which all of these are true.
    All(Vec<Self>),
    /// One of which one of these is true.
    Any(Vec<Self>),
    /// One of which this is not true; what it denies has to be indexed.
    Not(Box<Self>),
}

/// What a key has to be.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox) enum KeyTest {
    /// This one.
    Is(String),
    /// This one, or what begins with it.
    Begins(String),
    /// Of this one's type, and ending so.
    Ends(String),
    /// This one or a later one of its type.
    From(String),
    /// This one or an earlier one of its type.
    UpTo(String),
}

impl Condition {
    /// The property is this text.
    pub(in crate::sandbox) fn is(property: &str, text: &str) -> Self {
        Self::Keyed(property.to_owned(), KeyTest::Is(text_key(text)))
    }

    /// Where the records are of which the indexes do not say that the condition is false.
    pub(super) fn candidates<'t, T: Record>(&self, table: &'t Table<T>) -> Candidates<'t> {
        let every = Candidates::Every(table.end());
        match self {
            Self::Every => every,
            Self::Id(id) => table.position(id).map_or(Candidates::Any(Vec::new()), Candidates::One),
            Self::Keyed(property, test) => match table.index().of(property) {
                Some(PropertyIndex::Keyed(index)) => match test {
                    KeyTest::Is(key) => match index.get(key.as_str()) {
                        None => Candidates::Any(Vec::new()),
                        Some(Places::One(position)) => Candidates::One(*position),
                        Some(Places::Many(positions)) => Candidates::Many(positions),
                    },
                    KeyTest::Begins(start) => {
                        let range = index.range::<str, _>((Included(start.as_str()), Unbounded));
                        let range = range.take_while(|(key, _)| key.starts_with(start.as_str()));
                        Bits::of(table.end(), range.map(|(_, places)| places))
                    }
                    KeyTest::Ends(_) | KeyTest::From(_) | KeyTest::UpTo(_) => {
                        let (from, upto, end) = test.bounds();
                        let range = index.range::<str, _>((Included(from.as_str()), Included(upto.as_str())));
                        let range = range.filter(|(key, _)| key.get(1..).is_some_and(|text| text.ends_with(end)));
                        Bits::of(table.end(), range.map(|(_, places)| places))
                    }
                },
                _ => every,
            },
            Self::Within(property, from, upto) => match table.index().of(property) {
                Some(PropertyIndex::Growing(zones)) => Candidates::Zones(zones, *from, *upto),
                _ => every,
            },
            Self::All(parts) if parts.is_empty() => every,
            Self::All(parts) => Candidates::All(parts.iter().map(|part| part.candidates(table)).collect()),
            Self::Any(parts) => Candidates::Any(parts.iter().map(|part| part.candidates(table)).collect()),
            Self::Not(inner) => Candidates::Not(Box::new(inner.candidates(table)), table.end()),
        }
    }
}

impl KeyTest {
    /// The first and the last key that can pass, and how they have to end.
    fn bounds(&self) -> (String, String, &str) {
        match self {
            Self::Is(key) | Self::Begins(key) => (key.clone(), key.clone(), ""),
            Self::From(key) => (key.clone(), type_bounds(key).1, ""),
            Self::UpTo(key) => (type_bounds(key).0, key.clone(), ""),
            Self::Ends(key) => {
                let (from, upto) = type_bounds(key);
                (from, upto, key.get(1..).unwrap_or_default())
            }
        }
    }
}
