//! The command line as a person uses it: exit codes, tables, plans that only look, and logs that name nobody.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use usherd::clock::ScaledClock;
use usherd::engine::event::Event;
use usherd::sandbox::{self, SandboxOptions};

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner};
use crate::context::process::{Ended, Process};

const ONCE: [&str; 3] = ["run", "--sandbox", "--once"];

fn rows(ended: &Ended, kind: &str) -> usize {
    ended.out.lines().filter(|line| line.trim_start().starts_with(kind) && line.contains(" delivered ")).count()
}

/// How many requests the sample company's tenant has seen, read from its state file.
async fn requests_in(folder: &Path) -> usize {
    let options = SandboxOptions::contoso(Arc::new(ScaledClock::at_real_time()));
    let state = folder.join("usherd-sandbox/tenant.sqlite");
    let sandbox = sandbox::start(SandboxOptions { state: Some(state), ..options }).await.unwrap();
    let count = sandbox.controls().requests().len();
    sandbox.stop().await;
    count
}

/// The beginning of the only hold's hash, from the table of `hold list`.
async fn only_hold(folder: &Path) -> String {
    let list = Process::run(folder, &["hold", "list", "--sandbox"]).await;
    assert_eq!(list.code, Some(0), "{}", list.err);
    let holds: Vec<&str> = list.out.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(holds.len(), 1, "{}", list.out);
    holds[0].to_owned()
}

#[tokio::test]
async fn the_sample_company_is_served_in_one_round_and_the_hold_goes_once_approved() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let first = Process::run(folder, &ONCE).await;
    assert_eq!(first.code, Some(3), "{}\n{}", first.out, first.err);
    let (added, removed) = (rows(&first, "adminAdd"), rows(&first, "adminRemove"));
    assert!(added >= 10 && removed >= 3, "{added} additions, {removed} removals\n{}", first.out);
    assert_eq!(requests_in(folder).await, added + removed, "the table tells all of it");

    let second = Process::run(folder, &ONCE).await;
    assert_eq!(second.code, Some(3));
    assert!(second.out.contains("Nothing to do"), "{}", second.out);
    assert_eq!(requests_in(folder).await, added + removed);

    let hash = only_hold(folder).await;
    let show = Process::run(folder, &["hold", "show", &hash, "--sandbox", "--output", "json"]).await;
    let shown: Value = serde_json::from_str(&show.out).unwrap();
    let items = shown[0]["hold"]["items"].as_array().unwrap().len();
    assert!(items > 0 && shown[0]["hold"]["hash"].as_str().unwrap().starts_with(&hash));
    let text = Process::run(folder, &["hold", "show", &hash, "--sandbox"]).await;
    assert!(text.out.contains("backfill") && text.out.contains("Office Basics"), "{}", text.out);

    let approved = Process::run(folder, &["hold", "approve", &hash, "--sandbox"]).await;
    assert_eq!(approved.code, Some(0), "{}", approved.err);
    let third = Process::run(folder, &ONCE).await;
    assert_eq!((third.code, rows(&third, "adminRemove")), (Some(0), items), "{}\n{}", third.out, third.err);
    assert_eq!(requests_in(folder).await, added + removed + items);
    let again = Process::run(folder, &["hold", "approve", &hash, "--sandbox"]).await;
    assert_eq!(again.code, Some(1), "there is nothing left to approve");
}

#[tokio::test]
async fn a_rejected_hold_is_not_raised_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    Process::run(folder, &ONCE).await;
    let before = requests_in(folder).await;
    let hash = only_hold(folder).await;
    assert_eq!(Process::run(folder, &["hold", "reject", &hash, "--sandbox"]).await.code, Some(0));
    let second = Process::run(folder, &ONCE).await;
    assert_eq!(second.code, Some(0), "{}", second.out);
    assert_eq!(requests_in(folder).await, before);
    let list = Process::run(folder, &["hold", "list", "--sandbox"]).await;
    assert_eq!(list.out, "No hold waits for a person.\n");
}

#[tokio::test]
async fn a_plan_is_the_same_bytes_each_time_and_touches_nothing() {
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    let context = TestContext::builder()
        .in_its_own_process()
        .feed("drop: inbox")
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .document("kit.yaml", kit)
        .hr(|hr| hr.person("E05").hired = "2026-11-23")
        .prepared()
        .await;
    context.drop_delivery("hr.csv");
    context.write_config();
    let config = context.path("usherd.yaml").display().to_string();
    let plan = ["plan", "--config", config.as_str(), "--output", "json"];
    let (first, second) =
        (Process::run(&context.path("feeds"), &plan).await, Process::run(&context.path("feeds"), &plan).await);
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{}", first.err);
    assert_eq!(first.out, second.out);
    let planned: Value = serde_json::from_str(&first.out).unwrap();
    assert_eq!(planned["actions"].as_array().unwrap().len(), 4, "the dropped file counts, though it is not taken");

    let detailed = Process::run(&context.path("feeds"), &["plan", "--config", &config, "--detailed-exitcode"]).await;
    assert_eq!(detailed.code, Some(2), "{}", detailed.err);
    assert!(context.path("inbox/hr.csv").exists());
    assert!(!context.path("state/archive").exists());
    assert!(context.requests().is_empty());
    let store = usherd::app::open_ledger(&context.config()).await.unwrap();
    let ledger = store.ledger().await.unwrap();
    assert!(ledger.documents.is_empty() && ledger.runs.is_empty() && ledger.pins.is_empty());
    assert!(ledger.complete_since.is_empty() && store.good_texts().await.unwrap().is_empty());
    context.finish().await;
}

#[tokio::test]
async fn every_log_line_is_an_event_and_names_nobody() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let ended = Process::run(folder, &ONCE).await;
    let events: BTreeSet<&str> = Event::ALL.map(Event::name).into();
    assert!(ended.err.lines().count() > 30);
    for line in ended.err.lines() {
        let fields: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| fields[field].as_str().unwrap_or_else(|| panic!("{field} is missing: {line}"));
        let _: jiff::Timestamp = text("timestamp").parse().unwrap();
        assert!(["INFO", "WARN", "ERROR"].contains(&text("level")), "{line}");
        assert!(events.contains(text("event")), "{line}");
        assert!(!text("message").is_empty(), "{line}");
    }

    let words: BTreeSet<&str> = ended.err.split(|letter: char| !letter.is_alphanumeric()).collect();
    let people = std::fs::read_to_string(folder.join("usherd-sandbox/feeds/hr.csv")).unwrap();
    let header: Vec<&str> = people.lines().next().unwrap().split(';').collect();
    let column = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (first_name, last_name, mail) = (column("First Name"), column("Last Name"), column("Work Email"));
    for row in people.lines().skip(1) {
        let fields: Vec<&str> = row.split(';').collect();
        assert!(!ended.err.contains(fields[mail]), "{row}");
        for name in [fields[first_name], fields[last_name]] {
            let parts = name.split(|letter: char| !letter.is_alphanumeric());
            assert!(!parts.into_iter().any(|part| words.contains(part)), "{name} is in the log");
        }
    }
    let secret = std::fs::read_to_string(folder.join("usherd-sandbox/client-secret")).unwrap();
    assert!(!ended.err.contains(&secret) && !ended.out.contains(&secret));
    assert!(!ended.err.contains("Bearer") && !ended.err.contains('@'));
}

#[tokio::test]
async fn what_cannot_be_done_is_said_in_a_sentence_and_exits_with_one() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let missing = Process::run(folder, &["run", "--config", "nowhere.yaml"]).await;
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.starts_with("usherd: the configuration nowhere.yaml cannot be read"), "{}", missing.err);

    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let reset = Process::run(folder, &["run", "--sandbox", "--dir", ".", "--reset", "--once"]).await;
    assert_eq!(reset.code, Some(1));
    assert!(reset.err.contains("is no sandbox home"), "{}", reset.err);
    assert!(folder.join("notes.txt").exists(), "nothing else is emptied");
}
