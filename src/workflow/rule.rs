//! The rule language: Lifecycle Workflows' grammar, compiled once, evaluated to yes, no or unknown.
//!
//! `not` binds tighter than `and`, `and` tighter than `or`. Keywords and values are case-sensitive. The grammar is that of the rule property of
//! <https://learn.microsoft.com/graph/api/resources/identitygovernance-rulebasedsubjectset>.

use std::fmt;
use std::ops::Range;

use crate::domain::subject::{AttributeValue, Attributes, Subject};

use super::problem::Complaint;

pub mod analysis;
mod evaluate;
mod expression;
mod parse;
mod print;
mod token;

pub use expression::{AnyElement, Comparison, ElementPredicate, Expression, Literal, Predicate, Spanned, Test};

/// The longest rule, in bytes.
pub const LONGEST_RULE: usize = 8 * 1024;

/// A compiled rule. Two rules are equal when they say the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    expression: Expression,
}

/// A verdict that knows when it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// An attribute it needs was not read, or holds what cannot be compared.
    Unknown,
}

/// Where a rule finds attributes; `None` means "not read".
pub trait AttributeSource {
    /// The attribute's value.
    fn attribute(&self, name: &str) -> Option<&AttributeValue>;
}

impl AttributeSource for Subject<'_> {
    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        Subject::attribute(self, name)
    }
}

impl AttributeSource for Attributes {
    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.get(name)
    }
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", complaint.message)]
pub struct RuleError {
    /// What is wrong and what to do about it.
    pub complaint: Complaint,
    /// The byte range in the rule's text.
    pub span: Range<usize>,
}

impl Rule {
    /// Reads a rule. Whether its attributes exist is for [`super::attribute::AttributeCatalogue::check`] to say.
    ///
    /// # Errors
    /// What does not follow the grammar, and rules longer than [`LONGEST_RULE`] or nested deeper than 64 levels.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleError>> {
        if text.len() > LONGEST_RULE {
            let complaint = Complaint::new("the rule is longer than 8 KiB");
            return Err(vec![RuleError { complaint, span: 0..0 }]);
        }
        let tokens = token::tokens(text)?;
        let expression = parse::expression(&tokens, text.len()).map_err(|error| vec![error])?;
        Ok(Self { expression })
    }

    /// What it says.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Whether the rule holds, by Kleene's three-valued logic. Nothing is allocated.
    /// A null that was read is a value: `eq null` and `ne 'x'` hold for it, `startsWith` and `any` do not.
    pub fn evaluate(&self, source: &impl AttributeSource) -> Truth {
        self.expression.evaluate(&|predicate| predicate.evaluate(source.attribute(&predicate.attribute.value)))
    }

    /// The attributes the rule asks for, in its order, repeated as there.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.predicates().map(|predicate| predicate.attribute.value.as_str())
    }

    /// The rule's single conditions, in its order.
    pub fn predicates(&self) -> impl Iterator<Item = &Predicate> {
        self.expression.conditions().into_iter().map(|condition| &condition.value)
    }
}

/// Whether a rule could ask for an attribute of this name.
pub(super) fn is_attribute_name(name: &str) -> bool {
    token::is_word(name) && !parse::KEYWORDS.contains(&name)
}

/// The canonical text; it reads back as an equal rule.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(f)
    }
}

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
