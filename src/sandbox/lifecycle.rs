//! How requests and assignments move on: by the tenant clock, and by an approver's decision (graph-contract 1.12).

use jiff::{Timestamp, tz::TimeZone};

use super::records::{
    Assignment, AssignmentState, Expiration, ExpirationType, Request, RequestState, RequestType, Schedule,
};
use super::tenant::{Tenant, Timer};
use super::{erasure, grants, guests};

/// Brings the tenant up to `now`: everything due happens at its own instant, in order.
pub(super) fn advance(tenant: &mut Tenant, now: Timestamp) {
    while let Some((due, timer)) = tenant.pop_timer(now) {
        match timer {
            Timer::Request(id) => {
                if let Some(request) = tenant.requests.get(&id).filter(|request| request.due == Some(due)).cloned() {
                    step(tenant, request, due);
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

/// Carries out an approver's decision on a request that waits for one.
pub(super) fn decide(tenant: &mut Tenant, mut request: Request, approve: bool, now: Timestamp) {
    if approve {
        grant(tenant, request, now);
    } else {
        request.state = RequestState::Denied;
        request.completed = Some(now);
        tenant.put_request(request);
    }
}

/// The pattern's own end, counted from the moment access is granted; `None` for one that does not end, or that
/// overflows the calendar.
pub(super) fn end_of(expiration: &Expiration, granted: Timestamp) -> Option<Timestamp> {
    match expiration.r#type {
        ExpirationType::NotSpecified | ExpirationType::NoExpiration => None,
        ExpirationType::AfterDateTime => expiration.end_date_time,
        ExpirationType::AfterDuration => {
            let duration: jiff::Span = expiration.duration.as_deref()?.parse().ok()?;
            granted.to_zoned(TimeZone::UTC).checked_add(duration).ok().map(|end| end.timestamp())
        }
    }
}

fn step(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    match request.state {
        RequestState::Submitted if needs_approval(tenant, &request) => {
            request.state = RequestState::PendingApproval;
            request.due = None;
            tenant.put_request(request);
        }
        RequestState::Submitted | RequestState::Scheduled => grant(tenant, request, at),
        RequestState::Delivering => finish(tenant, request, at),
        RequestState::PendingApproval | RequestState::Delivered | RequestState::Denied => {}
    }
}

fn needs_approval(tenant: &Tenant, request: &Request) -> bool {
    request.request_type == RequestType::AdminAdd
        && tenant.policies.get(&request.policy_id).is_some_and(|policy| policy.approver.is_some())
}

/// Nothing but time stands before delivery any more: waits for the asked start, or begins.
fn grant(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    if let Some(start) = request.schedule.start_date_time.filter(|start| *start > at) {
        request.state = RequestState::Scheduled;
        request.due = Some(start);
    } else {
        let delay = tenant.delivery_delay;
        request.state = RequestState::Delivering;
        request.due = Some(later(at, delay - delay / 2));
        if request.request_type == RequestType::AdminAdd {
            let assignment = begin_assignment(tenant, &request, at);
            request.assignment_id = Some(assignment.id.clone());
            tenant.put_assignment(assignment);
        }
    }
    tenant.put_request(request);
}

fn begin_assignment(tenant: &Tenant, request: &Request, at: Timestamp) -> Assignment {
    let asked = &request.schedule.expiration;
    let policy = tenant.policies.get(&request.policy_id);
    let pattern = match asked.r#type {
        ExpirationType::NotSpecified => policy.map_or(asked, |policy| &policy.expiration),
        _ => asked,
    };
    let end = end_of(pattern, at);
    let kind = if end.is_some() { ExpirationType::AfterDateTime } else { ExpirationType::NoExpiration };
    Assignment {
        id: tenant.derived_id("assignment", &request.id),
        state: AssignmentState::Delivering,
        target_id: request.target_id.clone(),
        package_id: request.package_id.clone(),
        policy_id: request.policy_id.clone(),
        schedule: Schedule {
            start_date_time: Some(request.schedule.start_date_time.unwrap_or(at)),
            expiration: Expiration { end_date_time: end, ..Expiration::bare(kind) },
        },
        expired: None,
    }
}

fn finish(tenant: &mut Tenant, mut request: Request, at: Timestamp) {
    let assignment = request.assignment_id.as_deref().and_then(|id| tenant.assignments.get(id)).cloned();
    // The assignment may have reached its own end while the request was under way; then there is nothing left to change.
    if let Some(mut assignment) = assignment.filter(Assignment::is_active) {
        match request.request_type {
            RequestType::AdminAdd => {
                assignment.state = AssignmentState::Delivered;
                guests::before_delivery(tenant, &assignment.target_id, at);
                grants::deliver(tenant, &assignment);
                tenant.put_assignment(assignment);
            }
            RequestType::AdminRemove => end(tenant, assignment, at),
        }
    }
    request.state = RequestState::Delivered;
    request.completed = Some(at);
    request.due = None;
    tenant.put_request(request);
}

/// Ends an assignment that is active: its roles go, unless another assignment gives them, and its guest may have to.
pub(super) fn end(tenant: &mut Tenant, mut assignment: Assignment, at: Timestamp) {
    assignment.state = AssignmentState::Expired;
    assignment.expired = Some(at);
    let (user, package) = (assignment.target_id.clone(), assignment.package_id.clone());
    tenant.put_assignment(assignment);
    grants::withdraw(tenant, &user, &package);
    guests::after_end(tenant, &user, at);
}

fn later(at: Timestamp, by: jiff::SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let request = Request {
                id: self.tenant.derived_id("request", &self.tenant.requests.len().to_string()),
                request_type,
                state: RequestState::Submitted,
                target_id,
                package_id: policy.package_id,
                policy_id: policy.id,
                assignment_id: active,
                justification: None,
                schedule: Schedule {
                    start_date_time: start,
                    expiration: Expiration::bare(ExpirationType::NotSpecified),
                },
                answers: Vec::new(),
                created: self.now,
                completed: None,
                due: None,
            };
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
        decide(&mut case.tenant, pending, true, case.now);
        assert_eq!(case.after(2).state(&id).0, RequestState::Delivered);
    }

    #[test]
    fn a_denied_request_is_at_its_end() {
        let mut case = case();
        let id = case.request(RequestType::AdminAdd, "asked", None);
        let pending = case.after(2).tenant.requests.get(&id).unwrap().clone();
        decide(&mut case.tenant, pending, false, case.now);
        assert_eq!(case.after(86_400).state(&id), (RequestState::Denied, None));
        assert!(case.tenant.open_request(&case.user(), &case.tenant.packages.iter().next().unwrap().id).is_none());
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
