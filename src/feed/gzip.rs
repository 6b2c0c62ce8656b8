//! Unpacks gzip deliveries, whole or not at all, and no more of them than an HR export can be.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use super::source::{MAX_BYTES, TOO_LARGE};

/// How every gzip file begins (RFC 1952); no text in a declared encoding does.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// So many bytes may come out of any file, however small it is.
const ALWAYS_ALLOWED: u64 = 1024 * 1024;
/// Beyond that, so many bytes for each packed one. Text packs to a tenth; a file that packs to a hundredth says nothing.
const MOST_FOR_ONE: u64 = 100;

/// Why a gzip file cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GzipError {
    /// Damaged, cut, or with something behind its end.
    #[error("it is a gzip file that is damaged or not whole; deliver it again")]
    Damaged,
    /// A packing that no export has.
    #[error("it is a gzip file that unpacks to more than {MOST_FOR_ONE} times its size, which no HR export does")]
    Bomb,
    /// More than [`MAX_BYTES`].
    #[error(
        "it is a gzip file that unpacks to more than {MAX_BYTES} bytes; split the feed, or check what was delivered"
    )]
    TooLarge,
}

impl GzipError {
    /// The stable word of the rule that refuses such a delivery.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Damaged | Self::Bomb => "badGzip",
            Self::TooLarge => TOO_LARGE,
        }
    }
}

/// The bytes themselves, or what a gzip file holds.
///
/// # Errors
/// Fails when a gzip file is not whole, or holds more than it may.
pub fn unpacked(bytes: &[u8]) -> Result<Cow<'_, [u8]>, GzipError> {
    unpacked_up_to(bytes, MAX_BYTES)
}

fn unpacked_up_to(bytes: &[u8], most: u64) -> Result<Cow<'_, [u8]>, GzipError> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let believable = packed.saturating_mul(MOST_FOR_ONE).max(ALWAYS_ALLOWED);
    let allowed = believable.min(most);
    let mut text = Vec::new();
    // One byte more than allowed tells too much from just enough.
    let read = MultiGzDecoder::new(bytes).take(allowed + 1).read_to_end(&mut text).map_err(|_| GzipError::Damaged)?;
    match u64::try_from(read) {
        Ok(read) if read <= allowed => Ok(Cow::Owned(text)),
        _ if allowed < most => Err(GzipError::Bomb),
        _ => Err(GzipError::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_gzip_file_is_what_it_holds_and_anything_else_is_itself() {
        assert_eq!(unpacked(b"Id\n1\n").unwrap(), b"Id\n1\n".as_slice());
        assert_eq!(unpacked(b"").unwrap(), b"".as_slice());
        assert_eq!(unpacked(&packed(b"Id\n1\n")).unwrap(), b"Id\n1\n".as_slice());
        let two = [packed(b"Id\n"), packed(b"1\n")].concat();
        assert_eq!(unpacked(&two).unwrap(), b"Id\n1\n".as_slice(), "members follow each other (RFC 1952, 2.2)");
    }

    #[test]
    fn a_gzip_file_cut_anywhere_or_damaged_is_refused() {
        let whole = packed(b"Id;Dept\n1;Sales\n2;Sales\n");
        for cut in 2..whole.len() {
            assert_eq!(unpacked(&whole[..cut]), Err(GzipError::Damaged), "cut at {cut}");
        }
        let mut flipped = whole.clone();
        let crc = flipped.len() - 8;
        flipped[crc] ^= 1;
        assert_eq!(unpacked(&flipped), Err(GzipError::Damaged));
        assert_eq!(unpacked(&[whole, b"rubbish".to_vec()].concat()), Err(GzipError::Damaged));
    }

    #[test]
    fn a_bomb_is_refused_and_a_small_file_of_equal_rows_is_not() {
        let just_allowed = vec![b'a'; usize::try_from(ALWAYS_ALLOWED).unwrap()];
        assert_eq!(unpacked(&packed(&just_allowed)).unwrap().len(), just_allowed.len());
        let more = vec![b'a'; just_allowed.len() + 1];
        assert_eq!(unpacked(&packed(&more)), Err(GzipError::Bomb));
        assert_eq!(unpacked_up_to(&packed(b"12345"), 4), Err(GzipError::TooLarge));
        assert_eq!(unpacked_up_to(&packed(b"1234"), 4).unwrap(), b"1234".as_slice());
        assert_eq!([GzipError::Bomb.rule(), GzipError::TooLarge.rule()], ["badGzip", "tooLarge"]);
    }
}
