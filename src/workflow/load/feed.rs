//! `kind: Feed`.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::fmt::strtime;

use crate::domain::ids::FeedName;
use crate::domain::member_path::MemberPath;
use crate::workflow::attribute::{self, AttributeType};
use crate::workflow::definition::{ColumnMapping, ColumnType, Feed, FeedFormat, FeedSource, FeedZone, WhenAbsent};
use crate::workflow::problem::{Complaint, quoted};
use crate::workflow::reader::convert::{
    any_text, boolean, checked, duration, entries, list, mapping, some_of, text, time_zone, word,
};
use crate::workflow::reader::{Field, Reader};

use super::feed_source::source;
use super::{Identity, Surroundings, feed_limits, feed_rows};

const MODES: &[(&str, ())] = &[("snapshot", ())];
const JOINS: &[(&str, ())] = &[("employeeId", ())];
const ABSENT: &[(&str, WhenAbsent)] = &[("keep", WhenAbsent::Keep), ("empty", WhenAbsent::Empty)];
const TYPES: &[(&str, ColumnKind)] =
    &[("text", ColumnKind::Text), ("date", ColumnKind::Date), ("bool", ColumnKind::Bool), ("enum", ColumnKind::Enum)];
/// Dates that show whether a format says day, month and the whole year.
const PROBES: [Date; 2] = [date(2026, 11, 23), date(1951, 2, 3)];

/// The words of `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Text,
    Date,
    Bool,
    Enum,
}

impl ColumnKind {
    /// What rules, triggers and templates see.
    fn attribute_type(self) -> AttributeType {
        match self {
            Self::Text | Self::Enum => AttributeType::Text,
            Self::Date => AttributeType::Date,
            Self::Bool => AttributeType::Bool,
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, identity: Identity, surroundings: &Surroundings) -> Option<Feed> {
    let mode = reader.required_word_or_later("mode", MODES, &["changes"]);
    let source = reader.required("source", mapping(source));
    let key = reader.required("key", text);
    reader.optional("join", word(JOINS));
    let max_age = reader.optional("maxAge", duration);
    let limits = reader.optional("limits", mapping(feed_limits::read));
    let rows = reader.optional("rows", mapping(feed_rows::read));
    let time_zone = reader.required("timeZone", mapping(zone));
    let attributes = reader.required("attributes", entries(|field| attribute(field, surroundings)));
    let (source, format) = source?;
    let feed = Feed {
        name: FeedName::new(identity.name?),
        hash: identity.hash,
        file: identity.file,
        formerly: identity.formerly,
        source,
        format,
        key: key?,
        time_zone: time_zone?,
        attributes: attributes?.into_iter().collect(),
        max_age,
        limits: limits.unwrap_or_default(),
        rows,
    };
    check_columns(reader, &feed).and(mode).map(|()| feed)
}

/// Columns of JSON are paths, and a path can be written wrongly.
fn check_columns(reader: &Reader<'_>, feed: &Feed) -> Option<()> {
    let parse = match (&feed.source, &feed.format) {
        (FeedSource::Scim(_), _) => MemberPath::scim,
        (_, FeedFormat::Csv(_)) => return Some(()),
        _ => MemberPath::json,
    };
    let columns = std::iter::once(&feed.key)
        .chain(&feed.time_zone.column)
        .chain(feed.attributes.values().map(|mapping| &mapping.column))
        .chain(feed.rows.iter().flat_map(|rows| rows.columns.values()));
    let bad: Vec<_> = columns.filter_map(|column| Some((column, parse(column).err()?))).collect();
    for (column, error) in &bad {
        reader.report(Complaint::new(format!("the column {} cannot be found: {error}", quoted(column))));
    }
    bad.is_empty().then_some(())
}

fn zone(reader: &mut Reader<'_>) -> Option<FeedZone> {
    let column = reader.optional("column", text);
    let default = reader.required("default", time_zone);
    Some(FeedZone { column, default: default? })
}

fn attribute(field: Field<'_>, surroundings: &Surroundings) -> Option<(String, ColumnMapping)> {
    let name = field.key;
    let usable = attribute::check_name(name).map_err(|complaint| field.report_key(complaint)).is_ok();
    let column = mapping(|reader| {
        let kind = if reader.has("type") { reader.optional("type", word(TYPES)) } else { Some(ColumnKind::Text) };
        let Some(kind) = kind else {
            reader.ignore_the_rest();
            return None;
        };
        if usable && let Err(complaint) = surroundings.attributes.borrow_mut().add(name, kind.attribute_type()) {
            field.report_key(complaint);
        }
        column(reader, kind)
    })(field)?;
    usable.then(|| (name.to_owned(), column))
}

fn column(reader: &mut Reader<'_>, kind: ColumnKind) -> Option<ColumnMapping> {
    let column = reader.required("column", text);
    let none = reader.optional("none", list(any_text));
    let when_absent = if reader.has("absent") { reader.optional("absent", word(ABSENT))? } else { WhenAbsent::Keep };
    let value = match kind {
        ColumnKind::Text => Some(ColumnType::Text),
        ColumnKind::Date => date_column(reader),
        ColumnKind::Bool => bool_column(reader),
        ColumnKind::Enum => reader.required("values", some_of(any_text)).map(|values| ColumnType::Enum { values }),
    };
    if kind != ColumnKind::Date {
        reader.refuse(&["format", "inclusive"], "goes only with `type: date`");
    }
    if kind != ColumnKind::Bool {
        reader.refuse(&["true", "false"], "goes only with `type: bool`");
    }
    if kind != ColumnKind::Enum {
        reader.refuse(&["values"], "goes only with `type: enum`");
    }
    let leavers = if matches!(kind, ColumnKind::Bool | ColumnKind::Enum) {
        reader.optional("leavers", list(any_text)).unwrap_or_default()
    } else {
        reader.refuse(&["leavers"], "goes only with `type: enum` and `type: bool`");
        Vec::new()
    };
    let value = value?;
    if let Some(stranger) = leavers.iter().find(|leaver| !is_among(&value, leaver)) {
        reader.report(Complaint::new(format!("{} of `leavers` is no value of the column", quoted(stranger))));
    }
    Some(ColumnMapping { column: column?, value, none: none.unwrap_or_default(), leavers, when_absent })
}

fn is_among(value: &ColumnType, text: &str) -> bool {
    match value {
        ColumnType::Enum { values } => values.iter().any(|value| value == text),
        ColumnType::Bool { truthy, falsy } => {
            truthy.iter().chain(falsy).any(|word| word.trim_ascii().eq_ignore_ascii_case(text.trim_ascii()))
        }
        ColumnType::Text | ColumnType::Date { .. } => false,
    }
}

fn date_column(reader: &mut Reader<'_>) -> Option<ColumnType> {
    let hint = "as in \"%d.%m.%Y\"".to_owned();
    let format = reader.required_or("format", Some(hint), checked(date_format));
    let inclusive = reader.optional("inclusive", boolean);
    Some(ColumnType::Date { format: format?, inclusive: inclusive.unwrap_or(false) })
}

fn bool_column(reader: &mut Reader<'_>) -> Option<ColumnType> {
    let truthy = reader.required("true", some_of(any_text));
    let falsy = reader.required("false", some_of(any_text));
    let (truthy, falsy) = (truthy?, falsy?);
    if let Some(both) = truthy.iter().collect::<BTreeSet<_>>().intersection(&falsy.iter().collect()).next() {
        reader.report(Complaint::new(format!("{} is said to be both true and false", quoted(both))));
    }
    Some(ColumnType::Bool { truthy, falsy })
}

/// A strptime format that says a whole date, proven by writing and reading dates.
fn date_format(format: &str) -> Result<String, Complaint> {
    let reads_back = |date: &Date| {
        let written = strtime::format(format, date.at(0, 0, 0, 0));
        written.is_ok_and(|text| Date::strptime(format, text).is_ok_and(|read| read == *date))
    };
    if PROBES.iter().all(reads_back) {
        return Ok(format.to_owned());
    }
    let complaint = Complaint::new(format!("{} does not say day, month and four-digit year", quoted(format)));
    Err(complaint.hint("use %d, %m and %Y, as in \"%d.%m.%Y\""))
}
