//! The converters a [`Reader`] is used with.

use std::fmt::Display;
use std::ops::RangeInclusive;

use jiff::SignedDuration;

use crate::domain::time;

use super::{Complaint, Entry, Field, Node, Reader, Scalar, ScalarKind, Value, iso_duration, quoted};

/// Text that says something: not empty, no blanks around it, on one line.
pub fn text(field: Field<'_>) -> Option<String> {
    let scalar = any_text(field)?;
    let complaint = if scalar.trim().is_empty() {
        format!("`{}` is empty", field.key)
    } else if scalar.trim() != scalar {
        format!("`{}` begins or ends with a blank", field.key)
    } else if scalar.contains(char::is_control) {
        format!("`{}` must be one line without control characters", field.key)
    } else {
        return Some(scalar);
    };
    field.report(Complaint::new(complaint));
    None
}

/// Any text, also an empty one.
pub fn any_text(field: Field<'_>) -> Option<String> {
    text_scalar(field).map(|scalar| scalar.text.clone())
}

/// Any text, with the means to point into it.
pub fn text_scalar(field: Field<'_>) -> Option<&Scalar> {
    match &field.node.value {
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Text => return Some(scalar),
        Value::Scalar(scalar) => {
            let message = format!("`{}` must be text, not {}", field.key, scalar.kind.as_str());
            field.report(Complaint::new(message).hint("put it in quotes"));
        }
        Value::Sequence(_) | Value::Mapping(_) => field.report_kind("text"),
    }
    None
}

/// Text that `check` understands.
pub fn checked<T>(check: impl Fn(&str) -> Result<T, Complaint>) -> impl Fn(Field<'_>) -> Option<T> {
    move |field| check(&text(field)?).map_err(|complaint| field.report(complaint)).ok()
}

/// `true` or `false`.
pub fn boolean(field: Field<'_>) -> Option<bool> {
    match scalar_of_kind(field, ScalarKind::Bool).map(|scalar| scalar.text.as_str()) {
        Some("true") => return Some(true),
        Some("false") => return Some(false),
        Some(_) => field.report(Complaint::new(format!("`{}` must be true or false", field.key)).hint("in lower case")),
        None => field.report_kind("true or false"),
    }
    None
}

/// A whole number in decimal digits.
pub fn integer<T: TryFrom<i64> + PartialOrd + Display>(range: RangeInclusive<T>) -> impl Fn(Field<'_>) -> Option<T> {
    move |field| {
        let number = scalar_of_kind(field, ScalarKind::Number)
            .and_then(|scalar| T::try_from(scalar.text.parse().ok()?).ok())
            .filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{}` must be a whole number from {} to {}", field.key, range.start(), range.end());
            field.report(Complaint::new(message));
        }
        number
    }
}

/// One of the given words.
pub fn word<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(Field<'_>) -> Option<T> {
    word_or_later(words, &[])
}

/// One of the given words; those of `later` are known but not supported yet.
pub fn word_or_later<T: Copy>(
    words: &'static [(&'static str, T)],
    later: &'static [&'static str],
) -> impl Fn(Field<'_>) -> Option<T> {
    checked(|text| {
        if later.contains(&text) {
            return Err(
                Complaint::new(format!("{} is not supported by this version", quoted(text))).hint(choices(words))
            );
        }
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let message = format!("{} is not {}", quoted(text), choices(words));
            Complaint::new(message).suggest(text, words.iter().map(|(word, _)| *word))
        })
    })
}

/// An ISO 8601 duration longer than nothing, in weeks, days, hours, minutes and seconds; a day is 24 hours.
pub fn duration(field: Field<'_>) -> Option<SignedDuration> {
    checked(iso_duration)(field)
}

/// The name of a zone of the IANA time zone database.
pub fn time_zone(field: Field<'_>) -> Option<String> {
    checked(|name| {
        if time::zone(name).is_ok() {
            return Ok(name.to_owned());
        }
        let known: Vec<_> = jiff::tz::db().available().map(|known| known.to_string()).collect();
        let complaint = Complaint::new(format!("unknown time zone {}", quoted(name)))
            .hint("write a name of the IANA database, such as Europe/Amsterdam or UTC");
        // People know the city, not the part of the world it is filed under.
        let city = name.replace(' ', "_");
        let is_there = |zone: &&String| zone.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city));
        match known.iter().filter(is_there).min() {
            Some(zone) => Err(complaint.hint(format!("did you mean `{zone}`?"))),
            None => Err(complaint.suggest(name, known.iter().map(String::as_str))),
        }
    })(field)
}

/// A list of what `convert` reads.
pub fn list<'n, T>(convert: impl Fn(Field<'n>) -> Option<T>) -> impl Fn(Field<'n>) -> Option<Vec<T>> {
    move |field| match &field.node.value {
        Value::Sequence(items) => {
            let values: Vec<_> = items.iter().map(|item| convert(field.inner(item, &item.place))).collect();
            values.into_iter().collect()
        }
        Value::Scalar(scalar) => {
            let message = format!("`{}` must be a list, not {}", field.key, scalar.kind.as_str());
            field.report(Complaint::new(message).hint("write `[…]` around it"));
            None
        }
        Value::Mapping(_) => {
            field.report_kind("a list");
            None
        }
    }
}

/// A list of at least one of what `convert` reads.
pub fn some_of<'n, T>(convert: impl Fn(Field<'n>) -> Option<T>) -> impl Fn(Field<'n>) -> Option<Vec<T>> {
    let read = list(convert);
    move |field| {
        let values = read(field)?;
        if values.is_empty() {
            field.report(Complaint::new(format!("`{}` must not be empty", field.key)));
        }
        Some(values)
    }
}

/// A mapping with known keys; keys that `read` does not ask for are problems.
pub fn mapping<'n, T>(read: impl Fn(&mut Reader<'n>) -> Option<T>) -> impl Fn(Field<'n>) -> Option<T> {
    move |field| {
        let mut reader = Reader::new(field, mapping_entries(field)?);
        let value = read(&mut reader);
        reader.finish();
        value
    }
}

/// A mapping with free keys; `convert` finds each in [`Field::key`].
pub fn entries<'n, T>(convert: impl Fn(Field<'n>) -> Option<T>) -> impl Fn(Field<'n>) -> Option<Vec<T>> {
    move |field| {
        let entries = mapping_entries(field)?;
        let values: Vec<_> = entries
            .iter()
            .map(|entry| convert(Field { key: &entry.key.text, ..field.inner(&entry.value, &entry.place) }))
            .collect();
        values.into_iter().collect()
    }
}

/// `one of a, b, c`.
pub(super) fn choices<T>(words: &[(&'static str, T)]) -> String {
    let one_of = if words.len() > 1 { "one of " } else { "" };
    format!("{one_of}{}", listed(words.iter().map(|(word, _)| *word)))
}

pub(super) fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn scalar_of_kind(field: Field<'_>, kind: ScalarKind) -> Option<&Scalar> {
    match &field.node.value {
        Value::Scalar(scalar) if scalar.kind == kind => Some(scalar),
        _ => None,
    }
}

fn mapping_entries(field: Field<'_>) -> Option<&[Entry]> {
    let Node { value: Value::Mapping(entries), .. } = field.node else {
        field.report_kind("a mapping");
        return None;
    };
    Some(entries)
}
