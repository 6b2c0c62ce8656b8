//! Leavers: access ends with the person's own last day, and stays away.

#![cfg(test)]

use crate::context::TestContext;
use crate::context::company::{joiner, leaver};

const WITH_APPROVAL: &str = "Approved by manager";

#[tokio::test]
async fn access_ends_when_the_last_day_is_over_where_the_person_is() {
    let mut context = TestContext::builder()
        .document("leaver.yaml", leaver(&["Basics", "Robotics Kit"]))
        .holding("E05", "Basics")
        .holding("E05", "Campaign")
        .holding("E06", "Basics")
        .hr(|hr| {
            hr.person("E05").last_day = "2026-11-23";
            let person = hr.person("E06");
            person.last_day = "2026-11-23";
            person.zone = "America/New_York";
        })
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    context.go_to("2026-11-23T23:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Campaign", "E06 Basics"], "midnight in Amsterdam");

    context.go_to("2026-11-24T05:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Campaign"], "midnight in New York");
    context.finish().await;
}

#[tokio::test]
async fn a_pending_approval_that_is_granted_late_is_taken_again() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Campaign", WITH_APPROVAL))
        .document("leaver.yaml", leaver(&["Campaign"]))
        .hr(|hr| {
            let person = hr.person("E05");
            person.hired = "2026-11-23";
            person.last_day = "2026-11-25";
        })
        .start()
        .await;
    assert_eq!(context.settle_all().await, 1);
    let pending = context.last_request();

    context.go_to("2026-11-26T09:00:00Z");
    assert_eq!(context.settle_all().await, 0, "there is nothing yet that could be taken");
    context.controls().decide(&pending, true).unwrap();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E05 Campaign", "adminRemove E05 Campaign"]);
    assert!(context.assignments().is_empty());
    context.finish().await;
}

#[tokio::test]
async fn a_bar_takes_what_somebody_elses_request_brings_late() {
    let mut context = TestContext::builder()
        .document("leaver.yaml", leaver(&["Campaign"]))
        .hr(|hr| hr.person("E05").last_day = "2026-11-23")
        .start()
        .await;
    context.settle_all().await;
    let pending = context.request_outside("E05", "Campaign", WITH_APPROVAL).await;

    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    context.restart().await;
    context.controls().decide(&pending, true).unwrap();
    context.go_to("2026-11-24T09:01:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E05 Campaign", "adminRemove E05 Campaign"]);
    assert!(context.assignments().is_empty());
    context.finish().await;
}

#[tokio::test]
async fn a_later_last_day_ends_the_bar() {
    let mut context = TestContext::builder()
        .document("leaver.yaml", leaver(&["Campaign"]))
        .holding("E05", "Campaign")
        .hr(|hr| hr.person("E05").last_day = "2026-11-23")
        .start()
        .await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 1);

    context.hr.person("E05").last_day = "2026-12-31";
    context.deliver();
    context.settle_all().await;
    context.request_outside("E05", "Campaign", "Direct assignment").await;
    context.go_to("2026-11-25T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments(), ["E05 Campaign"]);
    context.finish().await;
}

#[tokio::test]
async fn a_document_does_not_bring_back_who_was_put_out() {
    let everybody = "{ rule: \"department eq 'Sales'\" }";
    let mut context = TestContext::builder()
        .document("leaver.yaml", leaver(&["Basics"]))
        .document("all.yaml", crate::context::company::auto_assignment("all", "Basics", everybody, "immediately"))
        .hr(|hr| hr.person("E05").last_day = "2026-11-23")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 20);
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E05 Basics");
    assert_eq!(context.count("all", "barred"), 1);
    assert_eq!(context.assignments().len(), 19);
    context.finish().await;
}

#[tokio::test]
async fn a_cleared_last_day_withdraws_what_is_still_held() {
    let mut context = TestContext::builder()
        .limits("documentRemovals: { count: 0, percent: 0 }")
        .document("leaver.yaml", leaver(&["Basics"]))
        .holding("E05", "Basics")
        .hr(|hr| hr.person("E05").last_day = "2026-11-23")
        .start()
        .await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.holds().len(), 1);
    context.hr.person("E05").last_day = "";
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert!(context.holds().is_empty());
    assert!(context.app().engine.store().ledger().await.unwrap().bars.is_empty());
    assert_eq!(context.assignments(), ["E05 Basics"]);
    context.finish().await;
}
