//! The built-in tasks of Lifecycle Workflows (graph-contract 3.6: the vendor's table of lifecycle workflow tasks).

use serde_json::{Value, json};

/// A built-in task.
pub(in crate::sandbox) struct TaskDefinition {
    pub(in crate::sandbox) id: &'static str,
    pub(in crate::sandbox) name: &'static str,
    /// In the order of the flags' values.
    pub(in crate::sandbox) category: &'static str,
    parameters: &'static [Parameter],
}

/// A parameter's name and its `valueType`.
type Parameter = (&'static str, &'static str);

const NONE: &[Parameter] = &[];
const MAIL: &[Parameter] =
    &[("cc", "string"), ("customSubject", "string"), ("customBody", "string"), ("locale", "string")];
const ACCESS_PASS: &[Parameter] = &[
    ("tapLifetimeMinutes", "int"),
    ("tapIsUsableOnce", "bool"),
    ("cc", "string"),
    ("customSubject", "string"),
    ("customBody", "string"),
    ("locale", "string"),
];
const ASSIGNMENT: &[Parameter] = &[("assignmentPolicyId", "string"), ("accessPackageId", "string")];
const PACKAGE: &[Parameter] = &[("accessPackageId", "string")];
const GROUP: &[Parameter] = &[("groupID", "string")];
const TEAM: &[Parameter] = &[("teamID", "string")];
const LICENCES: &[Parameter] = &[("licenses", "string")];
const EXTENSION: &[Parameter] = &[("customTaskExtensionID", "string")];
const UPDATES: &[Parameter] = &[("attributeUpdates", "string")];
const ON_PREMISES: &[Parameter] = &[("enableOnPremisesAccount", "bool")];

/// All of them.
pub(in crate::sandbox) const TASK_DEFINITIONS: &[TaskDefinition] = &[
    task("70b29d51-b59a-4773-9280-8841dfd3f2ea", "Send welcome email to new hire", "joiner", MAIL),
    task("3c860712-2d37-42a4-928f-5c93935d26a1", "Send onboarding reminder email", "joiner", MAIL),
    task("1b555e50-7f65-41d5-b514-5894a026d10d", "Generate TAP And Send Email", "joiner", ACCESS_PASS),
    task("aab41899-9972-422a-9d97-f626014578b7", "Send email to notify manager of user move", "mover", MAIL),
    task("c1ec1e76-f374-4375-aaa6-0bb6bd4c60be", "Request user access package assignment", "joiner,mover", ASSIGNMENT),
    task("683c87a4-2ad4-420b-97d4-220d90afcd24", "Assign licenses to user", "joiner,mover", LICENCES),
    task("22085229-5809-45e8-97fd-270d28d66910", "Add user to groups", "joiner,leaver,mover", GROUP),
    task("e440ed8d-25a1-4618-84ce-091ed5be5594", "Add user to teams", "joiner,leaver,mover", TEAM),
    task("2c8f4a1b-7d3e-4f9c-8a5b-6e1d2c3f4a5b", "Update user attributes", "joiner,leaver,mover", UPDATES),
    task("6fc52c9d-398b-4305-9763-15f42c1676fc", "Enable user account", "joiner,leaver", ON_PREMISES),
    task("4262b724-8dba-4fad-afc3-43fcbb497a0e", "Run a Custom Task Extension", "joiner,leaver,mover", EXTENSION),
    task("1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950", "Disable user account", "leaver", NONE),
    task("1953a66c-751c-45e5-8bfe-01462c70da3c", "Remove user from selected groups", "joiner,leaver,mover", GROUP),
    task("b3a31406-2a15-4c9a-b25b-a658fa5f07fc", "Remove user from all groups", "leaver", NONE),
    task("06aa7acb-01af-4824-8899-b14e5ed788d6", "Remove user from selected Teams", "leaver", TEAM),
    task("81f7b200-2816-4b3b-8c5d-dc556f07b024", "Remove user from all Teams", "leaver", NONE),
    task("4a0b64f2-c7ec-46ba-b117-18f262946c50", "Remove access package assignment for user", "leaver,mover", PACKAGE),
    task(
        "42ae2956-193d-4f39-be06-691b8ac4fa1d",
        "Remove all access package assignments for user",
        "leaver,mover",
        NONE,
    ),
    task("498770d9-bab7-4e4c-b73d-5ded82a1d0b3", "Cancel pending access package requests for user", "leaver", NONE),
    task(
        "5fc402a8-daaf-4b7b-9203-da868b05fc5f",
        "Remove selected license assignments from user",
        "leaver,mover",
        LICENCES,
    ),
    task("509589a4-0466-4471-829e-49c5e502bdee", "Revoke all refresh tokens for user", "leaver,mover", NONE),
    task("8fa97d28-3e52-4985-b3a9-a1126f9b8b4e", "Remove all licenses for user", "leaver", NONE),
    task("8d18588d-9ad3-4c0f-99d0-ec215f0e3dff", "Delete user account", "leaver", NONE),
    task("52853a3e-f4e5-4eb8-bb24-1ac09a1da935", "Send email before user's last day", "leaver", MAIL),
    task("9c0a1eaf-5bda-4392-9d9e-6e155bb57411", "Send email on user's last day", "leaver", MAIL),
    task("6f22ddd4-b3a5-47a4-a846-0d7c201a49ce", "Send email after user's last day", "leaver", MAIL),
];

const fn task(
    id: &'static str,
    name: &'static str,
    category: &'static str,
    parameters: &'static [Parameter],
) -> TaskDefinition {
    TaskDefinition { id, name, category, parameters }
}

impl TaskDefinition {
    /// The one with this id.
    pub(in crate::sandbox) fn find(id: &str) -> Option<&'static Self> {
        TASK_DEFINITIONS.iter().find(|known| known.id.eq_ignore_ascii_case(id))
    }

    /// Its properties on the wire.
    pub(super) fn render(&self) -> Value {
        let parameter = |(name, kind): &Parameter| json!({ "name": name, "values": [], "valueType": kind });
        let parameters: Vec<Value> = self.parameters.iter().map(parameter).collect();
        json!({
            "id": self.id, "displayName": self.name, "description": self.name, "category": self.category,
            "continueOnError": false, "version": 1, "parameters": parameters,
        })
    }
}
