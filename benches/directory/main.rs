//! What watching a large tenant costs: how often a pass reads, and how long it takes, when ten people change among many.
//!
//! `cargo bench --profile release --bench directory`; `USHERD_BENCH_MEMBERS` sets the size (100,000). The reads are counted by the tenant, an
//! embedded one over real HTTP; it fails when a pass between two full observations reads more than five times.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use usherd::app::{self, App, Purpose};
use usherd::clock::{ScaledClock, SharedClock};
use usherd::config;
use usherd::sandbox::{Sandbox, SandboxOptions, Seed, start};

const START: &str = "2026-11-23T09:00:00Z";
/// People who change at a time.
const CHANGES: usize = 10;
/// The most reads of a pass between two full observations.
const MOST_READS: u64 = 5;
const DOCUMENT: &str = "apiVersion: usherd/v1
kind: AutoAssignment
name: kit
mode: enforce
accessPackage: Kit
assignmentPolicy: Direct assignment
members: { anyOf: [ { group: Staff } ] }
whenMemberLeaves: immediately
";

struct Bench {
    sandbox: Sandbox,
    app: App,
    clock: Arc<ScaledClock>,
}

fn main() -> Result<()> {
    let members = match std::env::var("USHERD_BENCH_MEMBERS") {
        Ok(text) => text.parse().context("USHERD_BENCH_MEMBERS is no number")?,
        Err(_) => 100_000,
    };
    rustls::crypto::ring::default_provider().install_default().ok();
    tokio::runtime::Runtime::new()?.block_on(measure(members))
}

async fn measure(members: usize) -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut bench = Bench::start(home.path(), members).await?;
    println!("{members} members, all of whom hold the package already");
    bench.pass("the first pass, which reads everything").await?;
    bench.pass("nothing has changed").await?;
    let newcomers: Vec<String> =
        (members..members + 4 * CHANGES).map(|number| bench.user(number)).collect::<Result<_>>()?;
    for wave in newcomers.chunks(CHANGES) {
        for user in wave {
            bench.sandbox.controls().add_member("Staff", user);
        }
        bench.watch(&format!("{CHANGES} members come")).await?;
    }
    for user in newcomers.iter().take(CHANGES) {
        bench.sandbox.controls().remove_member("Staff", user);
    }
    bench.watch(&format!("{CHANGES} members go")).await?;
    bench.clock.advance(SignedDuration::from_hours(24));
    bench.pass("a full observation").await?;
    bench.app.close().await;
    bench.sandbox.stop().await;
    Ok(())
}

impl Bench {
    async fn start(home: &Path, members: usize) -> Result<Self> {
        let seed = home.join("seed.json");
        std::fs::write(&seed, tenant(members).to_string())?;
        std::fs::create_dir(home.join("workflows"))?;
        std::fs::write(home.join("workflows/kit.yaml"), DOCUMENT)?;
        let clock = Arc::new(ScaledClock::starting_at(START.parse()?, 0.0));
        let options = SandboxOptions {
            seed: Seed::File(seed),
            delivery_delay: SignedDuration::from_secs(2),
            ..SandboxOptions::contoso(Arc::clone(&clock))
        };
        let sandbox = start(options).await?;
        app::write_secret(&home.join("secret"), sandbox.client_secret())?;
        let text = format!(
            "tenant: {{ id: {}, graph: \"{url}\", login: \"{url}\", timeZone: Europe/Amsterdam, clock: sandbox }}
credentials: {{ clientId: {}, clientSecretFile: secret }}
state: {{ folder: state }}
documents: {{ folder: workflows }}
safety: {{ mode: enforce, limits: {{ documentRemovals: {{ count: 100, percent: 5 }}, tenantRemovals: {{ count: 100, percent: 5 }} }} }}
",
            sandbox.tenant_id(),
            sandbox.client_id(),
            url = sandbox.url(),
        );
        let problems = |problems: Vec<_>| anyhow::anyhow!("the configuration has {} mistakes", problems.len());
        let config = config::parse("usherd.yaml", &text, home).map_err(problems)?;
        let shared = Arc::clone(&clock) as SharedClock;
        let app = app::build(config, Purpose::Act, Some(shared), CancellationToken::new()).await?;
        Ok(Self { sandbox, app, clock })
    }

    fn user(&self, number: usize) -> Result<String> {
        self.sandbox.controls().user_id_by_employee_id(&employee(number)).context("an employee without a user")
    }

    /// Passes until what has changed is settled; none may read more than it should.
    async fn watch(&mut self, what: &str) -> Result<()> {
        for _ in 0..4 {
            let reads = self.pass(what).await?;
            ensure!(reads <= MOST_READS, "a pass read {reads} times");
            self.clock.advance(SignedDuration::from_secs(30));
        }
        Ok(())
    }

    /// One pass, and how often it read.
    async fn pass(&mut self, what: &str) -> Result<u64> {
        let controls = self.sandbox.controls();
        let (before, calls) = (controls.graph_exchanges().1, controls.graph_calls());
        let began = Instant::now();
        let report = self.app.engine.run_pass().await?;
        let (time, reads) = (began.elapsed(), controls.graph_exchanges().1 - before);
        println!(
            "  {what}: {reads} reads, {} calls, {} requests sent, {:.2} s",
            controls.graph_calls() - calls,
            report.sent,
            time.as_secs_f64()
        );
        Ok(reads)
    }
}

fn employee(number: usize) -> String {
    format!("E{number:07}")
}

fn tenant(members: usize) -> Value {
    let name = |number: usize| format!("{}@bench.example", employee(number));
    let user = |number: usize| json!({ "userPrincipalName": name(number), "displayName": employee(number), "employeeId": employee(number) });
    let holding = |number: usize| json!({ "user": name(number), "accessPackage": "Kit", "assignmentPolicy": "Direct assignment", "since": "2026-01-01T00:00:00Z" });
    json!({
        "name": "bench", "domain": "bench.example",
        "users": (0..members + 4 * CHANGES).map(user).collect::<Vec<_>>(),
        "groups": [
            { "displayName": "Staff", "members": (0..members).map(name).collect::<Vec<_>>() },
            { "displayName": "Kit Users" },
        ],
        "catalogs": [{ "displayName": "General", "catalogType": "serviceDefault" }],
        "accessPackages": [{ "displayName": "Kit", "catalog": "General", "groups": ["Kit Users"] }],
        "assignmentPolicies": [{ "displayName": "Direct assignment", "accessPackage": "Kit" }],
        "assignments": (0..members).map(holding).collect::<Vec<_>>(),
    })
}
