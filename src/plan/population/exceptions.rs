//! Who is named in `except` lists, found once for all documents.

use std::collections::HashMap;

use crate::workflow::definition::Definitions;

use super::{Member, RowSet};

/// The rows of the subjects that each name in any `except` list means; names in lower case (ASCII).
#[derive(Debug)]
pub(super) struct Exceptions(HashMap<String, Vec<usize>>);

impl Exceptions {
    /// Looks at every subject once.
    pub(super) fn of(definitions: &Definitions, members: &[Member<'_>]) -> Self {
        let of_workflows = definitions.workflows.iter().flat_map(|workflow| &workflow.scope.except);
        let of_auto_assignments = definitions.auto_assignments.iter().flat_map(|auto| &auto.except);
        let names = of_workflows.chain(of_auto_assignments).map(|name| (name.to_ascii_lowercase(), Vec::new()));
        let mut rows: HashMap<String, Vec<usize>> = names.collect();
        if !rows.is_empty() {
            for member in members {
                for name in member.subject.names() {
                    if let Some(rows) = rows.get_mut(&name.to_ascii_lowercase()) {
                        rows.push(member.row);
                    }
                }
            }
        }
        Self(rows)
    }

    /// The subjects whom a list names.
    pub(super) fn rows(&self, except: &[String]) -> RowSet {
        let rows = except.iter().filter_map(|name| self.0.get(&name.to_ascii_lowercase()));
        rows.flatten().copied().collect()
    }
}
