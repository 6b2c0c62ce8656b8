//! What auto-assignment has yet to look at: policies that are new or changed, and users who are.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Tenant, Timer};
use crate::sandbox::records::{AutomaticRequestSettings, Policy};

/// Policies and users by id, and which policies assign by themselves.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Unassessed {
    /// All policies that assign by themselves.
    automatic: BTreeSet<String>,
    policies: BTreeSet<String>,
    users: BTreeSet<String>,
    is_timed: bool,
}

/// What is to be looked at now.
pub(in crate::sandbox) struct Assessment {
    /// All policies that assign by themselves, and whether each has to look at all users.
    pub(in crate::sandbox) policies: Vec<(String, bool)>,
    /// The users at whom every policy has to look.
    pub(in crate::sandbox) users: BTreeSet<String>,
}

impl Tenant {
    /// Has every policy that assigns by itself look at the user again, after the delay with which the service notices changes.
    pub(in crate::sandbox) fn assess_user_later(&mut self, user_id: &str) {
        if !self.unassessed.automatic.is_empty() {
            self.unassessed.users.insert(user_id.to_owned());
            self.time_assessment(self.directory_log.now());
        }
    }

    /// Has a policy look at all users again if it assigns by itself, after the same delay.
    pub(super) fn assess_policy_later(&mut self, policy: &Policy) {
        self.forget_automatic(&policy.id);
        let assigns = |settings: &AutomaticRequestSettings| settings.request_access_for_allowed_targets;
        if policy.automatic_request_settings.as_ref().is_some_and(assigns) {
            self.unassessed.automatic.insert(policy.id.clone());
            self.unassessed.policies.insert(policy.id.clone());
            self.time_assessment(self.directory_log.now());
        }
    }

    /// Has no policy of this id assign by itself any more.
    pub(super) fn forget_automatic(&mut self, policy_id: &str) {
        self.unassessed.automatic.remove(policy_id);
    }

    /// Sets the timer of the assessment; before the tenant's first call there is no instant to count from.
    pub(super) fn time_assessment(&mut self, now: Option<Timestamp>) {
        let Unassessed { policies, users, is_timed, .. } = &mut self.unassessed;
        let Some(now) = now.filter(|_| !(*is_timed || policies.is_empty() && users.is_empty())) else { return };
        *is_timed = true;
        let due = now.checked_add(self.delivery_delay).unwrap_or(now);
        self.timers.insert((due, Timer::Assessment));
    }

    /// Hands over what is to be looked at.
    pub(in crate::sandbox) fn take_unassessed(&mut self) -> Assessment {
        let Unassessed { automatic, policies, users, is_timed } = &mut self.unassessed;
        *is_timed = false;
        let changed = std::mem::take(policies);
        let policies = automatic.iter().map(|id| (id.clone(), changed.contains(id))).collect();
        Assessment { policies, users: std::mem::take(users) }
    }
}
