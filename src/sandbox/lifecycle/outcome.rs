//! Deliveries that a tester has another outcome for than success.

use jiff::{SignedDuration, Timestamp};

use crate::sandbox::outcomes::Outcome;
use crate::sandbox::records::{Assignment, AssignmentState, Effect, Request, RequestState};
use crate::sandbox::tenant::Tenant;
use crate::sandbox::{grants, guests};

/// How long the request is being delivered.
pub(super) fn time(tenant: &Tenant, request: &Request) -> SignedDuration {
    let told = tenant.outcomes.delay(&request.package_id, request.request_type.effect());
    told.unwrap_or(tenant.delivery_delay - tenant.delivery_delay / 2)
}

/// Lets a request through whose delivery succeeds; deals with any other.
pub(super) fn befall(tenant: &mut Tenant, mut request: Request, at: Timestamp) -> Option<Request> {
    let effect = request.request_type.effect();
    let assignment = request.assignment_id.as_deref().and_then(|id| tenant.assignments.get(id));
    // What has come to its own end meanwhile cannot fail any more.
    let Some(assignment) = assignment.filter(|assignment| assignment.is_active()).cloned() else {
        return Some(request);
    };
    let added = Some(assignment).filter(|_| effect == Effect::Add);
    match tenant.outcomes.take(&request.package_id, effect) {
        Outcome::Deliver | Outcome::FailTimes(_) => return Some(request),
        Outcome::Never => request.enter(RequestState::Delivering, None),
        Outcome::Fail => {
            request.end(RequestState::DeliveryFailed, at);
            put(tenant, added, AssignmentState::DeliveryFailed);
        }
        Outcome::Partial => {
            request.end(RequestState::PartiallyDelivered, at);
            if let Some(assignment) = &added {
                guests::before_delivery(tenant, &assignment.target_id, at);
                grants::deliver_first(tenant, assignment);
            }
            put(tenant, added, AssignmentState::PartiallyDelivered);
        }
    }
    tenant.put_request(request);
    None
}

/// Lets deliveries end that were told not to; they take on the outcome that is in force by now.
pub(in crate::sandbox) fn release(tenant: &mut Tenant, now: Timestamp) {
    let stuck = tenant.requests.by("state", RequestState::Delivering.name()).filter(|request| request.due.is_none());
    for mut request in stuck.cloned().collect::<Vec<_>>() {
        request.due = Some(now);
        tenant.put_request(request);
    }
}

fn put(tenant: &mut Tenant, assignment: Option<Assignment>, state: AssignmentState) {
    if let Some(mut assignment) = assignment {
        assignment.enter(state);
        tenant.put_assignment(assignment);
    }
}
