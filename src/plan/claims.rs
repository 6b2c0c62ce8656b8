//! Whose grants stand: claims by document, and by who holds what.

use std::collections::{BTreeSet, HashMap};

use crate::domain::ids::{DocumentName, PackageId};

use super::ledger::{ClaimKey, ClaimRecord, Ledger};
use super::population::{Member, Population};

/// The ledger's claims, found by document or by holder; a subject is also known by the key its user had before the person was linked.
#[derive(Debug)]
pub struct Claims<'a> {
    ledger: &'a Ledger,
    /// By the holder's row.
    by_holder: Vec<(usize, &'a ClaimKey)>,
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
        let mut by_holder = Vec::with_capacity(ledger.claims.len());
        let mut by_document: HashMap<_, DocumentClaims<'_>> = HashMap::new();
        for (claim, record) in &ledger.claims {
            let of_document = by_document.entry(&claim.document).or_default();
            of_document.count = of_document.count.saturating_add(1);
            if let Some(member) = population.find(&claim.subject) {
                of_document.by_row.push((member.row, claim, record));
                by_holder.push((member.row, claim));
            }
        }
        for of_document in by_document.values_mut() {
            of_document.by_row.sort_by_key(|(row, ..)| *row);
        }
        by_holder.sort_by_key(|(row, _)| *row);
        Self { ledger, by_holder, by_document }
    }

    /// The rows of the subjects to whom `document` granted something that stands.
    pub fn rows(&self, document: &DocumentName) -> impl Iterator<Item = usize> {
        self.by_document.get(document).into_iter().flat_map(|claims| claims.by_row.iter().map(|(row, ..)| *row))
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
    pub fn is_owned(&self, member: &Member<'_>, package: &PackageId) -> bool {
        self.granted(member, package).next().is_some()
    }

    /// The documents by whose grants the subject has the package, sorted.
    pub fn documents(&self, member: &Member<'_>, package: &PackageId) -> BTreeSet<&'a DocumentName> {
        self.granted(member, package).collect()
    }

    fn granted(&self, member: &Member<'_>, package: &PackageId) -> impl Iterator<Item = &'a DocumentName> {
        let first = self.by_holder.partition_point(|(row, _)| *row < member.row);
        let own = self.by_holder.iter().skip(first).take_while(|(row, _)| *row == member.row);
        own.filter(|(_, claim)| claim.package == *package).map(|(_, claim)| &claim.document)
    }

    /// The number of the next grant, counted from 1.
    pub fn next_episode(&self, document: &DocumentName, member: &Member<'_>, package: &PackageId) -> u32 {
        let raised = member.subject.keys().filter_map(|subject| {
            let key = ClaimKey { document: document.clone(), subject, package: package.clone() };
            self.ledger.episodes.get(&key).copied()
        });
        raised.max().unwrap_or(1)
    }

    /// The documents whose grants stand, in no order.
    pub fn claiming_documents(&self) -> impl Iterator<Item = &'a DocumentName> {
        self.by_document.keys().copied()
    }

    /// How many grants of `document` stand: the base of its gates.
    pub fn count(&self, document: &DocumentName) -> u32 {
        self.by_document.get(document).map_or(0, |claims| claims.count)
    }
}
