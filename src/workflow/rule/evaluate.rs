//! Kleene's three-valued logic over attributes. Nothing here allocates.

use std::fmt::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::subject::{AssignedPlan, AttributeValue};

use super::{AnyElement, Comparison, ElementPredicate, Expression, Literal, Predicate, Test, Truth};

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

impl Truth {
    /// Yes if any of them is yes, else unknown if any of them is unknown.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, Self::Yes)
    }

    /// No if any of them is no, else unknown if any of them is unknown.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        joined(parts, Self::No)
    }
}

/// `deciding` if any part is that, else unknown if any part is, else the opposite.
fn joined(parts: impl IntoIterator<Item = Truth>, deciding: Truth) -> Truth {
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

impl<C> Expression<C> {
    /// The verdict over the verdicts on single conditions, of which only those that matter are asked for.
    pub fn evaluate(&self, condition: &impl Fn(&C) -> Truth) -> Truth {
        match self {
            Self::And(parts) => Truth::all(parts.iter().map(|part| part.evaluate(condition))),
            Self::Or(parts) => Truth::any(parts.iter().map(|part| part.evaluate(condition))),
            Self::Not(part) => !part.evaluate(condition),
            Self::Condition(single) => condition(&single.value),
        }
    }
}

impl Predicate {
    /// The verdict on the attribute's value; `None` means "not read". An empty list has no element that fulfils anything.
    pub fn evaluate(&self, value: Option<&AttributeValue>) -> Truth {
        let Some(value) = value else { return Truth::Unknown };
        match &self.test {
            Test::Value(comparison) => comparison.holds(single(value)),
            Test::Any(any) => any.holds(value),
        }
    }
}

impl AnyElement {
    fn holds(&self, value: &AttributeValue) -> Truth {
        let element = |of: &dyn Fn(&ElementPredicate) -> Truth| self.condition.evaluate(&|predicate| of(predicate));
        match value {
            AttributeValue::Null => Truth::No,
            AttributeValue::List(texts) => Truth::any(texts.iter().map(|text| {
                element(&|predicate| match predicate.property() {
                    None => predicate.comparison.holds(Single::Text(text)),
                    Some(_) => Truth::Unknown,
                })
            })),
            AttributeValue::AssignedPlans(plans) => {
                Truth::any(plans.iter().map(|plan| element(&|predicate| predicate.holds_for(plan))))
            }
            _ => Truth::Unknown,
        }
    }
}

impl ElementPredicate {
    fn holds_for(&self, plan: &AssignedPlan) -> Truth {
        match self.property().and_then(|name| plan.property(name)) {
            None => Truth::Unknown,
            Some(text) => self.comparison.holds(text.map_or(Single::Null, Single::Text)),
        }
    }
}

/// One value as a comparison sees it.
#[derive(Clone, Copy)]
enum Single<'v> {
    Null,
    Text(&'v str),
    Bool(bool),
    Date(Date),
    Instant(Timestamp),
    /// A list, which cannot be compared as a whole.
    Several,
}

fn single(value: &AttributeValue) -> Single<'_> {
    match value {
        AttributeValue::Null => Single::Null,
        AttributeValue::Text(text) => Single::Text(text),
        AttributeValue::Bool(value) => Single::Bool(*value),
        AttributeValue::Date { date, .. } => Single::Date(*date),
        AttributeValue::Instant(instant) => Single::Instant(*instant),
        AttributeValue::List(_) | AttributeValue::AssignedPlans(_) => Single::Several,
    }
}

impl Comparison {
    fn holds(&self, value: Single<'_>) -> Truth {
        match self {
            Self::Equal(literal) => equal(value, &literal.value),
            Self::NotEqual(literal) => !equal(value, &literal.value),
            Self::OneOf(literals) => Truth::any(literals.iter().map(|literal| equal(value, &literal.value))),
            Self::StartsWith(prefix) => match value {
                Single::Null => Truth::No,
                Single::Text(text) => text.starts_with(&prefix.value).into(),
                _ => Truth::Unknown,
            },
        }
    }
}

fn equal(value: Single<'_>, literal: &Literal) -> Truth {
    let literal = match literal {
        Literal::Null => None,
        Literal::Text(text) => Some(text.as_str()),
        Literal::Bool(true) => Some("true"),
        Literal::Bool(false) => Some("false"),
    };
    match (value, literal) {
        (Single::Several, _) => Truth::Unknown,
        (Single::Null, literal) => literal.is_none().into(),
        (_, None) => Truth::No,
        (Single::Text(text), Some(literal)) => (text == literal).into(),
        (Single::Bool(value), Some(literal)) => prints_as(&value, literal).into(),
        (Single::Date(date), Some(literal)) => prints_as(&date, literal).into(),
        (Single::Instant(instant), Some(literal)) => prints_as(&instant, literal).into(),
    }
}

/// Whether `value` is printed as `text`, without printing it anywhere.
fn prints_as(value: &impl fmt::Display, text: &str) -> bool {
    struct Rest<'t>(&'t str);

    impl Write for Rest<'_> {
        fn write_str(&mut self, printed: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(printed).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}
