//! Subjects by the keys the ledger may know them by.

use std::collections::HashMap;

use crate::domain::ids::SubjectKey;

use super::Member;

/// Where each person and each user stands among the subjects.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    by_person: HashMap<&'a str, usize>,
    by_user: HashMap<&'a str, usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(members: &[Member<'a>]) -> Self {
        let mut rows = Self::default();
        for member in members {
            let (person, user) = (member.subject.person, member.subject.user);
            rows.by_person.extend(person.map(|person| (person.key.as_str(), member.row)));
            rows.by_user.extend(user.map(|user| (user.id.as_str(), member.row)));
        }
        rows
    }

    /// The row of the subject that a ledger key means, under its own key or that of its user from before the two were linked.
    pub(super) fn find(&self, key: &SubjectKey) -> Option<usize> {
        let by_person = key.person_key().and_then(|person| self.by_person.get(person));
        by_person.or_else(|| self.by_user.get(key.user_id()?)).copied()
    }
}
