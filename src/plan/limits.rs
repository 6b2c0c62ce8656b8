//! The numbers of the plan gates (design.md section 7).

use serde::{Deserialize, Serialize};

use crate::workflow::definition::RemovalLimit;

/// How much one plan may change before a person is asked. Each limit is the greater of a count and a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// People one document may remove, and the share of its base.
    pub document_removals: RemovalLimit,
    /// People all documents together may remove, and the share of the directory's users.
    pub tenant_removals: RemovalLimit,
    /// People all documents together may remove, whatever the share.
    pub tenant_removals_cap: u32,
    /// People one document may add, and the share of its base.
    pub document_additions: RemovalLimit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_removals: RemovalLimit { count: 5, percent: 5 },
            tenant_removals: RemovalLimit { count: 10, percent: 2 },
            tenant_removals_cap: 500,
            document_additions: RemovalLimit { count: 50, percent: 20 },
        }
    }
}

/// The number of people a limit allows on a base of `base` people: the greater of the count and the share, rounded down.
pub fn allowed(limit: RemovalLimit, base: u32) -> u32 {
    let share = u64::from(base) * u64::from(limit.percent) / 100;
    limit.count.max(u32::try_from(share).unwrap_or(u32::MAX))
}
