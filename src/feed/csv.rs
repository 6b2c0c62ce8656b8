//! Reads a CSV delivery as people, setting aside those whose own record cannot be used.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Read;

use ::csv::{ErrorKind, ReaderBuilder, StringRecord};

use crate::domain::ids::PersonKey;
use crate::domain::subject::{Attributes, Person, ReadAt};
use crate::domain::time;
use crate::workflow::definition::{ColumnMapping, Feed, FeedZone};

use super::column;
use super::encoding::{self, EncodingError};

/// More columns than this are no HR export.
const MAX_COLUMNS: usize = 1000;

/// A longer key is no employee id.
const MAX_KEY_BYTES: usize = 128;

/// Stands in every field of a row put after the last one. Text that was decoded holds no NUL, so no delivery can contain it.
const SENTINEL: &str = "\0";

/// A delivery read as rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The header's columns.
    pub header: Vec<String>,
    /// Rows, the header not counted, nor those that the feed's document leaves out.
    pub rows: usize,
    /// Rows that the feed's document leaves out on purpose.
    pub left_out: usize,
    /// What the rows say of each person.
    pub records: BTreeMap<PersonKey, Record>,
    /// Why rows have no usable key, one reason a row.
    pub unkeyed: Vec<String>,
    /// Keys that come with different records.
    pub conflicting: usize,
    /// Rows in which a typed column cannot be read, by column.
    pub bad_columns: BTreeMap<String, usize>,
}

/// What the rows of one key say.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The person, or why the record cannot be used; the reason names line and column, never the value.
    pub person: Result<Person, String>,
    /// The first line with this key.
    line: u64,
    conflicting: bool,
}

/// Why a delivery cannot be read as rows. Messages hold column names of the document and figures, never content of the file: where the header
/// line is lost, what stands in its place is somebody's record.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The bytes are not text in the declared encoding.
    #[error("it cannot be decoded")]
    Decode(#[source] EncodingError),
    /// Not even a header.
    #[error("it is empty: not even a header line is there")]
    Empty,
    /// The last line has no line end, or a quoted field is still open at the end.
    #[error("it is half written: {0}; deliver it again, whole")]
    HalfWritten(&'static str),
    /// The header is not the one the last accepted delivery had.
    #[error(
        "its header is not that of the last accepted delivery: {0}; correct the export, or the columns in the feed's document"
    )]
    HeaderChanged(String),
    /// Columns that the document names are not in the header.
    #[error("its header lacks {0}; correct the export, or the columns in the feed's document")]
    ColumnsMissing(String),
    /// Columns that the document names are in the header more than once.
    #[error(
        "its header has {0} more than once, so that it is not clear which is meant; rename the others in the export"
    )]
    ColumnsRepeated(String),
    /// More columns than a delivery may have.
    #[error("its header has more than {MAX_COLUMNS} columns; check the delimiter in the feed's document")]
    TooManyColumns,
    /// A row has more or fewer fields than the header.
    #[error(
        "line {line} has {found} fields where the header has {expected}; check for a delimiter or a quotation mark inside a value"
    )]
    RaggedRow {
        /// The line, from 1.
        line: u64,
        /// The header's fields.
        expected: u64,
        /// The row's fields.
        found: u64,
    },
    /// The CSV itself is broken.
    #[error("it is not CSV")]
    Malformed(#[source] ::csv::Error),
}

impl CsvError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Decode(_) => "undecodable",
            Self::Empty => "zeroRows",
            Self::HalfWritten(_) => "halfWritten",
            Self::HeaderChanged(_) => "headerChanged",
            Self::ColumnsMissing(_) => "columnMissing",
            Self::ColumnsRepeated(_) => "columnRepeated",
            Self::TooManyColumns => "tooManyColumns",
            Self::RaggedRow { .. } => "raggedRow",
            Self::Malformed(_) => "malformed",
        }
    }
}

impl From<::csv::Error> for CsvError {
    fn from(error: ::csv::Error) -> Self {
        match error.kind() {
            ErrorKind::UnequalLengths { pos, expected_len, len } => Self::RaggedRow {
                line: pos.as_ref().map_or(0, ::csv::Position::line),
                expected: *expected_len,
                found: *len,
            },
            _ => Self::Malformed(error),
        }
    }
}

/// Reads a delivery as the feed's document says (RFC 4180 quoting, the declared delimiter and encoding).
///
/// The header must hold every column the document names exactly once and, where `last_header` is given, be that header. Column names and values
/// are compared and kept without surrounding ASCII white space. Rows that give one key the same record count once; rows that give it different
/// records set that person aside, as does a value that does not fit its column or a time zone that the IANA database does not know.
///
/// # Errors
/// Fails when the file as a whole cannot be trusted; then nobody's record may be taken from it.
pub fn read(bytes: &[u8], feed: &Feed, last_header: Option<&[String]>) -> Result<Table, CsvError> {
    let text = encoding::decode(bytes, feed.format.encoding).map_err(CsvError::Decode)?;
    if feed.format.last_line_end_required && !text.is_empty() && !text.ends_with(['\n', '\r']) {
        return Err(CsvError::HalfWritten("its last line has no line end"));
    }
    let mut record = StringRecord::new();
    if !reader(feed, text.as_bytes()).read_record(&mut record)? {
        return Err(CsvError::Empty);
    }
    if record.len() > MAX_COLUMNS {
        return Err(CsvError::TooManyColumns);
    }
    let header: Vec<String> = record.iter().map(|name| name.trim_ascii().to_owned()).collect();
    check_header(&header, last_header)?;
    let layout = Layout::of(feed, &header)?;

    // Only a quoted field that is still open can swallow the sentinel; the csv crate itself takes the end of the text for a closing quote.
    let sentinel = format!("\n{}\n", vec![SENTINEL; header.len()].join(&char::from(feed.format.delimiter).to_string()));
    let mut rows = reader(feed, text.as_bytes().chain(sentinel.as_bytes()));
    rows.read_record(&mut record)?;
    let mut table = Table { header, ..Table::default() };
    while rows.read_record(&mut record)? {
        if record.iter().all(|field| field == SENTINEL) {
            return Ok(table);
        }
        table.take(&record, feed, &layout);
    }
    Err(CsvError::HalfWritten("a quoted field is still open at its end"))
}

fn reader<R: Read>(feed: &Feed, text: R) -> ::csv::Reader<R> {
    ReaderBuilder::new().delimiter(feed.format.delimiter).has_headers(false).flexible(false).from_reader(text)
}

fn check_header(header: &[String], last: Option<&[String]>) -> Result<(), CsvError> {
    let Some(last) = last.filter(|last| *last != header) else { return Ok(()) };
    let lost: Vec<&str> = last.iter().filter(|name| !header.contains(name)).map(String::as_str).collect();
    Err(CsvError::HeaderChanged(if lost.is_empty() {
        format!("it has {} columns where that had {}, or another order", header.len(), last.len())
    } else {
        format!("{} of its {} columns are not there ({})", lost.len(), last.len(), quoted(&lost))
    }))
}

fn quoted(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(5).map(|name| format!("'{name}'")).collect();
    let rest = names.len() - shown.len();
    shown.join(", ") + &if rest > 0 { format!(" and {rest} more") } else { String::new() }
}

/// Where the columns that the document names stand in the header.
struct Layout<'a> {
    key: usize,
    zone: Option<usize>,
    attributes: Vec<(&'a str, &'a ColumnMapping, usize)>,
}

impl<'a> Layout<'a> {
    fn of(feed: &'a Feed, header: &[String]) -> Result<Self, CsvError> {
        let (mut missing, mut repeated) = (Vec::new(), Vec::new());
        let mut place = |column: &'a str| {
            let name = column.trim_ascii();
            let mut places = header.iter().enumerate().filter(|(_, found)| *found == name).map(|(place, _)| place);
            let first = places.next();
            let problems = if first.is_none() { &mut missing } else { &mut repeated };
            if (first.is_none() || places.next().is_some()) && !problems.contains(&name) {
                problems.push(name);
            }
            first.unwrap_or_default()
        };
        let layout = Self {
            key: place(&feed.key),
            zone: feed.time_zone.column.as_deref().map(&mut place),
            attributes: feed
                .attributes
                .iter()
                .map(|(name, mapping)| (name.as_str(), mapping, place(&mapping.column)))
                .collect(),
        };
        match (missing.is_empty(), repeated.is_empty()) {
            (false, _) => Err(CsvError::ColumnsMissing(quoted(&missing))),
            (true, false) => Err(CsvError::ColumnsRepeated(quoted(&repeated))),
            (true, true) => Ok(layout),
        }
    }
}

impl Table {
    fn take(&mut self, row: &StringRecord, feed: &Feed, layout: &Layout<'_>) {
        let line = row.position().map_or(0, ::csv::Position::line);
        self.rows += 1;
        let key = field(row, layout.key).trim_ascii();
        if key.is_empty() || key.len() > MAX_KEY_BYTES || key.contains(char::is_control) {
            self.unkeyed.push(format!("line {line}: column '{}' holds no usable key", feed.key));
            return;
        }
        let key = PersonKey::from(key);
        let person = self.person(&key, line, row, feed, layout);
        match self.records.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Record { person, line, conflicting: false });
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let agree = match (&known.person, &person) {
                    (Ok(known), Ok(person)) => known.says_the_same_as(person),
                    (known, person) => known.is_err() && person.is_err(),
                };
                if !agree && !known.conflicting {
                    known.person = Err(format!("lines {} and {line} give this key different records", known.line));
                    known.conflicting = true;
                    self.conflicting += 1;
                }
            }
        }
    }

    fn person(
        &mut self,
        key: &PersonKey,
        line: u64,
        row: &StringRecord,
        feed: &Feed,
        layout: &Layout<'_>,
    ) -> Result<Person, String> {
        let mut problem = None;
        let mut bad = |column: &str, reason: &str| {
            *self.bad_columns.entry(column.to_owned()).or_default() += 1;
            problem.get_or_insert_with(|| format!("line {line}: column '{column}' {reason}"));
        };
        let mut attributes = Attributes::new();
        for (name, mapping, place) in &layout.attributes {
            match column::value(field(row, *place), mapping) {
                Ok(value) => {
                    attributes.insert((*name).to_owned(), value);
                }
                Err(error) => bad(&mapping.column, &error.to_string()),
            }
        }
        let time_zone = zone(layout.zone.map_or("", |place| field(row, place)), &feed.time_zone).unwrap_or_else(|| {
            bad(feed.time_zone.column.as_deref().unwrap_or("timeZone.default"), "is no IANA time zone");
            String::new()
        });
        match problem {
            Some(problem) => Err(problem),
            None => Ok(Person {
                key: key.clone(),
                feed: feed.name.clone(),
                attributes,
                time_zone,
                missing: false,
                absence: None,
                read: Some(ReadAt { line, delivery: None }),
            }),
        }
    }
}

/// The IANA name, in its own spelling, of the zone that `text` or else the feed's default names.
fn zone(text: &str, default: &FeedZone) -> Option<String> {
    let name = Some(text.trim_ascii()).filter(|name| !name.is_empty()).unwrap_or(&default.default);
    let zone = time::zone(name).ok()?;
    Some(zone.iana_name().unwrap_or(name).to_owned())
}

fn field(row: &StringRecord, place: usize) -> &str {
    row.get(place).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::subject::AttributeValue;
    use crate::feed::fixture::{HEADER, feed};
    use crate::workflow::definition::FeedEncoding;

    fn rows(rows: &str) -> Result<Table, CsvError> {
        read(format!("{HEADER}{rows}").as_bytes(), &feed(), None)
    }

    fn refusal(text: &str, last_header: Option<&[String]>) -> (&'static str, String) {
        let error = read(text.as_bytes(), &feed(), last_header).unwrap_err();
        (error.rule(), error.to_string())
    }

    fn reason(table: &Table, key: &str) -> String {
        table.records[&PersonKey::from(key)].person.clone().unwrap_err()
    }

    #[test]
    fn a_row_becomes_a_person_with_typed_values_and_leading_zeros() {
        let table = rows(" 00017 ;\"R&D; \"\"Lab\"\"\";01.12.2026;;YES;asia/tokyo\r\n").unwrap();
        let person = table.records[&PersonKey::from("00017")].person.clone().unwrap();
        let hired = AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: false };
        let expected = [
            ("department", AttributeValue::Text("R&D; \"Lab\"".into())),
            ("employeeHireDate", hired),
            ("employeeLeaveDateTime", AttributeValue::Null),
            ("isActive", AttributeValue::Bool(true)),
        ];
        assert_eq!(person.attributes, expected.map(|(name, value)| (name.to_owned(), value)).into());
        assert_eq!((person.time_zone.as_str(), person.missing, table.rows), ("Asia/Tokyo", false, 1));
        assert_eq!(person.read, Some(ReadAt { line: 2, delivery: None }));
    }

    #[test]
    fn a_bad_value_sets_one_person_aside_by_line_and_column_and_keeps_the_value_to_itself() {
        let table = rows("1;Sales;12/31/2026;never;yes;\n2;Sales;;;maybe;Mars/Olympus\n3;Sales;;;no;\n").unwrap();
        assert_eq!(reason(&table, "1"), "line 2: column 'Hire' is not a date written as %d.%m.%Y");
        assert_eq!(reason(&table, "2"), "line 3: column 'Active' is none of the words for true and false");
        assert_eq!(table.records[&PersonKey::from("3")].person.as_ref().unwrap().time_zone, "Europe/Amsterdam");
        let bad = ["Active", "Hire", "Last Day", "Zone"].map(|column| (column.to_owned(), 1));
        assert_eq!(table.bad_columns, bad.into());
    }

    #[test]
    fn the_same_record_twice_counts_once_and_different_records_set_the_person_aside() {
        let table = rows("1;Sales;;;;\n1; Sales ;;;;\n2;Sales;;;;\n2;IT;;;;\n2;HR;;;;\n3;IT;;;;\n3;IT;x;;;\n").unwrap();
        assert!(table.records[&PersonKey::from("1")].person.is_ok());
        assert_eq!(reason(&table, "2"), "lines 4 and 5 give this key different records");
        assert_eq!(reason(&table, "3"), "lines 7 and 8 give this key different records");
        assert_eq!((table.rows, table.conflicting), (7, 2));
    }

    #[test]
    fn a_row_without_a_usable_key_belongs_to_nobody() {
        let table = rows(&format!("  ;Sales;;;;\n\"a\nb\";Sales;;;;\n{};Sales;;;;\n", "9".repeat(200))).unwrap();
        assert_eq!(table.unkeyed.len(), 3);
        assert_eq!(table.unkeyed[1], "line 3: column 'Id' holds no usable key");
        assert!(table.records.is_empty());
    }

    #[test]
    fn the_header_must_hold_every_named_column_once() {
        let (rule, why) = refusal("Id;Dept;Hire;Active\n", None);
        assert_eq!((rule, why.split(';').next().unwrap()), ("columnMissing", "its header lacks 'Zone', 'Last Day'"));
        let (rule, why) = refusal("Id;Dept;Hire;Last Day;Active;Zone;Dept\n", None);
        assert_eq!(rule, "columnRepeated");
        assert!(why.starts_with("its header has 'Dept' more than once"), "{why}");
        assert_eq!(refusal(&format!("{}\n", ";".repeat(2000)), None).0, "tooManyColumns");
    }

    #[test]
    fn a_lost_or_changed_header_is_refused_without_repeating_what_stands_in_its_place() {
        let last: Vec<String> = HEADER.trim().split(';').map(str::to_owned).collect();
        let (rule, why) = refusal("00001;Sales;01.02.2020;;yes;\n", Some(&last));
        assert_eq!(rule, "headerChanged");
        assert!(
            why.contains("6 of its 6 columns are not there ('Id', 'Dept', 'Hire', 'Last Day', 'Active' and 1 more)")
        );
        assert!(!why.contains("00001"), "{why}");
        assert_eq!(refusal("Dept;Id;Hire;Last Day;Active;Zone\n", Some(&last)).0, "headerChanged");
        assert_eq!(refusal("Id;Dept;Hire;Last Day;Active;Zone;New\n", Some(&last)).0, "headerChanged");
        assert!(read(HEADER.as_bytes(), &feed(), Some(&last)).is_ok());
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        assert_eq!(refusal("", None).0, "zeroRows");
        assert_eq!(refusal("\n\n", None).0, "zeroRows");
        assert_eq!(refusal(&format!("{HEADER}1;Sales;;;;"), None).0, "halfWritten");
        assert_eq!(refusal(&format!("{HEADER}1;Sales;;;;\"Europe/\n"), None).0, "halfWritten");
        assert_eq!(
            refusal(&format!("{HEADER}1;Sales;;;;\n2;Sa\n"), None).1.split(';').next(),
            Some("line 3 has 2 fields where the header has 6")
        );
    }

    #[test]
    fn the_last_line_end_may_be_declared_optional() {
        let mut feed = feed();
        feed.format.last_line_end_required = false;
        assert_eq!(read(format!("{HEADER}1;Sales;;;;").as_bytes(), &feed, None).unwrap().rows, 1);
        assert!(read(format!("{HEADER}1;Sales;;;;\"x").as_bytes(), &feed, None).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_bring_the_reader_down(
            bytes in proptest::collection::vec(prop_oneof![Just(b';'), Just(b'"'), Just(b'\n'), any::<u8>()], 0..300),
            with_header in any::<bool>(),
        ) {
            for encoding in [FeedEncoding::Utf8, FeedEncoding::Utf16, FeedEncoding::Windows1252] {
                let mut feed = feed();
                feed.format.encoding = encoding;
                feed.format.last_line_end_required = false;
                let mut delivery = if with_header { HEADER.as_bytes().to_vec() } else { Vec::new() };
                delivery.extend_from_slice(&bytes);
                if let Ok(table) = read(&delivery, &feed, None) {
                    prop_assert!(table.records.len() + table.unkeyed.len() <= table.rows);
                }
            }
        }
    }
}
