//! Good documents damaged in every way that parser and schema must both see.

use serde_json::{Value, json};

use super::{Choice, KINDS, Key, Kind, Mapping, Need, Shape};

/// A damaged document.
#[derive(Debug)]
pub(super) struct Damage {
    /// Where, as a JSON pointer.
    pub(super) pointer: String,
    /// How.
    pub(super) what: &'static str,
    /// The damaged document.
    pub(super) document: Value,
    /// What the parser must say.
    pub(super) words: Option<String>,
}

/// Every damage that can be done to a document.
pub(super) fn damages(document: &Value, kind: &Kind) -> Vec<Damage> {
    let mut maker = Maker { document, found: Vec::new() };
    maker.mapping(kind.mapping, "");
    maker.found
}

struct Maker<'d> {
    document: &'d Value,
    found: Vec<Damage>,
}

impl Maker<'_> {
    fn add(&mut self, pointer: &str, what: &'static str, words: Option<String>, damage: impl FnOnce(&mut Value)) {
        let mut document = self.document.clone();
        damage(document.pointer_mut(pointer).unwrap());
        self.found.push(Damage { pointer: pointer.to_owned(), what, document, words });
    }

    fn mapping(&mut self, mapping: &Mapping, pointer: &str) {
        let value = self.document.pointer(pointer).unwrap().clone();
        let keys = keys_in_force(mapping, &value);
        self.add(pointer, "an unknown key", Some("unknown key `zzUnknown`".to_owned()), |value| {
            value["zzUnknown"] = json!(1)
        });
        for (_, others) in mapping.cases() {
            for other in others.into_iter().filter(|other| !keys.iter().any(|key| key.name == other.name)) {
                self.add(pointer, "a key of another case", None, |value| value[other.name] = json!("x"));
            }
        }
        if let Choice::AtLeastOne(names) = mapping.choice {
            self.add(pointer, "none of the keys", None, |value| {
                names.iter().for_each(|name| drop(value.as_object_mut().unwrap().remove(*name)));
            });
        }
        for key in keys.into_iter().filter(|key| value.get(key.name).is_some()) {
            let inner = format!("{pointer}/{}", key.name);
            if key.need == Need::Required {
                self.add(pointer, "a missing key", None, |value| drop(value.as_object_mut().unwrap().remove(key.name)));
            }
            if !matches!(key.shape, Shape::AttributeValues) {
                self.add(&inner, "no value", None, |value| *value = Value::Null);
            }
            self.value(key.name, &key.shape, &inner);
            let words = words_under(mapping, key.name);
            if words.len() > 1 && matches!(key.shape, Shape::Word([_])) {
                // What the other cases allow under this key is known to the parser too.
                self.found.retain(|damage| !(damage.pointer == inner && damage.what == "an unknown word"));
                self.unknown_word(key.name, &words, &inner);
            }
        }
    }

    fn unknown_word(&mut self, key: &str, words: &[&str], pointer: &str) {
        let kinds = || KINDS.iter().map(|kind| kind.word).collect::<Vec<_>>();
        let words = if key == "kind" { kinds() } else { words.to_vec() };
        let one_of = if words.len() > 1 { "one of " } else { "" };
        let said = format!("`zzz` is not {one_of}{}", words.join(", "));
        self.add(pointer, "an unknown word", Some(said), |value| *value = json!("zzz"));
    }

    fn value(&mut self, key: &str, shape: &Shape, pointer: &str) {
        let value = self.document.pointer(pointer).unwrap().clone();
        self.add(pointer, "a list of lists", None, |value| *value = json!([[1]]));
        match shape {
            Shape::Text(_) => self.add(pointer, "no text", None, |value| *value = json!(7)),
            Shape::Boolean => self.add(pointer, "no truth value", None, |value| *value = json!("yes")),
            Shape::True => self.add(pointer, "not true", None, |value| *value = json!(false)),
            Shape::Word(words) => {
                let words: Vec<_> = words.iter().map(|word| word.word).collect();
                self.unknown_word(key, &words, pointer);
            }
            Shape::Integer { least, most } => {
                self.add(pointer, "too little", None, |value| *value = json!(least - 1));
                self.add(pointer, "too much", None, |value| *value = json!(most + 1));
            }
            Shape::List { of, least } => {
                self.add(pointer, "no list", None, |value| *value = json!("x"));
                if *least > 0 {
                    self.add(pointer, "an empty list", None, |value| *value = json!([]));
                }
                for number in 0..length(&value) {
                    self.value(key, of, &format!("{pointer}/{number}"));
                }
            }
            Shape::Mapping(mapping) => {
                self.add(pointer, "no mapping", None, |value| *value = json!("zzz"));
                self.mapping(mapping, pointer);
            }
            Shape::Entries { of, .. } => {
                self.add(pointer, "no mapping", None, |value| *value = json!("zzz"));
                for inner in value.as_object().unwrap().keys() {
                    self.value(inner, of, &format!("{pointer}/{inner}"));
                }
            }
            Shape::Either(shapes) => {
                match shapes.iter().find(|shape| fits(shape, &value)).unwrap() {
                    Shape::Word(_) => self.add(pointer, "an unknown word", None, |value| *value = json!("zzz")),
                    // What is no such list may be another of the shapes; what is in it may not.
                    Shape::List { of: Shape::Mapping(mapping), .. } => {
                        (0..length(&value)).for_each(|number| self.mapping(mapping, &format!("{pointer}/{number}")));
                    }
                    Shape::List { of, .. } => {
                        (0..length(&value)).for_each(|number| self.value(key, of, &format!("{pointer}/{number}")));
                    }
                    shape => self.value(key, shape, pointer),
                }
            }
            Shape::AttributeValue => self.add(pointer, "a number", None, |value| *value = json!(7)),
            Shape::AttributeValues => {}
        }
    }
}

fn length(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

/// Which of several shapes a good value has.
fn fits(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Mapping(_) => value.is_object(),
        Shape::List { of, .. } => value.as_array().is_some_and(|items| items.iter().all(|item| fits(of, item))),
        _ => !value.is_object() && !value.is_array(),
    }
}

/// The words that any case allows under a key.
fn words_under(mapping: &Mapping, name: &str) -> Vec<&'static str> {
    let mut words = Vec::new();
    for key in mapping.cases().into_iter().flat_map(|(_, keys)| keys).filter(|key| key.name == name) {
        if let Shape::Word(allowed) = key.shape {
            words.extend(allowed.iter().map(|word| word.word));
        }
    }
    // Each once, in the order of the description.
    let mut seen = std::collections::BTreeSet::new();
    words.retain(|word| seen.insert(*word));
    words
}

/// The keys that a mapping may have as it stands.
fn keys_in_force(mapping: &Mapping, value: &Value) -> Vec<&'static Key> {
    let decides = |word: &str, keys: &[&Key]| match &mapping.choice {
        Choice::ByWord { key, absent, .. } => value.get(*key).and_then(Value::as_str).or(*absent) == Some(word),
        _ => value.get(word).is_some() && keys.iter().all(|key| is_its_word(key, value)),
    };
    let of_case = mapping.cases().into_iter().find(|(word, keys)| decides(word, keys)).map(|(_, keys)| keys);
    mapping.own_keys().chain(of_case.into_iter().flatten()).collect()
}

/// Whether a key that allows a single word has it.
fn is_its_word(key: &Key, value: &Value) -> bool {
    let Shape::Word([only]) = key.shape else { return true };
    value.get(key.name).is_none_or(|found| found == only.word)
}
