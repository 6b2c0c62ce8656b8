//! Which records a checked filter of entitlement management can be true of, as far as indexes tell.

use jiff::Timestamp;

use super::super::filter::{Comparison, Filter, Literal, Operator};
use super::super::tenant::Condition;

/// What is asked of a record that belongs to `within` and passes the filter; `contains` is no matter of an index, so
/// that it is left to those who look at the records.
pub(super) fn condition(within: Condition, filter: &Filter) -> Condition {
    let mut all = vec![within];
    all.extend(filter.0.iter().filter_map(compared));
    Condition::All(all)
}

fn compared(comparison: &Comparison) -> Option<Condition> {
    let path = comparison.path.to_lowercase();
    match (&comparison.literal, comparison.operator) {
        (Literal::Text(id), Operator::Equal) if path == "id" => Some(Condition::Id(id.to_lowercase())),
        (Literal::Text(text), Operator::Equal) => Some(Condition::is(&path, text)),
        (Literal::Instant(instant), operator) => {
            let (from, upto) = match operator {
                Operator::Equal => (*instant, *instant),
                Operator::Greater | Operator::GreaterOrEqual => (*instant, Timestamp::MAX),
                _ => (Timestamp::MIN, *instant),
            };
            Some(Condition::Within(path, from, upto))
        }
        _ => None,
    }
}
