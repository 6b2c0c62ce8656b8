//! Auto assignments: the holders of a package follow the members of groups and rules.

#![cfg(test)]

use std::collections::BTreeSet;

use usherd::domain::ids::ActionId;

use crate::context::TestContext;
use crate::context::company::auto_assignment;

const ROBOTICS: &str = "{ group: Robotics }";
const KIT: &str = "Robotics Kit";

fn kit(when_member_leaves: &str) -> String {
    auto_assignment("kit", KIT, ROBOTICS, when_member_leaves)
}

#[tokio::test]
async fn a_member_in_and_out_and_in_again_is_granted_twice() {
    let mut context = TestContext::builder().document("kit.yaml", kit("immediately")).start().await;
    assert_eq!(context.settle_all().await, 3);
    let (controls, user) = (context.controls(), context.user("E09"));

    assert!(controls.add_member("Robotics", &user));
    assert_eq!(context.settle_all().await, 1);
    assert!(controls.is_member("Kit Users", &user), "a delivered assignment gives the package's groups");
    assert!(controls.remove_member("Robotics", &user));
    assert_eq!(context.settle_all().await, 1);
    assert!(!controls.is_member("Kit Users", &user));
    assert!(controls.add_member("Robotics", &user));
    assert_eq!(context.settle_all().await, 1);

    let own = context.requests().into_iter().filter(|request| request.contains("E09"));
    assert_eq!(
        own.collect::<Vec<_>>(),
        ["adminAdd E09 Robotics Kit", "adminRemove E09 Robotics Kit", "adminAdd E09 Robotics Kit"]
    );
    let ids: BTreeSet<ActionId> = context
        .records()
        .await
        .iter()
        .filter(|record| record.action.user.as_str() == user)
        .map(|record| record.action.id)
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(context.assignments().len(), 4);
    context.finish().await;
}

#[tokio::test]
async fn the_grace_period_is_waited_for_and_a_return_ends_it() {
    let mut context =
        TestContext::builder().document("kit.yaml", kit("{ remove: after, gracePeriod: P7D }")).start().await;
    context.settle_all().await;
    let (controls, user) = (context.controls(), context.user("E02"));

    controls.remove_member("Robotics", &user);
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("kit", "E02"), Some("inGracePeriod"));
    context.go_to("2026-11-29T09:00:00Z");
    controls.add_member("Robotics", &user);
    assert_eq!(context.settle_all().await, 0);
    controls.remove_member("Robotics", &user);
    assert_eq!(context.settle_all().await, 0, "the period begins anew");
    context.go_to("2026-12-06T08:59:00Z");
    assert_eq!(context.settle_all().await, 0);
    context.go_to("2026-12-06T09:01:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E01 Robotics Kit", "E03 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn what_usherd_did_not_grant_stays() {
    let mut context = TestContext::builder()
        .document("kit.yaml", kit("immediately"))
        .holding("E02", KIT)
        .holding("E10", KIT)
        .start()
        .await;
    assert_eq!(context.settle_all().await, 2);
    assert_eq!(context.count("kit", "alreadySatisfiedUnowned"), 1);
    assert_eq!(context.count("kit", "notOwned"), 1);
    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments().len(), 4);
    context.finish().await;
}

#[tokio::test]
async fn members_of_a_nested_group_count_where_the_document_says_so() {
    let nested = auto_assignment("nested", KIT, "{ group: Robotics, transitive: true }", "immediately");
    let direct = auto_assignment("direct", "Basics", ROBOTICS, "immediately");
    let mut context =
        TestContext::builder().document("nested.yaml", nested).document("direct.yaml", direct).start().await;
    context.settle_all().await;
    let holders = |package: &str| -> Vec<String> {
        let all = context.assignments().into_iter();
        all.filter_map(|line| line.strip_suffix(package).map(|id| id.trim().to_owned())).collect()
    };
    assert_eq!(holders(KIT), ["E01", "E02", "E03", "E04"]);
    assert_eq!(holders("Basics"), ["E01", "E02", "E03"]);

    context.controls().remove_member("Robotics Lab", &context.user("E04"));
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E04 Robotics Kit");
    context.finish().await;
}

#[tokio::test]
async fn a_package_stays_as_long_as_one_of_two_documents_wants_it() {
    let by_department = auto_assignment("sales", KIT, "{ rule: \"department eq 'Machines'\" }", "immediately");
    let mut context = TestContext::builder()
        .document("kit.yaml", kit("immediately"))
        .document("machines.yaml", by_department)
        .hr(|hr| hr.person("E02").department = "Machines")
        .start()
        .await;
    assert_eq!(context.settle_all().await, 3, "two documents, one request");
    context.settle_all().await;

    context.controls().remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 0);
    context.hr.person("E02").department = "Sales";
    context.deliver();
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E01 Robotics Kit", "E03 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn a_person_who_moves_loses_the_old_package_and_gets_the_new_one() {
    let rule = |department: &str| format!("{{ rule: \"department eq '{department}'\" }}");
    let mut context = TestContext::builder()
        .document("machines.yaml", auto_assignment("machines", KIT, &rule("Machines"), "immediately"))
        .document("market.yaml", auto_assignment("market", "Campaign", &rule("Market"), "immediately"))
        .hr(|hr| {
            for id in ["E05", "E06", "E07"] {
                hr.person(id).department = "Machines";
            }
        })
        .start()
        .await;
    assert_eq!(context.settle_all().await, 3);
    context.hr.person("E05").department = "Market";
    context.deliver();
    assert_eq!(context.settle_all().await, 2);
    assert_eq!(context.assignments(), ["E05 Campaign", "E06 Robotics Kit", "E07 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn a_package_goes_when_two_documents_stop_wanting_it_at_once() {
    let lab = auto_assignment("lab", KIT, "{ group: Robotics Lab }", "immediately");
    let mut context =
        TestContext::builder().document("kit.yaml", kit("immediately")).document("lab.yaml", lab).start().await;
    assert_eq!(context.settle_all().await, 4);
    let (controls, user) = (context.controls(), context.user("E02"));
    controls.add_member("Robotics Lab", &user);
    assert_eq!(context.settle_all().await, 0, "it is held by two documents now");

    controls.remove_member("Robotics", &user);
    controls.remove_member("Robotics Lab", &user);
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminRemove E02 Robotics Kit");
    controls.add_member("Robotics Lab", &user);
    assert_eq!(context.settle_all().await, 1, "and it comes again, as a new episode");
    context.finish().await;
}

#[tokio::test]
async fn what_somebody_else_took_is_given_again_once_two_readings_agree() {
    let mut context = TestContext::builder().document("kit.yaml", kit("immediately")).start().await;
    assert_eq!(context.settle_all().await, 3);
    context.remove_outside("E02", KIT).await;
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.reason("kit", "E02"), Some("lossUnconfirmed"));
    context.go_to("2026-11-23T09:20:00Z");
    assert_eq!(context.settle_all().await, 0);
    context.go_to("2026-11-23T09:40:00Z");
    context.pass().await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests().last().unwrap(), "adminAdd E02 Robotics Kit");
    context.finish().await;
}

#[tokio::test]
async fn somebody_elses_open_request_is_waited_for_and_not_doubled() {
    let mut context = TestContext::builder().start().await;
    context.pass().await;
    context.request_outside("E02", "Campaign", "Approved by manager").await;
    let pending = context.last_request();
    context.clock.advance(jiff::SignedDuration::from_secs(10));
    context.write_document("team.yaml", &auto_assignment("team", "Campaign", ROBOTICS, "immediately"));
    assert_eq!(context.settle_all().await, 2);
    assert_eq!(context.reason("team", "E02"), Some("openRequest"));
    context.controls().decide(&pending, true).unwrap();
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments(), ["E01 Campaign", "E03 Campaign"]);
    context.clock.advance(jiff::SignedDuration::from_secs(10));
    assert_eq!(context.settle_all().await, 0);
    assert_eq!(context.assignments().len(), 3);
    context.finish().await;
}
