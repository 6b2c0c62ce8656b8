//! `usherd activate`: by its function, and by the command beside a running daemon.

use usherd::engine::activate::Activated;

use super::{request, workflow};
use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner};
use crate::context::process::Process;
use crate::context::wait::until;

async fn activate(context: &mut TestContext, workflow: &str, people: &[&str]) -> Result<Vec<Activated>, String> {
    let people: Vec<String> = people.iter().map(|&person| person.to_owned()).collect();
    context.app().engine.activate(workflow, &people, "a test").await.map_err(|error| error.to_string())
}

/// Whom it was activated for, and whether the wish is new: `person:E05 true`.
fn lines(activated: Result<Vec<Activated>, String>) -> Vec<String> {
    activated.unwrap().iter().map(|activated| format!("{} {}", activated.subject, activated.is_new)).collect()
}

#[tokio::test]
async fn a_workflow_runs_once_for_whom_it_is_activated() {
    let mut context = TestContext::builder()
        .document("tools.yaml", workflow("tools", "onDemand: true", &request("Campaign")))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0, "nobody asked for it");
    let object_id = context.user("E06");
    let people = ["e05@fabrikam.example", object_id.as_str(), "E07", "person:E07"];
    let all = ["person:E05", "person:E06", "person:E07"];
    assert_eq!(lines(activate(&mut context, "tools", &people).await), all.map(|subject| format!("{subject} true")));
    assert_eq!(lines(activate(&mut context, "tools", &people).await), all.map(|subject| format!("{subject} false")));
    assert_eq!(context.pass().await.sent, 3);
    let again = lines(activate(&mut context, "tools", &people).await);
    assert_eq!(again, all.map(|subject| format!("{subject} false")), "the runs are under way");

    context.settle_all().await;
    assert_eq!(context.assignments(), ["E05 Campaign", "E06 Campaign", "E07 Campaign"]);
    assert_eq!(lines(activate(&mut context, "tools", &["E05"]).await), ["person:E05 true"], "the last one is over");
    assert_eq!(context.settle_all().await, 0, "there is nothing left to do for it");
    context.finish().await;
}

#[tokio::test]
async fn a_workflow_with_another_trigger_can_be_activated_too() {
    let mut context =
        TestContext::builder().document("joiner.yaml", joiner("Basics", "Direct assignment")).start().await;
    assert_eq!(context.settle_all().await, 0);
    activate(&mut context, "joiner", &["E05"]).await.unwrap();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E05 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn what_cannot_be_activated_says_why_and_runs_for_nobody() {
    let on_demand = |name: &str| workflow(name, "onDemand: true", &request("Campaign"));
    let off = on_demand("off").replace("mode: enforce", "mode: enforce\nisEnabled: false");
    let mut context = TestContext::builder()
        .document("tools.yaml", on_demand("tools"))
        .document("off.yaml", off)
        .document("looks.yaml", on_demand("looks").replace("mode: enforce", "mode: observe"))
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", "{ group: Robotics Lab }", "never"))
        .start()
        .await;
    for (name, people, expected) in [
        ("tolls", &["E05"][..], "no workflow is called `tolls` (did you mean `tools`?)"),
        ("kit", &["E05"], "kit is a document of kind AutoAssignment; only a Workflow can be activated"),
        ("off", &["E05"], "workflow off is switched off (isEnabled: false); switch it on in its document first"),
        ("looks", &["E05"], "workflow looks only observes"),
        (
            "tools",
            &["E05", "nobody@fabrikam.example"],
            "nobody was activated:\n  `nobody@fabrikam.example`: neither HR",
        ),
    ] {
        let error = activate(&mut context, name, people).await.unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    context.settle_all().await;
    assert_eq!(context.assignments(), ["E04 Robotics Kit"], "all or nobody");
    context.finish().await;
}

#[tokio::test]
async fn the_command_wakes_the_daemon_and_its_exit_code_says_whether_it_could() {
    let context = TestContext::builder()
        .document("tools.yaml", workflow("tools", "onDemand: true", &request("Campaign")))
        .in_its_own_process()
        .start()
        .await;
    context.daemon().logs(&["usherd.started"]).await;
    let folder = tempfile::tempdir().unwrap();
    let config = context.path("usherd.yaml");
    let command = |user: &'static str| vec!["activate", "tools", "--user", user, "--config", config.to_str().unwrap()];
    let ended = Process::run(folder.path(), &command("nobody")).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("`nobody`: neither HR nor the directory knows"), "{}", ended.err);

    let ended = Process::run(folder.path(), &command("E05@fabrikam.example")).await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("Person E05 (person:E05)  activated"), "{}", ended.out);
    assert!(ended.err.contains("workflow.activated"), "{}", ended.err);
    assert!(!ended.err.contains("fabrikam"), "no names in the log: {}", ended.err);
    until("the daemon has carried it out", async || context.assignments() == ["E05 Campaign"]).await;
    context.daemon().logs(&["action.settled"]).await;
    context.finish().await;
}
