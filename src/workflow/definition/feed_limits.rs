//! How far a feed's delivery may differ from what is known: the limits of the feed gate, which a document may tighten and never loosen.

use std::fmt;

/// The greater of a count and a share of a base; what is more than that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedLimit {
    /// So many in any case.
    pub count: u32,
    /// So many thousandths of the base.
    pub per_mille: u32,
}

impl FeedLimit {
    /// Whether `count` of `base` is more than the limit allows.
    pub fn is_passed_by(self, count: usize, base: usize) -> bool {
        let (floor, per_mille) = (size(self.count), size(self.per_mille));
        count > floor && count.saturating_mul(1000) > base.saturating_mul(per_mille)
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// `3 or 0.5 %`.
impl fmt::Display for FeedLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (percent, tenths) = (self.per_mille / 10, self.per_mille % 10);
        match tenths {
            0 => write!(f, "{} or {percent} %", self.count),
            _ => write!(f, "{} or {percent}.{tenths} %", self.count),
        }
    }
}

/// The limits of one feed. [`FeedLimits::default`] is what always holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedLimits {
    /// A delivery with fewer rows is refused, whatever was usual.
    pub least_rows: u32,
    /// Rows fewer than usual, and people of the snapshot in force who are not in the delivery.
    pub rows_lost: FeedLimit,
    /// Rows without a usable key, and keys with different records.
    pub bad_keys: FeedLimit,
    /// Rows in which a typed column cannot be read.
    pub bad_column: FeedLimit,
    /// People who get a leave date that has passed, or a value that says that they have left.
    pub leavers_surge: FeedLimit,
    /// Leave dates that lie ahead and are cleared.
    pub leave_dates_cleared: FeedLimit,
    /// People for whom one attribute changes.
    pub attribute_surge: FeedLimit,
}

impl FeedLimits {
    /// What holds where a document says nothing (design.md section 5).
    pub const LOOSEST: Self = Self {
        least_rows: 1,
        rows_lost: FeedLimit { count: 3, per_mille: 100 },
        bad_keys: FeedLimit { count: 2, per_mille: 5 },
        bad_column: FeedLimit { count: 2, per_mille: 5 },
        leavers_surge: FeedLimit { count: 3, per_mille: 20 },
        leave_dates_cleared: FeedLimit { count: 3, per_mille: 10 },
        attribute_surge: FeedLimit { count: 9, per_mille: 300 },
    };
}

impl Default for FeedLimits {
    fn default() -> Self {
        Self::LOOSEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greater_of_count_and_share_is_still_allowed() {
        let limit = FeedLimit { count: 2, per_mille: 5 };
        // (how many, of how many) → more than allowed
        let table = [
            (2, 10, false),
            (3, 10, true),
            (3, 599, true),
            (3, 600, false),
            (4, 600, true),
            (5, 1000, false),
            (6, 1000, true),
            (0, 0, false),
        ];
        for (count, base, expected) in table {
            assert_eq!(limit.is_passed_by(count, base), expected, "{count} of {base}");
        }
        let none = FeedLimit { count: 0, per_mille: 0 };
        assert!(none.is_passed_by(1, usize::MAX) && !none.is_passed_by(0, 0));
        assert_eq!([limit.to_string(), FeedLimits::LOOSEST.rows_lost.to_string()], ["2 or 0.5 %", "3 or 10 %"]);
    }
}
