//! What one user holds and asks for, over all packages.

use super::Tenant;
use crate::sandbox::records::{Assignment, Request};

impl Tenant {
    /// The assignments that the user holds or is being given.
    pub(in crate::sandbox) fn active_assignments_of(&self, user_id: &str) -> impl Iterator<Item = &Assignment> {
        self.assignments.by("target/objectid", user_id).filter(|assignment| assignment.is_active())
    }

    /// The requests for the user that are not at their end.
    pub(in crate::sandbox) fn open_requests_of(&self, user_id: &str) -> impl Iterator<Item = &Request> {
        self.requests.by("target/objectid", user_id).filter(|request| request.state.is_open())
    }

    /// Whether the user holds something or something is asked for them.
    pub(in crate::sandbox) fn is_being_served(&self, user_id: &str) -> bool {
        self.active_assignments_of(user_id).next().is_some() || self.open_requests_of(user_id).next().is_some()
    }
}
