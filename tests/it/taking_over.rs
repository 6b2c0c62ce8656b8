//! Taking a tenant over: Lifecycle Workflows' workflows as documents, and first documents for what is granted today.

#![cfg(test)]

use std::path::Path;

use serde_json::Value;

use crate::context::process::Process;

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

async fn assert_valid(home: &Path, folder: &str) {
    let validated = Process::run(home, &["validate", folder]).await;
    assert_eq!(validated.code, Some(0), "{}{}", validated.out, validated.err);
}

#[tokio::test]
async fn the_tenants_workflows_become_documents_once_and_what_has_no_equivalent_is_told() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let import = ["import", "lifecycle-workflows", "--from-tenant", "--sandbox"];
    let first = Process::run(home, &import).await;
    assert_eq!(first.code, Some(0), "{}{}", first.out, first.err);
    let written = ["employee-job-profile-change.yaml", "onboard-new-hire-employee.yaml"];
    assert_eq!(files(&home.join("imported-workflows")), written, "{}", first.out);
    for told in [
        "2 documents from 4 workflows",
        "Onboard pre-hire employee (not written)",
        "Generate Temporary Access Pass",
        "Remove all access package assignments for user",
    ] {
        assert!(first.out.contains(told), "{told}: {}", first.out);
    }
    assert_valid(home, "imported-workflows").await;
    let mover = std::fs::read_to_string(home.join("imported-workflows").join(written[0])).unwrap();
    assert!(mover.contains("category: mover") && mover.contains("isEnabled: false"), "{mover}");

    let again = Process::run(home, &[&import[..], &["--output", "json"]].concat()).await;
    assert_eq!(again.code, Some(0), "{}", again.err);
    let told: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(told["documents"][0]["name"], "onboard-new-hire-employee-2", "nothing that is there is replaced");
    assert_eq!(std::fs::read_to_string(home.join("imported-workflows").join(written[0])).unwrap(), mover);
}

#[tokio::test]
async fn an_exported_file_is_taken_and_other_files_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let export = r##"{"value": [{ "displayName": "Leavers", "category": "leaver", "isEnabled": true, "isSchedulingEnabled": true,
        "executionConditions": { "@odata.type": "#microsoft.graph.identityGovernance.triggerAndScopeBasedConditions",
            "scope": { "@odata.type": "#microsoft.graph.identityGovernance.ruleBasedSubjectSet", "rule": "(userType eq 'Member')" },
            "trigger": { "@odata.type": "#microsoft.graph.identityGovernance.timeBasedAttributeTrigger",
                "timeBasedAttribute": "employeeLeaveDateTime", "offsetInDays": 0 } },
        "tasks": [{ "taskDefinitionId": "4a0b64f2-c7ec-46ba-b117-18f262946c50", "isEnabled": true,
            "arguments": [{ "name": "accessPackageId", "value": "p-1" }] }] }]}"##;
    std::fs::write(home.join("export.json"), export).unwrap();
    let taken = Process::run(home, &["import", "lifecycle-workflows", "export.json", "--out", "out"]).await;
    assert_eq!((taken.code, files(&home.join("out"))), (Some(0), vec!["leavers.yaml".to_owned()]), "{}", taken.err);
    assert_valid(home, "out").await;

    std::fs::write(home.join("export.json"), "{\"value\": [").unwrap();
    let broken = Process::run(home, &["import", "lifecycle-workflows", "export.json"]).await;
    assert_eq!(broken.code, Some(1));
    assert!(broken.err.contains("the export is not JSON: line 1, column 11"), "{}", broken.err);
}

#[tokio::test]
async fn first_documents_say_who_holds_what_and_do_nothing() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let init = ["init", "--from-tenant", "--sandbox"];
    let first = Process::run(home, &init).await;
    assert_eq!(first.code, Some(0), "{}{}", first.out, first.err);
    let written = files(&home.join("first-documents"));
    assert!(written.len() >= 2, "{}", first.out);
    assert_valid(home, "first-documents").await;

    // They alone are in force: nothing is sent, nothing held.
    let documents = home.join("usherd-sandbox/workflows");
    for file in files(&documents) {
        std::fs::remove_file(documents.join(file)).unwrap();
    }
    for file in &written {
        std::fs::copy(home.join("first-documents").join(file), documents.join(file)).unwrap();
    }
    let plan = Process::run(home, &["plan", "--sandbox", "--output", "json"]).await;
    let plan: Value = serde_json::from_str(&plan.out).unwrap();
    assert_eq!((&plan["actions"], &plan["holds"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    let reasons: Vec<&str> =
        plan["counts"].as_array().unwrap().iter().filter_map(|count| count["reason"].as_str()).collect();
    assert!(reasons.contains(&"alreadySatisfiedUnowned"), "the holders are members: {plan}");
}
