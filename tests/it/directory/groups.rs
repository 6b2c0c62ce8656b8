//! Groups between full listings: who comes is in at once, who goes is out once the service confirms it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::context::TestContext;
use crate::context::company::auto_assignment;

async fn started(members: &str) -> TestContext {
    TestContext::builder()
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", members, "immediately"))
        .start()
        .await
}

async fn delete_member(context: &TestContext, group: &str, member: &str) {
    let path = format!("v1.0/groups/{}/members/{member}/$ref", context.group_id(group).await);
    context.call_outside(Method::DELETE, &path, None).await;
}

#[tokio::test]
async fn who_comes_and_goes_is_seen_without_a_listing() {
    let mut context = started("{ group: Robotics }").await;
    assert_eq!(context.settle_all().await, 3);
    context.controls().add_member("Robotics", &context.user("E07"));
    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 2);
    assert_eq!(context.assignments(), ["E01 Robotics Kit", "E03 Robotics Kit", "E07 Robotics Kit"]);
    context.controls().replay_changes(true);
    context.controls().add_member("Robotics", &context.user("E08"));
    context.settle_all().await;
    context.settle_all().await;
    assert_eq!(context.requests().len(), 6, "what is told twice is done once");
    context.finish().await;
}

#[tokio::test]
async fn who_comes_and_goes_below_a_nested_group_is_seen() {
    let mut context = started("{ group: Robotics, transitive: true }").await;
    assert_eq!(context.settle_all().await, 4);
    context.controls().add_member("Robotics Lab", &context.user("E07"));
    assert_eq!(context.settle_all().await, 1);
    context.controls().remove_member("Robotics Lab", &context.user("E04"));
    assert_eq!(context.settle_all().await, 1);
    // A circle of groups, and a group below the one below.
    let (robotics, lab) = (context.group_id("Robotics").await, context.group_id("Robotics Lab").await);
    for (group, member) in [(&lab, &robotics), (&lab, &context.group_id("Basics Users").await)] {
        let body = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{member}") });
        context.call_outside(Method::POST, &format!("v1.0/groups/{group}/members/$ref"), Some(&body)).await;
    }
    assert_eq!(context.settle_all().await, 0);
    context.controls().add_member("Basics Users", &context.user("E09"));
    assert_eq!(context.settle_all().await, 1, "a group that came below is followed too");
    let expected = ["E01", "E02", "E03", "E07", "E09"].map(|employee| format!("{employee} Robotics Kit"));
    assert_eq!(context.assignments(), expected);
    context.finish().await;
}

#[tokio::test]
async fn who_leaves_directly_and_stays_by_way_of_another_group_is_listed_before_it_counts() {
    let mut context = started("{ group: Robotics }").await;
    context.controls().add_member("Robotics Lab", &context.user("E02"));
    assert_eq!(context.settle_all().await, 3);
    // The service still counts E02 among the members; a list of the direct ones says what is meant.
    delete_member(&context, "Robotics", &context.user("E02")).await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E01 Robotics Kit", "E03 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn a_deleted_group_holds_its_removals_and_goes_on_once_it_is_restored() {
    let mut context = started("{ group: Robotics }").await;
    assert_eq!(context.settle_all().await, 3);
    let group = context.group_id("Robotics").await;
    context.call_outside(Method::DELETE, &format!("v1.0/groups/{group}"), None).await;
    for _ in 0..3 {
        assert_eq!(context.settle_all().await, 0);
        context.clock.advance(jiff::SignedDuration::from_hours(7));
    }
    assert_eq!(context.assignments().len(), 3);
    let restore = format!("v1.0/directory/deletedItems/{group}/restore");
    context.call_outside(Method::POST, &restore, Some(&json!({}))).await;
    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 1, "the group counts again");
    context.finish().await;
}

#[tokio::test]
async fn a_renamed_group_is_no_longer_the_one_that_is_named() {
    let mut context = started("{ group: Robotics }").await;
    assert_eq!(context.settle_all().await, 3);
    let group = context.group_id("Robotics").await;
    let rename = |name: &str| json!({ "displayName": name });
    context.call_outside(Method::PATCH, &format!("v1.0/groups/{group}"), Some(&rename("Machines"))).await;
    context.controls().remove_member("Machines", &context.user("E02"));
    assert_eq!(context.settle_all().await, 0, "no group has the name");
    context.call_outside(Method::PATCH, &format!("v1.0/groups/{group}"), Some(&rename("Robotics"))).await;
    assert_eq!(context.settle_all().await, 1);
    context.finish().await;
}

#[tokio::test]
async fn a_user_who_is_deleted_leaves_the_group_with_nobody_to_ask_after() {
    let mut context = started("{ group: Robotics }").await;
    assert_eq!(context.settle_all().await, 3);
    let user = context.user("E02");
    context.call_outside(Method::DELETE, &format!("v1.0/users/{user}"), None).await;
    let report = context.pass().await;
    let view = context.app().engine.last_pass().unwrap();
    let groups: Vec<Value> =
        view.observed.groups.values().map(|group| json!(format!("{group:?}").contains(&user))).collect();
    assert_eq!((groups, report.problems), (vec![json!(false)], 0));
    context.settle_all().await;
    context.finish().await;
}
