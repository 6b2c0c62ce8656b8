//! The parser, the description, the schema and the reference say the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::*;
use crate::domain::subject::{AttributeValue, Attributes};
use crate::workflow::attribute::AttributeCatalogue;
use crate::workflow::load::{Loaded, SourceText, load};
use crate::workflow::reader::asked_keys;
use crate::workflow::rule::{Rule, Truth};
use crate::workflow::yaml::{self, Node};

mod documents;
mod mutations;
mod validator;

use documents::{any_document, beside};
use mutations::{Damage, damages};
use validator::complaints;

const FILE: &str = "made.yaml";

/// The made document with others for it to name.
fn load_made(document: &Value) -> Loaded {
    let made = SourceText { file: FILE.to_owned(), text: serde_json::to_string_pretty(document).unwrap() };
    let mut files = vec![made];
    files.extend(beside());
    load(&files)
}

fn all_keys(mapping: &Mapping) -> BTreeSet<&'static str> {
    let of_cases = mapping.cases().into_iter().flat_map(|(_, keys)| keys);
    mapping.own_keys().chain(of_cases).map(|key| key.name).collect()
}

/// Every mapping of a document that has known keys, by the byte at which it begins.
fn mappings_of<'m>(node: &Node, mapping: &'m Mapping, found: &mut BTreeMap<usize, &'m Mapping>) {
    let yaml::Value::Mapping(entries) = &node.value else { return };
    found.insert(node.place.span.start, mapping);
    for entry in entries {
        let keys = mapping.own_keys().chain(mapping.cases().into_iter().flat_map(|(_, keys)| keys));
        // A key such as `with` holds another mapping in each case.
        let fitting = keys.filter(|key| key.name == entry.key.text);
        let is_case = |key: &&Key| word_of(mapping, entries).is_none_or(|word| case_has(mapping, &word, key));
        if let Some(key) = fitting.into_iter().find(is_case) {
            mappings_in(&entry.value, &key.shape, found);
        }
    }
}

fn mappings_in(node: &Node, shape: &Shape, found: &mut BTreeMap<usize, &Mapping>) {
    match (shape, &node.value) {
        (Shape::Mapping(mapping), _) => mappings_of(node, mapping, found),
        (Shape::List { of, .. }, yaml::Value::Sequence(items)) => {
            items.iter().for_each(|item| mappings_in(item, of, found));
        }
        (Shape::Entries { of, .. }, yaml::Value::Mapping(entries)) => {
            entries.iter().for_each(|entry| mappings_in(&entry.value, of, found));
        }
        (Shape::Either(shapes), _) => shapes.iter().for_each(|shape| mappings_in(node, shape, found)),
        _ => {}
    }
}

fn word_of(mapping: &Mapping, entries: &[yaml::Entry]) -> Option<String> {
    let Choice::ByWord { key, absent, .. } = &mapping.choice else { return None };
    let given = entries.iter().find(|entry| entry.key.text == *key).map(|entry| match &entry.value.value {
        yaml::Value::Scalar(scalar) => scalar.text.clone(),
        _ => String::new(),
    });
    given.or(absent.map(str::to_owned))
}

fn case_has(mapping: &Mapping, word: &str, key: &Key) -> bool {
    let mut of_case = mapping.cases().into_iter().filter(|(of, _)| *of == word).flat_map(|(_, keys)| keys);
    mapping.own_keys().any(|own| std::ptr::eq(own, key)) || of_case.any(|other| std::ptr::eq(other, key))
}

fn kind_of(document: &Value) -> &'static Kind {
    KINDS.iter().find(|kind| document["kind"] == kind.word).unwrap()
}

/// Loads the document, and adds the keys that the parser asked for to those of each mapping.
fn load_and_collect(document: &Value, asked: &mut BTreeMap<&'static str, BTreeSet<&'static str>>) {
    asked_keys::take();
    let loaded = load_made(document);
    assert_eq!(loaded.problems, [], "{document:#}");
    let text = serde_json::to_string_pretty(document).unwrap();
    let root = yaml::parse(FILE, &text).root.unwrap();
    let mut mappings = BTreeMap::new();
    mappings_of(&root, kind_of(document).mapping, &mut mappings);
    for noted in asked_keys::take().into_iter().filter(|noted| noted.file == FILE) {
        if let Some(mapping) = mappings.get(&noted.begins) {
            asked.entry(mapping.name).or_default().extend(noted.keys);
        }
    }
}

#[test]
fn the_parser_asks_for_the_keys_of_the_description_and_for_no_other() {
    let mut asked = BTreeMap::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..600 {
        use proptest::strategy::ValueTree;
        let document = any_document().new_tree(&mut runner).unwrap().current();
        load_and_collect(&document, &mut asked);
    }
    let mut described = BTreeMap::new();
    let mut open: Vec<&Mapping> = KINDS.iter().map(|kind| kind.mapping).collect();
    while let Some(mapping) = open.pop() {
        if described.insert(mapping.name, all_keys(mapping)).is_none() {
            let of_cases = mapping.cases().into_iter().flat_map(|(_, keys)| keys);
            open.extend(mapping.own_keys().chain(of_cases).flat_map(|key| schema::mappings_in(&key.shape)));
        }
    }
    assert_eq!(asked, described, "left: what the parser knows; right: src/workflow/language/kinds");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn good_documents_pass_parser_and_schema(document in any_document()) {
        let loaded = load_made(&document);
        prop_assert_eq!(loaded.problems, vec![], "{:#}", &document);
        prop_assert_eq!(complaints(&schema(), &document), Vec::<String>::new(), "{:#}", &document);
        prop_assert_eq!(complaints(&schema_of(kind_of(&document)), &document), Vec::<String>::new());
    }

    #[test]
    fn damaged_documents_fail_parser_and_schema(document in any_document(), which in any::<Index>()) {
        let all = damages(&document, kind_of(&document));
        let Damage { pointer, what, document: damaged, words } = which.get(&all);
        let loaded = load_made(damaged);
        prop_assert!(loaded.broken.contains(FILE), "{what} at {pointer} is not seen by the parser: {damaged:#}");
        prop_assert!(!complaints(&schema(), damaged).is_empty(), "{what} at {pointer} fits the schema: {damaged:#}");
        if let Some(words) = words {
            let said: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
            prop_assert!(said.iter().any(|problem| problem.contains(words)), "{words} not in {said:?}");
        }
    }
}

#[test]
fn the_examples_of_the_design_load_as_they_stand_and_fit_the_schema() {
    let mut files: Vec<SourceText> = KINDS
        .iter()
        .map(|kind| SourceText { file: format!("{}.yaml", kind.word), text: kind.example.to_owned() })
        .collect();
    // One of them names a feed that is not among them.
    let feed = KINDS.iter().find(|kind| kind.word == "Feed").unwrap().example;
    files.push(SourceText { file: "contractors.yaml".to_owned(), text: feed.replace("name: hr", "name: contractors") });
    let loaded = load(&files);
    assert_eq!(loaded.problems, []);
    assert_eq!(crate::workflow::check::check(&loaded, None), []);
    for kind in KINDS {
        let document: Value = serde_yaml::from_str(kind.example).unwrap();
        assert_eq!(complaints(&schema(), &document), [""; 0], "{}", kind.word);
    }
}

#[test]
fn every_condition_that_the_reference_shows_is_a_rule() {
    let shown =
        prose::RULES.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | ").map(|(cell, _)| cell));
    let conditions: Vec<&str> = shown.flat_map(|cell| cell.trim_end_matches('`').split("`, `")).collect();
    let lists = prose::RULES.split('`').find(|text| text.starts_with("not ") && text.contains("/any(")).unwrap();
    assert!(conditions.iter().filter(|condition| condition.contains("/any(")).count() > 1, "{conditions:?}");
    for condition in conditions.iter().chain([&lists]) {
        let rule = Rule::parse(condition).unwrap_or_else(|errors| panic!("{condition}: {errors:?}"));
        assert_eq!(AttributeCatalogue::default().check(&rule), [], "{condition}");
    }
    let none = Rule::parse(lists).unwrap();
    let mails = |values: &[&str]| {
        let list = AttributeValue::List(values.iter().map(|value| (*value).to_owned()).collect());
        none.evaluate(&Attributes::from([("otherMails".to_owned(), list)]))
    };
    assert_eq!((mails(&[]), mails(&["a"])), (Truth::Yes, Truth::No));
}

#[test]
fn every_mapping_has_a_name_of_its_own() {
    fn visit(mapping: &'static Mapping, seen: &mut BTreeMap<&'static str, &'static Mapping>) {
        match seen.insert(mapping.name, mapping) {
            Some(other) => assert!(std::ptr::eq(other, mapping) || other.about == mapping.about, "{}", mapping.name),
            None => {
                let of_cases = mapping.cases().into_iter().flat_map(|(_, keys)| keys);
                for key in mapping.own_keys().chain(of_cases) {
                    assert!(key.about.ends_with('.'), "{}.{}", mapping.name, key.name);
                    schema::mappings_in(&key.shape).into_iter().for_each(|inner| visit(inner, seen));
                }
            }
        }
    }
    let mut seen = BTreeMap::new();
    KINDS.iter().for_each(|kind| visit(kind.mapping, &mut seen));
}
