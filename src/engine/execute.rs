//! Execute: committed actions become requests, each intent durable before its bytes leave.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::domain::action::{ActionKind, ActionState, RequestTag};
use crate::domain::ids::{RequestId, UserId};
use crate::entitlement::SubmitError;
use crate::plan::consequences::gone;
use crate::store::{ActionRecord, Transition};

use super::event::{Event, chain};
use super::{Engine, EngineError};

/// Until when the service asked not to be called.
#[derive(Debug, Clone, Copy)]
pub struct Throttled {
    until: Instant,
}

/// How long to wait where the service does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);

/// What became of one sending.
enum Sent {
    Accepted,
    NotTaken(Option<Duration>),
    Lost,
    /// Refused, and to be read back before it is believed.
    Refused(Box<ActionRecord>, String),
    Skipped,
}

impl Engine {
    /// Recovers what an earlier process left, then sends what is ready; returns how many requests the service accepted.
    ///
    /// # Errors
    /// Fails when the ledger fails: then nothing more is sent.
    pub async fn execute(&mut self) -> Result<usize, EngineError> {
        self.recover_interrupted().await?;
        // One that is over must not ask for another pass at once, again and again.
        self.throttled = self.throttled.filter(|throttled| throttled.until > Instant::now());
        if self.throttled.is_some() {
            self.look_for_lost_requests().await?;
            return Ok(0);
        }
        let sent = self.send_ready().await?;
        let mut accepted = 0;
        let mut refused = Vec::new();
        for outcome in sent {
            match outcome? {
                Sent::Accepted => accepted += 1,
                Sent::NotTaken(wait) => {
                    self.throttled = Some(Throttled { until: Instant::now() + wait.unwrap_or(DEFAULT_WAIT) });
                }
                Sent::Refused(record, code) => refused.push((*record, code)),
                Sent::Lost | Sent::Skipped => {}
            }
        }
        self.read_refusals_back(refused).await?;
        // After sending: what every look missed is sent again only once the next plan still wants it.
        self.look_for_lost_requests().await?;
        Ok(accepted)
    }

    /// Real time until something can be tried again, where that is known.
    pub(super) fn retry_in(&self) -> Option<Duration> {
        let throttled = self.throttled.map(|throttled| throttled.until.saturating_duration_since(Instant::now()));
        throttled.into_iter().chain(self.until_next_look()).min()
    }

    /// Whether the service asked not to be called for now.
    pub(super) fn is_throttled(&self) -> bool {
        self.throttled.is_some_and(|throttled| throttled.until > Instant::now())
    }

    /// An attempt that an earlier process began and did not finish may or may not have been made.
    async fn recover_interrupted(&mut self) -> Result<(), EngineError> {
        for record in self.seams.store.actions_in(&[ActionState::Submitting]).await? {
            self.lose(&record, "interrupted").await?;
        }
        Ok(())
    }

    /// Sends users side by side and each user's actions one after the other; stops at the first answer "not now".
    async fn send_ready(&self) -> Result<Vec<Result<Sent, EngineError>>, EngineError> {
        let mut by_user: Vec<Vec<ActionRecord>> = Vec::new();
        let mut places: BTreeMap<UserId, usize> = BTreeMap::new();
        for record in self.seams.store.actions_in(&[ActionState::Ready]).await? {
            let place = *places.entry(record.action.user.clone()).or_insert_with(|| {
                by_user.push(Vec::new());
                by_user.len() - 1
            });
            if let Some(records) = by_user.get_mut(place) {
                records.push(record);
            }
        }
        let is_stopped = std::sync::atomic::AtomicBool::new(false);
        let sending = by_user.into_iter().map(|records| self.send_one_user(records, &is_stopped));
        let sent: Vec<Vec<_>> =
            stream::iter(sending).buffer_unordered(self.settings.concurrency.max(1)).collect().await;
        Ok(sent.into_iter().flatten().collect())
    }

    async fn send_one_user(
        &self,
        records: Vec<ActionRecord>,
        is_stopped: &std::sync::atomic::AtomicBool,
    ) -> Vec<Result<Sent, EngineError>> {
        use std::sync::atomic::Ordering;
        let mut sent = Vec::new();
        for record in records {
            if is_stopped.load(Ordering::Relaxed) || self.seams.stop.is_cancelled() {
                break;
            }
            let outcome = self.send(record).await;
            if matches!(outcome, Ok(Sent::NotTaken(_)) | Err(_)) {
                is_stopped.store(true, Ordering::Relaxed);
            }
            sent.push(outcome);
        }
        sent
    }

    async fn send(&self, mut record: ActionRecord) -> Result<Sent, EngineError> {
        if !self.advance(&record, ActionState::Submitting, None, "").await? {
            return Ok(Sent::Skipped);
        }
        record.state = ActionState::Submitting;
        let tag = RequestTag { instance: self.seams.store.instance().to_owned(), action: record.action.id };
        let justification = match &record.action.justification {
            Some(text) => format!("{text} {tag}"),
            None => tag.to_string(),
        };
        match self.seams.entitlement.submit(&record.action, &justification).await {
            Ok(request) => {
                self.advance(&record, ActionState::Submitted, Some(request.id.clone()), request.state.as_str()).await?;
                record_submitted(&record, &request.id);
                Ok(Sent::Accepted)
            }
            Err(SubmitError::Refused { status, code, .. }) => {
                Ok(Sent::Refused(Box::new(record), format!("{status} {code}")))
            }
            Err(error @ SubmitError::NotTaken { .. }) => {
                let retry_after = match &error {
                    SubmitError::NotTaken { retry_after, .. } => *retry_after,
                    _ => None,
                };
                self.advance(&record, ActionState::Ready, None, "not taken").await?;
                let reason = chain(&error);
                let id = record.action.id;
                warn!(event = Event::ActionDeferred.name(), action.id = %id, attempt = record.attempts + 1, reason,
                    "the request of action {id} was not taken and is sent again later");
                Ok(Sent::NotTaken(retry_after))
            }
            Err(error @ SubmitError::AnswerLost { .. }) => {
                self.lose(&record, &chain(&error)).await?;
                Ok(Sent::Lost)
            }
        }
    }

    async fn lose(&self, record: &ActionRecord, reason: &str) -> Result<(), EngineError> {
        self.advance(record, ActionState::Ambiguous, None, "answer lost").await?;
        let id = record.action.id;
        warn!(event = Event::ActionAmbiguous.name(), action.id = %id, reason,
            "the answer to action {id} was lost; usherd looks before it sends again");
        Ok(())
    }

    /// A refusal is believed only when the tenant, read once for all of them, is not already as wished.
    async fn read_refusals_back(&self, refused: Vec<(ActionRecord, String)>) -> Result<(), EngineError> {
        if refused.is_empty() {
            return Ok(());
        }
        let requests = self.seams.entitlement.open_requests().await?;
        let assignments = self.seams.entitlement.active_assignments().await?;
        for (record, code) in refused {
            let action = &record.action;
            let has = assignments.iter().any(|assignment| match &action.assignment {
                Some(taken) => assignment.id == *taken,
                None => assignment.user.as_ref() == Some(&action.user) && Some(&assignment.package) == action.package(),
            });
            let is_coming = requests.iter().any(|request| {
                request.request_type.is_coming()
                    && request.user.as_ref() == Some(&action.user)
                    && request.package.as_ref() == action.package()
            });
            let (is_satisfied, changes) = match action.kind {
                ActionKind::AdminAdd => (has || is_coming, Vec::new()),
                ActionKind::AdminRemove => (!has, gone(action)),
                ActionKind::AddMember | ActionKind::RemoveMember => (false, Vec::new()),
            };
            let to = if is_satisfied { ActionState::AlreadySatisfied } else { ActionState::Refused };
            let transition = Transition {
                action: action.id,
                from: ActionState::Submitting,
                to,
                request: None,
                detail: code.clone(),
                changes: if is_satisfied { changes } else { Vec::new() },
            };
            self.seams.store.advance(&transition, self.seams.clock.now()).await?;
            warn!(
                event = Event::ActionRefused.name(),
                action.id = %action.id,
                action.kind = %action.kind,
                workflow.name = action.document.as_str(),
                subject.id = action.subject.as_str(),
                package.id = action.package().map(|package| package.as_str()),
                group.id = action.resource.group().map(|group| group.as_str()),
                outcome = to.as_str(),
                reason = code,
                "the service refused {} {} ({code}): {to}", action.kind, action.id
            );
        }
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
