//! The words, texts and brackets of a membership rule.

use std::fmt;

/// One piece of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A property, an operator or a bare value.
    Word(String),
    /// A text in quotes, without them.
    Text(String),
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(formatter, "'{word}'"),
            Self::Text(text) => write!(formatter, "the text '{text}'"),
            Self::Open => formatter.write_str("'('"),
            Self::Close => formatter.write_str("')'"),
            Self::OpenList => formatter.write_str("'['"),
            Self::CloseList => formatter.write_str("']'"),
            Self::Comma => formatter.write_str("','"),
        }
    }
}

/// Cuts a rule into its pieces.
///
/// # Errors
/// Says that a text is not closed.
pub(super) fn tokens(rule: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut characters = rule.chars().peekable();
    while let Some(character) = characters.next() {
        let token = match character {
            '(' => Token::Open,
            ')' => Token::Close,
            '[' => Token::OpenList,
            ']' => Token::CloseList,
            ',' => Token::Comma,
            quote @ ('"' | '\'') => Token::Text(quoted(quote, &mut characters)?),
            space if space.is_whitespace() => continue,
            first => {
                let mut word = String::from(first);
                while let Some(more) = characters.next_if(|next| !next.is_whitespace() && !"()[],\"'".contains(*next)) {
                    word.push(more);
                }
                Token::Word(word)
            }
        };
        tokens.push(token);
    }
    Ok(tokens)
}

/// A text up to its closing quote; a backtick or a backslash takes the next character as it is.
fn quoted(quote: char, characters: &mut impl Iterator<Item = char>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(character) = characters.next() {
        match character {
            '`' | '\\' => text.extend(characters.next()),
            end if end == quote => return Ok(text),
            other => text.push(other),
        }
    }
    Err("a text is not closed".to_owned())
}
