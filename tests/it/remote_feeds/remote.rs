//! One remote feed with a ledger of its own, and people for services to answer.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use usherd::clock::SystemClock;
use usherd::feed::reader::FeedReader;
use usherd::feed::{FeedBase, FeedReading, Feeds};
use usherd::store::sqlite::{Access, SqliteStore};
use usherd::workflow::definition::Feed;
use usherd::workflow::load::{SourceText, load};

/// A feed as the reader sees it, from one visit to the next.
pub(crate) struct Remote {
    folder: tempfile::TempDir,
    reader: FeedReader,
    feed: Feed,
    now: Timestamp,
}

impl Remote {
    /// A feed with this `source`, whose columns are members or pointers of [`people`].
    pub(crate) async fn new(source: &str) -> Self {
        Self::mapped(source, "id", "/job/department", "/job/lastDay").await
    }

    /// A feed with this `source` and these columns.
    pub(crate) async fn mapped(source: &str, key: &str, department: &str, last_day: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("feed-secrets")).unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("state"), Access::Exclusive).await.unwrap());
        let home = folder.path().to_owned();
        let reader = FeedReader::new(store, home.clone(), home.join("archive"), Arc::new(SystemClock));
        let feed = feed(source, key, department, last_day);
        Self { folder, reader, feed, now: "2026-12-01T08:00:00Z".parse().unwrap() }
    }

    /// The document now says this.
    pub(crate) fn edit(&mut self, source: &str) {
        self.feed = feed(source, "id", "/job/department", "/job/lastDay");
    }

    /// Puts a secret where documents may name it.
    pub(crate) fn secret(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join("feed-secrets").join(name), text).unwrap();
    }

    /// What one pass finds.
    pub(crate) async fn pass(&self) -> FeedReading {
        self.reader.collect(&self.feed, FeedBase { joined_users: 0 }, self.now).await.unwrap()
    }

    /// What the first pass finds in which the service is due again.
    pub(crate) async fn visit(&mut self) -> FeedReading {
        self.wait(20);
        self.pass().await
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    /// The files in the feed's archive.
    pub(crate) fn archived(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().join("archive/hr");
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        files.sort();
        files
    }
}

fn feed(source: &str, key: &str, department: &str, last_day: &str) -> Feed {
    let quote = |text: &str| format!("'{text}'");
    let text = format!(
        "apiVersion: usherd/v1
kind: Feed
name: hr
mode: snapshot
source: {source}
key: {key}
timeZone: {{ default: Europe/Amsterdam }}
attributes:
  department: {{ column: {department} }}
  employeeLeaveDateTime: {{ column: {last_day}, type: date, format: \"%Y-%m-%d\", inclusive: true, absent: empty }}
",
        key = quote(key),
        department = quote(department),
        last_day = quote(last_day),
    );
    let loaded = load(&[SourceText { file: "hr.yaml".to_owned(), text }]);
    assert_eq!(loaded.problems, []);
    loaded.definitions.feeds.into_iter().next().unwrap()
}

/// What the deliveries of a pass came to, by their words.
pub(crate) fn words(reading: &FeedReading) -> Vec<&str> {
    reading.deliveries.iter().map(|delivery| delivery.verdict.word()).collect()
}

/// How many people are in force.
pub(crate) fn in_force(reading: &FeedReading) -> usize {
    reading.snapshot.as_ref().map_or(0, |snapshot| snapshot.persons.len())
}

/// The records of the people from one number to another, both included.
pub(crate) fn people(from: usize, to: usize) -> Vec<Value> {
    let person = |number: usize| json!({ "id": format!("E{number:02}"), "salary": 1000 * number, "job": { "department": "Sales", "lastDay": null } });
    (from..=to).map(person).collect()
}
