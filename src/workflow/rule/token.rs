//! A rule's text to words, values and signs.

use uuid::Uuid;
use uuid::fmt::Hyphenated;

use crate::workflow::problem::{Complaint, quoted};

use super::{RuleError, Spanned};

/// What a rule is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword or an attribute, with its slashes.
    Word(String),
    /// Text in quotes, unescaped, or a GUID without quotes.
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

impl Token {
    /// As a message names it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => quoted(word),
            Self::Text(text) => format!("the text {}", quoted(text)),
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::Comma => "`,`".to_owned(),
            Self::Colon => "`:`".to_owned(),
        }
    }
}

/// The tokens of a rule.
///
/// # Errors
/// Every character that no token begins with, and a quote that is not closed.
pub(super) fn tokens(text: &str) -> Result<Vec<Spanned<Token>>, Vec<RuleError>> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    let mut offset = 0;
    while let Some(rest) = text.get(offset..).filter(|rest| !rest.is_empty()) {
        let length = match next(rest) {
            Ok((token, length)) => {
                found.extend(token.map(|value| Spanned { value, span: offset..offset + length }));
                length
            }
            Err((complaint, length)) => {
                errors.push(RuleError { complaint, span: offset..offset + length });
                length
            }
        };
        offset += length;
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// The first token of `rest`, none for blanks, and its length in bytes, which is never 0.
fn next(rest: &str) -> Result<(Option<Token>, usize), (Complaint, usize)> {
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '(' => Ok((Some(Token::Open), 1)),
        ')' => Ok((Some(Token::Close), 1)),
        ',' => Ok((Some(Token::Comma), 1)),
        ':' => Ok((Some(Token::Colon), 1)),
        '\'' => quoted_text(rest).ok_or_else(|| {
            let complaint =
                Complaint::new("the quote is not closed").hint("end the text with `'`; write a quote inside as `''`");
            (complaint, rest.len())
        }),
        _ if first.is_whitespace() => Ok((None, first.len_utf8())),
        _ => match guid(rest) {
            Some(guid) => Ok((Some(Token::Text(guid.to_ascii_lowercase())), guid.len())),
            None if is_word_start(first) => {
                let length = word_length(rest);
                Ok((rest.get(..length).map(|word| Token::Word(word.to_owned())), length))
            }
            None => Err(stray(rest, first)),
        },
    }
}

fn quoted_text(rest: &str) -> Option<(Option<Token>, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        if char != '\'' {
            text.push(char);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Some((Some(Token::Text(text)), at + 1));
        }
    }
    None
}

/// A GUID as OData writes it, without quotes.
fn guid(rest: &str) -> Option<&str> {
    let (guid, after) = rest.split_at_checked(Hyphenated::LENGTH)?;
    let is_guid = !after.starts_with(|char: char| char.is_ascii_alphanumeric() || "_-/".contains(char));
    (is_guid && Uuid::try_parse(guid).is_ok()).then_some(guid)
}

fn stray(rest: &str, first: char) -> (Complaint, usize) {
    let until = |end: fn(char) -> bool| {
        rest.char_indices().skip(1).find(|(_, char)| end(*char)).map_or(rest.len(), |(at, _)| at)
    };
    match first {
        '"' => {
            let end = (until(|char| char == '"') + 1).min(rest.len());
            (Complaint::new("text stands in single quotes").hint("write 'text', not \"text\""), end)
        }
        '0'..='9' => {
            let end = until(|char| !char.is_ascii_alphanumeric());
            (Complaint::new("a rule knows no numbers").hint("put the value in single quotes"), end)
        }
        '-' if rest.chars().nth(1).is_some_and(|char| char.is_ascii_alphabetic()) => {
            let end = until(|char| !char.is_ascii_alphabetic());
            let word = rest.get(1..end).unwrap_or_default();
            let complaint =
                Complaint::new(format!("{} is not an operator", quoted(rest.get(..end).unwrap_or_default())));
            (complaint.hint(format!("operators have no dash: {}", quoted(word))), end)
        }
        _ => {
            let message = format!("{} has no meaning here", quoted(&first.to_string()));
            (Complaint::new(message).hint("text stands in single quotes"), first.len_utf8())
        }
    }
}

/// Whether `text` can be an attribute in a rule.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(is_word_start) && word_length(text) == text.len()
}

fn is_word_start(char: char) -> bool {
    char.is_ascii_alphabetic() || char == '_'
}

/// The length of names joined by slashes.
fn word_length(text: &str) -> usize {
    let mut length = 0usize;
    let mut after_slash = true;
    for char in text.chars() {
        let goes_on =
            if after_slash { is_word_start(char) } else { is_word_start(char) || char.is_ascii_digit() || char == '/' };
        if !goes_on {
            break;
        }
        after_slash = char == '/';
        length += 1;
    }
    if after_slash { length.saturating_sub(1) } else { length }
}
