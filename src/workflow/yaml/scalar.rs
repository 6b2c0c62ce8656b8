//! Single values: their text, what YAML takes them for, and where each of their bytes stands in the source.

use std::ops::Range;

use crate::workflow::problem::Place;

/// What YAML 1.2's core schema takes a single value for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarKind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number in any notation.
    Number,
    /// Text.
    Text,
}

impl ScalarKind {
    /// What people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool => "a truth value",
            Self::Number => "a number",
            Self::Text => "text",
        }
    }
}

/// A single value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text, unescaped.
    pub text: String,
    /// Whether it is written without quotes.
    pub plain: bool,
    /// What it is taken for.
    pub kind: ScalarKind,
    notation: Notation,
}

/// How the text stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// As it is, after this many bytes.
    Verbatim(usize),
    /// In single quotes, with quotes doubled, on one line.
    SingleQuoted,
    /// Escaped or folded.
    Other,
}

impl Scalar {
    pub(super) fn new(text: &str, plain: bool, source: &str) -> Self {
        // The parser gives a value that is not there as `~`.
        let text = if plain && source.is_empty() { "" } else { text };
        let kind = if plain { kind_of_plain(text) } else { ScalarKind::Text };
        let inner = |quote: char| source.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let notation = if plain && source == text {
            Notation::Verbatim(0)
        } else if !plain && inner('"') == Some(text) {
            Notation::Verbatim(1)
        } else if !plain && !source.contains('\n') && inner('\'').is_some_and(|inner| inner.replace("''", "'") == text)
        {
            Notation::SingleQuoted
        } else {
            Notation::Other
        };
        Self { text: text.to_owned(), plain, kind, notation }
    }

    /// Where a byte range of the text stands, `place` being the whole value's; the value's start where that cannot be told.
    pub fn place_within(&self, place: &Place, range: Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.floor_char_boundary(range.end).max(start);
        let before = self.text.get(..start).unwrap_or_default();
        let within = self.text.get(start..end).unwrap_or_default();
        let doubled = |text: &str| text.matches('\'').count();
        let (opening, before_doubled, within_doubled) = match self.notation {
            Notation::Verbatim(opening) => (opening, 0, 0),
            Notation::SingleQuoted => (1, doubled(before), doubled(within)),
            Notation::Other => return Place { span: place.span.start..place.span.start, ..place.clone() },
        };
        let offset = place.span.start + opening + before.len() + before_doubled;
        Place {
            line: place.line,
            column: place.column + opening + before.chars().count() + before_doubled,
            span: offset..offset + within.len() + within_doubled,
        }
    }
}

/// The core schema as `serde_yaml` reads it: a number with a leading zero is text, so that `00123` stays an employee id.
fn kind_of_plain(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => ScalarKind::Bool,
        ".nan" | ".NaN" | ".NAN" => ScalarKind::Number,
        _ if is_number(text) => ScalarKind::Number,
        _ => ScalarKind::Text,
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.starts_with(['+', '-']) {
        return false;
    }
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, radix)| Some((unsigned.strip_prefix(prefix)?, radix)));
    if let Some((digits, radix)) = prefixed {
        return !digits.starts_with('+') && u128::from_str_radix(digits, radix).is_ok();
    }
    let leading_zero = unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|b| b.is_ascii_digit());
    let infinite = matches!(unsigned, ".inf" | ".Inf" | ".INF");
    infinite || (!leading_zero && unsigned.parse::<f64>().is_ok_and(f64::is_finite))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::workflow::yaml::{Value, parse};

    fn scalar_of(text: &str) -> (Scalar, Place) {
        let node = parse("f", text).root.unwrap();
        match node.value {
            Value::Scalar(scalar) => (scalar, node.place),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check_place(source: &str, word: &str, expected: &str, column: usize) {
        let (scalar, place) = scalar_of(source);
        let start = scalar.text.find(word).unwrap();
        let within = scalar.place_within(&place, start..start + word.len());
        assert_eq!((&source[within.span.clone()], within.column), (expected, column), "{source}");
    }

    #[test]
    fn a_word_of_a_value_is_found_in_the_source() {
        check_place("é eq 'x' or y", "or", "or", 10);
        check_place("\"é eq 'x' or y\"", "or", "or", 11);
        check_place("'a eq ''it'' or y'", "or", "or", 14);
        check_place("'a eq ''it'' or y'", "'it'", "''it''", 7);
        check_place(">-\n  a eq\n  b", "b", "", 3);
        check_place("\"a\\teq b\"", "b", "", 1);
    }

    #[test]
    fn an_employee_id_with_leading_zeros_is_text() {
        for (text, kind) in [
            ("00123", ScalarKind::Text),
            ("123", ScalarKind::Number),
            ("-7", ScalarKind::Number),
            ("0x1F", ScalarKind::Number),
            ("123e4", ScalarKind::Number),
            ("NO", ScalarKind::Text),
            ("08:00", ScalarKind::Text),
            ("True", ScalarKind::Bool),
            ("\"true\"", ScalarKind::Text),
            ("~", ScalarKind::Null),
        ] {
            assert_eq!(scalar_of(text).0.kind, kind, "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_parsers_take_a_plain_value_for_the_same(text in "[-+]{0,2}(0[xob])?[0-9a-fA-F._e+-]{0,12}|[.+-]{0,2}(inf|nan|NaN|null|~|true|Inf)") {
            let problems = parse("f", &format!("a: [x{text}, {text}]")).problems;
            prop_assert!(problems.iter().all(|problem| !problem.message.contains("differently")), "{problems:?}");
        }
    }
}
