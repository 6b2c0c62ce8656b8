//! What the log and the exit code say of documents: those that were renamed, that disagree, or that somebody should look at.

#![cfg(test)]

use serde_json::Value;

use crate::context::TestContext;
use crate::context::company::auto_assignment;
use crate::context::process::{Ended, Process};
use crate::context::wait::until_or;

const KIT: &str = "Robotics Kit";

fn kit() -> String {
    auto_assignment("kit", KIT, "{ group: Robotics }", "immediately")
}

async fn usherd(context: &TestContext, arguments: &[&str]) -> Ended {
    context.write_config();
    Process::run(&context.path(""), &[arguments, &["--config", "usherd.yaml"]].concat()).await
}

/// The fields of the lines with this event.
fn told(ended: &Ended, event: &str) -> Vec<Value> {
    let lines = ended.err.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|fields| fields["event"] == event).collect()
}

#[tokio::test]
async fn a_rename_is_told_with_both_names() {
    let context = TestContext::builder().in_its_own_process().document("kit.yaml", kit()).prepared().await;
    let first = usherd(&context, &["run", "--once"]).await;
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(told(&first, "documents.renamed").is_empty());

    context.remove_document("kit.yaml");
    context.write_document("robots.yaml", &kit().replace("name: kit", "name: robots\nformerly: [kit]"));
    let second = usherd(&context, &["run", "--once"]).await;
    assert_eq!(second.code, Some(0), "{}", second.err);
    let [line] = told(&second, "documents.renamed").try_into().unwrap();
    assert_eq!(
        (&line["level"], &line["workflow.name"], &line["former.name"]),
        (&"INFO".into(), &"robots".into(), &"kit".into())
    );
    let third = usherd(&context, &["run", "--once"]).await;
    assert!(told(&third, "documents.renamed").is_empty(), "it is told once");
    context.finish().await;
}

#[tokio::test]
async fn documents_that_disagree_are_told_and_plan_exits_with_three() {
    let adopting = kit().replace("whenMemberLeaves", "adopt: true\nwhenMemberLeaves");
    let floor = auto_assignment("floor", KIT, "{ rule: \"department eq 'Floor'\" }", "never");
    let context = TestContext::builder()
        .in_its_own_process()
        .document("kit.yaml", adopting)
        .document("floor.yaml", floor)
        .holding("E10", KIT)
        .hr(|hr| hr.person("E10").department = "Floor")
        .prepared()
        .await;
    let ran = usherd(&context, &["run", "--once"]).await;
    let [line] = told(&ran, "documents.conflict").try_into().unwrap();
    let package = context.controls().package_id(KIT).unwrap();
    assert_eq!((&line["level"], &line["reason"]), (&"WARN".into(), &"conflict".into()), "{line}");
    assert_eq!((&line["subject.id"], &line["package.id"]), (&"person:E10".into(), &package.into()), "{line}");
    let message = line["message"].as_str().unwrap();
    assert!(message.contains("floor gives what kit takes"), "{message}");
    let as_wished = ["E01", "E02", "E03", "E10"].map(|id| format!("{id} {KIT}"));
    assert_eq!(context.assignments(), as_wished);

    let planned = usherd(&context, &["plan", "--output", "json", "--detailed-exitcode"]).await;
    assert_eq!(planned.code, Some(3), "{}", planned.err);
    let plan: Value = serde_json::from_str(&planned.out).unwrap();
    let nothing = Value::Array(Vec::new());
    assert_eq!((&plan["holds"], &plan["actions"]), (&nothing, &nothing), "nothing else needs a person");
    assert_eq!(usherd(&context, &["plan"]).await.code, Some(0), "the exit code is for who asks for it");

    context.controls().add_member("Robotics", &context.user("E10"));
    let agreed = usherd(&context, &["plan", "--detailed-exitcode"]).await;
    assert_eq!(agreed.code, Some(0), "{}", agreed.out);
    assert_eq!(context.assignments(), as_wished);
    context.finish().await;
}

#[tokio::test]
async fn a_warning_is_told_once_at_its_place_and_keeps_no_document_out_of_force() {
    let nobody = "{ group: Robotics }, { rule: \"department eq 'Sales' and department eq 'Floor'\" }";
    let doubtful = auto_assignment("kit", KIT, nobody, "immediately");
    let context = TestContext::builder().in_its_own_process().document("kit.yaml", doubtful).start().await;
    let daemon = context.daemon();
    daemon.logs(&["documents.loaded", "2 documents are in force"]).await;
    context.write_document("basics.yaml", &auto_assignment("basics", "Basics", "{ group: Robotics Lab }", "never"));
    daemon.logs(&["documents.loaded", "3 documents are in force"]).await;
    let log = daemon.log();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("documents.warning")).collect();
    let [line] = warnings.try_into().unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["level"], "WARN");
    let message = line["message"].as_str().unwrap();
    assert!(message.starts_with("kit.yaml:7:50: warning[neverHolds]: "), "{message}");

    let delivered = async || {
        let is_at_rest = context.records().await.iter().all(|record| !record.state.is_in_flight());
        is_at_rest && context.assignments().len() == 4
    };
    until_or("what both say is done", delivered, || daemon.log()).await;
    context.finish().await;
}
