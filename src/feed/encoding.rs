//! Turns a delivery's bytes into text by the encoding its feed declares, strictly.

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::workflow::definition::FeedEncoding;

/// Why bytes are not text in the declared encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// A byte sequence means nothing in the encoding.
    #[error(
        "line {line} is not {encoding}; export the file in that encoding, or name the right one in the feed's document"
    )]
    Undecodable {
        /// The declared encoding.
        encoding: &'static str,
        /// The line, from 1.
        line: usize,
    },
    /// A NUL character: the zero-filled tail of a file that was not written to its end, or another encoding.
    #[error(
        "line {line} holds a NUL character, so the file is damaged or in another encoding than its feed's document says"
    )]
    Nul {
        /// The line, from 1.
        line: usize,
    },
}

/// The text of `bytes`, without a byte order mark.
///
/// # Errors
/// Fails at the first byte that the encoding does not define, and on NUL characters.
pub fn decode(bytes: &[u8], encoding: FeedEncoding) -> Result<String, EncodingError> {
    let (encoding, bytes) = without_mark(bytes, encoding);
    let undecodable = |line| EncodingError::Undecodable { encoding: encoding.name(), line };

    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(
        decoder.max_utf8_buffer_length_without_replacement(bytes.len()).ok_or_else(|| undecodable(1))?,
    );
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    if result != DecoderResult::InputEmpty {
        return Err(undecodable(line_at(&text, text.len())));
    }
    // The WHATWG table that encoding_rs follows maps the five undefined bytes of Windows-1252 to control characters instead of failing.
    if encoding == WINDOWS_1252
        && let Some(place) = text.find(|character| ('\u{80}'..='\u{9f}').contains(&character))
    {
        return Err(undecodable(line_at(&text, place)));
    }
    match text.find('\0') {
        Some(place) => Err(EncodingError::Nul { line: line_at(&text, place) }),
        None => Ok(text),
    }
}

/// The lines, from 1, that are not text in the encoding. In UTF-16 what follows the first such place cannot be told, so only that line is.
pub fn undecodable_lines(bytes: &[u8], encoding: FeedEncoding) -> Vec<u64> {
    let line = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    if encoding == FeedEncoding::Utf16 {
        return match decode(bytes, encoding) {
            Ok(_) => Vec::new(),
            Err(EncodingError::Undecodable { line: place, .. } | EncodingError::Nul { line: place }) => {
                vec![line(place)]
            }
        };
    }
    let (_, text) = without_mark(bytes, encoding);
    let is_bad = |line: &[u8]| decode(line, encoding).is_err();
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    lines.filter(|(_, text)| is_bad(text)).map(|(number, _)| line(number + 1)).collect()
}

fn without_mark(bytes: &[u8], encoding: FeedEncoding) -> (&'static Encoding, &[u8]) {
    match (encoding, bytes) {
        (FeedEncoding::Utf8, [0xEF, 0xBB, 0xBF, rest @ ..]) => (UTF_8, rest),
        (FeedEncoding::Utf8, _) => (UTF_8, bytes),
        (FeedEncoding::Utf16, [0xFE, 0xFF, rest @ ..]) => (UTF_16BE, rest),
        (FeedEncoding::Utf16, [0xFF, 0xFE, rest @ ..]) => (UTF_16LE, rest),
        (FeedEncoding::Utf16, _) => (UTF_16LE, bytes),
        (FeedEncoding::Windows1252, _) => (WINDOWS_1252, bytes),
    }
}

fn line_at(text: &str, place: usize) -> usize {
    1 + text.bytes().take(place).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_header() {
        assert_eq!(decode(b"\xEF\xBB\xBFId\n", FeedEncoding::Utf8).unwrap(), "Id\n");
        assert_eq!(decode(b"\xFF\xFEI\0d\0", FeedEncoding::Utf16).unwrap(), "Id");
        assert_eq!(decode(b"\xFE\xFF\0I\0d", FeedEncoding::Utf16).unwrap(), "Id");
        assert_eq!(decode(b"I\0d\0", FeedEncoding::Utf16).unwrap(), "Id");
    }

    #[test]
    fn a_wrong_encoding_is_refused_with_its_line() {
        let undecodable = |encoding, line| Err(EncodingError::Undecodable { encoding, line });
        assert_eq!(decode(b"Id\nJos\xE9\n", FeedEncoding::Utf8), undecodable("UTF-8", 2));
        assert_eq!(decode(b"Id\nbad \x81\n", FeedEncoding::Windows1252), undecodable("windows-1252", 2));
        assert_eq!(decode(b"\xFF\xFEI\0d\0\n", FeedEncoding::Utf16), undecodable("UTF-16LE", 1));
        assert_eq!(decode(b"\xFF\xFE\x00\xD8", FeedEncoding::Utf16), undecodable("UTF-16LE", 1));
    }

    #[test]
    fn windows_1252_reads_its_own_letters() {
        assert_eq!(decode(b"Jos\xE9 \x80", FeedEncoding::Windows1252).unwrap(), "José €");
    }

    #[test]
    fn a_zero_filled_tail_is_refused() {
        assert_eq!(decode(b"Id\n1\n\0\0\0", FeedEncoding::Utf8), Err(EncodingError::Nul { line: 3 }));
    }
}
