//! The gate of approval: who waits for approvers, and what a decision does (graph-contract 1.11, 1.12).

use jiff::Timestamp;

use super::{Passage, behind_gate, proceed};
use crate::sandbox::records::{Asker, Effect, Request, RequestState};
use crate::sandbox::tenant::Tenant;

/// Makes a request wait whose policy asks approvers for it.
pub(super) fn ask(tenant: &Tenant, mut request: Request, _at: Timestamp) -> Passage {
    if !is_needed(tenant, &request) {
        return Passage::Passes(request);
    }
    request.enter(RequestState::PendingApproval, None);
    Passage::Stays(request)
}

/// Carries out an approver's decision on a request that waits for one.
pub(in crate::sandbox) fn decide(tenant: &mut Tenant, mut request: Request, approve: bool, now: Timestamp) {
    if approve {
        proceed(tenant, behind_gate(request), now);
    } else {
        request.end(RequestState::Denied, now);
        tenant.put_request(request);
    }
}

fn is_needed(tenant: &Tenant, request: &Request) -> bool {
    let Some(policy) = tenant.policies.get(&request.policy_id) else { return false };
    let settings = &policy.approval_settings;
    match (request.request_type.asker(), request.request_type.effect()) {
        (Asker::Service, _) | (_, Effect::Remove) => false,
        (_, Effect::Add) => settings.is_approval_required_for_add,
        (asker, Effect::Update) => asker == Asker::User && settings.is_approval_required_for_update,
    }
}
