//! Whatever fails while the directory is watched takes nothing from anybody, and is made up for afterwards.

use reqwest::Method;
use usherd::sandbox::{Fault, FaultKind};

use super::users::{set, started};
use crate::context::TestContext;
use crate::context::company::auto_assignment;

fn fault(kind: FaultKind, status: Option<u16>, path: &str, count: u32) -> Fault {
    Fault { kind, status, retry_after: None, method: None, path: Some(path.to_owned()), count }
}

/// Failures that are not tried again at once, and one that is.
fn faults(path: &str) -> [Fault; 4] {
    [
        fault(FaultKind::Refuse, Some(403), path, 20),
        fault(FaultKind::Refuse, Some(400), path, 1),
        fault(FaultKind::Malform, None, path, 20),
        fault(FaultKind::ResetBefore, None, path, 1),
    ]
}

#[tokio::test]
async fn a_group_that_cannot_be_watched_loses_nobody() {
    let kit = auto_assignment("kit", "Robotics Kit", "{ group: Robotics }", "immediately");
    for path in ["/groups/delta", "/checkMemberGroups", "/members", "/groups"] {
        for fault in faults(path) {
            let mut context = TestContext::builder().document("kit.yaml", kit.as_str()).start().await;
            assert_eq!(context.settle_all().await, 3);
            context.controls().remove_member("Robotics", &context.user("E02"));
            let (kind, status) = (fault.kind, fault.status);
            context.controls().order_fault(fault);
            for _ in 0..2 {
                // A pass may fail whole; what it does is right all the same.
                context.app().engine.run_pass().await.ok();
            }
            let removals: Vec<String> =
                context.requests().into_iter().filter(|request| request.starts_with("adminRemove")).collect();
            assert!(removals.iter().all(|removal| removal.contains("E02")), "{path} {kind:?} {status:?}: {removals:?}");
            context.controls().clear_faults();
            context.settle_all().await;
            context.go_to("2026-11-24T09:00:00Z");
            context.settle_all().await;
            let expected = ["E01 Robotics Kit", "E03 Robotics Kit"];
            assert_eq!(context.assignments(), expected, "{path} {kind:?} {status:?}");
            assert_eq!(context.requests().len(), 4, "{path} {kind:?} {status:?}");
            context.finish().await;
        }
    }
}

#[tokio::test]
async fn users_that_cannot_be_read_lose_nothing() {
    for path in ["/users/delta", "/users", "$batch"] {
        for fault in faults(path) {
            let mut context = started().await;
            for employee in ["E05", "E06"] {
                set(&context, employee, serde_json::json!({ "department": "Robotics" })).await;
            }
            context.settle_all().await;
            let user = context.user("E06");
            context.call_outside(Method::DELETE, &format!("v1.0/users/{user}"), None).await;
            set(&context, "E07", serde_json::json!({ "department": "Robotics" })).await;
            let (kind, status) = (fault.kind, fault.status);
            context.controls().order_fault(fault);
            for time in ["2026-11-23T09:05:00Z", "2026-11-23T16:05:00Z"] {
                context.go_to(time);
                context.app().engine.run_pass().await.ok();
            }
            context.controls().clear_faults();
            let restore = format!("v1.0/directory/deletedItems/{user}/restore");
            context.call_outside(Method::POST, &restore, Some(&serde_json::json!({}))).await;
            context.settle_all().await;
            let removals: Vec<String> =
                context.requests().into_iter().filter(|request| request.starts_with("adminRemove")).collect();
            assert!(removals.iter().all(|removal| removal.contains("E06")), "{path} {kind:?} {status:?}: {removals:?}");
            let held = context.assignments();
            for expected in ["E05 Robotics Kit", "E07 Robotics Kit"] {
                assert!(held.iter().any(|line| line == expected), "{path} {kind:?} {status:?}: {held:?}");
            }
            context.finish().await;
        }
    }
}
