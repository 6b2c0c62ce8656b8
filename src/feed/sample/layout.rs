//! Which encoding and delimiter a file seems to have.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::workflow::definition::FeedEncoding;

/// What stands between columns, the likeliest first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// A file read as rows.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) encoding: FeedEncoding,
    pub(super) delimiter: u8,
    pub(super) ends_its_last_line: bool,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Why a file does not look like separated values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// No text.
    #[error("the file is empty")]
    Empty,
    /// No delimiter gives every row as many columns as the header.
    #[error(
        "no delimiter (;  ,  tab  |) gives every row as many columns as the first line, so this does not look like a CSV with a header; lines before the header and totals after the rows must go from the export"
    )]
    NoTable,
}

impl Layout {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, LayoutError> {
        let (encoding, text) = decoded(bytes);
        if text.trim().is_empty() {
            return Err(LayoutError::Empty);
        }
        let tables = DELIMITERS.into_iter().filter_map(|delimiter| Some((delimiter, table(&text, delimiter)?)));
        let best = tables.reduce(|best, other| if other.1.0.len() > best.1.0.len() { other } else { best });
        let (delimiter, (header, rows)) = best.ok_or(LayoutError::NoTable)?;
        Ok(Self { encoding, delimiter, ends_its_last_line: text.ends_with(['\n', '\r']), header, rows })
    }
}

/// Header and rows, if this delimiter gives all of them the same two or more columns.
fn table(text: &str, delimiter: u8) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let mut reader = ::csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes());
    let mut rows = reader.records().map(|row| {
        let row = row.ok()?;
        Some(row.iter().map(|field| field.trim_ascii().to_owned()).collect::<Vec<_>>())
    });
    let header = rows.next()??;
    let rows = rows.collect::<Option<Vec<_>>>()?;
    (header.len() >= 2).then_some((header, rows))
}

fn decoded(bytes: &[u8]) -> (FeedEncoding, String) {
    let lossy = |encoding: &'static encoding_rs::Encoding| encoding.decode_with_bom_removal(bytes).0.into_owned();
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return (FeedEncoding::Utf16, lossy(UTF_16BE));
    }
    // Every second byte of Latin letters is zero.
    let zeros = bytes.iter().take(1000).filter(|byte| **byte == 0).count();
    if bytes.starts_with(&[0xFF, 0xFE]) || zeros * 4 > bytes.len().min(1000) {
        return (FeedEncoding::Utf16, lossy(UTF_16LE));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (FeedEncoding::Utf8, text.trim_start_matches('\u{feff}').to_owned()),
        Err(_) => (FeedEncoding::Windows1252, lossy(WINDOWS_1252)),
    }
}
