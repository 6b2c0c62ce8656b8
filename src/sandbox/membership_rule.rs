//! Membership rules of auto-assignment policies, in the grammar of Entra's dynamic groups, read into the tree that filters use.
//!
//! Source: "Manage rules for dynamic membership groups in Microsoft Entra ID" (learn.microsoft.com). `-match` and rules about
//! direct reports or other groups are refused.

mod tokens;

use super::directory::{DirectoryObject, Kind};
use super::expression::Expression;
use super::filter::{Comparison, Literal, Operator};
use super::records::User;
use tokens::{Token, tokens};

/// The longest rule, in bytes (Entra's own limit is 3,072 characters).
const LENGTH_LIMIT: usize = 3072;
/// How deep parentheses and `-not` may nest.
const DEPTH_LIMIT: usize = 8;

/// A rule over the properties of one user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MembershipRule(Expression);

impl MembershipRule {
    /// Reads a rule such as `(user.department -eq "Sales") -and (user.country -in ["NL","DE"])`.
    ///
    /// # Errors
    /// What is wrong with it, for a message.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_LIMIT {
            return Err(format!("it is longer than {LENGTH_LIMIT} characters"));
        }
        let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable() };
        let rule = parser.alternatives(0)?;
        match parser.tokens.next() {
            None => Ok(Self(rule)),
            Some(more) => Err(format!("nothing was expected at {more}")),
        }
    }

    /// Whether the user satisfies the rule; text is compared without regard to case, as the service does.
    pub(super) fn admits(&self, user: &User) -> bool {
        let object = DirectoryObject::from(user);
        self.0.holds(&|path| object.at(path))
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    fn alternatives(&mut self, depth: usize) -> Result<Expression, String> {
        let first = self.conjunction(depth)?;
        let mut parts = vec![first];
        while self.took("or") {
            parts.push(self.conjunction(depth)?);
        }
        Ok(joined(parts, Expression::Or))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Expression, String> {
        let first = self.condition(depth)?;
        let mut parts = vec![first];
        while self.took("and") {
            parts.push(self.condition(depth)?);
        }
        Ok(joined(parts, Expression::And))
    }

    fn condition(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > DEPTH_LIMIT {
            return Err(format!("it nests deeper than {DEPTH_LIMIT} levels"));
        }
        if self.took("not") {
            return Ok(Expression::Not(Box::new(self.condition(depth + 1)?)));
        }
        if self.tokens.next_if_eq(&Token::Open).is_some() {
            let inner = self.alternatives(depth + 1)?;
            self.expect(Token::Close)?;
            return Ok(inner);
        }
        let path = self.property()?;
        if self.took("any") {
            return self.elements(path, depth);
        }
        if self.took("all") {
            // All do: there is none that does not.
            let Expression::Any { collection, variable, condition } = self.elements(path, depth)? else {
                return Err("a condition on the elements is missing".to_owned());
            };
            let condition = condition.map(|condition| Box::new(Expression::Not(condition)));
            return Ok(Expression::Not(Box::new(Expression::Any { collection, variable, condition })));
        }
        self.comparison(path)
    }

    /// `user.proxyAddresses -any (_ -startsWith "smtp:")`.
    fn elements(&mut self, collection: String, depth: usize) -> Result<Expression, String> {
        self.expect(Token::Open)?;
        self.expect(Token::Word("_".to_owned()))?;
        if depth > DEPTH_LIMIT {
            return Err(format!("it nests deeper than {DEPTH_LIMIT} levels"));
        }
        let condition = self.comparison("_".to_owned())?;
        self.expect(Token::Close)?;
        Ok(Expression::Any { collection, variable: "_".to_owned(), condition: Some(Box::new(condition)) })
    }

    fn comparison(&mut self, path: String) -> Result<Expression, String> {
        let operator = match self.tokens.next() {
            Some(Token::Word(word)) => word.trim_start_matches('-').to_ascii_lowercase(),
            _ => return Err(format!("an operator is missing behind '{path}'")),
        };
        let (operator, negated) = match operator.as_str() {
            "eq" => (Operator::Equal, false),
            "ne" => (Operator::NotEqual, false),
            "startswith" => (Operator::StartsWith, false),
            "notstartswith" => (Operator::StartsWith, true),
            "endswith" => (Operator::EndsWith, false),
            "notendswith" => (Operator::EndsWith, true),
            "contains" => (Operator::Contains, false),
            "notcontains" => (Operator::Contains, true),
            "gt" => (Operator::Greater, false),
            "ge" => (Operator::GreaterOrEqual, false),
            "lt" => (Operator::Less, false),
            "le" => (Operator::LessOrEqual, false),
            "in" => return self.choices(&path),
            "notin" => return Ok(Expression::Not(Box::new(self.choices(&path)?))),
            unknown => return Err(format!("the operator '-{unknown}' is not one that the sandbox knows")),
        };
        let (literal, written) = self.literal()?;
        let compared = Expression::Compare(Comparison { path, operator, literal, written });
        Ok(if negated { Expression::Not(Box::new(compared)) } else { compared })
    }

    /// `["NL","DE"]`.
    fn choices(&mut self, path: &str) -> Result<Expression, String> {
        self.expect(Token::OpenList)?;
        let mut choices = Vec::new();
        loop {
            let (literal, written) = self.literal()?;
            choices.push(Comparison { path: path.to_owned(), operator: Operator::Equal, literal, written });
            match self.tokens.next() {
                Some(Token::Comma) => {}
                Some(Token::CloseList) => return Ok(Expression::In(choices)),
                _ => return Err("a list is not closed".to_owned()),
            }
        }
    }

    fn literal(&mut self) -> Result<(Literal, String), String> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok((Literal::Text(text.clone()), text)),
            Some(Token::Word(word)) => {
                let literal = match word.trim_start_matches('$').to_ascii_lowercase().as_str() {
                    "true" => Literal::Bool(true),
                    "false" => Literal::Bool(false),
                    "null" => Literal::Null,
                    number => Literal::Number(number.parse().map_err(|_| format!("'{word}' is no value"))?),
                };
                Ok((literal, word))
            }
            _ => Err("a value is missing".to_owned()),
        }
    }

    /// `user.department`, as the path by which the directory knows it.
    fn property(&mut self) -> Result<String, String> {
        let Some(Token::Word(word)) = self.tokens.next() else { return Err("a property is missing".to_owned()) };
        let own = word.split_once('.').filter(|(of, _)| of.eq_ignore_ascii_case("user")).map(|(_, own)| own);
        let name = own.ok_or_else(|| format!("'{word}' is no property of a user, such as user.department"))?;
        let lower = name.to_ascii_lowercase();
        if lower == "objectid" {
            return Ok("id".to_owned());
        }
        if lower.starts_with("extensionattribute") {
            return Ok(format!("onPremisesExtensionAttributes/{name}"));
        }
        if Kind::User.has(name) { Ok(name.to_owned()) } else { Err(format!("a user has no property '{name}'")) }
    }

    /// Takes a word such as `-and`, with or without its hyphen, in any case.
    fn took(&mut self, word: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Word(known) if known.trim_start_matches('-').eq_ignore_ascii_case(word));
        self.tokens.next_if(is).is_some()
    }

    fn expect(&mut self, token: Token) -> Result<(), String> {
        match self.tokens.next_if_eq(&token) {
            Some(_) => Ok(()),
            None => Err(format!("{token} is missing")),
        }
    }
}

fn joined(mut parts: Vec<Expression>, join: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user() -> User {
        let properties = json!({
            "id": "1", "department": "Sales", "country": "NL", "accountEnabled": true, "jobTitle": null,
            "otherMails": ["a@x.example", "b@y.example"], "onPremisesExtensionAttributes": { "extensionAttribute3": "blue" },
        });
        let properties = properties.as_object().cloned().unwrap();
        User { id: "1".into(), properties, manager: None, access_pass: None }
    }

    #[test]
    fn rules_are_read_as_entra_writes_them() {
        for (rule, expected) in [
            (r#"(user.department -eq "Sales")"#, true),
            (r#"user.department -eq "sales" -and user.country -ne "NL""#, false),
            (r#"(user.department -eq "HR") -or (user.country -in ["DE", "nl"])"#, true),
            (r#"user.country -notIn ["DE","NL"]"#, false),
            (r#"-not (user.department -startsWith "Sa")"#, false),
            (r#"user.department -notContains "ale""#, false),
            ("user.accountEnabled -eq true", true),
            ("user.jobTitle -eq $null", true),
            ("user.jobTitle -ne null", false),
            (r#"user.objectId -eq "1""#, true),
            (r#"user.extensionAttribute3 -eq "blue""#, true),
            (r#"user.otherMails -any (_ -endsWith "@y.example")"#, true),
            (r#"user.otherMails -all (_ -contains "@x.")"#, false),
            (r#"user.department EQ 'Sales' AND user.country eq 'NL'"#, true),
        ] {
            assert_eq!(MembershipRule::parse(rule).map(|rule| rule.admits(&user())), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn what_is_no_rule_says_why() {
        for (rule, why) in [
            ("", "a property is missing"),
            ("department -eq \"x\"", "'department' is no property of a user, such as user.department"),
            ("user.departement -eq \"x\"", "a user has no property 'departement'"),
            ("user.department -eq", "a value is missing"),
            ("user.department -match \"x\"", "the operator '-match' is not one that the sandbox knows"),
            ("(user.department -eq \"x\"", "')' is missing"),
            ("user.department -eq \"x\")", "nothing was expected at ')'"),
            ("user.department -eq \"x", "a text is not closed"),
            ("user.country -in [\"x\"", "a list is not closed"),
        ] {
            assert_eq!(MembershipRule::parse(rule), Err(why.to_owned()), "{rule}");
        }
        assert!(MembershipRule::parse(&"(".repeat(2000)).is_err());
        assert!(MembershipRule::parse(&"-not ".repeat(500)).is_err());
    }
}
