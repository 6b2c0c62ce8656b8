//! The ledger's runs, found by workflow and subject.

use std::collections::HashMap;

use crate::domain::action::{Occasion, OccasionValue};
use crate::domain::ids::{DocumentName, SubjectKey};

use super::ledger::{Ledger, RunRecord};
use super::population::{Member, Population};

/// A run with its occasion.
pub type OwnRun<'a> = (&'a Occasion, &'a RunRecord);

/// Every run by workflow and row; a subject is also known by the key its user had before the person was linked.
#[derive(Debug)]
pub struct Runs<'a>(HashMap<&'a DocumentName, Vec<(usize, OwnRun<'a>)>>);

impl<'a> Runs<'a> {
    /// Indexes the ledger's runs.
    pub fn of(ledger: &'a Ledger, population: &Population<'_>) -> Self {
        let mut runs: HashMap<_, Vec<_>> = HashMap::new();
        for (occasion, run) in &ledger.runs {
            if let Some(member) = population.find(&occasion.subject) {
                runs.entry(&occasion.workflow).or_default().push((member.row, (occasion, run)));
            }
        }
        for runs in runs.values_mut() {
            runs.sort_by_key(|(row, _)| *row);
        }
        Self(runs)
    }

    /// The runs of one workflow, to be taken subject by subject.
    pub fn of_workflow(&self, workflow: &DocumentName) -> RunsInOrder<'_, 'a> {
        RunsInOrder(self.0.get(workflow).map_or(&[], Vec::as_slice))
    }
}

/// The runs of one workflow that were not taken yet, in the order of their subjects' rows.
#[derive(Debug)]
pub struct RunsInOrder<'r, 'a>(&'r [(usize, OwnRun<'a>)]);

impl<'a> RunsInOrder<'_, 'a> {
    /// The runs of the next subject; subjects are asked for in the order of their rows.
    pub fn take(&mut self, member: &Member<'_>) -> Vec<OwnRun<'a>> {
        let mut own = Vec::new();
        while let Some(((row, run), rest)) = self.0.split_first()
            && *row <= member.row
        {
            own.extend((*row == member.row).then_some(*run));
            self.0 = rest;
        }
        own
    }
}

/// The run of one occasion among those of a subject.
pub fn find<'a>(runs: &[OwnRun<'a>], subject: &SubjectKey, trigger: &str, value: &OccasionValue) -> Option<OwnRun<'a>> {
    runs.iter().find(|(occasion, _)| is_same(occasion, subject, trigger, value)).copied()
}

/// Whether it is this occasion of the same subject. A date means the same under every key of the subject; changes are counted key by key.
pub fn is_same(occasion: &Occasion, subject: &SubjectKey, trigger: &str, value: &OccasionValue) -> bool {
    let is_counted = matches!(value, OccasionValue::Change(_));
    occasion.trigger == trigger && occasion.value == *value && (!is_counted || occasion.subject == *subject)
}
