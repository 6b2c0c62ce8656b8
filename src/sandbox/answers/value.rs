//! The value of an answer against its question: lines, patterns, choices.

use regex::{Regex, RegexBuilder};

use crate::sandbox::records::{Choice, Question, QuestionKind};

/// The longest answer, in characters.
const VALUE_LIMIT: usize = 4000;
/// The longest pattern, and the largest machine that one makes, in bytes.
const PATTERN_LIMIT: usize = 1000;
const MACHINE_LIMIT: usize = 1 << 18;

/// The pattern that a text has to match as a whole; `None` for what is no pattern, or too large a one. There are no
/// look-arounds and no back-references, so that no text makes the match slow.
pub(in crate::sandbox) fn pattern(pattern: &str) -> Option<Regex> {
    let whole = (pattern.len() <= PATTERN_LIMIT).then(|| format!("^(?:{pattern})$"))?;
    RegexBuilder::new(&whole).size_limit(MACHINE_LIMIT).dfa_size_limit(MACHINE_LIMIT).nest_limit(50).build().ok()
}

/// What is shown for a value: the text itself, or that of the choices.
///
/// # Errors
/// Says why the value is no answer to the question.
pub(super) fn display_value(question: &Question, value: &str, wanted: Option<&str>) -> Result<String, &'static str> {
    if value.chars().count() > VALUE_LIMIT {
        return Err("is too long");
    }
    match &question.kind {
        QuestionKind::TextInput { is_single_line_question, regex_pattern } => {
            if *is_single_line_question && value.contains(['\n', '\r']) {
                return Err("has more than one line");
            }
            if regex_pattern.as_deref().and_then(pattern).is_some_and(|pattern| !pattern.is_match(value)) {
                return Err("does not match its pattern");
            }
            Ok(value.to_owned())
        }
        QuestionKind::MultipleChoice { choices, is_multiple_selection_allowed } => {
            let chosen = chosen(choices, value).ok_or("is none of its choices")?;
            match chosen.as_slice() {
                [choice] => Ok(shown(choice, wanted)),
                _ if !is_multiple_selection_allowed => Err("has more than one choice"),
                several => Ok(several.iter().map(|choice| choice.text.as_str()).collect::<Vec<_>>().join("; ")),
            }
        }
    }
}

/// The choices of a value: one, or several as a JSON list or with `;` between them. No source says how Graph joins them.
fn chosen<'c>(choices: &'c [Choice], value: &str) -> Option<Vec<&'c Choice>> {
    let find = |value: &str| choices.iter().find(|choice| choice.actual_value == value);
    if let Some(choice) = find(value) {
        return Some(vec![choice]);
    }
    let listed = serde_json::from_str(value);
    let values: Vec<String> =
        listed.unwrap_or_else(|_| value.split(';').map(|value| value.trim().to_owned()).collect());
    let found: Option<Vec<&Choice>> = values.iter().map(|value| find(value)).collect();
    found.filter(|found| !found.is_empty())
}

/// The text of a choice, in the language in which the requestor was shown it.
fn shown(choice: &Choice, wanted: Option<&str>) -> String {
    let localized = choice.localizations.iter().find(|localized| Some(localized.text.as_str()) == wanted);
    localized.map_or(&choice.text, |localized| &localized.text).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: &str) -> Question {
        serde_json::from_str(&format!(r##"{{"text": "?", "@odata.type": "#microsoft.graph.accessPackage{kind}}}"##))
            .unwrap()
    }

    fn shown_for(question: &Question, value: &str) -> Result<String, &'static str> {
        display_value(question, value, None)
    }

    #[test]
    fn texts_match_as_a_whole() {
        let line = question(r#"TextInputQuestion", "isSingleLineQuestion": true, "regexPattern": "[a-z]+|\\d{3}""#);
        assert_eq!(shown_for(&line, "abc"), Ok("abc".to_owned()));
        assert_eq!(shown_for(&line, "123"), Ok("123".to_owned()));
        assert_eq!(shown_for(&line, "abc1"), Err("does not match its pattern"));
        assert_eq!(shown_for(&line, "abc\n"), Err("has more than one line"));
        assert_eq!(shown_for(&line, &"a".repeat(4001)), Err("is too long"));
        let long = question(r#"TextInputQuestion", "isSingleLineQuestion": false"#);
        assert_eq!(shown_for(&long, "a\nb"), Ok("a\nb".to_owned()));
    }

    #[test]
    fn choices_are_taken_by_their_values() {
        let one = r#"MultipleChoiceQuestion", "choices": [{"actualValue": "KE", "text": "Kenya", "localizations":
            [{"languageCode": "de", "text": "Kenia"}]}, {"actualValue": "US", "text": "United States"}]"#;
        let several = question(&format!("{one}, \"isMultipleSelectionAllowed\": true"));
        let one = question(one);
        assert_eq!(shown_for(&one, "KE"), Ok("Kenya".to_owned()));
        assert_eq!(display_value(&one, "KE", Some("Kenia")), Ok("Kenia".to_owned()));
        assert_eq!(display_value(&one, "KE", Some("Kenja")), Ok("Kenya".to_owned()));
        assert_eq!(shown_for(&one, "Kenya"), Err("is none of its choices"));
        assert_eq!(shown_for(&one, "KE;US"), Err("has more than one choice"));
        for value in ["KE;US", "KE; US", r#"["KE","US"]"#] {
            assert_eq!(shown_for(&several, value), Ok("Kenya; United States".to_owned()), "{value}");
        }
        for value in ["KE;XX", "[]", "[1]"] {
            assert_eq!(shown_for(&several, value), Err("is none of its choices"), "{value}");
        }
    }

    #[test]
    fn patterns_are_bounded() {
        assert!(pattern("[a-zA-Z]+[a-zA-Z\\s]*").is_some());
        for bad in ["(", "(?=a)", "(a{1000}){1000}", &"a".repeat(1001), &"(".repeat(60)] {
            assert!(pattern(bad).is_none(), "{bad}");
        }
    }
}
