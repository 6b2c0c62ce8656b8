//! A validator for the part of JSON Schema 2020-12 that the schema uses. An unknown keyword is a failure.

use serde_json::Value;

/// Everything about `document` that does not fit `schema`.
pub(super) fn complaints(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, document, "", &mut found);
    found
}

fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let mut found = Vec::new();
    check(root, schema, value, "", &mut found);
    found.is_empty()
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = match schema {
        Value::Bool(true) => return,
        Value::Bool(false) => return found.push(format!("{at}: nothing may be here")),
        schema => schema.as_object().unwrap(),
    };
    let list = |keyword: &str| schema[keyword].as_array().unwrap();
    for (keyword, rule) in schema {
        let is_good = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "examples" | "then" => true,
            "additionalProperties" | "properties" if !value.is_object() => true,
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                check(root, target, value, at, found);
                true
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is_type(value, name.as_str().unwrap())),
                name => is_type(value, name.as_str().unwrap()),
            },
            "const" => value == rule,
            "enum" => list(keyword).contains(value),
            "pattern" => {
                value.as_str().is_none_or(|text| regex::Regex::new(rule.as_str().unwrap()).unwrap().is_match(text))
            }
            "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "items" => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{at}/{number}"), found);
                }
                true
            }
            "required" => list(keyword)
                .iter()
                .all(|key| value.as_object().is_none_or(|map| map.contains_key(key.as_str().unwrap()))),
            "properties" => {
                for (key, rule) in rule.as_object().unwrap() {
                    if let Some(inner) = value.get(key) {
                        check(root, rule, inner, &format!("{at}/{key}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, inner) in value.as_object().unwrap() {
                    if schema.get("properties").is_none_or(|known| known.get(key).is_none()) {
                        check(root, rule, inner, &format!("{at}/{key}"), found);
                    }
                }
                true
            }
            "allOf" => {
                list(keyword).iter().for_each(|schema| check(root, schema, value, at, found));
                true
            }
            "anyOf" => list(keyword).iter().any(|schema| fits(root, schema, value)),
            "oneOf" => list(keyword).iter().filter(|schema| fits(root, schema, value)).count() == 1,
            "if" => {
                if fits(root, rule, value) {
                    check(root, &schema["then"], value, at, found);
                }
                true
            }
            unknown => panic!("the validator does not know `{unknown}`"),
        };
        if !is_good {
            found.push(format!("{at}: {keyword} {rule}"));
        }
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        unknown => panic!("the validator does not know the type {unknown}"),
    }
}
