//! `$filter`: one comparison, and what each service takes: entitlement management only comparisons joined by `and` (graph-contract 1.9.3, 1.10).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::expression::Expression;

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// `contains(tolower(property),'text')`, the one documented form.
    Contains,
    StartsWith,
    EndsWith,
}

impl Operator {
    /// Whether entitlement management has it.
    pub(super) fn is_entitlement(self) -> bool {
        !matches!(self, Self::NotEqual | Self::StartsWith | Self::EndsWith)
    }

    /// The name in the service's refusals.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Equal => "Equals",
            Self::NotEqual => "NotEquals",
            Self::Greater => "GreaterThan",
            Self::GreaterOrEqual => "GreaterThanOrEqual",
            Self::Less => "LessThan",
            Self::LessOrEqual => "LessThanOrEqual",
            Self::Contains => "Contains",
            Self::StartsWith => "StartsWith",
            Self::EndsWith => "EndsWith",
        }
    }
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Bool(bool),
    Null,
    Number(i64),
    Instant(Timestamp),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    /// The property as written; segments are separated by `/`.
    pub(super) path: String,
    pub(super) operator: Operator,
    pub(super) literal: Literal,
    /// The literal as written, for messages.
    pub(super) written: String,
}

impl Comparison {
    /// Whether the property's value satisfies the comparison; text is compared without regard to case, as the service does.
    pub(super) fn holds(&self, value: &Value) -> bool {
        let order = match (&self.literal, value) {
            (Literal::Text(text), Value::String(value)) => {
                let (text, value) = (text.to_lowercase(), value.to_lowercase());
                match self.operator {
                    Operator::Contains => return value.contains(&text),
                    Operator::StartsWith => return value.starts_with(&text),
                    Operator::EndsWith => return value.ends_with(&text),
                    _ => Some(value.cmp(&text)),
                }
            }
            (Literal::Bool(expected), Value::Bool(value)) => Some(value.cmp(expected)),
            (Literal::Null, Value::Null) => Some(Ordering::Equal),
            (Literal::Number(expected), Value::Number(value)) => value.as_i64().map(|value| value.cmp(expected)),
            (Literal::Instant(instant), Value::String(value)) => {
                value.parse::<Timestamp>().ok().map(|value| value.cmp(instant))
            }
            _ => None,
        };
        match self.operator {
            Operator::Equal => order.is_some_and(Ordering::is_eq),
            Operator::NotEqual => order.is_none_or(Ordering::is_ne),
            Operator::Greater => order.is_some_and(Ordering::is_gt),
            Operator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
            Operator::Less => order.is_some_and(Ordering::is_lt),
            Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
        }
    }
}

/// A filter, as each of the two services reads it; nothing where there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter(
    /// Comparisons that must all hold: the whole filter for entitlement management, which takes no other form.
    pub(super) Vec<Comparison>,
    /// The whole filter for the directory.
    pub(super) Option<Expression>,
);

impl Filter {
    /// Reads a filter of entitlement management; `None` where it is not of the supported form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Expression::parse(text)?.conjunction().map(|comparisons| Self(comparisons, None))
    }

    /// Reads a filter of the directory; `None` where it is none.
    pub(super) fn parse_expression(text: &str) -> Option<Self> {
        Expression::parse(text).map(|expression| Self(Vec::new(), Some(expression)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn comparisons_are_joined_by_and() {
        let filter =
            Filter::parse("state eq 'Delivered' and (target/objectid eq 'O''Neil') and a eq null and b eq true")
                .unwrap();
        let read: Vec<_> = filter.0.iter().map(|c| (c.path.as_str(), c.literal.clone())).collect();
        assert_eq!(
            read,
            [
                ("state", Literal::Text("Delivered".into())),
                ("target/objectid", Literal::Text("O'Neil".into())),
                ("a", Literal::Null),
                ("b", Literal::Bool(true)),
            ]
        );
    }

    #[test]
    fn what_is_not_supported_is_not_read() {
        for text in [
            "",
            "a",
            "a eq",
            "a eq 'b",
            "a eq 'b' or c eq 'd'",
            "not a eq 'b'",
            "a in ('b')",
            "a ne 'b'",
            "a eq 5",
            "a eq 'b' c",
            "startswith(a,'b')",
            "contains(a,'b')",
            "(a eq 'b'",
            "a eq 'b')",
        ] {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
        assert_eq!(Filter::parse(&format!("{}a eq 'b'{}", "(".repeat(50), ")".repeat(50))), None);
        assert_eq!(Filter::parse(&format!("a eq '{}'", "x".repeat(5000))), None);
    }

    #[test]
    fn values_are_compared_by_type() {
        let holds = |filter: &str, value: Value| Filter::parse(filter).unwrap().0[0].holds(&value);
        assert!(holds("state eq 'Delivered'", json!("delivered")));
        assert!(!holds("state eq 'Delivered'", json!(null)));
        assert!(holds("mail eq null", json!(null)));
        assert!(holds("accountEnabled eq false", json!(false)));
        assert!(holds("createdDateTime ge 2026-12-01T00:00:00Z", json!("2026-12-01T00:00:00.5Z")));
        assert!(!holds("createdDateTime lt 2026-12-01T00:00:00Z", json!("2026-12-01T00:00:00.5Z")));
        assert!(holds("contains(tolower(displayName),'market')", json!("Marketing Campaign")));
    }
}
