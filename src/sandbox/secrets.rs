//! Random secrets, and comparing them without telling how far they agree.

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// 32 random bytes in hexadecimal; `None` where the operating system has none to give.
pub(super) fn random_hex() -> Option<String> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(hex::encode(bytes))
}

/// Whether the two are the same, in a time that does not depend on where they differ.
pub(super) fn same(given: &str, expected: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"usherd sandbox");
    hmac::verify(&key, given.as_bytes(), hmac::sign(&key, expected.as_bytes()).as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_equals_itself_only() {
        let secret = random_hex().unwrap();
        assert!(same(&secret, &secret.clone()));
        assert!(!same(&secret, &random_hex().unwrap()));
        assert!(!same("", &secret));
    }
}
