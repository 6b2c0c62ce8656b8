//! Who holds the roles that are no memberships: app roles, roles in sites, eligible roles of groups.

use std::collections::BTreeSet;

use super::{Change, Tenant};

/// The kind of a holding's row; its id is `<role key>/<user id>`.
pub(in crate::sandbox) const HOLDER: &str = "roleHolder";

impl Tenant {
    /// The ids of the role's holders, in order.
    pub(in crate::sandbox) fn role_holders(&self, role_key: &str) -> Option<&BTreeSet<String>> {
        self.role_holders.get(role_key)
    }

    /// Makes the user a holder of the role, or ends that.
    pub(in crate::sandbox) fn change_role_holder(&mut self, role_key: &str, user_id: &str, holds: bool) {
        let id = format!("{role_key}/{user_id}");
        if holds && self.load_role_holder(role_key, user_id) {
            self.changes.push(Change::Put { kind: HOLDER, id, json: "true".to_owned() });
        } else if !holds && self.role_holders.get_mut(role_key).is_some_and(|holders| holders.remove(user_id)) {
            self.changes.push(Change::Delete { kind: HOLDER, id });
        }
    }

    /// Takes in a holding that is saved already; says whether it is new.
    pub(in crate::sandbox) fn load_role_holder(&mut self, role_key: &str, user_id: &str) -> bool {
        self.role_holders.entry(role_key.to_owned()).or_default().insert(user_id.to_owned())
    }
}
