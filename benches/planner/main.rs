//! How fast a pass is planned, and what memory it takes.
//!
//! `cargo bench --profile release --bench planner`; `USHERD_BENCH_SUBJECTS` sets the size (100,000), `USHERD_BENCH_DOCUMENTS` how many
//! documents (100). Time comes with its ratio to a bare walk that reads one attribute of every subject for every document, since machines
//! differ; memory with its growth from a tenth of the subjects to all of them.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod documents;
mod population;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use usherd::plan::ledger::Ledger;
use usherd::plan::limits::Limits;
use usherd::plan::observed::Observed;
use usherd::plan::plan;
use usherd::workflow::definition::Definitions;

const NOW: &str = "2026-11-24T12:00:00Z";
const SINCE: &str = "2017-01-01T00:00:00Z";

struct Company {
    definitions: Definitions,
    observed: Observed,
    ledger: Ledger,
    now: Timestamp,
}

/// What one pass cost.
struct Cost {
    time: Duration,
    /// Megabytes at the highest point over what stood before; `None` where the system does not tell.
    memory: Option<f64>,
}

fn main() -> Result<()> {
    let subjects = number("USHERD_BENCH_SUBJECTS", 100_000)?;
    let count = number("USHERD_BENCH_DOCUMENTS", 100)?;
    let small = measure(subjects / 10, count)?;
    let large = measure(subjects, count)?;
    println!("\ngrowth from {} to {subjects} subjects:", subjects / 10);
    println!("  time    x {:.1}", large.time.as_secs_f64() / small.time.as_secs_f64());
    if let (Some(small), Some(large)) = (small.memory, large.memory) {
        println!("  memory  x {:.1}", large / small.max(0.1));
    }
    Ok(())
}

fn measure(subjects: usize, count: usize) -> Result<Cost> {
    let company = company(subjects, count)?;
    let bare = fastest(3, || {
        walk(&company);
        Ok(())
    })?;
    reset_peak();
    let before = status("VmRSS");
    let began = Instant::now();
    let first = plan_once(&company);
    let cold = began.elapsed();
    let memory = status("VmHWM").zip(before).map(|(peak, before)| peak - before);
    ensure!(!first.actions.is_empty() || !first.holds.is_empty(), "a company of this size has something to do today");
    let time = fastest(3, || {
        let again = plan_once(&company);
        ensure!(again == first, "equal inputs gave another plan");
        Ok(())
    })?;
    let pairs = subjects * count;
    println!(
        "\n{subjects} subjects x {count} documents, {} runs, {} actions in the ledger",
        company.ledger.runs.len(),
        company.ledger.actions.len()
    );
    println!(
        "  planned in {:.2} s ({:.2} s the first time): {:.0} ns a subject and document",
        time.as_secs_f64(),
        cold.as_secs_f64(),
        time.as_secs_f64() * 1e9 / pairs as f64
    );
    println!("  a bare walk takes {:.2} s: ratio {:.1}", bare.as_secs_f64(), time.as_secs_f64() / bare.as_secs_f64());
    println!(
        "  {} actions, {} holds, {} listed reasons, {} counted",
        first.actions.len(),
        first.holds.len(),
        first.skips.len(),
        first.counts.len()
    );
    match memory {
        Some(memory) => println!(
            "  memory at the highest point: {memory:.0} MB over the inputs, {:.0} bytes a subject",
            memory * 1e6 / subjects as f64
        ),
        None => println!("  memory: unknown, this system has no /proc/self/status"),
    }
    Ok(Cost { time, memory })
}

fn company(subjects: usize, count: usize) -> Result<Company> {
    let now: Timestamp = NOW.parse()?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let definitions = documents::definitions(count)?;
    let observed = population::observed(subjects, today, now)?;
    let ledger = population::ledger(&definitions, &observed, today, SINCE.parse()?)?;
    Ok(Company { definitions, observed, ledger, now })
}

fn plan_once(company: &Company) -> usherd::plan::Plan {
    plan(&company.definitions, &company.observed, &company.ledger, &Limits::default(), company.now)
}

/// For every document, one attribute of every person by its name: less than any planner can do.
fn walk(company: &Company) {
    let mut found = 0_usize;
    for _ in 0..company.definitions.workflows.len() + company.definitions.auto_assignments.len() {
        for person in company.observed.feeds.values().flat_map(|feed| &feed.persons) {
            found += usize::from(person.attributes.contains_key("department"));
        }
    }
    std::hint::black_box(found);
}

fn fastest(times: usize, mut run: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..times {
        let began = Instant::now();
        run()?;
        best = best.min(began.elapsed());
    }
    Ok(best)
}

/// Lets the highest point begin anew (proc(5), clear_refs).
fn reset_peak() {
    // Where it cannot be written, the highest point is that of the whole process: too large, never too small.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A figure of `/proc/self/status` in megabytes.
fn status(name: &str) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1000.0)
}

fn number(variable: &str, otherwise: usize) -> Result<usize> {
    match std::env::var(variable) {
        Ok(text) => text.parse().with_context(|| format!("{variable} is no number")),
        Err(_) => Ok(otherwise),
    }
}
