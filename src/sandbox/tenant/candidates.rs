//! Places that an index yields: sets that tell their next member behind a place, so that a page costs what it shows.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::index::{Places, zone_of, zone_start};
use super::table::Position;

/// Places in a table.
pub(super) enum Candidates<'t> {
    /// All before this one.
    Every(Position),
    One(Position),
    Many(&'t BTreeSet<Position>),
    Bits(Bits),
    /// Those in zones with an instant between these two.
    Zones(&'t [(Timestamp, Timestamp)], Timestamp, Timestamp),
    /// Those in all of these, of which there is one at least.
    All(Vec<Self>),
    /// Those in any of these.
    Any(Vec<Self>),
    /// Those that are not in this one, before the given place.
    Not(Box<Self>, Position),
}

impl Candidates<'_> {
    /// The first place that is not before `from`.
    pub(super) fn seek(&self, from: Position) -> Option<Position> {
        match self {
            Self::Every(end) => (from < *end).then_some(from),
            Self::One(position) => (*position >= from).then_some(*position),
            Self::Many(positions) => positions.range(from..).next().copied(),
            Self::Bits(bits) => bits.seek(from),
            Self::Zones(zones, earliest, latest) => {
                let first = zone_of(from);
                let meets = |(start, end): &(Timestamp, Timestamp)| start <= latest && end >= earliest;
                let ahead = zones.get(first..)?.iter().position(meets)?;
                Some(if ahead == 0 { from } else { zone_start(first + ahead) })
            }
            Self::All(parts) => {
                let mut at = from;
                // Each part that has nothing at this place moves it on, and all are asked again.
                loop {
                    let mut next = at;
                    for part in parts {
                        next = part.seek(next)?;
                    }
                    if next == at {
                        return Some(at);
                    }
                    at = next;
                }
            }
            Self::Any(parts) => parts.iter().filter_map(|part| part.seek(from)).min(),
            Self::Not(inner, end) => (from..*end).find(|position| inner.seek(*position) != Some(*position)),
        }
    }
}

/// A set of places, one bit each.
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The places of several keys, all before `end`.
    pub(super) fn of<'p>(end: Position, keys: impl Iterator<Item = &'p Places>) -> Candidates<'static> {
        let mut words = vec![0_u64; end as usize / 64 + 1];
        let mut add = |position: Position| {
            if let Some(word) = words.get_mut(position as usize / 64) {
                *word |= 1 << (position % 64);
            }
        };
        for places in keys {
            match places {
                Places::One(position) => add(*position),
                Places::Many(positions) => positions.iter().copied().for_each(&mut add),
            }
        }
        Candidates::Bits(Self(words))
    }

    fn seek(&self, from: Position) -> Option<Position> {
        let first = from as usize / 64;
        let rest = |(ahead, word): (usize, &u64)| {
            let word = if ahead == 0 { word & (u64::MAX << (from % 64)) } else { *word };
            (word != 0)
                .then(|| Position::try_from((first + ahead) * 64).ok().map(|start| start + word.trailing_zeros()))
        };
        self.0.get(first..)?.iter().enumerate().find_map(rest)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(candidates: &Candidates<'_>) -> Vec<Position> {
        let mut found = Vec::new();
        let mut next = 0;
        while let Some(position) = candidates.seek(next) {
            found.push(position);
            next = position + 1;
        }
        found
    }

    fn bits(positions: &[Position]) -> Candidates<'static> {
        let places: Vec<_> = positions.iter().copied().map(Places::One).collect();
        Bits::of(300, places.iter())
    }

    #[test]
    fn sets_are_joined_and_met_in_the_order_of_places() {
        let threes = || bits(&(0..100).map(|number| number * 3).collect::<Vec<_>>());
        let evens: BTreeSet<_> = (0..150).map(|number| number * 2).collect();
        let both = Candidates::All(vec![threes(), Candidates::Many(&evens), Candidates::Every(300)]);
        assert_eq!(all(&both), (0..50).map(|number| number * 6).collect::<Vec<_>>());
        let either = Candidates::Any(vec![bits(&[1, 64, 128, 299]), Candidates::One(65)]);
        assert_eq!(all(&either), [1, 64, 65, 128, 299]);
        assert_eq!(all(&Candidates::Not(Box::new(either), 4)), [0, 2, 3]);
        assert_eq!(all(&Candidates::Any(Vec::new())), Vec::<Position>::new());
        assert_eq!(all(&Candidates::All(vec![Candidates::One(5), Candidates::One(6)])), Vec::<Position>::new());
    }

    #[test]
    fn zones_without_a_matching_instant_are_passed_over() {
        let day = |day: i8| jiff::civil::date(2026, 11, day).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        let zones = [(day(1), day(2)), (day(3), day(4)), (day(5), day(6))];
        let found = Candidates::Zones(&zones, day(3), day(3));
        assert_eq!((found.seek(0), found.seek(40), found.seek(64)), (Some(32), Some(40), None));
        assert_eq!(Candidates::Zones(&zones, day(9), day(9)).seek(0), None);
    }
}
