//! Reads one field's text as the value its column declares.

use jiff::civil::Date;

use crate::domain::subject::AttributeValue;
use crate::workflow::definition::{ColumnMapping, ColumnType};

/// The longest value taken, in bytes: a longer one is a quotation mark that was never closed, not an attribute.
pub const MAX_VALUE_BYTES: usize = 4096;

/// Why a field's text is not a value of its column; the message never holds the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// More than [`MAX_VALUE_BYTES`].
    #[error("is longer than {MAX_VALUE_BYTES} bytes")]
    TooLong,
    /// Not a date in the declared format.
    #[error("is not a date written as {format}")]
    NotADate {
        /// The declared strptime format.
        format: String,
    },
    /// Not one of the declared words.
    #[error("is none of the words for true and false")]
    NotAWord,
    /// Not one of the declared texts.
    #[error("is none of the {count} values that the feed's document names")]
    NotAValue {
        /// How many there are.
        count: usize,
    },
}

/// The value of `text`, which is kept as written except that surrounding ASCII white space is dropped.
///
/// Empty text and the column's `none` texts are [`AttributeValue::Null`]. Words for true and false are compared without ASCII case. A date must
/// fit its format and have a year of four digits, so that `01.12.26` is not a day of the year 26.
///
/// # Errors
/// Fails when the text does not fit the column's type.
pub fn value(text: &str, mapping: &ColumnMapping) -> Result<AttributeValue, ValueError> {
    let text = text.trim_ascii();
    if text.is_empty() || mapping.none.iter().any(|none| none.trim_ascii() == text) {
        return Ok(AttributeValue::Null);
    }
    if text.len() > MAX_VALUE_BYTES {
        return Err(ValueError::TooLong);
    }
    match &mapping.value {
        ColumnType::Text => Ok(AttributeValue::Text(text.to_owned())),
        ColumnType::Date { format, inclusive } => Date::strptime(format, text)
            .ok()
            .filter(|date| date.year() >= 1000)
            .map(|date| AttributeValue::Date { date, inclusive: *inclusive })
            .ok_or_else(|| ValueError::NotADate { format: format.clone() }),
        ColumnType::Bool { truthy, falsy } => {
            let is_among = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
            match (is_among(truthy), is_among(falsy)) {
                (true, false) => Ok(AttributeValue::Bool(true)),
                (false, true) => Ok(AttributeValue::Bool(false)),
                _ => Err(ValueError::NotAWord),
            }
        }
        ColumnType::Enum { values } => match values.iter().find(|value| value.trim_ascii() == text) {
            Some(_) => Ok(AttributeValue::Text(text.to_owned())),
            None => Err(ValueError::NotAValue { count: values.len() }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::definition::WhenAbsent;

    fn column(value: ColumnType) -> ColumnMapping {
        let none = vec!["31.12.9999".into(), "n/a".into()];
        ColumnMapping { column: "C".into(), value, none, leavers: Vec::new(), when_absent: WhenAbsent::Keep }
    }

    fn date_column() -> ColumnMapping {
        column(ColumnType::Date { format: "%d.%m.%Y".into(), inclusive: true })
    }

    #[test]
    fn empty_text_and_none_texts_are_null() {
        for text in ["", "  ", "n/a", " 31.12.9999 "] {
            assert_eq!(value(text, &date_column()), Ok(AttributeValue::Null), "{text:?}");
        }
    }

    #[test]
    fn text_keeps_everything_but_surrounding_ascii_white_space() {
        let text = column(ColumnType::Text);
        assert_eq!(value("  00123\t", &text), Ok(AttributeValue::Text("00123".into())));
        assert_eq!(value("\u{a0}A  B", &text), Ok(AttributeValue::Text("\u{a0}A  B".into())));
        assert_eq!(value(&"x".repeat(5000), &text), Err(ValueError::TooLong));
    }

    #[test]
    fn a_date_fits_its_format_or_is_refused() {
        let date = "2026-12-01".parse().unwrap();
        assert_eq!(value("01.12.2026", &date_column()), Ok(AttributeValue::Date { date, inclusive: true }));
        for text in ["2026-12-01", "31.02.2026", "12/01/2026", "01.12.26", "01.12.2026 x", "46357", "01.12.-2026"] {
            assert!(matches!(value(text, &date_column()), Err(ValueError::NotADate { .. })), "{text}");
        }
    }

    #[test]
    fn what_stands_for_never_is_empty_only_where_the_column_says_so() {
        let with = |format: &str, none: &[&str]| ColumnMapping {
            none: none.iter().map(|none| (*none).to_owned()).collect(),
            ..column(ColumnType::Date { format: format.to_owned(), inclusive: true })
        };
        // (format, what the column calls none, the text) → empty, a date, or refused
        let table = [
            ("%Y-%m-%d", &["9999-12-31"][..], "9999-12-31", "empty"),
            ("%Y-%m-%d", &[], "9999-12-31", "9999-12-31"),
            ("%Y-%m-%d", &["2099-12-31", "9999-12-31"], "2099-12-31", "empty"),
            ("%Y-%m-%d", &[], "2099-12-31", "2099-12-31"),
            ("%Y-%m-%d", &["1900-01-01"], "1900-01-01", "empty"),
            ("%Y-%m-%d", &[], "1900-01-01", "1900-01-01"),
            ("%Y%m%d", &["00000000"], "00000000", "empty"),
            ("%Y%m%d", &[], "00000000", "refused"),
            ("%Y%m%d", &["00000000"], "20261201", "2026-12-01"),
            ("%Y-%m-%d", &[], "2027-02-29", "refused"),
            ("%Y-%m-%d", &[], "2028-02-29", "2028-02-29"),
            ("%d.%m.%Y", &["never"], "never", "empty"),
            ("%d.%m.%Y", &["never"], "NEVER", "refused"),
        ];
        for (format, none, text, expected) in table {
            let found = match value(text, &with(format, none)) {
                Ok(AttributeValue::Null) => "empty".to_owned(),
                Ok(AttributeValue::Date { date, .. }) => date.to_string(),
                _ => "refused".to_owned(),
            };
            assert_eq!(found, expected, "{format} {none:?} {text}");
        }
    }

    #[test]
    fn an_enumeration_has_the_texts_given_and_no_other() {
        let status = column(ColumnType::Enum { values: vec!["Active".into(), "On leave".into()] });
        assert_eq!(value(" On leave ", &status), Ok(AttributeValue::Text("On leave".into())));
        assert_eq!(value("n/a", &status), Ok(AttributeValue::Null));
        for text in ["active", "Activ", "On  leave"] {
            assert_eq!(value(text, &status), Err(ValueError::NotAValue { count: 2 }), "{text}");
        }
    }

    #[test]
    fn a_truth_value_is_one_of_the_words_given() {
        let active = column(ColumnType::Bool { truthy: vec!["yes".into()], falsy: vec!["no".into()] });
        assert_eq!(value("YES", &active), Ok(AttributeValue::Bool(true)));
        assert_eq!(value("no", &active), Ok(AttributeValue::Bool(false)));
        assert_eq!(value("true", &active), Err(ValueError::NotAWord));
    }
}
