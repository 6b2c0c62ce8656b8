//! Who may decide on a request that waits for approval: a stage's approvers, found anew whenever they are asked for.

mod approvers;

use std::collections::BTreeSet;

use super::records::{ApprovalStage, Request, SubjectSet};
use super::tenant::Tenant;

/// Whether the user may decide the stage where it stands; nobody decides what they ask for themselves [seed 003].
pub(super) fn is_approver(tenant: &Tenant, request: &Request, stage: &ApprovalStage, user_id: &str) -> bool {
    let settings = &stage.settings;
    let is_among = |first: &[SubjectSet], fallback: &[SubjectSet]| {
        let mut approvers = others(tenant, request, first);
        if approvers.is_empty() {
            approvers = others(tenant, request, fallback);
        }
        approvers.contains(user_id)
    };
    is_among(&settings.primary_approvers, &settings.fallback_primary_approvers)
        || stage.is_escalated && is_among(&settings.escalation_approvers, &settings.fallback_escalation_approvers)
}

/// Whether the request waits for this user's decision.
pub(super) fn awaits(tenant: &Tenant, request: &Request, user_id: &str) -> bool {
    request.open_stage().is_some_and(|stage| is_approver(tenant, request, stage, user_id))
}

/// Whether the user has to do with the request's approval: asks for it, has decided on it, or may at one of its stages.
pub(super) fn is_concerned(tenant: &Tenant, request: &Request, user_id: &str) -> bool {
    let is_asker = request.target_id == user_id || request.creator() == Some(user_id);
    is_asker
        || request.approval_stages.iter().any(|stage| {
            let has_decided = stage.review.as_ref().is_some_and(|review| review.by.as_deref() == Some(user_id));
            has_decided || is_approver(tenant, request, stage, user_id)
        })
}

/// Everybody in the sets but the requestor, who is the target where an administrator asks (graph-contract 1.9.3), and the target.
fn others(tenant: &Tenant, request: &Request, sets: &[SubjectSet]) -> BTreeSet<String> {
    let mut people: BTreeSet<String> =
        sets.iter().flat_map(|set| approvers::of_set(tenant, set, &request.target_id)).collect();
    people.remove(&request.target_id);
    people.remove(request.requestor());
    people
}
