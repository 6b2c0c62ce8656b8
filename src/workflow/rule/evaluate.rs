//! Kleene's three-valued logic over attributes.

use std::borrow::Cow;

use crate::domain::subject::AttributeValue;

use super::expression::Expression;
use super::{AttributeSource, Literal, Predicate, Test, Truth};

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

pub(super) fn expression(expression: &Expression, source: &impl AttributeSource) -> Truth {
    match expression {
        Expression::And(parts) => joined(parts.iter().map(|part| self::expression(part, source)), Truth::No),
        Expression::Or(parts) => joined(parts.iter().map(|part| self::expression(part, source)), Truth::Yes),
        Expression::Not(part) => !self::expression(part, source),
        Expression::Predicate(predicate) => self::predicate(predicate, source),
    }
}

/// `deciding` if any part is that, else unknown if any part is, else the opposite.
fn joined(parts: impl Iterator<Item = Truth>, deciding: Truth) -> Truth {
    let mut verdict = !deciding;
    for part in parts {
        if part == deciding {
            return deciding;
        }
        if part == Truth::Unknown {
            verdict = Truth::Unknown;
        }
    }
    verdict
}

fn predicate(predicate: &Predicate, source: &impl AttributeSource) -> Truth {
    let Some(value) = source.attribute(&predicate.attribute.value) else {
        return Truth::Unknown;
    };
    match &predicate.test {
        Test::Equal(literal) => equal(value, &literal.value),
        Test::NotEqual(literal) => !equal(value, &literal.value),
        Test::OneOf(literals) => joined(literals.iter().map(|literal| equal(value, &literal.value)), Truth::Yes),
        Test::StartsWith(prefix) => match value {
            AttributeValue::Null => Truth::No,
            AttributeValue::Text(text) => text.starts_with(&prefix.value).into(),
            _ => Truth::Unknown,
        },
    }
}

fn equal(value: &AttributeValue, literal: &Literal) -> Truth {
    let literal = match literal {
        Literal::Null => return (*value == AttributeValue::Null).into(),
        Literal::Text(text) => text.as_str(),
        Literal::Bool(true) => "true",
        Literal::Bool(false) => "false",
    };
    let value = match value {
        AttributeValue::Null => return Truth::No,
        AttributeValue::List(_) => return Truth::Unknown,
        AttributeValue::Text(text) => Cow::Borrowed(text.as_str()),
        AttributeValue::Bool(value) => Cow::Owned(value.to_string()),
        AttributeValue::Date { date, .. } => Cow::Owned(date.to_string()),
        AttributeValue::Instant(instant) => Cow::Owned(instant.to_string()),
    };
    (value == literal).into()
}
