//! Whose grants stand: claims by document, and by who holds what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::ids::{DocumentName, PackageId, SubjectKey};
use crate::domain::subject::Subject;

use super::ledger::{ClaimKey, ClaimRecord, Ledger};
use super::population::{Member, Population};

/// The ledger's claims, found by document or by holder; a subject is also known by the key its user had before the person was linked.
#[derive(Debug)]
pub struct Claims<'a> {
    ledger: &'a Ledger,
    by_holder: BTreeMap<(&'a SubjectKey, &'a PackageId), Vec<&'a DocumentName>>,
    by_document: HashMap<&'a DocumentName, DocumentClaims<'a>>,
}

/// The claims of one document.
#[derive(Debug, Default)]
struct DocumentClaims<'a> {
    /// With those of subjects of whom nothing is known any more.
    count: u32,
    /// By the subject's row.
    by_row: Vec<(usize, &'a ClaimKey, &'a ClaimRecord)>,
}

impl<'a> Claims<'a> {
    /// Indexes the ledger's claims.
    pub fn of(ledger: &'a Ledger, population: &Population<'_>) -> Self {
        let mut by_holder: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut by_document: HashMap<_, DocumentClaims<'_>> = HashMap::new();
        for (claim, record) in &ledger.claims {
            by_holder.entry((&claim.subject, &claim.package)).or_default().push(&claim.document);
            let of_document = by_document.entry(&claim.document).or_default();
            of_document.count = of_document.count.saturating_add(1);
            let member = population.find(&claim.subject);
            of_document.by_row.extend(member.map(|member| (member.row, claim, record)));
        }
        for of_document in by_document.values_mut() {
            of_document.by_row.sort_by_key(|(row, ..)| *row);
        }
        Self { ledger, by_holder, by_document }
    }

    /// The claim of `document`, under the key it is kept by.
    pub fn get(
        &self,
        document: &DocumentName,
        member: &Member<'_>,
        package: &PackageId,
    ) -> Option<(&'a ClaimKey, &'a ClaimRecord)> {
        let by_row = &self.by_document.get(document)?.by_row;
        let first = by_row.partition_point(|(row, ..)| *row < member.row);
        let own = by_row.iter().skip(first).take_while(|(row, ..)| *row == member.row);
        own.map(|(_, claim, record)| (*claim, *record)).find(|(claim, _)| claim.package == *package)
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
        self.by_document.get(document).map_or(0, |claims| claims.count)
    }
}
