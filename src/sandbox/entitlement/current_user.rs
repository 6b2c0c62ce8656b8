//! `filterByCurrentUser(on='…')`: the assignments and the requests that a signed-in user has to do with (graph-contract 1.4, 1.5).

pub(super) mod option;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};

use super::super::approvals;
use super::super::caller::Caller;
use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::records::{Effect, Request};
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::list_within;
use option::CurrentUser::{
    self, Agents, Approver, CreatedBy, RequestForOthers, Target, TargetManager, TargetOrRequestor,
};

const REQUESTS: &[CurrentUser] =
    &[Target, CreatedBy, Approver, TargetOrRequestor, TargetManager, RequestForOthers, Agents];
const ASSIGNMENTS: &[CurrentUser] = &[Target, CreatedBy, TargetManager, Agents];

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    let router = on_collection(Router::new(), "assignmentRequests", get(requests));
    on_collection(router, "assignments", get(assignments))
}

/// Adds the function of a collection, by its short and its full name; what its parenthesis holds is the path's parameter.
pub(super) fn on_collection(
    router: Router<Arc<Shared>>,
    collection: &str,
    function: MethodRouter<Arc<Shared>>,
) -> Router<Arc<Shared>> {
    let names = ["filterByCurrentUser", "microsoft.graph.filterByCurrentUser"];
    names
        .into_iter()
        .fold(router, |router, name| router.route(&format!("/{collection}/{name}({{on}}"), function.clone()))
}

async fn requests(
    State(shared): State<Arc<Shared>>,
    Path(on): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, on) = (caller.user()?, CurrentUser::parse(&on, REQUESTS)?);
    let ids = find(&shared, |tenant| {
        let wanted = tenant.requests.iter().filter(|request| has_to_do(tenant, request, user, on));
        wanted.map(|request| request.id.clone()).collect()
    });
    let ids = ids.await?;
    list_within(&shared, &place, |tenant| Ok(&tenant.requests), |request| ids.contains(&request.id)).await
}

async fn assignments(
    State(shared): State<Arc<Shared>>,
    Path(on): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, on) = (caller.user()?, CurrentUser::parse(&on, ASSIGNMENTS)?);
    let ids = find(&shared, |tenant| {
        if on == CreatedBy {
            let own = tenant.requests.iter().filter(|request| request.creator() == Some(user));
            let additions = own.filter(|request| request.request_type.effect() == Effect::Add);
            return additions.filter_map(|request| request.assignment_id.clone()).collect();
        }
        let wanted = tenant.assignments.iter().filter(|assignment| is_target(tenant, &assignment.target_id, user, on));
        wanted.map(|assignment| assignment.id.clone()).collect()
    });
    let ids = ids.await?;
    list_within(&shared, &place, |tenant| Ok(&tenant.assignments), |assignment| ids.contains(&assignment.id)).await
}

async fn find(shared: &Shared, work: impl FnOnce(&Tenant) -> BTreeSet<String>) -> Result<BTreeSet<String>, ApiError> {
    shared.with_tenant(|tenant, _| Ok(work(tenant))).await
}

/// Whether the user has to do with the request in this way.
pub(super) fn has_to_do(tenant: &Tenant, request: &Request, user_id: &str, on: CurrentUser) -> bool {
    let is_target = |on| is_target(tenant, &request.target_id, user_id, on);
    match on {
        Approver => approvals::awaits(tenant, request, user_id),
        CreatedBy => request.creator() == Some(user_id),
        RequestForOthers => request.creator() == Some(user_id) && !is_target(Target),
        TargetOrRequestor => request.creator() == Some(user_id) || is_target(Target),
        Target | TargetManager | Agents => is_target(on),
    }
}

/// Whether the target is the user, or reports to the user.
fn is_target(tenant: &Tenant, target_id: &str, user_id: &str, on: CurrentUser) -> bool {
    match on {
        Target => target_id == user_id,
        TargetManager => tenant.users.get(target_id).is_some_and(|target| target.manager.as_deref() == Some(user_id)),
        // This tenant has no agents.
        _ => false,
    }
}
