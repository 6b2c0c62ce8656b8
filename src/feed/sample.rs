//! Proposes a feed's document from one file, for a person to review: every guess says that it is one, and what is ambiguous stays out. Pure.

use std::fmt::Write;

use crate::workflow::definition::FeedEncoding;

use super::gzip;

mod column;
mod layout;

use column::{Guess, Seen, guess};
use layout::{Layout, LayoutError};

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The gzip file is damaged.
    #[error(transparent)]
    Gzip(#[from] gzip::GzipError),
    /// No separated values were found.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

/// The text of a `kind: Feed` document for files like this one. `path` is where the file lies, as the document should have it.
///
/// # Errors
/// Fails when the file holds no separated values with a header.
pub fn sample(bytes: &[u8], path: &str) -> Result<String, SampleError> {
    let text = gzip::unpacked(bytes)?;
    let layout = Layout::of(&text)?;
    let columns: Vec<Seen<'_>> = (0..layout.header.len()).map(|place| Seen::of(&layout, place)).collect();
    let mut draft = Draft { text: String::new(), layout: &layout, columns: &columns };
    draft.head(path);
    draft.key();
    draft.zone();
    draft.attributes();
    Ok(draft.text)
}

struct Draft<'a> {
    text: String,
    layout: &'a Layout,
    columns: &'a [Seen<'a>],
}

/// Text in double quotes, as YAML and JSON both read it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Draft<'_> {
    fn line(&mut self, line: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn head(&mut self, path: &str) {
        let Layout { delimiter, encoding, ends_its_last_line, rows, .. } = self.layout;
        let (delimiter, rows) = (char::from(*delimiter).to_string(), rows.len());
        let (encoding, why) = match encoding {
            FeedEncoding::Utf8 => ("utf-8", "it decodes without an error"),
            FeedEncoding::Utf16 => ("utf-16", "by its byte order mark or its zero bytes"),
            FeedEncoding::Windows1252 => {
                ("windows-1252", "GUESS: it is not UTF-8; check that names with accents read well")
            }
        };
        self.line(&format!(
            "# Proposed from one file of {rows} rows. Review every line marked GUESS or CHOOSE before it is used."
        ));
        self.line("apiVersion: usherd/v1\nkind: Feed\nname: hr                                  # CHOOSE a name");
        self.line("source:");
        self.line(&format!("  file: {}   # or `drop:` and the folder that files are dropped into", quoted(path)));
        self.line("  format: csv");
        self.line(&format!(
            "  delimiter: {}   # GUESS: it gives {} columns in every row",
            quoted(&delimiter),
            self.columns.len()
        ));
        self.line(&format!("  encoding: {encoding}   # {why}"));
        if !ends_its_last_line {
            self.line("  lastLineEnd: optional   # the last line has no line end, so a cut file cannot be told from a whole one; better mend the export");
        }
        self.line("mode: snapshot                            # every file holds everybody; CHECK with HR");
    }

    fn key(&mut self) {
        let candidates = column::keys(self.columns);
        let Some((best, others)) = candidates.split_first() else {
            self.line("# CHOOSE: no column has a value of its own in every row, so none of them tells people apart. `key` must name one that does.");
            let first = self.columns.iter().find(|column| column.is_named_once(self.columns));
            let first = first.map_or("CHOOSE", |column| column.name);
            self.line(&format!("key: {}", quoted(first)));
            return;
        };
        let zeros =
            if best.has_leading_zeros() { "; leading zeros are kept, as in the directory's employeeId?" } else { "" };
        self.line(&format!("key: {}   # GUESS: filled and different in every row{zeros}", quoted(best.name)));
        if !others.is_empty() {
            let names: Vec<String> = others.iter().map(|column| quoted(column.name)).collect();
            self.line(&format!("# Other candidates for `key`: {}", names.join(", ")));
        }
        self.line("join: employeeId");
    }

    fn zone(&mut self) {
        match self.columns.iter().find(|column| column.is_time_zone()) {
            Some(column) => self.line(&format!(
                "timeZone: {{ column: {}, default: UTC }}   # GUESS: names of the IANA database; CHOOSE the default",
                quoted(column.name)
            )),
            None => self.line("timeZone: { default: UTC }                # CHOOSE: where people live decides when their days begin and end"),
        }
    }

    fn attributes(&mut self) {
        let columns: Vec<&Seen<'_>> =
            self.columns.iter().filter(|column| !column.is_time_zone() && column.is_named_once(self.columns)).collect();
        let mut taken = std::collections::BTreeSet::new();
        let lines: Vec<(bool, String)> = columns.iter().map(|column| attribute(column, &mut taken)).collect();
        let is_empty = lines.iter().all(|(is_used, _)| !is_used);
        self.line(if is_empty { "attributes: {}" } else { "attributes:" });
        for (is_used, line) in lines {
            self.line(&if is_used { format!("  {line}") } else { format!("  # {line}") });
        }
        let repeated: Vec<&Seen<'_>> =
            self.columns.iter().filter(|column| !column.is_named_once(self.columns)).collect();
        if !repeated.is_empty() {
            self.line(
                "  # Left out: columns whose header is empty or there more than once; rename them in the export.",
            );
        }
    }
}

/// An attribute's line, and whether it can stand as it is.
fn attribute(column: &Seen<'_>, taken: &mut std::collections::BTreeSet<String>) -> (bool, String) {
    let known = column.documented_name();
    let name = known.map_or_else(|| column.own_name(), str::to_owned);
    let is_free = taken.insert(name.clone());
    let place = quoted(column.name);
    let (is_sure, value, remark) = match guess(column) {
        Guess::Text => (true, String::new(), String::new()),
        Guess::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            (
                true,
                String::new(),
                format!("or `type: enum, values: [{}]`, if these are all there can be", words.join(", ")),
            )
        }
        Guess::Bool { truthy, falsy } => {
            let value = format!(", type: bool, true: [{}], false: [{}]", quoted(&truthy), quoted(&falsy));
            (true, value, "GUESS: which word means true".to_owned())
        }
        Guess::Date { formats, none } => {
            let none = if none.is_empty() {
                String::new()
            } else {
                format!(", none: [{}]", none.iter().map(|none| quoted(none)).collect::<Vec<_>>().join(", "))
            };
            let value = |format: &str| format!(", type: date, format: {}{none}", quoted(format));
            match formats.as_slice() {
                [only] => (true, value(only), "GUESS: every value fits this format and no other".to_owned()),
                [first, others @ ..] => {
                    let others: Vec<String> = others.iter().map(|format| quoted(format)).collect();
                    let remark = format!(
                        "AMBIGUOUS: {} fits as well, for no day is above 12; ask HR, and take the # away",
                        others.join(", ")
                    );
                    (false, value(first), remark)
                }
                [] => (false, String::new(), "no date format fits".to_owned()),
            }
        }
        Guess::NoDate(why) => (false, String::new(), why.to_owned()),
    };
    let is_date = value.contains("type: date");
    // The directory knows these as dates; anything else under their names is a mistake.
    let fits = column.is_documented_date() == is_date || known.is_none();
    let is_used = known.is_some() && is_sure && is_free && fits;
    let last_day = if is_date && known == Some(crate::domain::subject::LEAVE_DATE) { ", inclusive: true" } else { "" };
    let mut remarks = Vec::new();
    if known.is_some() && is_used {
        remarks.push("GUESS by the header".to_owned());
    }
    if !last_day.is_empty() {
        remarks.push("CHECK that the day itself is still worked".to_owned());
    }
    remarks.extend(Some(remark).filter(|remark| !remark.is_empty()));
    let remark = if remarks.is_empty() { String::new() } else { format!("   # {}", remarks.join("; ")) };
    (is_used, format!("{name}: {{ column: {place}{value}{last_day} }}{remark}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::load::{SourceText, load};

    fn proposed(bytes: &[u8]) -> String {
        let text = sample(bytes, "feeds/hr.csv").unwrap();
        let loaded = load(&[SourceText { file: "hr.yaml".into(), text: text.clone() }]);
        assert_eq!(loaded.problems, [], "{text}");
        assert_eq!(loaded.definitions.feeds.len(), 1);
        text
    }

    const FILE: &str = "Employee ID;Mail;Department;Hire Date;Last Day;Active;Time Zone
00017;a@x.example;Sales;01.12.2026;31.12.9999;yes;Europe/Amsterdam
00018;b@x.example;Sales;13.02.2020;31.12.2026;no;Asia/Tokyo
00019;c@x.example;IT;05.06.2021;;yes;
";

    #[test]
    fn a_usual_export_becomes_a_document_that_reads_it() {
        let text = proposed(FILE.as_bytes());
        for words in [
            "delimiter: \";\"",
            "encoding: utf-8",
            "key: \"Employee ID\"   # GUESS: filled and different in every row; leading zeros are kept",
            "Other candidates for `key`: \"Mail\"",
            "timeZone: { column: \"Time Zone\", default: UTC }",
            "\n  department: { column: \"Department\" }",
            "\n  employeeHireDate: { column: \"Hire Date\", type: date, format: \"%d.%m.%Y\" }",
            "\n  employeeLeaveDateTime: { column: \"Last Day\", type: date, format: \"%d.%m.%Y\", none: [\"31.12.9999\"], inclusive: true }",
            "\n  # active: { column: \"Active\", type: bool, true: [\"yes\"], false: [\"no\"] }",
        ] {
            assert!(text.contains(words), "no {words} in\n{text}");
        }
    }

    #[test]
    fn an_ambiguous_date_is_not_chosen() {
        let text = proposed(b"id,hire date,when\n1,01/02/2026,x\n2,03/04/2026,y\n");
        assert!(text.contains("\n  # employeeHireDate: { column: \"hire date\""), "{text}");
        assert!(text.contains("AMBIGUOUS"), "{text}");
        let decided = proposed(b"id,hire date\n1,01/02/2026\n2,13/04/2026\n");
        assert!(decided.contains("\n  employeeHireDate: { column: \"hire date\", type: date, format: \"%d/%m/%Y\" }"));
    }

    #[test]
    fn what_excel_made_of_dates_is_told() {
        for (value, words) in [("46357", "serial numbers"), ("01.12.26", "two digits")] {
            let text = proposed(format!("id,hire date\n1,{value}\n2,{value}\n").as_bytes());
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn odd_files_still_become_documents_that_load() {
        let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(FILE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert!(proposed(&utf16).contains("encoding: utf-16"));
        let latin = "id;Name\n1;M\u{fc}ller\n"
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).unwrap())
            .collect::<Vec<_>>();
        assert!(proposed(&latin).contains("windows-1252   # GUESS"));
        assert!(proposed(b"a\tb\n1\t1\n1\t2").contains("lastLineEnd: optional"));
        assert!(proposed(b"a,b\n1,1\n1,1\n").contains("CHOOSE: no column has a value of its own"));
        for header in ["\"a\"\"b\",c d", "if,and", "a,a", "1st,\u{dc}ber", "department,Department", ","] {
            proposed(format!("{header}\n1,2\n3,4\n").as_bytes());
        }
        assert!(sample(b"", "x").is_err() && sample(b"just text\n", "x").is_err());
    }
}
