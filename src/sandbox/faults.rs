//! Faults on demand: lost answers, held answers, refusals; and the count of calls.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::sync::watch;

use super::envelope::ApiError;

/// The faults in force.
#[derive(Default)]
pub(super) struct Faults {
    calls: AtomicU64,
    exchanges: AtomicU64,
    reads: AtomicU64,
    lost_answers: AtomicU32,
    empty_pages: AtomicBool,
    refusal: Mutex<Option<Refusal>>,
    hold: Arc<Mutex<Option<watch::Sender<Held>>>>,
}

struct Refusal {
    left: u32,
    error: ApiError,
}

#[derive(Debug, Clone, Copy, Default)]
struct Held {
    committed: usize,
    released: bool,
}

impl Faults {
    /// Counts a call under `/v1.0` or `/beta`, and refuses it where a refusal is in force.
    pub(super) fn on_call(&self) -> Result<(), ApiError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        match refusal.as_mut().filter(|refusal| refusal.left > 0) {
            None => Ok(()),
            Some(refusal) => {
                refusal.left -= 1;
                Err(refusal.error.clone())
            }
        }
    }

    /// Counts what comes over the wire under `/v1.0` or `/beta`: a batch is one exchange, and one that reads, however many calls it holds.
    pub(super) fn on_exchange(&self, is_read: bool) {
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.reads.fetch_add(u64::from(is_read), Ordering::Relaxed);
    }

    /// How many exchanges there were, and how many of them read.
    pub(super) fn exchanges(&self) -> (u64, u64) {
        (self.exchanges.load(Ordering::Relaxed), self.reads.load(Ordering::Relaxed))
    }

    /// How many calls there were.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Refuses the next calls.
    pub(super) fn refuse_next(&self, count: u32, status: StatusCode, retry_after: Option<u32>) {
        let refusal = Refusal { left: count, error: ApiError::of_status(status, retry_after) };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
    }

    /// Whether an empty page follows each page that is not the last.
    pub(super) fn empty_pages(&self) -> bool {
        self.empty_pages.load(Ordering::Relaxed)
    }

    /// Turns empty pages in between on or off.
    pub(super) fn set_empty_pages(&self, on: bool) {
        self.empty_pages.store(on, Ordering::Relaxed);
    }

    /// Loses the next answers to new requests.
    pub(super) fn lose_answers(&self, count: u32) {
        self.lost_answers.store(count, Ordering::SeqCst);
    }

    /// Whether the answer that is ready now is to be lost.
    pub(super) fn take_lost_answer(&self) -> bool {
        self.lost_answers.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }

    /// Holds answers to new requests until what is given back is dropped.
    pub(super) fn hold_answers(&self) -> HeldAnswers {
        let (sender, held) = watch::channel(Held::default());
        *self.hold.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        HeldAnswers { hold: Arc::clone(&self.hold), held }
    }

    /// Ends every hold, so that the server can stop.
    pub(super) fn release_all(&self) {
        release(&self.hold);
    }

    /// Waits while answers are held; called once the request is committed.
    pub(super) async fn wait_if_held(&self) {
        let waiting = {
            let hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner);
            hold.as_ref().map(|held| {
                held.send_modify(|held| held.committed += 1);
                held.subscribe()
            })
        };
        if let Some(mut waiting) = waiting {
            // An error means that a newer hold has taken this one's place, which releases it too.
            let _ = waiting.wait_for(|held| held.released).await;
        }
    }
}

/// Answers to new requests are held back; dropping it lets them go.
#[derive(Debug)]
pub struct HeldAnswers {
    hold: Arc<Mutex<Option<watch::Sender<Held>>>>,
    held: watch::Receiver<Held>,
}

impl HeldAnswers {
    /// Returns once `count` requests are committed while their answers are held (callers that hung up since still count).
    pub async fn wait_for(&self, count: usize) {
        // An error means that the answers have been released: nothing more will be held.
        let _ = self.held.clone().wait_for(|held| held.committed >= count).await;
    }
}

impl Drop for HeldAnswers {
    fn drop(&mut self) {
        release(&self.hold);
    }
}

fn release(hold: &Mutex<Option<watch::Sender<Held>>>) {
    if let Some(sender) = hold.lock().unwrap_or_else(PoisonError::into_inner).take() {
        sender.send_modify(|held| held.released = true);
    }
}
