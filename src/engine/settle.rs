//! Settle: requests are followed to their final state, and what follows is kept in the same transaction.

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::domain::action::{ActionKind, ActionState};
use crate::domain::entitlement::RequestState;
use crate::plan::consequences::consequences;
use crate::store::{ActionRecord, Transition};

use super::event::{Event, chain};
use super::pass::UnderWay;
use super::{Engine, EngineError};

/// A new request may not be known everywhere at once; after this time it is not there.
const VANISHED_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// A failed delivery is provisional for so long: the service goes on trying by itself for hours.
const PROVISIONAL: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Asks after every request that is under way; returns how many came to their end.
    ///
    /// # Errors
    /// Fails when the ledger fails.
    pub async fn settle(&mut self) -> Result<usize, EngineError> {
        let mut settled = 0;
        let records = self.seams.store.actions_in(&[ActionState::Submitted]).await?;
        let (records, ids): (Vec<_>, Vec<_>) =
            records.into_iter().filter_map(|record| record.request.clone().map(|id| (record, id))).unzip();
        let found = match self.seams.entitlement.requests_by_id(&ids).await {
            Ok(found) => found,
            Err(error) => {
                if self.told.is_news("requests".to_owned()) {
                    let (event, reason, requests) = (Event::RequestUnreadable.name(), chain(&error), ids.len());
                    warn!(event, reason, requests, "{requests} requests could not be read and are asked after again");
                }
                return Ok(0);
            }
        };
        for ((record, id), found) in records.iter().zip(&ids).zip(found) {
            let now = self.seams.clock.now();
            let request = match found {
                Ok(Some(request)) => {
                    self.vanished.remove(&record.action.id);
                    request
                }
                Ok(None) => {
                    settled += usize::from(self.note_vanished(record, now).await?);
                    continue;
                }
                // One request that cannot be read stops no other; it is asked after again.
                Err(error) => {
                    if self.told.is_news(format!("request {id}")) {
                        let (event, reason) = (Event::RequestUnreadable.name(), chain(&error));
                        warn!(event, action.id = %record.action.id, request.id = id.as_str(), reason,
                            "request {id} could not be read and is asked after again");
                    }
                    continue;
                }
            };
            let to = final_state(&request.state, record, now);
            if to == ActionState::Submitted && record.detail == request.state.as_str() {
                continue;
            }
            let transition = Transition {
                action: record.action.id,
                from: ActionState::Submitted,
                to,
                request: None,
                detail: request.state.as_str().to_owned(),
                changes: consequences(&record.action, to, &request.state),
            };
            if self.seams.store.advance(&transition, now).await? && to != ActionState::Submitted {
                settled += 1;
                record_settled(record, to, now);
            }
        }
        Ok(settled)
    }

    /// A request that the service has not known for a while is over; what it was to bring about says how it ended.
    async fn note_vanished(&mut self, record: &ActionRecord, now: Timestamp) -> Result<bool, EngineError> {
        let since = *self.vanished.entry(record.action.id).or_insert(now);
        if now.duration_since(since) < VANISHED_AFTER {
            return Ok(false);
        }
        let Ok(assignments) = self.seams.entitlement.active_assignments().await else { return Ok(false) };
        let action = &record.action;
        let is_there = assignments.iter().any(|assignment| match &action.assignment {
            Some(taken) => assignment.id == *taken,
            None => assignment.user.as_ref() == Some(&action.user) && Some(&assignment.package) == action.package(),
        });
        let is_done = is_there == (action.kind == ActionKind::AdminAdd);
        let to = if is_done { ActionState::Delivered } else { ActionState::Canceled };
        let transition = Transition {
            action: action.id,
            from: ActionState::Submitted,
            to,
            request: None,
            detail: "the service no longer knows the request".to_owned(),
            changes: consequences(action, to, &RequestState::Delivered),
        };
        let is_moved = self.seams.store.advance(&transition, now).await?;
        record_settled(record, to, now);
        Ok(is_moved)
    }

    /// What has not come to an end.
    pub(super) async fn under_way(&self) -> Result<UnderWay, EngineError> {
        let states = [ActionState::Ready, ActionState::Submitting, ActionState::Ambiguous, ActionState::Submitted];
        let mut under_way =
            UnderWay { retry_in: self.retry_in(), can_send: !self.is_throttled(), ..UnderWay::default() };
        for record in self.seams.store.actions_in(&states).await? {
            match record.state {
                ActionState::Ready => under_way.unsent += 1,
                ActionState::Submitted if waits_for_others(&record.detail) => under_way.waiting += 1,
                ActionState::Submitted => under_way.moving += 1,
                _ => under_way.ambiguous += 1,
            }
        }
        Ok(under_way)
    }
}

/// Whether the request's state lasts until a person, the clock or the service's own retries move it.
pub(super) fn waits_for_others(detail: &str) -> bool {
    let state = RequestState::from(detail.to_owned());
    matches!(
        state,
        RequestState::PendingApproval
            | RequestState::Scheduled
            | RequestState::DeliveryFailed
            | RequestState::PartiallyDelivered
    )
}

fn final_state(state: &RequestState, record: &ActionRecord, now: Timestamp) -> ActionState {
    match state {
        RequestState::Delivered => ActionState::Delivered,
        RequestState::Denied => ActionState::Denied,
        RequestState::Canceled => ActionState::Canceled,
        RequestState::DeliveryFailed | RequestState::PartiallyDelivered => {
            let since = record.submitted.unwrap_or(record.changed);
            let is_over = now.duration_since(since) >= PROVISIONAL;
            if is_over { ActionState::DeliveryFailed } else { ActionState::Submitted }
        }
        RequestState::Submitted | RequestState::PendingApproval | RequestState::Delivering => ActionState::Submitted,
        RequestState::Scheduled | RequestState::Other(_) => ActionState::Submitted,
    }
}

/// One line for an action that came to its end.
pub(super) fn record_settled(record: &ActionRecord, to: ActionState, now: Timestamp) {
    let action = &record.action;
    let duration = record.submitted.map(|submitted| now.duration_since(submitted).as_millis());
    info!(
        event = Event::ActionSettled.name(),
        action.id = %action.id,
        action.kind = %action.kind,
        request.id = record.request.as_ref().map(|request| request.as_str()),
        workflow.name = action.document.as_str(),
        subject.id = action.subject.as_str(),
        package.id = action.package().map(|package| package.as_str()),
        group.id = action.resource.group().map(|group| group.as_str()),
        outcome = to.as_str(),
        duration_ms = duration.and_then(|duration| i64::try_from(duration).ok()),
        "{} {} is {to}", action.kind, action.id
    );
}
