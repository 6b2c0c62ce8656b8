//! The public key of an X.509 certificate: as much DER as it takes to get there.

use super::base64::base64;
use super::signing_key::PublicKey;

/// The DER of the first certificate in PEM.
pub(super) fn certificate_der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    base64(&body.split_whitespace().collect::<String>())
}

/// The key of a certificate (RFC 5280, section 4.1): the bit string at the end of `subjectPublicKeyInfo`; `None` for other
/// kinds of keys than RSA and P-256.
pub(super) fn public_key(certificate: &[u8]) -> Option<PublicKey> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    const BIT_STRING: u8 = 0x03;
    /// 1.2.840.113549.1.1.1, with its tag and length.
    const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    /// 1.2.840.10045.2.1 and 1.2.840.10045.3.1.7, each with its tag and length: a key on a curve, and the curve P-256.
    const ON_P256: &[u8] = &[
        0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
        0x07,
    ];

    let inside = |input| element(input).filter(|(tag, _, _)| *tag == SEQUENCE).map(|(_, content, _)| content);
    let mut rest = inside(inside(certificate)?)?;
    if element(rest)?.0 == VERSION {
        rest = element(rest)?.2;
    }
    // serialNumber, signature, issuer, validity, subject
    for _ in 0..5 {
        rest = element(rest)?.2;
    }
    let (_, algorithm, rest) = element(inside(rest)?)?;
    let (tag, key, _) = element(rest)?;
    let (unused_bits, key) = key.split_first()?;
    if tag != BIT_STRING || *unused_bits != 0 {
        None
    } else if algorithm.starts_with(RSA_ENCRYPTION) {
        Some(PublicKey::Rsa(key.to_vec()))
    } else if algorithm == ON_P256 {
        PublicKey::p256(key.to_vec())
    } else {
        None
    }
}

/// The first DER element: its tag, its content, and what follows.
fn element(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = input.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let digits = usize::from(*first & 0x7f);
        let (digits, rest) = rest.split_at_checked(digits).filter(|_| (1..=4).contains(&digits))?;
        (digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            public_key(&bytes);
            element(&bytes);
        }
    }
}
