//! The ledger: one usherd at a time, and the same plan for the same facts.

#![cfg(test)]

use tokio_util::sync::CancellationToken;
use usherd::app::{self, Purpose};
use usherd::store::StoreError;

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner, leaver};

#[tokio::test]
async fn a_second_usherd_on_the_same_state_folder_is_refused() {
    let mut context = TestContext::builder().start().await;
    context.pass().await;
    let second = app::build(context.config(), Purpose::Act, None, CancellationToken::new()).await;
    let error = second.err().unwrap();
    assert!(matches!(error.downcast_ref(), Some(StoreError::Locked { .. })), "{error:#}");
    let beside = app::build(context.config(), Purpose::Preview, None, CancellationToken::new()).await;
    beside.unwrap().close().await;
    context.finish().await;
}

#[tokio::test]
async fn the_same_facts_make_the_same_plan_to_the_byte() {
    let mut context = TestContext::builder()
        .limits("documentRemovals: { count: 1, percent: 0 }")
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .document("leaver.yaml", leaver(&["Campaign"]))
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately"))
        .holding("E07", "Campaign")
        .holding("E08", "Campaign")
        .hr(|hr| {
            hr.person("E05").hired = "2026-11-23";
            hr.person("E06").hired = "2026-11-25";
            hr.person("E07").last_day = "2026-11-22";
            hr.person("E08").last_day = "2026-11-22";
        })
        .start()
        .await;
    let mut plans = Vec::new();
    for _ in 0..3 {
        let plan = &context.app().engine.preview().await.unwrap().plan;
        assert_eq!((plan.actions.len(), plan.holds.len()), (4, 1));
        plans.push(serde_json::to_string(plan).unwrap());
        context.restart().await;
        // Neither time nor the order of answers is in it.
        context.clock.advance(jiff::SignedDuration::from_secs(7));
    }
    assert_eq!(plans[0], plans[1]);
    assert_eq!(plans[0], plans[2]);
    assert!(context.requests().is_empty() && context.records().await.is_empty(), "looking does nothing");
    context.finish().await;
}
