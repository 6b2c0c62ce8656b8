//! How requests and assignments move on: by the tenant clock, and by an approver's decision (graph-contract 1.12).

mod approval;
mod callout;
mod delivery;
mod expiry_notice;
mod outcome;
mod redelivery;
mod second_thoughts;

use jiff::Timestamp;

use super::records::{Assignment, Gate, Request, RequestState};
use super::tenant::{Tenant, Timer};
use super::{auto_assignment, erasure, guests};
pub(super) use approval::decide;
pub(super) use callout::{Callback, is_awaited, resume};
pub(super) use delivery::end;
pub(super) use outcome::release;
pub(super) use redelivery::reenforce;
pub(super) use second_thoughts::{cancel, reprocess};

/// Brings the tenant up to `now`: everything due happens at its own instant, in order.
pub(super) fn advance(tenant: &mut Tenant, now: Timestamp) {
    while let Some((due, timer)) = tenant.pop_timer(now) {
        match timer {
            Timer::Request(id) => {
                if let Some(request) = tenant.requests.get(&id).filter(|request| request.due == Some(due)).cloned() {
                    come_due(tenant, request, due);
                }
            }
            Timer::Assignment(id) => {
                let ends = |assignment: &&Assignment| {
                    assignment.is_active() && assignment.schedule.expiration.end_date_time == Some(due)
                };
                if let Some(assignment) = tenant.assignments.get(&id).filter(ends).cloned() {
                    end(tenant, assignment, due);
                }
            }
            Timer::ExpiryNotice(id) => expiry_notice::give(tenant, &id, due),
            Timer::Redelivery(id) => redelivery::finish(tenant, &id, due),
            Timer::Assessment => auto_assignment::assess(tenant, due),
            Timer::Departure(id) => auto_assignment::depart(tenant, &id, due),
            Timer::Erasure(id) => erasure::erase_when_due(tenant, &id, due),
            Timer::GuestDeletion(subject_id) => guests::delete_when_due(tenant, &subject_id, due),
        }
    }
}

/// Takes in a checked request at `now`: it waits half the delivery delay in `submitted`.
pub(super) fn submit(tenant: &mut Tenant, mut request: Request, now: Timestamp) {
    request.due = Some(later(now, tenant.delivery_delay / 2));
    tenant.put_request(request);
}

/// What a gate does with a request that comes to it.
enum Passage {
    /// The request stands before the gate, in the state it is in by now, or is at its end.
    Stays(Request),
    /// Nothing is in its way.
    Passes(Request),
}

/// Leads a request from its gate on until one makes it stay.
fn proceed(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    loop {
        let passage = match request.gate {
            Gate::Acceptance => Passage::Passes(request),
            Gate::Approval => approval::ask(tenant, request, at),
            Gate::Start => await_start(request, at),
            Gate::Delivery => Passage::Stays(delivery::begin(tenant, request, at)),
            Gate::CreationCallout | Gate::ApprovalCallout | Gate::DeliveryCallout => callout::call(tenant, request, at),
            Gate::Completion => Passage::Stays(completed(request, at)),
        };
        match passage {
            Passage::Stays(staying) => return tenant.put_request(staying),
            Passage::Passes(passing) => request = behind_gate(passing),
        }
    }
}

fn behind_gate(mut request: Request) -> Request {
    request.gate = match request.gate {
        Gate::Acceptance => Gate::CreationCallout,
        Gate::CreationCallout => Gate::Approval,
        Gate::Approval => Gate::ApprovalCallout,
        Gate::ApprovalCallout => Gate::Start,
        Gate::Start => Gate::Delivery,
        Gate::Delivery => Gate::DeliveryCallout,
        Gate::DeliveryCallout | Gate::Completion => Gate::Completion,
    };
    request
}

fn completed(mut request: Request, at: Timestamp) -> Request {
    request.end(RequestState::Delivered, at);
    request
}

/// What a request has waited for has come.
fn come_due(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    match request.state {
        state if !state.is_open() => {
            if request.notify() {
                tenant.put_request(request);
            } else {
                tenant.remove_request(&request.id);
            }
        }
        _ if request.refusal.is_some() => second_thoughts::refuse(tenant, request, at),
        _ if request.awaits_callback() => callout::time_out(tenant, request, at),
        RequestState::Submitted | RequestState::Scheduled => proceed(tenant, request, at),
        RequestState::PendingApproval => approval::come_due(tenant, request, at),
        RequestState::Delivering => delivery::finish(tenant, request, at),
        _ => {}
    }
}

fn await_start(mut request: Request, at: Timestamp) -> Passage {
    match request.schedule.start_date_time.filter(|start| *start > at) {
        None => Passage::Passes(request),
        start => {
            request.enter(RequestState::Scheduled, start);
            Passage::Stays(request)
        }
    }
}

fn later(at: Timestamp, by: jiff::SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::records::{About, AssignmentState, RequestType, Review};
    use crate::sandbox::seed;

    const SEED: &str = "{name: x, domain: x, users: [{userPrincipalName: a}], groups: [{displayName: G}], \
        catalogs: [{displayName: C}], accessPackages: [{displayName: P, catalog: C, groups: [G]}, \
        {displayName: Q, catalog: C, groups: [G]}], assignmentPolicies: [\
        {displayName: direct, accessPackage: P}, {displayName: asked, accessPackage: P, approver: manager}, \
        {displayName: month, accessPackage: Q, duration: P30D}]}";

    struct Case {
        tenant: Tenant,
        now: Timestamp,
    }

    fn case() -> Case {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let mut tenant = seed::build(serde_yaml::from_str(SEED).unwrap(), now).unwrap();
        tenant.delivery_delay = jiff::SignedDuration::from_secs(3);
        Case { tenant, now }
    }

    impl Case {
        fn after(&mut self, seconds: i64) -> &mut Self {
            self.now = later(self.now, jiff::SignedDuration::from_secs(seconds));
            advance(&mut self.tenant, self.now);
            self
        }

        fn request(&mut self, request_type: RequestType, policy: &str, start: Option<Timestamp>) -> String {
            let policy = self.tenant.policies.iter().find(|known| known.display_name == policy).unwrap().clone();
            let target_id = self.user();
            let active = self.tenant.active_assignment(&target_id, &policy.package_id).map(|active| active.id.clone());
            let id = self.tenant.derived_id("request", &self.tenant.requests.len().to_string());
            let about = About { target_id, package_id: policy.package_id, policy_id: policy.id, assignment_id: active };
            let mut request = Request::new(id, request_type, about, self.now);
            request.schedule.start_date_time = start;
            let id = request.id.clone();
            submit(&mut self.tenant, request, self.now);
            id
        }

        fn user(&self) -> String {
            self.tenant.user("a").unwrap().id.clone()
        }

        fn state(&self, id: &str) -> (RequestState, Option<AssignmentState>) {
            let request = self.tenant.requests.get(id).unwrap();
            let assignment = request.assignment_id.as_deref().and_then(|id| self.tenant.assignments.get(id));
            (request.state, assignment.map(|assignment| assignment.state))
        }

        fn is_member(&self) -> bool {
            let group = &self.tenant.groups.iter().next().unwrap().id;
            self.tenant.is_member(group, &self.user())
        }
    }

    fn review(is_approval: bool, at: Timestamp) -> Review {
        Review { is_approval, by: None, at, justification: None }
    }

    #[test]
    fn an_addition_is_delivered_by_the_clock_and_makes_a_member() {
        let mut case = case();
        let id = case.request(RequestType::AdminAdd, "direct", None);
        assert_eq!(case.after(1).state(&id), (RequestState::Submitted, None));
        assert_eq!(case.after(1).state(&id), (RequestState::Delivering, Some(AssignmentState::Delivering)));
        assert!(!case.is_member());
        assert_eq!(case.after(1).state(&id), (RequestState::Delivered, Some(AssignmentState::Delivered)));
        assert!(case.is_member());
        let completed = case.tenant.requests.get(&id).unwrap().completed.unwrap();
        assert_eq!(completed.to_string(), "2026-11-21T00:00:03Z");
    }

    #[test]
    fn an_approval_stands_between_until_it_is_decided() {
        let mut case = case();
        let id = case.request(RequestType::AdminAdd, "asked", None);
        assert_eq!(case.after(86_400).state(&id).0, RequestState::PendingApproval);
        let pending = case.tenant.requests.get(&id).unwrap().clone();
        decide(&mut case.tenant, pending, review(true, case.now));
        assert_eq!(case.after(2).state(&id).0, RequestState::Delivered);
    }

    #[test]
    fn a_denied_request_is_at_its_end() {
        let mut case = case();
        let id = case.request(RequestType::AdminAdd, "asked", None);
        let pending = case.after(2).tenant.requests.get(&id).unwrap().clone();
        decide(&mut case.tenant, pending, review(false, case.now));
        assert_eq!(case.after(86_400).state(&id), (RequestState::Denied, None));
        assert!(case.tenant.open_request(&case.user(), &case.tenant.packages.iter().next().unwrap().id).is_none());
    }

    #[test]
    fn a_change_does_not_go_past_the_policy() {
        let mut case = case();
        case.request(RequestType::AdminAdd, "month", None);
        let change = case.after(3).request(RequestType::AdminUpdate, "month", None);
        let mut request = case.tenant.requests.get(&change).unwrap().clone();
        request.schedule.expiration = crate::sandbox::records::Expiration::at(None);
        case.tenant.put_request(request);
        case.after(3);
        let end = case.tenant.assignments.iter().next().unwrap().schedule.expiration.end_date_time.unwrap();
        assert_eq!(end.to_string(), "2026-12-21T00:00:06Z");
    }

    #[test]
    fn a_change_without_a_schedule_leaves_the_end_as_it_is() {
        let mut case = case();
        let add = case.request(RequestType::AdminAdd, "month", None);
        let mut request = case.tenant.requests.get(&add).unwrap().clone();
        request.schedule.expiration = crate::sandbox::records::Expiration::at(None);
        case.tenant.put_request(request);
        let change = case.after(3).request(RequestType::AdminUpdate, "month", None);
        let held = case.tenant.assignments.iter().next().unwrap().schedule.clone();
        assert_eq!(held.expiration.end_date_time, None, "an administrator may go past the policy");
        let request = Request { schedule: held, ..case.tenant.requests.get(&change).unwrap().clone() };
        case.tenant.put_request(request);
        case.after(3);
        assert_eq!(case.state(&change).0, RequestState::Delivered);
        let held = case.tenant.assignments.iter().next().unwrap();
        assert_eq!(held.schedule.expiration.end_date_time, None);
    }

    #[test]
    fn a_start_in_the_future_is_waited_for() {
        let mut case = case();
        let start = later(case.now, jiff::SignedDuration::from_hours(1));
        let id = case.request(RequestType::AdminAdd, "direct", Some(start));
        assert_eq!(case.after(60).state(&id), (RequestState::Scheduled, None));
        assert_eq!(case.after(3600).state(&id).0, RequestState::Delivered);
    }

    #[test]
    fn membership_goes_with_the_last_assignment_that_gives_it() {
        let mut case = case();
        case.request(RequestType::AdminAdd, "direct", None);
        case.request(RequestType::AdminAdd, "month", None);
        case.after(3);
        let removal = case.request(RequestType::AdminRemove, "direct", None);
        assert_eq!(case.after(3).state(&removal), (RequestState::Delivered, Some(AssignmentState::Expired)));
        assert!(case.is_member(), "the other package gives the group as well");
        case.after(30 * 86_400);
        assert!(!case.is_member(), "thirty days are over");
        let ended = case.tenant.assignments.iter().filter_map(|assignment| assignment.expired).max().unwrap();
        assert_eq!(ended.to_string(), "2026-12-21T00:00:01.5Z");
    }
}
