//! Tokens to an expression, by recursive descent without a step back.

use std::ops::Range;

use crate::workflow::problem::{Complaint, quoted};

use super::token::Token;
use super::{AnyElement, Comparison, ElementPredicate, Expression, Literal, Predicate, RuleError, Spanned, Test};

const DEEPEST_NESTING: usize = 64;

/// Words that cannot name an attribute.
pub(super) const KEYWORDS: [&str; 10] = ["and", "or", "not", "eq", "ne", "in", "startsWith", "true", "false", "null"];
const OPERATORS: [&str; 3] = ["eq", "ne", "in"];
/// What OData knows and Lifecycle Workflows' rules do not, by the word in any case.
const OTHER_OPERATORS: [&str; 12] =
    ["gt", "ge", "lt", "le", "has", "contains", "endswith", "all", "tolower", "toupper", "length", "substring"];
const HINT_OPERATORS: &str = "a rule knows `eq`, `ne`, `in`, `startsWith` and `any`";

/// Reads a whole rule; `end` is the length of its text.
pub(super) fn expression(tokens: &[Spanned<Token>], end: usize) -> Result<Expression, RuleError> {
    let mut parser = Parser { tokens, at: 0, end };
    let expression = parser.either(0, &Parser::predicate)?;
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

/// Reads a single condition, at some depth.
type ReadCondition<'t, C> = dyn Fn(&mut Parser<'t>, usize) -> Result<C, RuleError>;

impl<'t> Parser<'t> {
    fn either<C>(&mut self, depth: usize, condition: &ReadCondition<'t, C>) -> Result<Expression<C>, RuleError> {
        self.joined("or", Expression::Or, |parser| parser.both(depth, condition))
    }

    fn both<C>(&mut self, depth: usize, condition: &ReadCondition<'t, C>) -> Result<Expression<C>, RuleError> {
        self.joined("and", Expression::And, |parser| parser.single(depth, condition))
    }

    fn joined<C>(
        &mut self,
        word: &str,
        join: fn(Vec<Expression<C>>) -> Expression<C>,
        part: impl Fn(&mut Self) -> Result<Expression<C>, RuleError>,
    ) -> Result<Expression<C>, RuleError> {
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

    fn single<C>(&mut self, depth: usize, condition: &ReadCondition<'t, C>) -> Result<Expression<C>, RuleError> {
        if depth >= DEEPEST_NESTING {
            return Err(self.error(&format!("nested deeper than {DEEPEST_NESTING} levels")));
        }
        if self.take_word("not") {
            return Ok(Expression::Not(Box::new(self.single(depth + 1, condition)?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.either(depth + 1, condition)?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        let start = self.span().start;
        let value = condition(self, depth)?;
        Ok(Expression::Condition(Spanned { value, span: start..self.end_of_last() }))
    }

    /// One condition on the subject.
    fn predicate(&mut self, depth: usize) -> Result<Predicate, RuleError> {
        if let Some(list) = self.list_of_any() {
            let any = self.any(depth)?;
            return Ok(Predicate { attribute: list, test: Test::Any(any) });
        }
        let (attribute, comparison) = self.compared(&Self::attribute)?;
        Ok(Predicate { attribute, test: Test::Value(comparison) })
    }

    /// The list in front of `/any(`, which is left behind; nothing is taken where something else stands there.
    fn list_of_any(&mut self) -> Option<Spanned<String>> {
        let Spanned { value: Token::Word(word), span } = self.tokens.get(self.at)? else { return None };
        let list = word.strip_suffix("/any")?;
        if self.tokens.get(self.at + 1)?.value != Token::Open {
            return None;
        }
        self.at += 2;
        Some(Spanned { value: list.to_owned(), span: span.start..span.start + list.len() })
    }

    /// What stands in the parentheses of `any(…)`.
    fn any(&mut self, depth: usize) -> Result<AnyElement, RuleError> {
        let hint = "name the element first: otherMails/any(p:startsWith(p,'Av'))";
        let variable = match self.peek() {
            Some(Token::Word(word)) if !word.contains('/') && !KEYWORDS.contains(&word.as_str()) => word.clone(),
            _ => {
                let complaint = Complaint::new(format!("expected a name for the element, found {}", self.found()));
                return Err(self.fail(complaint.hint(hint)));
            }
        };
        self.at += 1;
        if self.peek() != Some(&Token::Colon) {
            let complaint = Complaint::new(format!("expected `:`, found {}", self.found()));
            return Err(self.fail(complaint.hint(hint)));
        }
        self.at += 1;
        let named = variable.clone();
        let condition = self.either(depth + 1, &move |parser: &mut Self, _| {
            let (element, comparison) = parser.compared(&|parser| parser.element(&named))?;
            Ok(ElementPredicate { element, comparison })
        })?;
        self.expect(&Token::Close)?;
        Ok(AnyElement { variable, condition: Box::new(condition) })
    }

    /// What is compared, as `name` reads it, and how.
    fn compared(
        &mut self,
        name: &dyn Fn(&mut Self) -> Result<Spanned<String>, RuleError>,
    ) -> Result<(Spanned<String>, Comparison), RuleError> {
        if !self.take_word("startsWith") {
            let name = name(self)?;
            let comparison = self.comparison(&name.value)?;
            return Ok((name, comparison));
        }
        self.expect(&Token::Open)?;
        let name = name(self)?;
        self.expect(&Token::Comma)?;
        let prefix = self.literal()?;
        let Literal::Text(value) = prefix.value else {
            self.at -= 1;
            return Err(self.error("`startsWith` needs a text in single quotes"));
        };
        self.expect(&Token::Close)?;
        Ok((name, Comparison::StartsWith(Spanned { value, span: prefix.span })))
    }

    /// The element of a list that is called `variable`, or a property of it.
    fn element(&mut self, variable: &str) -> Result<Spanned<String>, RuleError> {
        let element = self.attribute()?;
        let (name, property) = element.value.split_once('/').unwrap_or((&element.value, ""));
        if name == variable && !property.contains('/') {
            return Ok(element);
        }
        self.at -= 1;
        let complaint = Complaint::new(format!("expected {}, found {}", quoted(variable), quoted(&element.value)));
        Err(self.fail(complaint.hint(format!("inside `any(…)`, `{variable}` is the element and all that is known"))))
    }

    fn comparison(&mut self, attribute: &str) -> Result<Comparison, RuleError> {
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
        let comparison = match operator {
            "eq" | "ne" => {
                self.at += 1;
                let literal = self.literal()?;
                if operator == "eq" { Comparison::Equal(literal) } else { Comparison::NotEqual(literal) }
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
                Comparison::OneOf(literals)
            }
            other if is_other_operator(other) => return Err(self.fail(not_known(other))),
            other => {
                let complaint = Complaint::new(format!("expected `eq`, `ne` or `in`, found {}", quoted(other)));
                return Err(self.fail(complaint.suggest(other, OPERATORS)));
            }
        };
        Ok(comparison)
    }

    fn attribute(&mut self) -> Result<Spanned<String>, RuleError> {
        match self.tokens.get(self.at) {
            Some(Spanned { value: Token::Word(word), span }) => {
                let calls = self.tokens.get(self.at + 1).is_some_and(|next| next.value == Token::Open);
                let last = word.rsplit('/').next().unwrap_or_default();
                if calls && is_other_operator(last) {
                    return Err(self.fail(not_known(last)));
                }
                if calls && last == "any" {
                    let complaint = Complaint::new("`any(…)` belongs to a list");
                    return Err(self.fail(complaint.hint("as in otherMails/any(p:startsWith(p,'Av'))")));
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

    /// Where the token before this one ends.
    fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.span.end)
    }

    fn error(&self, message: &str) -> RuleError {
        self.fail(Complaint::new(message))
    }

    fn fail(&self, complaint: Complaint) -> RuleError {
        RuleError { complaint, span: self.span() }
    }
}

fn is_other_operator(word: &str) -> bool {
    OTHER_OPERATORS.iter().any(|other| other.eq_ignore_ascii_case(word))
}

fn not_known(operator: &str) -> Complaint {
    Complaint::new(format!("the rule language has no {}", quoted(operator))).hint(HINT_OPERATORS)
}
