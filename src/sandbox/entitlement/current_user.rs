//! `filterByCurrentUser(on='…')`: the assignments and the requests that a signed-in user has to do with (graph-contract 1.4, 1.5).

pub(super) mod option;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};

use super::super::approvals;
use super::super::caller::Caller;
use super::super::envelope::Answer;
use super::super::query::Place;
use super::super::records::{Effect, RequestState};
use super::super::shared::Shared;
use super::super::tenant::{Condition, Tenant};
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
    let within = shared.with_tenant(|tenant, _| Ok(condition(tenant, user, on))).await?;
    list_within(&shared, &place, |tenant| Ok(&tenant.requests), within).await
}

async fn assignments(
    State(shared): State<Arc<Shared>>,
    Path(on): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, on) = (caller.user()?, CurrentUser::parse(&on, ASSIGNMENTS)?);
    let within = shared
        .with_tenant(|tenant, _| Ok(if on == CreatedBy { made_by(tenant, user) } else { condition(tenant, user, on) }));
    let within = within.await?;
    list_within(&shared, &place, |tenant| Ok(&tenant.assignments), within).await
}

/// The requests, or for targets also the assignments, that the user has to do with in this way.
pub(super) fn condition(tenant: &Tenant, user_id: &str, on: CurrentUser) -> Condition {
    let for_user = Condition::is("target/objectid", user_id);
    let by_user = Condition::is("createdby/id", user_id);
    match on {
        Target => for_user,
        CreatedBy => by_user,
        TargetOrRequestor => Condition::Any(vec![for_user, by_user]),
        RequestForOthers => Condition::All(vec![by_user, Condition::Not(Box::new(for_user))]),
        TargetManager => {
            let reports = tenant.users.by("manager/id", user_id);
            Condition::Any(reports.map(|report| Condition::is("target/objectid", &report.id)).collect())
        }
        Approver => {
            let pending = tenant.requests.by("state", RequestState::PendingApproval.name());
            let awaiting = pending.filter(|request| approvals::awaits(tenant, request, user_id));
            Condition::Any(awaiting.map(|request| Condition::Id(request.id.clone())).collect())
        }
        // This tenant has no agents.
        Agents => Condition::Any(Vec::new()),
    }
}

/// The assignments that came of the user's requests.
fn made_by(tenant: &Tenant, user_id: &str) -> Condition {
    let own = tenant.requests.by("createdby/id", user_id);
    let additions = own.filter(|request| request.request_type.effect() == Effect::Add);
    Condition::Any(additions.filter_map(|request| request.assignment_id.clone()).map(Condition::Id).collect())
}
