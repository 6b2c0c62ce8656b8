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
        // A request that is refused later may name nobody.
        if target_id.is_empty() {
            return;
        }
        let subject_id = self.subject_id(target_id);
        self.targets_by_subject.entry(subject_id).or_insert_with(|| target_id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use crate::sandbox::records::{About, Request, RequestType};
    use crate::sandbox::seed;

    #[test]
    fn a_request_that_names_nobody_makes_no_subject() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let mut tenant = seed::build(serde_yaml::from_str("{name: x, domain: x}").unwrap(), now).unwrap();
        for (target, known) in [("", 0), ("u", 1)] {
            let (package_id, policy_id) = (String::new(), String::new());
            let about = About { target_id: target.to_owned(), package_id, policy_id, assignment_id: None };
            tenant.put_request(Request::new(format!("r{target}"), RequestType::AdminRemove, about, now));
            assert_eq!(tenant.subjects_after(None).count(), known, "{target}");
        }
    }
}
