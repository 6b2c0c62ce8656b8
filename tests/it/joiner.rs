//! Joiners: access comes when it is due, not before, not long after, and once the account is there.

#![cfg(test)]

use crate::context::TestContext;
use crate::context::company::{employee, joiner};

#[tokio::test]
async fn who_starts_today_gets_the_package_and_who_starts_later_waits() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| {
            hr.person("E05").hired = "2026-11-23";
            hr.person("E06").hired = "2026-11-24";
        })
        .start()
        .await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Basics"]);
    assert_eq!(context.reason("joiner", "E06"), Some("notYetDue"));

    // The first day begins at midnight in Amsterdam.
    context.go_to("2026-11-23T22:59:00Z");
    assert_eq!(context.settle_all().await, 0);
    context.go_to("2026-11-23T23:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Basics", "E06 Basics"]);

    context.go_to("2026-12-24T00:00:00Z");
    assert_eq!(context.settle_all().await, 0, "an occasion acts once");
    context.finish().await;
}

#[tokio::test]
async fn a_first_day_in_another_zone_begins_there() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| {
            let person = hr.person("E05");
            person.hired = "2026-11-24";
            person.zone = "Asia/Tokyo";
        })
        .start()
        .await;
    context.go_to("2026-11-23T14:59:59Z");
    assert_eq!(context.settle_all().await, 0);
    context.go_to("2026-11-23T15:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    context.finish().await;
}

#[tokio::test]
async fn a_first_day_long_gone_is_not_made_up_for() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| {
            hr.person("E05").hired = "2026-11-27";
            hr.person("E06").hired = "2026-11-28";
        })
        .start()
        .await;
    context.pass().await;
    // Usherd was off over the first days: the three days after the 27th are over, and those after the 28th are not quite.
    context.go_to("2026-11-30T22:30:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E06 Basics"]);
    assert_eq!(context.count("joiner", "tooLate"), 1);
    context.finish().await;
}

#[tokio::test]
async fn a_first_day_before_the_document_is_not_its_business() {
    let mut context = TestContext::builder()
        .hr(|hr| hr.person("E05").hired = "2026-11-18")
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.count("joiner", "beforeDocument"), 20);
    context.finish().await;
}

#[tokio::test]
async fn who_has_no_account_yet_gets_the_package_when_the_account_appears() {
    let newcomer = employee(21);
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| hr.person("E21").hired = "2026-11-23")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("joiner", &newcomer), Some("noUser"));

    // Lateness counts from the account's first appearance, not from the first day.
    context.go_to("2026-11-30T09:00:00Z");
    context.make_accounts(21).await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E21 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn a_first_day_that_moves_is_the_one_that_counts_and_counts_once() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| hr.person("E05").hired = "2026-11-25")
        .start()
        .await;
    context.settle_all().await;
    context.hr.person("E05").hired = "2026-11-27";
    context.deliver();
    context.go_to("2026-11-26T09:00:00Z");
    assert_eq!(context.settle_all().await, 0, "the old first day is over, and was never one");
    context.go_to("2026-11-27T09:00:00Z");
    assert_eq!(context.settle_all().await, 1);

    context.hr.person("E05").hired = "2026-11-30";
    context.deliver();
    context.go_to("2026-11-30T09:00:00Z");
    assert_eq!(context.settle_all().await, 0, "the new occasion finds its task done");
    assert_eq!(context.requests(), ["adminAdd E05 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn an_approver_who_says_no_is_not_asked_again() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Campaign", "Approved by manager"))
        .hr(|hr| hr.person("E05").hired = "2026-11-23")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 1);
    context.controls().decide(&context.last_request(), false).unwrap();
    assert_eq!(context.settle_all().await, 0);
    context.restart().await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert!(context.assignments().is_empty());
    context.finish().await;
}

#[tokio::test]
async fn a_date_that_only_the_feed_has_makes_an_occasion_too() {
    let mapped = "  badgeDate: { column: Hire Date, type: date, format: \"%Y-%m-%d\" }\n";
    let mut context =
        TestContext::builder().document("joiner.yaml", joiner("Basics", "Direct assignment")).start().await;
    context.edit_document("feed.yaml", "attributes:\n", &format!("attributes:\n{mapped}"));
    context.edit_document("joiner.yaml", "timeBasedAttribute: employeeHireDate", "timeBasedAttribute: badgeDate");
    context.hr.person("E05").hired = "2026-11-23";
    context.deliver();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Basics"]);
    context.finish().await;
}
