//! What a rule says: conditions joined by `and`, `or` and `not`.

use std::fmt;
use std::ops::Range;

/// A part of a rule and where it stands. Equal when the values are, wherever they stand.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// The part.
    pub value: T,
    /// The byte range in the rule's text.
    pub span: Range<usize>,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// A rule or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Predicate(Predicate),
}

/// One condition on one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    /// The attribute's name, such as `employeeOrgData/costCenter`.
    pub attribute: Spanned<String>,
    /// What is asked of it.
    pub test: Test,
}

/// What is asked of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `eq`
    Equal(Spanned<Literal>),
    /// `ne`
    NotEqual(Spanned<Literal>),
    /// `in (…)`
    OneOf(Vec<Spanned<Literal>>),
    /// `startsWith(…)`
    StartsWith(Spanned<String>),
}

/// A value in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `'…'`, with quotes doubled.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`
    Null,
}

impl Expression {
    pub(super) fn collect_predicates<'e>(&'e self, found: &mut Vec<&'e Predicate>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.collect_predicates(found)),
            Self::Not(part) => part.collect_predicates(found),
            Self::Predicate(predicate) => found.push(predicate),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => write_joined(f, " and ", parts, |f, part| match part {
                Self::And(_) | Self::Or(_) => write!(f, "({part})"),
                Self::Not(_) | Self::Predicate(_) => part.fmt(f),
            }),
            Self::Or(parts) => write_joined(f, " or ", parts, |f, part| match part {
                Self::Or(_) => write!(f, "({part})"),
                Self::And(_) | Self::Not(_) | Self::Predicate(_) => part.fmt(f),
            }),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Predicate(predicate) => predicate.fmt(f),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attribute = &self.attribute.value;
        match &self.test {
            Test::Equal(literal) => write!(f, "{attribute} eq {}", literal.value),
            Test::NotEqual(literal) => write!(f, "{attribute} ne {}", literal.value),
            Test::OneOf(literals) => {
                write!(f, "{attribute} in (")?;
                write_joined(f, ", ", literals, |f, literal| literal.value.fmt(f))?;
                f.write_str(")")
            }
            Test::StartsWith(prefix) => write!(f, "startsWith({attribute}, {})", Quoted(&prefix.value)),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
        }
    }
}

struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

fn write_joined<T>(
    f: &mut fmt::Formatter<'_>,
    separator: &str,
    parts: &[T],
    write_part: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        write_part(f, part)?;
    }
    Ok(())
}
