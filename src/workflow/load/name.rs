//! Document names.

use crate::workflow::problem::{Complaint, quoted};

/// The longest name, in bytes.
pub(super) const LONGEST: usize = 63;

/// A name of `[a-z0-9][a-z0-9-]{0,62}`.
pub(super) fn check(name: &str) -> Result<String, Complaint> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.len() <= LONGEST && !name.starts_with('-') && name.bytes().all(allowed) {
        return Ok(name.to_owned());
    }
    let complaint = Complaint::new(format!("{} cannot name a document", quoted(name)));
    Err(complaint.hint("use up to 63 lower-case letters, digits and `-`, beginning with a letter or digit"))
}
