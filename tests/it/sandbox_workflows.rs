//! Lifecycle Workflows of the sandbox over real HTTP, which are there to be read.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::{Rig, refused, rig};
use crate::sandbox_directory::id_of;

const LCW: &str = "/v1.0/identityGovernance/lifecycleWorkflows";

async fn preferring(rig: &Rig, path: &str) -> Value {
    let call = rig.call(Method::GET, path).header("Prefer", "include-unknown-enum-members");
    call.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn four_sample_workflows_can_be_read() {
    let rig = rig().await;
    let all = rig.all(&format!("{LCW}/workflows?$top=3")).await;
    let categories: Vec<_> = all.iter().map(|workflow| workflow["category"].as_str().unwrap()).collect();
    assert_eq!(categories, ["joiner", "joiner", "unknownFutureValue", "leaver"]);
    assert_eq!(preferring(&rig, &format!("{LCW}/workflows")).await["value"][2]["category"], "mover");
    assert!(all.iter().all(|workflow| workflow.get("tasks").is_none()));
    let leavers = rig.all(&format!("{LCW}/workflows?$filter=category eq 'leaver'")).await;
    assert_eq!(leavers, [all[3].clone()]);

    let path = format!("{LCW}/workflows/{}", id_of(&all[1]));
    let one = rig.get(&format!("{path}?$expand=tasks")).await;
    let trigger = &one["executionConditions"]["trigger"];
    assert_eq!((&trigger["timeBasedAttribute"], &trigger["offsetInDays"]), (&json!("employeeHireDate"), &json!(0)));
    assert_eq!((&one["version"], &one["nextScheduleRunDateTime"]), (&json!(1), &json!("2026-11-21T12:30:00Z")));
    let tasks = one["tasks"].as_array().unwrap();
    assert_eq!(tasks.iter().map(|task| &task["executionSequence"]).collect::<Vec<_>>(), [1, 2, 3]);
    let package = tasks[2]["arguments"][1]["value"].as_str().unwrap();
    assert_eq!(rig.sandbox.controls().package_id("Office Basics").unwrap(), package);
    assert_eq!(rig.all(&format!("{path}/tasks")).await, *tasks);
    let task = rig.get(&format!("{path}/tasks/{}?$select=displayName", id_of(&tasks[0]))).await;
    assert_eq!(task["displayName"], "Enable user account");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn versions_stay_as_they_were() {
    let rig = rig().await;
    let leavers = rig.get(&format!("{LCW}/workflows?$filter=category eq 'leaver'&$select=id,version")).await;
    assert_eq!(leavers["value"][0]["version"], 2);
    let versions = format!("{LCW}/workflows/{}/versions", id_of(&leavers["value"][0]));
    let numbers: Vec<_> = rig.all(&versions).await.iter().map(|version| version["versionNumber"].clone()).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(rig.get(&format!("{versions}/1?$expand=tasks")).await["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(rig.all(&format!("{versions}/2/tasks")).await.len(), 3);
    for unknown in ["0", "3", "x", "18446744073709551616"] {
        assert_eq!(rig.refusal(&format!("{versions}/{unknown}")).await.0, 404, "{unknown}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn task_definitions_are_the_services_own_and_nothing_can_be_written() {
    let rig = rig().await;
    let definitions = preferring(&rig, &format!("{LCW}/taskDefinitions")).await["value"].as_array().unwrap().clone();
    let ids: std::collections::BTreeSet<_> = definitions.iter().map(id_of).collect();
    assert_eq!((definitions.len(), ids.len()), (26, 26));
    let path = format!("{LCW}/taskDefinitions/C1EC1E76-F374-4375-AAA6-0BB6BD4C60BE");
    assert_eq!(preferring(&rig, &path).await["category"], "joiner,mover");
    let one = rig.get(&path).await;
    assert_eq!(
        (&one["category"], &one["parameters"][1]["name"]),
        (&json!("joiner,unknownFutureValue"), &json!("accessPackageId"))
    );
    let nobody = "6f2a4c1e-0000-4000-8000-000000000001";
    for path in ["workflows", "taskDefinitions"] {
        assert_eq!(rig.refusal(&format!("{LCW}/{path}/{nobody}")).await.0, 404);
        let written = rig.post(&format!("{LCW}/{path}"), &json!({ "displayName": "x" })).await;
        assert_eq!(refused(written).await.0, StatusCode::METHOD_NOT_ALLOWED.as_u16());
    }
    assert_eq!(rig.refusal(&format!("{LCW}/workflows?$expand=runs")).await.0, 400);
    rig.sandbox.stop().await;
}
