//! What the documents give and take, each with its place.

use crate::workflow::definition::{AutoAssignment, Definitions, RequestedAssignment, TaskKind, Workflow};
use crate::workflow::load::Loaded;
use crate::workflow::places::{Places, Site};
use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::warning::Warning;

use super::audience::Audience;
use super::tenant::{NamedGroup, Tenant};

/// All documents, looked over once.
pub(super) struct Survey<'d> {
    pub(super) definitions: &'d Definitions,
    /// Every package and group that a document gives or takes, in the order of the documents.
    pub(super) changes: Vec<Change<'d>>,
    places: &'d Places,
    tenant: Option<&'d Tenant>,
}

/// A package or group that a document gives or takes.
#[derive(Clone)]
pub(super) struct Change<'d> {
    /// Where the document names it.
    pub(super) site: Site,
    pub(super) item: Item,
    /// As the document names it.
    pub(super) name: &'d str,
    pub(super) gives: bool,
    pub(super) by: Origin<'d>,
}

/// What is given or taken: by its id where the tenant was asked and knows it, else by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Package(String),
    Group(String),
}

/// The document that gives or takes.
#[derive(Clone, Copy)]
pub(super) enum Origin<'d> {
    Workflow(&'d Workflow),
    AutoAssignment(&'d AutoAssignment),
}

impl<'d> Survey<'d> {
    pub(super) fn of(loaded: &'d Loaded, tenant: Option<&'d Tenant>) -> Self {
        let definitions = &loaded.definitions;
        let mut changes = Vec::new();
        for auto in &definitions.auto_assignments {
            let name = &auto.requested.access_package;
            let site = Site::of(&auto.header.name).key("accessPackage");
            let by = Origin::AutoAssignment(auto);
            changes.push(Change { site, item: Item::package(name, tenant), name, gives: true, by });
        }
        for workflow in &definitions.workflows {
            let by = Origin::Workflow(workflow);
            for (place, task) in workflow.tasks.iter().enumerate() {
                let with = task_arguments(workflow, place);
                let gives = !task.kind.is_removal();
                match &task.kind {
                    TaskKind::RequestAssignment(RequestedAssignment { access_package: name, .. })
                    | TaskKind::RemoveAssignment { access_package: name, .. } => {
                        let (site, item) = (with.key("accessPackage"), Item::package(name, tenant));
                        changes.push(Change { site, item, name, gives, by });
                    }
                    TaskKind::AddToGroups { groups } | TaskKind::RemoveFromGroups { groups } => {
                        changes.extend(groups.iter().enumerate().map(|(number, name)| {
                            let (site, item) = (with.key("groups").item(number), Item::group(name, tenant));
                            Change { site, item, name, gives, by }
                        }));
                    }
                }
            }
        }
        Self { definitions, changes, places: &loaded.places, tenant }
    }

    /// A warning in its place.
    pub(super) fn warning(&self, site: &Site, warning: Warning, complaint: Complaint) -> Problem {
        self.places.warning(site, warning, complaint)
    }

    /// Everybody whom a document concerns.
    pub(super) fn audience(&self, origin: Origin<'_>) -> Audience {
        match origin {
            Origin::Workflow(workflow) => Audience::of_workflow(workflow, self.tenant),
            Origin::AutoAssignment(auto) => Audience::of_auto_assignment(auto, self.tenant),
        }
    }

    /// Where something stands, for a message about something else: `file:line`.
    pub(super) fn whereabouts(&self, site: &Site) -> String {
        let (file, place) = self.places.find(site);
        format!("{file}:{}", place.line)
    }

    /// The packages that documents ask for, each with the mapping that says how.
    pub(super) fn requested(&self) -> impl Iterator<Item = (Site, &'d RequestedAssignment)> {
        let definitions = self.definitions;
        let by_auto = definitions.auto_assignments.iter().map(|auto| (Site::of(&auto.header.name), &auto.requested));
        let by_workflows = definitions.workflows.iter().flat_map(|workflow| {
            workflow.tasks.iter().enumerate().filter_map(|(place, task)| match &task.kind {
                TaskKind::RequestAssignment(requested) => Some((task_arguments(workflow, place), requested)),
                _ => None,
            })
        });
        by_auto.chain(by_workflows)
    }
}

impl Item {
    pub(super) fn package(name: &str, tenant: Option<&Tenant>) -> Self {
        let known = tenant.and_then(|tenant| tenant.package(name).one());
        Self::Package(known.map_or_else(|| name.to_owned(), |package| package.id.as_str().to_owned()))
    }

    pub(super) fn group(name: &str, tenant: Option<&Tenant>) -> Self {
        match tenant.and_then(|tenant| tenant.groups.get(name)) {
            Some(NamedGroup::One(id)) => Self::Group(id.as_str().to_owned()),
            _ => Self::Group(name.to_owned()),
        }
    }
}

impl<'d> Origin<'d> {
    /// A workflow that is switched off does nothing.
    pub(super) fn is_enabled(self) -> bool {
        match self {
            Self::Workflow(workflow) => workflow.is_enabled,
            Self::AutoAssignment(_) => true,
        }
    }

    pub(super) fn workflow(self) -> Option<&'d Workflow> {
        match self {
            Self::Workflow(workflow) => Some(workflow),
            Self::AutoAssignment(_) => None,
        }
    }
}

impl Change<'_> {
    /// `access package `X`` or `group `X``, for messages.
    pub(super) fn what(&self) -> String {
        let kind = if matches!(self.item, Item::Package(_)) { "access package" } else { "group" };
        format!("{kind} {}", quoted(self.name))
    }
}

/// `tasks[place].with` of a workflow.
fn task_arguments(workflow: &Workflow, place: usize) -> Site {
    Site::of(&workflow.header.name).key("tasks").item(place).key("with")
}
