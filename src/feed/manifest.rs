//! What a `.done` file beside a delivery says of it: rows, SHA-256, and when it was made.

use jiff::Timestamp;

/// A larger manifest is none.
pub const MAX_MANIFEST_BYTES: u64 = 64 * 1024;

/// The rule that refuses a delivery whose manifest cannot be read.
pub const BAD_MANIFEST: &str = "badManifest";

/// The rule that refuses a delivery that is not the one its manifest tells of.
pub const MANIFEST_MISMATCH: &str = "manifestMismatch";

/// What a manifest says; an empty `.done` file says nothing but that the delivery is whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// Rows of the delivery, the header not counted and rows that are left out on purpose included.
    pub rows: Option<usize>,
    /// The SHA-256 of the file as it lies there, hexadecimal in lower case.
    pub sha256: Option<String>,
    /// When the source made it (real time, UTC).
    pub created: Option<Timestamp>,
}

/// Why a manifest cannot be read; the message never holds its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "its .done file cannot be read: {0}; write `rows: 123`, `sha256: …` and `created: 2026-12-01T04:00:00Z`, each on a line of its own, or the same as a JSON object"
)]
pub struct ManifestError(String);

impl Manifest {
    /// Reads `key: value` or `key=value` lines, or a JSON object. Unknown keys are errors: a misspelt one would check nothing.
    ///
    /// # Errors
    /// Fails on anything else.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut manifest = Self::default();
        for (place, entry) in entries(text)?.into_iter().enumerate() {
            manifest.take(place + 1, &entry)?;
        }
        Ok(manifest)
    }

    fn take(&mut self, place: usize, (key, value): &(String, String)) -> Result<(), ManifestError> {
        let wrong = |what: &str| Err(ManifestError(format!("entry {place} {what}")));
        let is_repeated = match key.to_ascii_lowercase().as_str() {
            "rows" => match value.parse() {
                Ok(rows) => self.rows.replace(rows).is_some(),
                Err(_) => return wrong("gives no whole number of rows"),
            },
            "sha256" => {
                let digest = value.to_ascii_lowercase();
                if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return wrong("gives no SHA-256 of 64 hexadecimal digits");
                }
                self.sha256.replace(digest).is_some()
            }
            "created" => match value.parse() {
                Ok(created) => self.created.replace(created).is_some(),
                Err(_) => return wrong("gives no instant with its offset, such as 2026-12-01T04:00:00Z"),
            },
            _ => return wrong("has an unknown key; there are rows, sha256 and created"),
        };
        if is_repeated { wrong("repeats a key") } else { Ok(()) }
    }

    /// Why a delivery of this digest is not the one meant.
    pub fn contradicts_digest(&self, digest: &str) -> Option<String> {
        let expected = self.sha256.as_deref().filter(|expected| *expected != digest)?;
        Some(format!(
            "its .done file says that the SHA-256 begins with {}, and it begins with {}; deliver both again",
            beginning(expected),
            beginning(digest)
        ))
    }

    /// Why a delivery with so many rows is not the one meant.
    pub fn contradicts_rows(&self, rows: usize) -> Option<String> {
        let expected = self.rows.filter(|expected| *expected != rows)?;
        Some(format!("its .done file says {expected} rows, and it has {rows}; deliver both again"))
    }
}

fn beginning(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

fn entries(text: &str) -> Result<Vec<(String, String)>, ManifestError> {
    if text.starts_with('{') {
        return json_entries(text);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .enumerate()
        .map(|(place, line)| {
            let (key, value) = line
                .split_once([':', '='])
                .ok_or_else(|| ManifestError(format!("entry {} is no `key: value`", place + 1)))?;
            Ok((key.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        })
        .collect()
}

fn json_entries(text: &str) -> Result<Vec<(String, String)>, ManifestError> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|_| ManifestError("it is no JSON object".to_owned()))?;
    let entry = |(key, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(text) => Ok((key, text)),
        serde_json::Value::Number(number) => Ok((key, number.to_string())),
        _ => Err(ManifestError("a member is neither text nor a number".to_owned())),
    };
    object.into_iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789";

    #[test]
    fn lines_and_json_say_the_same() {
        let expected = Manifest {
            rows: Some(12),
            sha256: Some(DIGEST.to_ascii_lowercase()),
            created: Some("2026-12-01T02:00:00Z".parse().unwrap()),
        };
        let lines = format!("# export\r\nrows: 12\r\nSHA256 = {DIGEST}\ncreated: 2026-12-01T04:00:00+02:00\n");
        let json = format!(r#"{{"rows": 12, "sha256": "{DIGEST}", "created": "2026-12-01T02:00:00Z"}}"#);
        for text in [lines, json] {
            assert_eq!(Manifest::parse(&text).unwrap(), expected, "{text}");
        }
        for text in ["", " \n", "\u{feff}", "{}"] {
            assert_eq!(Manifest::parse(text).unwrap(), Manifest::default(), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error_that_repeats_no_value() {
        let table = [
            ("rows: many", "entry 1 gives no whole number of rows"),
            ("rows: -1", "entry 1 gives no whole number"),
            ("sha256: abc", "entry 1 gives no SHA-256"),
            ("rows: 1\ncreated: yesterday", "entry 2 gives no instant"),
            ("created: 2026-12-01T04:00:00", "entry 1 gives no instant with its offset"),
            ("row: 1", "entry 1 has an unknown key"),
            ("rows: 1\nrows: 2", "entry 2 repeats a key"),
            ("done", "entry 1 is no `key: value`"),
            ("{\"rows\": 1", "it is no JSON object"),
            ("{\"rows\": [1]}", "a member is neither"),
        ];
        for (text, words) in table {
            let error = Manifest::parse(text).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("yesterday"), "{text}: {error}");
        }
    }

    #[test]
    fn a_manifest_is_compared_only_in_what_it_says() {
        let manifest = Manifest::parse(&format!("rows: 2\nsha256: {DIGEST}")).unwrap();
        assert!(manifest.contradicts_rows(2).is_none());
        assert!(manifest.contradicts_rows(3).unwrap().contains("says 2 rows, and it has 3"));
        assert!(manifest.contradicts_digest(&DIGEST.to_ascii_lowercase()).is_none());
        assert!(manifest.contradicts_digest(&"0".repeat(64)).unwrap().contains("begins with abcdef012345"));
        let empty = Manifest::default();
        assert!(empty.contradicts_rows(0).is_none() && empty.contradicts_digest("x").is_none());
    }
}
