//! A policy's body made ready for strict reading: annotations, `null`s, spelt-out values and casing set right.

use serde_json::Value;

/// The collections whose members say by `@odata.type` which derived type they are.
const TYPED: [&str; 9] = [
    "specificAllowedTargets",
    "onBehalfRequestors",
    "primaryApprovers",
    "fallbackPrimaryApprovers",
    "escalationApprovers",
    "fallbackEscalationApprovers",
    "primaryReviewers",
    "fallbackReviewers",
    "questions",
];

/// Makes a body ready: `null` is as good as absent, annotations go except where they tell derived types apart, and
/// truth values and numbers may be texts, as in the documentation's own examples. Enum values are in Graph's spelling by now.
pub(super) fn prepare(value: &mut Value) {
    prepare_within(value, false);
}

/// As [`prepare`], for a value that says by `@odata.type` which derived type it is.
pub(super) fn prepare_typed(value: &mut Value) {
    prepare_within(value, true);
}

fn prepare_within(value: &mut Value, typed: bool) {
    let Value::Object(map) = value else { return };
    map.retain(|name, value| !value.is_null() && (!name.contains("@odata.") || (typed && name == "@odata.type")));
    for (name, value) in map.iter_mut() {
        match value {
            Value::Array(values) => {
                let typed = TYPED.contains(&name.as_str());
                values.iter_mut().for_each(|value| prepare_within(value, typed));
            }
            Value::Object(_) => prepare_within(value, false),
            Value::String(text) => {
                if let Some(meant) = meant(name, text) {
                    *value = meant;
                }
            }
            _ => {}
        }
    }
}

/// What a text stands for, where it is not just a text.
fn meant(name: &str, text: &str) -> Option<Value> {
    if ["sequence", "managerLevel"].contains(&name) {
        return text.parse::<i32>().ok().map(Value::from);
    }
    let is_truth = ["is", "enable", "allow", "request", "remove", "accept"].iter().any(|verb| name.starts_with(verb));
    if is_truth { text.parse::<bool>().ok().map(Value::from) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_tells_types_apart_is_left_of_the_annotations() {
        let mut body = json!({ "@odata.type": "x", "questions": [{ "@odata.type": "q", "isRequired": "true", "sequence": "2",
            "text": "true", "choices": [{ "@odata.type": "c", "actualValue": "true" }] }], "a": null,
            "expiration": { "type": "noExpiration", "note@odata.type": "x" } });
        prepare(&mut body);
        let ready = json!({ "questions": [{ "@odata.type": "q", "isRequired": true, "sequence": 2, "text": "true",
            "choices": [{ "actualValue": "true" }] }], "expiration": { "type": "noExpiration" } });
        assert_eq!(body, ready);
    }
}
