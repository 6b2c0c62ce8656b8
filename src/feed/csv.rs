//! Reads a CSV delivery as rows.

use std::io::Read;

use ::csv::{ErrorKind, ReaderBuilder, StringRecord};

use crate::workflow::definition::{CsvFormat, Feed};

use super::encoding::{self, EncodingError};
use super::table::{Cell, Row, Table, note};

/// More columns than this are no HR export.
const MAX_COLUMNS: usize = 1000;

/// Stands in every field of a row put after the last one. Text that was decoded holds no NUL, so no delivery can contain it.
const SENTINEL: &str = "\0";

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
pub fn read(bytes: &[u8], format: &CsvFormat, feed: &Feed, last_header: Option<&[String]>) -> Result<Table, CsvError> {
    read_rows(bytes, format, feed, last_header, false)
}

/// Reads a delivery to tell what is wrong with it: rows with more or fewer fields than the header are problems among others.
///
/// # Errors
/// As [`read`], but for such rows. Nobody's record may be taken from the table.
pub fn inspect(bytes: &[u8], format: &CsvFormat, feed: &Feed) -> Result<Table, CsvError> {
    read_rows(bytes, format, feed, None, true)
}

fn read_rows(
    bytes: &[u8],
    format: &CsvFormat,
    feed: &Feed,
    last_header: Option<&[String]>,
    is_inspection: bool,
) -> Result<Table, CsvError> {
    let text = encoding::decode(bytes, format.encoding).map_err(CsvError::Decode)?;
    if format.last_line_end_required && !text.is_empty() && !text.ends_with(['\n', '\r']) {
        return Err(CsvError::HalfWritten("its last line has no line end"));
    }
    let mut record = StringRecord::new();
    if !reader(format, text.as_bytes(), false).read_record(&mut record)? {
        return Err(CsvError::Empty);
    }
    if record.len() > MAX_COLUMNS {
        return Err(CsvError::TooManyColumns);
    }
    let header: Vec<String> = record.iter().map(|name| name.trim_ascii().to_owned()).collect();
    check_header(&header, last_header)?;
    let layout = Layout::of(feed, &header)?;

    // Only a quoted field that is still open can swallow the sentinel; the csv crate itself takes the end of the text for a closing quote.
    let sentinel = format!("\n{}\n", vec![SENTINEL; header.len()].join(&char::from(format.delimiter).to_string()));
    let mut rows = reader(format, text.as_bytes().chain(sentinel.as_bytes()), is_inspection);
    rows.read_record(&mut record)?;
    let mut table = Table { header, ..Table::default() };
    while rows.read_record(&mut record)? {
        if record.iter().all(|field| field == SENTINEL) {
            return Ok(table);
        }
        let row = CsvRow { fields: &record, layout: &layout };
        if record.len() == table.header.len() {
            table.take(&row, feed);
        } else {
            let ragged = CsvError::RaggedRow {
                line: row.line(),
                expected: u64::try_from(table.header.len()).unwrap_or(u64::MAX),
                found: u64::try_from(record.len()).unwrap_or(u64::MAX),
            };
            let told = ragged.to_string();
            let problem = told.split_once("has ").map_or_else(|| told.clone(), |(_, rest)| format!("has {rest}"));
            note(&mut table.problems, row.line(), None, &problem);
        }
    }
    Err(CsvError::HalfWritten("a quoted field is still open at its end"))
}

fn reader<R: Read>(format: &CsvFormat, text: R, is_flexible: bool) -> ::csv::Reader<R> {
    ReaderBuilder::new().delimiter(format.delimiter).has_headers(false).flexible(is_flexible).from_reader(text)
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
struct Layout {
    key: usize,
    zone: Option<usize>,
    attributes: Vec<usize>,
    filter: Vec<usize>,
}

impl Layout {
    fn of<'a>(feed: &'a Feed, header: &[String]) -> Result<Self, CsvError> {
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
            attributes: feed.attributes.values().map(|mapping| place(&mapping.column)).collect(),
            filter: feed.rows.iter().flat_map(|rows| rows.columns.values()).map(|column| place(column)).collect(),
        };
        match (missing.is_empty(), repeated.is_empty()) {
            (false, _) => Err(CsvError::ColumnsMissing(quoted(&missing))),
            (true, false) => Err(CsvError::ColumnsRepeated(quoted(&repeated))),
            (true, true) => Ok(layout),
        }
    }
}

/// One row of the file.
struct CsvRow<'a> {
    fields: &'a StringRecord,
    layout: &'a Layout,
}

impl CsvRow<'_> {
    fn cell(&self, place: usize) -> Cell<'_> {
        Cell::Text(self.fields.get(place).unwrap_or_default().into())
    }
}

impl Row for CsvRow<'_> {
    fn line(&self) -> u64 {
        self.fields.position().map_or(0, ::csv::Position::line)
    }

    fn key(&self) -> Cell<'_> {
        self.cell(self.layout.key)
    }

    fn zone(&self) -> Cell<'_> {
        self.layout.zone.map_or(Cell::Absent, |place| self.cell(place))
    }

    fn attribute(&self, number: usize) -> Cell<'_> {
        self.layout.attributes.get(number).map_or(Cell::Absent, |place| self.cell(*place))
    }

    fn filter(&self, number: usize) -> Cell<'_> {
        self.layout.filter.get(number).map_or(Cell::Absent, |place| self.cell(*place))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::PersonKey;
    use crate::domain::subject::{AttributeValue, ReadAt};
    use crate::feed::fixture::{CSV, HEADER, feed};
    use crate::workflow::definition::{FeedEncoding, RowFilter};
    use crate::workflow::rule::Rule;

    fn read(bytes: &[u8], feed: &Feed, last_header: Option<&[String]>) -> Result<Table, CsvError> {
        super::read(bytes, &CSV, feed, last_header)
    }

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
    fn rows_that_are_not_the_feeds_own_are_left_out_and_counted() {
        let mut feed = feed();
        let keep = Rule::parse("company ne 'Zz' and id ne 'Total' and company ne null").unwrap();
        let columns = [("company", "Dept"), ("id", "Id")].map(|(word, column)| (word.to_owned(), column.to_owned()));
        feed.rows = Some(RowFilter { keep, columns: columns.into() });
        let read = |rows: &str| super::read(format!("{HEADER}{rows}").as_bytes(), &CSV, &feed, None).unwrap();
        // What is left out may be as bad as it likes.
        let table = read("1; Sales ;;;;\n2; Zz ;never;;;\nTotal;3;;;;\n3;;;;;\n;Sales;;;;\n");
        assert_eq!((table.rows, table.left_out, table.unkeyed.len(), table.bad_columns.len()), (2, 3, 1, 0));
        assert_eq!(table.records.keys().map(PersonKey::as_str).collect::<Vec<_>>(), ["1"]);
        feed.rows.as_mut().unwrap().columns.insert("id".to_owned(), "Number".to_owned());
        let error = super::read(HEADER.as_bytes(), &CSV, &feed, None).unwrap_err();
        assert_eq!(error.rule(), "columnMissing", "a filter that cannot look keeps nobody out");
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
        let format = CsvFormat { last_line_end_required: false, ..CSV };
        let rows = |rows: &str| super::read(format!("{HEADER}{rows}").as_bytes(), &format, &feed(), None);
        assert_eq!(rows("1;Sales;;;;").unwrap().rows, 1);
        assert!(rows("1;Sales;;;;\"x").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_bring_the_reader_down(
            bytes in proptest::collection::vec(prop_oneof![Just(b';'), Just(b'"'), Just(b'\n'), any::<u8>()], 0..300),
            with_header in any::<bool>(),
        ) {
            for encoding in [FeedEncoding::Utf8, FeedEncoding::Utf16, FeedEncoding::Windows1252] {
                let format = CsvFormat { encoding, last_line_end_required: false, ..CSV };
                let mut delivery = if with_header { HEADER.as_bytes().to_vec() } else { Vec::new() };
                delivery.extend_from_slice(&bytes);
                if let Ok(table) = super::read(&delivery, &format, &feed(), None) {
                    prop_assert!(table.records.len() + table.unkeyed.len() <= table.rows);
                }
            }
        }
    }
}
