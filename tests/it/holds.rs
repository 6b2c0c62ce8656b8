//! Holds: the part of a plan over a limit waits whole for a person, the rest goes on.

#![cfg(test)]

use usherd::plan::Gate;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, leaver};

fn by_department(name: &str, package: &str, department: &str) -> String {
    auto_assignment(name, package, &format!("{{ rule: \"department eq '{department}'\" }}"), "immediately")
}

fn gates(context: &mut TestContext) -> Vec<(Gate, usize)> {
    context.holds().iter().map(|hold| (hold.gate, hold.items.len())).collect()
}

#[tokio::test]
async fn removals_over_a_documents_limit_wait_whole_and_go_once_approved() {
    let mut context = TestContext::builder()
        .limits("documentRemovals: { count: 2, percent: 0 }")
        .document("machines.yaml", by_department("machines", "Robotics Kit", "Machines"))
        .document("market.yaml", by_department("market", "Campaign", "Market"))
        .hr(|hr| (1..=10).for_each(|number| hr.person(&format!("E{number:02}")).department = "Machines"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 10);
    for id in ["E01", "E02", "E03"] {
        context.hr.person(id).department = "Market";
    }
    context.deliver();
    assert_eq!(context.settle_all().await, 3, "the additions go on");
    assert_eq!(gates(&mut context), [(Gate::DocumentRemovals, 3)]);
    assert_eq!(context.assignments().len(), 13);

    // The hold lasts, whatever the limit would say of what is left.
    context.hr.person("E01").department = "Machines";
    context.deliver();
    context.restart().await;
    context.settle_all().await;
    assert_eq!(gates(&mut context), [(Gate::DocumentRemovals, 2)]);

    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 2);
    let left = context.assignments().into_iter().filter(|line| line.ends_with("Kit") && line.as_str() < "E04");
    assert_eq!(left.collect::<Vec<_>>(), ["E01 Robotics Kit"]);
    assert!(context.holds().is_empty());
    context.finish().await;
}

#[tokio::test]
async fn removals_over_the_tenants_limit_wait_whole() {
    let mut context = TestContext::builder()
        .limits("tenantRemovals: { count: 3, percent: 0 }")
        .document("machines.yaml", by_department("machines", "Robotics Kit", "Machines"))
        .document("market.yaml", by_department("market", "Campaign", "Market"))
        .hr(|hr| {
            (1..=8).for_each(|number| hr.person(&format!("E{number:02}")).department = "Machines");
            (11..=18).for_each(|number| hr.person(&format!("E{number:02}")).department = "Market");
        })
        .start()
        .await;
    assert_eq!(context.settle_all().await, 16);
    for id in ["E01", "E02", "E11", "E12"] {
        context.hr.person(id).department = "Sales";
    }
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(gates(&mut context), [(Gate::TenantRemovals, 4)]);
    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 4);
    assert_eq!(context.assignments().len(), 12);
    context.finish().await;
}

#[tokio::test]
async fn additions_over_a_documents_limit_wait_whole() {
    let mut context = TestContext::builder()
        .limits("documentAdditions: { count: 4, percent: 0 }")
        .document("machines.yaml", by_department("machines", "Robotics Kit", "Machines"))
        .hr(|hr| (1..=5).for_each(|number| hr.person(&format!("E{number:02}")).department = "Machines"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(gates(&mut context), [(Gate::DocumentAdditions, 5)]);
    context.decide_hold(true).await;
    assert_eq!(context.settle_all().await, 5);
    context.finish().await;
}

#[tokio::test]
async fn a_rejected_removal_stays_away_and_ends_its_bar() {
    let mut context = TestContext::builder()
        .limits("documentRemovals: { count: 1, percent: 0 }")
        .document("leaver.yaml", leaver(&["Basics"]))
        .holding("E05", "Basics")
        .holding("E06", "Basics")
        .hr(|hr| {
            hr.person("E05").last_day = "2026-11-23";
            hr.person("E06").last_day = "2026-11-23";
        })
        .start()
        .await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(gates(&mut context), [(Gate::DocumentRemovals, 2)]);
    let bars = async |context: &mut TestContext| context.app().engine.store().ledger().await.unwrap().bars.len();
    assert_eq!(bars(&mut context).await, 2);

    context.decide_hold(false).await;
    assert_eq!(context.settle_all().await, 0);
    assert!(context.holds().is_empty(), "it is not raised again");
    assert_eq!(bars(&mut context).await, 0);
    context.restart().await;
    context.go_to("2026-11-25T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments(), ["E05 Basics", "E06 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn a_group_that_lost_everybody_takes_nothing_from_anybody_unasked() {
    let mut context = TestContext::builder()
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 3);
    for id in ["E01", "E02", "E03"] {
        context.controls().remove_member("Robotics", &context.user(id));
    }
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(gates(&mut context), [(Gate::GroupShrunk, 3)]);
    assert_eq!(context.assignments().len(), 3);
    context.finish().await;
}
