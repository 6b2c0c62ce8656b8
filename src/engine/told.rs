//! What the last pass told: a condition that lasts is told once, and again only after it was gone.

use std::collections::{BTreeMap, BTreeSet};

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

/// The warnings told about the documents in force, each once while it lasts.
#[derive(Debug, Default)]
pub(super) struct ToldWarnings {
    texts: BTreeMap<String, String>,
    told: BTreeSet<String>,
}

impl ToldWarnings {
    /// The warnings that were not told before. `look` is asked only when the documents changed.
    pub(super) fn news(&mut self, texts: &BTreeMap<String, String>, look: impl FnOnce() -> Vec<String>) -> Vec<String> {
        if self.texts == *texts {
            return Vec::new();
        }
        self.texts.clone_from(texts);
        let found = look();
        let news = found.iter().filter(|warning| !self.told.contains(*warning)).cloned().collect();
        self.told = found.into_iter().collect();
        news
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

    #[test]
    fn a_warning_is_told_once_while_it_lasts() {
        let mut told = ToldWarnings::default();
        let mut pass = |text: &str, warnings: &[&str]| {
            let texts = BTreeMap::from([("a.yaml".to_owned(), text.to_owned())]);
            told.news(&texts, || warnings.iter().map(|warning| (*warning).to_owned()).collect())
        };
        assert_eq!(pass("1", &["x", "y"]), ["x", "y"]);
        assert!(pass("1", &["z"]).is_empty(), "the same texts have the same warnings");
        assert_eq!(pass("2", &["x", "z"]), ["z"]);
        assert_eq!(pass("3", &["y"]), ["y"], "it was gone in between");
    }
}
