//! Who holds, gets and loses what: assignments, open requests and usherd's own actions by user and package.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt};

use crate::domain::action::ActionState;
use crate::domain::entitlement::Assignment;
use crate::domain::ids::{GroupId, PackageId, PolicyId, UserId};
use crate::domain::resource::Resource;

use super::ledger::Ledger;
use super::observed::Observed;
use super::population::Member;

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

/// The packages of which something is known for one user: so few that they are looked through.
#[derive(Debug, Default)]
struct Packages<'a>(Vec<(&'a PackageId, Holding<'a>)>);

impl<'a> Packages<'a> {
    fn get(&self, package: &PackageId) -> Option<&Holding<'a>> {
        self.0.iter().find(|(known, _)| *known == package).map(|(_, holding)| holding)
    }

    fn entry(&mut self, package: &'a PackageId) -> &mut Holding<'a> {
        let place = self.0.iter().position(|(known, _)| *known == package).unwrap_or_else(|| {
            self.0.push((package, Holding::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }
}

/// Every holding of an observation.
#[derive(Debug)]
pub struct Holdings<'a> {
    by_user: HashMap<&'a UserId, Packages<'a>>,
    group_changes: BTreeMap<(&'a UserId, &'a GroupId), ActionState>,
    automatic: BTreeSet<&'a PolicyId>,
    nothing: Holding<'a>,
}

impl<'a> Holdings<'a> {
    /// Indexes an observation and the ledger's actions.
    pub fn of(observed: &'a Observed, ledger: &'a Ledger) -> Self {
        let mut by_user: HashMap<&UserId, Packages<'_>> = HashMap::new();
        for assignment in observed.assignments.iter().filter(|assignment| assignment.state.is_active()) {
            if let Some(user) = &assignment.user {
                let holding = by_user.entry(user).or_default().entry(&assignment.package);
                holding.assignments.push(assignment);
            }
        }
        for request in observed.requests.iter().filter(|request| request.state.is_open()) {
            if let (Some(user), Some(package)) = (&request.user, &request.package) {
                let holding = by_user.entry(user).or_default().entry(package);
                holding.is_coming |= request.request_type.is_coming();
                holding.is_going |= request.request_type.is_going();
            }
        }
        let mut group_changes = BTreeMap::new();
        for action in ledger.actions.values().filter(|action| action.state.is_in_flight()) {
            match &action.resource {
                Resource::Package(package) => {
                    let holding = by_user.entry(&action.user).or_default().entry(package);
                    holding.in_flight = Some(action.state);
                }
                Resource::Group(group) => {
                    group_changes.insert((&action.user, group), action.state);
                }
            }
        }
        for holding in by_user.values_mut().flat_map(|packages| packages.0.iter_mut().map(|(_, holding)| holding)) {
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

    /// Per package, the rows of the subjects of whom anything is known about it.
    pub fn rows(&self, members: &[Member<'_>]) -> HashMap<&'a PackageId, Vec<usize>> {
        let mut rows: HashMap<&PackageId, Vec<usize>> = HashMap::new();
        for member in members {
            for (package, _) in member.user_id().and_then(|user| self.by_user.get(user)).iter().flat_map(|own| &own.0) {
                rows.entry(package).or_default().push(member.row);
            }
        }
        rows
    }

    /// How far an action of usherd's is that puts `user` into `group` or takes them out.
    pub fn group_change(&self, user: &UserId, group: &GroupId) -> Option<ActionState> {
        self.group_changes.get(&(user, group)).copied()
    }

    /// How many active assignments `user` has of any package.
    pub fn active_count(&self, user: &UserId) -> usize {
        let packages = self.by_user.get(user).map_or(&[][..], |packages| &packages.0);
        packages.iter().map(|(_, holding)| holding.assignments.len()).sum()
    }

    /// Whether the service itself assigns by the assignment's policy.
    pub fn is_service_managed(&self, assignment: &Assignment) -> bool {
        assignment.policy.as_ref().is_some_and(|policy| self.automatic.contains(policy))
    }
}
