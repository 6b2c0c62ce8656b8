//! Who reports to whom, from the manager's side.

use std::collections::BTreeSet;

use super::Tenant;
use crate::sandbox::records::User;

impl Tenant {
    /// The ids of the users whose manager this is, in order of id.
    pub(in crate::sandbox) fn reports_of(&self, manager_id: &str) -> Option<&BTreeSet<String>> {
        self.reports_by_manager.get(manager_id)
    }

    /// Puts the user among the reports of their manager.
    pub(super) fn find_by_manager(&mut self, user: &User) {
        if let Some(manager) = &user.manager {
            self.reports_by_manager.entry(manager.clone()).or_default().insert(user.id.clone());
        }
    }

    /// Takes the user, as they have been, from the reports of their manager.
    pub(super) fn forget_manager(&mut self, user_id: &str) {
        let manager = self.users.get(user_id).and_then(|user| user.manager.as_ref());
        if let Some(reports) = manager.and_then(|manager| self.reports_by_manager.get_mut(manager)) {
            reports.remove(user_id);
        }
    }
}
