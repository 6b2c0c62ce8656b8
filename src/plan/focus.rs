//! The subject in focus: every reason the planner has for one subject, also where a plan only counts them.

use std::collections::BTreeSet;

use crate::domain::ids::{DocumentName, SubjectKey};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;

use super::Skip;

/// Whose reasons are kept, and the reasons. Reasons that concern a document as a whole concern everybody.
#[derive(Debug, Default)]
pub struct Focus {
    keys: BTreeSet<SubjectKey>,
    reasons: BTreeSet<Skip>,
}

impl Focus {
    /// A focus on the subject that goes by these keys.
    pub fn on(keys: impl IntoIterator<Item = SubjectKey>) -> Self {
        Self { keys: keys.into_iter().collect(), reasons: BTreeSet::new() }
    }

    /// Keeps the reason where it concerns the subject in focus.
    pub(super) fn note(
        &mut self,
        document: &DocumentName,
        subject: Option<&SubjectKey>,
        resource: Option<&Resource>,
        reason: &Reason,
    ) {
        if !self.keys.is_empty() && subject.is_none_or(|subject| self.keys.contains(subject)) {
            let (subject, resource) = (subject.cloned(), resource.cloned());
            self.reasons.insert(Skip { document: document.clone(), subject, resource, reason: reason.clone() });
        }
    }

    /// The reasons, sorted.
    pub(super) fn into_reasons(self) -> Vec<Skip> {
        self.reasons.into_iter().collect()
    }
}
