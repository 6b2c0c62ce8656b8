//! What can be said of rules without anybody's data: whether they can hold, fail, hold together, and which of their conditions never matter.
//!
//! A person is imagined for every combination of the values that the rules can tell apart: of each attribute null, the values it is
//! compared with, what begins with each text of a `startsWith`, and any other value; of a list every set of such elements. That is
//! exhaustive. Attributes are taken to be independent of each other, and read. The search is bounded: of rules too large for it nothing is
//! said ([`Example::Undecided`]).

use crate::domain::subject::Attributes;

use super::{Expression, Predicate, Rule, Spanned};

mod domain;
mod search;

use domain::{Domains, Leaf};
use search::Budget;

/// Whether there can be somebody, by an example where there can.
#[derive(Debug, Clone, PartialEq)]
pub enum Example {
    /// Somebody of these attributes, the others being whatever they like.
    Found(Attributes),
    /// There can be nobody.
    Impossible,
    /// The rules are too large to tell.
    Undecided,
}

impl Example {
    /// Whether it is certain that there can be nobody.
    pub fn is_impossible(&self) -> bool {
        *self == Self::Impossible
    }
}

/// A condition that could be left out of its rule.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadCondition {
    /// The condition and its place in the rule's text.
    pub condition: Spanned<Predicate>,
    /// The rule says the same with `true` in its place, or else with `false`.
    pub is_as_if_true: bool,
}

/// Somebody for whom the rule holds; [`Example::Impossible`] means that nothing satisfies it.
pub fn can_hold(rule: &Rule) -> Example {
    let mut domains = Domains::default();
    let rule = domains.add(rule.expression());
    domains.example(&rule, &mut Budget::default())
}

/// Somebody for whom the rule does not hold; [`Example::Impossible`] means that it holds for everybody.
pub fn can_fail(rule: &Rule) -> Example {
    let mut domains = Domains::default();
    let rule = domains.add(rule.expression());
    domains.example(&not(rule), &mut Budget::default())
}

/// Somebody for whom both rules hold; [`Example::Impossible`] means that they exclude each other.
pub fn can_hold_together(left: &Rule, right: &Rule) -> Example {
    let mut domains = Domains::default();
    let both = Expression::And(vec![domains.add(left.expression()), domains.add(right.expression())]);
    domains.example(&both, &mut Budget::default())
}

/// Somebody for whom the first rule holds and the second does not; [`Example::Impossible`] means that the first implies the second.
pub fn can_hold_without(rule: &Rule, other: &Rule) -> Example {
    let mut domains = Domains::default();
    let alone = Expression::And(vec![domains.add(rule.expression()), not(domains.add(other.expression()))]);
    domains.example(&alone, &mut Budget::default())
}

/// The conditions that never matter, in the rule's order: of two that make each other superfluous the later one. What is left says the same
/// without all of them. Nothing is reported of a rule that always or never holds, nor what a huge rule leaves undecided.
pub fn dead_conditions(rule: &Rule) -> Vec<DeadCondition> {
    if can_hold(rule).is_impossible() || can_fail(rule).is_impossible() {
        return Vec::new();
    }
    let mut domains = Domains::default();
    let mut budget = Budget::default();
    let mut kept = domains.add(rule.expression());
    let mut dead = Vec::new();
    for (place, condition) in rule.expression().conditions().into_iter().enumerate().rev() {
        for is_as_if_true in [true, false] {
            let without = replaced(&kept, place, is_as_if_true);
            if domains.example(&different(&kept, &without), &mut budget).is_impossible() {
                kept = without;
                dead.push(DeadCondition { condition: condition.clone(), is_as_if_true });
                break;
            }
        }
    }
    dead.reverse();
    dead
}

fn not(part: Expression<Leaf>) -> Expression<Leaf> {
    Expression::Not(Box::new(part))
}

fn different(left: &Expression<Leaf>, right: &Expression<Leaf>) -> Expression<Leaf> {
    Expression::Or(vec![
        Expression::And(vec![left.clone(), not(right.clone())]),
        Expression::And(vec![not(left.clone()), right.clone()]),
    ])
}

/// The expression with a constant in place of the condition of this number.
fn replaced(expression: &Expression<Leaf>, place: usize, by: bool) -> Expression<Leaf> {
    let mut at = 0;
    expression.map(&mut |leaf| {
        at += 1;
        if at == place + 1 { Leaf::Constant(by) } else { *leaf }
    })
}

#[cfg(test)]
mod tests;
