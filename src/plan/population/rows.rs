//! Subjects by the keys the ledger may know them by, and sets of subjects.

use foldhash::{HashMap, HashMapExt};

use crate::domain::ids::SubjectKey;

use super::Member;

/// Where each person and each user stands among the subjects.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    by_person: HashMap<&'a str, usize>,
    by_user: HashMap<&'a str, usize>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(members: &[Member<'a>]) -> Self {
        let map = || HashMap::with_capacity(members.len());
        let mut rows = Self { by_person: map(), by_user: map() };
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

/// Some of the subjects: asked for each of them in turn, so that asking costs next to nothing.
#[derive(Debug, Default)]
pub struct RowSet(Vec<bool>);

impl RowSet {
    /// Whether the subject is among them.
    pub fn contains(&self, member: &Member<'_>) -> bool {
        self.0.get(member.row).copied().unwrap_or(false)
    }
}

impl Extend<usize> for RowSet {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, rows: I) {
        for row in rows {
            if self.0.len() <= row {
                self.0.resize(row + 1, false);
            }
            if let Some(is_in) = self.0.get_mut(row) {
                *is_in = true;
            }
        }
    }
}

impl FromIterator<usize> for RowSet {
    fn from_iter<I: IntoIterator<Item = usize>>(rows: I) -> Self {
        let mut set = Self::default();
        set.extend(rows);
        set
    }
}
