//! Who was ever the target of a request or an assignment, by the ids under which entitlement management shows them.

use super::Tenant;

impl Tenant {
    /// The id of the subject that this user is; it says nothing about whether there is one.
    pub(in crate::sandbox) fn subject_id(&self, target_id: &str) -> String {
        self.derived_id("subject", target_id)
    }

    /// Whose subject this is.
    pub(in crate::sandbox) fn target_of_subject(&self, subject_id: &str) -> Option<&str> {
        self.targets_by_subject.get(subject_id).map(String::as_str)
    }

    /// All subjects behind the one named, in order of id, each with its target.
    pub(in crate::sandbox) fn subjects_after(&self, subject_id: Option<&str>) -> impl Iterator<Item = (&str, &str)> {
        let first = subject_id.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let rows = self.targets_by_subject.range::<str, _>((first, std::ops::Bound::Unbounded));
        rows.map(|(subject, target)| (subject.as_str(), target.as_str()))
    }

    /// Takes note of somebody who is the target of something.
    pub(super) fn note_target(&mut self, target_id: &str) {
        let subject_id = self.subject_id(target_id);
        self.targets_by_subject.entry(subject_id).or_insert_with(|| target_id.to_owned());
    }
}
