//! Every trigger end to end: what changes in HR, in the directory, in the clock or by an operator's word becomes requests and changes of groups.

#![cfg(test)]

mod activation;
mod asking;
mod change;
mod group_tasks;
mod schedule;

/// A workflow with this trigger (a flow mapping's inside) for everybody, with tasks as they stand in YAML.
fn workflow(name: &str, trigger: &str, tasks: &str) -> String {
    format!(
        "apiVersion: usherd/v1
kind: Workflow
name: {name}
category: mover
mode: enforce
trigger: {{ {trigger} }}
scope: {{ rule: \"department ne 'Elsewhere'\" }}
tasks:
{tasks}"
    )
}

/// A task that asks for the package.
fn request(package: &str) -> String {
    format!(
        "  - task: requestAccessPackageAssignment
    with: {{ accessPackage: {package}, assignmentPolicy: Direct assignment }}
"
    )
}

/// A task that takes the package away.
fn removal(package: &str) -> String {
    format!("  - task: removeAccessPackageAssignment\n    with: {{ accessPackage: {package} }}\n")
}

/// `addUserToGroups` or `removeUserFromGroups`.
fn group_task(task: &str, groups: &str) -> String {
    format!("  - task: {task}\n    with: {{ groups: [{groups}] }}\n")
}
