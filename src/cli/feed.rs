//! `usherd feed`: how feeds stand, whether a file would do, a person's acceptance, and a first document.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::app;
use crate::app::feeds::{self, CheckBy};
use crate::clock::{Clock, SystemClock};

use super::Target;
use super::account::account;
use super::output::{Format, print};

mod check;
mod status;

/// Arguments of `usherd feed`.
#[derive(Debug, Args)]
pub(super) struct FeedArgs {
    #[command(subcommand)]
    command: FeedCommand,
}

#[derive(Debug, Subcommand)]
enum FeedCommand {
    /// What is in force of each feed, how old it is, and what its latest deliveries came to.
    Status {
        /// Only this feed, with the figures of its latest deliveries.
        #[arg(value_name = "FEED")]
        feed: Option<String>,
        #[command(flatten)]
        target: Target,
        /// How to answer.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Accept the latest delivery although the gate refused it or lets removals wait; the next pass takes it. Who did so is kept.
    Accept {
        /// The delivery's digest, or six digits or more of its beginning.
        digest: String,
        /// The feed, where the digest does not tell.
        #[arg(long, value_name = "NAME")]
        feed: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Say what is wrong with a file before it is sent, and what would become of it; nothing is written. Exit codes: 0 good, 3 accepted with
    /// people set aside or removals waiting, 4 refused.
    Check {
        /// The file.
        file: PathBuf,
        /// The feed, where there is more than one.
        #[arg(long, value_name = "NAME", conflicts_with = "document")]
        feed: Option<String>,
        /// Check by this document alone, without a configuration and without what was delivered before.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["config", "sandbox"])]
        document: Option<PathBuf>,
        #[command(flatten)]
        target: Target,
        /// How to answer.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        output: Format,
    },
    /// Propose a feed's document from a CSV file, for a person to review; guesses say that they are guesses.
    Sample {
        /// The file.
        file: PathBuf,
    },
}

pub(super) async fn run(args: FeedArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        FeedCommand::Status { feed, target, output } => {
            let config = target.load_without_tenant()?;
            let now = app::tenant_time(&config).await.now();
            let all = feeds::status(&config, feed.as_deref(), now).await?;
            status::show(&all, feed.is_some(), output)?;
        }
        FeedCommand::Accept { digest, feed, target } => accept(&target, feed.as_deref(), &digest).await?,
        FeedCommand::Check { file, feed, document, target, output } => {
            return check(&file, feed.as_deref(), document.as_deref(), &target, output).await;
        }
        FeedCommand::Sample { file } => print(&feeds::propose(&file)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn accept(target: &Target, feed: Option<&str>, digest: &str) -> anyhow::Result<()> {
    let config = target.load_without_tenant()?;
    let now = app::tenant_time(&config).await.now();
    let accepted = feeds::accept(&config, feed, digest, account(), now).await?;
    super::run::wake_daemon(&config.state).context("the acceptance is kept, but the daemon could not be woken")?;
    print(&format!(
        "delivery {} of feed {} ({}) is accepted by {}; the next pass takes it, unless another delivery comes before or the feed's document changes",
        accepted.digest,
        accepted.feed,
        accepted.verdict,
        account()
    ))
}

async fn check(
    file: &Path,
    feed: Option<&str>,
    document: Option<&Path>,
    target: &Target,
    output: Format,
) -> anyhow::Result<ExitCode> {
    let real_now = SystemClock.real_now();
    let checked = match document {
        Some(document) => feeds::check(file, CheckBy::Document(document), real_now, real_now).await?,
        None => {
            let config = target.load_without_tenant()?;
            let now = app::tenant_time(&config).await.now();
            feeds::check(file, CheckBy::Config { config: &config, feed }, real_now, now).await?
        }
    };
    check::show(file, &checked, output)
}
