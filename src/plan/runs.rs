//! The ledger's runs, found by workflow and subject.

use std::collections::BTreeMap;

use crate::domain::action::{Occasion, OccasionValue};
use crate::domain::ids::{DocumentName, SubjectKey};
use crate::domain::subject::Subject;

use super::ledger::{Ledger, RunRecord};

/// Every run by workflow and subject; a subject is also known by the key its user had before the person was linked.
#[derive(Debug)]
pub struct Runs<'a>(BTreeMap<(&'a DocumentName, &'a SubjectKey), Vec<(&'a Occasion, &'a RunRecord)>>);

impl<'a> Runs<'a> {
    /// Indexes the ledger's runs.
    pub fn of(ledger: &'a Ledger) -> Self {
        let mut runs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (occasion, run) in &ledger.runs {
            runs.entry((&occasion.workflow, &occasion.subject)).or_default().push((occasion, run));
        }
        Self(runs)
    }

    /// The runs of one workflow for one subject.
    pub fn get(&self, workflow: &DocumentName, subject: &Subject<'_>) -> Vec<(&'a Occasion, &'a RunRecord)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        subject.keys().flat_map(|key| self.0.get(&(workflow, &key)).cloned().unwrap_or_default()).collect()
    }
}

/// The run of one occasion among those of a subject.
pub fn find<'a>(
    runs: &[(&'a Occasion, &'a RunRecord)],
    trigger: &str,
    value: &OccasionValue,
) -> Option<(&'a Occasion, &'a RunRecord)> {
    runs.iter().find(|(occasion, _)| occasion.trigger == trigger && occasion.value == *value).copied()
}
