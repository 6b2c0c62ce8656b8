//! Looking for what became of an action whose answer was lost, before it may be sent again (design.md section 6, Lost answers).

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::domain::action::{ActionKind, ActionState, RequestTag};
use crate::domain::entitlement::AssignmentRequest;
use crate::domain::ids::{PackageId, RequestId};
use crate::domain::resource::Resource;
use crate::store::{ActionRecord, Transition};

use super::event::{Event, chain};
use super::membership::is_as_wished;
use super::settle::record_settled;
use super::{Engine, EngineError};

/// Requests created this long before the attempt are looked at too: clocks differ.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// The pause after a look that failed, so that a failing list is not asked for without end.
const AFTER_FAILED_LOOK: Duration = Duration::from_secs(5);

/// How far the looks for one lost answer are.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    since: Instant,
    done: usize,
    /// After a look that failed.
    not_before: Instant,
}

/// What a look found.
enum Found {
    /// The request.
    Request(Box<AssignmentRequest>),
    /// A group that is as the action wished.
    Done,
}

impl Looks {
    /// How long until the next look is due; zero when it is due.
    fn until_next(&self, schedule: &[Duration]) -> Duration {
        let due = schedule.get(self.done).copied().unwrap_or_default();
        let pause = self.not_before.saturating_duration_since(Instant::now());
        due.saturating_sub(self.since.elapsed()).max(pause)
    }
}

impl Engine {
    /// Makes every look that is due: adopts what is found, and lets the action be sent again once every look found nothing. Returns how many
    /// actions came to their end.
    pub(super) async fn look_for_lost_answers(&mut self) -> Result<usize, EngineError> {
        let mut settled = 0;
        let lost = self.seams.store.actions_in(&[ActionState::Ambiguous]).await?;
        self.looks.retain(|action, _| lost.iter().any(|record| record.action.id == *action));
        for record in lost {
            let begin = || Looks { since: Instant::now(), done: 0, not_before: Instant::now() };
            let looks = *self.looks.entry(record.action.id).or_insert_with(begin);
            if !looks.until_next(&self.settings.looks).is_zero() {
                continue;
            }
            match self.find(&record).await {
                Ok(Some(Found::Request(found))) => self.adopt(&record, &found).await?,
                Ok(Some(Found::Done)) => {
                    self.note_done(&record).await?;
                    settled += 1;
                }
                Ok(None) => self.note_empty_look(&record).await?,
                // An incomplete look proves nothing: it is made again.
                Err(error) => {
                    let paused = Looks { not_before: Instant::now() + AFTER_FAILED_LOOK, ..looks };
                    self.looks.insert(record.action.id, paused);
                    warn!(
                        event = Event::ActionAmbiguous.name(),
                        action.id = %record.action.id,
                        reason = chain(&error),
                        "looking for what became of {} failed and is repeated", record.action.id
                    );
                }
            }
        }
        Ok(settled)
    }

    /// How long until the next look.
    pub(super) fn until_next_look(&self) -> Option<Duration> {
        self.looks.values().map(|looks| looks.until_next(&self.settings.looks)).min()
    }

    async fn find(&self, record: &ActionRecord) -> Result<Option<Found>, EngineError> {
        match &record.action.resource {
            Resource::Package(package) => {
                Ok(self.find_request(record, package).await?.map(|found| Found::Request(Box::new(found))))
            }
            Resource::Group(group) => {
                let answer = self.read_group(group).await?;
                Ok(is_as_wished(&record.action, &answer).then_some(Found::Done))
            }
        }
    }

    async fn find_request(
        &self,
        record: &ActionRecord,
        package: &PackageId,
    ) -> Result<Option<AssignmentRequest>, EngineError> {
        let action = &record.action;
        let attempt = record.submitted.unwrap_or(record.changed);
        let from = attempt.checked_sub(MARGIN).unwrap_or(attempt);
        let requests = self.seams.entitlement.requests_since(package, from).await?;
        let tag = RequestTag { instance: self.seams.store.instance().to_owned(), action: action.id };
        let tag_of = |request: &AssignmentRequest| request.justification.as_deref().and_then(RequestTag::find);
        let mut tagged = requests.iter().filter(|request| tag_of(request).as_ref() == Some(&tag));
        if let Some(first) = tagged.next() {
            if let Some(second) = tagged.next() {
                warn!(
                    event = Event::RequestDoubled.name(),
                    action.id = %action.id,
                    request.id = second.id.as_str(),
                    "two requests carry the tag of action {}; the first is followed", action.id
                );
            }
            return Ok(Some(first.clone()));
        }
        let known = self.known_requests().await?;
        let candidates = requests.iter().filter(|request| {
            let is_same_target = match action.kind {
                ActionKind::AdminAdd => request.user.as_ref() == Some(&action.user),
                ActionKind::AdminRemove => request.assignment == action.assignment,
                ActionKind::AddMember | ActionKind::RemoveMember | ActionKind::Adopt => false,
            };
            tag_of(request).is_none()
                && Some(&request.request_type) == action.kind.request_type().as_ref()
                && is_same_target
                && !known.contains(&request.id)
        });
        for candidate in candidates {
            if self.is_in_effect(candidate).await? {
                return Ok(Some(candidate.clone()));
            }
        }
        Ok(None)
    }

    /// A request without a tag is taken for the lost one only while it is open or its assignment is active.
    async fn is_in_effect(&self, request: &AssignmentRequest) -> Result<bool, EngineError> {
        if request.state.is_open() || request.request_type.is_going() {
            return Ok(true);
        }
        let Some(assignment) = &request.assignment else { return Ok(false) };
        let assignment = self.seams.entitlement.assignment(assignment).await?;
        Ok(assignment.is_some_and(|assignment| assignment.state.is_active()))
    }

    async fn known_requests(&self) -> Result<BTreeSet<RequestId>, EngineError> {
        let records = self.seams.store.actions_in(&ActionState::ALL).await?;
        Ok(records.into_iter().filter_map(|record| record.request).collect())
    }

    async fn adopt(&mut self, record: &ActionRecord, found: &AssignmentRequest) -> Result<(), EngineError> {
        let transition = Transition {
            action: record.action.id,
            from: ActionState::Ambiguous,
            to: ActionState::Submitted,
            request: Some(found.id.clone()),
            detail: found.state.as_str().to_owned(),
            changes: Vec::new(),
        };
        self.seams.store.advance(&transition, self.seams.clock.now()).await?;
        self.looks.remove(&record.action.id);
        info!(
            event = Event::ActionAdopted.name(),
            action.id = %record.action.id,
            request.id = found.id.as_str(),
            "the lost request of action {} was found: {}", record.action.id, found.id
        );
        Ok(())
    }

    /// A group is as the lost change wished.
    async fn note_done(&mut self, record: &ActionRecord) -> Result<(), EngineError> {
        let to = ActionState::Delivered;
        let transition = Transition {
            action: record.action.id,
            from: ActionState::Ambiguous,
            to,
            request: None,
            detail: "found as wished".to_owned(),
            changes: Vec::new(),
        };
        let now = self.seams.clock.now();
        self.seams.store.advance(&transition, now).await?;
        self.looks.remove(&record.action.id);
        record_settled(record, to, now);
        Ok(())
    }

    async fn note_empty_look(&mut self, record: &ActionRecord) -> Result<(), EngineError> {
        let id = record.action.id;
        let Some(looks) = self.looks.get_mut(&id) else { return Ok(()) };
        looks.done += 1;
        if looks.done < self.settings.looks.len() {
            return Ok(());
        }
        self.looks.remove(&id);
        let transition = Transition {
            action: id,
            from: ActionState::Ambiguous,
            to: ActionState::Ready,
            request: None,
            detail: "every look found nothing".to_owned(),
            changes: Vec::new(),
        };
        self.seams.store.advance(&transition, self.seams.clock.now()).await?;
        Ok(())
    }
}
