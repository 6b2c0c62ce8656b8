//! Assignment policies: create, replace, delete (graph-contract 1.5 L1 to L3, 1.8).

mod approval;
mod body;
mod expiration;
mod people;
mod questions;
mod requirements;
mod review;
mod targets;
mod wire;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};

use super::super::entity::entity;
use super::super::envelope::{Answer, ApiError};
use super::super::query::Place;
use super::super::records::{Assignment, Policy};
use super::super::routes::read_json;
use super::super::shared::Shared;
use super::super::tenant::Tenant;
use super::payload::{self, duplicate, guid, refused};
use super::whole_tables::{list_all, single};
use super::{packages, shapes, submission};
use body::PolicyBody;
pub(super) use questions::alone as question_alone;

/// The paths of policies; the service has no PATCH for them.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/assignmentPolicies", get(list_all::<Policy>).post(create))
        .route("/assignmentPolicies/{id}", get(single::<Policy>).put(replace).delete(remove))
        .route("/accessPackages/{id}/getApplicablePolicyRequirements", post(requirements::applicable))
}

async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Result<Response, ApiError> {
    let body = PolicyBody::read(read_json(body, &headers).await?)?;
    let package_id =
        body.package_id()?.ok_or_else(|| refused("InvalidModel", "'accessPackage/id' is missing.".into()))?;
    shared
        .with_tenant(|tenant, now| {
            packages::known(tenant, &package_id)?;
            let mut policy = body.policy(tenant, package_id, now)?;
            check_others(tenant, &policy)?;
            policy.id = tenant.new_id("policy");
            questions::name(&mut policy, tenant);
            tenant.put_policy(policy.clone());
            let location = payload::foreign_location("accessPackageAssignmentPolicies", &policy.id);
            Ok((location, payload::created(&place, shapes::policy(&policy))).into_response())
        })
        .await
}

/// `PUT assignmentPolicies/{id}`: what the body does not name goes back to what it would be in a new policy.
async fn replace(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Extension(place): Extension<Place>,
    body: Body,
) -> Answer {
    let id = guid(&id)?;
    let body = PolicyBody::read(read_json(body, &headers).await?)?;
    let package_id = body.package_id()?;
    shared
        .with_tenant(|tenant, now| {
            let known = tenant.policies.get(&id).ok_or_else(|| submission::not_found(&id))?;
            if package_id.is_some_and(|named| named != known.package_id) {
                return Err(refused("InvalidModel", "A policy stays with its access package.".to_owned()));
            }
            let (package_id, created) = (known.package_id.clone(), known.created);
            let mut policy = Policy { id, created, ..body.policy(tenant, package_id, now)? };
            check_others(tenant, &policy)?;
            questions::name(&mut policy, tenant);
            tenant.put_policy(policy.clone());
            Ok(Json(entity(&place, shapes::policy(&policy))))
        })
        .await
}

async fn remove(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id = guid(&id)?;
    shared
        .with_tenant(|tenant, _| {
            tenant.policies.get(&id).ok_or_else(|| submission::not_found(&id))?;
            let held = tenant.assignments.by("assignmentpolicy/id", &id).any(Assignment::is_active);
            let asked = tenant.requests.by("assignmentpolicy/id", &id).any(|asked| asked.state.is_open());
            if held || asked {
                let message = format!("The assignment policy '{id}' still has assignments or open requests.");
                return Err(refused("AssignmentPolicyInUse", message));
            }
            tenant.remove_policy(&id);
            Ok(StatusCode::NO_CONTENT)
        })
        .await
}

/// Refuses a policy that does not go with the package's other policies.
fn check_others(tenant: &Tenant, policy: &Policy) -> Result<(), ApiError> {
    let same = |known: &Policy| {
        known.id != policy.id
            && known.package_id == policy.package_id
            && known.display_name.eq_ignore_ascii_case(&policy.display_name)
    };
    if tenant.policies.by("displayname", &policy.display_name).any(same) {
        return Err(duplicate());
    }
    targets::check_alone(tenant, policy)
}
