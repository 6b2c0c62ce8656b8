//! The service at its worst: lost answers, refusals, throttling (design.md section 6).

#![cfg(test)]

use std::time::Duration;

use usherd::domain::action::ActionState;
use usherd::engine::EngineError;
use usherd::engine::pass::PassReport;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner};
use crate::context::wait::until;

const ADDED: [&str; 3] = ["adminAdd E05 Basics", "adminAdd E06 Basics", "adminAdd E07 Basics"];

async fn three_joiners() -> TestContext {
    let builder = TestContext::builder().concurrency(1).document("joiner.yaml", joiner("Basics", "Direct assignment"));
    let first_day = |hr: &mut crate::context::company::Hr| {
        for id in ["E05", "E06", "E07"] {
            hr.person(id).hired = "2026-11-23";
        }
    };
    builder.hr(first_day).start().await
}

/// One pass whose second request, and as many calls more as make up `count`, are refused.
async fn pass_refused(context: &mut TestContext, count: u32, status: u16, retry_after: Option<u32>) -> PassReport {
    let controls = context.controls();
    let held = controls.hold_answers();
    let refuse = async {
        held.wait_for(1).await;
        controls.refuse_next(count, status, retry_after);
        drop(held);
    };
    tokio::join!(context.pass(), refuse).0
}

async fn states(context: &mut TestContext) -> Vec<(ActionState, u32)> {
    let mut states: Vec<_> = context.records().await.iter().map(|record| (record.state, record.attempts)).collect();
    states.sort();
    states
}

fn sorted(mut requests: Vec<String>) -> Vec<String> {
    requests.sort();
    requests
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_is_adopted_and_not_made_again() {
    let mut context = three_joiners().await;
    context.controls().lose_answers(2);
    context.settle_all().await;
    assert_eq!(sorted(context.requests()), ADDED);
    assert_eq!(states(&mut context).await, [(ActionState::Delivered, 1); 3]);
    context.finish().await;
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_adopted_and_not_made_again() {
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    let mut context = TestContext::builder().document("kit.yaml", kit).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.controls().remove_member("Robotics", &context.user("E02"));
    context.controls().lose_answers(1);
    context.settle_all().await;
    assert_eq!(context.requests().len(), 4);
    assert_eq!(context.assignments(), ["E01 Robotics Kit", "E03 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn too_many_requests_stops_sending_for_as_long_as_the_service_asks() {
    let mut context = three_joiners().await;
    let report = pass_refused(&mut context, 1, 429, Some(1)).await;
    assert_eq!((report.sent, report.under_way.unsent), (1, 2), "the others are not even tried");
    let wait = report.under_way.retry_in.unwrap();
    assert!(Duration::ZERO < wait && wait <= Duration::from_secs(1), "{wait:?}");

    let began = tokio::time::Instant::now();
    until("the others are sent", async || context.pass().await.sent == 2).await;
    assert!(began.elapsed() >= wait, "not before the service said");
    let report = context.pass().await;
    assert_eq!(report.under_way.retry_in, None, "nothing is left to be tried again");
    context.settle_all().await;
    assert_eq!(sorted(context.requests()), ADDED);
    context.finish().await;
}

#[tokio::test]
async fn a_request_that_broke_in_the_service_is_looked_for_before_it_is_sent_again() {
    let mut context = three_joiners().await;
    let report = pass_refused(&mut context, 1, 503, None).await;
    assert_eq!(report.sent, 2, "one failure stops nobody else");
    context.settle_all().await;
    assert_eq!(sorted(context.requests()), ADDED);
    assert_eq!(
        states(&mut context).await,
        [(ActionState::Delivered, 1), (ActionState::Delivered, 1), (ActionState::Delivered, 2)]
    );
    context.finish().await;
}

#[tokio::test]
async fn a_refused_request_stays_refused_and_stops_nobody_else() {
    let mut context = three_joiners().await;
    let report = pass_refused(&mut context, 1, 400, None).await;
    assert_eq!(report.sent, 2);
    context.settle_all().await;
    context.restart().await;
    context.go_to("2026-11-24T09:00:00Z");
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.requests().len(), 2);
    assert_eq!(
        states(&mut context).await,
        [(ActionState::Delivered, 1), (ActionState::Delivered, 1), (ActionState::Refused, 1)]
    );
    context.finish().await;
}

#[tokio::test]
async fn a_pass_that_cannot_see_the_whole_tenant_plans_nothing() {
    let mut context = three_joiners().await;
    context.controls().refuse_next(1, 403, None);
    assert!(matches!(context.app().engine.run_pass().await, Err(EngineError::Observe(_))));
    assert!(context.records().await.is_empty());
    context.settle_all().await;
    assert_eq!(sorted(context.requests()), ADDED);
    context.finish().await;
}

#[tokio::test]
async fn a_look_that_fails_proves_nothing_and_is_not_repeated_at_once() {
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .hr(|hr| hr.person("E05").hired = "2026-11-23")
        .start()
        .await;
    let controls = context.controls();
    let held = controls.hold_answers();
    let lose = async {
        held.wait_for(1).await;
        controls.lose_answers(1);
        controls.refuse_next(1, 403, None);
        drop(held);
    };
    let report = tokio::join!(context.pass(), lose).0;
    assert_eq!(report.under_way.ambiguous, 1);
    assert!(report.under_way.retry_in.is_some_and(|wait| wait > Duration::ZERO), "{:?}", report.under_way);

    // A restart looks at once.
    context.restart().await;
    context.settle_all().await;
    assert_eq!(context.requests(), ["adminAdd E05 Basics"]);
    context.finish().await;
}
