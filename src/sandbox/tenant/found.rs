//! The records that an index leads to, in the order of their table.

use super::candidates::Candidates;
use super::table::{Position, Table};
use crate::sandbox::records::Record;

/// Records in the order in which they were made; each one that it gives out counts as examined.
pub(in crate::sandbox) struct Found<'t, T> {
    table: &'t Table<T>,
    candidates: Candidates<'t>,
    next: Position,
}

impl<'t, T: Record> Found<'t, T> {
    /// The candidates from the place `start` on.
    pub(super) fn new(table: &'t Table<T>, candidates: Candidates<'t>, start: Position) -> Self {
        Self { table, candidates, next: start }
    }
}

impl<'t, T: Record> Iterator for Found<'t, T> {
    type Item = &'t T;

    fn next(&mut self) -> Option<&'t T> {
        loop {
            let position = self.candidates.seek(self.next).filter(|position| *position < self.table.end())?;
            self.next = position + 1;
            // A place that is empty by now was never in an index of what is there; lists of all places name it.
            if let Some(row) = self.table.examine(position) {
                return Some(row);
            }
        }
    }
}

/// All records from a place on, in order; each one that it gives out counts as examined.
pub(in crate::sandbox) struct Rows<'t, T> {
    table: &'t Table<T>,
    next: Position,
}

impl<'t, T: Record> Rows<'t, T> {
    /// The records from the place `start` on.
    pub(super) fn new(table: &'t Table<T>, start: Position) -> Self {
        Self { table, next: start }
    }
}

impl<'t, T: Record> Iterator for Rows<'t, T> {
    type Item = &'t T;

    fn next(&mut self) -> Option<&'t T> {
        let (position, row) =
            (self.next..self.table.end()).find_map(|position| Some((position, self.table.examine(position)?)))?;
        self.next = position + 1;
        Some(row)
    }
}
