//! Good documents, made from the description.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{Choice, KINDS, Key, Mapping, Need, Shape};
use crate::workflow::load::SourceText;

/// The feed, with an attribute of each type, and the workflow that made documents name.
pub(super) fn beside() -> [SourceText; 2] {
    ["Feed", "Workflow"].map(|word| {
        let example = KINDS.iter().find(|kind| kind.word == word).unwrap().example;
        let more = "attributes:\n  isManager: { column: Leads, type: bool, true: [Y], false: [N] }\n";
        SourceText { file: format!("{word}.yaml"), text: example.replace("attributes:\n", more) }
    })
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
        Shape::AttributeValue => select(&[r#""Sales""#, r#""2026-12-01""#, "false", "null"][..])
            .prop_map(|text| serde_json::from_str(text).unwrap())
            .boxed(),
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

/// What a description of keys does not say: names are unique, tasks wait for earlier ones, `from` and `to` are about one attribute, attributes
/// have one type, and only a record that is there goes missing.
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
    if let Some(columns) = document.pointer_mut("/rows/columns") {
        *columns = json!({ "company": "Company Code", "id": "Employee ID" });
    }
    if document["kind"] == "PersonTest" {
        settle_story(&mut document);
    }
    document
}

/// The attributes of a person test are those that the feed maps or the directory has, and a record is there before it goes missing, once.
fn settle_story(document: &mut Value) {
    let history = document.get_mut("history").and_then(Value::as_array_mut);
    let mut is_missing = false;
    for change in history.into_iter().flatten().filter_map(Value::as_object_mut) {
        if change.contains_key("record") || is_missing {
            change.remove("isMissing");
        }
        is_missing |= change.contains_key("isMissing");
    }
    if is_missing {
        document["given"].as_object_mut().unwrap().entry("record").or_insert_with(|| json!({}));
    }
    let history = document.get("history").and_then(Value::as_array).map_or(0, Vec::len);
    let stories = std::iter::once("/given".to_owned()).chain((0..history).map(|place| format!("/history/{place}")));
    for (story, of_record) in stories.flat_map(|story| [(story.clone(), true), (story, false)]) {
        let pointer = format!("{story}/{}", if of_record { "record" } else { "user" });
        let Some(values) = document.pointer_mut(&pointer).and_then(Value::as_object_mut) else { continue };
        let named = std::mem::take(values).into_iter().map(|(_, value)| {
            let (in_record, in_user) = match &value {
                Value::Bool(_) => ("isManager", "accountEnabled"),
                Value::Null => ("employeeLeaveDateTime", "jobTitle"),
                Value::Array(values) if values.iter().any(Value::is_object) => ("", "assignedPlans"),
                Value::Array(_) => ("", "otherMails"),
                text if text == "2026-12-01" => ("employeeHireDate", "createdDateTime"),
                _ => ("department", "department"),
            };
            (if of_record { in_record } else { in_user }.to_owned(), value)
        });
        values.extend(named.collect::<BTreeMap<_, _>>());
    }
}
