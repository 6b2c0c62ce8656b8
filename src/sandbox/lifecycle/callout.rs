//! The gates of custom extensions: what a policy calls at each stage, and the requests that wait for an answer (graph-contract 1.9.4, 1.12).

use jiff::Timestamp;

use super::{Passage, behind_gate, proceed};
use crate::sandbox::records::{Callout, CalloutStatus, Effect, ExtensionStage, Gate, Request, RequestState, later_by};
use crate::sandbox::tenant::Tenant;

/// What a custom extension answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Callback {
    /// The callout that is answered.
    pub(in crate::sandbox) callout_id: String,
    pub(in crate::sandbox) detail: Option<String>,
    /// How the extension ends the request, if it does.
    pub(in crate::sandbox) end: Option<RequestState>,
}

/// Calls the extensions of the request's gate; those that answer make it wait.
pub(super) fn call(tenant: &mut Tenant, mut request: Request, at: Timestamp) -> Passage {
    let Some(stage) = stage(&request) else { return Passage::Passes(request) };
    for (extension_id, wait) in called(tenant, &request, stage) {
        // No extension is made with a wait that is no duration.
        let deadline = wait.map(|wait| later_by(at, &wait).unwrap_or(at));
        let status = if deadline.is_some() { CalloutStatus::WaitingForCallback } else { CalloutStatus::CalloutSent };
        request.callouts.push(Callout {
            id: tenant.new_id("callout"),
            stage,
            custom_extension_id: extension_id,
            external_correlation_id: tenant.new_id("correlation"),
            detail: None,
            status,
            deadline,
        });
    }
    wait(request)
}

/// Takes an extension's answer to one of the callouts that the request waits for.
pub(in crate::sandbox) fn resume(tenant: &mut Tenant, mut request: Request, callback: Callback, now: Timestamp) {
    if let Some(callout) = request.callouts.iter_mut().find(|callout| callout.id == callback.callout_id) {
        callout.status = CalloutStatus::CallbackReceived;
        callout.detail = callback.detail;
    }
    if let Some(state) = callback.end {
        request.end(state, now);
        return tenant.put_request(request);
    }
    match wait(request) {
        Passage::Stays(request) => tenant.put_request(request),
        Passage::Passes(request) => proceed(tenant, behind_gate(request), now),
    }
}

/// An extension has not answered in time: "considered a failure" (Entra's page on custom extensions).
pub(super) fn time_out(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    for callout in &mut request.callouts {
        if is_awaited(callout) && callout.deadline.is_some_and(|deadline| deadline <= at) {
            callout.status = CalloutStatus::CallbackTimedOut;
        }
    }
    request.end(RequestState::DeliveryFailed, at);
    tenant.put_request(request);
}

/// Whether a request waits for this callout's answer.
pub(in crate::sandbox) fn is_awaited(callout: &Callout) -> bool {
    callout.status == CalloutStatus::WaitingForCallback
}

/// Lets the request wait where a callout is still to be answered.
fn wait(mut request: Request) -> Passage {
    let awaited = request.callouts.iter().filter(|callout| is_awaited(callout));
    let Some(due) = awaited.filter_map(|callout| callout.deadline).min() else { return Passage::Passes(request) };
    let state = if request.gate == Gate::CreationCallout { RequestState::Submitted } else { RequestState::Delivering };
    request.await_callback(state, Some(due));
    Passage::Stays(request)
}

fn stage(request: &Request) -> Option<ExtensionStage> {
    match (request.gate, request.request_type.effect()) {
        (Gate::CreationCallout, Effect::Add) => Some(ExtensionStage::RequestCreated),
        (Gate::ApprovalCallout, Effect::Add) => Some(ExtensionStage::RequestApproved),
        (Gate::DeliveryCallout, Effect::Add) => Some(ExtensionStage::RequestGranted),
        (Gate::DeliveryCallout, Effect::Remove) => Some(ExtensionStage::RequestRemoved),
        _ => None,
    }
}

/// The extensions that the policy calls at the stage, and how long each is waited for.
fn called(tenant: &Tenant, request: &Request, stage: ExtensionStage) -> Vec<(String, Option<String>)> {
    let settings = tenant.policies.get(&request.policy_id).map(|policy| &policy.custom_extension_stage_settings);
    let settings = settings.into_iter().flatten().filter(|setting| setting.stage == stage);
    let extensions = settings.filter_map(|setting| tenant.custom_extensions.get(&setting.custom_extension_id));
    extensions.map(|extension| (extension.id.clone(), extension.duration_before_timeout.clone())).collect()
}
