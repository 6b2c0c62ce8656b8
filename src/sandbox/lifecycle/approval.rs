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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::records::{About, RequestType};
    use crate::sandbox::seed;

    const SEED: &str = "{name: x, domain: x, users: [{userPrincipalName: a}], groups: [{displayName: G}], \
        catalogs: [{displayName: C}], accessPackages: [{displayName: P, catalog: C, groups: [G]}], \
        assignmentPolicies: [{displayName: asked, accessPackage: P}]}";

    fn now() -> Timestamp {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    /// A tenant whose only policy asks for approval, by nobody in particular.
    fn tenant() -> Tenant {
        let mut tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), now()).unwrap();
        let mut policy = tenant.policies.iter().next().unwrap().clone();
        policy.approval_settings.is_approval_required_for_add = true;
        policy.approval_settings.is_approval_required_for_update = true;
        tenant.put_policy(policy);
        tenant
    }

    fn request(tenant: &Tenant, request_type: RequestType) -> Request {
        let policy = tenant.policies.iter().next().unwrap();
        let about = About {
            target_id: tenant.user("a").unwrap().id.clone(),
            package_id: policy.package_id.clone(),
            policy_id: policy.id.clone(),
            assignment_id: None,
        };
        Request::new("r".to_owned(), request_type, about, now())
    }

    fn passes(tenant: &Tenant, request: Request) -> bool {
        matches!(ask(tenant, request, now()), Passage::Passes(_))
    }

    #[test]
    fn an_approval_without_stages_waits_for_nobody_until_it_is_denied() {
        let mut tenant = tenant();
        let asked = ask(&tenant, request(&tenant, RequestType::AdminAdd), now());
        let Passage::Stays(waiting) = asked else { panic!("it has to wait") };
        let due = waiting.due.unwrap();
        assert_eq!(due.to_string(), "2026-12-05T00:00:00Z");
        come_due(&mut tenant, waiting, due);
        let ended = tenant.requests.get("r").unwrap();
        assert_eq!((ended.state, ended.status.as_str()), (RequestState::Denied, "Expired"));
    }

    #[test]
    fn who_asks_and_for_what_decides_whether_approvers_are_asked() {
        let mut tenant = tenant();
        for (request_type, passed) in [
            (RequestType::UserAdd, false),
            (RequestType::UserUpdate, false),
            (RequestType::AdminUpdate, true),
            (RequestType::UserRemove, true),
            (RequestType::SystemAdd, true),
        ] {
            assert_eq!(passes(&tenant, request(&tenant, request_type)), passed, "{request_type:?}");
        }
        let bypassing = Request { bypass_approval: true, ..request(&tenant, RequestType::AdminAdd) };
        assert!(passes(&tenant, bypassing));
        tenant.settings.approval_for_direct_assignments = false;
        assert!(passes(&tenant, request(&tenant, RequestType::AdminAdd)));
        assert!(!passes(&tenant, request(&tenant, RequestType::UserAdd)), "only administrators are let through");
    }

    #[test]
    fn a_request_that_ends_otherwise_leaves_no_stage_open() {
        let tenant = tenant();
        let asked = ask(&tenant, request(&tenant, RequestType::AdminAdd), now());
        let Passage::Stays(mut waiting) = asked else { panic!("it has to wait") };
        waiting.end(RequestState::Canceled, now());
        let stage = waiting.approval_stages.first().unwrap();
        assert_eq!((waiting.open_stage().is_some(), stage.status), (false, StageStatus::Completed));
    }
}
