//! Whose grants stand: claims by document, and by who holds what.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{DocumentName, PackageId, SubjectKey};
use crate::domain::subject::Subject;

use super::ledger::{ClaimKey, ClaimRecord, Ledger};

/// The ledger's claims, found by document or by holder; a subject is also known by the key its user had before the person was linked.
#[derive(Debug)]
pub struct Claims<'a> {
    ledger: &'a Ledger,
    by_holder: BTreeMap<(&'a SubjectKey, &'a PackageId), Vec<&'a DocumentName>>,
}

impl<'a> Claims<'a> {
    /// Indexes the ledger's claims.
    pub fn of(ledger: &'a Ledger) -> Self {
        let mut by_holder: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for claim in ledger.claims.keys() {
            by_holder.entry((&claim.subject, &claim.package)).or_default().push(&claim.document);
        }
        Self { ledger, by_holder }
    }

    /// The claim of `document`, under the key it is kept by.
    pub fn get(
        &self,
        document: &DocumentName,
        subject: &Subject<'_>,
        package: &PackageId,
    ) -> Option<(ClaimKey, &'a ClaimRecord)> {
        subject.keys().find_map(|subject| {
            let key = ClaimKey { document: document.clone(), subject, package: package.clone() };
            self.ledger.claims.get(&key).map(|record| (key, record))
        })
    }

    /// Whether usherd granted the package, by whichever document.
    pub fn is_owned(&self, subject: &Subject<'_>, package: &PackageId) -> bool {
        !self.documents(subject, package).is_empty()
    }

    /// The documents whose grants stand, sorted.
    pub fn documents(&self, subject: &Subject<'_>, package: &PackageId) -> BTreeSet<&'a DocumentName> {
        subject.keys().flat_map(|key| self.by_holder.get(&(&key, package)).cloned().unwrap_or_default()).collect()
    }

    /// The number of the next grant, counted from 1.
    pub fn next_episode(&self, document: &DocumentName, subject: &Subject<'_>, package: &PackageId) -> u32 {
        let raised = subject.keys().filter_map(|subject| {
            let key = ClaimKey { document: document.clone(), subject, package: package.clone() };
            self.ledger.episodes.get(&key).copied()
        });
        raised.max().unwrap_or(1)
    }

    /// How many grants of `document` stand: the base of its gates.
    pub fn count(&self, document: &DocumentName) -> u32 {
        let count = self.ledger.claims.keys().filter(|claim| claim.document == *document).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}
