//! Typed reading of a mapping that notes every problem in its place and goes on.
//!
//! A [`Reader`] hands a key's [`Field`] to a converter, any function from `Field` to `Option<T>`; `None` means "noted as a problem".

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::problem::{Complaint, Place, Problem, quoted};
use super::yaml::{Entry, Node, Scalar, ScalarKind, Value};

#[cfg(test)]
pub(super) mod asked_keys;
pub mod convert;
mod duration;

pub use duration::iso_duration;

/// The problems found so far in one file.
#[derive(Debug)]
pub struct Problems {
    file: String,
    found: RefCell<Vec<Problem>>,
}

impl Problems {
    /// Nothing found yet in `file`.
    pub fn new(file: &str) -> Self {
        Self::with(file, Vec::new())
    }

    /// These found already in `file`.
    pub fn with(file: &str, found: Vec<Problem>) -> Self {
        Self { file: file.to_owned(), found: RefCell::new(found) }
    }

    /// Notes a problem.
    pub fn report(&self, place: &Place, complaint: Complaint) {
        self.found.borrow_mut().push(Problem::new(&self.file, place, complaint));
    }

    /// What was found, in the order of finding.
    pub fn into_vec(self) -> Vec<Problem> {
        self.found.into_inner()
    }
}

/// A value, the key it stands under, and where its problems go.
#[derive(Debug, Clone, Copy)]
pub struct Field<'n> {
    /// The value.
    pub node: &'n Node,
    /// The key it stands under.
    pub key: &'n str,
    /// Where to point when something in it is missing.
    anchor: &'n Place,
    problems: &'n Problems,
}

impl<'n> Field<'n> {
    /// The whole document.
    pub fn root(node: &'n Node, problems: &'n Problems) -> Self {
        Self { node, key: "document", anchor: &node.place, problems }
    }

    /// Notes a problem with the value.
    pub fn report(&self, complaint: Complaint) {
        self.problems.report(&self.node.place, complaint);
    }

    /// Notes a problem in a byte range of the text of the value.
    pub fn report_within(&self, scalar: &Scalar, range: Range<usize>, complaint: Complaint) {
        self.problems.report(&scalar.place_within(&self.node.place, range), complaint);
    }

    /// Notes a problem with the key the value stands under.
    pub fn report_key(&self, complaint: Complaint) {
        self.problems.report(self.anchor, complaint);
    }

    /// Notes that the value is of another kind than `expected`.
    fn report_kind(&self, expected: &str) {
        let found = match &self.node.value {
            Value::Scalar(scalar) => scalar.kind.as_str(),
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        };
        self.report(Complaint::new(format!("`{}` must be {expected}, not {found}", self.key)));
    }

    /// An item of this list, or a value of this mapping.
    fn inner(self, node: &'n Node, anchor: &'n Place) -> Self {
        Self { node, anchor, ..self }
    }
}

/// Reads the keys of one mapping.
#[derive(Debug)]
pub struct Reader<'n> {
    field: Field<'n>,
    entries: &'n [Entry],
    asked: Vec<&'static str>,
    ignores_the_rest: bool,
    #[cfg(test)]
    refused: Vec<&'static str>,
}

impl<'n> Reader<'n> {
    fn new(field: Field<'n>, entries: &'n [Entry]) -> Self {
        Self {
            field,
            entries,
            asked: Vec::new(),
            ignores_the_rest: false,
            #[cfg(test)]
            refused: Vec::new(),
        }
    }

    /// The value of a key that must be there.
    pub fn required<T>(&mut self, key: &'static str, convert: impl FnOnce(Field<'n>) -> Option<T>) -> Option<T> {
        self.required_or(key, None, convert)
    }

    /// The value of a key that must be there; `hint` says what it could be where it is missing.
    pub fn required_or<T>(
        &mut self,
        key: &'static str,
        hint: Option<String>,
        convert: impl FnOnce(Field<'n>) -> Option<T>,
    ) -> Option<T> {
        if self.entry(key).is_none() {
            self.report(Complaint { message: format!("`{key}` is missing"), hint });
        }
        self.optional(key, convert)
    }

    /// One of the given words under a key that must be there.
    pub fn required_word<T: Copy>(&mut self, key: &'static str, words: &'static [(&'static str, T)]) -> Option<T> {
        self.required_word_or_later(key, words, &[])
    }

    /// As [`required_word`](Self::required_word); the words of `later` are known but not supported yet.
    pub fn required_word_or_later<T: Copy>(
        &mut self,
        key: &'static str,
        words: &'static [(&'static str, T)],
        later: &'static [&'static str],
    ) -> Option<T> {
        self.required_or(key, Some(convert::choices(words)), convert::word_or_later(words, later))
    }

    /// The value of a key that may be absent.
    pub fn optional<T>(&mut self, key: &'static str, convert: impl FnOnce(Field<'n>) -> Option<T>) -> Option<T> {
        self.optional_unless(|scalar| scalar.kind == ScalarKind::Null, key, convert)
    }

    /// As [`optional`](Self::optional), where a null that is written out is a value too; nothing at all is still a problem.
    pub fn optional_or_null<T>(
        &mut self,
        key: &'static str,
        convert: impl FnOnce(Field<'n>) -> Option<T>,
    ) -> Option<T> {
        self.optional_unless(|scalar| scalar.kind == ScalarKind::Null && scalar.text.is_empty(), key, convert)
    }

    fn optional_unless<T>(
        &mut self,
        is_no_value: impl FnOnce(&Scalar) -> bool,
        key: &'static str,
        convert: impl FnOnce(Field<'n>) -> Option<T>,
    ) -> Option<T> {
        let entry = self.entry(key)?;
        let field =
            Field { node: &entry.value, key: &entry.key.text, anchor: &entry.place, problems: self.field.problems };
        if matches!(&entry.value.value, Value::Scalar(scalar) if is_no_value(scalar)) {
            let complaint = Complaint::new(format!("`{key}` has no value")).hint("write a value or remove the key");
            self.field.problems.report(&entry.place, complaint);
            return None;
        }
        convert(field)
    }

    /// Which of `keys` is there, if it is exactly one.
    pub fn exactly_one_of(&mut self, keys: &[&'static str]) -> Option<&'static str> {
        let given: Vec<_> = keys.iter().filter_map(|key| Some((*key, &self.entry(key)?.place))).collect();
        let choices = convert::listed(keys.iter().copied());
        match given.as_slice() {
            [(key, _)] => Some(key),
            [] => {
                self.report(Complaint::new(format!("one of {choices} is missing")));
                None
            }
            [_, (second, place), ..] => {
                let complaint = Complaint::new(format!("`{second}` does not go with the other: only one of {choices}"));
                self.field.problems.report(place, complaint);
                None
            }
        }
    }

    /// Whether the key is there.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// Notes a problem with each of `keys` that is there, and says whether any is.
    pub fn refuse(&mut self, keys: &[&'static str], why: &str) -> bool {
        #[cfg(test)]
        self.refused.extend(keys);
        let given: Vec<_> = keys.iter().filter_map(|key| Some((key, self.entry(key)?))).collect();
        for (key, entry) in &given {
            self.field.problems.report(&entry.place, Complaint::new(format!("`{key}` {why}")));
        }
        !given.is_empty()
    }

    /// Notes the keys that the design names and this version does not know yet, and says whether any is there.
    pub fn refuse_later(&mut self, keys: &[&'static str]) -> bool {
        self.refuse(keys, "is not supported by this version")
    }

    /// Notes a problem with the mapping as a whole.
    pub fn report(&self, complaint: Complaint) {
        self.field.problems.report(self.field.anchor, complaint);
    }

    /// Lets unknown keys pass: what is wrong so far leaves open which keys there are.
    pub fn ignore_the_rest(&mut self) {
        self.ignores_the_rest = true;
    }

    /// Notes every key nobody asked for.
    pub fn finish(self) {
        #[cfg(test)]
        asked_keys::note(&self.field.problems.file, self.field.node.place.span.start, &self.asked, &self.refused);
        if self.ignores_the_rest {
            return;
        }
        let known = |entry: &Entry| self.asked.contains(&entry.key.text.as_str());
        let given: BTreeSet<_> = self.entries.iter().map(|entry| entry.key.text.as_str()).collect();
        let free: Vec<_> = self.asked.iter().copied().filter(|key| !given.contains(key)).collect();
        for entry in self.entries.iter().filter(|entry| !known(entry)) {
            let complaint = Complaint::new(format!("unknown key {}", quoted(&entry.key.text)));
            self.field.problems.report(&entry.place, complaint.suggest(&entry.key.text, free.iter().copied()));
        }
    }

    fn entry(&mut self, key: &'static str) -> Option<&'n Entry> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key.text == key)
    }
}

#[cfg(test)]
mod tests {
    use super::convert::{boolean, entries, integer, list, mapping, text, word};
    use super::*;
    use crate::workflow::yaml::parse;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Port(u16);

    const WORDS: &[(&str, Port)] = &[("http", Port(80)), ("https", Port(443))];

    #[track_caller]
    fn check<T: PartialEq + std::fmt::Debug>(
        source: &str,
        read: impl Fn(&mut Reader<'_>) -> Option<T>,
        expected: Result<T, &[&str]>,
    ) {
        let root = parse("f", source).root.unwrap();
        let problems = Problems::new("f");
        let value = mapping(read)(Field::root(&root, &problems));
        let found: Vec<_> = problems.into_vec().iter().map(|p| p.to_string().split_off(2)).collect();
        match expected {
            Ok(expected) => assert_eq!((value, found), (Some(expected), vec![]), "{source}"),
            Err(expected) => assert_eq!(found, expected, "{source}"),
        }
    }

    #[test]
    fn values_are_read_by_type() {
        check("a: x y", |r| r.required("a", text), Ok("x y".to_owned()));
        check("a: [x, '1']", |r| r.required("a", list(text)), Ok(vec!["x".to_owned(), "1".to_owned()]));
        check("a: false", |r| r.required("a", boolean), Ok(false));
        check("a: -12", |r| r.required("a", integer(-20i32..=0)), Ok(-12));
        check("a: https", |r| r.required_word("a", WORDS), Ok(Port(443)));
        check("a: {b: 1}", |r| r.required("a", mapping(|r| r.required("b", integer(0u8..=9)))), Ok(1));
        check("a: {x: 1, y: 2}", |r| r.required("a", entries(integer(0u8..=9))), Ok(vec![1, 2]));
        check(
            "a: 1\nb: x",
            |r| (r.exactly_one_of(&["b", "c"]), r.optional("b", text), r.optional("a", integer(0..=1i64))).0,
            Ok("b"),
        );
    }

    #[test]
    fn wrong_values_are_problems_with_advice() {
        check("a: 5", |r| r.required("a", text), Err(&["1:4: `a` must be text, not a number (put it in quotes)"]));
        check("a: ' x'", |r| r.required("a", text), Err(&["1:4: `a` begins or ends with a blank"]));
        check("a: ''", |r| r.required("a", text), Err(&["1:4: `a` is empty"]));
        check("a:", |r| r.required("a", text), Err(&["1:1: `a` has no value (write a value or remove the key)"]));
        check(
            "a: x",
            |r| r.required("a", list(text)),
            Err(&["1:4: `a` must be a list, not text (write `[…]` around it)"]),
        );
        check(
            "a: [x]",
            |r| r.required("a", mapping(|r| r.required("b", text))),
            Err(&["1:4: `a` must be a mapping, not a list"]),
        );
        check("a: yes", |r| r.required("a", boolean), Err(&["1:4: `a` must be true or false, not text"]));
        check("a: True", |r| r.required("a", boolean), Err(&["1:4: `a` must be true or false (in lower case)"]));
        check(
            "a: 0x10",
            |r| r.required("a", integer(0u8..=99)),
            Err(&["1:4: `a` must be a whole number from 0 to 99"]),
        );
        check("a: 100", |r| r.required("a", integer(0u8..=99)), Err(&["1:4: `a` must be a whole number from 0 to 99"]));
        check(
            "a: htps",
            |r| r.required("a", word(WORDS)),
            Err(&["1:4: `htps` is not one of http, https (did you mean `https`?)"]),
        );
    }

    #[test]
    fn missing_and_unknown_keys_are_all_noted() {
        check(
            "colour: 1\nlist: [{nam: x}]\nwith: {}",
            |r| {
                let color: Option<String> = r.optional("color", text);
                r.required("list", list(mapping(|r| r.required("name", text))));
                r.required("with", mapping(|r| r.required_word("protocol", WORDS)));
                color
            },
            Err(&[
                "2:8: `name` is missing",
                "2:9: unknown key `nam` (did you mean `name`?)",
                "3:1: `protocol` is missing (one of http, https)",
                "1:1: unknown key `colour` (did you mean `color`?)",
            ]),
        );
    }

    #[test]
    fn exactly_one_key_is_asked_for() {
        let one = |r: &mut Reader<'_>| (r.exactly_one_of(&["a", "b"]), r.refuse_later(&["c"])).0;
        check("{}", one, Err(&["1:1: one of a, b is missing"]));
        check("a: 1\nb: 2", one, Err(&["2:1: `b` does not go with the other: only one of a, b"]));
        check("a: 1\nc: 2", one, Err(&["2:1: `c` is not supported by this version"]));
    }
}
