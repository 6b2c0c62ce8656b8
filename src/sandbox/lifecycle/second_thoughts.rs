//! Requests taken back, and tried again (graph-contract 1.9.4).

use jiff::Timestamp;

use super::{later, proceed};
use crate::sandbox::records::{Request, RequestState};
use crate::sandbox::tenant::Tenant;

/// Ends a request whose requestor has thought better of it.
pub(in crate::sandbox) fn cancel(tenant: &mut Tenant, mut request: Request, now: Timestamp) {
    request.end(RequestState::Canceled, now);
    tenant.put_request(request);
}

/// Tries a request again from the gate at which it failed.
pub(in crate::sandbox) fn reprocess(tenant: &mut Tenant, mut request: Request, now: Timestamp) {
    request.completed = None;
    if request.refusal.is_some() {
        // What is refused is refused again, after the time that every delivery takes.
        request.enter(RequestState::Delivering, Some(later(now, tenant.delivery_delay)));
        return tenant.put_request(request);
    }
    proceed(tenant, request, now);
}

/// Ends a request that was taken in although it is refused.
pub(super) fn refuse(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    if let Some(refusal) = request.refusal.clone() {
        request.end(refusal.state, at);
        request.status = refusal.status;
        tenant.put_request(request);
    }
}
