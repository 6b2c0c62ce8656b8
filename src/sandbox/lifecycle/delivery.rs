//! Delivery: a request takes effect, and an assignment begins, changes or ends (graph-contract 1.12).

use jiff::Timestamp;

use super::{behind_gate, later, outcome, proceed};
use crate::sandbox::records::{
    Assignment, AssignmentState, Effect, Expiration, ExpirationType, Request, RequestState, Schedule,
};
use crate::sandbox::tenant::Tenant;
use crate::sandbox::{attributes, grants, guests};

/// Begins delivery, which lasts the other half of the delivery delay; an addition has its assignment from now on.
pub(super) fn begin(tenant: &mut Tenant, mut request: Request, at: Timestamp) -> Request {
    request.enter(RequestState::Delivering, Some(later(at, outcome::time(tenant, &request))));
    if request.request_type.effect() == Effect::Add {
        let assignment = begin_assignment(tenant, &request, at);
        request.assignment_id = Some(assignment.id.clone());
        tenant.put_assignment(assignment);
    }
    request
}

/// Carries the request out.
pub(super) fn finish(tenant: &mut Tenant, request: Request, at: Timestamp) {
    let Some(request) = outcome::befall(tenant, request, at) else { return };
    let assignment = request.assignment_id.as_deref().and_then(|id| tenant.assignments.get(id)).cloned();
    // The assignment may have reached its own end while the request was under way; then there is nothing left to change.
    if let Some(mut assignment) = assignment.filter(Assignment::is_active) {
        match request.request_type.effect() {
            Effect::Add => {
                assignment.enter(AssignmentState::Delivered);
                guests::before_delivery(tenant, &assignment.target_id, at);
                grants::deliver(tenant, &assignment);
                attributes::write(tenant, &request);
                tenant.put_assignment(assignment);
            }
            Effect::Update => {
                // A change of answers alone carries the schedule that there is, which may go past the policy and stays.
                if request.schedule != assignment.schedule {
                    assignment.schedule.expiration = planned_end(tenant, &request, at);
                }
                attributes::write(tenant, &request);
                assignment.enter(assignment.state);
                tenant.put_assignment(assignment);
            }
            Effect::Remove => end(tenant, assignment, at),
        }
    }
    proceed(tenant, behind_gate(request), at);
}

/// Ends an active assignment: its roles go, unless another assignment gives them, and a guest may have to go as well.
pub(in crate::sandbox) fn end(tenant: &mut Tenant, mut assignment: Assignment, at: Timestamp) {
    assignment.enter(AssignmentState::Expired);
    assignment.expired = Some(at);
    let (user, package) = (assignment.target_id.clone(), assignment.package_id.clone());
    tenant.put_assignment(assignment);
    grants::withdraw(tenant, &user, &package);
    attributes::clear(tenant, &user, &package);
    guests::after_end(tenant, &user, at);
}

fn begin_assignment(tenant: &Tenant, request: &Request, at: Timestamp) -> Assignment {
    Assignment {
        id: tenant.derived_id("assignment", &request.id),
        state: AssignmentState::Delivering,
        status: AssignmentState::Delivering.status().to_owned(),
        target_id: request.target_id.clone(),
        package_id: request.package_id.clone(),
        policy_id: request.policy_id.clone(),
        schedule: Schedule {
            start_date_time: Some(request.schedule.start_date_time.unwrap_or(at)),
            expiration: planned_end(tenant, request, at),
        },
        leaves: None,
        redelivery: None,
        expired: None,
    }
}

/// The end that was asked for, else the policy's, counted from the moment of the grant (graph-contract 7, trap 26); a
/// change never goes past what the policy allows by then.
fn planned_end(tenant: &Tenant, request: &Request, at: Timestamp) -> Expiration {
    let asked = &request.schedule.expiration;
    let policy = tenant.policies.get(&request.policy_id);
    let pattern = match asked.r#type {
        ExpirationType::NotSpecified => policy.map_or(asked, |policy| &policy.expiration),
        _ => asked,
    };
    let latest = policy.filter(|_| request.request_type.effect() == Effect::Update);
    let latest = latest.and_then(|policy| policy.latest_end(at));
    Expiration::at(pattern.end(at).into_iter().chain(latest).min())
}
