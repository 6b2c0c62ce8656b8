//! Which keys the readers of this thread asked for: what the parser knows, for the test that holds the description to it.

use std::cell::RefCell;

/// One mapping that was read.
pub(in crate::workflow) struct AskedKeys {
    /// The file.
    pub(in crate::workflow) file: String,
    /// The byte at which the mapping begins.
    pub(in crate::workflow) begins: usize,
    /// The keys that were asked for, but for those that were refused.
    pub(in crate::workflow) keys: Vec<&'static str>,
}

thread_local! {
    static NOTED: RefCell<Vec<AskedKeys>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn note(file: &str, begins: usize, asked: &[&'static str], refused: &[&'static str]) {
    let keys = asked.iter().copied().filter(|key| !refused.contains(key)).collect();
    NOTED.with_borrow_mut(|noted| noted.push(AskedKeys { file: file.to_owned(), begins, keys }));
}

/// What was noted on this thread since it was last taken.
pub(in crate::workflow) fn take() -> Vec<AskedKeys> {
    NOTED.take()
}
