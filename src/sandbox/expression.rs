//! `$filter` as a tree: comparisons, `in`, `not`, `and`, `or`, `any` and `$count`, as the directory takes them (graph-contract 2.1, 2.2).

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use serde_json::{Value, json};
use uuid::Uuid;

use super::filter::{Comparison, Literal, Operator};

/// The longest filter that is read, in bytes.
const LENGTH_LIMIT: usize = 4096;
/// How deep parentheses, `not` and `any` may nest.
const DEPTH_LIMIT: usize = 8;
/// The segment that counts a collection.
const COUNT: &str = "/$count";

/// A condition on one object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// All must hold.
    And(Vec<Self>),
    /// One must hold.
    Or(Vec<Self>),
    /// It must not hold.
    Not(Box<Self>),
    /// One property and one literal.
    Compare(Comparison),
    /// `property in (…)`: one of these equalities must hold.
    In(Vec<Comparison>),
    /// `collection/any(variable:condition)`; without a condition, the collection must not be empty.
    Any { collection: String, variable: String, condition: Option<Box<Self>> },
}

impl Expression {
    /// Reads a filter; `None` where it is not one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens = if text.len() <= LENGTH_LIMIT { tokens(text)? } else { return None };
        let mut parser = Parser { tokens };
        let expression = parser.alternatives(0)?;
        parser.tokens.is_empty().then_some(expression)
    }

    /// The comparisons of a filter that is nothing but comparisons joined by `and`, with operators that entitlement
    /// management has, such as `collection/any(…)` with one comparison, whose path becomes `collection/any/…`; `None` for any other.
    pub(super) fn conjunction(&self) -> Option<Vec<Comparison>> {
        match self {
            Self::And(parts) => {
                let parts: Option<Vec<_>> = parts.iter().map(Self::conjunction).collect();
                parts.map(|parts| parts.into_iter().flatten().collect())
            }
            Self::Compare(comparison) => {
                let known = !matches!(comparison.literal, Literal::Number(_)) && comparison.operator.is_entitlement();
                known.then(|| vec![comparison.clone()])
            }
            Self::Any { collection, variable, condition } => {
                let inner = condition.as_ref()?.conjunction()?;
                // More than one comparison would have to hold for the same element.
                let [comparison] = inner.as_slice() else { return None };
                let path = comparison.path.strip_prefix(variable.as_str())?.strip_prefix('/')?;
                Some(vec![Comparison { path: format!("{collection}/any/{path}"), ..comparison.clone() }])
            }
            _ => None,
        }
    }

    /// Whether the condition holds, where `value_of` gives the value at a path such as `employeeOrgData/division`.
    pub(super) fn holds(&self, value_of: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(value_of)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(value_of)),
            Self::Not(inner) => !inner.holds(value_of),
            Self::Compare(comparison) => comparison.holds(&counted(&comparison.path, value_of)),
            Self::In(choices) => choices.iter().any(|choice| choice.holds(&value_of(&choice.path))),
            Self::Any { collection, variable, condition } => {
                let elements = value_of(collection);
                let holds = |element: &Value| {
                    let inner_value =
                        |path: &str| element_value(element, variable, path).unwrap_or_else(|| value_of(path));
                    condition.as_ref().is_none_or(|condition| condition.holds(&inner_value))
                };
                elements.as_array().is_some_and(|elements| elements.iter().any(holds))
            }
        }
    }

    /// Whether the filter needs the directory's index, and with it `ConsistencyLevel: eventual` and `$count=true`.
    pub(super) fn is_advanced(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::is_advanced),
            Self::Not(_) => true,
            Self::Compare(comparison) => {
                matches!(comparison.operator, Operator::NotEqual | Operator::EndsWith)
                    || comparison.path.ends_with(COUNT)
            }
            Self::In(_) => false,
            Self::Any { condition, .. } => condition.as_ref().is_some_and(|condition| condition.is_advanced()),
        }
    }

    /// Every property that the filter reads from the object itself, and how: inside `any`, the collection with the operator.
    pub(super) fn uses(&self) -> Vec<Use> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::uses).collect(),
            Self::Not(inner) => inner.uses(),
            Self::Compare(comparison) => {
                let counted = comparison.path.strip_suffix(COUNT);
                let kind = if counted.is_some() { UseKind::Counted } else { UseKind::Compared(comparison.operator) };
                vec![Use { path: counted.unwrap_or(&comparison.path).to_owned(), kind }]
            }
            Self::In(choices) => {
                let first = choices.first().map(|choice| choice.path.clone());
                first.map(|path| Use { path, kind: UseKind::Compared(Operator::Equal) }).into_iter().collect()
            }
            Self::Any { collection, variable, condition } => {
                let inner = condition.as_ref().map(|condition| condition.uses()).unwrap_or_default();
                let own = |used: &Use| is_variable(&used.path, variable);
                let own = Use { path: collection.clone(), kind: UseKind::Elements { foreign: !inner.iter().all(own) } };
                vec![own]
            }
        }
    }
}

/// A property that a filter reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) path: String,
    pub(super) kind: UseKind,
}

/// How a filter reads a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UseKind {
    Compared(Operator),
    Counted,
    /// With `any`; `foreign` where the condition reads something other than the element.
    Elements {
        foreign: bool,
    },
}

fn counted(path: &str, value_of: &dyn Fn(&str) -> Value) -> Value {
    match path.strip_suffix(COUNT) {
        None => value_of(path),
        Some(collection) => json!(value_of(collection).as_array().map_or(0, Vec::len)),
    }
}

fn is_variable(path: &str, variable: &str) -> bool {
    path.split('/').next() == Some(variable)
}

fn element_value(element: &Value, variable: &str, path: &str) -> Option<Value> {
    is_variable(path, variable).then(|| {
        let segments = path.split('/').skip(1);
        segments.fold(element.clone(), |value, segment| inner_value(&value, segment))
    })
}

/// A member of an object by name, any case; null where there is none.
pub(super) fn inner_value(value: &Value, name: &str) -> Value {
    let known = value.as_object().and_then(|inner| inner.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
    known.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Mark(char),
    Text(String),
    Word(String),
}

fn tokens(text: &str) -> Option<VecDeque<Token>> {
    let mut tokens = VecDeque::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            character if character.is_whitespace() => {}
            '(' | ')' | ',' => tokens.push_back(Token::Mark(character)),
            '\'' => {
                let mut literal = String::new();
                loop {
                    match characters.next()? {
                        '\'' if characters.next_if_eq(&'\'').is_some() => literal.push('\''),
                        '\'' => break,
                        other => literal.push(other),
                    }
                }
                tokens.push_back(Token::Text(literal));
            }
            _ => {
                let mut word = String::from(character);
                while let Some(next) = characters.next_if(|next| !next.is_whitespace() && !"(),'".contains(*next)) {
                    word.push(next);
                }
                tokens.push_back(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

struct Parser {
    tokens: VecDeque<Token>,
}

impl Parser {
    fn alternatives(&mut self, depth: usize) -> Option<Expression> {
        self.joined("or", Expression::Or, |parser| parser.conjunction(depth))
    }

    fn conjunction(&mut self, depth: usize) -> Option<Expression> {
        self.joined("and", Expression::And, |parser| parser.term(depth))
    }

    fn joined(
        &mut self,
        word: &str,
        join: fn(Vec<Expression>) -> Expression,
        mut part: impl FnMut(&mut Self) -> Option<Expression>,
    ) -> Option<Expression> {
        let first = part(self)?;
        if !self.next_is(word) {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.take(word) {
            parts.push(part(self)?);
        }
        Some(join(parts))
    }

    fn term(&mut self, depth: usize) -> Option<Expression> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        if self.tokens.front() == Some(&Token::Mark('(')) {
            self.mark('(')?;
            let inner = self.alternatives(depth + 1)?;
            self.mark(')')?;
            return Some(inner);
        }
        let word = self.word()?;
        if word.eq_ignore_ascii_case("not") {
            return Some(Expression::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.tokens.front() != Some(&Token::Mark('(')) {
            return self.compared(word);
        }
        if let Some(collection) = word.strip_suffix("/any") {
            return self.any(collection, depth);
        }
        let operator = match word.to_ascii_lowercase().as_str() {
            "contains" => Operator::Contains,
            "startswith" => Operator::StartsWith,
            "endswith" => Operator::EndsWith,
            _ => return None,
        };
        self.function(operator).map(Expression::Compare)
    }

    fn any(&mut self, collection: &str, depth: usize) -> Option<Expression> {
        self.mark('(')?;
        let collection = collection.to_owned();
        if self.mark(')').is_some() {
            return Some(Expression::Any { collection, variable: String::new(), condition: None });
        }
        let word = self.word()?;
        let (variable, rest) = word.split_once(':')?;
        if !rest.is_empty() {
            self.tokens.push_front(Token::Word(rest.to_owned()));
        }
        let condition = Some(Box::new(self.alternatives(depth + 1)?));
        self.mark(')')?;
        (!variable.is_empty()).then(|| Expression::Any { collection, variable: variable.to_owned(), condition })
    }

    /// `startsWith(property,'text')`; `contains` takes `tolower(property)`, the one documented form.
    fn function(&mut self, operator: Operator) -> Option<Comparison> {
        self.mark('(')?;
        let mut path = self.word()?;
        if operator == Operator::Contains {
            if !path.eq_ignore_ascii_case("tolower") {
                return None;
            }
            self.mark('(')?;
            path = self.word()?;
            self.mark(')')?;
        }
        self.mark(',')?;
        let Token::Text(text) = self.tokens.pop_front()? else { return None };
        self.mark(')')?;
        Some(Comparison { path, operator, written: text.clone(), literal: Literal::Text(text) })
    }

    fn compared(&mut self, path: String) -> Option<Expression> {
        let operator = match self.word()?.to_ascii_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            "in" => return self.choices(&path),
            _ => return None,
        };
        let (written, literal) = self.literal()?;
        Some(Expression::Compare(Comparison { path, operator, literal, written }))
    }

    fn choices(&mut self, path: &str) -> Option<Expression> {
        self.mark('(')?;
        let mut choices = Vec::new();
        loop {
            let (written, literal) = self.literal()?;
            choices.push(Comparison { path: path.to_owned(), operator: Operator::Equal, literal, written });
            if self.mark(',').is_none() {
                self.mark(')')?;
                return Some(Expression::In(choices));
            }
        }
    }

    /// The literal as written and as read; ids may stand without quotes.
    fn literal(&mut self) -> Option<(String, Literal)> {
        match self.tokens.pop_front()? {
            Token::Text(text) => Some((text.clone(), Literal::Text(text))),
            Token::Word(word) => {
                let literal = match word.as_str() {
                    "true" => Literal::Bool(true),
                    "false" => Literal::Bool(false),
                    "null" => Literal::Null,
                    _ => match (word.parse(), Uuid::try_parse(&word)) {
                        (Ok(number), _) => Literal::Number(number),
                        (_, Ok(_)) => Literal::Text(word.clone()),
                        _ => Literal::Instant(word.parse().ok()?),
                    },
                };
                Some((word, literal))
            }
            Token::Mark(_) => None,
        }
    }

    fn word(&mut self) -> Option<String> {
        match self.tokens.pop_front()? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn mark(&mut self, mark: char) -> Option<()> {
        let found = self.tokens.front() == Some(&Token::Mark(mark));
        found.then(|| _ = self.tokens.pop_front())
    }

    fn next_is(&self, word: &str) -> bool {
        matches!(self.tokens.front(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.next_is(word);
        if found {
            self.tokens.pop_front();
        }
        found
    }
}
