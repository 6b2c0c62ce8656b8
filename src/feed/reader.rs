//! Takes what a feed's source delivers, has it judged, records it, and keeps the bytes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::clock::SharedClock;
use crate::domain::subject::Person;
use crate::store::{DeliveryRecord, FeedState, Store, StoreError};
use crate::workflow::definition::{Feed, FeedSource};

use super::archive::{self, ArchiveError, Label};
use super::arrival::{self, Arrival};
use super::judge::{self, Judgement, judge, judge_arrival, sentence};
use super::source::{self, Delivery, Stamp, TOO_LARGE, UNREADABLE};
use super::{DeliveryReport, FeedBase, FeedReading, FeedSnapshot, Feeds, Verdict, gate};

mod accepted;
mod visit;

use visit::LastVisits;

/// The folder with the secrets of remote feeds, beside `usherd.yaml`.
const SECRETS: &str = "feed-secrets";

/// Reads feeds from files, drop folders and services.
#[derive(Clone)]
pub struct FeedReader {
    store: Arc<dyn Store>,
    folder: PathBuf,
    archive: PathBuf,
    clock: SharedClock,
    secrets: PathBuf,
    visits: LastVisits,
    previews: bool,
}

impl FeedReader {
    /// A reader that records in `store`, starts relative paths of feeds at `folder`, and keeps deliveries under `archive`, a folder a feed.
    pub fn new(store: Arc<dyn Store>, folder: PathBuf, archive: PathBuf, clock: SharedClock) -> Self {
        let secrets = folder.join(SECRETS);
        Self { store, folder, archive, clock, secrets, visits: LastVisits::default(), previews: false }
    }

    /// The same reader, which only says what it would find: it records, archives and moves nothing.
    pub fn previewing(self) -> Self {
        Self { previews: true, ..self }
    }
}

#[async_trait]
impl Feeds for FeedReader {
    async fn collect(&self, feed: &Feed, base: FeedBase, now: Timestamp) -> Result<FeedReading, StoreError> {
        let previewed = if self.previews { Some(self.store.feed_state(&feed.name).await?) } else { None };
        let mut look = Look { reader: self, feed, base, now, deliveries: Vec::new(), incomplete: false, previewed };
        look.take_accepted().await?;
        look.read_again().await?;
        match &feed.source {
            FeedSource::File(path) | FeedSource::Drop(path) => look.at_files(Path::new(path)).await?,
            FeedSource::Http(source) => look.visit(source.visits).await?,
            FeedSource::Scim(source) => look.visit(source.visits).await?,
        }
        let snapshot = snapshot(look.state().await?);
        let last = snapshot.as_ref().and_then(|snapshot| snapshot.deliveries.first());
        let too_old = last.and_then(|last| arrival::in_force_too_old(feed, last, now));
        Ok(FeedReading { snapshot, deliveries: look.deliveries, incomplete: look.incomplete, too_old })
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
    let last = state.accepted.first()?;
    let removals_wait = last.verdict != Verdict::Accepted.word();
    Some(FeedSnapshot { deliveries: state.accepted, persons: state.persons, removals_wait })
}

/// One look at one feed's source.
struct Look<'a> {
    reader: &'a FeedReader,
    feed: &'a Feed,
    base: FeedBase,
    now: Timestamp,
    deliveries: Vec<DeliveryReport>,
    incomplete: bool,
    /// What the ledger would hold by now, where nothing may be recorded.
    previewed: Option<FeedState>,
}

impl Look<'_> {
    async fn state(&self) -> Result<FeedState, StoreError> {
        if let Some(state) = &self.previewed {
            return Ok(state.clone());
        }
        self.reader.store.feed_state(&self.feed.name).await
    }

    fn is_drop(&self) -> bool {
        matches!(self.feed.source, FeedSource::Drop(_))
    }

    /// The folder of the feed in the archive. A feed's name is checked to be safe as a file name when its document is read.
    fn archive(&self) -> PathBuf {
        self.reader.archive.join(self.feed.name.as_str())
    }

    /// The folders whose quarantine may hold a refused delivery.
    fn quarantined(&self) -> Vec<PathBuf> {
        let drop = Some(&self.feed.source).filter(|_| self.is_drop()).and_then(FeedSource::path);
        drop.map(|path| self.reader.folder.join(path)).into_iter().chain([self.archive()]).collect()
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
        // They are as old as they were.
        let arrival = Arrival { made: last.made, as_of: last.as_of.or(Some(last.judged)), ..Arrival::default() };
        if let Ok(Some((name, bytes))) = blocking(move || archive::find(&archive, &digest)).await {
            let digest = last.digest.clone();
            let judgement = self.judge(Arc::new(bytes), state).await;
            self.record(name.clone(), &digest, &arrival, &judgement).await?;
            self.report(name, digest, judgement, None);
        }
        Ok(())
    }

    /// Looks at the files that lie at the source, oldest first.
    async fn at_files(&mut self, place: &Path) -> Result<(), StoreError> {
        let (source, folder) = (self.feed.source.clone(), self.reader.folder.clone());
        match blocking(move || source::list(&source, &folder)).await {
            Ok(Ok(files)) => {
                for file in files {
                    self.at(file).await?;
                    if self.incomplete {
                        // What came later must not be judged before it.
                        break;
                    }
                }
            }
            Ok(Err(error)) => self.refuse_unread(place, error.rule(), &error).await,
            Err(error) => self.refuse_unread(place, UNREADABLE, &error).await,
        }
        Ok(())
    }

    /// Looks at one file of the source.
    async fn at(&mut self, path: PathBuf) -> Result<(), StoreError> {
        let rest = if self.is_drop() { source::REST } else { source::REST_IN_PLACE };
        let (file, real_now) = (path.clone(), self.reader.clock.real_now());
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
        let Delivery { bytes, digest, stamp, manifest } = delivery;
        let arrival = Arrival::new(manifest, stamp.modified(), self.reader.clock.real_now(), self.now);
        let state = self.state().await?;
        let is_in_force = gate::is_in_force(&digest, &self.feed.hash, &state);
        // Written anew, it is another delivery, which may be young enough now.
        let is_rewritten = state.last_refused.as_ref().is_some_and(|refused| refused.made < arrival.made);
        let is_refused = gate::was_refused(&digest, &self.feed.hash, &state) && !is_rewritten;
        if !self.is_drop() && (is_in_force || is_refused) {
            if is_in_force && is_newer(&arrival, &state) {
                // Written anew with the same content: a delivery that agrees.
                self.agree(&state, &arrival).await?;
            }
            return Ok(());
        }
        let bytes = Arc::new(bytes);
        let judgement = if is_in_force {
            self.agree(&state, &arrival).await?;
            Judgement::unchanged()
        } else {
            let judgement = self.judge_arrival(Arc::clone(&bytes), digest.clone(), arrival.clone(), state).await;
            self.record(file_name(&path), &digest, &arrival, &judgement).await?;
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

    async fn judge_arrival(
        &self,
        bytes: Arc<Vec<u8>>,
        digest: String,
        arrival: Arrival,
        state: FeedState,
    ) -> Judgement {
        let (feed, base, now) = (self.feed.clone(), self.base, self.now);
        blocking(move || judge_arrival((&bytes, &digest, &arrival), &feed, &state, base, now))
            .await
            .unwrap_or_else(|error| Judgement::refused(UNREADABLE, error.to_string()))
    }

    async fn record(
        &mut self,
        file: String,
        digest: &str,
        arrival: &Arrival,
        judgement: &Judgement,
    ) -> Result<(), StoreError> {
        let record = DeliveryRecord {
            digest: digest.to_owned(),
            file,
            feed_hash: self.feed.hash.as_str().to_owned(),
            rows: judgement.rows,
            header: judgement.header.clone(),
            judged: self.now,
            verdict: judgement.verdict.word().to_owned(),
            left_out: judgement.left_out,
            why: judgement.verdict.why().map(str::to_owned),
            made: arrival.made,
            as_of: arrival.as_of,
            accepted_by: None,
        };
        self.keep_record(&record, judgement.persons.as_deref()).await
    }

    async fn keep_record(&mut self, record: &DeliveryRecord, persons: Option<&[Person]>) -> Result<(), StoreError> {
        if let Some(state) = &mut self.previewed {
            state.note(record.clone(), persons);
            return Ok(());
        }
        self.reader.store.record_delivery(&self.feed.name, record, persons).await
    }

    /// The same bytes delivered again agree with what is in force about who is missing, and are as old as the later of the two.
    async fn agree(&mut self, state: &FeedState, arrival: &Arrival) -> Result<(), StoreError> {
        let Some(last) = state.accepted.first() else { return Ok(()) };
        let agreed = judge::agreed(&state.persons, self.now);
        // Everybody is written anew, so an age that nobody asks for is not kept up to date, and one that is, only now and then.
        let is_younger = self.feed.max_age.is_some_and(|max_age| {
            arrival.as_of.is_some_and(|as_of| as_of.duration_since(last.as_of.unwrap_or(last.judged)) > max_age / 8)
        });
        if agreed.is_none() && !is_younger {
            return Ok(());
        }
        let (made, as_of) = (last.made.max(arrival.made), last.as_of.max(arrival.as_of));
        let record = DeliveryRecord { judged: self.now, made, as_of, ..last.clone() };
        self.keep_record(&record, Some(agreed.as_deref().unwrap_or(&state.persons))).await
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
        if self.reader.previews {
            return Ok(());
        }
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
        let is_moved = self.is_drop() && !self.reader.previews;
        if let (true, TOO_LARGE, Some(folder)) = (is_moved, rule, path.parent()) {
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
        let Judgement { verdict, rows, left_out, set_aside, .. } = judgement;
        self.deliveries.push(DeliveryReport { file, digest, rows, left_out, set_aside, verdict, trouble });
    }
}

/// Whether a delivery was made after the one in force.
fn is_newer(arrival: &Arrival, state: &FeedState) -> bool {
    arrival.made.is_some_and(|made| state.accepted.first().is_some_and(|last| last.made.is_none_or(|last| last < made)))
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Mutex;

    use jiff::SignedDuration;
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::action::ActionState;
    use crate::domain::ids::{DocumentName, FeedName, HoldHash, SubjectKey};
    use crate::feed::fixture::{HEADER, NO_BASE, feed, now, people};
    use crate::plan::Plan;
    use crate::plan::ledger::{Ledger, LedgerChange};
    use crate::store::directory::{KeptUsers, UsersChange};
    use crate::store::{
        Acceptance, ActionRecord, ActivationWish, DocumentsInForce, GrantsOfRetired, HoldDecision, HoldRecord,
        Transition,
    };

    /// Keeps one feed's state in memory; everything else of the ledger is out of reach.
    #[derive(Default)]
    struct FeedStore {
        state: Mutex<FeedState>,
        broken: Mutex<bool>,
    }

    fn out_of_reach<T>() -> Result<T, StoreError> {
        Err(StoreError::Corrupt { place: "a ledger that holds feeds only".into() })
    }

    #[async_trait]
    impl Store for FeedStore {
        fn instance(&self) -> &str {
            "test"
        }
        async fn ledger(&self) -> Result<Ledger, StoreError> {
            out_of_reach()
        }
        async fn commit(&self, _: &Plan, _: Timestamp) -> Result<(), StoreError> {
            out_of_reach()
        }
        async fn apply(&self, _: &[LedgerChange], _: Timestamp) -> Result<(), StoreError> {
            out_of_reach()
        }
        async fn actions_in(&self, _: &[ActionState]) -> Result<Vec<ActionRecord>, StoreError> {
            out_of_reach()
        }
        async fn advance(&self, _: &Transition, _: Timestamp) -> Result<bool, StoreError> {
            out_of_reach()
        }
        async fn holds(&self) -> Result<Vec<HoldRecord>, StoreError> {
            out_of_reach()
        }
        async fn decide_hold(&self, _: &HoldHash, _: &HoldDecision, _: Timestamp) -> Result<(), StoreError> {
            out_of_reach()
        }
        async fn activate(&self, _: &ActivationWish, _: Timestamp) -> Result<BTreeSet<SubjectKey>, StoreError> {
            out_of_reach()
        }
        async fn good_texts(&self) -> Result<BTreeMap<String, String>, StoreError> {
            out_of_reach()
        }
        async fn save_documents(&self, _: &DocumentsInForce, _: Timestamp) -> Result<(), StoreError> {
            out_of_reach()
        }
        async fn retire_document(
            &self,
            _: &DocumentName,
            _: &GrantsOfRetired,
            _: &str,
            _: Timestamp,
        ) -> Result<usize, StoreError> {
            out_of_reach()
        }
        async fn adopt_for(&self, _: &DocumentName, _: &str, _: Timestamp) -> Result<(), StoreError> {
            out_of_reach()
        }
        async fn kept_users(&self) -> Result<KeptUsers, StoreError> {
            out_of_reach()
        }
        async fn keep_users(&self, _: &UsersChange) -> Result<(), StoreError> {
            out_of_reach()
        }
        async fn feed_state(&self, _: &FeedName) -> Result<FeedState, StoreError> {
            Ok(self.state.lock().unwrap().clone())
        }
        async fn deliveries(&self, _: &FeedName, _: usize) -> Result<Vec<DeliveryRecord>, StoreError> {
            out_of_reach()
        }
        async fn accept_delivery(&self, _: &FeedName, acceptance: &Acceptance) -> Result<(), StoreError> {
            self.state.lock().unwrap().acceptance = Some(acceptance.clone());
            Ok(())
        }
        async fn record_delivery(
            &self,
            _: &FeedName,
            delivery: &DeliveryRecord,
            persons: Option<&[Person]>,
        ) -> Result<(), StoreError> {
            if *self.broken.lock().unwrap() {
                return out_of_reach();
            }
            self.state.lock().unwrap().note(delivery.clone(), persons);
            Ok(())
        }
    }

    #[derive(Debug)]
    struct StandingClock;

    impl Clock for StandingClock {
        fn now(&self) -> Timestamp {
            now()
        }
        fn real_now(&self) -> Timestamp {
            now()
        }
    }

    struct Bench {
        folder: TempDir,
        store: Arc<FeedStore>,
        feed: Feed,
    }

    impl Bench {
        fn new(source: FeedSource) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("in")).unwrap();
            Self { folder, store: Arc::default(), feed: Feed { source, ..feed() } }
        }

        /// A feed over `people.csv`.
        fn file() -> Self {
            Self::new(FeedSource::File("people.csv".into()))
        }

        /// A feed over the folder `in`.
        fn drop() -> Self {
            Self::new(FeedSource::Drop("in".into()))
        }

        /// Writes a file that was last modified `age_ms` ago.
        fn write(&self, name: &str, text: &str, age_ms: i64) {
            let path = self.folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let modified = now() - SignedDuration::from_millis(age_ms);
            std::fs::File::options().write(true).open(path).unwrap().set_modified(modified.into()).unwrap();
        }

        async fn try_collect(&self) -> Result<FeedReading, StoreError> {
            let store: Arc<dyn Store> = self.store.clone();
            let folder = self.folder.path();
            FeedReader::new(store, folder.to_owned(), folder.join("archive"), Arc::new(StandingClock))
                .collect(&self.feed, NO_BASE, now())
                .await
        }

        async fn collect(&self) -> FeedReading {
            let reading = self.try_collect().await.unwrap();
            assert!(reading.deliveries.iter().all(|delivery| delivery.trouble.is_none()), "{reading:?}");
            reading
        }

        /// How many files lie in a folder, hidden ones included.
        fn count(&self, folder: &str) -> usize {
            std::fs::read_dir(self.folder.path().join(folder)).map_or(0, |entries| {
                entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file())).count()
            })
        }
    }

    fn words(reading: &FeedReading) -> Vec<(&str, &str)> {
        reading.deliveries.iter().map(|delivery| (delivery.file.as_str(), delivery.verdict.word())).collect()
    }

    fn people_in_force(reading: &FeedReading) -> usize {
        reading.snapshot.as_ref().map_or(0, |snapshot| snapshot.persons.len())
    }

    #[tokio::test]
    async fn a_file_is_read_in_place_reported_once_and_copied_to_the_archive() {
        let bench = Bench::file();
        bench.write("people.csv", &people(5, |_| None), 1000);
        let first = bench.collect().await;
        assert_eq!((words(&first), people_in_force(&first)), (vec![("people.csv", "accepted")], 5));
        assert_eq!(first.deliveries[0].rows, 5);

        let again = bench.collect().await;
        assert_eq!((words(&again), &again.snapshot), (vec![], &first.snapshot));
        assert_eq!((bench.count("."), bench.count("archive/hr")), (1, 1));
    }

    #[tokio::test]
    async fn an_edited_file_is_in_force_with_the_next_look() {
        let bench = Bench::file();
        bench.write("people.csv", &people(5, |_| None), 9000);
        bench.collect().await;
        bench.write("people.csv", &people(6, |_| None), 100);
        let early = bench.collect().await;
        assert_eq!((early.incomplete, people_in_force(&early)), (true, 5));
        bench.write("people.csv", &people(6, |_| None), 500);
        let reading = bench.collect().await;
        assert_eq!((words(&reading), people_in_force(&reading)), (vec![("people.csv", "accepted")], 6));
    }

    #[tokio::test]
    async fn a_refused_file_stays_where_it_is_is_reported_once_and_changes_nothing() {
        let bench = Bench::file();
        bench.write("people.csv", &people(5, |_| None), 9000);
        let good = bench.collect().await;
        bench.write("people.csv", HEADER, 1000);
        let bad = bench.collect().await;
        assert_eq!((words(&bad), &bad.snapshot), (vec![("people.csv", "zeroRows")], &good.snapshot));
        assert_eq!(words(&bench.collect().await), vec![]);
        assert_eq!((bench.count("."), bench.count("archive/hr"), bench.count("archive/hr/quarantine")), (1, 1, 2));
    }

    #[tokio::test]
    async fn a_source_that_is_gone_is_said_in_every_pass_and_changes_nothing() {
        let bench = Bench::file();
        bench.write("people.csv", &people(5, |_| None), 1000);
        let good = bench.collect().await;
        std::fs::remove_file(bench.folder.path().join("people.csv")).unwrap();
        for _ in 0..2 {
            let gone = bench.collect().await;
            assert_eq!((words(&gone), &gone.snapshot), (vec![("people.csv", "unreadable")], &good.snapshot));
        }
    }

    #[tokio::test]
    async fn dropped_files_are_judged_oldest_first_and_taken_away() {
        let bench = Bench::drop();
        bench.write("in/b.csv", &people(6, |_| None), 9000);
        bench.write("in/a.csv", HEADER, 5000);
        bench.write("in/c.csv", &people(6, |_| None), 4000);
        bench.write("in/c.csv.done", "", 4000);
        bench.write("in/d.csv", &people(7, |_| None), 100);
        let reading = bench.collect().await;
        assert_eq!(words(&reading), [("b.csv", "accepted"), ("a.csv", "zeroRows"), ("c.csv", "unchanged")]);
        assert_eq!((reading.incomplete, people_in_force(&reading)), (true, 6));
        // What is still being written stays; the refused one lies beside its reason.
        assert_eq!((bench.count("in"), bench.count("in/quarantine"), bench.count("archive/hr")), (1, 2, 2));
    }

    #[tokio::test]
    async fn a_file_found_again_after_a_crash_is_unchanged_and_taken_away() {
        let bench = Bench::drop();
        let text = people(5, |_| None);
        bench.write("in/a.csv", &text, 9000);
        let first = bench.collect().await;
        bench.write("in/a.csv", &text, 9000);
        let again = bench.collect().await;
        assert_eq!((words(&again), &again.snapshot), (vec![("a.csv", "unchanged")], &first.snapshot));
        assert_eq!(bench.count("in"), 0);
    }

    #[tokio::test]
    async fn a_ledger_that_cannot_be_written_leaves_the_dropped_file_alone() {
        let bench = Bench::drop();
        bench.write("in/a.csv", &people(5, |_| None), 9000);
        *bench.store.broken.lock().unwrap() = true;
        assert!(bench.try_collect().await.is_err());
        assert_eq!((bench.count("in"), bench.count("archive/hr")), (1, 0));
        *bench.store.broken.lock().unwrap() = false;
        assert_eq!(words(&bench.collect().await), [("a.csv", "accepted")]);
    }

    #[tokio::test]
    async fn an_archive_that_cannot_be_written_is_trouble_but_no_refusal() {
        let bench = Bench::drop();
        bench.write("archive", "in the way", 9000);
        bench.write("in/a.csv", &people(5, |_| None), 9000);
        let reading = bench.try_collect().await.unwrap();
        assert_eq!((words(&reading), people_in_force(&reading)), (vec![("a.csv", "accepted")], 5));
        let trouble = reading.deliveries[0].trouble.as_deref().unwrap();
        assert!(trouble.contains("archive/hr cannot be used to keep deliveries"), "{trouble}");
        assert_eq!(bench.count("in"), 1, "bytes that were not kept are not taken away");
    }

    #[tokio::test]
    async fn a_changed_document_reads_the_bytes_in_force_again() {
        for mut bench in [Bench::file(), Bench::drop()] {
            bench.write("people.csv", &people(5, |_| None), 9000);
            bench.write("in/people.csv", &people(5, |_| None), 9000);
            bench.collect().await;
            bench.feed.attributes.remove("isActive");
            bench.feed.hash = "document-2".into();
            let reading = bench.collect().await;
            assert_eq!(words(&reading), [("people.csv", "accepted")]);
            let snapshot = reading.snapshot.unwrap();
            assert!(snapshot.persons.iter().all(|person| !person.attributes.contains_key("isActive")));
            assert_eq!(words(&bench.collect().await), vec![]);
        }
    }

    #[tokio::test]
    async fn a_changed_document_that_cannot_read_the_bytes_in_force_says_so_once() {
        let mut bench = Bench::drop();
        bench.write("in/people.csv", &people(5, |_| None), 9000);
        let good = bench.collect().await;
        bench.feed.key = "Employee ID".into();
        bench.feed.hash = "document-2".into();
        let reading = bench.collect().await;
        assert_eq!((words(&reading), &reading.snapshot), (vec![("people.csv", "columnMissing")], &good.snapshot));
        assert_eq!(words(&bench.collect().await), vec![]);
    }

    #[tokio::test]
    async fn a_dropped_file_that_is_too_large_moves_into_quarantine_unread() {
        let bench = Bench::drop();
        bench.write("in/huge.csv", "", 9000);
        let huge = std::fs::File::options().write(true).open(bench.folder.path().join("in/huge.csv")).unwrap();
        huge.set_len(source::MAX_BYTES + 1).unwrap();
        assert_eq!(words(&bench.collect().await), [("huge.csv", "tooLarge")]);
        assert_eq!((bench.count("in"), bench.count("in/quarantine")), (0, 2));
        assert_eq!(words(&bench.collect().await), vec![]);
    }

    /// A person accepts the latest delivery.
    fn accept(bench: &Bench) {
        let mut state = bench.store.state.lock().unwrap();
        let latest = crate::feed::acceptance::latest(&state).unwrap();
        let (digest, feed_hash) = (latest.digest.clone(), latest.feed_hash.clone());
        state.acceptance = Some(Acceptance { digest, feed_hash, by: "anna".into(), at: now() });
    }

    fn gzip(text: &str) -> Vec<u8> {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn date_back(path: &Path, age_ms: i64) {
        let modified = now() - SignedDuration::from_millis(age_ms);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(modified.into()).unwrap();
    }

    #[tokio::test]
    async fn a_gzip_delivery_is_read_and_kept_as_it_came() {
        let bench = Bench::drop();
        let (path, bytes) = (bench.folder.path().join("in/people.csv.gz"), gzip(&people(5, |_| None)));
        std::fs::write(&path, &bytes).unwrap();
        date_back(&path, 9000);
        let reading = bench.collect().await;
        assert_eq!((words(&reading), people_in_force(&reading)), (vec![("people.csv.gz", "accepted")], 5));
        let kept = archive::find(&bench.folder.path().join("archive/hr"), &reading.deliveries[0].digest).unwrap();
        assert_eq!(kept, ("people.csv.gz".to_owned(), bytes.clone()));

        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        date_back(&path, 8000);
        assert_eq!(words(&bench.collect().await), [("people.csv.gz", "badGzip")]);
    }

    #[tokio::test]
    async fn a_delivery_that_is_not_what_its_manifest_says_goes_into_quarantine_with_both_reasons() {
        let bench = Bench::drop();
        let text = people(5, |_| None);
        let good = format!("rows: 5\nsha256: {}\n", crate::domain::ids::sha256_hex(text.as_bytes()));
        for (manifest, expected) in [
            ("rows: 6\n".to_owned(), "manifestMismatch"),
            (format!("sha256: {}\n", "0".repeat(64)), "manifestMismatch"),
            ("rows: five\n".to_owned(), "badManifest"),
            (good, "accepted"),
        ] {
            bench.write("in/people.csv", &text, 100);
            bench.write("in/people.csv.done", &manifest, 9000);
            assert_eq!(words(&bench.collect().await), [("people.csv", expected)], "{manifest}");
            assert_eq!(bench.count("in"), 0, "the manifest goes with its delivery");
        }
        assert_eq!(bench.count("archive/hr"), 1);
        assert!(bench.count("in/quarantine") >= 2);
    }

    #[tokio::test]
    async fn a_delivery_older_than_the_last_accepted_one_is_refused_whenever_it_comes() {
        let bench = Bench::drop();
        bench.write("in/monday.csv", &people(6, |_| None), 60_000);
        bench.collect().await;
        bench.write("in/sunday.csv", &people(7, |_| None), 61_000);
        assert_eq!(words(&bench.collect().await), [("sunday.csv", "outOfOrder")]);
        bench.write("in/tuesday.csv", &people(8, |_| None), 59_000);
        let reading = bench.collect().await;
        assert_eq!((words(&reading), people_in_force(&reading)), (vec![("tuesday.csv", "accepted")], 8));
        // The same bytes again are no order at all.
        bench.write("in/again.csv", &people(8, |_| None), 90_000);
        assert_eq!(words(&bench.collect().await), [("again.csv", "unchanged")]);
    }

    #[tokio::test]
    async fn what_is_too_old_when_it_comes_is_refused_and_what_is_in_force_ages() {
        let mut bench = Bench::file();
        bench.feed.max_age = Some(SignedDuration::from_secs(60));
        bench.write("people.csv", &people(5, |_| None), 61_000);
        assert_eq!(words(&bench.collect().await), [("people.csv", "stale")]);
        bench.write("people.csv", &people(5, |_| None), 59_000);
        let reading = bench.collect().await;
        assert_eq!((words(&reading), &reading.too_old), (vec![("people.csv", "accepted")], &None));

        bench.feed.max_age = Some(SignedDuration::from_secs(58));
        bench.feed.hash = "document-2".into();
        let reading = bench.collect().await;
        assert!(reading.too_old.unwrap().starts_with("the delivery in force is 59 seconds old"));
        assert_eq!(reading.snapshot.unwrap().persons.len(), 5, "it stays in force");
        // Written anew with the same content, it is as young as that.
        bench.feed.max_age = Some(SignedDuration::from_secs(60));
        bench.feed.hash = "document-1".into();
        bench.write("people.csv", &people(5, |_| None), 1000);
        let reading = bench.collect().await;
        assert_eq!((words(&reading), &reading.too_old), (vec![], &None));
        let last = bench.store.state.lock().unwrap().accepted[0].as_of;
        assert_eq!(last, Some(now() - SignedDuration::from_secs(1)));
    }

    #[tokio::test]
    async fn a_refused_delivery_that_a_person_accepts_is_in_force_with_the_next_look_and_only_then() {
        for bench in [Bench::file(), Bench::drop()] {
            let write = |count: usize, age| {
                let text = people(count, |_| None);
                bench.write("people.csv", &text, age);
                bench.write("in/people.csv", &text, age);
            };
            write(20, 9000);
            bench.collect().await;
            write(10, 8000);
            assert_eq!(words(&bench.collect().await), [("people.csv", "rowsLost")]);
            accept(&bench);
            let reading = bench.collect().await;
            assert_eq!(words(&reading), [("people.csv", "accepted")]);
            assert_eq!((reading.deliveries[0].rows, people_in_force(&reading)), (10, 20), "missing is not leaving");
            let state = bench.store.state.lock().unwrap().clone();
            assert_eq!((state.accepted[0].accepted_by.as_deref(), state.acceptance), (Some("anna"), None));
            assert_eq!(bench.count("archive/hr"), 2, "it is kept among the accepted");
            assert_eq!(words(&bench.collect().await), []);
            // The gate is as it was: the next delivery is measured like any other.
            write(1, 7000);
            assert_eq!(words(&bench.collect().await), [("people.csv", "rowsLost")]);
        }
    }

    #[tokio::test]
    async fn an_acceptance_ends_with_another_delivery_another_document_or_lost_bytes() {
        let refused = async || {
            let bench = Bench::drop();
            bench.write("in/a.csv", &people(20, |_| None), 9000);
            bench.collect().await;
            bench.write("in/b.csv", &people(10, |_| None), 8000);
            assert_eq!(words(&bench.collect().await), [("b.csv", "rowsLost")]);
            bench
        };
        // Somebody deletes the quarantine.
        let bench = refused().await;
        accept(&bench);
        std::fs::remove_dir_all(bench.folder.path().join("in/quarantine")).unwrap();
        assert_eq!(words(&bench.collect().await), [("b.csv", "unreadable")]);
        assert_eq!(words(&bench.collect().await), [], "it is said once");

        let mut bench = refused().await;
        accept(&bench);
        bench.feed.hash = "document-2".into();
        let reading = bench.collect().await;
        assert_eq!(
            words(&reading),
            [("a.csv", "accepted")],
            "what is in force is read anew, and the other is not taken"
        );
        assert_eq!(bench.store.state.lock().unwrap().acceptance, None);

        let bench = refused().await;
        accept(&bench);
        let digest = bench.store.state.lock().unwrap().acceptance.clone();
        bench.store.state.lock().unwrap().acceptance = None;
        bench.write("in/c.csv", &people(9, |_| None), 7000);
        assert_eq!(words(&bench.collect().await), [("c.csv", "rowsLost")]);
        bench.store.state.lock().unwrap().acceptance = digest;
        assert_eq!(words(&bench.collect().await), [], "it is no longer the latest");
    }

    #[tokio::test]
    async fn a_short_first_delivery_that_a_person_accepts_lets_removals_go() {
        let bench = Bench::file();
        bench.write("people.csv", &people(5, |_| None), 9000);
        let store: Arc<dyn Store> = bench.store.clone();
        let folder = bench.folder.path();
        let reader = FeedReader::new(store, folder.to_owned(), folder.join("archive"), Arc::new(StandingClock));
        let base = FeedBase { joined_users: 100 };
        let look = async || reader.collect(&bench.feed, base, now()).await.unwrap();
        assert!(look().await.snapshot.unwrap().removals_wait);
        accept(&bench);
        let reading = look().await;
        assert_eq!(words(&reading), [("people.csv", "accepted")]);
        assert!(!reading.snapshot.unwrap().removals_wait);
        assert_eq!(words(&look().await), []);
        bench.write("people.csv", &people(6, |_| None), 8000);
        assert!(!look().await.snapshot.unwrap().removals_wait, "from now on the feed is its own measure");
    }
}
