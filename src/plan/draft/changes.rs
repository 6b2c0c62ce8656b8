//! The ledger changes of a plan in the making. Whose grants they begin and end is found without looking through them.

use std::collections::BTreeMap;

use crate::domain::ids::{DocumentName, PackageId, SubjectKey};
use crate::plan::claims::Claims;
use crate::plan::ledger::{ClaimKey, LedgerChange};
use crate::plan::population::Member;

/// Ledger changes, in order.
#[derive(Debug, Default)]
pub struct Changes {
    list: Vec<LedgerChange>,
    claimed: Documents,
    released: Documents,
}

/// Documents by the holder and the package of their claims.
#[derive(Debug, Default)]
struct Documents(BTreeMap<(PackageId, SubjectKey), Vec<DocumentName>>);

impl Documents {
    fn add(&mut self, claim: &ClaimKey) {
        let ClaimKey { document, subject, package } = claim.clone();
        self.0.entry((package, subject)).or_default().push(document);
    }

    fn of(&self, member: &Member<'_>, package: &PackageId) -> impl Iterator<Item = &DocumentName> {
        let keys = member.subject.keys().filter(|_| !self.0.is_empty());
        keys.filter_map(|subject| self.0.get(&(package.clone(), subject))).flatten()
    }
}

impl Changes {
    /// Adds one.
    pub fn push(&mut self, change: LedgerChange) {
        match &change {
            LedgerChange::Claim { claim } => self.claimed.add(claim),
            LedgerChange::ClaimReleased { claim } => self.released.add(claim),
            _ => {}
        }
        self.list.push(change);
    }

    /// The documents by whose grants the subject has the package once these changes are made.
    pub fn granting<'c>(
        &'c self,
        claims: &Claims<'c>,
        member: &Member<'_>,
        package: &PackageId,
    ) -> impl Iterator<Item = &'c DocumentName> {
        let known = claims.documents(member, package).into_iter().chain(self.claimed.of(member, package));
        known.filter(move |document| !self.released.of(member, package).any(|by| by == *document))
    }

    /// All of them, in order.
    pub fn into_list(self) -> Vec<LedgerChange> {
        self.list
    }
}

impl Extend<LedgerChange> for Changes {
    fn extend<I: IntoIterator<Item = LedgerChange>>(&mut self, changes: I) {
        changes.into_iter().for_each(|change| self.push(change));
    }
}
