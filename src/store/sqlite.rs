//! The embedded ledger: SQLite in WAL mode, synced in full, one writer, under a locked state folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};
use uuid::Uuid;

use crate::domain::action::ActionState;
use crate::domain::ids::{DocumentName, FeedName, HoldHash, SubjectKey};
use crate::domain::subject::Person;
use crate::plan::Plan;
use crate::plan::ledger::{Ledger, LedgerChange};

use super::directory::{KeptUsers, UsersChange};
use super::{
    Acceptance, ActionRecord, ActivationWish, DeliveryRecord, DocumentsInForce, FeedState, GrantsOfRetired,
    HoldDecision, HoldRecord, Store, StoreError, Transition,
};

mod actions;
mod activations;
mod changes;
mod directory;
mod documents;
mod feeds;
mod holds;
mod ledger;
mod rename;
mod retire;
mod watches;

/// The database's file in the state folder.
const FILE: &str = "ledger.sqlite";
/// The file whose lock says that a writer has the folder.
const LOCK: &str = "lock";

/// The ledger in SQLite.
#[derive(Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    instance: String,
    _lock: Option<File>,
}

/// Who opens the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The daemon, or a command in its place: only one may send requests.
    Exclusive,
    /// A command that reads, or decides a hold, beside a daemon.
    Shared,
    /// A command that keeps what a person wishes, beside a daemon; where there is no ledger yet, it makes one.
    Deciding,
}

impl SqliteStore {
    /// Opens the ledger in `folder`, and makes it where there is none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has the folder; otherwise what the folder or the database says.
    pub async fn open(folder: &Path, access: Access) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        let access = match access {
            // Only one may make the ledger, so whoever makes it has the folder meanwhile.
            Access::Deciding if !file.exists() => Access::Exclusive,
            Access::Deciding => Access::Shared,
            access => access,
        };
        let lock = prepare_folder(folder, access)?;
        // Who only looks on makes nothing: where there is no ledger yet, an empty one in memory stands for it.
        let options = if access == Access::Shared && !file.exists() {
            SqliteConnectOptions::new().in_memory(true)
        } else {
            SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(access == Access::Exclusive)
                .journal_mode(SqliteJournalMode::Wal)
        };
        let options = options.synchronous(SqliteSynchronous::Full).busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(database("opening the database"))?;
        // A ledger that is already as this version wants it is not touched.
        sqlx::migrate!("src/store/migrations/sqlite")
            .run(&pool)
            .await
            .map_err(|source| StoreError::Database { step: "migrating", source: source.into() })?;
        let instance = instance(&pool).await?;
        Ok(Self { pool, instance, _lock: lock })
    }

    /// Closes the database, so that its write-ahead log is folded in.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin(&self, step: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        // A deferred transaction that reads and then writes fails at once when another process wrote in between.
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(database(step))
    }
}

fn prepare_folder(folder: &Path, access: Access) -> Result<Option<File>, StoreError> {
    if access == Access::Shared {
        return Ok(None);
    }
    let failed = |source| StoreError::Folder { folder: folder.display().to_string(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Locked { folder: folder.display().to_string() }),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

async fn instance(pool: &SqlitePool) -> Result<String, StoreError> {
    let made = Uuid::new_v4().simple().to_string();
    let made = made.get(..12).unwrap_or(&made);
    sqlx::query("INSERT INTO meta (key, value) VALUES ('instance', $1) ON CONFLICT (key) DO NOTHING")
        .bind(made)
        .execute(pool)
        .await
        .map_err(database("naming the instance"))?;
    sqlx::query_scalar("SELECT value FROM meta WHERE key = 'instance'")
        .fetch_one(pool)
        .await
        .map_err(database("reading the instance"))
}

fn database(step: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |source| StoreError::Database { step, source: source.into() }
}

fn to_millis(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

fn from_millis(millis: i64, place: &str) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| corrupt(place))
}

fn corrupt(place: &str) -> StoreError {
    StoreError::Corrupt { place: place.to_owned() }
}

fn to_json<T: serde::Serialize>(value: &T, step: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Database { step, source: source.into() })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str, place: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| corrupt(place))
}

#[async_trait]
impl Store for SqliteStore {
    fn instance(&self) -> &str {
        &self.instance
    }

    async fn ledger(&self) -> Result<Ledger, StoreError> {
        // One transaction: a decision made in between is either seen whole or not at all.
        let mut transaction = self.pool.begin().await.map_err(database("reading the ledger"))?;
        ledger::load(&mut transaction).await
    }

    async fn commit(&self, plan: &Plan, now: Timestamp) -> Result<(), StoreError> {
        const STEP: &str = "committing the plan";
        let mut transaction = self.begin(STEP).await?;
        changes::apply(&mut transaction, &plan.changes, now).await?;
        actions::supersede(&mut transaction, &plan.superseded, now).await?;
        actions::insert(&mut transaction, &plan.actions, ActionState::Ready, now).await?;
        for hold in &plan.holds {
            actions::insert(&mut transaction, &hold.items, ActionState::Held, now).await?;
        }
        holds::raise(&mut transaction, &plan.holds, now).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn apply(&self, changes: &[LedgerChange], now: Timestamp) -> Result<(), StoreError> {
        const STEP: &str = "changing the ledger";
        let mut transaction = self.begin(STEP).await?;
        changes::apply(&mut transaction, changes, now).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn actions_in(&self, states: &[ActionState]) -> Result<Vec<ActionRecord>, StoreError> {
        actions::in_states(&self.pool, states).await
    }

    async fn advance(&self, transition: &Transition, now: Timestamp) -> Result<bool, StoreError> {
        const STEP: &str = "moving an action on";
        let mut transaction = self.begin(STEP).await?;
        let moved = actions::advance(&mut transaction, transition, now).await?;
        if moved {
            changes::apply(&mut transaction, &transition.changes, now).await?;
        }
        transaction.commit().await.map_err(database(STEP))?;
        Ok(moved)
    }

    async fn holds(&self) -> Result<Vec<HoldRecord>, StoreError> {
        holds::undecided(&self.pool).await
    }

    async fn decide_hold(&self, hash: &HoldHash, decision: &HoldDecision, now: Timestamp) -> Result<(), StoreError> {
        const STEP: &str = "deciding a hold";
        let mut transaction = self.begin(STEP).await?;
        holds::decide(&mut transaction, hash, decision, now).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn activate(&self, wish: &ActivationWish, now: Timestamp) -> Result<BTreeSet<SubjectKey>, StoreError> {
        const STEP: &str = "keeping an activation";
        let mut transaction = self.begin(STEP).await?;
        let kept = activations::keep(&mut transaction, wish, now).await?;
        transaction.commit().await.map_err(database(STEP))?;
        Ok(kept)
    }

    async fn good_texts(&self) -> Result<BTreeMap<String, String>, StoreError> {
        documents::texts(&self.pool).await
    }

    async fn save_documents(&self, documents: &DocumentsInForce, now: Timestamp) -> Result<(), StoreError> {
        const STEP: &str = "keeping the documents";
        let mut transaction = self.begin(STEP).await?;
        for rename in &documents.renames {
            rename::carry_out(&mut transaction, rename, now).await?;
        }
        documents::save(&mut transaction, documents).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn retire_document(
        &self,
        document: &DocumentName,
        grants: &GrantsOfRetired,
        by: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        const STEP: &str = "retiring a document";
        let mut transaction = self.begin(STEP).await?;
        let concerned = retire::retire(&mut transaction, document, grants, by, now).await?;
        transaction.commit().await.map_err(database(STEP))?;
        Ok(concerned)
    }

    async fn adopt_for(&self, document: &DocumentName, by: &str, now: Timestamp) -> Result<(), StoreError> {
        const STEP: &str = "asking for an adoption";
        let mut transaction = self.begin(STEP).await?;
        retire::adopt(&mut transaction, document, by, now).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn feed_state(&self, feed: &FeedName) -> Result<FeedState, StoreError> {
        feeds::state(&self.pool, feed).await
    }

    async fn deliveries(&self, feed: &FeedName, most: usize) -> Result<Vec<DeliveryRecord>, StoreError> {
        feeds::deliveries(&self.pool, feed, most).await
    }

    async fn accept_delivery(&self, feed: &FeedName, acceptance: &Acceptance) -> Result<(), StoreError> {
        const STEP: &str = "accepting a delivery";
        let mut transaction = self.begin(STEP).await?;
        feeds::accept(&mut transaction, feed, acceptance).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn record_delivery(
        &self,
        feed: &FeedName,
        delivery: &DeliveryRecord,
        persons: Option<&[Person]>,
    ) -> Result<(), StoreError> {
        const STEP: &str = "recording a delivery";
        let mut transaction = self.begin(STEP).await?;
        feeds::record(&mut transaction, feed, delivery, persons).await?;
        transaction.commit().await.map_err(database(STEP))
    }

    async fn kept_users(&self) -> Result<KeptUsers, StoreError> {
        directory::users(&self.pool).await
    }

    async fn keep_users(&self, change: &UsersChange) -> Result<(), StoreError> {
        const STEP: &str = "keeping users";
        let mut transaction = self.begin(STEP).await?;
        directory::save(&mut transaction, change).await?;
        transaction.commit().await.map_err(database(STEP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::exercise;

    #[tokio::test]
    async fn the_embedded_ledger_does_what_every_ledger_must() {
        let home = tempfile::tempdir().unwrap();
        let count = std::sync::atomic::AtomicUsize::new(0);
        exercise(|| {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let folder = home.path().join(number.to_string());
            async move { SqliteStore::open(&folder, Access::Exclusive).await.unwrap() }
        })
        .await;
    }

    #[tokio::test]
    async fn one_process_writes_and_others_look_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), Access::Exclusive).await.unwrap();
        assert!(matches!(SqliteStore::open(folder.path(), Access::Exclusive).await, Err(StoreError::Locked { .. })));
        let beside = SqliteStore::open(folder.path(), Access::Shared).await.unwrap();
        assert_eq!(beside.instance(), store.instance());
        store.close().await;
        drop(store);
        let again = SqliteStore::open(folder.path(), Access::Exclusive).await.unwrap();
        assert_eq!(again.instance(), beside.instance(), "the instance is made once per ledger");
    }

    #[tokio::test]
    async fn who_only_looks_on_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let store = SqliteStore::open(&state, Access::Shared).await.unwrap();
        assert!(store.holds().await.unwrap().is_empty());
        assert!(!state.exists());
    }

    #[tokio::test]
    async fn a_wish_makes_the_ledger_where_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let wish = ActivationWish {
            workflow: "w".into(),
            subjects: BTreeSet::from([SubjectKey::new("person:E1".to_owned())]),
            by: "a test".to_owned(),
        };
        let store = SqliteStore::open(&state, Access::Deciding).await.unwrap();
        store.activate(&wish, Timestamp::UNIX_EPOCH).await.unwrap();
        store.close().await;
        drop(store);
        let daemon = SqliteStore::open(&state, Access::Exclusive).await.unwrap();
        assert_eq!(daemon.ledger().await.unwrap().activations.len(), 1);
        let beside = SqliteStore::open(&state, Access::Deciding).await.unwrap();
        assert!(beside.activate(&wish, Timestamp::UNIX_EPOCH).await.unwrap().is_empty(), "the first one is still open");
    }

    #[tokio::test]
    async fn a_damaged_ledger_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), b"this is no database, whatever its name says").unwrap();
        assert!(matches!(SqliteStore::open(folder.path(), Access::Exclusive).await, Err(StoreError::Database { .. })));
        std::fs::write(folder.path().join("file"), b"").unwrap();
        assert!(matches!(
            SqliteStore::open(&folder.path().join("file"), Access::Exclusive).await,
            Err(StoreError::Folder { .. })
        ));
    }
}
