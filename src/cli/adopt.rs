//! `usherd adopt`: what an auto assignment's members held before usherd came becomes its own, once somebody approves it.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::domain::ids::DocumentName;

use super::Target;
use super::account::account;
use super::output::print;

/// Arguments of `usherd adopt`.
#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// The auto assignment.
    document: String,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: AdoptArgs) -> anyhow::Result<ExitCode> {
    let config = args.target.load_without_tenant()?;
    let store = app::open_ledger(&config).await?;
    let document = DocumentName::new(args.document);
    store.adopt_for(&document, &account(), SystemClock.now()).await?;
    super::run::wake_daemon(&config.state).context("the wish is kept, but the daemon could not be woken")?;
    print(&format!(
        "the next pass proposes what members of {document} hold already and usherd did not grant: `usherd hold list`"
    ))?;
    Ok(ExitCode::SUCCESS)
}
