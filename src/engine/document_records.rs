//! The ledger's records of the documents: what is new, what is gone, what has another name, and when each began to write.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::ids::{DocumentHash, DocumentName};
use crate::plan::ledger::{DocumentRecord, FEED, Ledger, Rename, Retirement};
use crate::workflow::definition::{Definitions, Mode};

/// What every document says of itself, whatever its kind.
pub(super) struct Named<'d> {
    /// Its name.
    pub(super) name: DocumentName,
    /// Names it had before.
    pub(super) formerly: &'d [DocumentName],
    kind: &'static str,
    hash: &'d DocumentHash,
    mode: Mode,
}

/// Every document. A feed has no mode: it writes nothing.
pub(super) fn named(definitions: &Definitions) -> impl Iterator<Item = Named<'_>> {
    let workflows = definitions.workflows.iter().map(|workflow| ("Workflow", &workflow.header));
    let headers = workflows.chain(definitions.auto_assignments.iter().map(|auto| ("AutoAssignment", &auto.header)));
    let with_header = headers.map(|(kind, header)| Named {
        name: header.name.clone(),
        formerly: &header.formerly,
        kind,
        hash: &header.hash,
        mode: header.mode,
    });
    with_header.chain(definitions.feeds.iter().map(|feed| Named {
        name: DocumentName::new(feed.name.as_str()),
        formerly: &feed.formerly,
        kind: FEED,
        hash: &feed.hash,
        mode: Mode::Enforce,
    }))
}

/// What the documents in force change in the ledger's records.
#[derive(Debug)]
pub struct Recorded {
    /// Documents that have another name now.
    pub renames: Vec<Rename>,
    /// The records of the documents in force, and of those no longer so.
    pub records: Vec<DocumentRecord>,
    /// Whether the ledger does not hold all this yet.
    pub is_news: bool,
}

/// Puts the documents on record in a ledger in memory, as the store does when they are kept.
pub fn put_on_record(ledger: &mut Ledger, definitions: &Definitions, ceiling: Mode, now: Timestamp) -> Recorded {
    let renames = renames(definitions, &ledger.documents);
    renames.iter().for_each(|rename| ledger.rename(rename));
    let records = records(definitions, ceiling, &ledger.documents, now);
    let is_known = |record: &DocumentRecord| ledger.documents.get(&record.name) == Some(record);
    let is_news = !renames.is_empty() || !records.iter().all(is_known);
    ledger.documents.extend(records.iter().map(|record| (record.name.clone(), record.clone())));
    Recorded { renames, records, is_news }
}

/// The documents that say they had a name the ledger still knows; sorted. A feed's past fits a feed only.
pub fn renames(definitions: &Definitions, known: &BTreeMap<DocumentName, DocumentRecord>) -> Vec<Rename> {
    let fits = |document: &Named<'_>, from: &DocumentName| {
        known
            .get(from)
            .is_some_and(|record| record.retirement.is_none() && (record.kind == FEED) == (document.kind == FEED))
    };
    let mut renames: Vec<Rename> = named(definitions)
        .flat_map(|document| {
            let former = document.formerly.iter().filter(|from| fits(&document, from));
            former.map(|from| Rename { from: from.clone(), to: document.name.clone() }).collect::<Vec<_>>()
        })
        .collect();
    renames.sort();
    renames
}

/// The records of the documents in force, and of those no longer so, under the mode ceiling. `known` has the renames already.
pub fn records(
    definitions: &Definitions,
    ceiling: Mode,
    known: &BTreeMap<DocumentName, DocumentRecord>,
    now: Timestamp,
) -> Vec<DocumentRecord> {
    let mut records: Vec<DocumentRecord> =
        named(definitions).map(|document| record(&document, ceiling, known, now)).collect();
    let present: BTreeSet<DocumentName> = records.iter().map(|record| record.name.clone()).collect();
    let gone = known.values().filter(|record| !present.contains(&record.name));
    records.extend(gone.map(|record| gone_record(record, ceiling)));
    records.sort_by(|a, b| a.name.cmp(&b.name));
    records
}

fn record(
    document: &Named<'_>,
    ceiling: Mode,
    known: &BTreeMap<DocumentName, DocumentRecord>,
    now: Timestamp,
) -> DocumentRecord {
    let declared = document.mode;
    let mode = if document.kind == FEED { declared } else { declared.min(ceiling) };
    let Some(before) = known.get(&document.name) else {
        let new = DocumentRecord::new(document.name.clone(), document.kind, document.hash.clone(), mode, now);
        return DocumentRecord { identity: unused_identity(&document.name, known), declared_mode: declared, ..new };
    };
    let writes = mode > Mode::Observe;
    let began_to_write = writes && before.mode == Mode::Observe;
    let began_to_enforce = mode == Mode::Enforce && before.mode < Mode::Enforce;
    DocumentRecord {
        kind: document.kind.to_owned(),
        hash: document.hash.clone(),
        declared_mode: declared,
        mode,
        writes_since: if writes { before.writes_since.or(Some(now)) } else { None },
        observed_before: began_to_write || before.observed_before,
        first_removals_held: began_to_enforce || before.first_removals_held,
        in_force: true,
        retirement: None,
        ..before.clone()
    }
}

/// What is gone keeps its mode under today's ceiling; the removals a person proposed when retiring it go as far as that allows.
fn gone_record(record: &DocumentRecord, ceiling: Mode) -> DocumentRecord {
    let reach = if record.retirement == Some(Retirement::Removing) { Mode::Enforce } else { record.declared_mode };
    let mode = if record.kind == FEED { reach } else { reach.min(ceiling) };
    DocumentRecord { in_force: false, is_adopting: false, mode, ..record.clone() }
}

/// The document's name, or another one where a document that is now called differently had it: no cause may mean two things.
fn unused_identity(name: &DocumentName, known: &BTreeMap<DocumentName, DocumentRecord>) -> DocumentName {
    let is_used = |identity: &DocumentName| known.values().any(|record| record.identity == *identity);
    let numbered = (2_u64..).map(|number| DocumentName::new(format!("{name}#{number}")));
    std::iter::once(name.clone()).chain(numbered).find(|identity| !is_used(identity)).unwrap_or_else(|| name.clone())
}

#[cfg(test)]
mod tests;
