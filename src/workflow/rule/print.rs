//! A rule's canonical text, which reads back as an equal rule.

use std::fmt::{self, Display};

use super::{AnyElement, Comparison, ElementPredicate, Expression, Literal, Predicate, Test};

impl<C: fmt::Display> fmt::Display for Expression<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => write_joined(f, " and ", parts, |f, part| match part {
                Self::And(_) | Self::Or(_) => write!(f, "({part})"),
                Self::Not(_) | Self::Condition(_) => part.fmt(f),
            }),
            Self::Or(parts) => write_joined(f, " or ", parts, |f, part| match part {
                Self::Or(_) => write!(f, "({part})"),
                Self::And(_) | Self::Not(_) | Self::Condition(_) => part.fmt(f),
            }),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Condition(condition) => condition.value.fmt(f),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.test {
            Test::Value(comparison) => comparison.write(f, &self.attribute.value),
            Test::Any(AnyElement { variable, condition }) => {
                write!(f, "{}/any({variable}:{condition})", self.attribute.value)
            }
        }
    }
}

impl fmt::Display for ElementPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.comparison.write(f, &self.element.value)
    }
}

impl Comparison {
    fn write(&self, f: &mut fmt::Formatter<'_>, compared: &str) -> fmt::Result {
        match self {
            Self::Equal(literal) => write!(f, "{compared} eq {}", literal.value),
            Self::NotEqual(literal) => write!(f, "{compared} ne {}", literal.value),
            Self::OneOf(literals) => {
                write!(f, "{compared} in (")?;
                write_joined(f, ", ", literals, |f, literal| literal.value.fmt(f))?;
                f.write_str(")")
            }
            Self::StartsWith(prefix) => write!(f, "startsWith({compared}, {})", Quoted(&prefix.value)),
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
