//! A new assignment request: the body is read, checked against the tenant, and taken in or refused (graph-contract 1.9.1, 1.13, 8.1).

mod addition;
mod admission;
mod ask;
mod body;
mod change;
mod outsider;
mod removal;
mod schedule;
mod self_service;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::super::answers::{self, AnswerError};
use super::super::envelope::ApiError;
use super::super::lifecycle;
use super::super::records::{About, Asker, Effect, LateRefusal, Request, Schedule};
use super::super::refusals::{Refusal, RefusalKind};
use super::super::request_rules::RefusalMode;
use super::super::tenant::Tenant;
pub(super) use ask::{Ask, Manner};
pub(super) use body::{Body, drop_annotations};

/// What a request comes to once the tenant has been looked at.
struct Accepted {
    about: About,
    schedule: Schedule,
    /// As they are kept.
    answers: Vec<Value>,
}

/// Checks the request against the tenant and takes it in; one that is only to be validated leaves nothing behind.
///
/// # Errors
/// What Graph refuses, each kind with the status and code of the tenant's rules; where the rules refuse later, the
/// request is taken in and ends by itself.
pub(super) fn accept(tenant: &mut Tenant, mut ask: Ask, now: Timestamp) -> Result<Request, ApiError> {
    let checked = outsider::resolve(tenant, &mut ask).and_then(|()| check(tenant, &ask, now));
    let (accepted, refusal) = match checked {
        Ok(accepted) => (accepted, None),
        // Who asks whether a request would be taken wants to know it now.
        Err(refusal) if ask.is_validation_only || tenant.request_rules.refusal_mode == RefusalMode::Immediate => {
            return Err(tenant.request_rules.refuse(refusal));
        }
        Err(refusal) => (as_named(tenant, &ask), Some(tenant.request_rules.refuse_later(&refusal))),
    };
    let id = tenant.new_id("request");
    Ok(take_in(tenant, (id, ask), accepted, refusal, now))
}

/// Entitlement management's 404.
pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::entitlement(StatusCode::NOT_FOUND, "ResourceNotFound", format!("The resource '{id}' was not found."))
}

fn take_in(
    tenant: &mut Tenant,
    (id, ask): (String, Ask),
    accepted: Accepted,
    refusal: Option<LateRefusal>,
    now: Timestamp,
) -> Request {
    let request = Request {
        justification: ask.justification,
        schedule: accepted.schedule,
        answers: accepted.answers,
        created_by: ask.creator_id,
        bypass_approval: ask.bypass_approval,
        refusal,
        ..Request::new(id, ask.request_type, accepted.about, now)
    };
    if !ask.is_validation_only {
        lifecycle::submit(tenant, request.clone(), now);
    }
    request
}

fn check(tenant: &Tenant, ask: &Ask, now: Timestamp) -> Result<Accepted, Refusal> {
    let accepted = match (ask.request_type.effect(), ask.request_type.asker()) {
        (Effect::Add, Asker::User) => self_service::check(tenant, ask)?,
        (Effect::Add, _) => addition::check(tenant, ask)?,
        (Effect::Update, _) => change::check(tenant, ask, now)?,
        (Effect::Remove, _) => removal::check(tenant, ask)?,
    };
    let About { target_id, package_id, .. } = &accepted.about;
    if let Some(open) = tenant.open_request(target_id, package_id) {
        let message = format!("The target already has the open request '{}' for this access package.", open.id);
        return Err(Refusal::new(RefusalKind::ExistingOpenRequest, message));
    }
    let active = tenant.active_assignment(target_id, package_id);
    if let Some(active) = active.filter(|_| ask.request_type.effect() == Effect::Add) {
        let message = format!("The target already has the active assignment '{}' of this access package.", active.id);
        return Err(Refusal::new(RefusalKind::ExistingAssignment, message));
    }
    Ok(accepted)
}

/// What the request names, for one that is refused later; what it does not name and nobody knows stays empty.
fn as_named(tenant: &Tenant, ask: &Ask) -> Accepted {
    let assignment = ask.assignment_id.as_deref().and_then(|id| tenant.assignments.get(id));
    let about = match assignment {
        Some(assignment) => About {
            target_id: assignment.target_id.clone(),
            package_id: assignment.package_id.clone(),
            policy_id: assignment.policy_id.clone(),
            assignment_id: ask.assignment_id.clone(),
        },
        None => About {
            target_id: ask.target_id.clone().or_else(|| ask.requestor_id.clone()).unwrap_or_default(),
            package_id: ask.package_id.clone().unwrap_or_default(),
            policy_id: ask.policy_id.clone().unwrap_or_default(),
            assignment_id: ask.assignment_id.clone(),
        },
    };
    let policy = tenant.policies.get(&about.policy_id);
    let given = ask.answers.as_deref().unwrap_or_default();
    let answers = policy.and_then(|policy| answers::read(policy, given).ok()).unwrap_or_default();
    Accepted { about, schedule: ask.schedule.clone().unwrap_or_else(Schedule::open), answers }
}

impl From<AnswerError> for Refusal {
    fn from(error: AnswerError) -> Self {
        let kind = match error {
            AnswerError::Invalid { .. } => RefusalKind::InvalidAnswer,
            AnswerError::Missing(_) => RefusalKind::MissingRequiredAnswer,
        };
        Self::new(kind, error.to_string())
    }
}
