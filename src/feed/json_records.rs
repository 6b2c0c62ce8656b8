//! Reads a JSON delivery as rows: one document with a list of records, or a record a line.

use std::collections::BTreeSet;

use crate::domain::member_path::MemberPath;
use crate::workflow::definition::{Feed, FeedEncoding, FeedFormat, WhenAbsent};

use super::encoding::{self, EncodingError};
use super::json::{Found, Json, JsonError, Source};
use super::table::{Cell, Row, Table};

/// The member that stands in a projected record for what is no single value, and says why.
pub const UNUSABLE: &str = "unusable";

/// Why a JSON delivery cannot be read as rows. Messages hold names of the document and figures, never content of the delivery.
#[derive(Debug, thiserror::Error)]
pub enum JsonRecordsError {
    /// The bytes are not UTF-8.
    #[error("it cannot be decoded")]
    Decode(#[source] EncodingError),
    /// Nothing at all.
    #[error("it is empty: not one record is there")]
    Empty,
    /// The last line has no line end.
    #[error("it is half written: its last line has no line end; deliver it again, whole")]
    HalfWritten,
    /// The JSON is broken, or there are no records in it.
    #[error("it is no list of records")]
    Broken(#[source] JsonError),
    /// No record has a column that the document names.
    #[error(
        "not one of its records has {0}; correct the export or the columns in the feed's document, or say `absent: empty` where the source leaves out what is empty"
    )]
    ColumnsMissing(String),
}

impl JsonRecordsError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Decode(_) => "undecodable",
            Self::Empty => "zeroRows",
            Self::HalfWritten => "halfWritten",
            Self::Broken(error) => error.rule(),
            Self::ColumnsMissing(_) => "columnMissing",
        }
    }
}

/// Reads a delivery as the feed's document says; JSON is UTF-8 (RFC 8259, 8.1).
///
/// A column that no record has at all is a lost one, unless the document says that the source leaves out what is empty. Only what is there
/// is in the table's header.
///
/// # Errors
/// Fails when the delivery as a whole cannot be trusted; then nobody's record may be taken from it.
pub fn read(bytes: &[u8], feed: &Feed) -> Result<Table, JsonRecordsError> {
    let text = encoding::decode(bytes, FeedEncoding::Utf8).map_err(JsonRecordsError::Decode)?;
    if text.trim_ascii().is_empty() {
        return Err(JsonRecordsError::Empty);
    }
    let mut rows = Rows { paths: Paths::of(feed), feed, table: Table::default(), seen: BTreeSet::new() };
    match &feed.format {
        FeedFormat::Json { records } => rows.take_document(&text, records),
        FeedFormat::JsonLines { last_line_end_required: true } if !text.ends_with('\n') => {
            return Err(JsonRecordsError::HalfWritten);
        }
        _ => rows.take_lines(&text),
    }
    .map_err(JsonRecordsError::Broken)?;
    rows.into_table()
}

/// The ways to the columns that the document names.
struct Paths {
    key: MemberPath,
    zone: Option<MemberPath>,
    attributes: Vec<MemberPath>,
    filter: Vec<MemberPath>,
    is_projected: bool,
}

impl Paths {
    fn of(feed: &Feed) -> Self {
        let path = |column: &String| match feed.format {
            FeedFormat::Projected => MemberPath::member(column),
            // What is no pointer was refused when the document was read.
            _ => MemberPath::json(column).unwrap_or_else(|_| MemberPath::member(column)),
        };
        Self {
            key: path(&feed.key),
            zone: feed.time_zone.column.as_ref().map(path),
            attributes: feed.attributes.values().map(|mapping| path(&mapping.column)).collect(),
            filter: feed.rows.iter().flat_map(|rows| rows.columns.values()).map(path).collect(),
            is_projected: feed.format == FeedFormat::Projected,
        }
    }
}

struct Rows<'f> {
    paths: Paths,
    feed: &'f Feed,
    table: Table,
    /// The columns that some record had.
    seen: BTreeSet<&'f str>,
}

impl<'f> Rows<'f> {
    fn take_document(&mut self, text: &str, records: &MemberPath) -> Result<(), JsonError> {
        let source = Source::new(text);
        let list = source.find(source.root()?, records)?;
        let list = source.items(list.ok_or(JsonError::NoRecords("there is no list of records in it"))?)?;
        for (record, line) in list.iter().zip(source.lines_of(&list)) {
            self.take(&source.record(record)?, line);
        }
        Ok(())
    }

    fn take_lines(&mut self, text: &str) -> Result<(), JsonError> {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
            let source = Source::line(line, number + 1);
            self.take(&source.record(source.root()?)?, number + 1);
        }
        Ok(())
    }

    fn take(&mut self, record: &Json<'_>, line: usize) {
        let row = JsonRow { record, line: u64::try_from(line).unwrap_or(u64::MAX), paths: &self.paths };
        let feed = self.feed;
        let mut see = |column: &'f str, cell: Cell<'_>| {
            if cell != Cell::Absent {
                self.seen.insert(column);
            }
        };
        see(&feed.key, row.key());
        feed.time_zone.column.as_deref().into_iter().for_each(|column| see(column, row.zone()));
        for (number, mapping) in feed.attributes.values().enumerate() {
            see(&mapping.column, row.attribute(number));
        }
        for (number, column) in feed.rows.iter().flat_map(|rows| rows.columns.values()).enumerate() {
            see(column, row.filter(number));
        }
        self.table.take(&row, feed);
    }

    fn into_table(mut self) -> Result<Table, JsonRecordsError> {
        let feed = self.feed;
        let kept = feed.attributes.values().filter(|mapping| mapping.when_absent == WhenAbsent::Keep);
        let needed = std::iter::once(feed.key.as_str())
            .chain(feed.time_zone.column.as_deref())
            .chain(kept.map(|mapping| mapping.column.as_str()))
            .chain(feed.rows.iter().flat_map(|rows| rows.columns.values()).map(String::as_str));
        let missing: BTreeSet<String> =
            needed.filter(|column| !self.seen.contains(column)).map(|column| format!("'{column}'")).collect();
        if self.table.rows + self.table.left_out > 0 && !missing.is_empty() {
            return Err(JsonRecordsError::ColumnsMissing(missing.into_iter().collect::<Vec<_>>().join(", ")));
        }
        self.table.header = self.seen.into_iter().map(str::to_owned).collect();
        Ok(self.table)
    }
}

struct JsonRow<'a, 't> {
    record: &'a Json<'t>,
    line: u64,
    paths: &'a Paths,
}

impl JsonRow<'_, '_> {
    fn cell(&self, path: &MemberPath) -> Cell<'_> {
        let found = self.record.find(path);
        if let (true, Found::Value(Json::Object(members))) = (self.paths.is_projected, found)
            && let [(name, Json::Text(why))] = members.as_slice()
            && name == UNUSABLE
        {
            return Cell::Unusable(why.into());
        }
        cell(found)
    }
}

impl Row for JsonRow<'_, '_> {
    fn line(&self) -> u64 {
        self.line
    }

    fn key(&self) -> Cell<'_> {
        self.cell(&self.paths.key)
    }

    fn zone(&self) -> Cell<'_> {
        self.paths.zone.as_ref().map_or(Cell::Absent, |path| self.cell(path))
    }

    fn attribute(&self, number: usize) -> Cell<'_> {
        self.paths.attributes.get(number).map_or(Cell::Absent, |path| self.cell(path))
    }

    fn filter(&self, number: usize) -> Cell<'_> {
        self.paths.filter.get(number).map_or(Cell::Absent, |path| self.cell(path))
    }
}

/// `null` is an empty text, a truth value the text `true` or `false`, a number its text as written.
fn cell<'a>(found: Found<'a, '_>) -> Cell<'a> {
    match found {
        Found::Absent => Cell::Absent,
        Found::Unusable(why) => Cell::Unusable(why.into()),
        Found::Value(value) => match value {
            Json::Null => Cell::Text("".into()),
            Json::Bool(true) => Cell::Text("true".into()),
            Json::Bool(false) => Cell::Text("false".into()),
            Json::Number(number) => Cell::Text((*number).into()),
            Json::Text(text) if text.contains('\0') => Cell::Unusable("holds a NUL character".into()),
            Json::Text(text) => Cell::Text(text.into()),
            Json::List(_) => Cell::Unusable("is a list, not one value".into()),
            Json::Object(_) => Cell::Unusable("is an object, not one value".into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::PersonKey;
    use crate::domain::subject::{AttributeValue, Person, ReadAt};
    use crate::feed::fixture::feed;

    /// The fixture's feed over JSON: its columns by name, but the hire date and the zone deeper in the record.
    fn json_feed(format: FeedFormat) -> Feed {
        let mut feed = Feed { format, ..feed() };
        feed.attributes.get_mut("employeeHireDate").unwrap().column = "/job/hired".into();
        feed.attributes.get_mut("employeeLeaveDateTime").unwrap().when_absent = WhenAbsent::Empty;
        feed.time_zone.column = Some("/job/zone".into());
        feed
    }

    fn document() -> FeedFormat {
        FeedFormat::Json { records: MemberPath::json("/data/people").unwrap() }
    }

    const FULL: &str =
        r#"{"Id": "0", "Dept": "Sales", "Active": "yes", "job": {"hired": "01.02.2020", "zone": "Asia/Tokyo"}}"#;

    fn read_list(records: &str) -> Result<Table, JsonRecordsError> {
        read(format!("{{\"page\": 1, \"data\": {{\"people\": [{records}]}}}}").as_bytes(), &json_feed(document()))
    }

    fn person(table: &Table, key: &str) -> Person {
        table.records[&PersonKey::from(key)].person.clone().unwrap()
    }

    #[test]
    fn absent_keeps_or_empties_as_declared_and_null_false_and_empty_are_what_they_say() {
        let mut feed = json_feed(document());
        let active = feed.attributes.get_mut("isActive").unwrap();
        active.value =
            crate::workflow::definition::ColumnType::Bool { truthy: vec!["true".into()], falsy: vec!["false".into()] };
        let records = format!(
            "[{},\n{}, {}]",
            FULL.replace("\"yes\"", "true"),
            r#"{"Id": 17, "Dept": null, "Active": false}"#,
            r#"{"Id": "018", "Dept": "", "Last Day": "31.12.2026"}"#
        );
        let table = read(format!("{{\"data\": {{\"people\": {records}}}}}").as_bytes(), &feed).unwrap();
        let (first, second, third) = (person(&table, "0"), person(&table, "17"), person(&table, "018"));
        assert_eq!((first.time_zone.as_str(), second.time_zone.as_str()), ("Asia/Tokyo", "Europe/Amsterdam"));
        assert_eq!(first.attributes["isActive"], AttributeValue::Bool(true));
        assert_eq!(second.attributes["isActive"], AttributeValue::Bool(false));
        assert_eq!(third.attributes.get("isActive"), None, "absent is not false");
        assert_eq!(second.attributes["department"], AttributeValue::Null);
        assert_eq!(third.attributes["department"], AttributeValue::Null);
        assert_eq!(second.attributes.get("employeeHireDate"), None);
        assert_eq!(second.attributes["employeeLeaveDateTime"], AttributeValue::Null, "`absent: empty`");
        assert_eq!((first.read, second.read), (at(1), at(2)));
        assert_eq!(table.header, ["/job/hired", "/job/zone", "Active", "Dept", "Id", "Last Day"]);
    }

    fn at(line: u64) -> Option<ReadAt> {
        Some(ReadAt { line, delivery: None })
    }

    #[test]
    fn what_is_no_single_value_sets_one_person_aside_by_line_and_column() {
        let table = read_list(&format!(
            "{FULL},\n{{\"Id\": \"1\", \"Dept\": [\"A\"]}},\n{{\"Id\": \"2\", \"Dept\": \"\\u0000\"}}, {{\"Id\": {{}}}}"
        ))
        .unwrap();
        let reason = |key: &str| table.records[&PersonKey::from(key)].person.clone().unwrap_err();
        assert_eq!(reason("1"), "line 2: column 'Dept' is a list, not one value");
        assert_eq!(reason("2"), "line 3: column 'Dept' holds a NUL character");
        assert_eq!(table.unkeyed, ["line 3: column 'Id' holds no usable key"]);
    }

    #[test]
    fn a_column_that_no_record_has_is_lost() {
        let error = read_list(&FULL.replace("Dept", "Department")).unwrap_err();
        assert_eq!(error.rule(), "columnMissing");
        assert!(error.to_string().starts_with("not one of its records has 'Dept';"), "{error}");
        assert_eq!(read_list("").unwrap().rows, 0);
    }

    #[test]
    fn where_the_list_is_not_there_is_no_empty_list() {
        for text in [r#"{"error": "down"}"#, r#"{"data": {"people": null}}"#, r#"{"data": {"people": {}}}"#, "[]", "7"]
        {
            assert_eq!(read(text.as_bytes(), &json_feed(document())).unwrap_err().rule(), "recordsMissing", "{text}");
        }
        assert_eq!(read(b" \n", &json_feed(document())).unwrap_err().rule(), "zeroRows");
        assert_eq!(read(b"{\"a\": \"\xe9\"}", &json_feed(document())).unwrap_err().rule(), "undecodable");
        let twice = r#"{"data": {"people": []}, "data": {"people": []}}"#;
        assert_eq!(read(twice.as_bytes(), &json_feed(document())).unwrap_err().rule(), "memberRepeated");
    }

    #[test]
    fn a_record_a_line_is_whole_when_its_last_line_ends() {
        let feed = |last_line_end_required| json_feed(FeedFormat::JsonLines { last_line_end_required });
        let text = format!("{FULL}\n\n{}", FULL.replace("\"0\"", "\"1\""));
        assert_eq!(read(text.as_bytes(), &feed(true)).unwrap_err().rule(), "halfWritten");
        let table = read(text.as_bytes(), &feed(false)).unwrap();
        assert_eq!(person(&table, "1").read, at(3));
        let error = read(format!("{FULL}\n[1]\n").as_bytes(), &feed(true)).unwrap_err();
        let JsonRecordsError::Broken(error) = error else { panic!("{error}") };
        assert!(
            error.to_string().starts_with("line 2 has something else where a record, an object, is expected"),
            "{error}"
        );
    }

    #[test]
    fn a_document_cut_at_any_byte_is_refused() {
        let text = format!("{{\"data\": {{\"people\": [{FULL}, {}]}}}}", FULL.replace("\"0\"", "\"é\""));
        for cut in 0..text.len() {
            assert!(read(&text.as_bytes()[..cut], &json_feed(document())).is_err(), "cut at {cut}");
        }
        assert!(read(text.as_bytes(), &json_feed(document())).is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_bring_the_reader_down(
            bytes in proptest::collection::vec(prop_oneof![
                Just(b'{'), Just(b'}'), Just(b'"'), Just(b':'), Just(b'['), Just(b']'), Just(b','), Just(b'\n'), any::<u8>()
            ], 0..200),
        ) {
            for format in [FeedFormat::JsonLines { last_line_end_required: false }, FeedFormat::Projected, document()] {
                if let Ok(table) = read(&bytes, &json_feed(format)) {
                    prop_assert!(table.records.len() + table.unkeyed.len() <= table.rows);
                }
            }
        }
    }
}
