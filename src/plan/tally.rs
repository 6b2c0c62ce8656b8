//! Non-actions that are counted and not listed.

use std::collections::BTreeMap;

use crate::domain::ids::DocumentName;

use super::SkipCount;

/// How many non-actions of each document have the same reason. Planning goes document by document, so the one at hand is kept apart: a count
/// is raised without a look at the others.
#[derive(Debug, Default)]
pub(super) struct Tally {
    at_hand: Option<(DocumentName, Vec<(&'static str, usize)>)>,
    others: BTreeMap<(DocumentName, &'static str), usize>,
}

impl Tally {
    pub(super) fn count(&mut self, document: &DocumentName, reason: &'static str) {
        match &mut self.at_hand {
            Some((name, counts)) if name == document => match counts.iter_mut().find(|(code, _)| *code == reason) {
                Some((_, count)) => *count += 1,
                None => counts.push((reason, 1)),
            },
            _ => {
                self.put_away();
                self.at_hand = Some((document.clone(), vec![(reason, 1)]));
            }
        }
    }

    fn put_away(&mut self) {
        let Some((document, counts)) = self.at_hand.take() else { return };
        for (reason, count) in counts {
            *self.others.entry((document.clone(), reason)).or_default() += count;
        }
    }

    /// The counts, sorted.
    pub(super) fn into_counts(mut self) -> Vec<SkipCount> {
        self.put_away();
        self.others.into_iter().map(|((document, reason), count)| SkipCount { document, reason, count }).collect()
    }
}
