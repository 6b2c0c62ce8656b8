//! Which rows of a delivery a feed is about.

use std::collections::BTreeMap;

use crate::workflow::rule::Rule;

/// The rows that are a feed's own; the others are left out on purpose, and counted.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFilter {
    /// A row for which this does not hold is left out. A column's text is compared as it stands, without blanks around it; an empty one is null.
    pub keep: Rule,
    /// The column behind each word of the rule.
    pub columns: BTreeMap<String, String>,
}
