//! `accessPackageAssignmentApprovals`: the approvals of requests and their stages, for those who are signed in (graph-contract 1.5, rows V1 and V2).

mod decision;
mod shapes;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::Value;

use super::super::approvals;
use super::super::caller::{Caller, unauthorized};
use super::super::entity::entity;
use super::super::envelope::{Answer, ApiError};
use super::super::query::{Place, Query};
use super::super::records::{ApprovalStage, Request};
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::current_user::option::CurrentUser::{self, Approver, CreatedBy, Target};
use super::current_user::{condition, on_collection};
use super::node::check_expansions;
use super::payload::guid;
use super::submission::not_found;
use shapes::Viewed;

/// What a list of approvals can be asked for.
const OPTIONS: &[CurrentUser] = &[Target, CreatedBy, Approver];

/// The paths.
pub(super) fn router() -> Router<Arc<Shared>> {
    let collection = "accessPackageAssignmentApprovals";
    on_collection(Router::new(), collection, get(mine))
        .route(&format!("/{collection}/{{id}}"), get(one))
        .route(&format!("/{collection}/{{id}}/stages"), get(stages))
        .route(&format!("/{collection}/{{id}}/stages/{{stage}}"), get(stage).patch(decision::decide))
}

/// The approvals that the caller has to do with.
async fn mine(
    State(shared): State<Arc<Shared>>,
    Path(on): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, on) = (caller.user()?, CurrentUser::parse(&on, OPTIONS)?);
    let query = Query::parse(&place, &["$select", "$expand", "$top"])?;
    check_expansions(&query.expand, &["stages"])?;
    shared
        .with_tenant(|tenant, _| {
            let tenant = &*tenant;
            let rows = tenant.requests.matching(&condition(tenant, user, on), query.after.as_deref());
            let rows = rows.ok_or_else(|| ApiError::bad_request("The skip token is not one of this collection's."))?;
            let rows = rows.filter(|request| !request.approval_stages.is_empty());
            query.page(&place, rows, |request| {
                Viewed { tenant, request, user }.approval(query.select.as_deref(), &query.expand).map(Value::Object)
            })
        })
        .await
        .map(Json)
}

async fn one(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, id) = (caller.user()?, guid(&id)?);
    let query = Query::parse(&place, &["$select", "$expand"])?;
    check_expansions(&query.expand, &["stages"])?;
    shared
        .with_tenant(|tenant, _| {
            let request = readable(tenant, &id, user)?;
            let approval = Viewed { tenant, request, user }.approval(query.select.as_deref(), &query.expand)?;
            Ok(entity(&place, approval))
        })
        .await
        .map(Json)
}

async fn stages(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, id) = (caller.user()?, guid(&id)?);
    let query = Query::parse(&place, &["$select"])?;
    shared
        .with_tenant(|tenant, _| {
            let request = readable(tenant, &id, user)?;
            let rows = request.approval_stages.iter().map(|stage| (stage.id.as_str(), stage));
            let viewed = Viewed { tenant, request, user };
            query.page_of(&place, rows, |stage| viewed.stage(stage, query.select.as_deref()).map(Value::Object))
        })
        .await
        .map(Json)
}

async fn stage(
    State(shared): State<Arc<Shared>>,
    Path((id, stage)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    Extension(place): Extension<Place>,
) -> Answer {
    let (user, id, stage) = (caller.user()?, guid(&id)?, guid(&stage)?);
    let query = Query::parse(&place, &["$select"])?;
    shared
        .with_tenant(|tenant, _| {
            let request = readable(tenant, &id, user)?;
            let stage = stage_of(request, &stage)?;
            Ok(entity(&place, Viewed { tenant, request, user }.stage(stage, query.select.as_deref())?))
        })
        .await
        .map(Json)
}

/// The request with this id, where it has an approval.
fn known<'t>(tenant: &'t Tenant, id: &str) -> Result<&'t Request, ApiError> {
    let request = tenant.requests.get(id).filter(|request| !request.approval_stages.is_empty());
    request.ok_or_else(|| not_found(id))
}

/// As [`known`], for a user whom it concerns, or an administrator.
fn readable<'t>(tenant: &'t Tenant, id: &str, user_id: &str) -> Result<&'t Request, ApiError> {
    let request = known(tenant, id)?;
    let may_read = approvals::is_concerned(tenant, request, user_id) || tenant.is_administrator(user_id);
    if may_read { Ok(request) } else { Err(unauthorized()) }
}

fn stage_of<'t>(request: &'t Request, id: &str) -> Result<&'t ApprovalStage, ApiError> {
    request.approval_stages.iter().find(|stage| stage.id == id).ok_or_else(|| not_found(id))
}
