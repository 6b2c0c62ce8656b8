//! Tokens to an expression, by recursive descent without a step back.

use std::ops::Range;

use crate::workflow::problem::{Complaint, quoted};

use super::expression::Expression;
use super::token::Token;
use super::{Literal, Predicate, RuleError, Spanned, Test};

const DEEPEST_NESTING: usize = 64;

/// Words that cannot name an attribute.
pub(super) const KEYWORDS: [&str; 10] = ["and", "or", "not", "eq", "ne", "in", "startsWith", "true", "false", "null"];
const OPERATORS: [&str; 3] = ["eq", "ne", "in"];
const OTHER_OPERATORS: [&str; 8] = ["gt", "ge", "lt", "le", "has", "contains", "endsWith", "any"];

/// Reads a whole rule; `end` is the length of its text.
pub(super) fn expression(tokens: &[Spanned<Token>], end: usize) -> Result<Expression, RuleError> {
    let mut parser = Parser { tokens, at: 0, end };
    let expression = parser.either(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(Token::Close) => Err(parser.error("this `)` closes nothing")),
        Some(Token::Word(word)) => {
            let complaint = Complaint::new(format!("expected `and` or `or`, found {}", quoted(word)));
            Err(parser.fail(complaint.suggest(word, ["and", "or"])))
        }
        Some(token) => Err(parser.error(&format!("expected `and` or `or`, found {}", token.describe()))),
    }
}

struct Parser<'t> {
    tokens: &'t [Spanned<Token>],
    at: usize,
    end: usize,
}

impl<'t> Parser<'t> {
    fn either(&mut self, depth: usize) -> Result<Expression, RuleError> {
        self.joined("or", Expression::Or, |parser| parser.both(depth))
    }

    fn both(&mut self, depth: usize) -> Result<Expression, RuleError> {
        self.joined("and", Expression::And, |parser| parser.single(depth))
    }

    fn joined(
        &mut self,
        word: &str,
        join: fn(Vec<Expression>) -> Expression,
        part: impl Fn(&mut Self) -> Result<Expression, RuleError>,
    ) -> Result<Expression, RuleError> {
        let first = part(self)?;
        let mut rest = Vec::new();
        while self.take_word(word) {
            rest.push(part(self)?);
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(join(rest))
    }

    fn single(&mut self, depth: usize) -> Result<Expression, RuleError> {
        if depth >= DEEPEST_NESTING {
            return Err(self.error(&format!("nested deeper than {DEEPEST_NESTING} levels")));
        }
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.either(depth + 1)?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        self.predicate().map(Expression::Predicate)
    }

    fn predicate(&mut self) -> Result<Predicate, RuleError> {
        match self.peek() {
            Some(Token::Word(word)) if word == "startsWith" => {
                self.at += 1;
                self.expect(&Token::Open)?;
                let attribute = self.attribute()?;
                self.expect(&Token::Comma)?;
                let prefix = self.literal()?;
                let Literal::Text(value) = prefix.value else {
                    self.at -= 1;
                    return Err(self.error("`startsWith` needs a text in single quotes"));
                };
                self.expect(&Token::Close)?;
                Ok(Predicate { attribute, test: Test::StartsWith(Spanned { value, span: prefix.span }) })
            }
            _ => {
                let attribute = self.attribute()?;
                let test = self.comparison(&attribute.value)?;
                Ok(Predicate { attribute, test })
            }
        }
    }

    fn comparison(&mut self, attribute: &str) -> Result<Test, RuleError> {
        let operator = match self.peek() {
            Some(Token::Word(word)) => word.as_str(),
            _ => {
                let complaint = Complaint::new(format!(
                    "expected `eq`, `ne` or `in` after {}, found {}",
                    quoted(attribute),
                    self.found()
                ));
                return Err(self.fail(complaint.hint(format!("write {attribute} eq true if it is a truth value"))));
            }
        };
        let test = match operator {
            "eq" | "ne" => {
                self.at += 1;
                let literal = self.literal()?;
                if operator == "eq" { Test::Equal(literal) } else { Test::NotEqual(literal) }
            }
            "in" => {
                self.at += 1;
                self.expect(&Token::Open)?;
                let mut literals = vec![self.literal()?];
                while self.peek() == Some(&Token::Comma) {
                    self.at += 1;
                    literals.push(self.literal()?);
                }
                self.expect(&Token::Close)?;
                Test::OneOf(literals)
            }
            other if OTHER_OPERATORS.contains(&other) => {
                return Err(self.error(&format!("`{other}` is not supported by this version")));
            }
            other => {
                let complaint = Complaint::new(format!("expected `eq`, `ne` or `in`, found {}", quoted(other)));
                return Err(self.fail(complaint.suggest(other, OPERATORS)));
            }
        };
        Ok(test)
    }

    fn attribute(&mut self) -> Result<Spanned<String>, RuleError> {
        match self.tokens.get(self.at) {
            Some(Spanned { value: Token::Word(word), span }) => {
                let calls = self.tokens.get(self.at + 1).is_some_and(|next| next.value == Token::Open);
                let last = word.rsplit('/').next().unwrap_or_default();
                if calls && OTHER_OPERATORS.contains(&last) {
                    return Err(self.error(&format!("`{last}(…)` is not supported by this version")));
                }
                if calls {
                    let complaint = Complaint::new(format!("{} is not a function", quoted(word)));
                    return Err(self.fail(complaint.suggest(word, ["startsWith", "not"])));
                }
                if KEYWORDS.contains(&word.as_str()) {
                    return Err(self.error(&format!("expected an attribute, found {}", quoted(word))));
                }
                self.at += 1;
                Ok(Spanned { value: word.clone(), span: span.clone() })
            }
            Some(Spanned { value: Token::Text(_), .. }) => {
                let complaint = Complaint::new(format!("expected an attribute, found {}", self.found()));
                Err(self.fail(complaint.hint("the attribute stands first: department eq 'Sales'")))
            }
            _ => Err(self.error(&format!("expected an attribute, found {}", self.found()))),
        }
    }

    fn literal(&mut self) -> Result<Spanned<Literal>, RuleError> {
        let value = match self.peek() {
            Some(Token::Text(text)) => Literal::Text(text.clone()),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Null,
                other => {
                    let complaint = Complaint::new(format!("expected a value, found {}", quoted(other)));
                    return Err(self.fail(complaint.hint("text stands in single quotes")));
                }
            },
            _ => return Err(self.error(&format!("expected a value, found {}", self.found()))),
        };
        let span = self.span();
        self.at += 1;
        Ok(Spanned { value, span })
    }

    fn expect(&mut self, token: &Token) -> Result<(), RuleError> {
        if self.peek() != Some(token) {
            return Err(self.error(&format!("expected {}, found {}", token.describe(), self.found())));
        }
        self.at += 1;
        Ok(())
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(next)) if next == word);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at).map(|token| &token.value)
    }

    fn found(&self) -> String {
        self.peek().map_or_else(|| "the end of the rule".to_owned(), Token::describe)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }

    fn error(&self, message: &str) -> RuleError {
        self.fail(Complaint::new(message))
    }

    fn fail(&self, complaint: Complaint) -> RuleError {
        RuleError { complaint, span: self.span() }
    }
}
