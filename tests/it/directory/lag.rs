//! Lists and reads that lag behind what happened: nothing is done twice, and what was missed is made up for.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use usherd::sandbox::{Replicated, ReplicationLag};

use crate::context::TestContext;
use crate::context::company::auto_assignment;

fn lagging(context: &TestContext, seconds: i64, of: &[Replicated]) {
    let of: BTreeSet<Replicated> = of.iter().copied().collect();
    context.controls().set_replication_lag(Some(ReplicationLag { lag: SignedDuration::from_secs(seconds), of }));
}

/// Passes over a quarter of an hour of tenant time.
async fn a_while(context: &mut TestContext) {
    for _ in 0..12 {
        context.pass().await;
        context.clock.advance(SignedDuration::from_secs(90));
    }
}

/// How many assignments usherd believes there are.
fn observed(context: &mut TestContext) -> usize {
    context.app().engine.last_pass().unwrap().observed.assignments.len()
}

async fn started() -> TestContext {
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    TestContext::builder().document("kit.yaml", kit).start().await
}

#[tokio::test]
async fn assignments_and_requests_that_are_seen_late_are_not_asked_for_twice() {
    for of in
        [&[Replicated::Assignments][..], &[Replicated::Requests], &[Replicated::Assignments, Replicated::Requests]]
    {
        let mut context = started().await;
        context.pass().await;
        lagging(&context, 240, of);
        context.controls().add_member("Robotics", &context.user("E07"));
        a_while(&mut context).await;
        assert_eq!(observed(&mut context), 4, "{of:?}");
        context.controls().remove_member("Robotics", &context.user("E02"));
        a_while(&mut context).await;
        assert_eq!(observed(&mut context), 3, "{of:?}");
        let last = ["adminAdd E07 Robotics Kit", "adminRemove E02 Robotics Kit"];
        assert_eq!(context.requests()[3..], last, "{of:?}");
        assert_eq!(context.assignments().len(), 3, "{of:?}");
        context.finish().await;
    }
}

#[tokio::test]
async fn members_that_are_seen_late_come_and_go_late() {
    let mut context = started().await;
    context.settle_all().await;
    lagging(&context, 240, &[Replicated::Members]);
    context.controls().add_member("Robotics", &context.user("E07"));
    context.controls().remove_member("Robotics", &context.user("E02"));
    context.settle_all().await;
    a_while(&mut context).await;
    a_while(&mut context).await;
    let expected = ["E01", "E03", "E07"].map(|employee| format!("{employee} Robotics Kit"));
    assert_eq!(context.assignments(), expected);
    assert_eq!(context.requests().len(), 5);
    context.finish().await;
}

#[tokio::test]
async fn an_assignment_that_ends_by_its_date_is_seen_to_end() {
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    let kit = format!("{kit}expiration: {{ afterDuration: P1D }}\n");
    let mut context = TestContext::builder().document("kit.yaml", kit).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.pass().await;
    assert_eq!(observed(&mut context), 3);
    // So that it is not the full observation that finds it.
    context.go_to("2026-11-24T08:30:00Z");
    context.pass().await;
    assert_eq!(observed(&mut context), 3);
    context.go_to("2026-11-24T09:01:00Z");
    context.pass().await;
    assert_eq!(observed(&mut context), 0);
    context.settle_all().await;
    context.finish().await;
}

#[tokio::test]
async fn what_others_ask_for_is_seen_through_their_requests() {
    let mut context = started().await;
    context.settle_all().await;
    context.request_outside("E09", "Campaign", "Direct assignment").await;
    context.pass().await;
    let open = context.app().engine.last_pass().unwrap().observed.requests.len();
    assert_eq!((open, observed(&mut context)), (1, 3));
    context.clock.advance(SignedDuration::from_secs(30));
    context.pass().await;
    assert_eq!(observed(&mut context), 4);
    context.settle_all().await;
    context.finish().await;
}
