//! The daemon as a process of its own: it acts on changes by itself, stops when told, and survives being killed.

#![cfg(test)]

use usherd::domain::action::ActionState;

use crate::context::company::{auto_assignment, employee, joiner};
use crate::context::process::Process;
use crate::context::wait::until_or;
use crate::context::{Builder, TestContext};

fn kit() -> String {
    auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately")
}

/// Newcomers E05, E06 and so on, due at once.
fn newcomers(count: usize) -> Builder {
    let builder =
        TestContext::builder().in_its_own_process().document("joiner.yaml", joiner("Basics", "Direct assignment"));
    builder.hr(|hr| (5..5 + count).for_each(|number| hr.person(&employee(number)).hired = "2026-11-23"))
}

async fn until_delivered(context: &TestContext, expected: usize) {
    // What the service has done, the daemon learns a moment later.
    let settled = async || {
        let records = context.records().await;
        context.assignments().len() == expected && records.iter().all(|record| !record.state.is_in_flight())
    };
    let what = format!("{expected} assignments are delivered and nothing is under way");
    until_or(&what, settled, || context.daemon().log()).await;
}

#[tokio::test]
async fn an_edit_and_an_appended_line_are_acted_on_without_a_restart() {
    let context = TestContext::builder().in_its_own_process().hr(|hr| hr.retain(|id| id != "E20")).start().await;
    context.daemon().logs(&["documents.loaded"]).await;
    context.write_document("kit.yaml", &kit());
    until_delivered(&context, 3).await;

    context.edit_document("kit.yaml", "group: Robotics", "group: Robotics, transitiv: true");
    context.daemon().logs(&["documents.problem", "kit.yaml:7:40", "transitive"]).await;
    context.edit_document("kit.yaml", "transitiv: true", "transitive: true");
    until_delivered(&context, 4).await;

    let sales = auto_assignment("sales", "Basics", "{ rule: \"department eq 'Sales'\" }", "immediately");
    context.write_document("sales.yaml", &sales);
    until_delivered(&context, 23).await;
    // As a person does it: opened, appended to, closed; nothing is dated back.
    use std::io::Write;
    let mut file = std::fs::File::options().append(true).open(context.path("feeds/hr.csv")).unwrap();
    file.write_all(b"E20;Sales;2020-01-01;;Europe/Amsterdam\n").unwrap();
    drop(file);
    until_delivered(&context, 24).await;
    assert_eq!(context.requests().last().unwrap(), "adminAdd E20 Basics");
    context.finish().await;
}

#[tokio::test]
async fn a_dropped_file_and_a_decided_hold_are_acted_on_without_a_restart() {
    let context = newcomers(3).feed("drop: inbox").limits("documentAdditions: { count: 1, percent: 0 }").start().await;
    context.daemon().logs(&["documents.loaded"]).await;
    context.drop_delivery("hr.csv");
    context.daemon().logs(&["hold.raised", "documentAdditions"]).await;
    let holds = usherd::app::open_ledger(&context.config()).await.unwrap().holds().await.unwrap();
    let arguments = ["hold", "approve", &holds[0].hold.hash.as_str()[..12], "--config", "../usherd.yaml"];
    let ended = Process::run(&context.path("feeds"), &arguments).await;
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    until_delivered(&context, 3).await;
    context.finish().await;
}

#[tokio::test]
async fn a_stop_lets_the_action_in_flight_come_to_its_end() {
    let mut context = newcomers(2).concurrency(1).prepared().await;
    let held = context.controls().hold_answers();
    context.start_daemon();
    held.wait_for(1).await;
    context.daemon().ask_to_stop();
    context.daemon().logs(&["usherd.stopping"]).await;
    drop(held);
    assert_eq!(context.stop_daemon().await, Some(0));
    let records = context.records().await;
    let count = |state: ActionState| records.iter().filter(|record| record.state == state).count();
    assert_eq!(count(ActionState::Ready), 1, "no more was sent");
    assert_eq!(count(ActionState::Submitted) + count(ActionState::Delivered), 1, "and no answer was lost");

    context.start_daemon();
    until_delivered(&context, 2).await;
    assert_eq!(context.requests().len(), 2);
    context.finish().await;
}

#[tokio::test]
async fn killed_between_commit_and_answer_it_neither_loses_nor_doubles_a_request() {
    let mut context = newcomers(4).concurrency(1).prepared().await;
    // Killed at each request in turn: the service has taken it, and nobody heard the answer.
    for made in 1..=4 {
        let held = context.controls().hold_answers();
        context.start_daemon();
        held.wait_for(1).await;
        context.kill_daemon();
        assert_eq!(context.requests().len(), made);
        let records = context.records().await;
        assert_eq!(records.iter().filter(|record| record.state == ActionState::Submitting).count(), 1);
        drop(held);
    }
    context.start_daemon();
    until_delivered(&context, 4).await;
    assert_eq!(context.requests().len(), 4);
    context.finish().await;
}

#[tokio::test]
async fn killed_while_several_requests_are_in_flight_it_neither_loses_nor_doubles_one() {
    let mut context = newcomers(6).concurrency(4).prepared().await;
    let held = context.controls().hold_answers();
    context.start_daemon();
    held.wait_for(4).await;
    context.kill_daemon();
    drop(held);
    assert_eq!(context.requests().len(), 4);
    context.start_daemon();
    until_delivered(&context, 6).await;
    assert_eq!(context.requests().len(), 6);
    context.finish().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_an_answer_that_never_comes() {
    let mut context = newcomers(2).concurrency(1).prepared().await;
    let held = context.controls().hold_answers();
    context.start_daemon();
    held.wait_for(1).await;
    let began = tokio::time::Instant::now();
    assert_eq!(context.stop_daemon().await, Some(0));
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "systemd would lose its patience");
    drop(held);

    context.start_daemon();
    until_delivered(&context, 2).await;
    assert_eq!(context.requests().len(), 2);
    context.finish().await;
}
