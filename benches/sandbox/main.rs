//! How the sandbox bears a large tenant: time to load a dump, requests per second and their slowest hundredth, memory.
//!
//! `cargo bench --profile release --bench sandbox`; `USHERD_BENCH_USERS` sets the size (100,000), `USHERD_BENCH_CLIENTS`
//! how many clients call at once (2), `USHERD_BENCH_SECONDS` how long each kind of call is measured (1). Every figure
//! comes with its share of what an empty handler does over the same clients, since machines differ. It fails where an
//! answer is wrong.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod calls;
mod driver;
mod generator;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use secrecy::SecretString;
use usherd::clock::ScaledClock;
use usherd::sandbox::{self, Sandbox, SandboxOptions, Seed};

use driver::Driver;
use generator::Sizes;

/// The bearer token of all calls.
const TOKEN: &str = "bench";

#[tokio::main]
async fn main() -> Result<()> {
    // reqwest asks for a provider even where no TLS is spoken.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sizes = Sizes::of(number("USHERD_BENCH_USERS", 100_000)?);
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let dump = generator::dump(folder.path(), sizes).await?;
    let Sizes { users, packages, assignments, requests } = sizes;
    println!("{users} users, {packages} packages, {assignments} assignments, {requests} requests");
    println!("the dump: {:.0} MB, made in {:.1} s", megabytes(dump.len()), began.elapsed().as_secs_f64());

    in_file(&folder.path().join("state.db"), dump.clone(), sizes).await?;

    let before = resident();
    let sandbox = start(Seed::Empty, None).await?;
    let began = Instant::now();
    sandbox.controls().load(dump).await?;
    println!("\nin memory: loaded in {:.1} s", began.elapsed().as_secs_f64());
    check(&sandbox, sizes)?;
    match (before, resident()) {
        (Some(before), Some(after)) => {
            println!("resident: {after:.0} MB after loading, {before:.0} MB before it (the dump itself among them)");
        }
        _ => println!("resident: unknown, this system has no /proc/self/status"),
    }
    let clients = number("USHERD_BENCH_CLIENTS", 2)?;
    let seconds = number("USHERD_BENCH_SECONDS", 1)?;
    let driver = Driver::start(&sandbox, clients, seconds).await?;
    driver.measure_bare().await?;
    calls::measure(&driver, &sandbox, sizes).await?;
    if let Some(resident) = resident() {
        println!("resident at the end: {resident:.0} MB, clients included");
    }
    sandbox.stop().await;
    Ok(())
}

/// The state file: loading into it, and starting from it.
async fn in_file(state: &std::path::Path, dump: Vec<u8>, sizes: Sizes) -> Result<()> {
    let sandbox = start(Seed::Empty, Some(state.to_owned())).await?;
    let began = Instant::now();
    sandbox.controls().load(dump).await?;
    println!("\nin an SQLite file: loaded in {:.1} s", began.elapsed().as_secs_f64());
    check(&sandbox, sizes)?;
    sandbox.stop().await;
    let began = Instant::now();
    let sandbox = start(Seed::Empty, Some(state.to_owned())).await?;
    let size = std::fs::metadata(state)?.len();
    let seconds = began.elapsed().as_secs_f64();
    println!("in an SQLite file: started again in {seconds:.1} s from {:.0} MB", megabytes(usize::try_from(size)?));
    check(&sandbox, sizes)?;
    sandbox.stop().await;
    Ok(())
}

async fn start(seed: Seed, state: Option<PathBuf>) -> Result<Sandbox> {
    let clock = Arc::new(ScaledClock::starting_at("2026-11-21T09:30:00Z".parse()?, 1.0));
    let token = Some(SecretString::from(TOKEN));
    let options = SandboxOptions { seed, state, developer_token: token, ..SandboxOptions::contoso(clock) };
    Ok(sandbox::start(options).await?)
}

fn check(sandbox: &Sandbox, sizes: Sizes) -> Result<()> {
    let loaded = sandbox.controls().assignments().len();
    ensure!(loaded == sizes.assignments, "{loaded} assignments were loaded");
    Ok(())
}

fn number(variable: &str, otherwise: usize) -> Result<usize> {
    match std::env::var(variable) {
        Ok(text) => text.parse().with_context(|| format!("{variable} is a number")),
        Err(_) => Ok(otherwise),
    }
}

/// The process's memory in MB, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_048_576.0
}
