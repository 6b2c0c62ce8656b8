//! Whether the second YAML parser reads a text as the first one did: an access decision must not hang on a parser's taste.

use serde_yaml::Value as Other;

use super::{Complaint, Node, Place, Scalar, ScalarKind, Value};

/// Reads `text` again with `serde_yaml` and compares.
///
/// # Errors
/// The first place where the two readings differ.
pub(super) fn check(text: &str, root: &Node) -> Result<(), (Place, Complaint)> {
    // The second parser stumbles over a byte order mark in some texts.
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let other: Other = serde_yaml::from_str(bare).map_err(|error| {
        // The location counts characters.
        let offset = error.location().and_then(|location| bare.char_indices().nth(location.index()));
        let place = Place::at(text, offset.map_or(text.len(), |(offset, _)| offset + text.len() - bare.len()));
        (place, Complaint::new(format!("not YAML to the second parser: {error}")).hint("write it in a plainer way"))
    })?;
    match first_difference(root, &other) {
        None => Ok(()),
        Some(place) => Err((
            place.clone(),
            Complaint::new("two YAML parsers read this differently")
                .hint("write it in a plainer way, for instance in quotes"),
        )),
    }
}

fn first_difference<'n>(node: &'n Node, other: &Other) -> Option<&'n Place> {
    match (&node.value, other) {
        (Value::Scalar(scalar), other) if scalar_agrees(scalar, other) => None,
        (Value::Sequence(items), Other::Sequence(others)) if items.len() == others.len() => {
            items.iter().zip(others).find_map(|(item, other)| first_difference(item, other))
        }
        (Value::Mapping(entries), Other::Mapping(others)) if entries.len() == others.len() => {
            entries.iter().zip(others).find_map(|(entry, (other_key, other))| {
                if scalar_agrees(&entry.key, other_key) {
                    first_difference(&entry.value, other)
                } else {
                    Some(&entry.place)
                }
            })
        }
        _ => Some(&node.place),
    }
}

fn scalar_agrees(scalar: &Scalar, other: &Other) -> bool {
    match (scalar.kind, other) {
        (ScalarKind::Null, Other::Null) => true,
        (ScalarKind::Bool, Other::Bool(value)) => scalar.text.eq_ignore_ascii_case(&value.to_string()),
        (ScalarKind::Number, Other::Number(number)) => {
            scalar.text.parse::<i64>().ok().is_none_or(|own| number.as_i64() == Some(own))
        }
        (ScalarKind::Text, Other::String(text)) => scalar.text == *text,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let problems = parse("f", text).problems;
        assert_eq!(problems.first().map(ToString::to_string).as_deref(), Some(expected), "{problems:?}");
    }

    #[test]
    fn a_text_the_two_parsers_read_differently_is_refused() {
        // YAML 1.1 breaks lines at these characters, YAML 1.2 does not.
        check(
            "a: \"x\u{85}b\"\n",
            "f:1:4: two YAML parsers read this differently (write it in a plainer way, for instance in quotes)",
        );
        let problems = parse("f", "é: 1\nb: c\u{2028}d\n").problems;
        assert!(
            problems.iter().any(|problem| problem.message.starts_with("not YAML to the second parser")),
            "{problems:?}"
        );
    }

    #[test]
    fn a_difference_deep_inside_is_found_in_its_place() {
        check(
            "a:\n  - {b: [1, \"x\", \u{85}y]}\n",
            "f:2:18: two YAML parsers read this differently (write it in a plainer way, for instance in quotes)",
        );
    }
}
