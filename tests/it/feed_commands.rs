//! `usherd feed`: what operators and HR see of feeds, and a person's acceptance, over the real app and the real binary.

#![cfg(test)]

use serde_json::Value;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, feed};
use crate::context::process::{Ended, Process};

const SALES: &str = "{ rule: \"department eq 'Sales'\" }";

/// Runs `usherd feed …` beside the app, with its configuration.
async fn feed_command(context: &TestContext, arguments: &[&str]) -> Ended {
    context.write_config();
    let all: Vec<&str> = ["feed"].iter().chain(arguments).chain(&["--config", "usherd.yaml"]).copied().collect();
    Process::run(&context.path("."), &all).await
}

async fn status(context: &TestContext) -> Value {
    let ended = feed_command(context, &["status", "--output", "json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    serde_json::from_str::<Value>(&ended.out).unwrap()[0].take()
}

/// The company's twenty hold Basics by the feed; then half of the file is delivered and refused.
async fn with_half_refused() -> TestContext {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 20);
    context.hr.retain(|id| id <= "E10");
    context.hr.person("E01").department = "Market";
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.refused_by().await.as_deref(), Some("rowsLost"));
    context
}

#[tokio::test]
async fn status_tells_what_is_in_force_and_why_the_latest_was_refused() {
    let context = with_half_refused().await;
    let status = status(&context).await;
    assert_eq!((&status["name"], &status["people"], &status["missing"]), (&"hr".into(), &20.into(), &0.into()));
    assert_eq!((&status["inForce"]["rows"], &status["removalsWait"]), (&20.into(), &false.into()));
    let latest = &status["deliveries"][0];
    assert_eq!((&latest["verdict"], &latest["rows"]), (&"rowsLost".into(), &10.into()));
    assert!(latest["why"].as_str().unwrap().contains("10 rows, 10 fewer than the 20 usual"));
    assert_eq!(status["acceptable"], latest["digest"]);
    assert_eq!((&status["kept"]["archived"], &status["kept"]["quarantined"]), (&1.into(), &1.into()));

    let text = feed_command(&context, &["status", "hr"]).await;
    let digest = &latest["digest"].as_str().unwrap()[..12];
    assert!(text.out.contains(&format!("usherd feed accept {digest}")), "{}", text.out);
    assert!(text.out.contains("1 archived, 1 in quarantine"), "{}", text.out);
    let unknown = feed_command(&context, &["status", "payroll"]).await;
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("there is no feed payroll in force"), "{}", unknown.err);
    context.finish().await;
}

#[tokio::test]
async fn a_refused_delivery_takes_effect_once_a_person_accepts_it_and_the_gate_stays() {
    let mut context = with_half_refused().await;
    let digest = status(&context).await["acceptable"].as_str().unwrap().to_owned();
    let accepted = feed_command(&context, &["accept", &digest[..12]]).await;
    assert_eq!(accepted.code, Some(0), "{}", accepted.err);
    assert!(accepted.out.contains(&digest) && accepted.out.contains("rowsLost"), "{}", accepted.out);
    let again = feed_command(&context, &["accept", &digest]).await;
    assert!(again.err.contains("was accepted by"), "{}", again.err);

    // Who is missing from it has not left; what it says of the others holds.
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E01 Basics");
    let now = status(&context).await;
    assert_eq!((&now["people"], &now["missing"], &now["inForce"]["rows"]), (&20.into(), &10.into(), &10.into()));
    assert!(now["inForce"]["acceptedBy"].is_string(), "{now}");
    let after = feed_command(&context, &["accept", &digest]).await;
    assert_eq!(after.code, Some(1));
    assert!(after.err.contains("is in force already"), "{}", after.err);

    context.hr.retain(|id| id <= "E02");
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.refused_by().await.as_deref(), Some("rowsLost"), "the gate weighs the next one as ever");
    context.finish().await;
}

#[tokio::test]
async fn what_is_no_longer_the_latest_or_nothing_whole_cannot_be_accepted() {
    let mut context = with_half_refused().await;
    let digest = status(&context).await["acceptable"].as_str().unwrap().to_owned();
    context.deliver_text("Employee ID;Department;Hire Date;Last Day;Time Zone\n");
    context.settle_all().await;
    let late = feed_command(&context, &["accept", &digest]).await;
    assert_eq!(late.code, Some(1));
    assert!(late.err.contains("is no longer the latest delivery of feed hr"), "{}", late.err);
    let empty = status(&context).await;
    assert_eq!(empty["acceptable"], Value::Null);
    let nothing = feed_command(&context, &["accept", empty["deliveries"][0]["digest"].as_str().unwrap()]).await;
    assert!(nothing.err.contains("was refused by zeroRows"), "{}", nothing.err);
    let unknown = feed_command(&context, &["accept", "0123456789ab"]).await;
    assert!(unknown.err.contains("no feed has had a delivery"), "{}", unknown.err);
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments().len(), 20);
    context.finish().await;
}

#[tokio::test]
async fn an_acceptance_ends_when_the_feeds_document_changes() {
    let mut context = with_half_refused().await;
    let digest = status(&context).await["acceptable"].as_str().unwrap().to_owned();
    assert_eq!(feed_command(&context, &["accept", &digest]).await.code, Some(0));
    context.edit_document("feed.yaml", "mode: snapshot", "mode: snapshot\ndescription: Another version.");
    assert_eq!(context.settle_all().await, 0, "the same file is judged anew by the new document");
    let now = status(&context).await;
    assert_eq!((&now["missing"], &now["acceptedByPerson"]), (&0.into(), &Value::Null));
    assert_eq!(context.assignments().len(), 20);
    context.finish().await;
}

#[tokio::test]
async fn a_feed_that_is_too_old_says_so_and_stays_in_force() {
    let mut context = TestContext::builder()
        .document("sales.yaml", auto_assignment("sales", "Basics", SALES, "immediately"))
        .start()
        .await;
    context.edit_document("feed.yaml", "mode: snapshot", "mode: snapshot\nmaxAge: P2D");
    assert_eq!(context.settle_all().await, 20);
    assert_eq!(status(&context).await["tooOld"], Value::Null);
    context.clock.advance(jiff::SignedDuration::from_hours(49));
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments().len(), 20);
    let status = status(&context).await;
    assert_eq!(status["maxAgeSeconds"], 2 * 86_400);
    assert!(status["tooOld"].as_str().unwrap().starts_with("the delivery in force is 2 days old"), "{status}");
    assert_eq!(status["people"], 20);
    context.finish().await;
}

#[tokio::test]
async fn hr_can_check_a_file_before_it_is_sent() {
    let context = with_half_refused().await;
    let check = async |text: &str| {
        std::fs::write(context.path("next.csv"), text).unwrap();
        feed_command(&context, &["check", "next.csv"]).await
    };
    let good = company_file(&context, 20);
    let ended = check(&good).await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let half = check(&company_file(&context, 10)).await;
    assert_eq!(half.code, Some(4));
    assert!(half.out.contains("It would be REFUSED (rowsLost): it has 10 rows, 10 fewer"), "{}", half.out);
    let bad = check(&good.replace("E07;Sales;2020-01-01", "E07;Sales;01.01.2020")).await;
    assert_eq!(bad.code, Some(3), "{}", bad.out);
    assert!(bad.out.contains("line 8, column 'Hire Date': is not a date written as %Y-%m-%d"), "{}", bad.out);
    assert!(!bad.out.contains("01.01.2020"), "values stay in the file");
    // Nothing came of it.
    assert_eq!(status(&context).await["deliveries"].as_array().unwrap().len(), 2);

    // By the document alone, as HR has it on a machine without usherd's state.
    std::fs::write(context.path("contract.yaml"), feed("file: hr.csv")).unwrap();
    let alone = ["feed", "check", "next.csv", "--document", "contract.yaml", "--output", "json"];
    let alone = Process::run(&context.path("."), &alone).await;
    let report: Value = serde_json::from_str(&alone.out).unwrap();
    assert_eq!((&report["verdict"], alone.code), (&"accepted".into(), Some(3)));
    assert_eq!(report["inspection"]["problems"][0]["line"], 8);
    context.finish().await;
}

/// The file with so many of the company's people.
fn company_file(context: &TestContext, count: usize) -> String {
    let mut hr = context.hr.clone();
    hr.retain(|_| false);
    for number in 1..=count {
        hr.person(&crate::context::company::employee(number));
    }
    hr.csv()
}

#[tokio::test]
async fn a_sampled_file_becomes_a_document_by_which_it_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (1..=30).map(|number| format!("{number:05},Sales,2020-01-{number:02},\n")).collect();
    std::fs::write(folder.path().join("hr.csv"), format!("Person Number,Department,Hire Date,Last Day\n{rows}"))
        .unwrap();
    let sampled = Process::run(folder.path(), &["feed", "sample", "hr.csv"]).await;
    assert_eq!(sampled.code, Some(0), "{}", sampled.err);
    assert!(sampled.out.contains("GUESS"), "{}", sampled.out);
    std::fs::write(folder.path().join("feed.yaml"), &sampled.out).unwrap();
    let check = Process::run(folder.path(), &["feed", "check", "hr.csv", "--document", "feed.yaml"]).await;
    assert_eq!(check.code, Some(0), "{}{}", check.out, check.err);
    assert!(check.out.contains("30 rows"), "{}", check.out);
    let missing = Process::run(folder.path(), &["feed", "sample", "nothing.csv"]).await;
    assert_eq!(missing.code, Some(1));
}
