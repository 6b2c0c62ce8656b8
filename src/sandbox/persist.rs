//! The state file: every change of the tenant as a row in SQLite, written in order by one task.

mod statements;

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::applications::Application;
use super::guests::ExternalUserSettings;
use super::organizations::ConnectedOrganization;
use super::outbox::SentMail;
use super::records::{Assignment, Catalog, CustomExtension, Group, Package, Policy, Profile, Record, Request, User};
use super::resources::{Resource, ResourceRequest};
use super::seed::FORMAT;
use super::settings::TenantSettings;
use super::subjects::Subject;
use super::tenant::{ADMINISTRATOR, COUNTER, Change, DeletedObject, DirectoryChange, HOLDER, MEMBER, Tenant};
use super::workflows::Workflow;
use statements::{CREATE, LOAD, write};

/// SQLite's page cache, in its own words: 32 MB, which hold the index of one kind's rows while a large tenant is written.
const CACHE: &str = "-32000";
const PROFILE: &str = "profile";

/// Why the state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file cannot be made, or made private.
    #[error("cannot make the sandbox state file {path}")]
    Create {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be opened as a database of ours.
    #[error("cannot open the sandbox state file {path}; is another sandbox using it?")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A row is not what this program writes.
    #[error("the sandbox state file {path} has a {kind} row that cannot be read; start anew with another file")]
    Row {
        /// The file.
        path: PathBuf,
        /// The row's kind.
        kind: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file is from another version, or is not a sandbox's.
    #[error("the sandbox state file {path} is not of format {FORMAT}; start anew with another file")]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The first write failed.
    #[error("cannot write the new tenant to the sandbox state file")]
    Write(#[source] sqlx::Error),
}

/// How far the writing has come.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    written: u64,
    failed: bool,
}

/// Takes changes in order and says when they are safe.
pub(super) struct Journal {
    sender: Option<mpsc::UnboundedSender<(u64, Vec<Change>)>>,
    progress: watch::Receiver<Progress>,
    writer: Option<JoinHandle<()>>,
    sent: u64,
}

/// What has to be written before an answer may leave.
pub(super) struct Ticket {
    number: u64,
    progress: watch::Receiver<Progress>,
}

impl Ticket {
    /// Waits until everything up to this ticket is in the file; `false` when it cannot be written.
    pub(super) async fn saved(mut self) -> bool {
        let number = self.number;
        let reached = self.progress.wait_for(|progress| progress.failed || progress.written >= number).await;
        reached.is_ok_and(|progress| !progress.failed)
    }
}

impl Journal {
    /// A journal that keeps nothing: the tenant lives in memory.
    pub(super) fn none() -> Self {
        let (_, progress) = watch::channel(Progress { written: u64::MAX, failed: false });
        Self { sender: None, progress, writer: None, sent: 0 }
    }

    /// Whether there is a file.
    pub(super) fn keeps(&self) -> bool {
        self.sender.is_some()
    }

    /// Queues the changes; call it while the tenant is still locked, so that the order is the tenant's.
    pub(super) fn submit(&mut self, changes: Vec<Change>) -> Ticket {
        if let Some(sender) = self.sender.as_ref().filter(|_| !changes.is_empty()) {
            self.sent += 1;
            // A writer that is gone has set `failed`, or never will reach this number: the ticket says so.
            let _ = sender.send((self.sent, changes));
        }
        Ticket { number: self.sent, progress: self.progress.clone() }
    }

    /// Closes the journal; the task given back ends when everything is written and the file is closed.
    pub(super) fn close(&mut self) -> Option<JoinHandle<()>> {
        self.sender = None;
        self.writer.take()
    }
}

/// The state file before the tenant runs.
pub(super) struct StateFile {
    path: PathBuf,
    connection: SqliteConnection,
}

impl StateFile {
    /// Opens or makes the file, readable by its owner only, since it holds the client secret.
    pub(super) async fn open(path: &Path) -> Result<Self, StateError> {
        let create = || async {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                tokio::fs::create_dir_all(folder).await?;
            }
            let mut options = tokio::fs::OpenOptions::new();
            options.append(true).create(true);
            #[cfg(unix)]
            options.mode(0o600);
            options.open(path).await.map(drop)
        };
        create().await.map_err(|source| StateError::Create { path: path.to_owned(), source })?;
        let open = || async {
            let mut connection = SqliteConnectOptions::new()
                .filename(path)
                .locking_mode(SqliteLockingMode::Exclusive)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(std::time::Duration::from_secs(1))
                .pragma("cache_size", CACHE)
                .connect()
                .await?;
            sqlx::query(CREATE).execute(&mut connection).await?;
            Ok(connection)
        };
        let connection = open().await.map_err(|source| StateError::Open { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// The tenant that the file holds; `None` for a new file.
    pub(super) async fn load(&mut self) -> Result<Option<Tenant>, StateError> {
        let Self { path, connection } = self;
        let unusable = |source| StateError::Open { path: path.clone(), source };
        let unreadable = |kind: &str, source| StateError::Row { path: path.clone(), kind: kind.to_owned(), source };
        // One row after the other: all of a large tenant's texts at once would be as large as the tenant.
        let mut rows = sqlx::query_as::<_, (String, String, String)>(LOAD).fetch(connection);
        let Some((kind, _, json)) = rows.try_next().await.map_err(unusable)? else { return Ok(None) };
        let profile: Value = serde_json::from_str(&json).map_err(|source| unreadable(&kind, source))?;
        if kind != PROFILE || profile.get("format").and_then(Value::as_u64) != Some(u64::from(FORMAT)) {
            return Err(StateError::Format { path: path.clone() });
        }
        let profile: Profile = serde_json::from_value(profile).map_err(|source| unreadable(PROFILE, source))?;
        let mut tenant = Tenant::new(profile);
        while let Some((kind, id, json)) = rows.try_next().await.map_err(unusable)? {
            load_row(&mut tenant, &kind, &id, &json).map_err(|source| unreadable(&kind, source))?;
        }
        Ok(Some(tenant))
    }

    /// Writes a new tenant whole: after a crash in between, the file is still new.
    pub(super) async fn begin(&mut self, tenant: &mut Tenant) -> Result<(), StateError> {
        let mut changes = vec![profile_row(&tenant.profile)];
        changes.extend(tenant.take_changes());
        write(&mut self.connection, &changes).await.map_err(StateError::Write)
    }

    /// Starts the task that writes from now on.
    pub(super) fn into_journal(self) -> Journal {
        let (sender, receiver) = mpsc::unbounded_channel();
        let (progress_sender, progress) = watch::channel(Progress::default());
        let writer = tokio::spawn(write_all(self.connection, receiver, progress_sender));
        Journal { sender: Some(sender), progress, writer: Some(writer), sent: 0 }
    }
}

async fn write_all(
    mut connection: SqliteConnection,
    mut receiver: mpsc::UnboundedReceiver<(u64, Vec<Change>)>,
    progress: watch::Sender<Progress>,
) {
    while let Some((mut number, mut changes)) = receiver.recv().await {
        // What has queued up meanwhile shares the transaction.
        while let Ok((next, more)) = receiver.try_recv() {
            number = next;
            changes.extend(more);
        }
        if let Err(error) = write(&mut connection, &changes).await {
            tracing::error!(event = "sandbox.state.failed", error = %error, "the sandbox cannot save its state and refuses all calls from now on: make room for the file or mend it, then start the sandbox again; nothing that it has answered is lost");
            progress.send_modify(|progress| progress.failed = true);
            break;
        }
        progress.send_modify(|progress| progress.written = number);
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(event = "sandbox.state.close_failed", error = %error, "the sandbox's state file did not close cleanly");
    }
}

/// The profile's row, which has to be the first.
pub(super) fn profile_row(profile: &Profile) -> Change {
    // As for every record: a struct of texts always has a JSON text.
    let json = serde_json::to_string(profile).unwrap_or_default();
    Change::Put { kind: PROFILE, id: profile.tenant_id.clone(), json }
}

/// Puts a saved row into the tenant.
///
/// # Errors
/// Fails for a kind that no record is of, and for a text that is not the kind's.
pub(super) fn load_row(tenant: &mut Tenant, kind: &str, id: &str, json: &str) -> Result<(), serde_json::Error> {
    match kind {
        User::KIND => tenant.users.put(serde_json::from_str(json)?),
        Group::KIND => tenant.groups.put(serde_json::from_str(json)?),
        Application::KIND => tenant.applications.put(serde_json::from_str(json)?),
        Resource::KIND => tenant.resources.put(serde_json::from_str(json)?),
        ResourceRequest::KIND => tenant.resource_requests.put(serde_json::from_str(json)?),
        COUNTER => tenant.load_counter(serde_json::from_str(json)?),
        Catalog::KIND => tenant.catalogs.put(serde_json::from_str(json)?),
        Package::KIND => tenant.packages.put(serde_json::from_str(json)?),
        Policy::KIND => tenant.load_policy(serde_json::from_str(json)?),
        CustomExtension::KIND => tenant.custom_extensions.put(serde_json::from_str(json)?),
        Request::KIND => tenant.load_request(serde_json::from_str(json)?),
        Assignment::KIND => tenant.load_assignment(serde_json::from_str(json)?),
        ConnectedOrganization::KIND => tenant.organizations.put(serde_json::from_str(json)?),
        Subject::KIND => tenant.load_subject(serde_json::from_str(json)?),
        ExternalUserSettings::KIND => tenant.load_external_user_settings(serde_json::from_str(json)?),
        DeletedObject::KIND => tenant.load_deleted(serde_json::from_str(json)?),
        DirectoryChange::KIND => tenant.directory_log.load(serde_json::from_str(json)?),
        SentMail::KIND => tenant.mails.put(serde_json::from_str(json)?),
        Workflow::KIND => tenant.workflows.put(serde_json::from_str(json)?),
        TenantSettings::KIND => tenant.settings = serde_json::from_str(json)?,
        ADMINISTRATOR => tenant.load_administrator(id),
        HOLDER => {
            if let Some((role, user)) = id.split_once('/') {
                tenant.load_role_holder(role, user);
            }
        }
        MEMBER => {
            if let Some((group, member)) = id.split_once('/') {
                tenant.load_member(group, member);
            }
        }
        _ => return Err(serde::de::Error::custom(format!("no record is of the kind {kind}"))),
    }
    Ok(())
}
