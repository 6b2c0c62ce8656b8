//! The texts under which values are indexed: ordered as filters order them, and apart for each type.

use jiff::Timestamp;
use serde_json::Value;

/// What stands before text, which is kept in lower case: filters do not tell cases apart.
const TEXT: char = 't';
/// What stands before an instant.
const INSTANT: char = 'i';

/// The keys of one record under one index; none where it is not to be found there.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Keys(Vec<String>);

impl Keys {
    /// A text.
    pub(in crate::sandbox) fn text(&mut self, text: &str) {
        self.0.push(text_key(text));
    }

    /// A JSON value; null where there is none.
    pub(in crate::sandbox) fn value(&mut self, value: Option<&Value>) {
        self.0.extend(value_key(value.unwrap_or(&Value::Null)));
    }

    /// An instant as JSON text; null where there is none.
    pub(in crate::sandbox) fn instant(&mut self, value: Option<&Value>) {
        match value.and_then(Value::as_str).map(str::parse) {
            Some(Ok(instant)) => self.0.push(instant_key(instant)),
            Some(Err(_)) => {}
            None => self.value(value),
        }
    }

    /// Each element of a JSON list, or the member of this name of each.
    pub(in crate::sandbox) fn elements(&mut self, list: Option<&Value>, member: Option<&str>) {
        for element in list.and_then(Value::as_array).into_iter().flatten() {
            self.value(member.map_or(Some(element), |member| element.get(member)));
        }
    }

    /// The keys, in order and once each.
    pub(super) fn into_sorted(mut self) -> Vec<String> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0
    }
}

/// The key of a text.
pub(in crate::sandbox) fn text_key(text: &str) -> String {
    format!("{TEXT}{}", text.to_lowercase())
}

/// The key of an instant; later ones come later.
pub(in crate::sandbox) fn instant_key(instant: Timestamp) -> String {
    format!("{INSTANT}{instant:.9}")
}

/// What comes before and what comes after all keys of the same type.
pub(super) fn type_bounds(key: &str) -> (String, String) {
    let kind = key.chars().next().unwrap_or_default();
    let next = char::from_u32(u32::from(kind) + 1).unwrap_or(char::MAX);
    (kind.to_string(), next.to_string())
}

/// The key of a JSON value that is not composed of others.
pub(in crate::sandbox) fn value_key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text_key(text)),
        Value::Null => Some("n".to_owned()),
        Value::Bool(truth) => Some(format!("b{truth}")),
        Value::Number(number) => Some(format!("#{number}")),
        Value::Array(_) | Value::Object(_) => None,
    }
}
