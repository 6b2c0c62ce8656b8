//! Takes what a feed's source delivers, has it judged, records it, and keeps the bytes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::clock::SharedClock;
use crate::store::{DeliveryRecord, FeedState, Store, StoreError};
use crate::workflow::definition::{Feed, FeedSource};

use super::archive::{self, ArchiveError, Label};
use super::judge::{Judgement, judge, sentence};
use super::source::{self, Delivery, Stamp, TOO_LARGE, UNREADABLE};
use super::{DeliveryReport, FeedBase, FeedReading, FeedSnapshot, Feeds, Verdict, gate};

/// Reads CSV feeds from files and drop folders.
#[derive(Clone)]
pub struct FeedReader {
    store: Arc<dyn Store>,
    folder: PathBuf,
    archive: PathBuf,
    clock: SharedClock,
    rest: Duration,
}

impl FeedReader {
    /// A reader that records in `store`, starts relative paths of feeds at `folder`, and keeps deliveries under `archive`, a folder a feed.
    pub fn new(store: Arc<dyn Store>, folder: PathBuf, archive: PathBuf, clock: SharedClock) -> Self {
        Self { store, folder, archive, clock, rest: source::REST }
    }
}

#[async_trait]
impl Feeds for FeedReader {
    async fn collect(&self, feed: &Feed, base: FeedBase, now: Timestamp) -> Result<FeedReading, StoreError> {
        let mut look = Look { reader: self, feed, base, now, deliveries: Vec::new(), incomplete: false };
        look.read_again().await?;
        let (source, folder) = (feed.source.clone(), self.folder.clone());
        match blocking(move || source::list(&source, &folder)).await {
            Ok(Ok(files)) => {
                for file in files {
                    look.at(file).await?;
                    if look.incomplete {
                        // What came later must not be judged before it.
                        break;
                    }
                }
            }
            Ok(Err(error)) => look.refuse_unread(Path::new(feed.source.path()), error.rule(), &error).await,
            Err(error) => look.refuse_unread(Path::new(feed.source.path()), UNREADABLE, &error).await,
        }
        let snapshot = snapshot(look.state().await?);
        Ok(FeedReading { snapshot, deliveries: look.deliveries, incomplete: look.incomplete })
    }
}

/// Work on files broke off, which is a defect; its message may hold content of the file and is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("usherd broke off while working on it; this is a defect of usherd, please report it")]
struct BrokeOff;

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, BrokeOff> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BrokeOff)
}

fn snapshot(state: FeedState) -> Option<FeedSnapshot> {
    let last = state.accepted.into_iter().next()?;
    Some(FeedSnapshot {
        digest: last.digest,
        accepted: last.judged,
        persons: state.persons,
        removals_wait: last.verdict != Verdict::Accepted.word(),
    })
}

/// One look at one feed's source.
struct Look<'a> {
    reader: &'a FeedReader,
    feed: &'a Feed,
    base: FeedBase,
    now: Timestamp,
    deliveries: Vec<DeliveryReport>,
    incomplete: bool,
}

impl Look<'_> {
    async fn state(&self) -> Result<FeedState, StoreError> {
        self.reader.store.feed_state(&self.feed.name).await
    }

    fn is_drop(&self) -> bool {
        matches!(self.feed.source, FeedSource::Drop(_))
    }

    /// The folder of the feed in the archive. A feed's name is checked to be safe as a file name when its document is read.
    fn archive(&self) -> PathBuf {
        self.reader.archive.join(self.feed.name.as_str())
    }

    /// Judges the archived bytes in force anew where the feed's document changed since. A `file:` still lies at its place for that.
    async fn read_again(&mut self) -> Result<(), StoreError> {
        let state = self.state().await?;
        let Some(last) = state.accepted.first().filter(|last| last.feed_hash != self.feed.hash.as_str()) else {
            return Ok(());
        };
        if !self.is_drop() || gate::was_refused(&last.digest, &self.feed.hash, &state) {
            return Ok(());
        }
        let (archive, digest) = (self.archive(), last.digest.clone());
        if let Ok(Some((name, bytes))) = blocking(move || archive::find(&archive, &digest)).await {
            let digest = last.digest.clone();
            let judgement = self.judge(Arc::new(bytes), state).await;
            self.record(&digest, &judgement).await?;
            self.report(name, digest, judgement, None);
        }
        Ok(())
    }

    /// Looks at one file of the source.
    async fn at(&mut self, path: PathBuf) -> Result<(), StoreError> {
        let (file, rest, real_now) = (path.clone(), self.reader.rest, self.reader.clock.real_now());
        match blocking(move || source::take(&file, rest, real_now)).await {
            Ok(Ok(Some(delivery))) => self.delivered(path, delivery).await?,
            Ok(Ok(None)) => self.incomplete = true,
            Ok(Err(error)) => self.refuse_unread(&path, error.rule(), &error).await,
            Err(error) => self.refuse_unread(&path, UNREADABLE, &error).await,
        }
        Ok(())
    }

    /// Judges a delivery, makes the verdict durable, and only then moves the file: one found again after a crash is merely unchanged.
    async fn delivered(&mut self, path: PathBuf, delivery: Delivery) -> Result<(), StoreError> {
        let Delivery { bytes, digest, stamp } = delivery;
        let state = self.state().await?;
        let is_in_force = gate::is_in_force(&digest, &self.feed.hash, &state);
        if !self.is_drop() && (is_in_force || gate::was_refused(&digest, &self.feed.hash, &state)) {
            return Ok(());
        }
        let bytes = Arc::new(bytes);
        let judgement = if is_in_force {
            Judgement::unchanged()
        } else {
            let judgement = self.judge(Arc::clone(&bytes), state).await;
            self.record(&digest, &judgement).await?;
            judgement
        };
        let trouble = self.put_away(&path, bytes, stamp, &digest, &judgement.verdict).await.err();
        self.report(file_name(&path), digest, judgement, trouble);
        Ok(())
    }

    async fn judge(&self, bytes: Arc<Vec<u8>>, state: FeedState) -> Judgement {
        let (feed, base, now) = (self.feed.clone(), self.base, self.now);
        blocking(move || judge(&bytes, &feed, &state, base, now))
            .await
            .unwrap_or_else(|error| Judgement::refused(UNREADABLE, error.to_string()))
    }

    async fn record(&self, digest: &str, judgement: &Judgement) -> Result<(), StoreError> {
        let record = DeliveryRecord {
            digest: digest.to_owned(),
            feed_hash: self.feed.hash.as_str().to_owned(),
            rows: judgement.rows,
            header: judgement.header.clone(),
            judged: self.now,
            verdict: judgement.verdict.word().to_owned(),
        };
        self.reader.store.record_delivery(&self.feed.name, &record, judgement.persons.as_deref(), self.now).await
    }

    /// Keeps the bytes and, for a drop folder, takes the file away; says what went wrong.
    async fn put_away(
        &self,
        path: &Path,
        bytes: Arc<Vec<u8>>,
        stamp: Stamp,
        digest: &str,
        verdict: &Verdict,
    ) -> Result<(), String> {
        let is_drop = self.is_drop();
        let folder = match (is_drop, verdict, path.parent()) {
            (true, Verdict::Refused { .. }, Some(drop)) => drop.to_owned(),
            _ => self.archive(),
        };
        let (path, digest, verdict, judged) = (path.to_owned(), digest.to_owned(), verdict.clone(), self.now);
        let kept = blocking(move || {
            let label = Label { judged, digest: &digest, verdict: &verdict, name: &file_name(&path) };
            archive::keep(&folder, &label, &bytes)?;
            if is_drop { archive::take_away(&path, stamp) } else { Ok(()) }
        });
        told(kept.await)
    }

    /// Reports what could not be read; a dropped file that is too large moves into quarantine, anything else is left to be tried again.
    async fn refuse_unread(&mut self, path: &Path, rule: &'static str, error: &(dyn std::error::Error + Sync)) {
        let judgement = Judgement::refused(rule, sentence(error));
        let mut trouble = None;
        if let (true, TOO_LARGE, Some(folder)) = (self.is_drop(), rule, path.parent()) {
            let (path, folder, judged) = (path.to_owned(), folder.to_owned(), self.now);
            let verdict = judgement.verdict.clone();
            let moved = blocking(move || {
                let label = Label { judged, digest: "", verdict: &verdict, name: &file_name(&path) };
                archive::move_unread(&folder, &label, &path)
            });
            trouble = told(moved.await).err();
        }
        self.report(file_name(path), String::new(), judgement, trouble);
    }

    fn report(&mut self, file: String, digest: String, judgement: Judgement, trouble: Option<String>) {
        let Judgement { verdict, rows, set_aside, .. } = judgement;
        self.deliveries.push(DeliveryReport { file, digest, rows, set_aside, verdict, trouble });
    }
}

/// Work on the archive, with what went wrong in words.
fn told(result: Result<Result<(), ArchiveError>, BrokeOff>) -> Result<(), String> {
    match result {
        Ok(kept) => kept.map_err(|error| sentence(&error)),
        Err(error) => Err(error.to_string()),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
