//! `usherd document`: the documents the ledger knows, and the end of one that is gone.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::domain::ids::DocumentName;
use crate::plan::ledger::{DocumentRecord, FEED, Ledger, Retirement};
use crate::store::GrantsOfRetired;

use super::Target;
use super::account::account;
use super::output::{Format, print, table};

/// Arguments of `usherd document`.
#[derive(Debug, Args)]
pub(super) struct DocumentArgs {
    #[command(subcommand)]
    command: DocumentCommand,
}

#[derive(Debug, Subcommand)]
enum DocumentCommand {
    /// Every document the ledger knows, those that are gone too.
    List {
        #[command(flatten)]
        target: Target,
        /// How to answer.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// End a document that is gone from the folder. Its access stays and is nobody's, unless you say otherwise.
    Retire {
        /// The document.
        name: String,
        /// Propose the removal of what it granted: one hold, until somebody approves it.
        #[arg(long, conflicts_with = "to")]
        remove: bool,
        /// Make what it granted another document's.
        #[arg(long, value_name = "SUCCESSOR")]
        to: Option<String>,
        #[command(flatten)]
        target: Target,
    },
}

pub(super) async fn run(args: DocumentArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        DocumentCommand::List { target, output } => list(&target, output).await?,
        DocumentCommand::Retire { name, remove, to, target } => {
            let grants = match to {
                Some(successor) => GrantsOfRetired::GoTo(DocumentName::new(successor)),
                None if remove => GrantsOfRetired::AreRemoved,
                None => GrantsOfRetired::Stay,
            };
            retire(&target, &DocumentName::new(name), &grants).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A document for people and machines.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'l> {
    #[serde(flatten)]
    record: &'l DocumentRecord,
    /// `inForce`, `adopting`, `orphaned`, `removing` or `retired`.
    state: &'static str,
    /// Grants that stand.
    claims: usize,
    /// Runs that are not over.
    runs: usize,
    /// Bars in force.
    bars: usize,
}

impl<'l> Row<'l> {
    fn of(record: &'l DocumentRecord, ledger: &Ledger) -> Self {
        let name = &record.name;
        let runs = ledger.runs.iter().filter(|(occasion, run)| occasion.workflow == *name && !run.status.is_final());
        Self {
            record,
            state: state(record),
            claims: ledger.claims.keys().filter(|claim| claim.document == *name).count(),
            runs: runs.count(),
            bars: ledger.bars.iter().filter(|bar| bar.occasion.workflow == *name).count(),
        }
    }
}

fn state(record: &DocumentRecord) -> &'static str {
    match (record.in_force, record.retirement) {
        (true, _) if record.is_adopting => "adopting",
        (true, _) => "inForce",
        (false, None) => "orphaned",
        (false, Some(Retirement::Removing)) => "removing",
        (false, Some(Retirement::Released)) => "retired",
    }
}

async fn list(target: &Target, output: Format) -> anyhow::Result<()> {
    let store = app::open_ledger(&target.load_without_tenant()?).await?;
    let ledger = store.ledger().await?;
    let rows: Vec<Row<'_>> = ledger.documents.values().map(|record| Row::of(record, &ledger)).collect();
    if output == Format::Json {
        return print(&serde_json::to_string_pretty(&rows).context("writing the documents as JSON failed")?);
    }
    if rows.is_empty() {
        return print("The ledger knows no document yet.");
    }
    let cells = rows.iter().map(|row| {
        let record = row.record;
        let mode = match (record.kind.as_str(), record.mode == record.declared_mode) {
            (FEED, _) => "-".to_owned(),
            (_, true) => record.mode.to_string(),
            (_, false) => format!("{} (says {})", record.mode, record.declared_mode),
        };
        let version = record.hash.as_str().get(..12).unwrap_or(record.hash.as_str());
        vec![
            record.name.to_string(),
            record.kind.clone(),
            row.state.to_owned(),
            mode,
            version.to_owned(),
            record.first_seen.to_string(),
            row.claims.to_string(),
            row.runs.to_string(),
            row.bars.to_string(),
        ]
    });
    let header = ["document", "kind", "state", "mode", "version", "first seen", "claims", "runs", "bars"];
    print(&table(&header, cells))
}

async fn retire(target: &Target, name: &DocumentName, grants: &GrantsOfRetired) -> anyhow::Result<()> {
    let config = target.load_without_tenant()?;
    let store = app::open_ledger(&config).await?;
    let concerned = store.retire_document(name, grants, &account(), SystemClock.now()).await?;
    super::run::wake_daemon(&config.state).context("the decision is kept, but the daemon could not be woken")?;
    let effect = match grants {
        GrantsOfRetired::Stay => format!("{concerned} grants stay, and are nobody's"),
        GrantsOfRetired::AreRemoved => {
            format!("the removal of {concerned} grants is proposed by the next pass: `usherd hold list`")
        }
        GrantsOfRetired::GoTo(successor) => format!("{concerned} grants are {successor}'s"),
    };
    print(&format!("document {name} is retired; {effect}"))
}
