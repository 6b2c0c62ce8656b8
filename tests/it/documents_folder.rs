//! The documents folder while usherd runs: edits act without a restart, mistakes and losses change nothing.

#![cfg(test)]

use crate::context::TestContext;
use crate::context::company::auto_assignment;

fn kit() -> String {
    auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately")
}

#[tokio::test]
async fn a_document_acts_from_the_next_pass_on_and_so_does_an_edit() {
    let mut context = TestContext::builder().start().await;
    assert_eq!(context.settle_all().await, 0);
    context.write_document("kit.yaml", &kit());
    assert_eq!(context.settle_all().await, 3);
    context.edit_document("kit.yaml", "group: Robotics", "group: Robotics, transitive: true");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminAdd E04 Robotics Kit");
    context.finish().await;
}

#[tokio::test]
async fn after_a_broken_edit_the_last_good_version_stays_in_force() {
    let mut context = TestContext::builder().document("kit.yaml", kit()).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.edit_document("kit.yaml", "anyOf", "anyOff");
    assert!(context.pass().await.problems > 0);
    context.controls().add_member("Robotics", &context.user("E09"));
    assert_eq!(context.settle_all().await, 1);

    context.restart().await;
    context.controls().remove_member("Robotics", &context.user("E09"));
    assert_eq!(context.settle_all().await, 1);
    context.edit_document("kit.yaml", "anyOff", "anyOf");
    let report = context.pass().await;
    assert_eq!((report.problems, report.sent), (0, 0));
    assert_eq!(context.assignments().len(), 3);
    context.finish().await;
}

#[tokio::test]
async fn a_document_that_was_never_good_stops_no_other() {
    let mut context = TestContext::builder().document("kit.yaml", kit()).start().await;
    context.write_document("basics.yaml", "kind: AutoAssignmnt\n");
    let report = context.pass().await;
    assert_eq!((report.problems > 0, report.sent), (true, 3));
    context.settle_all().await;
    context.finish().await;
}

#[tokio::test]
async fn deleting_a_document_removes_nobodys_access() {
    let basics = auto_assignment("basics", "Basics", "{ group: Robotics Lab }", "immediately");
    let mut context = TestContext::builder().document("kit.yaml", kit()).document("basics.yaml", basics).start().await;
    assert_eq!(context.settle_all().await, 4);
    context.remove_document("kit.yaml");
    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments().len(), 4);
    assert_eq!(context.reason("kit", "E02"), Some("orphaned"));

    context.write_document("kit.yaml", &kit());
    assert_eq!(context.settle_all().await, 1, "its grants are its own again");
    context.finish().await;
}

#[tokio::test]
async fn an_emptied_or_missing_folder_changes_nothing() {
    let mut context = TestContext::builder().document("kit.yaml", kit()).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.remove_document("kit.yaml");
    context.remove_document("feed.yaml");
    assert_eq!(context.settle_all().await, 0);
    context.controls().add_member("Robotics", &context.user("E09"));
    assert_eq!(context.settle_all().await, 1, "everything stays in force");

    std::fs::remove_dir(context.path("workflows")).unwrap();
    context.restart().await;
    context.controls().remove_member("Robotics", &context.user("E09"));
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments().len(), 3);
    context.finish().await;
}
