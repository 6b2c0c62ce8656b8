//! The tenant in memory: what becomes of what is sent, in the observation and in the ledger.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::domain::action::{Action, ActionKind, ActionState};
use crate::domain::entitlement::{Assignment, AssignmentRequest, AssignmentState, Expiration, RequestState};
use crate::domain::ids::{ActionId, AssignmentId, RequestId};
use crate::plan::consequences::consequences;
use crate::plan::ledger::Ledger;
use crate::plan::observed::{GroupView, Observed};

use super::changes;

/// What is on its way, and what ends by itself.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    arriving: BTreeMap<(Timestamp, ActionId), Action>,
    ending: BTreeMap<(Timestamp, AssignmentId), Action>,
}

impl Deliveries {
    /// The next instant at which something arrives or ends.
    pub(super) fn next(&self) -> Option<Timestamp> {
        let arrives = self.arriving.keys().next().map(|(at, _)| *at);
        arrives.into_iter().chain(self.ending.keys().next().map(|(at, _)| *at)).min()
    }

    /// Notes an action that the tenant has taken and delivers at `at`.
    pub(super) fn expect(&mut self, action: Action, at: Timestamp) {
        self.arriving.insert((at, action.id), action);
    }

    /// Delivers what is due by `now`, and ends the assignments whose time is over; returns the actions that gave those.
    pub(super) fn carry_out(&mut self, now: Timestamp, observed: &mut Observed, ledger: &mut Ledger) -> Vec<Action> {
        while let Some(entry) = self.arriving.first_entry().filter(|entry| entry.key().0 <= now) {
            let action = entry.remove();
            // What came to another end meanwhile is not delivered any more.
            if changes::advance(ledger, action.id, ActionState::Submitted, ActionState::Delivered, now) {
                self.deliver(&action, now, observed);
                let follows = consequences(&action, ActionState::Delivered, &RequestState::Delivered);
                changes::apply(ledger, &follows, now);
            }
        }
        let mut ended = Vec::new();
        while let Some(entry) = self.ending.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((_, id), action) = entry.remove_entry();
            let count = observed.assignments.len();
            observed.assignments.retain(|known| known.id != id);
            if observed.assignments.len() < count {
                ended.push(action);
            }
        }
        ended
    }

    fn deliver(&mut self, action: &Action, now: Timestamp, observed: &mut Observed) {
        observed.requests.retain(|request| !is_request_of(request, action));
        match action.kind {
            ActionKind::AdminAdd => self.assign(action, now, observed),
            ActionKind::AdminRemove => {
                observed.assignments.retain(|assignment| Some(&assignment.id) != action.assignment.as_ref());
            }
            ActionKind::AddMember | ActionKind::RemoveMember => change_group(action, observed),
            // Nothing is sent for it, and nobody's access changes.
            ActionKind::Adopt => {}
        }
    }

    fn assign(&mut self, action: &Action, now: Timestamp, observed: &mut Observed) {
        let Some(package) = action.package() else { return };
        let assignment = Assignment {
            id: AssignmentId::new(format!("simulated {}", action.id)),
            state: AssignmentState::Delivered,
            package: package.clone(),
            policy: action.policy.clone(),
            user: Some(action.user.clone()),
        };
        if let Some(end) = action.expiration.as_ref().and_then(|expiration| end_of(expiration, now)) {
            self.ending.insert((end, assignment.id.clone()), action.clone());
        }
        observed.assignments.push(assignment);
    }
}

/// Sends an action: the observation shows its request from now on.
pub(super) fn send(action: &Action, now: Timestamp, observed: &mut Observed, ledger: &mut Ledger) -> bool {
    if !changes::advance(ledger, action.id, ActionState::Ready, ActionState::Submitted, now) {
        return false;
    }
    let waits = needs_approval(observed, action);
    if let Some(request_type) = action.kind.request_type() {
        observed.requests.push(AssignmentRequest {
            id: RequestId::new(format!("simulated {}", action.id)),
            request_type,
            state: if waits { RequestState::PendingApproval } else { RequestState::Delivering },
            status: String::new(),
            justification: None,
            created: Some(now),
            package: action.package().cloned(),
            assignment: action.assignment.clone(),
            user: Some(action.user.clone()),
        });
    }
    true
}

/// Whether an approver decides on the action's request, so that nobody can say when it is delivered.
pub fn needs_approval(observed: &Observed, action: &Action) -> bool {
    let policy = action.policy.as_ref().filter(|_| action.kind == ActionKind::AdminAdd);
    policy.is_some_and(|id| observed.policies.iter().any(|policy| policy.id == *id && policy.needs_approval))
}

fn is_request_of(request: &AssignmentRequest, action: &Action) -> bool {
    action.kind.request_type().as_ref() == Some(&request.request_type)
        && match action.kind {
            ActionKind::AdminRemove => request.assignment == action.assignment,
            _ => request.user.as_ref() == Some(&action.user) && request.package.as_ref() == action.package(),
        }
}

/// Groups that hold the group are left as they are: an observation does not say how groups are nested.
fn change_group(action: &Action, observed: &mut Observed) {
    for view in observed.groups.values_mut() {
        if let GroupView::Members { id, users, .. } = view
            && Some(&*id) == action.resource.group()
        {
            if action.kind.is_removal() {
                users.remove(&action.user);
            } else {
                users.insert(action.user.clone());
            }
        }
    }
}

/// When an assignment given at `now` ends by its request's own wish; a day is 24 hours. What a policy adds to that is not observed.
fn end_of(expiration: &Expiration, now: Timestamp) -> Option<Timestamp> {
    match expiration {
        Expiration::NoExpiration => None,
        Expiration::AfterDateTime(end) => Some(*end),
        Expiration::AfterDuration(text) => {
            let span: Span = text.parse().ok()?;
            let length: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
            now.checked_add(length).ok()
        }
    }
}
