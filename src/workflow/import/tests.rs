//! What becomes of exported workflows.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NAMESPACE: &str = "#microsoft.graph.identityGovernance";
const REQUEST: &str = "c1ec1e76-f374-4375-aaa6-0bb6bd4c60be";
const MAIL: &str = "70b29d51-b59a-4773-9280-8841dfd3f2ea";

fn rule_scope(rule: &str) -> Value {
    json!({ "@odata.type": format!("{NAMESPACE}.ruleBasedSubjectSet"), "rule": rule })
}

fn conditions(trigger: Value, scope: Value) -> Value {
    json!({ "@odata.type": format!("{NAMESPACE}.triggerAndScopeBasedConditions"), "trigger": trigger, "scope": scope })
}

fn on_date(attribute: &str, offset: i32) -> Value {
    json!({
        "@odata.type": format!("{NAMESPACE}.timeBasedAttributeTrigger"),
        "timeBasedAttribute": attribute, "offsetInDays": offset,
    })
}

fn task(definition: &str, sequence: u32, arguments: Value) -> Value {
    json!({ "taskDefinitionId": definition, "displayName": "T", "isEnabled": true, "continueOnError": false,
        "executionSequence": sequence, "arguments": arguments })
}

fn request() -> Value {
    let arguments = json!([
        { "name": "accessPackageId", "value": "p-1" }, { "name": "assignmentPolicyId", "value": "q-1" },
    ]);
    task(REQUEST, 2, arguments)
}

fn workflow(category: &str, conditions: Value, tasks: Value) -> Value {
    json!({
        "id": "w-1", "category": category, "displayName": "Onboard new hire", "description": "First day",
        "isEnabled": true, "isSchedulingEnabled": true, "executionConditions": conditions, "tasks": tasks,
        "version": 3, "createdDateTime": "2026-01-01T00:00:00Z", "quarantineDetails": null, "settings": {},
    })
}

fn import_all(exported: &[Value]) -> Imported {
    import(exported, |_| false)
}

/// The documents' lines without comments.
fn lines(imported: &Imported) -> Vec<&str> {
    let texts = imported.documents.iter().flat_map(|document| document.text.lines());
    texts.filter(|line| !line.trim_start().starts_with('#')).collect()
}

fn left(imported: &Imported) -> Vec<String> {
    imported.leftovers.iter().map(|leftover| format!("{}: {}", leftover.what, leftover.why)).collect()
}

#[test]
fn a_workflow_becomes_a_document_that_says_the_same() {
    let exported = workflow(
        "joiner",
        conditions(on_date("employeeHireDate", -7), rule_scope("(department eq 'Marketing')")),
        json!([request(), task(MAIL, 1, json!([{ "name": "cc", "value": "x" }]))]),
    );
    let imported = import_all(&[exported]);
    assert_eq!(
        lines(&imported),
        [
            "apiVersion: usherd/v1",
            "kind: Workflow",
            "name: onboard-new-hire",
            "description: \"First day\"",
            "category: joiner",
            "mode: observe",
            "trigger:",
            "  timeBasedAttribute: \"employeeHireDate\"",
            "  offsetInDays: -7",
            "  catchUp: P3D",
            "scope:",
            "  rule: \"(department eq 'Marketing')\"",
            "tasks:",
            "  - task: requestAccessPackageAssignment",
            "    with: { accessPackage: \"p-1\", assignmentPolicy: \"q-1\" }",
        ]
    );
    assert_eq!(
        left(&imported),
        [format!("task 1: Send welcome email to new hire ({MAIL}) with cc=x: usherd has no such task")]
    );
    let text = &imported.documents[0].text;
    assert!(text.find("# Not carried over: task 1").unwrap() < text.find("- task:").unwrap(), "{text}");
}

#[test]
fn every_trigger_is_carried_over_or_told() {
    let groups = json!({ "@odata.type": format!("{NAMESPACE}.groupBasedSubjectSet"), "groups": [{ "id": "g-1" }, { "id": "g-2" }] });
    let change = json!({ "@odata.type": format!("{NAMESPACE}.membershipChangeTrigger"), "changeType": "remove" });
    let moved = json!({ "@odata.type": format!("{NAMESPACE}.attributeChangeTrigger"), "triggerAttributes": [{ "name": "department" }] });
    let idle = json!({ "@odata.type": format!("{NAMESPACE}.userInactivityTrigger"), "inactivityPeriodInDays": 30 });
    let trigger_of = |conditions| {
        let imported = import_all(&[workflow("mover", conditions, json!([request()]))]);
        let triggers: Vec<String> = lines(&imported)
            .into_iter()
            .skip_while(|line| *line != "trigger:")
            .filter(|line| line.starts_with("  ") && !line.contains("task") && !line.contains("with:"))
            .map(|line| line.trim().to_owned())
            .collect();
        (triggers, left(&imported))
    };
    let rule = || rule_scope("department eq 'Sales'");
    assert_eq!(
        trigger_of(conditions(moved, rule())).0,
        ["attributeChange: { attributes: [\"department\"] }", "rule: \"department eq 'Sales'\""]
    );
    assert_eq!(
        trigger_of(conditions(change, groups.clone())).0,
        [
            "membershipChange: { group: \"g-1\", change: removed }",
            "rule: \"userPrincipalName ne null\"",
            "membershipChange: { group: \"g-2\", change: removed }",
            "rule: \"userPrincipalName ne null\"",
        ]
    );
    assert_eq!(trigger_of(conditions(on_date("createdDateTime", 0), groups)).0[3..], ["groups: [\"g-1\", \"g-2\"]"]);
    let on_demand = json!({ "@odata.type": format!("{NAMESPACE}.onDemandExecutionOnly") });
    assert_eq!(trigger_of(on_demand).0, ["onDemand: true", "rule: \"userPrincipalName ne null\""]);
    let (none, why) = trigger_of(conditions(idle, rule()));
    assert_eq!((none.len(), why.len()), (0, 1));
    assert!(why[0].starts_with("trigger by 30 days without a sign-in"), "{why:?}");
}

#[test]
fn what_cannot_be_said_is_listed_and_not_written() {
    let good = || conditions(on_date("employeeHireDate", 0), rule_scope("department eq 'Sales'"));
    for (exported, expected) in [
        (workflow("joiner", good(), json!([task(MAIL, 1, json!([]))])), "none of its tasks has an equivalent"),
        (workflow("joiner", good(), Value::Null), "tasks: they are not in the export"),
        (workflow("joiner", Value::Null, json!([request()])), "executionConditions: they are not in the export"),
        (
            workflow("joiner", conditions(on_date("employeeHireDate", 0), rule_scope("")), json!([request()])),
            "its rule is empty",
        ),
        (
            workflow(
                "joiner",
                conditions(on_date("employeeHireDate", 0), rule_scope("a contains 'x'")),
                json!([request()]),
            ),
            "usherd cannot say it: onboard-new-hire.yaml",
        ),
        (workflow("visitor", good(), json!([request()])), "`visitor` is not one of joiner, mover, leaver"),
    ] {
        let imported = import_all(&[exported]);
        assert!(imported.documents.is_empty(), "{:?}", lines(&imported));
        assert!(left(&imported).iter().any(|line| line.contains(expected)), "{expected}: {:?}", left(&imported));
    }
}

#[test]
fn settings_and_switches_are_carried_over_or_told() {
    let mut exported = workflow(
        "unknownFutureValue",
        conditions(on_date("employeeHireDate", 0), rule_scope("department eq 'Sales'")),
        json!([request()]),
    );
    exported["isSchedulingEnabled"] = json!(false);
    exported["settings"] = json!({ "quarantineConfiguration": {} });
    exported["novelty"] = json!(1);
    let imported = import_all(&[exported]);
    assert!(lines(&imported).contains(&"isEnabled: false"));
    assert!(lines(&imported).contains(&"category: mover"));
    let left = left(&imported).join("\n");
    for field in ["field settings", "field novelty", "category unknownFutureValue"] {
        assert!(left.contains(field), "{field}: {left}");
    }
}

#[test]
fn equal_names_are_told_apart_and_nothing_that_is_there_is_meant() {
    let one = workflow(
        "leaver",
        conditions(on_date("employeeLeaveDateTime", 0), rule_scope("department eq 'Sales'")),
        json!([task("4a0b64f2-c7ec-46ba-b117-18f262946c50", 1, json!([{ "name": "accessPackageId", "value": "p" }]))]),
    );
    let imported = import(&[one.clone(), one], |name| name == "onboard-new-hire");
    let names: Vec<_> = imported.documents.iter().map(ImportedDocument::file).collect();
    assert_eq!(names, ["onboard-new-hire-2.yaml", "onboard-new-hire-3.yaml"]);
}

#[test]
fn an_export_is_told_from_other_json() {
    let one = r#"{ "displayName": "a", "category": "joiner" }"#;
    assert_eq!(read(one).unwrap().len(), 1);
    assert_eq!(read(&format!("\u{feff}[{one},{one}]")).unwrap().len(), 2);
    assert_eq!(read(&format!("{{\"value\":[{one}]}}")).unwrap().len(), 1);
    assert_eq!(read("[1"), Err(ImportError::NotJson { line: 1, column: 2 }));
    for other in ["[]", "{}", "3", "{\"value\": 1}", "[{\"displayName\":\"a\"}]"] {
        assert_eq!(read(other), Err(ImportError::NotWorkflows), "{other}");
    }
    let many = format!("[{}]", vec![one; MOST_WORKFLOWS + 1].join(","));
    assert_eq!(read(&many), Err(ImportError::TooMany(MOST_WORKFLOWS + 1)));
}

/// Any JSON in the places where an export has something, or anywhere.
fn json_value() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "displayName",
        "#microsoft.graph.identityGovernance.triggerAndScopeBasedConditions",
        REQUEST,
        "joiner",
        "p-1",
        "department eq 'Sales'",
        "\u{2028}# x",
        "a: b\n- c",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let keys = prop::sample::select(vec![
            "@odata.type",
            "trigger",
            "scope",
            "rule",
            "name",
            "value",
            "taskDefinitionId",
            "arguments",
            "groups",
            "id",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..5)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_written_loads(place in 0_usize..8, value in json_value()) {
        let mut exported = workflow(
            "joiner",
            conditions(on_date("employeeHireDate", -7), rule_scope("department eq 'Sales'")),
            json!([request(), task(MAIL, 1, json!([]))]),
        );
        match place {
            0 => exported["displayName"] = value,
            1 => exported["description"] = value,
            2 => exported["category"] = value,
            3 => exported["executionConditions"] = value,
            4 => exported["executionConditions"]["trigger"] = value,
            5 => exported["executionConditions"]["scope"]["rule"] = value,
            6 => exported["tasks"] = value,
            _ => exported["tasks"][0]["arguments"] = value,
        }
        for document in import_all(&[exported]).documents {
            let source = SourceText { file: document.file(), text: document.text.clone() };
            prop_assert_eq!(load(&[source]).problems, vec![], "{}", document.text);
        }
    }
}
