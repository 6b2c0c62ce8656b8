//! Send: one committed action becomes a request or a change of a group, its intent durable before its bytes leave.

use std::time::Duration;

use tracing::{info, warn};

use crate::directory::SubmitError;
use crate::domain::action::{ActionKind, ActionState, RequestTag};
use crate::domain::entitlement::AssignmentRequest;
use crate::domain::ids::{GroupId, RequestId};
use crate::domain::resource::Resource;
use crate::store::{ActionRecord, Transition};

use super::event::{Event, chain};
use super::settle::record_settled;
use super::{Engine, EngineError};

/// What became of one sending.
pub(super) enum Sent {
    /// A request was made and is being followed.
    Accepted,
    /// A group was changed, and there is nothing to follow.
    Done,
    /// Not now; with the service's wish how long to wait.
    NotTaken(Option<Duration>),
    /// The answer was lost.
    Lost,
    /// Refused, and to be read back before it is believed.
    Refused(Box<ActionRecord>, String),
    /// It was no longer to be sent.
    Skipped,
}

impl Engine {
    /// Sends one action, unless something took it back in the meantime.
    pub(super) async fn send(&self, mut record: ActionRecord) -> Result<Sent, EngineError> {
        if !self.advance(&record, ActionState::Submitting, None, "").await? {
            return Ok(Sent::Skipped);
        }
        record.state = ActionState::Submitting;
        let error = match &record.action.resource {
            Resource::Package(_) => match self.submit(&record).await {
                Ok(request) => {
                    let state = request.state.as_str();
                    self.advance(&record, ActionState::Submitted, Some(request.id.clone()), state).await?;
                    record_submitted(&record, &request.id);
                    return Ok(Sent::Accepted);
                }
                Err(error) => error,
            },
            Resource::Group(group) => match self.change_group(&record, group).await {
                Ok(()) => {
                    let now = self.seams.clock.now();
                    self.advance(&record, ActionState::Delivered, None, "").await?;
                    record_settled(&record, ActionState::Delivered, now);
                    return Ok(Sent::Done);
                }
                Err(error) => error,
            },
        };
        self.note_unsent(record, error).await
    }

    async fn submit(&self, record: &ActionRecord) -> Result<AssignmentRequest, SubmitError> {
        let tag = RequestTag { instance: self.seams.store.instance().to_owned(), action: record.action.id };
        let justification = match &record.action.justification {
            Some(text) => format!("{text} {tag}"),
            None => tag.to_string(),
        };
        self.seams.entitlement.submit(&record.action, &justification).await
    }

    async fn change_group(&self, record: &ActionRecord, group: &GroupId) -> Result<(), SubmitError> {
        let (directory, user) = (&self.seams.directory, &record.action.user);
        match record.action.kind {
            ActionKind::AddMember | ActionKind::AdminAdd => directory.add_member(group, user).await,
            ActionKind::RemoveMember | ActionKind::AdminRemove => directory.remove_member(group, user).await,
            // Nothing is sent for it, whatever it is about.
            ActionKind::Adopt => Ok(()),
        }
    }

    /// What was not plainly accepted: refused, not taken, or nobody knows.
    async fn note_unsent(&self, record: ActionRecord, error: SubmitError) -> Result<Sent, EngineError> {
        match error {
            SubmitError::Refused { status, code, .. } => {
                Ok(Sent::Refused(Box::new(record), format!("{status} {code}")))
            }
            SubmitError::NotTaken { retry_after, .. } => {
                self.advance(&record, ActionState::Ready, None, "not taken").await?;
                let reason = chain(&error);
                let id = record.action.id;
                warn!(event = Event::ActionDeferred.name(), action.id = %id, attempt = record.attempts + 1, reason,
                    "the request of action {id} was not taken and is sent again later");
                Ok(Sent::NotTaken(retry_after))
            }
            SubmitError::AnswerLost { .. } => {
                self.lose(&record, &chain(&error)).await?;
                Ok(Sent::Lost)
            }
        }
    }

    /// Nobody knows whether the service took it.
    pub(super) async fn lose(&self, record: &ActionRecord, reason: &str) -> Result<(), EngineError> {
        self.advance(record, ActionState::Ambiguous, None, "answer lost").await?;
        let id = record.action.id;
        warn!(event = Event::ActionAmbiguous.name(), action.id = %id, reason,
            "the answer to action {id} was lost; usherd looks before it sends again");
        Ok(())
    }

    async fn advance(
        &self,
        record: &ActionRecord,
        to: ActionState,
        request: Option<RequestId>,
        detail: &str,
    ) -> Result<bool, EngineError> {
        let transition = Transition {
            action: record.action.id,
            from: record.state,
            to,
            request,
            detail: detail.to_owned(),
            changes: Vec::new(),
        };
        Ok(self.seams.store.advance(&transition, self.seams.clock.now()).await?)
    }
}

fn record_submitted(record: &ActionRecord, request: &RequestId) {
    let action = &record.action;
    info!(
        event = Event::ActionSubmitted.name(),
        action.id = %action.id,
        action.kind = %action.kind,
        request.id = request.as_str(),
        workflow.name = action.document.as_str(),
        subject.id = action.subject.as_str(),
        package.id = action.package().map(|package| package.as_str()),
        group.id = action.resource.group().map(|group| group.as_str()),
        attempt = record.attempts + 1,
        "{} {} is request {request}", action.kind, action.id
    );
}
