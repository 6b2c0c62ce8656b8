//! What holds for any world at any moment of any life (design.md section 3).

use std::collections::BTreeSet;

use super::any_life::Moment;
use super::world::World;
use crate::domain::action::{Action, ActionKind};
use crate::domain::ids::{PackageId, SubjectKey, UserId};
use crate::domain::resource::Resource;
use crate::plan::Plan;

mod absence;
mod causes;
mod isolation;
mod leavers;
mod limits;
mod ownership;
mod reached;
mod reasons;
mod rest;

/// What is sent and what is held.
fn everything(plan: &Plan) -> impl Iterator<Item = &Action> {
    plan.actions.iter().chain(plan.holds.iter().flat_map(|hold| &hold.items))
}

/// What a plan would do to whom, whoever wants it and whatever holds it.
fn deeds(plan: &Plan, is_of: impl Fn(&Action) -> bool) -> BTreeSet<(ActionKind, UserId, Resource)> {
    let all = everything(plan).filter(|action| is_of(action));
    all.map(|action| (action.kind, action.user.clone(), action.resource.clone())).collect()
}

/// The keys by which the ledger may know the one an action is about.
fn keys_of(action: &Action) -> [SubjectKey; 2] {
    [action.subject.clone(), SubjectKey::user(&action.user)]
}

impl Moment<'_> {
    /// Whether a person released this very action.
    fn is_approved(&self, action: &Action) -> bool {
        self.world.ledger.approved.get(&action.id) == Some(&action.document)
    }

    /// Whether the user has an active assignment of the package.
    fn holds(&self, user: &UserId, package: &PackageId) -> bool {
        holds(self.world, user, package)
    }
}

fn holds(world: &World, user: &UserId, package: &PackageId) -> bool {
    let mut all = world.observed.assignments.iter();
    all.any(|held| held.user.as_ref() == Some(user) && held.package == *package && held.state.is_active())
}
