//! Execute: committed actions are sent, users side by side, until the service says "not now".

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use crate::domain::action::ActionState;
use crate::domain::ids::UserId;
use crate::store::ActionRecord;

use super::send::Sent;
use super::{Engine, EngineError};

/// Until when the service asked not to be called.
#[derive(Debug, Clone, Copy)]
pub struct Throttled {
    until: Instant,
}

/// How long to wait where the service does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);

/// What one execution came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Executed {
    /// Requests and changes of groups that the service accepted.
    pub sent: usize,
    /// Actions that came to their end.
    pub settled: usize,
}

impl Engine {
    /// Recovers what an earlier process left, then sends what is ready.
    ///
    /// # Errors
    /// Fails when the ledger fails: then nothing more is sent.
    pub async fn execute(&mut self) -> Result<Executed, EngineError> {
        self.recover_interrupted().await?;
        // One that is over must not ask for another pass at once, again and again.
        self.throttled = self.throttled.filter(|throttled| throttled.until > Instant::now());
        let mut executed = Executed::default();
        if self.throttled.is_none() {
            let mut refused = Vec::new();
            for outcome in self.send_ready().await? {
                match outcome? {
                    Sent::Accepted => executed.sent += 1,
                    Sent::Done => {
                        executed.sent += 1;
                        executed.settled += 1;
                    }
                    Sent::NotTaken(wait) => {
                        self.throttled = Some(Throttled { until: Instant::now() + wait.unwrap_or(DEFAULT_WAIT) });
                    }
                    Sent::Refused(record, code) => refused.push((*record, code)),
                    Sent::Lost | Sent::Skipped => {}
                }
            }
            self.is_catalog_in_doubt |= !refused.is_empty();
            executed.settled += self.read_refusals_back(refused).await?;
        }
        // After sending: what every look missed is sent again only once the next plan still wants it.
        executed.settled += self.look_for_lost_answers().await?;
        Ok(executed)
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
}
