//! The sandbox's home: a folder with the sample company's tenant, documents, feed and ledger, laid out once and then left alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, bail};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::{Clock, ScaledClock, ScaledSetting};
use crate::config::ready_made::ReadyMade;
use crate::config::{self, Config};
use crate::graph::tenant_clock;
use crate::sandbox::{Sandbox, Seed, sample_hr_csv};

use super::{SandboxRequest, start_sandbox, write_secret};

/// The sample documents, compiled in.
pub const SAMPLE_DOCUMENTS: [(&str, &str); 7] = [
    ("hr.yaml", include_str!("../../workflows/hr.yaml")),
    ("joiner-office-basics.yaml", include_str!("../../workflows/joiner-office-basics.yaml")),
    ("joiner-sales-toolkit.yaml", include_str!("../../workflows/joiner-sales-toolkit.yaml")),
    ("campaign-for-marketing.yaml", include_str!("../../workflows/campaign-for-marketing.yaml")),
    ("engineering-toolkit.yaml", include_str!("../../workflows/engineering-toolkit.yaml")),
    ("leaver-remove-access.yaml", include_str!("../../workflows/leaver-remove-access.yaml")),
    ("leaver-vendor-portal.yaml", include_str!("../../workflows/leaver-vendor-portal.yaml")),
];

/// What an editor completes and explains the documents by; each of them names it.
pub const SCHEMA: (&str, &str) = ("schema.json", include_str!("../../workflows/schema.json"));

const CONFIG: &str = "usherd.yaml";
const CLOCK: &str = "clock.yaml";
const SECRET: &str = "client-secret";
const TENANT: &str = "tenant.sqlite";
/// What a folder must hold before `--reset` empties it.
const MARKER: &str = ".usherd-sandbox";

/// A home with its tenant running.
pub struct Home {
    /// The running tenant.
    pub sandbox: Sandbox,
    /// A configuration that points at it.
    pub config: Config,
    /// The clock that tenant and daemon share.
    pub clock: Arc<ScaledClock>,
    /// The folder.
    pub folder: PathBuf,
    /// Whether it was laid out just now.
    pub is_new: bool,
}

/// Opens the home in `folder`: lays it out where there is none, and starts its tenant. Nothing that is there is overwritten.
///
/// # Errors
/// Fails when the folder holds something else, or cannot be written, or the tenant does not start.
pub async fn open(folder: &Path, reset: bool, speed: f64) -> anyhow::Result<Home> {
    if reset && folder.exists() {
        empty(folder)?;
    }
    let is_new = !folder.join(MARKER).exists();
    let has_something = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if is_new && has_something {
        bail!("{} is not empty and no sandbox home; give another folder with --dir", folder.display());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("making {} failed", folder.display()))?;
    let folder = folder.canonicalize().with_context(|| format!("finding {} failed", folder.display()))?;
    let clock = open_clock(&folder.join(CLOCK), speed)?;
    // The tenant's file is locked while another process runs it: only after this is anything written.
    let sandbox = start_tenant(&folder, &clock).await?;
    save_clock(&folder.join(CLOCK), &clock)?;
    write_secret(&folder.join(SECRET), sandbox.client_secret())?;
    lay_out(&folder, &clock, &sandbox)?;
    let mut config = config::load(&folder.join(CONFIG), false)?;
    // The port may be another one than last time.
    config.tenant.graph = sandbox.url().clone();
    config.tenant.login = sandbox.url().clone();
    Ok(Home { sandbox, config, clock, folder, is_new })
}

impl Home {
    /// Stops the tenant. A sped-up clock goes on at real speed until the next start.
    ///
    /// # Errors
    /// Fails when the clock's setting cannot be kept.
    pub async fn close(self) -> anyhow::Result<()> {
        self.clock.set_speed(1.0);
        save_clock(&self.folder.join(CLOCK), &self.clock)?;
        self.sandbox.stop().await;
        Ok(())
    }
}

/// The configuration of a home whose tenant another process runs, so that one can look on beside it.
pub async fn running(folder: &Path) -> Option<Config> {
    let config = config(folder).ok()?;
    tenant_clock::read(&config.tenant.graph).await.ok()?;
    Some(config)
}

/// Reads the configuration of a home without starting its tenant.
///
/// # Errors
/// Fails when there is no home in `folder`.
pub fn config(folder: &Path) -> anyhow::Result<Config> {
    if !folder.join(MARKER).exists() {
        bail!("{} is no sandbox home; `usherd run --sandbox` makes one", folder.display());
    }
    Ok(config::load(&folder.join(CONFIG), false)?)
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    if !folder.join(MARKER).exists() {
        bail!("{} is no sandbox home; --reset empties nothing else", folder.display());
    }
    std::fs::remove_dir_all(folder).with_context(|| format!("emptying {} failed", folder.display()))
}

/// The home's clock: it starts with the real time, and its origin stays over restarts.
fn open_clock(file: &Path, speed: f64) -> anyhow::Result<Arc<ScaledClock>> {
    let clock = if file.exists() {
        let text = std::fs::read_to_string(file).with_context(|| format!("reading {} failed", file.display()))?;
        let saved: SavedClock =
            serde_yaml::from_str(&text).with_context(|| format!("{} is no saved clock", file.display()))?;
        ScaledClock::from_setting(saved.into())
    } else {
        ScaledClock::at_real_time()
    };
    clock.set_speed(speed);
    Ok(Arc::new(clock))
}

fn save_clock(file: &Path, clock: &ScaledClock) -> anyhow::Result<()> {
    let text = serde_yaml::to_string(&SavedClock::from(clock.setting())).context("writing the clock failed")?;
    std::fs::write(file, text).with_context(|| format!("writing {} failed", file.display()))
}

/// A clock's setting as the home keeps it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedClock {
    origin: jiff::Timestamp,
    real_origin: jiff::Timestamp,
    speed: f64,
}

impl From<ScaledSetting> for SavedClock {
    fn from(setting: ScaledSetting) -> Self {
        Self { origin: setting.origin, real_origin: setting.real_origin, speed: setting.speed }
    }
}

impl From<SavedClock> for ScaledSetting {
    fn from(saved: SavedClock) -> Self {
        Self { origin: saved.origin, real_origin: saved.real_origin, speed: saved.speed }
    }
}

/// Starts the tenant on the port it had before, so that addresses people kept go on working; on another one if that is taken.
async fn start_tenant(folder: &Path, clock: &Arc<ScaledClock>) -> anyhow::Result<Sandbox> {
    let port = config::load(&folder.join(CONFIG), false).ok().and_then(|config| config.tenant.graph.port());
    let request = |port| SandboxRequest {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        seed: Seed::Contoso,
        clock: Arc::clone(clock),
        developer_token: None,
        state: Some(folder.join(TENANT)),
        delivery_delay: SignedDuration::from_secs(2),
        tls: None,
        controls: false,
    };
    if let Some(port) = port
        && let Ok(sandbox) = start_sandbox(request(port)).await
    {
        return Ok(sandbox);
    }
    start_sandbox(request(0)).await
}

fn lay_out(folder: &Path, clock: &ScaledClock, sandbox: &Sandbox) -> anyhow::Result<()> {
    let first_day = clock.now().to_zoned(TimeZone::UTC).date();
    let feed = folder.join("feeds/hr.csv");
    if !feed.exists() {
        write_once(&feed, || Ok(sample_hr_csv(first_day)))?;
        call_complete(&feed)?;
    }
    if !folder.join(MARKER).exists() {
        for (name, text) in SAMPLE_DOCUMENTS.into_iter().chain([SCHEMA]) {
            write_once(&folder.join("workflows").join(name), || Ok(text.to_owned()))?;
        }
    }
    write_once(&folder.join(CONFIG), || ready_made_config(sandbox.url(), sandbox, SECRET))?;
    write_once(&folder.join(MARKER), || {
        Ok("A usherd sandbox home; `usherd run --sandbox --reset` empties it.\n".to_owned())
    })
}

fn write_once(path: &Path, text: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {} failed", folder.display()))?;
    }
    std::fs::write(path, text()?).with_context(|| format!("writing {} failed", path.display()))
}

/// Dates the file back: nobody is still writing it, so the first pass need not wait to see it at rest.
fn call_complete(file: &Path) -> anyhow::Result<()> {
    let dated =
        std::fs::File::options().append(true).open(file).and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH));
    dated.with_context(|| format!("dating {} failed", file.display()))
}

/// The text of a configuration that points at `sandbox`.
///
/// # Errors
/// Fails only if a value cannot be written as YAML.
pub fn ready_made_config(url: &Url, sandbox: &Sandbox, secret_file: &str) -> anyhow::Result<String> {
    ReadyMade::for_sandbox(url.as_str(), sandbox.tenant_id(), sandbox.client_id(), secret_file)
        .to_yaml()
        .context("writing the configuration failed")
}
