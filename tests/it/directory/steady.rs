//! What a pass reads of the tenant: changes, and everything only at an interval. Counted by the tenant itself.

use crate::context::TestContext;
use crate::context::company::{auto_assignment, employee};

/// Members of the group, all of whom have held the package since before.
const MEMBERS: usize = 1_000;
/// People who change at a time.
const CHANGES: usize = 10;
/// How often people come, before some of them go.
const WAVES: usize = 3;
/// The most reads of a pass between two full observations.
const MOST_READS: u64 = 5;

/// One pass: its reads over the wire, and the calls that count for the service's limits (each one in a batch counts, and so do requests made).
async fn reads_of_a_pass(context: &mut TestContext) -> (u64, u64) {
    let controls = context.controls();
    let (before, calls) = (controls.graph_exchanges().1, controls.graph_calls());
    context.pass().await;
    (controls.graph_exchanges().1 - before, controls.graph_calls() - calls)
}

/// Passes until nothing is under way; the reads of each.
async fn reads_until_settled(context: &mut TestContext) -> Vec<(u64, u64)> {
    let mut reads = Vec::new();
    for _ in 0..5 {
        reads.push(reads_of_a_pass(context).await);
        context.clock.advance(jiff::SignedDuration::from_secs(30));
    }
    reads
}

#[tokio::test]
async fn a_pass_reads_changes_and_not_everything() {
    let mut builder = TestContext::builder()
        .accounts(MEMBERS + WAVES * CHANGES)
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately"))
        .limits("documentRemovals: { count: 1000, percent: 100 }, tenantRemovals: { count: 500, percent: 100 }");
    for number in 1..=MEMBERS {
        builder = builder.holding(&employee(number), "Robotics Kit");
    }
    let mut context = builder.start().await;
    for number in 4..=MEMBERS {
        context.controls().add_member("Robotics", &context.user(&employee(number)));
    }

    let full = reads_of_a_pass(&mut context).await;
    println!("the first pass, which reads everything: {full:?} (reads over the wire, calls)");
    let quiet = reads_of_a_pass(&mut context).await;
    println!("a pass in which nothing has changed: {quiet:?}");
    assert!(quiet.0 <= 3, "{quiet:?}");

    let mut watched = Vec::new();
    let newcomers: Vec<String> =
        (MEMBERS + 1..=MEMBERS + WAVES * CHANGES).map(|number| context.user(&employee(number))).collect();
    for wave in newcomers.chunks(CHANGES) {
        for user in wave {
            context.controls().add_member("Robotics", user);
        }
        let reads = reads_until_settled(&mut context).await;
        println!("{CHANGES} members come: {reads:?}");
        watched.extend(reads);
    }
    assert_eq!(context.requests().len(), WAVES * CHANGES);
    for user in &newcomers[..CHANGES] {
        context.controls().remove_member("Robotics", user);
    }
    let reads = reads_until_settled(&mut context).await;
    println!("{CHANGES} members go: {reads:?}");
    watched.extend(reads);
    let held = MEMBERS + (WAVES - 1) * CHANGES;
    assert_eq!((context.requests().len(), context.assignments().len()), ((WAVES + 1) * CHANGES, held));
    assert!(watched.iter().all(|(reads, _)| *reads <= MOST_READS), "{watched:?}");

    context.go_to("2026-11-24T09:00:00Z");
    let again = reads_of_a_pass(&mut context).await;
    println!("a full observation later: {again:?}");
    assert!(again.0 > MOST_READS, "everything is read anew: {again:?}");
    context.finish().await;
}

#[tokio::test]
async fn many_requests_that_wait_for_approvers_are_listed_and_not_asked_after_one_by_one() {
    const WAITING: usize = 45;
    let mut context = TestContext::builder().accounts(WAITING + 1).start().await;
    context.settle_all().await;
    for number in 2..=WAITING + 1 {
        context.request_outside(&employee(number), "Campaign", "Approved by manager").await;
    }
    context.pass().await;
    let waiting = |context: &mut TestContext| context.app().engine.last_pass().unwrap().observed.requests.len();
    assert_eq!(waiting(&mut context), WAITING);
    context.clock.advance(jiff::SignedDuration::from_hours(2));
    // Packages and policies are due as well.
    let (reads, calls) = reads_of_a_pass(&mut context).await;
    assert!(reads <= 10 && calls <= 10, "{reads} reads, {calls} calls");
    assert_eq!(waiting(&mut context), WAITING);
    let first = context.controls().requests()[0].id.clone();
    context.controls().decide(&first, true).unwrap();
    context.pass().await;
    context.clock.advance(jiff::SignedDuration::from_secs(30));
    context.pass().await;
    let last = context.app().engine.last_pass().unwrap();
    assert_eq!((last.observed.requests.len(), last.observed.assignments.len()), (WAITING - 1, 1));
    context.finish().await;
}
