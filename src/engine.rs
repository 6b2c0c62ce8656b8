//! The engine: one pass of the loop at a time, over the seams and nothing else.
//!
//! collect → plan → gate → commit → execute → settle → record; [`pass`] reads like that line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::directory::Directory;
use crate::domain::ids::{ActionId, HoldHash, TenantId};
use crate::entitlement::Entitlement;
use crate::feed::Feeds;
use crate::plan::Plan;
use crate::plan::limits::Limits;
use crate::plan::observed::Observed;
use crate::store::Store;
use crate::workflow::definition::Mode;

pub mod activate;
pub mod collect;
pub mod document_records;
pub mod documents;
pub mod driver;
pub mod event;
pub mod execute;
pub mod forecast;
mod granted_groups;
pub mod look;
mod membership;
mod network_mount;
pub mod pass;
pub mod preview;
mod refusal;
pub mod schedule;
mod send;
pub mod settle;
pub mod survey;
pub mod tenant_names;
mod told;
pub mod watch;

/// What the engine works with.
pub struct Seams {
    /// The ledger.
    pub store: Arc<dyn Store>,
    /// Users and groups.
    pub directory: Arc<dyn Directory>,
    /// Packages, assignments, requests.
    pub entitlement: Arc<dyn Entitlement>,
    /// HR feeds.
    pub feeds: Arc<dyn Feeds>,
    /// Tenant time and real time.
    pub clock: SharedClock,
    /// Once canceled, nothing more is sent.
    pub stop: CancellationToken,
}

/// What the engine is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The tenant, part of every action id.
    pub tenant: TenantId,
    /// The zone where nothing else names one.
    pub tenant_zone: String,
    /// How far any document may go.
    pub ceiling: Mode,
    /// The plan gates' numbers.
    pub limits: Limits,
    /// The documents folder.
    pub documents: PathBuf,
    /// When to look for a request whose answer was lost, counted from the loss in real time; after the last look it may be sent again.
    pub looks: Vec<Duration>,
    /// Where the relative paths of feeds start.
    pub folder: PathBuf,
    /// How many users' requests are sent at the same time.
    pub concurrency: usize,
}

/// The looks for lost answers that the design gives: at once, after 30 s, 2 min and 10 min.
pub const DEFAULT_LOOKS: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(30), Duration::from_secs(120), Duration::from_secs(600)];

/// The engine. Whoever owns it runs one pass at a time.
pub struct Engine {
    seams: Seams,
    settings: Settings,
    looks: BTreeMap<ActionId, look::Looks>,
    throttled: Option<execute::Throttled>,
    feed_folders: Vec<PathBuf>,
    told: told::Told,
    told_holds: BTreeMap<HoldHash, Timestamp>,
    told_warnings: told::ToldWarnings,
    vanished: BTreeMap<ActionId, Timestamp>,
    /// Whether the last pass found no package or policy for a name, or was refused: then both are read again.
    is_catalog_in_doubt: bool,
    last: Option<LastPass>,
}

/// What the last complete pass saw and decided; commands show names from it.
pub struct LastPass {
    /// The observation.
    pub observed: Observed,
    /// The plan.
    pub plan: Plan,
}

impl Engine {
    /// An engine over these seams.
    pub fn new(seams: Seams, settings: Settings) -> Self {
        Self {
            seams,
            settings,
            looks: BTreeMap::new(),
            throttled: None,
            feed_folders: Vec::new(),
            told: told::Told::default(),
            told_holds: BTreeMap::new(),
            told_warnings: told::ToldWarnings::default(),
            vanished: BTreeMap::new(),
            is_catalog_in_doubt: false,
            last: None,
        }
    }

    /// What the last complete pass saw and decided.
    pub fn last_pass(&self) -> Option<&LastPass> {
        self.last.as_ref()
    }

    /// Folders whose changes should bring the next pass forward: the documents, and where the feeds are.
    pub fn watched_folders(&self) -> Vec<PathBuf> {
        std::iter::once(self.settings.documents.clone()).chain(self.feed_folders.iter().cloned()).collect()
    }

    /// The plan gates' numbers, for commands that plan by themselves.
    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// The ledger, for commands that show it.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.seams.store
    }
}

/// Why a pass, or a part of one, could not be done. The next pass tries again; the ledger's failure stops all sending.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The tenant could not be observed.
    #[error("observing the tenant failed; nothing was planned")]
    Observe(#[from] crate::directory::ObserveError),
    /// The documents to be looked at are not such that they would be put in force.
    #[error("usherd would not put these documents in force: {why}")]
    NotPutInForce {
        /// The first mistake, or why the folder as a whole would not be believed.
        why: String,
    },
    /// The ledger could not be read or written.
    #[error("the ledger failed; nothing more is sent")]
    Store(#[from] crate::store::StoreError),
}
