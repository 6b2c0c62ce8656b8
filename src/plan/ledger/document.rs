//! Documents as the ledger knows them, and what of the ledger goes with a document that is renamed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::action::Occasion;
use crate::domain::ids::{DocumentHash, DocumentName, FeedName};
use crate::workflow::definition::Mode;

use super::{Ledger, WatchKey};

/// The kind of a feed's record.
pub const FEED: &str = "Feed";

/// A document as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentRecord {
    /// Its name, unique over all kinds.
    pub name: DocumentName,
    /// `Workflow`, `AutoAssignment` or `Feed`.
    pub kind: String,
    /// Its version in force.
    pub hash: DocumentHash,
    /// What its causes know it by: the name it had when it was new, so that under another name the same cause is still the same.
    pub identity: DocumentName,
    /// The mode it gives itself.
    pub declared_mode: Mode,
    /// Its mode under the ceiling.
    pub mode: Mode,
    /// When it was first in force (tenant time, UTC).
    pub first_seen: Timestamp,
    /// Since when it may write; absent while it only observes.
    pub writes_since: Option<Timestamp>,
    /// Whether it has observed before it was allowed to write, so that occasions due before are not its own.
    pub observed_before: bool,
    /// Whether its next removals are held, since it began to enforce and no plan was committed since.
    pub first_removals_held: bool,
    /// Whether the document is still in the folder; if not, its claims are orphaned.
    pub in_force: bool,
    /// What a person decided on its claims after it was gone from the folder.
    pub retirement: Option<Retirement>,
    /// Whether a person asked that the assignments its members hold already become its own; each of them is held first.
    pub is_adopting: bool,
    /// The base of its gates in the last committed plan, and the version that had it.
    pub base: Option<(DocumentHash, u32)>,
}

/// How a document that is gone was retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Retirement {
    /// Its grants are nobody's any more, or a successor's.
    Released,
    /// The removal of its grants is proposed, and held.
    Removing,
}

impl Retirement {
    /// The word the ledger keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Removing => "removing",
        }
    }

    /// Reads the ledger's word back.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Released, Self::Removing].into_iter().find(|known| known.as_str() == word)
    }
}

impl DocumentRecord {
    /// The record of a document that is new to the ledger, under a ceiling that lets it go as far as it says.
    pub fn new(name: DocumentName, kind: &str, hash: DocumentHash, mode: Mode, since: Timestamp) -> Self {
        Self {
            identity: name.clone(),
            name,
            kind: kind.to_owned(),
            hash,
            declared_mode: mode,
            mode,
            first_seen: since,
            writes_since: (mode > Mode::Observe).then_some(since),
            observed_before: false,
            first_removals_held: false,
            in_force: true,
            retirement: None,
            is_adopting: false,
            base: None,
        }
    }
}

/// A document in force whose `formerly` names one that the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// The name it had.
    pub from: DocumentName,
    /// The name it has.
    pub to: DocumentName,
}

impl Ledger {
    /// Moves everything of `from` to `to`; what `to` has already stays as it is. The store does the same to its tables.
    pub fn rename(&mut self, Rename { from, to }: &Rename) {
        let Some(record) = self.documents.remove(from) else { return };
        let is_feed = record.kind == FEED;
        if self.documents.contains_key(to) {
            let merged = DocumentRecord { in_force: false, retirement: Some(Retirement::Released), ..record };
            self.documents.insert(from.clone(), merged);
        } else {
            self.documents.insert(to.clone(), DocumentRecord { name: to.clone(), ..record });
        }
        let new_name = |name: &DocumentName| (name == from).then(|| to.clone());
        move_keys(&mut self.claims, |key| {
            new_name(&key.document).map(|document| super::ClaimKey { document, ..key.clone() })
        });
        move_keys(&mut self.episodes, |key| {
            new_name(&key.document).map(|document| super::ClaimKey { document, ..key.clone() })
        });
        move_keys(&mut self.outranked, |key| {
            new_name(&key.document).map(|document| super::ClaimKey { document, ..key.clone() })
        });
        move_keys(&mut self.held, |(action, document)| new_name(document).map(|document| (*action, document)));
        move_keys(&mut self.schedules, new_name);
        move_keys(&mut self.runs, |occasion| moved_occasion(occasion, from, to, is_feed));
        let bars = std::mem::take(&mut self.bars).into_iter();
        self.bars = bars
            .map(|bar| match moved_occasion(&bar.occasion, from, to, is_feed) {
                Some(occasion) => super::Bar { occasion, ..bar },
                None => bar,
            })
            .collect();
        let named = self.actions.values_mut().map(|action| &mut action.document);
        let decided = self.approved.values_mut().chain(self.rejected.values_mut());
        let others = self.outranked.values_mut().chain(self.activations.values_mut().map(|wish| &mut wish.workflow));
        for name in named.chain(decided).chain(others).filter(|name| *name == from) {
            *name = to.clone();
        }
        if is_feed {
            let watch = |key: &WatchKey| (*key == feed_key(from)).then(|| feed_key(to));
            move_keys(&mut self.watched, |(subject, key)| watch(key).map(|key| (subject.clone(), key)));
            move_keys(&mut self.watched_since, watch);
        }
    }
}

fn feed_key(name: &DocumentName) -> WatchKey {
    WatchKey::Feed(FeedName::new(name.as_str()))
}

/// An occasion names its workflow, and in its trigger it may name a feed.
fn moved_occasion(occasion: &Occasion, from: &DocumentName, to: &DocumentName, is_feed: bool) -> Option<Occasion> {
    if is_feed {
        let is_its_own = occasion.trigger == feed_key(from).to_string();
        return is_its_own.then(|| Occasion { trigger: feed_key(to).to_string(), ..occasion.clone() });
    }
    (occasion.workflow == *from).then(|| Occasion { workflow: to.clone(), ..occasion.clone() })
}

fn move_keys<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, moved: impl Fn(&K) -> Option<K>) {
    let moves: Vec<(K, K)> = map.keys().filter_map(|key| Some((key.clone(), moved(key)?))).collect();
    for (before, after) in moves {
        if let Some(value) = map.remove(&before) {
            map.entry(after).or_insert(value);
        }
    }
}
