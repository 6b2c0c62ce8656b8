//! Entitlement management through Microsoft Graph: reads packages, policies, assignments and requests, and makes requests.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::{Entitlement, EntitlementView};
use crate::directory::{ObserveError, SubmitError};
use crate::domain::action::Action;
use crate::domain::entitlement::{
    AccessPackage, Assignment, AssignmentPolicy, AssignmentRequest, AssignmentState, RequestState, RequestType,
};
use crate::domain::ids::{AssignmentId, GroupId, PackageId, RequestId};
use crate::graph::odata::{address, encode, quote};
use crate::graph::transport::GraphClient;
use crate::graph::wire;

mod by_id;
mod observation;
mod packages;
mod submission;

/// Everything is read anew after this time: what changed without a request shows then.
const FULL_EVERY: SignedDuration = SignedDuration::from_hours(6);
/// What is expanded with an assignment.
const ASSIGNMENT_EXPANSION: &str = "target,accessPackage,assignmentPolicy";
/// What is expanded with a request.
const REQUEST_EXPANSION: &str = "accessPackage,requestor,assignment($expand=target)";
/// Active states, in the order an assignment passes through them: one that moves on while the lists are read is seen twice, not missed.
const ACTIVE_STATES: [&str; 3] = ["Delivering", "PartiallyDelivered", "Delivered"];
/// Open states, in the order a request passes through them, for the same reason.
const OPEN_STATES: [&str; 4] = ["submitted", "pendingApproval", "scheduled", "delivering"];

/// Reads and writes `/v1.0/identityGovernance/entitlementManagement`. Filters with `eq` and `and` alone are documented there, so every state is
/// a list of its own.
///
/// An observation reads what can have changed since the last one, and everything at an interval; what is kept in between is in memory alone.
pub struct GraphEntitlement {
    client: Arc<GraphClient>,
    full_every: SignedDuration,
    kept: Mutex<Option<observation::Kept>>,
}

impl GraphEntitlement {
    /// Entitlement management behind `client`.
    pub fn new(client: Arc<GraphClient>) -> Self {
        Self { client, full_every: FULL_EVERY, kept: Mutex::default() }
    }

    /// The same, with everything read anew after this time.
    #[must_use]
    pub fn read_in_full_every(self, full_every: SignedDuration) -> Self {
        Self { full_every, ..self }
    }

    async fn assignments_in_active_states(&self) -> Result<Vec<wire::Assignment>, ObserveError> {
        self.list_by_state("assignments", &ACTIVE_STATES, ASSIGNMENT_EXPANSION).await
    }

    async fn requests_in_open_states(&self) -> Result<Vec<AssignmentRequest>, ObserveError> {
        let requests: Vec<wire::AssignmentRequest> =
            self.list_by_state("assignmentRequests", &OPEN_STATES, REQUEST_EXPANSION).await?;
        Ok(latest(requests.into_iter().map(request_from), |request| request.id.clone()))
    }

    async fn list<T: DeserializeOwned>(&self, name: &str, options: &[(&str, &str)]) -> Result<Vec<T>, ObserveError> {
        self.client.get_all(&address(&path(name), options)).await.map_err(|error| failed(name, error))
    }

    async fn list_by_state<T: DeserializeOwned>(
        &self,
        name: &str,
        states: &[&str],
        expansion: &str,
    ) -> Result<Vec<T>, ObserveError> {
        let mut items = Vec::new();
        for state in states {
            let filter = format!("state eq {}", quote(state));
            items.extend(self.list(name, &[("$filter", &filter), ("$expand", expansion)]).await?);
        }
        Ok(items)
    }

    async fn find<T: DeserializeOwned>(
        &self,
        name: &str,
        id: &str,
        expansion: &str,
    ) -> Result<Option<T>, ObserveError> {
        let path = path(&format!("{name}/{}", encode(id)));
        self.client
            .find(&address(&path, &[("$expand", expansion)]))
            .await
            .map_err(|error| failed(&format!("{name} {id}"), error))
    }
}

#[async_trait]
impl Entitlement for GraphEntitlement {
    async fn observe(&self, now: Timestamp, is_catalog_in_doubt: bool) -> Result<EntitlementView, ObserveError> {
        self.observe_changes(now, is_catalog_in_doubt).await
    }

    async fn requests_by_id(
        &self,
        ids: &[RequestId],
    ) -> Result<Vec<Result<Option<AssignmentRequest>, ObserveError>>, ObserveError> {
        let found = self.by_id("assignmentRequests", ids, REQUEST_EXPANSION).await?;
        Ok(found.into_iter().map(|request| Ok(request?.map(request_from))).collect())
    }

    async fn packages(&self) -> Result<Vec<AccessPackage>, ObserveError> {
        self.packages_with_incompatible().await
    }

    async fn policies(&self) -> Result<Vec<AssignmentPolicy>, ObserveError> {
        self.policies_with_questions().await
    }

    async fn active_assignments(&self) -> Result<Vec<Assignment>, ObserveError> {
        let assignments = self.assignments_in_active_states().await?;
        let assignments: Result<Vec<_>, _> = assignments.into_iter().map(assignment_from).collect();
        Ok(latest(assignments.map_err(|error| failed("assignments", error))?, |assignment| assignment.id.clone()))
    }

    async fn open_requests(&self) -> Result<Vec<AssignmentRequest>, ObserveError> {
        self.requests_in_open_states().await
    }

    async fn requests_since(
        &self,
        package: &PackageId,
        created: Timestamp,
    ) -> Result<Vec<AssignmentRequest>, ObserveError> {
        let filter =
            format!("accessPackage/id eq {} and createdDateTime ge {}", quote(package.as_str()), since(created));
        let options = [("$filter", filter.as_str()), ("$expand", REQUEST_EXPANSION)];
        let requests: Vec<wire::AssignmentRequest> = self.list("assignmentRequests", &options).await?;
        let mut requests = latest(requests.into_iter().map(request_from), |request| request.id.clone());
        requests.sort_by_key(|request| request.created);
        Ok(requests)
    }

    async fn request(&self, id: &RequestId) -> Result<Option<AssignmentRequest>, ObserveError> {
        let found: Option<wire::AssignmentRequest> =
            self.find("assignmentRequests", id.as_str(), REQUEST_EXPANSION).await?;
        Ok(found.map(request_from))
    }

    async fn assignment(&self, id: &AssignmentId) -> Result<Option<Assignment>, ObserveError> {
        let found: Option<wire::Assignment> = self.find("assignments", id.as_str(), ASSIGNMENT_EXPANSION).await?;
        found.map(assignment_from).transpose().map_err(|error| failed("assignments", error))
    }

    async fn granted_groups(&self, package: &PackageId) -> Result<BTreeSet<GroupId>, ObserveError> {
        let path = path(&format!("accessPackages/{}", encode(package.as_str())));
        let address = address(&path, &[("$expand", "resourceRoleScopes($expand=role,scope)")]);
        let found: wire::GrantingPackage =
            self.client.get(&address).await.map_err(|error| failed("the roles of a package", error))?;
        let scopes = found.resource_role_scopes.into_iter().filter_map(|granted| granted.scope);
        let groups = scopes.filter(|scope| scope.origin_system.as_deref() == Some("AadGroup"));
        Ok(groups.filter_map(|scope| scope.origin_id).map(GroupId::new).collect())
    }

    async fn submit(&self, action: &Action, justification: &str) -> Result<AssignmentRequest, SubmitError> {
        let body = submission::new_request(action, justification)
            .map_err(|error| SubmitError::NotTaken { retry_after: None, source: Box::new(error) })?;
        let request: wire::AssignmentRequest = self.client.post(&path("assignmentRequests"), &body).await?;
        Ok(request_from(request))
    }
}

/// An answer that lacks what the call expands.
#[derive(Debug, thiserror::Error)]
#[error("assignment {0} was returned without its access package, though it was asked for")]
struct WithoutPackage(AssignmentId);

fn failed(what: &str, error: impl Error + Send + Sync + 'static) -> ObserveError {
    ObserveError { what: what.to_owned(), source: Box::new(error) }
}

/// An instant in a filter: whole seconds, rounded down, since a look that begins a little early misses nothing.
fn since(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn path(name: &str) -> String {
    format!("/v1.0/identityGovernance/entitlementManagement/{name}")
}

/// Each item once, as it was delivered last: a list that changes while its pages are read may repeat one. Ordered by id.
fn latest<T, K: Ord>(items: impl IntoIterator<Item = T>, id: impl Fn(&T) -> K) -> Vec<T> {
    items.into_iter().map(|item| (id(&item), item)).collect::<BTreeMap<_, _>>().into_values().collect()
}

fn assignment_from(assignment: wire::Assignment) -> Result<Assignment, WithoutPackage> {
    let Some(package) = assignment.access_package else { return Err(WithoutPackage(assignment.id)) };
    Ok(Assignment {
        id: assignment.id,
        state: AssignmentState::from(assignment.state.unwrap_or_default()),
        package: package.id,
        policy: assignment.assignment_policy.map(|policy| policy.id),
        user: assignment.target.and_then(|target| target.object_id),
    })
}

fn request_from(request: wire::AssignmentRequest) -> AssignmentRequest {
    let request_type = RequestType::from(request.request_type.unwrap_or_default());
    // Whoever asks for somebody else is not the target; in every other type the requestor is (graph-contract 1.9.3).
    let asks_for_another = matches!(request_type, RequestType::OnBehalfAdd | RequestType::ApproverRemove);
    let requestor = request.requestor.filter(|_| !asks_for_another).and_then(|requestor| requestor.object_id);
    let (assignment, target) = request.assignment.map(|assignment| (assignment.id, assignment.target)).unzip();
    AssignmentRequest {
        id: request.id,
        state: RequestState::from(request.state.unwrap_or_default()),
        status: request.status.unwrap_or_default(),
        justification: request.justification,
        created: request.created_date_time,
        package: request.access_package.map(|package| package.id),
        assignment,
        user: target.flatten().and_then(|target| target.object_id).or(requestor),
        request_type,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(body: Value) -> AssignmentRequest {
        request_from(serde_json::from_value(body).unwrap())
    }

    #[test]
    fn a_request_reads_the_same_under_v1_and_beta_names() {
        let v1 = json!({
            "id": "r1", "requestType": "adminAdd", "state": "pendingApproval", "status": "PendingApproval", "justification": "why",
            "createdDateTime": "2026-11-21T10:00:00.123Z", "accessPackage": {"id": "p1", "displayName": "P"},
            "assignment": {"id": "a1"}, "requestor": {"id": "subject", "objectId": "u1"}
        });
        let beta = json!({
            "id": "r1", "requestType": "AdminAdd", "requestState": "PendingApproval", "requestStatus": "PendingApproval", "justification": "why",
            "createdDateTime": "2026-11-21T10:00:00.1230000Z", "accessPackage": {"id": "p1"},
            "accessPackageAssignment": {"id": "a1"}, "requestor": {"id": "subject", "objectId": "u1"}
        });
        let read = request(v1);
        assert_eq!(read, request(beta));
        assert_eq!((read.request_type, read.state), (RequestType::AdminAdd, RequestState::PendingApproval));
        assert_eq!((read.user, read.assignment), (Some("u1".into()), Some("a1".into())));
    }

    #[test]
    fn the_target_of_an_assignment_comes_before_the_requestor() {
        let by = |request_type: &str, target: Value| {
            let body = json!({"id": "r1", "requestType": request_type, "assignment": {"id": "a1", "target": target},
                "requestor": {"objectId": "who asked"}});
            request(body).user
        };
        assert_eq!(by("adminRemove", json!({"id": "subject", "objectId": "u1"})), Some("u1".into()));
        assert_eq!(by("adminRemove", Value::Null), Some("who asked".into()));
        assert_eq!(by("onBehalfAdd", Value::Null), None);
    }

    #[test]
    fn a_bare_answer_is_enough_and_an_unknown_state_stays_open() {
        let bare = request(json!({"id": "r1", "createdDateTime": null, "assignment": null}));
        assert_eq!((bare.user, bare.created, bare.assignment), (None, None, None));
        assert!(bare.state.is_open());
        let assignment = json!({"id": "a1", "assignmentState": "Delivered", "accessPackage": {"id": "p1"}, "target": {"email": "x"}});
        let assignment = assignment_from(serde_json::from_value(assignment).unwrap()).unwrap();
        assert_eq!((assignment.state, assignment.user), (AssignmentState::Delivered, None));
    }

    #[test]
    fn an_item_that_two_pages_repeat_counts_once() {
        assert_eq!(latest([("a", 1), ("b", 2), ("a", 3)], |item| item.0), [("a", 3), ("b", 2)]);
    }
}
