//! usherd.yaml: read by the same parser and with the same diagnostics as documents.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use crate::domain::counted::counted;
use crate::domain::ids::TenantId;
use crate::engine::schedule;
use crate::plan::limits::Limits;
use crate::workflow::definition::{Mode, RemovalLimit};
use crate::workflow::problem::{Complaint, Problem, render};
use crate::workflow::reader::convert::{checked, integer, list, mapping, text, time_zone, word};
use crate::workflow::reader::{Field, Problems, Reader, iso_duration};
use crate::workflow::yaml;

pub mod ready_made;
#[cfg(test)]
mod tests;

/// Everything usherd.yaml says, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// `tenant`
    pub tenant: TenantConfig,
    /// `credentials`
    pub credentials: CredentialsConfig,
    /// `state.folder`: the ledger, the archive, the lock. Absolute.
    pub state: PathBuf,
    /// `documents.folder`. Absolute.
    pub documents: PathBuf,
    /// The folder of usherd.yaml itself, where relative paths of feeds start.
    pub folder: PathBuf,
    /// `schedule.pass`: six-field cron in UTC; default every five minutes.
    pub pass_schedule: String,
    /// `observe.full`: how often everything is read anew, whatever the changes say; default six hours, at most twelve.
    pub observe_full: SignedDuration,
    /// `safety.mode`: how far any document may go; default `observe`.
    pub ceiling: Mode,
    /// `safety.limits`
    pub limits: Limits,
    /// `lostAnswer.looks`: when to look for a request whose answer was lost.
    pub looks: Vec<Duration>,
    /// `pace.concurrency`: how many users' requests are sent at the same time; default 8.
    pub concurrency: usize,
    /// `log`
    pub log: LogConfig,
}

/// `tenant`
#[derive(Debug, Clone)]
pub struct TenantConfig {
    /// `id`: the directory (tenant) id.
    pub id: TenantId,
    /// `graph`: the Graph root without version; default the global cloud.
    pub graph: Url,
    /// `login`: the sign-in root; default the global cloud.
    pub login: Url,
    /// `timeZone`: the IANA zone where neither trigger nor person names one.
    pub time_zone: String,
    /// `clock`: `real`, or `sandbox` to take the sandbox's.
    pub clock: ClockSource,
}

/// Where tenant time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockSource {
    /// The machine.
    Real,
    /// The sandbox tells its origin and speed.
    Sandbox,
}

/// `credentials`
#[derive(Debug, Clone)]
pub struct CredentialsConfig {
    /// `clientId`: the application's id.
    pub client_id: String,
    /// `clientSecretFile`: the file that holds the secret. Absolute.
    pub client_secret_file: PathBuf,
}

/// `log`
#[derive(Debug, Clone, Default)]
pub struct LogConfig {
    /// `format`: `json`, `text`, or by whether standard error is a terminal.
    pub format: LogFormat,
    /// `level`: a tracing filter such as `info` or `usherd=debug`.
    pub level: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// Text for people.
    Text,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read")]
    Read {
        /// The file.
        path: String,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The file has mistakes; each is rendered with its place.
    #[error("the configuration has {}\n{rendered}", counted(*.count, "mistake"))]
    Mistakes {
        /// How many.
        count: usize,
        /// Each with file, line, column and snippet.
        rendered: String,
    },
}

const GLOBAL_GRAPH: &str = "https://graph.microsoft.com";
const GLOBAL_LOGIN: &str = "https://login.microsoftonline.com";
const SIX_HOURS: SignedDuration = SignedDuration::from_hours(6);
const EVERY_FIVE_MINUTES: &str = "0 */5 * * * *";

/// Reads and checks the configuration at `path`.
///
/// # Errors
/// Fails when the file cannot be read, and with every mistake in it.
pub fn load(path: &Path, colour: bool) -> Result<Config, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.display().to_string(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let path = path.canonicalize().map_err(failed)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    parse(&path.display().to_string(), &text, &folder).map_err(|problems| ConfigError::Mistakes {
        count: problems.len(),
        rendered: problems.iter().map(|problem| render(problem, &text, colour)).collect::<Vec<_>>().join("\n"),
    })
}

/// Checks the text of a configuration whose relative paths start at `folder`.
///
/// # Errors
/// Every mistake in it.
pub fn parse(file: &str, text: &str, folder: &Path) -> Result<Config, Vec<Problem>> {
    let parsed = yaml::parse(file, text);
    let problems = Problems::with(file, parsed.problems);
    let config = parsed.root.as_ref().and_then(|root| {
        let read = mapping(|reader: &mut Reader<'_>| read_config(reader, folder));
        read(Field::root(root, &problems))
    });
    let problems = problems.into_vec();
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ if problems.is_empty() => {
            let empty = Complaint::new("the configuration is empty");
            Err(vec![Problem::new(file, &crate::workflow::problem::Place::start(), empty)])
        }
        _ => Err(problems),
    }
}

fn read_config(reader: &mut Reader<'_>, folder: &Path) -> Option<Config> {
    let path_in = |name: &str| folder.join(name);
    let tenant = reader.required("tenant", mapping(read_tenant));
    let credentials = reader.required("credentials", mapping(|reader| read_credentials(reader, folder)));
    let folder_of = mapping(|reader: &mut Reader<'_>| reader.required("folder", text));
    let state = reader.required("state", &folder_of);
    let documents = reader.required("documents", &folder_of);
    let schedule = reader.optional("schedule", mapping(|reader| reader.required("pass", checked(pass_schedule))));
    let observe = reader.optional("observe", mapping(|reader| reader.required("full", checked(full_interval))));
    let (ceiling, limits) = reader.optional("safety", mapping(read_safety)).unwrap_or_default();
    let looks = reader.optional("lostAnswer", mapping(|reader| reader.required("looks", list(look))));
    let pace = reader.optional("pace", mapping(|reader| reader.required("concurrency", integer(1..=64))));
    let log = reader.optional("log", mapping(read_log)).unwrap_or_default();
    Some(Config {
        tenant: tenant?,
        credentials: credentials?,
        state: path_in(&state?),
        documents: path_in(&documents?),
        folder: folder.to_path_buf(),
        pass_schedule: schedule.unwrap_or_else(|| EVERY_FIVE_MINUTES.to_owned()),
        observe_full: observe.unwrap_or(SIX_HOURS),
        ceiling: ceiling.unwrap_or(Mode::Observe),
        limits: limits.unwrap_or_default(),
        looks: looks.map_or_else(|| crate::engine::DEFAULT_LOOKS.to_vec(), |looks| to_real(&looks)),
        concurrency: usize::try_from(pace.unwrap_or(8_i64)).unwrap_or(8),
        log,
    })
}

/// When passes are made, as the scheduler takes it.
fn pass_schedule(text: &str) -> Result<String, Complaint> {
    schedule::check(text).map(|()| text.to_owned()).map_err(|error| {
        let fields = "second, minute, hour, day, month, weekday, in UTC";
        Complaint::new(error.to_string()).hint(format!("write it as in \"{EVERY_FIVE_MINUTES}\": {fields}"))
    })
}

/// A removal may not rest on a reading that is older.
fn full_interval(text: &str) -> Result<SignedDuration, Complaint> {
    const LONGEST: SignedDuration = SignedDuration::from_hours(12);
    let interval = iso_duration(text)?;
    if interval > LONGEST {
        return Err(Complaint::new(
            "everything has to be read at least every PT12H: no removal may rest on an older reading",
        ));
    }
    Ok(interval)
}

/// A duration, or none at all: the first look is usually made at once.
fn look(field: Field<'_>) -> Option<SignedDuration> {
    checked(|text| if text == "PT0S" { Ok(SignedDuration::ZERO) } else { iso_duration(text) })(field)
}

fn to_real(looks: &[SignedDuration]) -> Vec<Duration> {
    looks.iter().map(|look| look.unsigned_abs()).collect()
}

fn read_tenant(reader: &mut Reader<'_>) -> Option<TenantConfig> {
    let id = reader.required("id", text);
    let url = || checked(|text| Url::parse(text).map_err(|error| Complaint::new(format!("not an address: {error}"))));
    let global = |address: &str| Url::parse(address).ok();
    let graph = reader.optional("graph", url()).or_else(|| global(GLOBAL_GRAPH));
    let login = reader.optional("login", url()).or_else(|| global(GLOBAL_LOGIN));
    let time_zone = reader.required("timeZone", time_zone);
    let clock = reader.optional("clock", word(&[("real", ClockSource::Real), ("sandbox", ClockSource::Sandbox)]));
    Some(TenantConfig {
        id: TenantId::new(id?),
        graph: graph?,
        login: login?,
        time_zone: time_zone?,
        clock: clock.unwrap_or(ClockSource::Real),
    })
}

fn read_credentials(reader: &mut Reader<'_>, folder: &Path) -> Option<CredentialsConfig> {
    let client_id = reader.required("clientId", text);
    let secret_file = reader.required("clientSecretFile", text);
    Some(CredentialsConfig { client_id: client_id?, client_secret_file: folder.join(secret_file?) })
}

type Safety = (Option<Mode>, Option<Limits>);

fn read_safety(reader: &mut Reader<'_>) -> Option<Safety> {
    const MODES: &[(&str, Mode)] =
        &[("observe", Mode::Observe), ("grantOnly", Mode::GrantOnly), ("enforce", Mode::Enforce)];
    let mode = reader.optional("mode", word(MODES));
    let limits = reader.optional("limits", mapping(read_limits));
    Some((mode, limits))
}

fn read_limits(reader: &mut Reader<'_>) -> Option<Limits> {
    let standard = Limits::default();
    let limit = || {
        mapping(|reader: &mut Reader<'_>| {
            let count = reader.required("count", integer(0..=i64::from(u32::MAX)));
            let percent = reader.required("percent", integer(0..=100_i64));
            Some(RemovalLimit { count: u32::try_from(count?).ok()?, percent: u32::try_from(percent?).ok()? })
        })
    };
    let document_removals = reader.optional("documentRemovals", limit());
    let tenant_removals = reader.optional("tenantRemovals", limit());
    let cap = reader.optional("tenantRemovalsCap", integer(0..=500_i64));
    let document_additions = reader.optional("documentAdditions", limit());
    Some(Limits {
        document_removals: document_removals.unwrap_or(standard.document_removals),
        tenant_removals: tenant_removals.unwrap_or(standard.tenant_removals),
        tenant_removals_cap: cap.and_then(|cap| u32::try_from(cap).ok()).unwrap_or(standard.tenant_removals_cap),
        document_additions: document_additions.unwrap_or(standard.document_additions),
    })
}

fn read_log(reader: &mut Reader<'_>) -> Option<LogConfig> {
    const FORMATS: &[(&str, LogFormat)] =
        &[("auto", LogFormat::Auto), ("json", LogFormat::Json), ("text", LogFormat::Text)];
    let format = reader.optional("format", word(FORMATS)).unwrap_or_default();
    let level = reader.optional("level", text);
    Some(LogConfig { format, level })
}
