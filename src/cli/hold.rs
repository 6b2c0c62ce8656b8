//! `usherd hold`: what waits for a person, and the person's decision.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::domain::ids::HoldHash;
use crate::domain::resource::Resource;
use crate::plan::ledger::{Ledger, PinKey};
use crate::store::{HoldDecision, HoldRecord};

use super::Target;
use super::account::account;
use super::output::{DisplayNames, Format, print, table};

/// Arguments of `usherd hold`.
#[derive(Debug, Args)]
pub(super) struct HoldArgs {
    #[command(subcommand)]
    command: HoldCommand,
}

#[derive(Debug, Subcommand)]
enum HoldCommand {
    /// Every hold that waits.
    List {
        #[command(flatten)]
        target: Target,
        /// How to answer.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// What a hold holds.
    Show {
        /// The hold's hash, or its beginning.
        hash: String,
        #[command(flatten)]
        target: Target,
        /// How to answer.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Let the next pass do what the hold holds.
    Approve {
        /// The hold's hash, or its beginning.
        hash: String,
        #[command(flatten)]
        target: Target,
    },
    /// Say no to what the hold holds, for good.
    Reject {
        /// The hold's hash, or its beginning.
        hash: String,
        #[command(flatten)]
        target: Target,
    },
}

pub(super) async fn run(args: HoldArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        HoldCommand::List { target, output } => list(&target, output).await?,
        HoldCommand::Show { hash, target, output } => show(&target, &hash, output).await?,
        HoldCommand::Approve { hash, target } => decide(&target, hash, true).await?,
        HoldCommand::Reject { hash, target } => decide(&target, hash, false).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(target: &Target, output: Format) -> anyhow::Result<()> {
    let store = app::open_ledger(&target.load_without_tenant()?).await?;
    let holds = store.holds().await?;
    if output == Format::Json {
        return print_json(&holds);
    }
    if holds.is_empty() {
        return print("No hold waits for a person.");
    }
    let rows = holds.iter().map(|record| {
        let mut row = super::plan::hold_row(&record.hold);
        row.push(record.raised.to_string());
        row.push(state(record).to_owned());
        row
    });
    print(&table(&["hold", "gate", "items", "why", "raised", "state"], rows))
}

async fn show(target: &Target, hash: &str, output: Format) -> anyhow::Result<()> {
    let store = app::open_ledger(&target.load_without_tenant()?).await?;
    let mut holds = store.holds().await?;
    holds.retain(|record| record.hold.hash.as_str().starts_with(hash));
    let [record] = holds.as_slice() else {
        anyhow::bail!("{} open holds begin with {hash}; `usherd hold list` shows them", holds.len());
    };
    if output == Format::Json {
        return print_json(std::slice::from_ref(record));
    }
    let names = pinned_names(&store.ledger().await?);
    let rows = record.hold.items.iter().map(|item| {
        vec![
            item.kind.to_string(),
            names.resource(&item.resource),
            item.subject.to_string(),
            item.user.to_string(),
            item.document.to_string(),
        ]
    });
    print(&format!(
        "hold    {}\ngate    {}\nwhy     {}\nraised  {}\nstate   {}\n\n{}",
        record.hold.hash,
        record.hold.gate.as_str(),
        record.hold.why,
        record.raised,
        state(record),
        table(&["request", "resource", "subject", "user", "document"], rows)
    ))
}

async fn decide(target: &Target, hash: String, approve: bool) -> anyhow::Result<()> {
    let config = target.load_without_tenant()?;
    let store = app::open_ledger(&config).await?;
    let decision = HoldDecision { approve, by: account() };
    store.decide_hold(&HoldHash::new(hash.clone()), &decision, SystemClock.now()).await?;
    super::run::wake_daemon(&config.state).context("the decision is kept, but the daemon could not be woken")?;
    let effect = if approve { "the next pass sends what it still wants of it" } else { "it is not raised again" };
    let word = if approve { "approved" } else { "rejected" };
    print(&format!("hold {hash} is {word} by {}; {effect}", decision.by))
}

fn state(record: &HoldRecord) -> &'static str {
    if record.approved { "approved" } else { "open" }
}

/// The names the documents use for packages and groups, from the ledger's pins.
fn pinned_names(ledger: &Ledger) -> DisplayNames {
    DisplayNames::of_resources(ledger.pins.iter().filter_map(|(pin, id)| match pin {
        PinKey::Package { name } => Some((Resource::Package(id.as_str().into()), name.clone())),
        PinKey::Group { name } => Some((Resource::Group(id.as_str().into()), name.clone())),
        PinKey::Policy { .. } => None,
    }))
}

fn print_json(holds: &[HoldRecord]) -> anyhow::Result<()> {
    let holds: Vec<serde_json::Value> = holds
        .iter()
        .map(|record| serde_json::json!({ "hold": record.hold, "raised": record.raised, "state": state(record) }))
        .collect();
    print(&serde_json::to_string_pretty(&holds).context("writing the holds as JSON failed")?)
}
