//! The description as a JSON Schema (2020-12), for editors.

use serde_json::{Map, Value, json};

use super::{Choice, KINDS, Key, Kind, Mapping, Need, Shape};

/// The schema of every kind of document.
pub fn schema() -> Value {
    let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
    let cases: Vec<Value> = KINDS
        .iter()
        .map(|kind| {
            let is_meant = json!({ "properties": { "kind": { "const": kind.word } }, "required": ["kind"] });
            json!({ "if": is_meant, "then": reference_to(kind.mapping) })
        })
        .collect();
    let mut root = document("A document of usherd", "One document a file.");
    root.insert("type".to_owned(), json!("object"));
    root.insert("required".to_owned(), json!(["kind"]));
    root.insert("properties".to_owned(), json!({ "kind": { "enum": words } }));
    root.insert("allOf".to_owned(), Value::Array(cases));
    let mut definitions = Map::new();
    KINDS.iter().for_each(|kind| define(kind.mapping, &mut definitions));
    root.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(root)
}

/// The schema of one kind.
pub fn schema_of(kind: &Kind) -> Value {
    let mut root = document(kind.word, kind.about);
    root.insert("$ref".to_owned(), json!(pointer(kind.mapping)));
    let mut definitions = Map::new();
    define(kind.mapping, &mut definitions);
    root.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(root)
}

fn document(title: &str, about: &str) -> Map<String, Value> {
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".to_owned(), json!(title));
    root.insert("description".to_owned(), json!(about));
    root
}

fn pointer(mapping: &Mapping) -> String {
    format!("#/$defs/{}", definition_name(mapping))
}

fn reference_to(mapping: &Mapping) -> Value {
    json!({ "$ref": pointer(mapping) })
}

/// `Attribute change` is `attributeChange`.
fn definition_name(mapping: &Mapping) -> String {
    let mut words = mapping.name.split(' ');
    let first = words.next().unwrap_or_default().to_lowercase();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(1);
        name + &initial.to_uppercase() + rest
    })
}

/// Defines a mapping and every mapping it leads to.
fn define(mapping: &Mapping, definitions: &mut Map<String, Value>) {
    let name = definition_name(mapping);
    if definitions.contains_key(&name) {
        return;
    }
    definitions.insert(name, of_mapping(mapping));
    let of_cases = mapping.cases().into_iter().flat_map(|(_, keys)| keys);
    for key in mapping.own_keys().chain(of_cases) {
        mappings_in(&key.shape).into_iter().for_each(|inner| define(inner, definitions));
    }
}

pub(super) fn mappings_in(shape: &Shape) -> Vec<&'static Mapping> {
    match shape {
        Shape::Mapping(mapping) => vec![mapping],
        Shape::List { of, .. } | Shape::Entries { of, .. } => mappings_in(of),
        Shape::Either(shapes) => shapes.iter().flat_map(mappings_in).collect(),
        Shape::Text(_) | Shape::Word(_) | Shape::Boolean | Shape::True | Shape::Integer { .. } => Vec::new(),
        Shape::AttributeValue | Shape::AttributeValues => Vec::new(),
    }
}

fn of_mapping(mapping: &Mapping) -> Value {
    let own: Vec<&Key> = mapping.own_keys().collect();
    let with = |more: &[&'static Key]| closed(&own.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>());
    let mut schema = match &mapping.choice {
        Choice::Free => closed(&own),
        Choice::AtLeastOne(keys) => {
            let mut schema = closed(&own);
            let any_of: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
            schema.insert("anyOf".to_owned(), Value::Array(any_of));
            schema
        }
        Choice::OneKey(_) => {
            let one_of: Vec<Value> = mapping.cases().iter().map(|(_, keys)| Value::Object(with(keys))).collect();
            Map::from_iter([("oneOf".to_owned(), Value::Array(one_of))])
        }
        Choice::ByWord { key, absent, .. } => {
            let cases = mapping.cases().into_iter().map(|(word, keys)| {
                let is_word = json!({ (*key): { "const": word } });
                let is_meant = if *absent == Some(word) {
                    json!({ "properties": is_word })
                } else {
                    json!({ "properties": is_word, "required": [key] })
                };
                json!({ "if": is_meant, "then": with(&keys) })
            });
            let mut schema = Map::from_iter([("allOf".to_owned(), cases.collect::<Vec<_>>().into())]);
            schema.insert("properties".to_owned(), properties(&own));
            schema.insert("required".to_owned(), required(&own));
            schema
        }
    };
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("title".to_owned(), json!(mapping.name));
    schema.insert("description".to_owned(), json!(mapping.about));
    Value::Object(schema)
}

/// Exactly these keys.
fn closed(keys: &[&Key]) -> Map<String, Value> {
    Map::from_iter([
        ("properties".to_owned(), properties(keys)),
        ("required".to_owned(), required(keys)),
        ("additionalProperties".to_owned(), json!(false)),
    ])
}

fn properties(keys: &[&Key]) -> Value {
    keys.iter().map(|key| (key.name.to_owned(), of_key(key))).collect::<Map<_, _>>().into()
}

fn required(keys: &[&Key]) -> Value {
    keys.iter().filter(|key| key.need == Need::Required).map(|key| json!(key.name)).collect::<Vec<_>>().into()
}

fn of_key(key: &Key) -> Value {
    let mut schema = of_shape(&key.shape, key.examples);
    let mut about = key.about.to_owned();
    for word in words_in(&key.shape) {
        about.push_str(&format!("\n- `{}`: {}", word.word, word.about));
    }
    schema.insert("description".to_owned(), json!(about));
    if let Need::Default(default) = key.need {
        let default = match key.shape {
            Shape::Boolean => json!(default == "true"),
            _ => json!(default),
        };
        schema.insert("default".to_owned(), default);
    }
    Value::Object(schema)
}

/// The words among which a shape lets one choose, where there is a choice.
pub(super) fn words_in(shape: &Shape) -> Vec<&'static super::Word> {
    match shape {
        Shape::Word(words) if words.len() > 1 => words.iter().collect(),
        Shape::Either(shapes) => shapes
            .iter()
            .flat_map(|shape| match shape {
                Shape::Word(words) => words.iter().collect(),
                _ => Vec::new(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn of_shape(shape: &Shape, examples: &[&str]) -> Map<String, Value> {
    let schema = match shape {
        Shape::Text(form) => {
            let examples = if examples.is_empty() { form.examples } else { examples };
            match form.pattern {
                Some(pattern) => json!({ "type": "string", "pattern": pattern, "examples": examples }),
                None => json!({ "type": "string", "examples": examples }),
            }
        }
        Shape::Word(words) => match words {
            [only] => json!({ "const": only.word }),
            _ => json!({ "enum": words.iter().map(|word| word.word).collect::<Vec<_>>() }),
        },
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::True => json!({ "const": true }),
        Shape::Integer { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::AttributeValue => json!({ "type": ["string", "boolean", "null"] }),
        Shape::AttributeValues => json!({
            "anyOf": [
                { "type": ["string", "number", "boolean", "null"] },
                { "type": "array", "items": { "type": ["string", "number", "boolean", "null"] } },
            ],
        }),
        Shape::List { of, least } => {
            json!({ "type": "array", "minItems": least, "items": of_shape(of, examples) })
        }
        Shape::Mapping(mapping) => reference_to(mapping),
        Shape::Entries { of, .. } => json!({ "type": "object", "additionalProperties": of_shape(of, examples) }),
        Shape::Either(shapes) => {
            json!({ "anyOf": shapes.iter().map(|shape| of_shape(shape, examples)).collect::<Vec<_>>() })
        }
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}
