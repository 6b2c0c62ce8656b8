//! Packages, assignments and requests as a pass sees them: what can have changed since the last observation, and everything at an interval.
//!
//! Entitlement management tells no changes. But every assignment changes through a request, by its end date, or while the service is still
//! working on it: so a pass reads the requests created lately and those still followed, and with them the assignments they are about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{ASSIGNMENT_EXPANSION, GraphEntitlement, REQUEST_EXPANSION, assignment_from, failed, request_from, since};
use crate::directory::ObserveError;
use crate::domain::entitlement::{
    AccessPackage, Assignment, AssignmentPolicy, AssignmentRequest, AssignmentState, RequestState,
};
use crate::domain::ids::{AssignmentId, RequestId};
use crate::entitlement::EntitlementView;
use crate::graph::wire;

/// Lists may show a request so late.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);
/// Requests younger than this are followed by the list, older ones each by its id.
const YOUNG: SignedDuration = SignedDuration::from_hours(1);
/// So many older ones are read by their ids; where there are more, such as requests that wait for approvers, the open ones are listed.
const FEW: usize = 40;
/// So long the service goes on trying by itself what has failed or is done in part.
const PROVISIONAL: SignedDuration = SignedDuration::from_hours(25);
/// Packages and policies are read again after this time.
const CATALOG_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What is kept between observations, in memory alone: every start reads everything.
#[derive(Debug)]
pub(super) struct Kept {
    packages: Vec<AccessPackage>,
    policies: Vec<AssignmentPolicy>,
    catalog_due: Timestamp,
    assignments: BTreeMap<AssignmentId, KeptAssignment>,
    /// The requests that are followed, and those created lately.
    requests: BTreeMap<RequestId, AssignmentRequest>,
    /// Up to when requests were read.
    read: Timestamp,
    /// When everything is read again.
    due: Timestamp,
}

#[derive(Debug)]
struct KeptAssignment {
    assignment: Assignment,
    ends: Option<Timestamp>,
}

/// What a pass changes of what is kept.
struct Changes {
    catalog: Option<Catalog>,
    requests: BTreeMap<RequestId, AssignmentRequest>,
    /// Assignments that were read anew: as they are, or no longer active.
    assignments: BTreeMap<AssignmentId, Option<KeptAssignment>>,
}

type Catalog = (Vec<AccessPackage>, Vec<AssignmentPolicy>);

impl GraphEntitlement {
    /// Packages, policies, active assignments and open requests at `now`.
    pub(super) async fn observe_changes(
        &self,
        now: Timestamp,
        is_catalog_in_doubt: bool,
    ) -> Result<EntitlementView, ObserveError> {
        let mut kept = self.kept.lock().await;
        // A clock that was set back says nothing about how old the reading is.
        let changes = match kept.as_ref().filter(|kept| kept.read <= now && now < kept.due) {
            Some(kept) => self.changes(kept, now, is_catalog_in_doubt).await?,
            None => None,
        };
        // Nothing of what is kept changes before everything was read.
        let kept = match (&mut *kept, changes) {
            (Some(kept), Some(changes)) => {
                kept.apply(changes, now);
                kept
            }
            (kept, _) => kept.insert(self.everything(now).await?),
        };
        Ok(EntitlementView {
            packages: kept.packages.clone(),
            policies: kept.policies.clone(),
            assignments: kept.assignments.values().map(|kept| kept.assignment.clone()).collect(),
            requests: kept.requests.values().filter(|request| request.state.is_open()).cloned().collect(),
        })
    }

    async fn everything(&self, now: Timestamp) -> Result<Kept, ObserveError> {
        let (packages, policies) = self.catalog().await?;
        // Requests before assignments: what is delivered in between shows in one of the two, never in neither.
        let mut requests = self.requests_in_open_states().await?;
        let from = since(now.checked_sub(PROVISIONAL).unwrap_or(now));
        for state in [RequestState::DeliveryFailed, RequestState::PartiallyDelivered] {
            requests.extend(self.requests(&format!("state eq '{state}' and createdDateTime ge {from}")).await?);
        }
        let mut assignments = BTreeMap::new();
        for assignment in self.assignments_in_active_states().await? {
            let kept = kept_assignment(assignment)?;
            assignments.insert(kept.assignment.id.clone(), kept);
        }
        Ok(Kept {
            packages,
            policies,
            catalog_due: after(now, CATALOG_EVERY),
            assignments,
            requests: requests.into_iter().map(|request| (request.id.clone(), request)).collect(),
            read: now,
            due: after(now, self.full_every),
        })
    }

    /// Everything that can have changed, read anew; `None` where that does not tell enough.
    async fn changes(
        &self,
        kept: &Kept,
        now: Timestamp,
        is_catalog_in_doubt: bool,
    ) -> Result<Option<Changes>, ObserveError> {
        let is_catalog_due = is_catalog_in_doubt || kept.catalog_due <= now;
        let catalog = if is_catalog_due { Some(self.catalog().await?) } else { None };
        let created = self.requests(&format!("createdDateTime ge {}", since(kept.read_from(now)))).await?;
        let mut requests: BTreeMap<RequestId, AssignmentRequest> =
            created.into_iter().map(|request| (request.id.clone(), request)).collect();
        let mut older: Vec<RequestId> = kept.followed(now).cloned().collect();
        older.retain(|id| !requests.contains_key(id));
        if older.len() > FEW {
            let open = self.requests_in_open_states().await?;
            requests.extend(open.into_iter().map(|request| (request.id.clone(), request)));
            older.retain(|id| !requests.contains_key(id));
        }
        let mut touched: BTreeSet<AssignmentId> = kept.moving(now).cloned().collect();
        for (id, found) in older.iter().zip(self.by_id("assignmentRequests", &older, REQUEST_EXPANSION).await?) {
            match (found?, kept.requests.get(id).and_then(|request| request.assignment.clone())) {
                (Some(request), _) => _ = requests.insert(id.clone(), request_from(request)),
                // What the service no longer knows has ended, one way or the other.
                (None, Some(assignment)) => _ = touched.insert(assignment),
                (None, None) => return Ok(None),
            }
        }
        for request in requests.values().filter(|request| kept.is_news(request)) {
            match &request.assignment {
                Some(assignment) => _ = touched.insert(assignment.clone()),
                None if request.state == RequestState::Delivered => return Ok(None),
                None => {}
            }
        }
        let touched: Vec<AssignmentId> = touched.into_iter().collect();
        let mut assignments = BTreeMap::new();
        for (id, found) in touched.iter().zip(self.by_id("assignments", &touched, ASSIGNMENT_EXPANSION).await?) {
            match found?.map(kept_assignment).transpose()? {
                Some(found) => {
                    let is_active = found.assignment.state.is_active();
                    assignments.insert(id.clone(), is_active.then_some(found));
                }
                None => {
                    wait_for(id, requests.values_mut(), now);
                    assignments.insert(id.clone(), None);
                }
            }
        }
        Ok(Some(Changes { catalog, requests, assignments }))
    }

    async fn catalog(&self) -> Result<Catalog, ObserveError> {
        tokio::try_join!(self.packages_with_incompatible(), self.policies_with_questions())
    }

    async fn requests(&self, filter: &str) -> Result<Vec<AssignmentRequest>, ObserveError> {
        let options = [("$filter", filter), ("$expand", REQUEST_EXPANSION)];
        let requests: Vec<wire::AssignmentRequest> = self.list("assignmentRequests", &options).await?;
        Ok(requests.into_iter().map(request_from).collect())
    }
}

impl Kept {
    /// From which creation on requests are listed: from the last reading on, with what it may have missed, and all young ones that are open.
    fn read_from(&self, now: Timestamp) -> Timestamp {
        let open = self.requests.values().filter(|request| request.state.is_open() && is_young(request, now));
        let overlapping = self.read.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN);
        open.filter_map(|request| request.created).chain([overlapping]).min().unwrap_or(overlapping)
    }

    /// The requests of which something can still be expected: open ones, and those that the service may try again by itself.
    fn followed(&self, now: Timestamp) -> impl Iterator<Item = &RequestId> {
        let is_tried_again = move |request: &AssignmentRequest| {
            matches!(request.state, RequestState::DeliveryFailed | RequestState::PartiallyDelivered)
                && request.created.is_none_or(|created| now.duration_since(created) <= PROVISIONAL)
        };
        let followed = self.requests.values().filter(move |request| request.state.is_open() || is_tried_again(request));
        followed.map(|request| &request.id)
    }

    /// The assignments that change by themselves: not delivered yet, or at their end.
    fn moving(&self, now: Timestamp) -> impl Iterator<Item = &AssignmentId> {
        let is_moving = move |kept: &&KeptAssignment| {
            kept.assignment.state != AssignmentState::Delivered || kept.ends.is_some_and(|end| end <= now)
        };
        self.assignments.values().filter(is_moving).map(|kept| &kept.assignment.id)
    }

    /// Whether the request is new or says something else than when it was read last.
    fn is_news(&self, request: &AssignmentRequest) -> bool {
        self.requests.get(&request.id) != Some(request)
    }

    fn apply(&mut self, changes: Changes, now: Timestamp) {
        if let Some((packages, policies)) = changes.catalog {
            (self.packages, self.policies) = (packages, policies);
            self.catalog_due = after(now, CATALOG_EVERY);
        }
        for (id, assignment) in changes.assignments {
            match assignment {
                Some(assignment) => _ = self.assignments.insert(id, assignment),
                None => _ = self.assignments.remove(&id),
            }
        }
        self.requests = changes.requests;
        self.read = now;
    }
}

/// Just delivered, and not known everywhere yet: until its assignment is, the request counts as under way.
fn wait_for<'a>(assignment: &AssignmentId, requests: impl Iterator<Item = &'a mut AssignmentRequest>, now: Timestamp) {
    for request in requests {
        let is_its_own = request.assignment.as_ref() == Some(assignment) && request.request_type.is_coming();
        if is_its_own && request.state == RequestState::Delivered && is_young(request, now) {
            request.state = RequestState::Delivering;
        }
    }
}

fn is_young(request: &AssignmentRequest, now: Timestamp) -> bool {
    request.created.is_some_and(|created| now.duration_since(created) <= YOUNG)
}

fn kept_assignment(assignment: wire::Assignment) -> Result<KeptAssignment, ObserveError> {
    let ends = assignment.schedule.as_ref().and_then(|schedule| schedule.expiration.as_ref()?.end_date_time);
    let assignment = assignment_from(assignment).map_err(|error| failed("assignments", error))?;
    Ok(KeptAssignment { assignment, ends })
}

fn after(now: Timestamp, time: SignedDuration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}
