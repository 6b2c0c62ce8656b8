//! Asks the service of a remote feed, as often as its document says, and has its answer judged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::ids::{DocumentHash, FeedName, sha256_hex};
use crate::feed::archive::{self, Label};
use crate::feed::arrival::Arrival;
use crate::feed::judge::{Judgement, sentence};
use crate::feed::remote::{self, Fetched, RemoteError, Validators};
use crate::feed::{DeliveryReport, Verdict, gate};
use crate::store::{FeedState, StoreError};
use crate::workflow::definition::Visits;

use super::{Look, blocking, told};

/// After a failure the service is asked again so soon, or as soon as its document says.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// The last visit to each feed's service, of this process alone: after a restart every service is asked anew.
pub(super) type LastVisits = Arc<Mutex<BTreeMap<FeedName, LastVisit>>>;

/// The last visit to a service.
#[derive(Debug, Clone)]
pub(super) struct LastVisit {
    /// The version of the document by which it was made.
    document: DocumentHash,
    at: Timestamp,
    next: Timestamp,
    /// What went wrong, to be said as long as it lasts.
    failure: Option<DeliveryReport>,
    /// The delivery that the service may call unchanged.
    known: Option<(String, Validators)>,
}

impl Look<'_> {
    /// Visits the service when that is due.
    pub(super) async fn visit(&mut self, visits: Visits) -> Result<(), StoreError> {
        let last = self.last_visit().filter(|last| last.document == self.feed.hash);
        // A clock that was set back must not keep a service unasked.
        if let Some(last) = last.as_ref().filter(|last| last.at <= self.now && self.now < last.next) {
            self.deliveries.extend(last.failure.clone());
            return Ok(());
        }
        let state = self.state().await?;
        let known = last.and_then(|last| last.known).filter(|(digest, _)| self.is_in_force(digest, &state));
        let fetched = remote::fetch(self.feed, &self.reader.secrets, known.as_ref().map(|(_, known)| known)).await;
        match fetched {
            Ok(Fetched::NotModified) => {
                let digest = known.as_ref().map(|(digest, _)| digest.clone()).unwrap_or_default();
                self.unchanged(digest, &state).await?;
                self.note_visit(visits.every, None, known);
            }
            Ok(Fetched::Whole { bytes, validators }) => {
                let digest = sha256_hex(&bytes);
                self.answered(&digest, bytes, state).await?;
                let known = validators.map(|validators| (digest, validators));
                self.note_visit(visits.every, None, known);
            }
            Err(error) => {
                let failure = self.failed(&error);
                let asked = error.retry_after().and_then(|asked| SignedDuration::try_from(asked).ok());
                self.note_visit(asked.unwrap_or_default().max(AFTER_FAILURE.min(visits.every)), Some(failure), known);
            }
        }
        Ok(())
    }

    fn is_in_force(&self, digest: &str, state: &FeedState) -> bool {
        gate::is_in_force(digest, &self.feed.hash, state)
    }

    async fn answered(&mut self, digest: &str, bytes: Vec<u8>, state: FeedState) -> Result<(), StoreError> {
        if self.is_in_force(digest, &state) {
            return self.unchanged(digest.to_owned(), &state).await;
        }
        if gate::was_refused(digest, &self.feed.hash, &state) {
            return Ok(());
        }
        let bytes = Arc::new(bytes);
        let judgement = self.judge(Arc::clone(&bytes), state).await;
        let name = self.host();
        self.record(name.clone(), digest, &self.read_now(), &judgement).await?;
        let trouble = self.keep(name.clone(), bytes, digest, &judgement.verdict).await.err();
        self.report(name, digest.to_owned(), judgement, trouble);
        Ok(())
    }

    /// The same people again agree with what is in force about who is missing.
    async fn unchanged(&mut self, digest: String, state: &FeedState) -> Result<(), StoreError> {
        self.agree(state, &self.read_now()).await?;
        self.report(self.host(), digest, Judgement::unchanged(), None);
        Ok(())
    }

    fn failed(&mut self, error: &RemoteError) -> DeliveryReport {
        let judgement = Judgement::refused(error.rule(), sentence(error));
        self.report(self.host(), String::new(), judgement.clone(), None);
        DeliveryReport {
            file: self.host(),
            digest: String::new(),
            rows: 0,
            left_out: 0,
            set_aside: Vec::new(),
            verdict: judgement.verdict,
            trouble: None,
        }
    }

    async fn keep(&self, name: String, bytes: Arc<Vec<u8>>, digest: &str, verdict: &Verdict) -> Result<(), String> {
        if self.reader.previews {
            return Ok(());
        }
        let (folder, digest, verdict, judged) = (self.archive(), digest.to_owned(), verdict.clone(), self.now);
        let kept = blocking(move || {
            let name = format!("{name}.jsonl");
            archive::keep(&folder, &Label { judged, digest: &digest, verdict: &verdict, name: &name }, &bytes)
        });
        told(kept.await)
    }

    /// What a service answers is as old as the answer.
    fn read_now(&self) -> Arrival {
        Arrival { made: Some(self.reader.clock.real_now()), as_of: Some(self.now), manifest: None }
    }

    fn host(&self) -> String {
        remote::host(&self.feed.source).unwrap_or_default().to_owned()
    }

    fn last_visit(&self) -> Option<LastVisit> {
        self.reader.visits.lock().unwrap_or_else(PoisonError::into_inner).get(&self.feed.name).cloned()
    }

    fn note_visit(&self, pause: SignedDuration, failure: Option<DeliveryReport>, known: Option<(String, Validators)>) {
        let next = self.now.checked_add(pause).unwrap_or(self.now);
        let visit = LastVisit { document: self.feed.hash.clone(), at: self.now, next, failure, known };
        let mut visits = self.reader.visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.insert(self.feed.name.clone(), visit);
    }
}
