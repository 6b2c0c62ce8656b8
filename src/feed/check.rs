//! Every problem of a delivery, with line and column, for whoever makes the file. Pure; values are never repeated.

use serde::Serialize;

use crate::workflow::definition::{Feed, FeedFormat};

use super::encoding::undecodable_lines;
use super::table::RowProblem;
use super::{csv, format, gzip, judge};

/// More problems than this are counted, not told.
pub const MOST_TOLD: usize = 1000;

/// What is wrong with a delivery.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// Why it cannot be read as a whole, where that is so.
    pub unreadable: Option<String>,
    /// What is wrong in single rows, by line; at most [`MOST_TOLD`].
    pub problems: Vec<RowProblem>,
    /// Problems beyond those.
    pub more: usize,
    /// Rows that are the feed's own.
    pub rows: usize,
    /// Rows left out on purpose.
    pub left_out: usize,
    /// People whose record can be used.
    pub people: usize,
}

/// Looks at everything in a delivery, past the first mistake where that is possible.
pub fn inspect(bytes: &[u8], feed: &Feed) -> Inspection {
    let text = match gzip::unpacked(bytes) {
        Ok(text) => text,
        Err(error) => return unreadable(error.to_string()),
    };
    let table = match &feed.format {
        FeedFormat::Csv(format) => {
            let lines = undecodable_lines(&text, format.encoding);
            if !lines.is_empty() {
                let problem = |line| RowProblem {
                    line,
                    column: None,
                    problem: "holds bytes that the declared encoding does not have".to_owned(),
                };
                let problems: Vec<_> = lines.into_iter().map(problem).collect();
                let why = "it is not in the declared encoding; export it in that one, or correct the feed's document";
                return limited(Inspection { problems, ..unreadable(why.to_owned()) });
            }
            csv::inspect(&text, format, feed).map_err(|error| judge::sentence(&error))
        }
        _ => format::read(&text, feed, None).map_err(|error| judge::sentence(&error)),
    };
    match table {
        Err(error) => unreadable(error),
        Ok(table) => limited(Inspection {
            unreadable: None,
            rows: table.rows,
            left_out: table.left_out,
            people: table.records.values().filter(|record| record.person.is_ok()).count(),
            problems: table.problems,
            more: 0,
        }),
    }
}

fn unreadable(why: String) -> Inspection {
    Inspection { unreadable: Some(why), ..Inspection::default() }
}

fn limited(mut inspection: Inspection) -> Inspection {
    inspection.problems.sort();
    inspection.more = inspection.problems.len().saturating_sub(MOST_TOLD);
    inspection.problems.truncate(MOST_TOLD);
    inspection
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::fixture::{HEADER, feed};

    fn told(rows: &str) -> Vec<String> {
        let inspection = inspect(format!("{HEADER}{rows}").as_bytes(), &feed());
        assert_eq!(inspection.unreadable, None);
        inspection.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_problem_of_every_row_is_told_by_line_and_column_and_no_value_is() {
        let problems = told(
            "1;Sales;soon;never;perhaps;Mars/Olympus\n2;Sales;;;yes;\n3;Sales;;;yes\n;Sales;;;yes;\n2;IT;;;yes;\n5;a;b;c;d;e;f;g\n",
        );
        assert_eq!(
            problems,
            [
                "line 2, column 'Active': is none of the words for true and false",
                "line 2, column 'Hire': is not a date written as %d.%m.%Y",
                "line 2, column 'Last Day': is not a date written as %d.%m.%Y",
                "line 2, column 'Zone': is no IANA time zone",
                "line 4: has 5 fields where the header has 6; check for a delimiter or a quotation mark inside a value",
                "line 5, column 'Id': holds no usable key",
                "line 6, column 'Id': gives the key of line 3 another record",
                "line 7: has 8 fields where the header has 6; check for a delimiter or a quotation mark inside a value",
            ]
        );
        assert!(told("1;Sales;01.02.2020;;yes;\n").is_empty());
    }

    #[test]
    fn lines_in_another_encoding_are_all_told() {
        let inspection =
            inspect(b"Id;Dept;Hire;Last Day;Active;Zone\n1;K\xFCche;;;yes;\n2;x;;;yes;\n3;\xE9;;;yes;\n", &feed());
        assert!(inspection.unreadable.unwrap().starts_with("it is not in the declared encoding"));
        assert_eq!(inspection.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn what_cannot_be_read_at_all_says_why() {
        for (text, words) in [("", "is empty"), ("Id;Dept\n", "lacks"), ("\u{1f}\u{8b}", "not")] {
            let bytes: Vec<u8> = if text.starts_with('\u{1f}') { vec![0x1f, 0x8b, 8] } else { text.into() };
            let why = inspect(&bytes, &feed()).unreadable.unwrap();
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn a_file_full_of_mistakes_is_told_to_a_bound() {
        let rows: String = (0..MOST_TOLD + 7).map(|number| format!("{number};Sales;soon;;yes;\n")).collect();
        let inspection = inspect(format!("{HEADER}{rows}").as_bytes(), &feed());
        assert_eq!((inspection.problems.len(), inspection.more, inspection.people), (MOST_TOLD, 7, 0));
    }
}
