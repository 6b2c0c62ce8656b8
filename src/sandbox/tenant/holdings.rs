//! What one user holds and asks for, over all packages.

use std::collections::BTreeMap;

use super::{Holding, Tenant};
use crate::sandbox::records::{Assignment, Request};

impl Tenant {
    /// The assignments that the user holds or is being given.
    pub(in crate::sandbox) fn active_assignments_of(&self, user_id: &str) -> impl Iterator<Item = &Assignment> {
        ids_of(&self.active_assignments, user_id).filter_map(|id| self.assignments.get(id))
    }

    /// The requests for the user that are not at their end.
    pub(in crate::sandbox) fn open_requests_of(&self, user_id: &str) -> impl Iterator<Item = &Request> {
        ids_of(&self.open_requests, user_id).filter_map(|id| self.requests.get(id))
    }

    /// Whether the user holds something or something is asked for them.
    pub(in crate::sandbox) fn is_being_served(&self, user_id: &str) -> bool {
        self.active_assignments_of(user_id).next().is_some() || self.open_requests_of(user_id).next().is_some()
    }
}

fn ids_of<'t>(index: &'t BTreeMap<Holding, String>, user_id: &str) -> impl Iterator<Item = &'t String> {
    let first = (user_id.to_owned(), String::new());
    let own = user_id.to_owned();
    index.range(first..).take_while(move |((user, _), _)| *user == own).map(|(_, id)| id)
}
