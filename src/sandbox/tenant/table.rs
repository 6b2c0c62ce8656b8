//! Records of one kind in the order in which they were made, found by id and by what they are indexed by.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use super::condition::Condition;
use super::found::{Found, Rows};
use super::index::Index;
use crate::sandbox::records::Record;

/// A record's place in its table, and in its table's indexes.
pub(super) type Position = u32;

/// The table. The place of a removed record stays empty, so that pages go on behind it.
pub(in crate::sandbox) struct Table<T> {
    rows: Vec<Option<T>>,
    positions: HashMap<Box<str>, Position>,
    index: Index,
    live: usize,
    examined: Cell<u64>,
}

impl<T: Record> Default for Table<T> {
    fn default() -> Self {
        let index = Index::over(T::INDEXES);
        Self { rows: Vec::new(), positions: HashMap::new(), index, live: 0, examined: Cell::new(0) }
    }
}

impl<T: Record> Table<T> {
    /// The record with this id.
    pub(in crate::sandbox) fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.position(id)? as usize)?.as_ref()
    }

    /// All records, oldest first.
    pub(in crate::sandbox) fn iter(&self) -> Rows<'_, T> {
        Rows::new(self, 0)
    }

    /// The records behind the one named; all of them where none is named; `None` where there is no such record.
    pub(in crate::sandbox) fn after(&self, id: Option<&str>) -> Option<Rows<'_, T>> {
        Some(Rows::new(self, self.start(id)?))
    }

    /// As [`Self::after`], those alone that may satisfy the condition: an indexed property is looked up, any other is
    /// the caller's to check.
    pub(in crate::sandbox) fn matching(&self, condition: &Condition, after: Option<&str>) -> Option<Found<'_, T>> {
        let start = self.start(after)?;
        Some(Found::new(self, condition.candidates(self), start))
    }

    /// The records with this value (any case) of an indexed property, oldest first.
    pub(in crate::sandbox) fn by(&self, property: &'static str, value: &str) -> Found<'_, T> {
        Found::new(self, Condition::is(property, value).candidates(self), 0)
    }

    /// Those of these records that there are, oldest first.
    pub(in crate::sandbox) fn oldest_first<'t>(
        &'t self,
        ids: &BTreeSet<String>,
    ) -> impl Iterator<Item = &'t T> + use<'t, T> {
        let mut known: Vec<_> = ids.iter().filter_map(|id| self.position(id)).collect();
        known.sort_unstable();
        known.into_iter().filter_map(|position| self.examine(position))
    }

    /// How many there are.
    pub(in crate::sandbox) fn len(&self) -> usize {
        self.live
    }

    /// How many pass the test: a total for the tester, no part of what a call looks at.
    pub(in crate::sandbox) fn count(&self, test: impl Fn(&T) -> bool) -> usize {
        self.rows.iter().flatten().filter(|row| test(row)).count()
    }

    /// How many records iterators of this table have given out: what calls cost beside lookups by id.
    pub(in crate::sandbox) fn examined(&self) -> u64 {
        self.examined.get()
    }

    /// Adds the record, or puts it in the place of the one with its id.
    pub(in crate::sandbox) fn put(&mut self, record: T) {
        let position = self.position(record.id()).unwrap_or_else(|| {
            // Memory ends long before four billion records.
            let position = Position::try_from(self.rows.len()).unwrap_or(Position::MAX);
            self.positions.insert(record.id().into(), position);
            self.rows.push(None);
            position
        });
        if let Some(place) = self.rows.get_mut(position as usize) {
            self.index.replace(T::INDEXES, position, place.as_ref(), Some(&record));
            self.live += usize::from(place.is_none());
            *place = Some(record);
        }
    }

    /// Takes the record out.
    pub(in crate::sandbox) fn remove(&mut self, id: &str) -> Option<T> {
        let position = self.position(id)?;
        let removed = self.rows.get_mut(position as usize)?.take()?;
        self.index.replace(T::INDEXES, position, Some(&removed), None);
        self.live -= 1;
        Some(removed)
    }

    /// The indexes.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// The place that the record with this id has or had.
    pub(super) fn position(&self, id: &str) -> Option<Position> {
        self.positions.get(id).copied()
    }

    /// The place behind the last one.
    pub(super) fn end(&self) -> Position {
        Position::try_from(self.rows.len()).unwrap_or(Position::MAX)
    }

    /// The record at a place, counted as examined; `None` where it was removed.
    pub(super) fn examine(&self, position: Position) -> Option<&T> {
        let row = self.rows.get(position as usize)?.as_ref()?;
        self.examined.set(self.examined.get() + 1);
        Some(row)
    }

    fn start(&self, after: Option<&str>) -> Option<Position> {
        after.map_or(Some(0), |id| self.position(id).map(|position| position + 1))
    }
}
