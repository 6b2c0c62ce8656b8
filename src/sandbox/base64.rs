//! Base64 (RFC 4648) as tokens, certificates and HTTP Basic hold it.

/// Decodes base64 and base64url, padded or not.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_of_base64_are_read() {
        assert_eq!(base64("AAECAw=="), Some(vec![0, 1, 2, 3]));
        assert_eq!((base64("-_8"), base64("+/8")), (Some(vec![0xfb, 0xff]), Some(vec![0xfb, 0xff])));
        assert_eq!(base64("***"), None);
    }
}
