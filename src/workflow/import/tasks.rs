//! Lifecycle Workflows' built-in tasks, and which of them a document can say
//! (<https://learn.microsoft.com/entra/id-governance/lifecycle-workflow-tasks>).

use serde_json::{Map, Value};

use super::{Notes, text_of};

/// One task of a workflow, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) continue_on_error: bool,
    pub(super) kind: Kind,
}

/// What a task does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    RequestPackage {
        package: String,
        policy: String,
    },
    RemovePackage {
        package: String,
    },
    AddToGroups {
        groups: Vec<String>,
    },
    RemoveFromGroups {
        groups: Vec<String>,
    },
    /// Nothing a document can say: the words of a comment.
    Untranslated {
        words: String,
    },
}

impl Task {
    pub(super) fn is_translated(&self) -> bool {
        !matches!(self.kind, Kind::Untranslated { .. })
    }
}

const REQUEST_PACKAGE: &str = "c1ec1e76-f374-4375-aaa6-0bb6bd4c60be";
const REMOVE_PACKAGE: &str = "4a0b64f2-c7ec-46ba-b117-18f262946c50";
const ADD_TO_GROUPS: &str = "22085229-5809-45e8-97fd-270d28d66910";
const REMOVE_FROM_GROUPS: &str = "1953a66c-751c-45e5-8bfe-01462c70da3c";

/// The tasks without an equivalent in this version, by their definition's id.
const OTHERS: [(&str, &str); 28] = [
    ("70b29d51-b59a-4773-9280-8841dfd3f2ea", "Send welcome email to new hire"),
    ("3c860712-2d37-42a4-928f-5c93935d26a1", "Send onboarding reminder email"),
    ("1b555e50-7f65-41d5-b514-5894a026d10d", "Generate Temporary Access Pass and send it by email"),
    ("aab41899-9972-422a-9d97-f626014578b7", "Send email to notify manager of user move"),
    ("683c87a4-2ad4-420b-97d4-220d90afcd24", "Assign licenses to user"),
    ("e440ed8d-25a1-4618-84ce-091ed5be5594", "Add user to teams"),
    ("2c8f4a1b-7d3e-4f9c-8a5b-6e1d2c3f4a5b", "Update user attributes"),
    ("6fc52c9d-398b-4305-9763-15f42c1676fc", "Enable user account"),
    ("4262b724-8dba-4fad-afc3-43fcbb497a0e", "Run a custom task extension"),
    ("d79d1fcc-16be-490c-a865-f4533b1639ee", "Run a custom task extension"),
    ("1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950", "Disable user account"),
    ("b3a31406-2a15-4c9a-b25b-a658fa5f07fc", "Remove user from all groups"),
    ("06aa7acb-01af-4824-8899-b14e5ed788d6", "Remove user from selected teams"),
    ("81f7b200-2816-4b3b-8c5d-dc556f07b024", "Remove user from all teams"),
    ("42ae2956-193d-4f39-be06-691b8ac4fa1d", "Remove all access package assignments for user"),
    ("498770d9-bab7-4e4c-b73d-5ded82a1d0b3", "Cancel pending access package requests for user"),
    ("5fc402a8-daaf-4b7b-9203-da868b05fc5f", "Remove selected license assignments from user"),
    ("509589a4-0466-4471-829e-49c5e502bdee", "Revoke all refresh tokens for user"),
    ("b8c4e1f9-3a7d-4b2e-9c5f-8d6a9b1c2e3f", "Send email to manager about sponsorship changes"),
    ("ad3b85cd-75b1-43e7-b4b9-0e52faba3944", "Send email to co-sponsors about sponsor changes"),
    ("b8f4c3d5-9e7a-4b1c-8f2d-6a5e8b9c7f4a", "Transfer agent identity sponsorships to manager"),
    ("8fa97d28-3e52-4985-b3a9-a1126f9b8b4e", "Remove all licenses for user"),
    ("8d18588d-9ad3-4c0f-99d0-ec215f0e3dff", "Delete user account"),
    ("52853a3e-f4e5-4eb8-bb24-1ac09a1da935", "Send email before user's last day"),
    ("9c0a1eaf-5bda-4392-9d9e-6e155bb57411", "Send email on user's last day"),
    ("6f22ddd4-b3a5-47a4-a846-0d7c201a49ce", "Send email after user's last day"),
    ("92f74cb4-f1b6-4ec0-b766-96210f56edc2", "Send email about user inactivity"),
    ("a8e4c7f2-9d1b-4a3e-b5c6-8f2e7a9d4c1b", "Send email about removal of an unsponsored guest"),
];

/// Reads the tasks in the order of their `executionSequence`; what has no equivalent is noted.
pub(super) fn read(tasks: Option<&Value>, notes: &mut Notes) -> Vec<Task> {
    let Some(tasks) = tasks.and_then(Value::as_array) else {
        notes.add("tasks", "they are not in the export; expand the workflow's tasks");
        return Vec::new();
    };
    let mut tasks: Vec<&Map<String, Value>> = tasks.iter().filter_map(Value::as_object).collect();
    tasks.sort_by_key(|task| task.get("executionSequence").and_then(Value::as_i64).unwrap_or(i64::MAX));
    tasks.iter().enumerate().map(|(place, task)| read_one(place + 1, task, notes)).collect()
}

fn read_one(number: usize, task: &Map<String, Value>, notes: &mut Notes) -> Task {
    let id = text_of(task, "taskDefinitionId").unwrap_or_default().to_lowercase();
    let title = known_name(&id).or_else(|| text_of(task, "displayName")).unwrap_or("a task without a name");
    let arguments = Arguments::of(task);
    let is_enabled = task.get("isEnabled").and_then(Value::as_bool).unwrap_or(true);
    let kind = if is_enabled { translate(&id, &arguments) } else { Err("it is switched off".to_owned()) };
    let kind = kind.unwrap_or_else(|why| {
        let what = format!("task {number}: {title}");
        notes.add(&format!("{what} ({id}){}", arguments.shown()), &why);
        Kind::Untranslated { words: format!("{what} ({id}){}: {why}", arguments.shown()) }
    });
    Task { continue_on_error: task.get("continueOnError").and_then(Value::as_bool).unwrap_or(false), kind }
}

fn known_name(id: &str) -> Option<&'static str> {
    OTHERS.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

fn translate(id: &str, arguments: &Arguments<'_>) -> Result<Kind, String> {
    match id {
        REQUEST_PACKAGE => Ok(Kind::RequestPackage {
            package: arguments.one("accessPackageId")?,
            policy: arguments.one("assignmentPolicyId")?,
        }),
        REMOVE_PACKAGE => Ok(Kind::RemovePackage { package: arguments.one("accessPackageId")? }),
        ADD_TO_GROUPS => Ok(Kind::AddToGroups { groups: arguments.list("groupID")? }),
        REMOVE_FROM_GROUPS => Ok(Kind::RemoveFromGroups { groups: arguments.list("groupID")? }),
        _ if known_name(id).is_some() => Err("usherd has no such task".to_owned()),
        _ => Err("usherd does not know this task".to_owned()),
    }
}

/// A task's arguments: names and values, all of them text.
struct Arguments<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Arguments<'t> {
    fn of(task: &'t Map<String, Value>) -> Self {
        let arguments = task.get("arguments").and_then(Value::as_array).into_iter().flatten();
        Self(
            arguments
                .filter_map(|argument| Some((argument.get("name")?.as_str()?, argument.get("value")?.as_str()?)))
                .collect(),
        )
    }

    fn one(&self, name: &str) -> Result<String, String> {
        let found = self.0.iter().find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.trim().is_empty());
        found.map(|(_, value)| value.trim().to_owned()).ok_or_else(|| format!("its argument {name} is missing"))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, String> {
        let values = self.one(name)?;
        Ok(values.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect())
    }

    /// The arguments for a person to read, mail texts and all.
    fn shown(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(" with {}", pairs.join(", "))
    }
}
