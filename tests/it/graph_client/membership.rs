//! Changes of groups as the directory sends them to a scripted Graph, and what each answer leaves certain.

use axum::http::Method;
use serde_json::json;
use usherd::directory::graph::GraphDirectory;
use usherd::directory::{Directory, GroupAnswer, GroupQuery, SubmitError, Unchangeable};

use super::service::{Service, answer, answer_with};

#[tokio::test]
async fn members_come_and_go_by_reference() {
    let graph = Service::start(|_, _| Some(answer(204, ""))).await;
    let directory = GraphDirectory::new(graph.client());
    directory.add_member(&"g/1".into(), &"u1".into()).await.unwrap();
    directory.remove_member(&"g/1".into(), &"u1".into()).await.unwrap();
    let [add, remove] = graph.seen().try_into().unwrap();
    assert_eq!((add.method.clone(), add.path.as_str()), (Method::POST, "/v1.0/groups/g%2F1/members/$ref"));
    let object = graph.root.join("/v1.0/directoryObjects/u1").unwrap();
    assert_eq!(add.json(), json!({"@odata.id": object.as_str()}));
    assert_eq!((remove.method.clone(), remove.path.as_str()), (Method::DELETE, "/v1.0/groups/g%2F1/members/u1/$ref"));
    assert_eq!(remove.body, "");
}

#[tokio::test]
async fn every_answer_to_a_change_leaves_what_is_certain() {
    let envelope = json!({"error": {"code": "SomeCode", "message": "m"}}).to_string();
    for (status, body, expected) in [
        (204, "", "done"),
        (200, "<html>", "done"),
        (400, envelope.as_str(), "refused 400 SomeCode"),
        (403, envelope.as_str(), "refused 403 SomeCode"),
        (404, envelope.as_str(), "refused 404 SomeCode"),
        (404, "<html>", "lost"),
        (429, "", "not taken"),
        (500, envelope.as_str(), "lost"),
        (504, "", "lost"),
    ] {
        let body = body.to_owned();
        let graph = Service::start(move |_, _| Some(answer_with(status, &[], &body))).await;
        let directory = GraphDirectory::new(graph.client());
        assert_eq!(outcome(directory.add_member(&"g1".into(), &"u1".into()).await), expected, "{status}");
        assert_eq!(outcome(directory.remove_member(&"g1".into(), &"u1".into()).await), expected, "{status}");
        assert_eq!(graph.seen().len(), 2, "{status}: nothing is sent twice");
    }
}

#[tokio::test]
async fn a_group_says_why_its_members_cannot_be_changed() {
    for (properties, expected) in [
        (json!({}), None),
        (json!({"groupTypes": ["Unified"], "mailEnabled": true}), None),
        (json!({"groupTypes": ["DynamicMembership"]}), Some(Unchangeable::Dynamic)),
        (json!({"onPremisesSyncEnabled": true, "mailEnabled": true}), Some(Unchangeable::OnPremises)),
        (json!({"groupTypes": [], "mailEnabled": true}), Some(Unchangeable::MailEnabled)),
        (json!({"isAssignableToRole": true}), Some(Unchangeable::RoleAssignable)),
    ] {
        let mut group = json!({"id": "g1"});
        group.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
        let graph = Service::start(move |_, seen| {
            let members = seen.path.ends_with("/microsoft.graph.user");
            Some(answer(200, json!({"value": if members { vec![] } else { vec![group.clone()] }})))
        })
        .await;
        let wanted = GroupQuery { group: "IT".into(), transitive: false };
        let found = GraphDirectory::new(graph.client()).group(&wanted).await.unwrap();
        let GroupAnswer::Members { unchangeable, .. } = found else { panic!("{properties}: {found:?}") };
        assert_eq!(unchangeable, expected, "{properties}");
    }
}

fn outcome(result: Result<(), SubmitError>) -> String {
    match result {
        Ok(()) => "done".into(),
        Err(SubmitError::Refused { status, code, .. }) => format!("refused {status} {code}"),
        Err(SubmitError::NotTaken { .. }) => "not taken".into(),
        Err(SubmitError::AnswerLost { .. }) => "lost".into(),
    }
}
