//! What must not be left when a test ends: work under way, doubled requests and grants, requests the ledger does not know.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};

use usherd::domain::action::RequestTag;
use usherd::sandbox::{AssignmentSummary, RequestSummary};
use usherd::store::ActionRecord;

/// A sentence for everything that is left; requests in `outside` are not usherd's.
pub(crate) fn find(
    records: &[ActionRecord],
    requests: &[RequestSummary],
    assignments: &[AssignmentSummary],
    outside: &BTreeSet<String>,
) -> Vec<String> {
    let mut found: Vec<String> = records
        .iter()
        .filter(|record| record.state.is_in_flight() || (record.state.is_unsent() && record.state.as_str() == "ready"))
        .map(|record| format!("{} {} is {}", record.action.kind, record.action.id, record.state))
        .collect();
    let known: BTreeSet<&str> =
        records.iter().filter_map(|record| record.request.as_ref().map(|id| id.as_str())).collect();
    let own = || requests.iter().filter(|request| !outside.contains(&request.id));
    for request in own().filter(|request| !known.contains(request.id.as_str())) {
        found.push(format!("the ledger does not know {} {}", request.request_type, request.id));
    }
    let mut tags = BTreeMap::new();
    for request in own() {
        let Some(tag) = request.justification.as_deref().and_then(RequestTag::find) else {
            found.push(format!("{} {} has no tag", request.request_type, request.id));
            continue;
        };
        if let Some(first) = tags.insert(tag.action, &request.id) {
            found.push(format!("{first} and {} carry one tag", request.id));
        }
    }
    let is_active =
        |assignment: &&AssignmentSummary| assignment.state == "delivering" || assignment.state == "delivered";
    let mut held = BTreeSet::new();
    for assignment in assignments.iter().filter(is_active) {
        if !held.insert((&assignment.target_id, &assignment.package_id)) {
            found.push(format!("{} holds {} twice", assignment.target_id, assignment.package_id));
        }
    }
    found
}

#[test]
fn everything_that_may_be_left_over_is_found() {
    let request = |id: &str, justification: Option<&str>| RequestSummary {
        id: id.to_owned(),
        request_type: "adminAdd",
        state: "delivered",
        target_id: "u".to_owned(),
        package_id: "p".to_owned(),
        assignment_id: None,
        justification: justification.map(str::to_owned),
    };
    let assignment = |id: &str, state| AssignmentSummary {
        id: id.to_owned(),
        state,
        target_id: "u".to_owned(),
        package_id: "p".to_owned(),
        policy_id: "d".to_owned(),
    };
    let tag = "[usherd a1/6c1d6f6b-7b0e-4b57-9a54-0d1e7c5fa201]";
    let requests = [request("1", Some(tag)), request("2", Some(tag)), request("3", None), request("4", None)];
    let assignments = [assignment("a", "delivered"), assignment("b", "expired"), assignment("c", "delivering")];
    let found = find(&[], &requests, &assignments, &BTreeSet::from(["4".to_owned()]));
    let expected = [
        "the ledger does not know adminAdd 1",
        "the ledger does not know adminAdd 2",
        "the ledger does not know adminAdd 3",
        "1 and 2 carry one tag",
        "adminAdd 3 has no tag",
        "u holds p twice",
    ];
    assert_eq!(found, expected);
}
