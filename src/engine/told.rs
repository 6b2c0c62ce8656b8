//! What the last pass told: a condition that lasts is told once, and again only after it was gone.

use std::collections::BTreeSet;

/// The lasting conditions of the last pass and of this one.
#[derive(Debug, Default)]
pub(super) struct Told {
    before: BTreeSet<String>,
    now: BTreeSet<String>,
}

impl Told {
    /// A new pass begins.
    pub(super) fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }

    /// Whether the condition was not there in the last pass, nor told already in this one.
    pub(super) fn is_news(&mut self, condition: String) -> bool {
        !self.before.contains(&condition) & self.now.insert(condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasting_condition_is_told_once_and_again_after_it_was_gone() {
        let mut told = Told::default();
        let mut pass = |conditions: &[&str]| {
            told.turn();
            conditions.iter().map(|condition| told.is_news((*condition).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(pass(&["a", "a", "b"]), [true, false, true]);
        assert_eq!(pass(&["a", "c"]), [false, true]);
        assert!(pass(&[]).is_empty());
        assert_eq!(pass(&["a"]), [true]);
    }
}
