//! Who holds, gets and loses what: assignments, open requests and usherd's own actions by user and package.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::action::ActionState;
use crate::domain::entitlement::Assignment;
use crate::domain::ids::{GroupId, PackageId, PolicyId, UserId};
use crate::domain::resource::Resource;

use super::ledger::Ledger;
use super::observed::Observed;

/// What is known of one user and one package.
#[derive(Debug, Default)]
pub struct Holding<'a> {
    /// Active assignments.
    pub assignments: Vec<&'a Assignment>,
    /// An open request brings it.
    pub is_coming: bool,
    /// An open request takes it.
    pub is_going: bool,
    /// An action of usherd's is on its way.
    pub in_flight: Option<ActionState>,
}

impl Holding<'_> {
    /// Coming or active counts as having (design.md section 6).
    pub fn has(&self) -> bool {
        self.is_coming || !self.assignments.is_empty()
    }
}

/// Every holding of an observation.
#[derive(Debug)]
pub struct Holdings<'a> {
    by_user: HashMap<&'a UserId, BTreeMap<&'a PackageId, Holding<'a>>>,
    group_changes: BTreeMap<(&'a UserId, &'a GroupId), ActionState>,
    automatic: BTreeSet<&'a PolicyId>,
    nothing: Holding<'a>,
}

impl<'a> Holdings<'a> {
    /// Indexes an observation and the ledger's actions.
    pub fn of(observed: &'a Observed, ledger: &'a Ledger) -> Self {
        let mut by_user: HashMap<&UserId, BTreeMap<&PackageId, Holding>> = HashMap::new();
        for assignment in observed.assignments.iter().filter(|assignment| assignment.state.is_active()) {
            if let Some(user) = &assignment.user {
                let holding = by_user.entry(user).or_default().entry(&assignment.package).or_default();
                holding.assignments.push(assignment);
            }
        }
        for request in observed.requests.iter().filter(|request| request.state.is_open()) {
            if let (Some(user), Some(package)) = (&request.user, &request.package) {
                let holding = by_user.entry(user).or_default().entry(package).or_default();
                holding.is_coming |= request.request_type.is_coming();
                holding.is_going |= request.request_type.is_going();
            }
        }
        let mut group_changes = BTreeMap::new();
        for action in ledger.actions.values().filter(|action| action.state.is_in_flight()) {
            match &action.resource {
                Resource::Package(package) => {
                    let holding = by_user.entry(&action.user).or_default().entry(package).or_default();
                    holding.in_flight = Some(action.state);
                }
                Resource::Group(group) => {
                    group_changes.insert((&action.user, group), action.state);
                }
            }
        }
        for holding in by_user.values_mut().flat_map(BTreeMap::values_mut) {
            holding.assignments.sort_by(|a, b| a.id.cmp(&b.id));
        }
        let automatic =
            observed.policies.iter().filter(|policy| policy.is_automatic).map(|policy| &policy.id).collect();
        Self { by_user, group_changes, automatic, nothing: Holding::default() }
    }

    /// What is known of `user` and `package`.
    pub fn get(&self, user: &UserId, package: &PackageId) -> &Holding<'a> {
        self.by_user.get(user).and_then(|packages| packages.get(package)).unwrap_or(&self.nothing)
    }

    /// How far an action of usherd's is that puts `user` into `group` or takes them out.
    pub fn group_change(&self, user: &UserId, group: &GroupId) -> Option<ActionState> {
        self.group_changes.get(&(user, group)).copied()
    }

    /// How many active assignments `user` has of any package.
    pub fn active_count(&self, user: &UserId) -> usize {
        self.by_user.get(user).map_or(0, |packages| packages.values().map(|holding| holding.assignments.len()).sum())
    }

    /// Whether the service itself assigns by the assignment's policy.
    pub fn is_service_managed(&self, assignment: &Assignment) -> bool {
        assignment.policy.as_ref().is_some_and(|policy| self.automatic.contains(policy))
    }
}
