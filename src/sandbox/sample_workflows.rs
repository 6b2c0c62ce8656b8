//! The sample company's lifecycle workflows: before the first day, on it, at a move, on the last day.

use serde_json::{Map, Value, json};

use super::tenant::derived_id;
use super::workflows::TaskDefinition;

const NAMESPACE: &str = "#microsoft.graph.identityGovernance";
const PRE_HIRE: &str = "1b555e50-7f65-41d5-b514-5894a026d10d";
const ENABLE: &str = "6fc52c9d-398b-4305-9763-15f42c1676fc";
const WELCOME: &str = "70b29d51-b59a-4773-9280-8841dfd3f2ea";
const REQUEST_PACKAGE: &str = "c1ec1e76-f374-4375-aaa6-0bb6bd4c60be";
const MOVED: &str = "aab41899-9972-422a-9d97-f626014578b7";
const REMOVE_PACKAGE: &str = "4a0b64f2-c7ec-46ba-b117-18f262946c50";
const DISABLE: &str = "1dfdfcc7-52fa-4c2e-bf3a-e3919cc12950";
const REMOVE_ALL_PACKAGES: &str = "42ae2956-193d-4f39-be06-691b8ac4fa1d";
const LEAVE_ALL_GROUPS: &str = "b3a31406-2a15-4c9a-b25b-a658fa5f07fc";

/// The workflows in the shape of Graph's create body; one of a name seen before is the next version of that one.
pub(super) fn workflows(company: &str) -> Vec<Map<String, Value>> {
    let tenant_id = derived_id("", "tenant", company);
    let package = |name: &str| derived_id(&tenant_id, "package", name);
    let policy = |name: &str| derived_id(&tenant_id, "policy", name);
    let basics = json!([
        { "name": "assignmentPolicyId", "value": policy("Office Basics/Direct assignment") },
        { "name": "accessPackageId", "value": package("Office Basics") },
    ]);
    let pass =
        json!([{ "name": "tapLifetimeMinutes", "value": "480" }, { "name": "tapIsUsableOnce", "value": "false" }]);
    let sales = json!([{ "name": "accessPackageId", "value": package("Sales Toolkit") }]);
    let on_date = |attribute: &str, offset: i32| {
        json!({
            "@odata.type": format!("{NAMESPACE}.timeBasedAttributeTrigger"),
            "timeBasedAttribute": attribute, "offsetInDays": offset,
        })
    };
    let on_move = json!({
        "@odata.type": format!("{NAMESPACE}.attributeChangeTrigger"), "triggerAttributes": [{ "name": "department" }],
    });
    let last_day = || on_date("employeeLeaveDateTime", 0);
    let none = || json!([]);
    let employees = "(userType eq 'Member')";
    vec![
        workflow(
            ("joiner", "Onboard pre-hire employee", employees),
            on_date("employeeHireDate", -7),
            vec![task(PRE_HIRE, pass)],
        ),
        workflow(
            ("joiner", "Onboard new hire employee", employees),
            on_date("employeeHireDate", 0),
            vec![task(ENABLE, none()), task(WELCOME, none()), task(REQUEST_PACKAGE, basics)],
        ),
        workflow(
            ("mover", "Employee job profile change", "(department ne 'Sales')"),
            on_move,
            vec![task(MOVED, none()), task(REMOVE_PACKAGE, sales)],
        ),
        workflow(("leaver", "Offboard an employee", employees), last_day(), vec![task(DISABLE, none())]),
        workflow(
            ("leaver", "Offboard an employee", employees),
            last_day(),
            vec![task(DISABLE, none()), task(REMOVE_ALL_PACKAGES, none()), task(LEAVE_ALL_GROUPS, none())],
        ),
    ]
}

fn workflow((category, name, rule): (&str, &str, &str), trigger: Value, tasks: Vec<Value>) -> Map<String, Value> {
    let conditions = json!({
        "@odata.type": format!("{NAMESPACE}.triggerAndScopeBasedConditions"),
        "scope": { "@odata.type": format!("{NAMESPACE}.ruleBasedSubjectSet"), "rule": rule },
        "trigger": trigger,
    });
    let properties = [
        ("category", json!(category)),
        ("displayName", json!(name)),
        ("description", json!(format!("The sample company's workflow \"{name}\""))),
        ("isEnabled", json!(true)),
        ("isSchedulingEnabled", json!(category != "mover")),
        ("executionConditions", conditions),
        ("tasks", Value::Array(tasks)),
    ];
    properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn task(definition_id: &str, arguments: Value) -> Value {
    let name = TaskDefinition::find(definition_id).map(|definition| definition.name);
    json!({
        "displayName": name, "taskDefinitionId": definition_id, "isEnabled": true, "continueOnError": false,
        "arguments": arguments,
    })
}
