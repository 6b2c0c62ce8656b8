//! Ten days without the daemon: one pass catches up exactly as the documents say, and the next one has nothing left to do.

#![cfg(test)]

use crate::context::TestContext;
use crate::context::company::{auto_assignment, joiner, leaver};

#[tokio::test]
async fn ten_days_are_caught_up_in_one_pass() {
    let machines = auto_assignment("machines", "Campaign", "{ rule: \"department eq 'Machines'\" }", "immediately");
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "{ remove: after, gracePeriod: P7D }");
    let mut context = TestContext::builder()
        .document("joiner.yaml", joiner("Basics", "Direct assignment"))
        .document("leaver.yaml", leaver(&["Basics"]))
        .document("machines.yaml", machines)
        .document("kit.yaml", kit)
        .holding("E10", "Basics")
        .holding("E11", "Basics")
        .holding("E12", "Basics")
        .holding("E15", "Basics")
        .hr(|hr| {
            // Joiners: due eight days ago, two days ago, this morning, next week.
            for (id, hired) in
                [("E06", "2026-11-25"), ("E07", "2026-12-01"), ("E08", "2026-12-03"), ("E09", "2026-12-10")]
            {
                hr.person(id).hired = hired;
            }
            // Leavers: nine days ago, last night, at the end of the year.
            for (id, last_day) in [("E10", "2026-11-24"), ("E11", "2026-12-02"), ("E12", "2026-12-31")] {
                hr.person(id).last_day = last_day;
            }
            for id in ["E14", "E16", "E17"] {
                hr.person(id).department = "Machines";
            }
        })
        .start()
        .await;
    assert_eq!(context.settle_all().await, 6, "three of Robotics and three of Machines");
    let controls = context.controls();
    controls.remove_member("Robotics", &context.user("E02"));
    assert_eq!(context.settle_all().await, 0, "E02's grace period has begun");
    let before = context.requests().len();

    // Off, while the world goes on.
    controls.remove_member("Robotics", &context.user("E03"));
    context.hr.person("E13").department = "Machines";
    context.hr.person("E14").department = "Sales";
    context.hr.person("E15").last_day = "2026-11-27";
    context.go_to("2026-12-03T09:00:00Z");
    context.deliver();
    context.restart().await;

    let expected = [
        "adminAdd E07 Basics",
        "adminAdd E08 Basics",
        "adminAdd E13 Campaign",
        "adminRemove E02 Robotics Kit",
        "adminRemove E10 Basics",
        "adminRemove E11 Basics",
        "adminRemove E14 Campaign",
        "adminRemove E15 Basics",
    ];
    assert_eq!(context.pass().await.sent, expected.len(), "in one pass");
    let mut caught_up = context.requests().split_off(before);
    caught_up.sort();
    assert_eq!(caught_up, expected);
    assert_eq!(context.count("joiner", "tooLate"), 1, "E06");
    assert_eq!(context.reason("joiner", "E09"), Some("notYetDue"));
    assert_eq!(context.reason("kit", "E03"), Some("inGracePeriod"));
    assert!(context.holds().is_empty());

    assert_eq!(context.settle_all().await, 0, "nothing is left to do");
    context.restart().await;
    assert_eq!(context.settle_all().await, 0, "and nothing is done twice");
    context.finish().await;
}
