//! Looking without acting: what would happen now, under the documents in force or under others.

use std::collections::BTreeMap;

use crate::plan::compare::Comparison;
use crate::plan::ledger::Ledger;
use crate::plan::observed::Observed;
use crate::plan::{self, Plan};
use crate::workflow::definition::{Definitions, Feed};
use crate::workflow::load::SourceText;

use super::document_records::put_on_record;
use super::{Engine, EngineError, LastPass, documents};

/// The tenant under other documents than those in force.
pub struct DocumentsPreview {
    /// What would happen now, under the other documents.
    pub proposed: LastPass,
    /// Who would gain and lose by them.
    pub comparison: Comparison,
}

impl Engine {
    /// Plans the living tenant and ledger under `files` instead of the documents in force; nothing is sent, consumed or recorded.
    ///
    /// # Errors
    /// Fails when usherd would not put the files in force, when the tenant cannot be observed or when the ledger cannot be read.
    pub async fn preview_documents(&mut self, files: Vec<SourceText>) -> Result<DocumentsPreview, EngineError> {
        let now = self.seams.clock.now();
        // Without any of the last good texts: what is not in the files is gone, and what is wrong in them is wrong.
        let mut ledger = self.seams.store.ledger().await?;
        let proposed = documents::put_in_force(Ok(files), &BTreeMap::new(), &ledger.documents);
        let first_problem = proposed.problems.first().map(|(problem, _)| problem.to_string());
        if let Some(why) = first_problem.or(proposed.kept) {
            return Err(EngineError::NotPutInForce { why });
        }
        let definitions = proposed.definitions;
        let renames = put_on_record(&mut ledger, &definitions, self.settings.ceiling, now).renames;

        let collected = self.collect_for(now, Some(&definitions)).await?;
        let in_force = self.plan_under(&collected.definitions, &collected.observed, &collected.ledger);
        let observed = self.with_feeds_of(&definitions, &collected.definitions.feeds, collected.observed).await?;
        let plan = self.plan_under(&definitions, &observed, &ledger);
        let comparison = Comparison::of((&in_force, &collected.ledger), (&plan, &ledger), &renames);
        Ok(DocumentsPreview { proposed: LastPass { observed, plan }, comparison })
    }

    /// The same observation with the feeds as other documents describe them; what is described in the same way is not read again.
    async fn with_feeds_of(
        &mut self,
        definitions: &Definitions,
        read: &[Feed],
        mut observed: Observed,
    ) -> Result<Observed, EngineError> {
        let unread: Vec<Feed> = definitions.feeds.iter().filter(|feed| !read.contains(feed)).cloned().collect();
        let (views, _) = self.collect_feeds(&unread, &observed.users, observed.read_at).await?;
        observed.feeds.retain(|name, _| {
            definitions.feeds.iter().any(|feed| feed.name == *name) && !unread.iter().any(|feed| feed.name == *name)
        });
        observed.feeds.extend(views);
        Ok(observed)
    }

    /// Plan and gate under these documents: pure, at one instant.
    pub(super) fn plan_under(&self, definitions: &Definitions, observed: &Observed, ledger: &Ledger) -> Plan {
        plan::plan(definitions, observed, ledger, &self.settings.limits, observed.read_at)
    }
}
