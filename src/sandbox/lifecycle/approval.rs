//! The gate of approval: who waits for approvers, and what a decision, or its absence, does (graph-contract 1.11, 1.12).

use jiff::Timestamp;

use super::{Passage, behind_gate, proceed};
use crate::sandbox::records::{
    ApprovalSettings, ApprovalStage, ApprovalStageSettings, Asker, Effect, Request, RequestState, Review, StageStatus,
};
use crate::sandbox::tenant::Tenant;

/// The request's status once alternate approvers have it too.
const ESCALATED: &str = "PendingApprovalEscalated";
/// The status of a request that nobody has decided in time; its state is `denied`.
const EXPIRED: &str = "Expired";

/// Makes a request wait whose policy asks approvers for it.
pub(super) fn ask(tenant: &Tenant, mut request: Request, at: Timestamp) -> Passage {
    let Some(settings) = needed(tenant, &request) else { return Passage::Passes(request) };
    let stage = |(number, settings): (usize, &ApprovalStageSettings)| {
        let id = tenant.derived_id("approvalStage", &format!("{}/{number}", request.id));
        ApprovalStage::new(id, settings.clone())
    };
    // An approval that nobody is named for is a stage that nobody can decide.
    let nobody = [ApprovalStageSettings::default()];
    let stages = if settings.stages.is_empty() { nobody.as_slice() } else { &settings.stages };
    request.approval_stages = stages.iter().enumerate().map(stage).collect();
    begin_next_stage(&mut request, at);
    Passage::Stays(request)
}

/// Carries out a decision on the stage that waits for one: the next stage begins, or the request goes on, or it is denied.
pub(in crate::sandbox) fn decide(tenant: &mut Tenant, mut request: Request, review: Review) {
    let Review { is_approval, at, .. } = review;
    if let Some(stage) = request.open_stage_mut() {
        stage.decide(review);
    }
    if !is_approval {
        request.end(RequestState::Denied, at);
        tenant.put_request(request);
    } else if begin_next_stage(&mut request, at) {
        tenant.put_request(request);
    } else {
        proceed(tenant, behind_gate(request), at);
    }
}

/// The stage that waits for a decision goes to the alternate approvers too, or its time is over.
pub(super) fn come_due(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    let Some(stage) = request.open_stage_mut() else { return };
    if stage.escalation.is_some() {
        stage.escalate();
        request.due = stage.due();
        request.status = ESCALATED.to_owned();
    } else {
        stage.status = StageStatus::Expired;
        request.end(RequestState::Denied, at);
        request.status = EXPIRED.to_owned();
    }
    tenant.put_request(request);
}

/// Lets the next stage begin; `false` where none is left.
fn begin_next_stage(request: &mut Request, at: Timestamp) -> bool {
    let next = request.approval_stages.iter_mut().find(|stage| stage.status == StageStatus::Initializing);
    let Some(stage) = next else { return false };
    stage.begin(at);
    let due = stage.due();
    request.enter(RequestState::PendingApproval, due);
    true
}

/// The settings of the approval that the request needs, if it needs one.
fn needed<'t>(tenant: &'t Tenant, request: &Request) -> Option<&'t ApprovalSettings> {
    let settings = &tenant.policies.get(&request.policy_id)?.approval_settings;
    let asker = request.request_type.asker();
    let is_enforced = asker != Asker::Administrator || tenant.settings.approval_for_direct_assignments;
    let is_needed = match (asker, request.request_type.effect()) {
        (Asker::Service, _) | (_, Effect::Remove) => false,
        (_, Effect::Add) => settings.is_approval_required_for_add,
        (asker, Effect::Update) => asker == Asker::User && settings.is_approval_required_for_update,
    };
    (is_needed && is_enforced && !request.bypass_approval).then_some(settings)
}
