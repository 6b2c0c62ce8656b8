//! Tasks that change groups, with answers that get lost on the way.

use usherd::domain::action::{ActionKind, ActionState};
use usherd::sandbox::{Fault, FaultKind};

use super::{group_task, removal, request, workflow};
use crate::context::TestContext;

async fn activated(tasks: &str, people: &[&str]) -> TestContext {
    let mut context = TestContext::builder()
        .holding("E04", "Robotics Kit")
        .document("groups.yaml", workflow("groups", "onDemand: true", tasks))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    let people: Vec<String> = people.iter().map(|&person| person.to_owned()).collect();
    context.app().engine.activate("groups", &people, "a test").await.unwrap();
    context
}

fn lose(context: &TestContext, kind: FaultKind, method: &str) {
    let (method, path) = (Some(method.to_owned()), Some("/members/".to_owned()));
    context.controls().order_fault(Fault { kind, status: None, retry_after: None, method, path, count: 1 });
}

/// Kind, state and attempts of every action.
async fn actions(context: &TestContext) -> Vec<(ActionKind, ActionState, u32)> {
    let mut actions: Vec<_> =
        context.records().await.iter().map(|record| (record.action.kind, record.state, record.attempts)).collect();
    actions.sort();
    actions
}

#[tokio::test]
async fn a_group_is_joined_before_the_next_task_begins() {
    let tasks = group_task("addUserToGroups", "Robotics Lab, Kit Users") + &request("Campaign");
    let mut context = activated(&tasks, &["E05"]).await;
    let report = context.pass().await;
    assert_eq!((report.sent, report.settled), (2, 2), "both groups, and nothing behind them");
    let user = context.user("E05");
    for group in ["Robotics Lab", "Kit Users"] {
        assert!(context.controls().is_member(group, &user), "{group}");
    }
    assert!(context.requests().is_empty());
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E05 Campaign"]);
    assert_eq!(context.settle_all().await, 0);
    context.finish().await;
}

#[tokio::test]
async fn who_is_in_the_group_already_goes_on_to_the_next_task() {
    let tasks = group_task("addUserToGroups", "Robotics Lab") + &request("Campaign");
    let mut context = activated(&tasks, &["E04"]).await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E04 Campaign"]);
    context.finish().await;
}

#[tokio::test]
async fn lost_answers_to_group_tasks_are_found_or_made_up_for() {
    for (task, method, employee, kind, is_in) in [
        ("addUserToGroups", "POST", "E05", ActionKind::AddMember, true),
        ("removeUserFromGroups", "DELETE", "E04", ActionKind::RemoveMember, false),
    ] {
        for (fault, attempts) in [(FaultKind::ResetAfter, 1), (FaultKind::ResetBefore, 2)] {
            let mut context = activated(&group_task(task, "Robotics Lab"), &[employee]).await;
            lose(&context, fault, method);
            context.settle_all().await;
            assert_eq!(actions(&context).await, [(kind, ActionState::Delivered, attempts)], "{task} {fault:?}");
            let user = context.user(employee);
            assert_eq!(context.controls().is_member("Robotics Lab", &user), is_in, "{task} {fault:?}");
            context.finish().await;
        }
    }
}

#[tokio::test]
async fn a_refused_group_task_stops_the_run_and_sticks() {
    let tasks = group_task("addUserToGroups", "Robotics Lab") + &removal("Robotics Kit");
    let mut context = activated(&tasks, &["E05"]).await;
    let (method, path) = (Some("POST".to_owned()), Some("/members/".to_owned()));
    let refusal = Fault { kind: FaultKind::Refuse, status: Some(400), retry_after: None, method, path, count: 1 };
    context.controls().order_fault(refusal);
    context.settle_all().await;
    assert_eq!(actions(&context).await, [(ActionKind::AddMember, ActionState::Refused, 1)]);
    context.go_to("2026-11-23T15:00:00Z");
    assert_eq!(context.settle_all().await, 0, "it is not tried again, and the task behind it is not begun");
    assert_eq!(context.assignments(), ["E04 Robotics Kit"]);
    context.finish().await;
}
