//! Users between full readings: who comes, changes and goes is seen, whatever the rounds repeat or forget.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use usherd::sandbox::{Replicated, ReplicationLag};
use usherd::store::directory::{UsersChange, UsersReading};

use crate::context::TestContext;
use crate::context::company::auto_assignment;

/// Everybody in Robotics by the directory's own word, and nobody else.
pub(super) fn by_department() -> String {
    auto_assignment("kit", "Robotics Kit", "{ rule: \"department eq 'Robotics'\" }", "immediately")
}

/// The feed says nothing of departments, so that the directory's word counts.
pub(super) const FEED_WITHOUT_DEPARTMENTS: &str = "apiVersion: usherd/v1
kind: Feed
name: hr
source: { file: feeds/hr.csv, format: csv, delimiter: \";\", encoding: utf-8 }
mode: snapshot
key: Employee ID
join: employeeId
timeZone: { column: Time Zone, default: Europe/Amsterdam }
attributes:
  employeeHireDate: { column: Hire Date, type: date, format: \"%Y-%m-%d\" }
";

pub(super) async fn started() -> TestContext {
    TestContext::builder()
        .document("feed.yaml", FEED_WITHOUT_DEPARTMENTS)
        .document("kit.yaml", by_department())
        .start()
        .await
}

pub(super) async fn set(context: &TestContext, employee: &str, body: Value) {
    let path = format!("v1.0/users/{}", context.user(employee));
    context.call_outside(Method::PATCH, &path, Some(&body)).await;
}

async fn kept(context: &mut TestContext) -> usherd::store::directory::KeptUsers {
    let store = std::sync::Arc::clone(context.app().engine.store());
    store.kept_users().await.unwrap()
}

#[tokio::test]
async fn who_changes_between_two_full_readings_is_seen() {
    let mut context = started().await;
    assert_eq!(context.settle_all().await, 0);
    for employee in ["E05", "E06"] {
        set(&context, employee, json!({ "department": "Robotics" })).await;
    }
    assert_eq!(context.settle_all().await, 2);
    assert_eq!(context.assignments(), ["E05 Robotics Kit", "E06 Robotics Kit"]);
    set(&context, "E05", json!({ "department": null })).await;
    assert_eq!(context.settle_all().await, 1, "what was cleared is no longer there");
    assert_eq!(context.assignments(), ["E06 Robotics Kit"]);
    context.finish().await;
}

#[tokio::test]
async fn users_outlive_a_restart_and_are_not_read_again() {
    let mut context = started().await;
    context.settle_all().await;
    let before = kept(&mut context).await;
    assert_eq!(before.users.len(), crate::context::company::ACCOUNTS);
    set(&context, "E05", json!({ "department": "Robotics" })).await;
    context.restart().await;
    assert_eq!(context.settle_all().await, 1, "what changed while it was stopped is seen");
    let after = kept(&mut context).await;
    let full = |kept: &usherd::store::directory::KeptUsers| kept.reading.as_ref().unwrap().full;
    assert_eq!(full(&before), full(&after), "nobody was read in full again");
    assert_ne!(before.reading.unwrap().link, after.reading.unwrap().link);
    context.finish().await;
}

#[tokio::test]
async fn rounds_that_tell_everything_twice_change_nothing_twice() {
    let mut context = started().await;
    context.controls().replay_changes(true);
    for employee in ["E05", "E06"] {
        set(&context, employee, json!({ "department": "Robotics" })).await;
        context.settle_all().await;
    }
    set(&context, "E05", json!({ "department": "Sales" })).await;
    context.settle_all().await;
    context.settle_all().await;
    assert_eq!(
        context.requests(),
        ["adminAdd E05 Robotics Kit", "adminAdd E06 Robotics Kit", "adminRemove E05 Robotics Kit"]
    );
    context.finish().await;
}

/// Keeps the users as they are, with another word on how they were read.
async fn read_as(context: &mut TestContext, change: impl FnOnce(&mut UsersReading)) {
    let mut reading = kept(context).await.reading.unwrap();
    change(&mut reading);
    let change = UsersChange { reading, kept: Default::default(), gone: BTreeSet::new() };
    context.app().engine.store().keep_users(&change).await.unwrap();
    context.restart().await;
}

#[tokio::test]
async fn a_token_that_is_no_longer_known_leads_to_a_full_reading_that_takes_nothing() {
    let mut context = started().await;
    set(&context, "E05", json!({ "department": "Robotics" })).await;
    context.settle_all().await;
    // Everything is due after six hours; a daemon that was off for eight days finds its token expired.
    context.go_to("2026-12-01T10:00:00Z");
    read_as(&mut context, |reading| reading.full_due = "2027-01-01T00:00:00Z".parse().unwrap()).await;
    set(&context, "E06", json!({ "department": "Robotics" })).await;
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Robotics Kit", "E06 Robotics Kit"]);
    let reading = kept(&mut context).await.reading.unwrap();
    assert!(reading.full >= "2026-12-01T10:00:00Z".parse().unwrap(), "everybody was read: {reading:?}");
    context.finish().await;
}

#[tokio::test]
async fn a_full_reading_heals_what_the_rounds_missed() {
    let mut context = started().await;
    context.settle_all().await;
    set(&context, "E05", json!({ "department": "Robotics" })).await;
    // The round is skipped: the link is taken from behind the change.
    let latest = "v1.0/users/delta?$select=accountEnabled,department,displayName,employeeId,id,mail,userPrincipalName,userType&$deltatoken=latest";
    let link = context.call_outside(Method::GET, latest, None).await["@odata.deltaLink"].as_str().unwrap().to_owned();
    read_as(&mut context, |reading| reading.link = Some(link)).await;
    assert_eq!(context.settle_all().await, 0, "nothing tells of it");
    context.go_to("2026-11-23T15:30:00Z");
    assert_eq!(context.settle_all().await, 1);
    context.finish().await;
}

#[tokio::test]
async fn who_is_deleted_is_gone_and_who_is_restored_is_back() {
    let mut context = started().await;
    set(&context, "E05", json!({ "department": "Robotics" })).await;
    context.settle_all().await;
    let user = context.user("E05");
    context.call_outside(Method::DELETE, &format!("v1.0/users/{user}"), None).await;
    context.pass().await;
    assert!(!kept(&mut context).await.users.contains_key(&user.as_str().into()));
    let restore = format!("v1.0/directory/deletedItems/{user}/restore");
    context.call_outside(Method::POST, &restore, Some(&json!({}))).await;
    context.settle_all().await;
    let kept = kept(&mut context).await;
    assert_eq!(kept.users[&user.as_str().into()]["department"], "Robotics");
    context.finish().await;
}

#[tokio::test]
async fn another_attribute_is_read_of_everybody_at_once() {
    let mut context = started().await;
    set(&context, "E05", json!({ "city": "Delft" })).await;
    context.settle_all().await;
    let by_city = auto_assignment("delft", "Campaign", "{ rule: \"city eq 'Delft'\" }", "immediately");
    context.write_document("delft.yaml", &by_city);
    assert_eq!(context.settle_all().await, 1);
    assert_eq!(context.assignments(), ["E05 Campaign"]);
    context.finish().await;
}

#[tokio::test]
async fn who_is_told_of_before_they_are_known_everywhere_is_not_lost() {
    let mut context = TestContext::builder()
        .document("feed.yaml", FEED_WITHOUT_DEPARTMENTS)
        .document("kit.yaml", auto_assignment("kit", "Robotics Kit", "{ rule: \"department eq 'Robotics'\" }", "never"))
        .start()
        .await;
    context.settle_all().await;
    let lag = jiff::SignedDuration::from_secs(60);
    context.controls().set_replication_lag(Some(ReplicationLag { lag, of: BTreeSet::from([Replicated::Users]) }));
    let body = json!({
        "accountEnabled": true, "displayName": "New", "mailNickname": "new", "userPrincipalName": "new@fabrikam.example",
        "department": "Robotics", "passwordProfile": { "password": "Correct-horse-7" },
    });
    let new = context.call_outside(Method::POST, "v1.0/users", Some(&body)).await["id"].as_str().unwrap().to_owned();
    let gone = context.user("E05");
    context.call_outside(Method::DELETE, &format!("v1.0/users/{gone}"), None).await;
    // The tenant does not take a request for somebody whom it does not know everywhere yet.
    context.app().engine.run_pass().await.unwrap();
    assert!(kept(&mut context).await.users.contains_key(&new.as_str().into()), "the round told of them");
    context.controls().set_replication_lag(None);
    context.clock.advance(jiff::SignedDuration::from_mins(16));
    context.pass().await;
    let kept = kept(&mut context).await;
    assert!(kept.users.contains_key(&new.as_str().into()));
    assert!(!kept.users.contains_key(&gone.as_str().into()), "and of whom it told too early, the second look told");
    context.settle_all().await;
    context.finish().await;
}
