//! Changes of attributes, of membership and of feeds.

use reqwest::Method;
use serde_json::json;

use super::{removal, request, workflow};
use crate::context::TestContext;

#[tokio::test]
async fn an_attribute_that_changes_makes_one_occasion_each_time() {
    let trigger = "attributeChange: { attributes: [department], from: Sales, to: [Robotics, Machines] }";
    let mut context =
        TestContext::builder().document("move.yaml", workflow("move", trigger, &request("Campaign"))).start().await;
    assert_eq!(context.settle_all().await, 0, "what was there before is the baseline");

    context.hr.person("E05").department = "Robotics";
    context.hr.person("E06").department = "Market";
    context.deliver();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E05 Campaign"], "Market is not what the trigger waits for");

    // Out of band the access is lost; only the next change from Sales brings it back.
    context.remove_outside("E05", "Campaign").await;
    context.hr.person("E05").department = "Sales";
    context.deliver();
    assert_eq!(context.settle_all().await, 0);
    context.restart().await;
    context.hr.person("E05").department = "Machines";
    context.deliver();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Campaign"]);
    assert_eq!(context.settle_all().await, 0, "one change is one occasion");
    context.finish().await;
}

#[tokio::test]
async fn whoever_joins_a_group_directly_or_through_another_is_noticed() {
    let direct = "membershipChange: { group: Robotics, change: added }";
    let nested = "membershipChange: { group: Robotics, change: added, transitive: true }";
    let mut context = TestContext::builder()
        .document("direct.yaml", workflow("direct", direct, &request("Robotics Kit")))
        .document("nested.yaml", workflow("nested", nested, &request("Campaign")))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0, "members of before are the baseline");

    let controls = context.controls();
    assert!(controls.add_member("Robotics", &context.user("E09")));
    assert!(controls.add_member("Robotics Lab", &context.user("E10")));
    context.settle_all().await;
    assert_eq!(context.assignments(), ["E09 Campaign", "E09 Robotics Kit", "E10 Campaign"]);

    // A whole group comes in.
    assert!(controls.add_member("Basics Users", &context.user("E11")));
    let (outer, inner) = (context.group_id("Robotics").await, context.group_id("Basics Users").await);
    let link = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{inner}") });
    context.call_outside(Method::POST, &format!("v1.0/groups/{outer}/members/$ref"), Some(&link)).await;
    assert_eq!(context.settle_all().await, 1);
    assert!(context.assignments().contains(&"E11 Campaign".to_owned()));
    context.finish().await;
}

#[tokio::test]
async fn whoever_leaves_a_group_is_noticed() {
    let trigger = "membershipChange: { group: Robotics, change: removed }";
    let mut context = TestContext::builder()
        .holding("E02", "Robotics Kit")
        .holding("E03", "Robotics Kit")
        .document("leave.yaml", workflow("leave", trigger, &removal("Robotics Kit")))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0);
    assert!(context.controls().remove_member("Robotics", &context.user("E02")));
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminRemove E02 Robotics Kit"]);
    assert_eq!(context.assignments(), ["E03 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn whoever_appears_in_a_feed_is_noticed() {
    let mut context = TestContext::builder()
        .hr(|hr| hr.retain(|id| id != "E20"))
        .document("new.yaml", workflow("new", "feedChange: { feed: hr, change: appeared }", &request("Basics")))
        .start()
        .await;
    assert_eq!(context.settle_all().await, 0, "whoever was in the first delivery is the baseline");
    context.hr.person("E20");
    context.deliver();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E20 Basics"]);
    context.finish().await;
}

#[tokio::test]
async fn whoever_disappears_from_a_feed_is_gone_only_when_deliveries_agree() {
    let mut context = TestContext::builder()
        .holding("E20", "Campaign")
        .document("gone.yaml", workflow("gone", "feedChange: { feed: hr, change: disappeared }", &removal("Campaign")))
        .start()
        .await;
    context.settle_all().await;
    context.hr.retain(|id| id != "E20");
    for (instant, place, expected) in
        [("2026-11-23T10:00:00Z", "A", 0), ("2026-11-23T22:00:00Z", "B", 0), ("2026-11-24T11:00:00Z", "C", 1)]
    {
        // No delivery is like another; the same bytes once more would say nothing new.
        context.go_to(instant);
        context.hr.person("E01").department = place;
        context.deliver();
        assert_eq!(context.settle_all().await, expected, "{instant}");
    }
    assert_eq!(context.requests(), ["adminRemove E20 Campaign"]);
    context.finish().await;
}
