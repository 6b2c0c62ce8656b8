//! Packages, assignments and requests as entitlement management reads and makes them, against a scripted Graph.

use std::time::Duration;

use serde_json::{Value, json};
use usherd::directory::SubmitError;
use usherd::domain::action::{Action, ActionKind, Category, Cause};
use usherd::domain::entitlement::{Answer, AssignmentState, Expiration, QuestionKind, RequestState};
use usherd::domain::resource::Resource;
use usherd::entitlement::Entitlement;
use usherd::entitlement::graph::GraphEntitlement;
use usherd::graph::transport::{GraphClient, GraphOptions};

use super::service::{Service, answer, answer_with, deserted};

const ROOT: &str = "/v1.0/identityGovernance/entitlementManagement";

fn action(kind: ActionKind) -> Action {
    let cause = Cause::Assignment { assignment: "a1".into() };
    Action {
        kind,
        category: Category::Joiner,
        subject: "person:E1".into(),
        user: "u1".into(),
        resource: Resource::Package("p1".into()),
        expiration: None,
        answers: Vec::new(),
        policy: (kind == ActionKind::AdminAdd).then(|| "x1".into()),
        assignment: (kind == ActionKind::AdminRemove).then(|| "a1".into()),
        document: "d".into(),
        document_hash: "h".into(),
        id: Action::derive_id(&"t".into(), kind, &Resource::Package("p1".into()), None, &"u1".into(), &cause),
        cause,
        justification: None,
    }
}

async fn submit(graph: &Service, kind: ActionKind) -> Result<RequestState, SubmitError> {
    let request = GraphEntitlement::new(graph.client()).submit(&action(kind), "HR [usherd i/1]").await;
    request.map(|request| request.state)
}

#[tokio::test]
async fn an_action_is_sent_as_graph_documents_it() {
    let graph = Service::start(|_, _| {
        let created = json!({"id": "r1", "requestType": "adminAdd", "state": "submitted", "status": "Accepted", "createdDateTime": null});
        Some(answer_with(201, &[("location", "https://internal.example/r1")], created))
    })
    .await;
    assert_eq!(submit(&graph, ActionKind::AdminAdd).await.unwrap(), RequestState::Submitted);
    assert_eq!(submit(&graph, ActionKind::AdminRemove).await.unwrap(), RequestState::Submitted);
    let [add, remove] = graph.seen().try_into().unwrap();
    assert_eq!(add.path, format!("{ROOT}/assignmentRequests"));
    assert_eq!(
        add.json(),
        json!({"requestType": "adminAdd", "justification": "HR [usherd i/1]",
            "assignment": {"targetId": "u1", "assignmentPolicyId": "x1", "accessPackageId": "p1"}})
    );
    assert_eq!(
        remove.json(),
        json!({"requestType": "adminRemove", "justification": "HR [usherd i/1]", "assignment": {"id": "a1"}})
    );
}

#[tokio::test]
async fn an_end_and_answers_are_sent_as_graph_documents_them() {
    let graph = Service::start(|_, _| Some(answer(201, json!({"id": "r1"})))).await;
    let entitlement = GraphEntitlement::new(graph.client());
    let of = |question: &str, kind| Answer { question: question.into(), kind, value: "EMEA".into() };
    let answers = vec![of("q1", QuestionKind::MultipleChoice), of("q2", QuestionKind::TextInput)];
    for (expiration, expected) in [
        (Expiration::AfterDuration("P90D".into()), json!({"type": "afterDuration", "duration": "P90D"})),
        (
            Expiration::AfterDateTime("2027-03-31T23:59:59+02:00".parse().unwrap()),
            json!({"type": "afterDateTime", "endDateTime": "2027-03-31T21:59:59Z"}),
        ),
        (Expiration::NoExpiration, json!({"type": "noExpiration"})),
    ] {
        let asking = Action { expiration: Some(expiration), answers: answers.clone(), ..action(ActionKind::AdminAdd) };
        entitlement.submit(&asking, "why").await.unwrap();
        let sent = graph.seen().pop().unwrap().json();
        assert_eq!(sent["schedule"], json!({ "expiration": expected }));
        let answer = |id: &str, kind: &str| {
            json!({"@odata.type": "#microsoft.graph.accessPackageAnswerString", "value": "EMEA", "displayValue": "EMEA",
                "answeredQuestion": {"@odata.type": format!("#microsoft.graph.accessPackage{kind}Question"), "id": id}})
        };
        assert_eq!(sent["answers"], json!([answer("q1", "MultipleChoice"), answer("q2", "TextInput")]));
    }
}

#[tokio::test]
async fn every_answer_to_a_request_leaves_what_is_certain() {
    let envelope = json!({"error": {"code": "SomeCode", "message": "m"}}).to_string();
    for (status, body, expected) in [
        (400, envelope.as_str(), "refused 400 SomeCode"),
        (403, envelope.as_str(), "refused 403 SomeCode"),
        (404, envelope.as_str(), "refused 404 SomeCode"),
        (409, "", "refused 409 "),
        (429, "", "not taken, wait 7s"),
        (408, "", "lost"),
        (500, envelope.as_str(), "lost"),
        (503, "<html>", "lost"),
        (504, "", "lost"),
        (307, "", "lost"),
        (201, "<html>", "lost"),
        (202, "", "lost"),
    ] {
        let body = body.to_owned();
        let graph = Service::start(move |_, _| Some(answer_with(status, &[("retry-after", "7")], &body))).await;
        assert_eq!(outcome(submit(&graph, ActionKind::AdminAdd).await), expected, "{status}");
        assert_eq!(graph.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_request_that_no_token_serves_is_not_taken() {
    let graph = Service::start(|_, _| Some(answer(401, ""))).await;
    assert_eq!(outcome(submit(&graph, ActionKind::AdminAdd).await), "not taken");
    assert_eq!(graph.seen().len(), 2);
}

#[tokio::test]
async fn a_closed_socket_loses_the_answer_but_a_refused_connection_sends_nothing() {
    let closing = Service::start_closing().await;
    assert_eq!(outcome(submit(&closing, ActionKind::AdminAdd).await), "lost");
    let options = GraphOptions { root: deserted().await, ..closing.options() };
    let entitlement = GraphEntitlement::new(GraphClient::new(options).unwrap().into());
    let error = entitlement.submit(&action(ActionKind::AdminAdd), "why").await.unwrap_err();
    assert!(matches!(error, SubmitError::NotTaken { .. }), "{error}");
}

#[tokio::test]
async fn an_action_without_its_policy_is_never_sent() {
    let graph = Service::start(|_, _| Some(answer(201, json!({"id": "r1"})))).await;
    let incomplete = Action { policy: None, ..action(ActionKind::AdminAdd) };
    let error = GraphEntitlement::new(graph.client()).submit(&incomplete, "why").await.unwrap_err();
    assert!(matches!(error, SubmitError::NotTaken { .. }));
    assert!(graph.seen().is_empty());
}

#[tokio::test]
async fn active_assignments_are_three_lists_and_the_latest_state_counts() {
    let graph = Service::start(|_, seen| {
        let assignment = |id: &str, state: &str| {
            json!({"id": id, "state": state, "accessPackage": {"id": "p1"}, "assignmentPolicy": {"id": "x1"},
                "target": {"id": "subject", "objectId": "u1"}})
        };
        Some(answer(
            200,
            match seen.option("$filter") {
                "state eq 'Delivering'" => json!({"value": [assignment("a1", "delivering")]}),
                "state eq 'Delivered'" => {
                    json!({"value": [assignment("a1", "delivered"), assignment("a2", "Delivered")]})
                }
                _ => json!({"value": []}),
            },
        ))
    })
    .await;
    let assignments = GraphEntitlement::new(graph.client()).active_assignments().await.unwrap();
    assert_eq!(
        assignments.iter().map(|a| (a.id.as_str(), &a.state)).collect::<Vec<_>>(),
        [("a1", &AssignmentState::Delivered), ("a2", &AssignmentState::Delivered)]
    );
    assert!(assignments.iter().all(|a| a.user == Some("u1".into()) && a.policy == Some("x1".into())));
    let seen = graph.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|seen| seen.option("$expand") == "target,accessPackage,assignmentPolicy"));
}

#[tokio::test]
async fn open_requests_are_a_list_for_each_open_state() {
    let graph = Service::start(|number, _| {
        Some(answer(200, json!({"value": [{"id": format!("r{number}"), "requestType": "adminAdd", "requestor": {"objectId": "u1"}}]})))
    })
    .await;
    let requests = GraphEntitlement::new(graph.client()).open_requests().await.unwrap();
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| request.user == Some("u1".into())));
    let mut filters: Vec<_> = graph.seen().iter().map(|seen| seen.option("$filter").to_owned()).collect();
    filters.sort();
    assert_eq!(
        filters,
        ["delivering", "pendingApproval", "scheduled", "submitted"].map(|state| format!("state eq '{state}'"))
    );
    assert_eq!(graph.seen()[0].option("$expand"), "accessPackage,requestor,assignment($expand=target)");
}

#[tokio::test]
async fn requests_since_an_instant_come_oldest_first() {
    let graph = Service::start(|_, _| {
        let request = |id: &str, created: &str| json!({"id": id, "createdDateTime": created, "accessPackage": {"id": "p'1"}});
        Some(answer(200, json!({"value": [
            request("r1", "2026-11-21T10:00:02.5Z"), request("r2", "2026-11-21T10:00:01.1234567Z"), request("r3", "2026-11-21T10:00:01Z")
        ]})))
    })
    .await;
    let since = "2026-11-21T11:00:00.987654321+01:00".parse().unwrap();
    let requests = GraphEntitlement::new(graph.client()).requests_since(&"p'1".into(), since).await.unwrap();
    assert_eq!(requests.iter().map(|request| request.id.as_str()).collect::<Vec<_>>(), ["r3", "r2", "r1"]);
    assert_eq!(
        graph.seen()[0].option("$filter"),
        "accessPackage/id eq 'p''1' and createdDateTime ge 2026-11-21T10:00:00Z"
    );
}

#[tokio::test]
async fn what_the_service_no_longer_knows_is_none_but_a_wrong_address_is_an_error() {
    let graph = Service::start(|_, seen| {
        let body =
            if seen.path.ends_with("/odd") { Value::Null } else { json!({"error": {"code": "ResourceNotFound"}}) };
        Some(answer(404, body))
    })
    .await;
    let entitlement = GraphEntitlement::new(graph.client());
    assert_eq!(entitlement.request(&"r/1".into()).await.unwrap(), None);
    assert_eq!(entitlement.assignment(&"a1".into()).await.unwrap(), None);
    assert!(entitlement.request(&"odd".into()).await.is_err());
    let paths: Vec<_> = graph.seen().iter().map(|seen| seen.path.clone()).collect();
    assert_eq!(paths[0], format!("{ROOT}/assignmentRequests/r%2F1"));
}

fn outcome(result: Result<RequestState, SubmitError>) -> String {
    match result {
        Ok(state) => format!("accepted {state}"),
        Err(SubmitError::Refused { status, code, .. }) => format!("refused {status} {code}"),
        Err(SubmitError::NotTaken { retry_after: Some(wait), .. }) => {
            format!("not taken, wait {}s", Duration::as_secs(&wait))
        }
        Err(SubmitError::NotTaken { retry_after: None, .. }) => "not taken".into(),
        Err(SubmitError::AnswerLost { .. }) => "lost".into(),
    }
}
