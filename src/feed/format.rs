//! Reads a delivery in the format that its feed's document declares; every format becomes the same table.

use crate::workflow::definition::{Feed, FeedFormat};

use super::csv::{self, CsvError};
use super::json_records::{self, JsonRecordsError};
use super::table::Table;

/// Why a delivery cannot be read as rows.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// As CSV.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// As JSON.
    #[error(transparent)]
    Json(#[from] JsonRecordsError),
}

impl FormatError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Csv(error) => error.rule(),
            Self::Json(error) => error.rule(),
        }
    }
}

/// Reads a delivery; `last_header` is that of the last one accepted under the same document, which a file with a header line must repeat.
///
/// # Errors
/// Fails when the delivery as a whole cannot be trusted; then nobody's record may be taken from it.
pub fn read(bytes: &[u8], feed: &Feed, last_header: Option<&[String]>) -> Result<Table, FormatError> {
    match &feed.format {
        FeedFormat::Csv(format) => Ok(csv::read(bytes, format, feed, last_header)?),
        FeedFormat::Json { .. } | FeedFormat::JsonLines { .. } | FeedFormat::Projected => {
            Ok(json_records::read(bytes, feed)?)
        }
    }
}
