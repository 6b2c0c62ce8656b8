//! A rule as a tree of conditions, down to each comparison, with the value each one saw.

use crate::domain::subject::AttributeValue;
use crate::plan::population::Member;
use crate::workflow::rule::{AttributeSource, Comparison, Expression, Literal, Predicate, Rule, Test};

use super::condition::Condition;
use super::input::Input;
use super::near_miss;
use super::origin::Origin;
use super::value::{quoted, shown};

/// The rule, judged by its own evaluation.
pub(super) fn condition(rule: &Rule, member: &Member<'_>, input: &Input<'_>) -> Condition {
    of_expression(rule.expression(), member, input)
}

fn of_expression(expression: &Expression, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let verdict = expression.evaluate(&|predicate: &Predicate| predicate.evaluate(value_of(predicate, member)));
    let of_parts = |parts: &[Expression]| parts.iter().map(|part| of_expression(part, member, input)).collect();
    match expression {
        Expression::And(parts) => Condition::new("all of these", verdict).parts(of_parts(parts)),
        Expression::Or(parts) => Condition::new("any of these", verdict).parts(of_parts(parts)),
        Expression::Not(part) => Condition::new("not this", verdict).parts(vec![of_expression(part, member, input)]),
        Expression::Condition(single) => {
            let value = value_of(&single.value, member);
            let attribute = &single.value.attribute.value;
            Condition::new(single.value.to_string(), verdict)
                .seen(shown(value))
                .from(Origin::of_attribute(member, attribute, input.definitions, input.observed))
                .hint(hint(&single.value, value, member))
        }
    }
}

fn value_of<'v>(predicate: &Predicate, member: &'v Member<'_>) -> Option<&'v AttributeValue> {
    member.attribute(&predicate.attribute.value)
}

fn hint(predicate: &Predicate, value: Option<&AttributeValue>, member: &Member<'_>) -> Option<String> {
    let Some(value) = value else {
        return Some(if member.is_ambiguous {
            "the employee id leads to more than one account, so that nothing is known".to_owned()
        } else {
            "no feed has delivered it and the directory did not answer it; nothing is added or removed for it"
                .to_owned()
        });
    };
    let (AttributeValue::Text(text), Test::Value(comparison)) = (value, &predicate.test) else { return None };
    let near = |literal: &str, is_prefix| {
        let difference = near_miss::difference(text, literal, is_prefix)?;
        Some(format!("{} and {} differ only in {difference}", quoted(text), quoted(literal)))
    };
    let near_literal = |literal: &Literal| match literal {
        Literal::Text(literal) => near(literal, false),
        Literal::Bool(_) | Literal::Null => None,
    };
    match comparison {
        Comparison::Equal(literal) | Comparison::NotEqual(literal) => near_literal(&literal.value),
        Comparison::OneOf(literals) if literals.iter().any(|literal| literal.value == Literal::Text(text.clone())) => {
            None
        }
        Comparison::OneOf(literals) => literals.iter().find_map(|literal| near_literal(&literal.value)),
        Comparison::StartsWith(prefix) => near(&prefix.value, true),
    }
}
