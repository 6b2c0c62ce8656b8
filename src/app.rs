//! The composition root: the only place that names implementations.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use jiff::SignedDuration;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::clock::{ScaledClock, SharedClock, SystemClock};
use crate::config::{ClockSource, Config};
use crate::directory::graph::GraphDirectory;
use crate::engine::{Engine, Seams, Settings};
use crate::entitlement::graph::GraphEntitlement;
use crate::feed::Feeds;
use crate::feed::reader::FeedReader;
use crate::graph::auth::{ClientSecret, ClientSecretOptions, SecretOrigin};
use crate::graph::tenant_clock;
use crate::graph::transport::{GraphClient, GraphOptions};
use crate::http::connection::Timeouts;
use crate::lifecycle_workflows::LifecycleWorkflows;
use crate::lifecycle_workflows::graph::GraphLifecycleWorkflows;
use crate::sandbox::{self, Sandbox, SandboxOptions, Seed, Tls};
use crate::store::Store;
use crate::store::sqlite::{Access, SqliteStore};

pub mod feeds;
pub mod home;

/// A built usherd: an engine over real implementations.
pub struct App {
    /// The engine.
    pub engine: Engine,
    /// The configuration it was built from.
    pub config: Config,
    /// Tenant time.
    pub clock: SharedClock,
    store: Arc<SqliteStore>,
}

/// What a built usherd may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Everything: it takes the state folder for itself.
    Act,
    /// Look and plan; nothing is sent, consumed or recorded.
    Preview,
    /// Look, and keep in the ledger what a person wishes; nothing else is recorded, nothing sent or consumed.
    Decide,
}

/// Builds usherd. `clock` is tenant time where the caller knows it (an embedded sandbox); else the configuration says where it comes from.
///
/// # Errors
/// Fails when the state folder, the credentials or the tenant's clock cannot be used.
pub async fn build(
    config: Config,
    purpose: Purpose,
    clock: Option<SharedClock>,
    stop: CancellationToken,
) -> anyhow::Result<App> {
    let clock = match (clock, config.tenant.clock) {
        (Some(clock), _) => clock,
        (None, ClockSource::Real) => Arc::new(SystemClock),
        (None, ClockSource::Sandbox) => sandbox_clock(&config).await?,
    };
    let access = match purpose {
        Purpose::Act => Access::Exclusive,
        Purpose::Preview => Access::Shared,
        Purpose::Decide => Access::Deciding,
    };
    let store = Arc::new(SqliteStore::open(&config.state, access).await?);
    let graph = Arc::new(graph_client(&config)?);
    let feeds: Arc<dyn Feeds> = {
        let store = Arc::clone(&store) as Arc<dyn Store>;
        let archive = config.state.join("archive");
        let reader = FeedReader::new(store, config.folder.clone(), archive, Arc::clone(&clock));
        Arc::new(if purpose == Purpose::Act { reader } else { reader.previewing() })
    };
    let seams = Seams {
        store: Arc::clone(&store) as Arc<dyn Store>,
        directory: Arc::new(
            GraphDirectory::new(Arc::clone(&graph))
                .kept_in(Arc::clone(&store) as Arc<dyn Store>, purpose == Purpose::Act)
                .read_in_full_every(config.observe_full),
        ),
        entitlement: Arc::new(GraphEntitlement::new(graph).read_in_full_every(config.observe_full)),
        feeds,
        clock: Arc::clone(&clock),
        stop,
    };
    let settings = Settings {
        tenant: config.tenant.id.clone(),
        tenant_zone: config.tenant.time_zone.clone(),
        ceiling: config.ceiling,
        limits: config.limits,
        documents: config.documents.clone(),
        looks: config.looks.clone(),
        folder: config.folder.clone(),
        concurrency: config.concurrency,
    };
    Ok(App { engine: Engine::new(seams, settings), config, clock, store })
}

impl App {
    /// Closes the ledger.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// Opens the ledger alone, beside a daemon that may be running.
///
/// # Errors
/// Fails when the state folder cannot be used.
pub async fn open_ledger(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    Ok(Arc::new(SqliteStore::open(&config.state, Access::Shared).await?))
}

/// The tenant's own lifecycle workflows, to take them over.
///
/// # Errors
/// Fails when the credentials cannot be used.
pub fn lifecycle_workflows(config: &Config) -> anyhow::Result<Arc<dyn LifecycleWorkflows>> {
    Ok(Arc::new(GraphLifecycleWorkflows::new(Arc::new(graph_client(config)?))))
}

fn graph_client(config: &Config) -> anyhow::Result<GraphClient> {
    let scope = format!("{}/.default", config.tenant.graph.as_str().trim_end_matches('/'));
    let tokens = ClientSecret::new(ClientSecretOptions {
        login: config.tenant.login.clone(),
        tenant: config.tenant.id.as_str().to_owned(),
        client_id: config.credentials.client_id.clone(),
        secret: SecretOrigin::File(config.credentials.client_secret_file.clone()),
        scope,
        timeouts: Timeouts::default(),
    })
    .context("preparing the credentials failed")?;
    GraphClient::new(GraphOptions::new(config.tenant.graph.clone(), Arc::new(tokens)))
        .context("preparing the connection to Graph failed")
}

/// Tenant time for commands that need no tenant: the sandbox's while it runs, else real time.
pub async fn tenant_time(config: &Config) -> SharedClock {
    match config.tenant.clock {
        ClockSource::Sandbox => sandbox_clock(config).await.unwrap_or_else(|_| Arc::new(SystemClock)),
        ClockSource::Real => Arc::new(SystemClock),
    }
}

async fn sandbox_clock(config: &Config) -> anyhow::Result<SharedClock> {
    let setting = tenant_clock::read(&config.tenant.graph)
        .await
        .context("asking the sandbox for its clock failed; is it running? (tenant.clock is `sandbox`)")?;
    Ok(Arc::new(ScaledClock::from_setting(setting)))
}

/// How the `sandbox` command wants its tenant.
#[derive(Debug, Clone)]
pub struct SandboxRequest {
    /// Where to listen.
    pub listen: std::net::SocketAddr,
    /// What a new tenant starts with.
    pub seed: Seed,
    /// The tenant's clock.
    pub clock: Arc<ScaledClock>,
    /// A bearer token that is always good.
    pub developer_token: Option<SecretString>,
    /// The state file.
    pub state: Option<std::path::PathBuf>,
    /// How long a request takes, in tenant time.
    pub delivery_delay: SignedDuration,
    /// Whether the controls can be reached over HTTP.
    pub controls: bool,
    /// TLS, where it is wanted.
    pub tls: Option<Tls>,
}

/// Starts an embedded tenant.
///
/// # Errors
/// Fails when the seed, the state or the address cannot be used.
pub async fn start_sandbox(request: SandboxRequest) -> anyhow::Result<Sandbox> {
    let SandboxRequest { listen, seed, clock, developer_token, state, delivery_delay, controls, tls } = request;
    let options = SandboxOptions { listen, seed, clock, developer_token, state, delivery_delay, controls, tls };
    Ok(sandbox::start(options).await?)
}

/// Writes a secret so that only its owner can read it.
///
/// # Errors
/// Fails when the file cannot be written.
pub fn write_secret(path: &Path, secret: &SecretString) -> anyhow::Result<()> {
    use secrecy::ExposeSecret;
    use std::io::Write;
    let mut options = std::fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(secret.expose_secret().as_bytes()));
    written.with_context(|| format!("writing the client secret to {} failed", path.display()))
}
