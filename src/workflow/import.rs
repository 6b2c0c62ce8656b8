//! Lifecycle Workflows' own JSON becomes documents that only observe, and a list of what has no equivalent.
//!
//! The shapes are Graph v1.0's (`microsoft.graph.identityGovernance.workflow`,
//! <https://learn.microsoft.com/graph/api/resources/identitygovernance-workflow>).

use serde::Serialize;
use serde_json::{Map, Value};

use super::document_text::{free_name, name_from};
use super::load::{SourceText, load};

mod conditions;
mod document;
mod tasks;

use conditions::Conditions;
use document::Draft;

/// More workflows than a tenant can have (100, field notes on the service's limits) are not an export.
const MOST_WORKFLOWS: usize = 1000;

/// What an export came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Imported {
    /// The documents, in the order of the export.
    pub documents: Vec<ImportedDocument>,
    /// What has no equivalent, in the same order.
    pub leftovers: Vec<Leftover>,
}

/// A workflow as a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportedDocument {
    /// The name of the document.
    pub name: String,
    /// The workflow's display name.
    pub workflow: String,
    /// The YAML.
    #[serde(skip)]
    pub text: String,
}

impl ImportedDocument {
    /// The file it belongs in.
    pub fn file(&self) -> String {
        format!("{}.yaml", self.name)
    }
}

/// Something of a workflow that a document cannot say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftover {
    /// The workflow's display name.
    pub workflow: String,
    /// The document that was written without it; absent where none was written.
    pub document: Option<String>,
    /// What it is, such as `task 2: Send welcome email to new hire`.
    pub what: String,
    /// Why it is not in the document, and what to do about it.
    pub why: String,
}

/// Why a text is no export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is not JSON.
    #[error("the export is not JSON: line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It is JSON of something else.
    #[error("the export holds no workflows: expected a workflow, a list of them, or {{\"value\": […]}}")]
    NotWorkflows,
    /// It holds more than any tenant can have.
    #[error("the export holds {0} workflows, more than {MOST_WORKFLOWS}")]
    TooMany(usize),
}

/// Takes the workflows out of an exported text: one workflow, a list of them, or Graph's `{"value": […]}`.
///
/// # Errors
/// [`ImportError`] when the text is no such thing.
pub fn read(text: &str) -> Result<Vec<Value>, ImportError> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| ImportError::NotJson { line: error.line(), column: error.column() })?;
    let workflows = match value {
        Value::Array(workflows) => workflows,
        Value::Object(mut object) => match object.remove("value") {
            Some(Value::Array(workflows)) => workflows,
            Some(_) => return Err(ImportError::NotWorkflows),
            None => vec![Value::Object(object)],
        },
        _ => return Err(ImportError::NotWorkflows),
    };
    let is_workflow = |value: &Value| value.get("displayName").is_some() && value.get("category").is_some();
    match workflows.len() {
        count if count > MOST_WORKFLOWS => Err(ImportError::TooMany(count)),
        _ if workflows.is_empty() || workflows.iter().any(|value| !is_workflow(value)) => {
            Err(ImportError::NotWorkflows)
        }
        _ => Ok(workflows),
    }
}

/// Turns exported workflows into documents. `is_taken` says which names belong to documents that are there already.
pub fn import(exported: &[Value], is_taken: impl Fn(&str) -> bool) -> Imported {
    let mut imported = Imported::default();
    for workflow in exported.iter().filter_map(Value::as_object) {
        import_one(workflow, &is_taken, &mut imported);
    }
    imported
}

fn import_one(workflow: &Map<String, Value>, is_taken: impl Fn(&str) -> bool, imported: &mut Imported) {
    let display_name = text_of(workflow, "displayName").unwrap_or_default().to_owned();
    let mut notes = Notes::default();
    if workflow.get("deletedDateTime").is_some_and(|deleted| !deleted.is_null()) {
        notes.add("the workflow", "it is deleted");
        return imported.leave(&display_name, None, notes);
    }
    let conditions = Conditions::read(workflow.get("executionConditions"), &mut notes);
    let tasks = tasks::read(workflow.get("tasks"), &mut notes);
    note_other_fields(workflow, &mut notes);
    let Some(conditions) = conditions else { return imported.leave(&display_name, None, notes) };
    if !tasks.iter().any(tasks::Task::is_translated) {
        notes.add("the workflow", "none of its tasks has an equivalent, so no document was written");
        return imported.leave(&display_name, None, notes);
    }
    let base = name_from(&display_name, "workflow");
    for trigger in &conditions.triggers {
        let used = |name: &str| is_taken(name) || imported.documents.iter().any(|known| known.name == name);
        let name = free_name(base.clone(), used);
        let draft = Draft { name: &name, workflow, trigger, scope: &conditions.scope, tasks: &tasks };
        let text = draft.write(&mut notes);
        match first_problem(&name, &text) {
            None => {
                imported.leave(&display_name, Some(&name), std::mem::take(&mut notes));
                imported.documents.push(ImportedDocument { name, workflow: display_name.clone(), text });
            }
            Some(problem) => {
                notes.add("the workflow", &format!("usherd cannot say it: {problem}"));
                imported.leave(&display_name, None, std::mem::take(&mut notes));
            }
        }
    }
}

/// What the reader of documents has against the text.
fn first_problem(name: &str, text: &str) -> Option<String> {
    let source = SourceText { file: format!("{name}.yaml"), text: text.to_owned() };
    load(&[source]).problems.first().map(ToString::to_string)
}

impl Imported {
    fn leave(&mut self, workflow: &str, document: Option<&str>, notes: Notes) {
        self.leftovers.extend(notes.0.into_iter().map(|(what, why)| Leftover {
            workflow: workflow.to_owned(),
            document: document.map(str::to_owned),
            what,
            why,
        }));
    }
}

/// What and why, in the order found.
#[derive(Debug, Default)]
struct Notes(Vec<(String, String)>);

impl Notes {
    fn add(&mut self, what: &str, why: &str) {
        self.0.push((what.to_owned(), why.to_owned()));
    }
}

/// Fields that say how far a workflow's runs are, or who changed it; and those read elsewhere.
const UNDERSTOOD: [&str; 21] = [
    "id",
    "category",
    "displayName",
    "description",
    "isEnabled",
    "isSchedulingEnabled",
    "executionConditions",
    "tasks",
    "createdDateTime",
    "lastModifiedDateTime",
    "deletedDateTime",
    "nextScheduleRunDateTime",
    "version",
    "createdBy",
    "lastModifiedBy",
    "executionScope",
    "previewScope",
    "runs",
    "taskReports",
    "userProcessingResults",
    "versions",
];

fn note_other_fields(workflow: &Map<String, Value>, notes: &mut Notes) {
    for (field, value) in workflow {
        let is_empty = match value {
            Value::Null => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        if is_empty || field.contains('@') || UNDERSTOOD.contains(&field.as_str()) {
            continue;
        }
        let why = match field.as_str() {
            "settings" | "quarantineDetails" => {
                "usherd's own gates hold what is too much: safety.limits of usherd.yaml, `usherd hold`"
            }
            "administrationScopeTargets" => "who may change a document is a matter of who may write its file",
            _ => "usherd does not know this field",
        };
        notes.add(&format!("field {field}"), why);
    }
}

fn text_of<'v>(object: &'v Map<String, Value>, field: &str) -> Option<&'v str> {
    object.get(field).and_then(Value::as_str)
}

/// The last part of an `@odata.type`, such as `timeBasedAttributeTrigger`.
fn type_of(object: &Map<String, Value>) -> &str {
    text_of(object, "@odata.type").and_then(|name| name.rsplit('.').next()).unwrap_or_default().trim_start_matches('#')
}

#[cfg(test)]
mod tests;
