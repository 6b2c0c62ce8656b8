//! Good documents, made from the description.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{Choice, KINDS, Key, Mapping, Need, Shape};
use crate::workflow::load::SourceText;

/// The feed that made documents name.
pub(super) fn beside() -> SourceText {
    let feed = KINDS.iter().find(|kind| kind.word == "Feed").unwrap();
    SourceText { file: "hr.yaml".to_owned(), text: feed.example.to_owned() }
}

/// Any document of any kind, with everything that its description allows.
pub(super) fn any_document() -> BoxedStrategy<Value> {
    let kinds = KINDS.iter().map(|kind| any_mapping(kind.mapping).prop_map(settled).boxed());
    proptest::strategy::Union::new(kinds).boxed()
}

fn any_mapping(mapping: &'static Mapping) -> BoxedStrategy<Value> {
    let with = |decided: Vec<(&'static Key, Option<Value>)>| {
        let keys = mapping.own_keys().filter(|key| !decided.iter().any(|(other, _)| std::ptr::eq(*other, *key)));
        let parts: Vec<BoxedStrategy<Option<(String, Value)>>> = keys.map(any_entry).collect();
        let mut parts = parts;
        for (key, value) in decided {
            parts.push(match value {
                Some(value) => Just(Some((key.name.to_owned(), value))).boxed(),
                None => any_entry(key),
            });
        }
        parts.prop_map(|entries| Value::Object(entries.into_iter().flatten().collect::<Map<_, _>>())).boxed()
    };
    match &mapping.choice {
        Choice::Free => with(Vec::new()),
        Choice::AtLeastOne(keys) => {
            let forced = keys.iter().map(|name| {
                let key = mapping.own_keys().find(|key| key.name == *name).unwrap();
                (with(Vec::new()), any_value(&key.shape, key.examples)).prop_map(|(mut value, forced)| {
                    value[key.name] = forced;
                    value
                })
            });
            proptest::strategy::Union::new(forced).boxed()
        }
        Choice::OneKey(_) => {
            let cases =
                mapping.cases().into_iter().map(|(_, keys)| with(keys.into_iter().map(|key| (key, None)).collect()));
            proptest::strategy::Union::new(cases).boxed()
        }
        Choice::ByWord { key: name, .. } => {
            let key = mapping.own_keys().find(|key| key.name == *name).unwrap();
            let cases = mapping.cases().into_iter().map(|(word, keys)| {
                let word = (key, Some(json!(word)));
                with(std::iter::once(word).chain(keys.into_iter().map(|key| (key, None))).collect())
            });
            proptest::strategy::Union::new(cases).boxed()
        }
    }
}

fn any_entry(key: &'static Key) -> BoxedStrategy<Option<(String, Value)>> {
    let entry = any_value(&key.shape, key.examples).prop_map(|value| Some((key.name.to_owned(), value)));
    if key.need == Need::Required { entry.boxed() } else { prop_oneof![Just(None), entry].boxed() }
}

fn any_value(shape: &'static Shape, examples: &'static [&'static str]) -> BoxedStrategy<Value> {
    match shape {
        Shape::Text(form) => {
            select(if examples.is_empty() { form.examples } else { examples }).prop_map(|text| json!(text)).boxed()
        }
        Shape::Word(words) => (0..words.len()).prop_map(|number| json!(words[number].word)).boxed(),
        Shape::Boolean => any::<bool>().prop_map(|value| json!(value)).boxed(),
        Shape::True => Just(json!(true)).boxed(),
        Shape::Integer { least, most } => (*least..=*most).prop_map(|value| json!(value)).boxed(),
        Shape::AttributeValues => {
            select(&[r#""Sales""#, "true", "7", "null", "[]", r#"["Sales", false, 7, null]"#][..])
                .prop_map(|text| serde_json::from_str(text).unwrap())
                .boxed()
        }
        Shape::List { of, least } => {
            proptest::collection::vec(any_value(of, examples), *least..=3).prop_map(Value::Array).boxed()
        }
        Shape::Mapping(mapping) => any_mapping(mapping),
        Shape::Entries { of, .. } => proptest::collection::vec(any_value(of, examples), 0..=3)
            .prop_map(|values| {
                let entries = values.into_iter().enumerate().map(|(number, value)| (format!("Entry {number}"), value));
                Value::Object(entries.collect())
            })
            .boxed(),
        Shape::Either(shapes) => {
            proptest::strategy::Union::new(shapes.iter().map(|shape| any_value(shape, examples))).boxed()
        }
    }
}

/// What a description of keys does not say: names are unique, tasks wait for earlier ones, `from` and `to` are about one attribute, and
/// attributes have one type.
fn settled(mut document: Value) -> Value {
    document["name"] = json!("made");
    if let Some(names) = document.get_mut("formerly").and_then(Value::as_array_mut) {
        names.iter_mut().enumerate().for_each(|(number, name)| *name = json!(format!("old-{number}")));
    }
    if let Some(tasks) = document.get_mut("tasks").and_then(Value::as_array_mut) {
        for (number, task) in tasks.iter_mut().enumerate() {
            task["name"] = json!(format!("task {number}"));
            if let Some(depends_on) = task.get_mut("dependsOn") {
                *depends_on = if number == 0 { json!([]) } else { json!(["task 0"]) };
            }
        }
    }
    if let Some(change) = document.pointer_mut("/trigger/attributeChange").and_then(Value::as_object_mut)
        && change["attributes"].as_array().is_some_and(|attributes| attributes.len() > 1)
    {
        change.remove("from");
        change.remove("to");
    }
    if let Some(attributes) = document.get_mut("attributes").and_then(Value::as_object_mut) {
        let named = std::mem::take(attributes).into_iter().map(|(_, column)| {
            let name = match column.get("type").and_then(Value::as_str) {
                Some("date") => "probationEnd",
                Some("bool") => "isManager",
                _ => "shift",
            };
            (name.to_owned(), column)
        });
        attributes.extend(named.collect::<BTreeMap<_, _>>());
    }
    document
}
