//! Strict JSON: members may not come twice, depth and size are bounded, numbers stay as written, and every value knows its place.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::member_path::{MemberPath, Step};

/// Values lie no deeper in each other.
const DEEPEST: usize = 32;
/// The largest record, in bytes.
const LARGEST_RECORD: usize = 1024 * 1024;

/// One value, its numbers as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as written.
    Number(&'t str),
    /// Text, its escapes resolved.
    Text(String),
    /// A list.
    List(Vec<Json<'t>>),
    /// An object, its members in their order.
    Object(Vec<(String, Json<'t>)>),
}

/// What lies at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<'j, 't> {
    /// Nothing: the record does not speak of it.
    Absent,
    /// A value, perhaps `null`.
    Value(&'j Json<'t>),
    /// Something that cannot be read as one value, and why.
    Unusable(&'static str),
}

/// Why a text is not the JSON that was expected. Messages hold no content of the text.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It ends too early.
    #[error("it is half written: it ends in line {line} in the middle of a value; deliver it again, whole")]
    Cut {
        /// The line, from 1.
        line: usize,
    },
    /// It breaks JSON's grammar.
    #[error("line {line}, column {column} is not JSON; correct the export, and check that it was delivered whole")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// An object has a member twice, so that it is not clear which is meant.
    #[error(
        "an object that begins in line {line} has a member more than once, so that it is not clear which is meant; correct the export"
    )]
    Repeated {
        /// The line, from 1.
        line: usize,
    },
    /// Nested deeper than is read.
    #[error(
        "a value in line {line} lies more than {DEEPEST} levels deep; export flatter records, or check `records` in the feed's document"
    )]
    TooDeep {
        /// The line, from 1.
        line: usize,
    },
    /// Larger than is read.
    #[error(
        "the record that begins in line {line} has more than {LARGEST_RECORD} bytes; check `records` in the feed's document, and what was delivered"
    )]
    RecordTooLarge {
        /// The line, from 1.
        line: usize,
    },
    /// Where a record should be, there is something else.
    #[error(
        "line {line} has something else where a record, an object, is expected; check `records` in the feed's document, and what was delivered"
    )]
    NotARecord {
        /// The line, from 1.
        line: usize,
    },
    /// There is no list of records.
    #[error("{0}; check `records` in the feed's document, and what was delivered")]
    NoRecords(&'static str),
}

impl JsonError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Cut { .. } => "halfWritten",
            Self::Syntax { .. } => "malformed",
            Self::Repeated { .. } => "memberRepeated",
            Self::TooDeep { .. } => "tooDeep",
            Self::RecordTooLarge { .. } => "tooLarge",
            Self::NotARecord { .. } | Self::NoRecords(_) => "recordsMissing",
        }
    }
}

/// A text of which values are read; their places are known by where they lie in it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    text: &'t str,
    first_line: usize,
}

impl<'t> Source<'t> {
    /// A whole text.
    pub fn new(text: &'t str) -> Self {
        Self { text, first_line: 1 }
    }

    /// One line of a larger text, by its number.
    pub fn line(text: &'t str, line: usize) -> Self {
        Self { text, first_line: line }
    }

    /// The only value of the text, checked to the text's end.
    ///
    /// # Errors
    /// Fails when the text is not one JSON value.
    pub fn root(&self) -> Result<&'t RawValue, JsonError> {
        serde_json::from_str(self.text).map_err(|error| {
            let line = self.first_line + error.line().saturating_sub(1);
            if error.is_eof() { JsonError::Cut { line } } else { JsonError::Syntax { line, column: error.column() } }
        })
    }

    /// The value at the end of `path` from `value`; `None` where there is none.
    ///
    /// # Errors
    /// Fails when an object on the way has a member twice.
    pub fn find(&self, value: &'t RawValue, path: &MemberPath) -> Result<Option<&'t RawValue>, JsonError> {
        let mut value = value;
        for step in path.steps() {
            let next = match (step, value.get().as_bytes().first()) {
                (Step::Member(name), Some(b'{')) => {
                    self.members(value)?.into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
                }
                (Step::Attribute(name), Some(b'{')) => {
                    let is_meant = |(found, _): &(String, _)| found.eq_ignore_ascii_case(name);
                    self.members(value)?.into_iter().find(is_meant).map(|(_, value)| value)
                }
                (Step::Member(name), Some(b'[')) => match name.parse::<usize>() {
                    Ok(number) => self.items(value)?.into_iter().nth(number),
                    Err(_) => None,
                },
                _ => None,
            };
            match next {
                Some(next) => value = next,
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }

    /// The items of a list.
    ///
    /// # Errors
    /// Fails when `value` is no list.
    pub fn items(&self, value: &'t RawValue) -> Result<Vec<&'t RawValue>, JsonError> {
        if !value.get().starts_with('[') {
            return Err(JsonError::NoRecords("there is something else where the list of records is expected"));
        }
        self.typed(value)
    }

    /// An object, read to its last leaf.
    ///
    /// # Errors
    /// Fails when it is no object, is too large or too deep, or has a member twice.
    pub fn record(&self, value: &'t RawValue) -> Result<Json<'t>, JsonError> {
        // A line is counted only for a message: counting is slow in a large text.
        let line = || self.line_of(value);
        if value.get().len() > LARGEST_RECORD {
            return Err(JsonError::RecordTooLarge { line: line() });
        }
        match self.value(value, 0)? {
            record @ Json::Object(_) => Ok(record),
            _ => Err(JsonError::NotARecord { line: line() }),
        }
    }

    /// A value, read to its last leaf.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn value(&self, value: &'t RawValue, depth: usize) -> Result<Json<'t>, JsonError> {
        if depth > DEEPEST {
            return Err(JsonError::TooDeep { line: self.line_of(value) });
        }
        match value.get() {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            text if text.starts_with('"') => Ok(Json::Text(self.typed(value)?)),
            text if text.starts_with('[') => {
                let items = self.items(value)?;
                items.into_iter().map(|item| self.value(item, depth + 1)).collect::<Result<_, _>>().map(Json::List)
            }
            text if text.starts_with('{') => {
                let read = |(name, member)| Ok((name, self.value(member, depth + 1)?));
                self.members(value)?.into_iter().map(read).collect::<Result<_, _>>().map(Json::Object)
            }
            number => Ok(Json::Number(number)),
        }
    }

    /// The lines on which values of this text begin, from 1; `values` in the order of the text, which is gone through once.
    pub fn lines_of(&self, values: &[&'t RawValue]) -> Vec<usize> {
        let (mut line, mut counted) = (self.first_line, 0);
        let of = |value: &&RawValue| {
            let begin = (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
            let between = self.text.as_bytes().get(counted..begin).unwrap_or_default();
            line += between.iter().filter(|byte| **byte == b'\n').count();
            counted = begin;
            line
        };
        values.iter().map(of).collect()
    }

    fn line_of(&self, value: &'t RawValue) -> usize {
        self.lines_of(&[value]).first().copied().unwrap_or(self.first_line)
    }

    fn members(&self, value: &'t RawValue) -> Result<Vec<(String, &'t RawValue)>, JsonError> {
        let Members(members) = self.typed(value)?;
        let mut names = BTreeSet::new();
        if members.iter().all(|(name, _)| names.insert(name.as_str())) {
            return Ok(members);
        }
        Err(JsonError::Repeated { line: self.line_of(value) })
    }

    fn typed<T: Deserialize<'t>>(&self, value: &'t RawValue) -> Result<T, JsonError> {
        // The grammar was checked with the whole text; what is left is text that is no Unicode.
        serde_json::from_str(value.get())
            .map_err(|error| JsonError::Syntax { line: self.line_of(value), column: error.column() })
    }
}

impl<'t> Json<'t> {
    /// What lies at the end of `path` from this value.
    pub fn find<'j>(&'j self, path: &MemberPath) -> Found<'j, 't> {
        let mut value = self;
        for step in path.steps() {
            let next = match (step, value) {
                // What has no value has no parts with a value either.
                (_, Json::Null) => return Found::Value(value),
                (Step::Member(name), Json::Object(members)) => members.iter().find(|(found, _)| found == name),
                (Step::Attribute(name), Json::Object(members)) => {
                    let mut fitting = members.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
                    match (fitting.next(), fitting.next()) {
                        (_, Some(_)) => return Found::Unusable("comes more than once in the record"),
                        (found, None) => found,
                    }
                }
                (Step::Member(name), Json::List(items)) => {
                    match name.parse::<usize>().ok().and_then(|number| items.get(number)) {
                        Some(item) => value = item,
                        None => return Found::Absent,
                    }
                    continue;
                }
                (Step::Where { attribute, value: wanted }, Json::List(items)) => {
                    let mut fitting = items.iter().filter(|item| item.has(attribute, wanted));
                    match (fitting.next(), fitting.next()) {
                        (Some(item), None) => value = item,
                        (None, _) => return Found::Absent,
                        (Some(_), Some(_)) => return Found::Unusable("fits more than one item of its list"),
                    }
                    continue;
                }
                (Step::Attribute(_), Json::List(_)) => return Found::Unusable("lies in a list; say in which item"),
                _ => return Found::Unusable("lies in something that has no parts"),
            };
            match next {
                Some((_, next)) => value = next,
                None => return Found::Absent,
            }
        }
        Found::Value(value)
    }

    fn has(&self, attribute: &str, wanted: &str) -> bool {
        let Json::Object(members) = self else { return false };
        members.iter().any(|(name, value)| {
            let is_wanted = match value {
                Json::Text(text) => text.eq_ignore_ascii_case(wanted),
                Json::Bool(value) => wanted.eq_ignore_ascii_case(if *value { "true" } else { "false" }),
                _ => false,
            };
            is_wanted && name.eq_ignore_ascii_case(attribute)
        })
    }
}

/// An object's members, repeated ones included.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Result<Json<'_>, JsonError> {
        let source = Source::new(text);
        source.record(source.root()?)
    }

    #[track_caller]
    fn refused(text: &str) -> (&'static str, String) {
        let error = record(text).unwrap_err();
        (error.rule(), error.to_string())
    }

    #[test]
    fn numbers_stay_as_written_and_escapes_are_resolved() {
        let read = record(r#"{"a": 1.50, "b": 123456789012345678901234, "c": "\u00e9\"", "d": [null, true]}"#).unwrap();
        let Json::Object(members) = read else { panic!() };
        assert_eq!(members[0].1, Json::Number("1.50"));
        assert_eq!(members[1].1, Json::Number("123456789012345678901234"));
        assert_eq!(members[2].1, Json::Text("é\"".into()));
        assert_eq!(members[3].1, Json::List(vec![Json::Null, Json::Bool(true)]));
    }

    #[test]
    fn what_is_cut_broken_repeated_or_bottomless_is_refused_with_its_line() {
        assert_eq!(refused("{\"a\":\n \"b").0, "halfWritten");
        assert_eq!(
            refused("{\"a\": 007}"),
            (
                "malformed",
                "line 1, column 8 is not JSON; correct the export, and check that it was delivered whole".to_owned()
            )
        );
        assert_eq!(refused("{} {}").0, "malformed");
        assert_eq!(refused("{\"a\": \"\\ud800\"}").0, "malformed");
        let (rule, why) = refused("{\"a\": 1,\n \"b\": {\"x\": 1, \"\\u0078\": 2}}");
        assert_eq!((rule, why.contains("begins in line 2 ")), ("memberRepeated", true), "{why}");
        assert_eq!(refused(&format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40))).0, "tooDeep");
        assert_eq!(refused(&format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000))).0, "tooDeep");
        assert_eq!(refused(&format!("{{\"a\":\"{}\"}}", "x".repeat(LARGEST_RECORD))).0, "tooLarge");
        assert_eq!(refused("[]").0, "recordsMissing");
    }

    #[test]
    fn absent_null_false_and_empty_are_told_apart() {
        let record = record(r#"{"null": null, "false": false, "empty": "", "in": {"list": [{"x": 7}]}}"#).unwrap();
        let find = |path: &str| record.find(&MemberPath::json(path).unwrap());
        assert_eq!(find("nothing"), Found::Absent);
        assert_eq!(find("/in/nothing/at/all"), Found::Absent);
        assert_eq!(find("null"), Found::Value(&Json::Null));
        assert_eq!(find("/null/and/below"), Found::Value(&Json::Null));
        assert_eq!(find("false"), Found::Value(&Json::Bool(false)));
        assert_eq!(find("empty"), Found::Value(&Json::Text(String::new())));
        assert_eq!(find("/in/list/0/x"), Found::Value(&Json::Number("7")));
        assert_eq!(find("/in/list/1/x"), Found::Absent);
        assert!(matches!(find("/empty/below"), Found::Unusable(_)));
    }

    #[test]
    fn scim_attributes_are_found_without_regard_to_case_and_items_by_what_they_say() {
        let text = r#"{"UserName": "a", "emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}],
            "urn:x:2.0:User": {"costCenter": "9"}, "twice": 1, "Twice": 2, "two": [{"primary": true}, {"primary": true}]}"#;
        let record = record(text).unwrap();
        let find = |path: &str| record.find(&MemberPath::scim(path).unwrap());
        let text = |text: &str| Json::Text(text.into());
        assert_eq!(find("username"), Found::Value(&text("a")));
        assert_eq!(find("emails[type eq \"work\"].value"), Found::Value(&text("w")));
        assert_eq!(find("emails[type eq \"other\"].value"), Found::Absent);
        assert_eq!(find("URN:x:2.0:User:costcenter"), Found::Value(&text("9")));
        for path in ["emails.value", "twice", "two[primary eq true].value", "userName.x"] {
            assert!(matches!(find(path), Found::Unusable(_)), "{path}");
        }
    }
}
