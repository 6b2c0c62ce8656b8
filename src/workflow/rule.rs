//! The rule language: Lifecycle Workflows' grammar, compiled once, evaluated to yes, no or unknown.

use crate::domain::subject::AttributeValue;

/// A compiled rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    text: String,
}

/// A verdict that knows when it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// An attribute it needs was not read.
    Unknown,
}

/// Where a rule finds attributes; `None` means "not read".
pub trait AttributeSource {
    /// The attribute's value.
    fn attribute(&self, name: &str) -> Option<&AttributeValue>;
}

impl Rule {
    /// Evaluates the rule.
    pub fn evaluate(&self, _source: &impl AttributeSource) -> Truth {
        Truth::Unknown
    }
}
