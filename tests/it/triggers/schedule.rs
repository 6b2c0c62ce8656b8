//! Schedules: by the clock alone, on time, and after a stop as the document says.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use usherd::domain::action::ActionState;
use usherd::engine::driver;
use usherd::engine::watch::FolderWatcher;

use super::{request, workflow};
use crate::context::TestContext;
use crate::context::wait::until;

/// For E05 alone.
fn scheduled(name: &str, trigger: &str, package: &str) -> String {
    workflow(name, trigger, &request(package)).replace("department ne 'Elsewhere'", "department eq 'Robotics'")
}

async fn start(documents: &[(&str, String)]) -> TestContext {
    let builder = TestContext::builder().hr(|hr| hr.person("E05").department = "Robotics");
    let mut context =
        documents.iter().fold(builder, |builder, (file, text)| builder.document(file, text.clone())).start().await;
    assert_eq!(context.settle_all().await, 0);
    context
}

#[tokio::test]
async fn a_schedule_runs_when_its_time_has_come_in_its_zone() {
    let noon = scheduled("noon", "schedule: \"0 12 * * TUE\", timeZone: Europe/Amsterdam", "Campaign");
    let mut context = start(&[("noon.yaml", noon)]).await;
    context.go_to("2026-11-24T10:59:59Z");
    assert_eq!(context.settle_all().await, 0);
    context.go_to("2026-11-24T11:00:00Z");
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.requests(), ["adminAdd E05 Campaign"]);
    context.go_to("2026-11-24T11:00:30Z");
    assert_eq!(context.settle_all().await, 0, "one instant is one occasion");
    context.finish().await;
}

#[tokio::test]
async fn what_was_missed_during_a_stop_is_made_up_for_as_the_document_says() {
    let of = |missed: &str, package: &str| {
        let trigger = format!("schedule: \"0 12 * * *\", timeZone: Europe/Amsterdam, missed: {missed}, window: P7D");
        (format!("{missed}.yaml"), scheduled(missed, &trigger, package))
    };
    let documents = [of("none", "Basics"), of("one", "Robotics Kit"), of("all", "Campaign")];
    let documents: Vec<(&str, String)> = documents.iter().map(|(file, text)| (file.as_str(), text.clone())).collect();
    let mut context = start(&documents).await;
    context.go_to("2026-11-26T20:00:00Z");
    context.restart().await;
    context.settle_all().await;
    assert_eq!(context.assignments(), ["E05 Campaign", "E05 Robotics Kit"]);
    let runs = context.app().engine.store().ledger().await.unwrap().runs;
    let count = |name: &str| runs.keys().filter(|occasion| occasion.workflow.as_str() == name).count();
    assert_eq!([count("none"), count("one"), count("all")], [0, 1, 4], "from Monday to Thursday there are four noons");
    context.finish().await;
}

/// The tenant's clock runs at a fifth, so that a busy machine is not late: a second of the tenant's is five real ones. The pass schedule never comes.
#[tokio::test]
async fn a_schedule_wakes_the_daemon_within_a_second() {
    let due: Timestamp = "2026-11-23T09:01:00Z".parse().unwrap();
    let mut context =
        start(&[("soon.yaml", scheduled("soon", "schedule: \"1 9 * * *\", timeZone: UTC", "Campaign"))]).await;
    let (clock, controls) = (Arc::clone(&context.clock), context.controls());
    let (stop, wake) = (CancellationToken::new(), Arc::new(Notify::new()));
    clock.set(due.checked_sub(SignedDuration::from_secs(1)).unwrap());
    clock.set_speed(0.2);
    let app = context.app();
    let mut watcher = FolderWatcher::new(Arc::clone(&wake), app.config.state.clone());
    let running = driver::run(&mut app.engine, &wake, &mut watcher, &stop);
    let requested = async {
        until("the schedule makes a request", async || !controls.requests().is_empty()).await;
        stop.cancel();
    };
    tokio::join!(running, requested);
    clock.set_speed(0.0);
    let [record] = context.records().await.try_into().unwrap();
    let submitted = record.submitted.unwrap();
    assert!(due <= submitted && submitted.duration_since(due) < SignedDuration::from_secs(1), "{submitted}");
    context.settle_all().await;
    assert_eq!(context.records().await[0].state, ActionState::Delivered);
    context.finish().await;
}
