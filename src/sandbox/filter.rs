//! `$filter`: comparisons joined by `and`, and nothing else (graph-contract 1.9.3, 1.10, 2.1).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

/// The longest filter that is read, in bytes.
const LENGTH_LIMIT: usize = 4096;
/// How deep parentheses may nest.
const DEPTH_LIMIT: usize = 8;

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// `contains(tolower(property),'text')`, the one documented form.
    Contains,
}

impl Operator {
    /// The name in the service's refusals.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Equal => "Equals",
            Self::Greater => "GreaterThan",
            Self::GreaterOrEqual => "GreaterThanOrEqual",
            Self::Less => "LessThan",
            Self::LessOrEqual => "LessThanOrEqual",
            Self::Contains => "Contains",
        }
    }
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Bool(bool),
    Null,
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
            (Literal::Text(text), Value::String(value)) if self.operator == Operator::Contains => {
                return value.to_lowercase().contains(text);
            }
            (Literal::Text(text), Value::String(value)) => value.to_lowercase().cmp(&text.to_lowercase()),
            (Literal::Bool(expected), Value::Bool(value)) => value.cmp(expected),
            (Literal::Null, Value::Null) => Ordering::Equal,
            (Literal::Instant(instant), Value::String(value)) => match value.parse::<Timestamp>() {
                Ok(value) => value.cmp(instant),
                Err(_) => return false,
            },
            _ => return false,
        };
        match self.operator {
            Operator::Equal => order.is_eq(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Contains => false,
        }
    }
}

/// A filter: all comparisons must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter(pub(super) Vec<Comparison>);

impl Filter {
    /// Reads a filter; `None` where it is not of the supported form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens = if text.len() <= LENGTH_LIMIT { tokens(text)? } else { return None };
        let mut parser = Parser { tokens: tokens.into_iter().peekable(), comparisons: Vec::new() };
        parser.conjunction(0)?;
        parser.tokens.next().is_none().then_some(Self(parser.comparisons))
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Mark(char),
    Text(String),
    Word(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            character if character.is_whitespace() => {}
            '(' | ')' | ',' => tokens.push(Token::Mark(character)),
            '\'' => {
                let mut literal = String::new();
                loop {
                    match characters.next()? {
                        '\'' if characters.next_if_eq(&'\'').is_some() => literal.push('\''),
                        '\'' => break,
                        other => literal.push(other),
                    }
                }
                tokens.push(Token::Text(literal));
            }
            _ => {
                let mut word = String::from(character);
                while let Some(next) = characters.next_if(|next| !next.is_whitespace() && !"(),'".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    comparisons: Vec<Comparison>,
}

impl Parser {
    fn conjunction(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        loop {
            self.term(depth)?;
            let joined = |token: &Token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("and"));
            if self.tokens.next_if(joined).is_none() {
                return Some(());
            }
        }
    }

    fn term(&mut self, depth: usize) -> Option<()> {
        if self.tokens.next_if_eq(&Token::Mark('(')).is_some() {
            self.conjunction(depth + 1)?;
            return self.mark(')');
        }
        let path = self.word()?;
        let comparison = if path.eq_ignore_ascii_case("contains") { self.contains()? } else { self.compared(path)? };
        self.comparisons.push(comparison);
        Some(())
    }

    fn contains(&mut self) -> Option<Comparison> {
        self.mark('(')?;
        if !self.word()?.eq_ignore_ascii_case("tolower") {
            return None;
        }
        self.mark('(')?;
        let path = self.word()?;
        self.mark(')')?;
        self.mark(',')?;
        let Token::Text(text) = self.tokens.next()? else { return None };
        self.mark(')')?;
        Some(Comparison { path, operator: Operator::Contains, written: text.clone(), literal: Literal::Text(text) })
    }

    fn compared(&mut self, path: String) -> Option<Comparison> {
        let operator = match self.word()?.to_ascii_lowercase().as_str() {
            "eq" => Operator::Equal,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            _ => return None,
        };
        let (written, literal) = match self.tokens.next()? {
            Token::Text(text) => (text.clone(), Literal::Text(text)),
            Token::Word(word) => {
                let literal = match word.as_str() {
                    "true" => Literal::Bool(true),
                    "false" => Literal::Bool(false),
                    "null" => Literal::Null,
                    _ => Literal::Instant(word.parse().ok()?),
                };
                (word, literal)
            }
            Token::Mark(_) => return None,
        };
        Some(Comparison { path, operator, literal, written })
    }

    fn word(&mut self) -> Option<String> {
        match self.tokens.next()? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn mark(&mut self, mark: char) -> Option<()> {
        self.tokens.next_if_eq(&Token::Mark(mark)).map(|_| ())
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
