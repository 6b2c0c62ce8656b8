//! Who among the users administers entitlement management and the directory.

use super::{Change, Tenant};

/// The kind of an administrator's row; its id is the user's.
pub(in crate::sandbox) const ADMINISTRATOR: &str = "administrator";

impl Tenant {
    /// Whether the user is an administrator.
    pub(in crate::sandbox) fn is_administrator(&self, user_id: &str) -> bool {
        self.administrators.contains(user_id)
    }

    /// Makes the user an administrator.
    pub(in crate::sandbox) fn add_administrator(&mut self, user_id: &str) {
        if self.administrators.insert(user_id.to_owned()) {
            self.changes.push(administrator(user_id));
        }
    }

    /// Takes in an administrator who is saved already.
    pub(in crate::sandbox) fn load_administrator(&mut self, user_id: &str) {
        self.administrators.insert(user_id.to_owned());
    }
}

/// An administrator's row.
pub(super) fn administrator(user_id: &str) -> Change {
    Change::Put { kind: ADMINISTRATOR, id: user_id.to_owned(), json: "true".to_owned() }
}
