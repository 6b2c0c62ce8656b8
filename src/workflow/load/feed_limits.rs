//! `limits` of `kind: Feed`: the feed gate's limits, which may only be tightened.

use crate::workflow::definition::{FeedLimit, FeedLimits};
use crate::workflow::reader::Reader;
use crate::workflow::reader::convert::{integer, mapping};

/// The most rows that a document may ask for.
pub(crate) const MOST_LEAST_ROWS: u32 = 10_000_000;

/// The limits by the words of the rules they belong to; what is not named is as it always is.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<FeedLimits> {
    let loosest = FeedLimits::LOOSEST;
    let least_rows = optional(reader, "leastRows", loosest.least_rows, |reader| {
        reader.optional("leastRows", integer(1..=MOST_LEAST_ROWS))
    });
    let mut limit = |key: &'static str, loosest: FeedLimit| {
        optional(reader, key, loosest, |reader| reader.optional(key, mapping(|reader| tightened(reader, loosest))))
    };
    Some(FeedLimits {
        rows_lost: limit("rowsLost", loosest.rows_lost)?,
        bad_keys: limit("badKeys", loosest.bad_keys)?,
        bad_column: limit("badColumn", loosest.bad_column)?,
        leavers_surge: limit("leaversSurge", loosest.leavers_surge)?,
        leave_dates_cleared: limit("leaveDatesCleared", loosest.leave_dates_cleared)?,
        attribute_surge: limit("attributeSurge", loosest.attribute_surge)?,
        least_rows: least_rows?,
    })
}

/// What is not there is `default`; what is there and wrong is `None`.
fn optional<'n, T>(
    reader: &mut Reader<'n>,
    key: &'static str,
    default: T,
    read: impl FnOnce(&mut Reader<'n>) -> Option<T>,
) -> Option<T> {
    if reader.has(key) { read(reader) } else { Some(default) }
}

fn tightened(reader: &mut Reader<'_>, loosest: FeedLimit) -> Option<FeedLimit> {
    let count = optional(reader, "count", loosest.count, |reader| reader.optional("count", integer(0..=loosest.count)));
    let per_mille = optional(reader, "percent", loosest.per_mille, |reader| {
        Some(reader.optional("percent", integer(0..=loosest.per_mille / 10))? * 10)
    });
    Some(FeedLimit { count: count?, per_mille: per_mille? })
}
