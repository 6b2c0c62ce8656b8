//! Modes: what observe and grantOnly let through, and what happens when a document begins to enforce.

#![cfg(test)]

use usherd::plan::Gate;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner, leaver};

fn observing(text: &str) -> String {
    text.replace("mode: enforce", "mode: observe")
}

#[tokio::test]
async fn observe_sends_nothing_and_consumes_no_occasion() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", observing(&joiner("Basics", "Direct assignment")))
        .document("leaver.yaml", observing(&leaver(&["Campaign"])))
        .holding("E07", "Campaign")
        .hr(|hr| {
            hr.person("E05").hired = "2026-11-23";
            hr.person("E06").hired = "2026-11-25";
            hr.person("E07").last_day = "2026-11-23";
        })
        .start()
        .await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("joiner", "E05"), Some("observing"));
    assert_eq!(context.reason("leaver", "E07"), Some("observing"));
    let ledger = context.app().engine.store().ledger().await.unwrap();
    assert!(ledger.runs.is_empty() && ledger.bars.is_empty() && ledger.actions.is_empty());

    context.edit_document("joiner.yaml", "mode: observe", "mode: enforce");
    context.edit_document("leaver.yaml", "mode: observe", "mode: enforce");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.count("joiner", "modeChanged"), 19, "what was due before is not made up for");
    let held: Vec<Gate> = context.holds().iter().map(|hold| hold.gate).collect();
    assert_eq!(held, [Gate::FirstRemovals], "but leavers leave, once a person has looked");

    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 1);
    context.go_to("2026-11-25T09:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminRemove E07 Campaign", "adminAdd E06 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn the_configurations_ceiling_holds_over_what_documents_say() {
    let mut context = TestContext::builder()
        .ceiling("observe")
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| hr.person("E05").hired = "2026-11-23")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("joiner", "E05"), Some("observing"));
    context.finish().await;
}

#[tokio::test]
async fn grant_only_adds_and_lets_removals_wait() {
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    let mut context =
        TestContext::builder().document("kit.yaml", kit.replace("mode: enforce", "mode: grantOnly")).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("kit", "E02"), Some("grantOnly"));

    context.edit_document("kit.yaml", "mode: grantOnly", "mode: enforce");
    assert_eq!(context.settle_all().await, 0);
    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E02 Robotics Kit");
    context.finish().await;
}

#[tokio::test]
async fn a_hold_outlives_a_pass_in_which_its_document_is_not_there() {
    let text = leaver(&["Campaign"]);
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .document("leaver.yaml", text.replace("mode: enforce", "mode: grantOnly"))
        .holding("E07", "Campaign")
        .hr(|hr| hr.person("E07").last_day = "2026-11-22")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    context.edit_document("leaver.yaml", "mode: grantOnly", "mode: enforce");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.holds().iter().map(|hold| hold.gate).collect::<Vec<_>>(), [Gate::FirstRemovals]);

    context.remove_document("leaver.yaml");
    context.pass().await;
    assert!(context.holds().is_empty());
    context.write_document("leaver.yaml", &text);
    assert_eq!(context.settle_all().await, 0, "nobody has decided yet");
    assert_eq!(context.holds().iter().map(|hold| hold.gate).collect::<Vec<_>>(), [Gate::FirstRemovals]);

    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 1);
    context.finish().await;
}
