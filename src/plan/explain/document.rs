//! The documents that can be explained.

use crate::domain::ids::DocumentName;
use crate::workflow::definition::{AutoAssignment, Definitions, Header, RequestedAssignment, TaskKind, Workflow};

/// A workflow or an auto assignment.
#[derive(Debug, Clone, Copy)]
pub enum Document<'a> {
    /// Something that happens once per subject and occasion.
    Workflow(&'a Workflow),
    /// A standing equality.
    AutoAssignment(&'a AutoAssignment),
}

impl<'a> Document<'a> {
    /// Every one, sorted by name.
    pub fn all(definitions: &'a Definitions) -> Vec<Self> {
        let workflows = definitions.workflows.iter().map(Self::Workflow);
        let auto_assignments = definitions.auto_assignments.iter().map(Self::AutoAssignment);
        let mut all: Vec<Self> = workflows.chain(auto_assignments).collect();
        all.sort_by(|a, b| a.name().cmp(b.name()));
        all
    }

    /// Its name.
    pub fn name(&self) -> &'a DocumentName {
        &self.header().name
    }

    /// What every document has.
    pub fn header(&self) -> &'a Header {
        match self {
            Self::Workflow(workflow) => &workflow.header,
            Self::AutoAssignment(auto) => &auto.header,
        }
    }

    /// The word of the YAML.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Workflow(_) => "Workflow",
            Self::AutoAssignment(_) => "AutoAssignment",
        }
    }

    /// The packages it gives or takes, by the names it gives.
    pub fn packages(&self) -> Vec<&'a str> {
        let of_task = |kind: &'a TaskKind| match kind {
            TaskKind::RequestAssignment(RequestedAssignment { access_package, .. })
            | TaskKind::RemoveAssignment { access_package, .. } => Some(access_package.as_str()),
            TaskKind::AddToGroups { .. } | TaskKind::RemoveFromGroups { .. } => None,
        };
        match self {
            Self::Workflow(workflow) => workflow.tasks.iter().filter_map(|task| of_task(&task.kind)).collect(),
            Self::AutoAssignment(auto) => vec![&auto.requested.access_package],
        }
    }
}
