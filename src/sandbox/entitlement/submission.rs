//! A new assignment request: reading the body, and every refusal (graph-contract 1.9.1, 1.13, 8.1).

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::super::answers;
use super::super::envelope::ApiError;
use super::super::lifecycle;
use super::super::policy_scope;
use super::super::records::{About, Effect, Expiration, ExpirationType, Request, RequestType, Schedule};
use super::super::tenant::Tenant;
use super::incompatibility;

/// The body of `POST assignmentRequests`; `targetId`, `assignmentPolicyId` and `accessPackageId` are taken and never shown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Body {
    request_type: String,
    assignment: BodyAssignment,
    #[serde(default)]
    justification: Option<String>,
    #[serde(default)]
    schedule: Option<BodySchedule>,
    #[serde(default)]
    answers: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BodyAssignment {
    id: Option<String>,
    target_id: Option<String>,
    assignment_policy_id: Option<String>,
    access_package_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BodySchedule {
    start_date_time: Option<Timestamp>,
    expiration: Option<BodyExpiration>,
    #[serde(default, rename = "recurrence")]
    _recurrence: Option<()>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BodyExpiration {
    r#type: String,
    end_date_time: Option<Timestamp>,
    duration: Option<String>,
}

impl Body {
    /// Reads the body; OData annotations are set aside, anything else unknown is refused.
    ///
    /// # Errors
    /// 400 for what the type does not declare.
    pub(super) fn read(mut body: Value) -> Result<Self, ApiError> {
        drop_annotations(&mut body);
        Self::deserialize(body).map_err(|error| invalid("InvalidModel", format!("The request is invalid: {error}.")))
    }

    /// Whether it is an administrator's request: an `admin…` one.
    pub(super) fn is_administrative(&self) -> bool {
        self.request_type.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("admin"))
    }
}

/// Checks the request against the tenant and takes it in, unless it is there only to be checked; `creator` is the user who makes
/// it, if one does.
///
/// # Errors
/// What Graph refuses: an unknown target, package, policy or assignment (404), and 400 for an open request, an active
/// or expired assignment, a policy of another package, an incompatible package or group, a required question without an answer, other request types.
pub(super) fn accept(
    tenant: &mut Tenant,
    body: Body,
    creator: Option<&str>,
    now: Timestamp,
    is_real: bool,
) -> Result<Request, ApiError> {
    let schedule = schedule(body.schedule, now)?;
    let mut answers = body.answers.unwrap_or_default();
    let request_type = RequestType::parse(&body.request_type);
    let (request_type, about) = match request_type {
        Some(kind @ RequestType::AdminAdd) => (kind, addition(tenant, &body.assignment, &mut answers)?),
        Some(kind @ RequestType::AdminRemove) => (kind, removal(tenant, &body.assignment)?),
        _ => {
            let message = format!("An application cannot make a request of the type '{}' here.", body.request_type);
            return Err(invalid("InvalidRequestType", message));
        }
    };
    if let Some(open) = tenant.open_request(&about.target_id, &about.package_id) {
        let message = format!("The target already has the open request '{}' for this access package.", open.id);
        return Err(invalid("ExistingOpenRequest", message));
    }
    let active = tenant.active_assignment(&about.target_id, &about.package_id);
    if let Some(active) = active.filter(|_| request_type.effect() == Effect::Add) {
        let message = format!("The target already has the active assignment '{}' of this access package.", active.id);
        return Err(invalid("ExistingAssignment", message));
    }
    let id = tenant.new_id("request");
    let request = Request {
        justification: body.justification,
        schedule,
        answers,
        created_by: creator.map(str::to_owned),
        ..Request::new(id, request_type, about, now)
    };
    if is_real {
        lifecycle::submit(tenant, request.clone(), now);
    }
    Ok(request)
}

/// Entitlement management's 404.
pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::entitlement(StatusCode::NOT_FOUND, "ResourceNotFound", format!("The resource '{id}' was not found."))
}

fn addition(tenant: &Tenant, assignment: &BodyAssignment, answers: &mut Vec<Value>) -> Result<About, ApiError> {
    if assignment.id.is_some() {
        return Err(invalid("InvalidModel", "An adminAdd names no assignment 'id'.".to_owned()));
    }
    let target_id = guid("assignment/targetId", assignment.target_id.as_deref())?;
    let package_id = guid("assignment/accessPackageId", assignment.access_package_id.as_deref())?;
    let policy_id = guid("assignment/assignmentPolicyId", assignment.assignment_policy_id.as_deref())?;
    tenant.users.get(&target_id).filter(|user| tenant.shows(*user)).ok_or_else(|| not_found(&target_id))?;
    let package = tenant.packages.get(&package_id).ok_or_else(|| not_found(&package_id))?;
    let policy = tenant.policies.get(&policy_id).ok_or_else(|| not_found(&policy_id))?;
    if policy.package_id != package_id {
        let message = format!("The assignment policy '{policy_id}' is not one of the access package '{package_id}'.");
        return Err(invalid("InvalidAssignmentPolicy", message));
    }
    if !policy.requestor_settings.accept_requests {
        return Err(invalid("PolicyDisabled", format!("The assignment policy '{policy_id}' takes no new requests.")));
    }
    if !policy_scope::admits_directly(tenant, policy, &target_id) {
        let message = "You don't meet policy requirements to request this entitlement.";
        return Err(invalid("TargetNotInPolicyScope", message.to_owned()));
    }
    if let Some(obstacle) = incompatibility::obstacle(tenant, &target_id, package) {
        return Err(invalid("IncompatibleAccess", obstacle));
    }
    *answers = answers::check(policy, answers).map_err(|error| invalid(error.code(), error.to_string()))?;
    Ok(About { target_id, package_id, policy_id, assignment_id: None })
}

fn removal(tenant: &Tenant, assignment: &BodyAssignment) -> Result<About, ApiError> {
    let BodyAssignment { id, target_id, assignment_policy_id, access_package_id } = assignment;
    if [target_id, assignment_policy_id, access_package_id].into_iter().any(Option::is_some) {
        return Err(invalid(
            "InvalidModel",
            "An adminRemove names the assignment by 'id' and nothing else.".to_owned(),
        ));
    }
    let id = guid("assignment/id", id.as_deref())?;
    let assignment = tenant.assignments.get(&id).ok_or_else(|| not_found(&id))?;
    if !assignment.is_active() {
        return Err(invalid("AssignmentExpired", format!("The assignment '{id}' has expired already.")));
    }
    Ok(About {
        target_id: assignment.target_id.clone(),
        package_id: assignment.package_id.clone(),
        policy_id: assignment.policy_id.clone(),
        assignment_id: Some(id),
    })
}

fn schedule(body: Option<BodySchedule>, now: Timestamp) -> Result<Schedule, ApiError> {
    let start_date_time = body.as_ref().and_then(|body| body.start_date_time);
    let Some(BodyExpiration { r#type, end_date_time, duration }) = body.and_then(|body| body.expiration) else {
        return Ok(Schedule { start_date_time, expiration: Expiration::bare(ExpirationType::NotSpecified) });
    };
    let refused = |why: &str| Err(invalid("InvalidExpiration", format!("The expiration is invalid: {why}.")));
    let expiration = match (r#type.to_ascii_lowercase().as_str(), end_date_time, duration) {
        ("notspecified", None, None) => Expiration::bare(ExpirationType::NotSpecified),
        ("noexpiration", None, None) => Expiration::bare(ExpirationType::NoExpiration),
        ("afterdatetime", Some(end), None) if end > now && start_date_time.is_none_or(|start| end > start) => {
            Expiration { end_date_time: Some(end), ..Expiration::bare(ExpirationType::AfterDateTime) }
        }
        ("afterdatetime", Some(_), None) => return refused("it ends before it begins"),
        ("afterduration", None, duration @ Some(_)) => {
            let expiration = Expiration { duration, ..Expiration::bare(ExpirationType::AfterDuration) };
            if expiration.end(now).is_none_or(|end| end <= now) {
                return refused("its duration is not an ISO 8601 duration that leads to the future");
            }
            expiration
        }
        _ => return refused("its type is unknown, or does not go with the other fields"),
    };
    Ok(Schedule { start_date_time, expiration })
}

fn guid(property: &str, text: Option<&str>) -> Result<String, ApiError> {
    let text = text.ok_or_else(|| invalid("InvalidModel", format!("'{property}' is missing.")))?;
    let id = Uuid::try_parse(text).map_err(|_| invalid("InvalidModel", format!("'{property}' is not a GUID.")))?;
    Ok(id.hyphenated().to_string())
}

fn invalid(code: &str, message: String) -> ApiError {
    ApiError::entitlement(StatusCode::BAD_REQUEST, code, message)
}

/// Removes `@odata.…` members from the typed parts; answers and attributes are kept as they came.
pub(super) fn drop_annotations(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|name, _| !name.contains("@odata."));
        for (_, inner) in map.iter_mut().filter(|(name, _)| !["answers", "attributes"].contains(&name.as_str())) {
            drop_annotations(inner);
        }
    }
}
