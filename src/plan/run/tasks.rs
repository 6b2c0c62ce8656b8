//! A workflow's tasks with the ids their names stand for.

use std::collections::BTreeSet;

use crate::domain::ids::{PackageId, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::plan::asking::Asking;
use crate::plan::draft::{Draft, View};
use crate::plan::ledger::DocumentRecord;
use crate::plan::names::Names;
use crate::plan::population::Member;
use crate::workflow::definition::{Task, TaskKind, Workflow};

/// The tasks in order, each with what it is to bring about, or why that cannot be told.
pub struct Tasks<'a>(pub(super) Vec<(&'a Task, Result<Goal<'a>, Reason>)>);

/// What a task is to bring about.
pub(super) enum Goal<'a> {
    /// The package is given.
    Give(Asking<'a>),
    /// Every assignment of the package, or every one that usherd made, is taken.
    Take { package: PackageId, resource: Resource, owned_only: bool },
    /// The user is in these groups.
    PutInto(Vec<GroupGoal<'a>>),
    /// The user is in none of these groups.
    TakeOutOf(Vec<GroupGoal<'a>>),
}

/// One group of a task.
pub(super) struct GroupGoal<'a> {
    pub(super) resource: Resource,
    /// As the document names it.
    pub(super) name: &'a str,
    /// Who is in it.
    pub(super) users: &'a BTreeSet<UserId>,
    pub(super) is_fixed: bool,
}

impl<'a> Tasks<'a> {
    /// Resolves the names, and notes those that stand for nothing.
    pub fn resolve(
        view: &View<'_>,
        record: &DocumentRecord,
        workflow: &'a Workflow,
        names: &mut Names<'a>,
        draft: &mut Draft,
    ) -> Self {
        let mut resolve = |task: &'a Task| {
            let goal = goal(task, names);
            if let Err(reason) = &goal {
                draft.skip(view, &record.name, None, None, reason.clone());
            }
            (task, goal)
        };
        Self(workflow.tasks.iter().map(&mut resolve).collect())
    }

    /// The packages the tasks take away.
    pub fn removed_packages(&self) -> impl Iterator<Item = &PackageId> {
        self.0.iter().filter_map(|(_, goal)| match goal {
            Ok(Goal::Take { package, .. }) => Some(package),
            _ => None,
        })
    }

    /// Whether the subject still has something that the tasks take away.
    pub fn take_something_from(&self, view: &View<'_>, user: &UserId, member: &Member<'_>) -> bool {
        self.0.iter().any(|(_, goal)| match goal {
            Ok(Goal::Take { package, owned_only, .. }) => {
                !view.holdings.get(user, package).assignments.is_empty()
                    && (!owned_only || view.claims.is_owned(member, package))
            }
            Ok(Goal::TakeOutOf(groups)) => groups.iter().any(|group| group.users.contains(user)),
            _ => false,
        })
    }
}

fn goal<'a>(task: &'a Task, names: &mut Names<'a>) -> Result<Goal<'a>, Reason> {
    Ok(match &task.kind {
        TaskKind::RequestAssignment(requested) => Goal::Give(Asking::resolve(names, requested)?),
        TaskKind::RemoveAssignment { access_package, owned_only } => {
            let package = names.package(access_package)?.id.clone();
            Goal::Take { resource: Resource::from(&package), package, owned_only: *owned_only }
        }
        TaskKind::AddToGroups { groups } => Goal::PutInto(group_goals(groups, names)?),
        TaskKind::RemoveFromGroups { groups } => Goal::TakeOutOf(group_goals(groups, names)?),
    })
}

fn group_goals<'a>(groups: &'a [String], names: &mut Names<'a>) -> Result<Vec<GroupGoal<'a>>, Reason> {
    let mut goal = |name: &'a String| {
        let reading = names.group((name, false))?;
        let resource = Resource::from(reading.id);
        Ok(GroupGoal { resource, name, users: reading.users, is_fixed: reading.is_fixed })
    };
    groups.iter().map(&mut goal).collect()
}
