//! Feeds: what a delivery brings about, and that a bad one brings about nothing.

#![cfg(test)]

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner, leaver};

const SALES: &str = "{ rule: \"department eq 'Sales'\" }";

#[tokio::test]
async fn a_line_appended_to_the_file_is_acted_on() {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .hr(|hr| hr.retain(|id| id != "E20"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 19);
    let mut text = context.hr.csv();
    text.push_str("E20;Sales;2020-01-01;;Europe/Amsterdam\n");
    context.deliver_text(&text);
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminAdd E20 Basics");
    context.finish().await;
}

#[tokio::test]
async fn a_dropped_file_is_taken_and_archived_and_the_same_again_changes_nothing() {
    let mut context = TestContext::builder()
        .feed("drop: inbox")
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| hr.person("E05").hired = "2026-11-23")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0, "nothing was delivered yet");
    context.drop_delivery("hr-1.csv");
    assert_eq!(context.settle_all().await, 1);
    let files = |folder| std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files(context.path("inbox")), 0);
    assert_eq!(files(context.path("state/archive/hr")), 1);

    context.drop_delivery("hr-2.csv");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(files(context.path("inbox")), 0);
    assert_eq!(context.assignments(), ["E05 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn a_bad_delivery_removes_nothing_and_cancels_nothing() {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .document("leaver.yaml", leaver(&["Basics"]))
        .hr(|hr| hr.person("E15").last_day = "2026-11-23")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 20);
    let good = context.hr.csv();
    let (header, rows) = good.split_once('\n').unwrap();
    let half = rows.len() / 2;
    let bad = [
        ("zeroRows", format!("{header}\n")),
        ("zeroRows", String::new()),
        ("headerChanged", rows.to_owned()),
        ("rowsLost", good.lines().take(11).map(|line| format!("{line}\n")).collect()),
        ("halfWritten", format!("{header}\n{}", &rows[..half + 5])),
        ("headerChanged", good.replace("Last Day", "Last Date")),
    ];
    for (rule, text) in bad {
        context.deliver_text(&text);
        assert_eq!(context.settle_all().await, 0, "{rule}");
        assert_eq!(context.refused_by().await.as_deref(), Some(rule));
    }
    assert_eq!(context.assignments().len(), 20);

    // The last accepted delivery stays in force: who leaves by it leaves, also from behind a bad file, and also after a restart.
    context.restart().await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E15 Basics");
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments().len(), 19);
    context.finish().await;
}

#[tokio::test]
async fn a_file_that_is_gone_or_still_being_written_changes_nothing() {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 20);
    let file = context.path("feeds/hr.csv");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(context.settle_all().await, 0);

    // Not dated back: somebody may still be writing it.
    let text = context.hr.csv();
    std::fs::write(&file, &text[..text.len() / 2]).unwrap();
    let report = context.pass().await;
    assert!(report.is_feed_incomplete);
    assert_eq!((report.sent, context.refused_by().await), (0, None), "it is not even judged");
    assert_eq!(context.assignments().len(), 20);
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    context.finish().await;
}

#[tokio::test]
async fn who_is_missing_from_the_file_has_not_left() {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 20);
    context.hr.retain(|id| id != "E05" && id != "E06");
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.refused_by().await, None, "so few may be missing");
    assert_eq!(context.assignments().len(), 20);
    context.finish().await;
}

#[tokio::test]
async fn after_a_first_delivery_that_is_too_short_people_are_added_and_nobody_is_removed() {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .hr(|hr| hr.retain(|id| id < "E11"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 10);
    context.hr.person("E05").department = "Market";
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("sales", "E05"), Some("feedRemovalsWait"));

    for number in 11..=20 {
        context.hr.person(&crate::context::company::employee(number));
    }
    context.deliver();
    assert_eq!(context.settle_all().await, 11, "a delivery that covers the directory lets them go");
    assert_eq!(context.assignments().len(), 19);
    context.finish().await;
}
