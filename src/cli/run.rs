//! `usherd run`: the daemon, or one round of it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::app::home::{self, Home};
use crate::app::{self, App, Purpose};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::domain::action::ActionState;
use crate::engine::driver::{self, OnceReport};
use crate::engine::event::Event;
use crate::engine::schedule::PassSchedule;
use crate::engine::watch::{FolderWatcher, Wake};
use crate::store::ActionRecord;

use super::output::{DisplayNames, print, table};
use super::{Target, logging};

/// Something waits for a person.
const HELD: u8 = 3;
/// Something failed.
const FAILED: u8 = 4;

/// Arguments of `usherd run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    target: Target,
    /// Empty the sandbox's folder and start anew.
    #[arg(long, requires = "sandbox")]
    reset: bool,
    /// Tenant seconds per real second, for daemon and tenant alike.
    #[arg(long, requires = "sandbox", value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// Stop when every action is settled, or waits for a person, the clock or a retry.
    #[arg(long)]
    once: bool,
    /// The longest --once may take.
    #[arg(long, requires = "once", value_name = "ISO 8601", default_value = "PT2M")]
    timeout: SignedDuration,
}

pub(super) async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.speed.is_finite() && args.speed > 0.0, "--speed takes a number above 0");
    let stop = CancellationToken::new();
    if !args.target.sandbox {
        let config = args.target.load()?;
        logging::init(&config.log)?;
        return run_with(&args, config, None, &stop).await;
    }
    let home = home::open(&args.target.dir, args.reset, args.speed).await?;
    logging::init(&home.config.log)?;
    introduce(&home)?;
    let clock = Arc::clone(&home.clock) as SharedClock;
    let outcome = run_with(&args, home.config.clone(), Some(clock), &stop).await;
    home.close().await?;
    outcome
}

fn introduce(home: &Home) -> anyhow::Result<()> {
    let state = if home.is_new { "new" } else { "as it was left" };
    print(&format!(
        "The sample company's tenant ({state}) listens at {}; everything is in {}:\n  \
         workflows/    the documents: edit one and save it\n  \
         feeds/hr.csv  the HR file: edit it and save it\n  \
         usherd.yaml   the configuration, also for `usherd run --config` against `usherd sandbox`",
        home.sandbox.url(),
        home.folder.display()
    ))
}

async fn run_with(
    args: &RunArgs,
    config: Config,
    clock: Option<SharedClock>,
    stop: &CancellationToken,
) -> anyhow::Result<ExitCode> {
    let mut app = app::build(config, Purpose::Act, clock, stop.clone()).await?;
    info!(
        event = Event::Started.name(),
        version = env!("CARGO_PKG_VERSION"),
        mode = app.config.ceiling.as_str(),
        "usherd is up"
    );
    let wake = Arc::new(Notify::new());
    let listener = listen_to_signals(stop.clone(), wake.clone())?;
    let outcome = if args.once { run_once(args, &mut app, stop).await } else { run_on(&mut app, wake, stop).await };
    listener.abort();
    info!(event = Event::Stopped.name(), "usherd has stopped");
    app.close().await;
    outcome
}

/// SIGTERM and SIGINT stop, SIGHUP brings the next pass forward.
fn listen_to_signals(stop: CancellationToken, wake: Wake) -> anyhow::Result<JoinHandle<()>> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM failed")?;
    let mut hang_up = signal(SignalKind::hangup()).context("listening for SIGHUP failed")?;
    Ok(tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = tokio::signal::ctrl_c() => break,
                _ = hang_up.recv() => wake.notify_one(),
            }
        }
        info!(event = Event::Stopping.name(), "usherd finishes the action in flight and stops");
        stop.cancel();
    }))
}

/// The daemon: until SIGTERM or SIGINT.
async fn run_on(app: &mut App, wake: Wake, stop: &CancellationToken) -> anyhow::Result<ExitCode> {
    let schedule = PassSchedule::start(&app.config.pass_schedule, wake.clone()).await?;
    let mut watcher = FolderWatcher::new(wake.clone(), app.config.state.clone());
    driver::run(&mut app.engine, &wake, &mut watcher, stop).await;
    schedule.stop().await;
    Ok(ExitCode::SUCCESS)
}

async fn run_once(args: &RunArgs, app: &mut App, stop: &CancellationToken) -> anyhow::Result<ExitCode> {
    let began = app.clock.now();
    let report = driver::run_once(&mut app.engine, args.timeout.unsigned_abs(), stop).await?;
    let records = app.engine.store().actions_in(&ActionState::ALL).await?;
    let mut done: Vec<ActionRecord> = records
        .into_iter()
        .filter(|record| {
            record.changed >= began && !record.state.is_unsent() && record.state != ActionState::Superseded
        })
        .collect();
    done.sort_by(|a, b| order(a).cmp(&order(b)));
    print(&render(app, &report, &done, began))?;
    let has_failed = report.is_cut_short
        || report.last.problems > 0
        || done.iter().any(|record| record.state.is_failure() || record.state == ActionState::Ambiguous)
        || report.last.under_way.unsent > 0;
    Ok(ExitCode::from(match (has_failed, report.last.holds) {
        (true, _) => FAILED,
        (false, 0) => 0,
        (false, _) => HELD,
    }))
}

fn render(app: &App, report: &OnceReport, done: &[ActionRecord], began: Timestamp) -> String {
    let names = DisplayNames::of(app.engine.last_pass());
    let mut text = String::from("\n");
    if done.is_empty() {
        text.push_str("Nothing to do: the tenant is as the documents wish.\n");
    } else {
        let rows = done.iter().map(|record| {
            let action = &record.action;
            vec![
                action.kind.to_string(),
                outcome_of(record),
                names.resource(&action.resource),
                names.subject(&action.subject, Some(&action.user)),
                action.document.to_string(),
            ]
        });
        text.push_str(&table(&["request", "outcome", "resource", "subject", "document"], rows));
        text.push_str(&format!("\n\n{}\n", counts(done)));
    }
    if let Some(last) = app.engine.last_pass() {
        text.push_str(&super::plan::render_waiting(&last.plan, &names));
    }
    if report.is_cut_short {
        text.push_str(&format!("\nStopped before everything had come to rest (begun {began}).\n"));
    }
    text
}

/// Removals first, then by document and subject.
fn order(record: &ActionRecord) -> impl Ord {
    let action = &record.action;
    (action.kind, action.document.clone(), action.subject.clone(), action.resource.clone())
}

/// The state, and what the service says where that adds something.
fn outcome_of(record: &ActionRecord) -> String {
    if record.detail.is_empty() || record.detail == record.state.as_str() {
        record.state.to_string()
    } else {
        format!("{} ({})", record.state, record.detail)
    }
}

fn counts(done: &[ActionRecord]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for record in done {
        *counts.entry((record.action.kind, record.state.as_str())).or_insert(0_usize) += 1;
    }
    let parts: Vec<String> =
        counts.into_iter().map(|((kind, state), count)| format!("{count} {kind} {state}")).collect();
    parts.join(", ")
}

/// Brings the running daemon's next pass forward.
pub(super) fn wake_daemon(state: &Path) -> std::io::Result<()> {
    std::fs::write(state.join(crate::engine::watch::WAKE_FILE), b"")
}
