//! `usherd activate`: a workflow runs for people because an operator says so.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::engine::activate::Activated;

use super::Target;
use super::account::account;
use super::onlooker::Onlooker;
use super::output::{print, table};
use super::run::wake_daemon;

/// Arguments of `usherd activate`.
#[derive(Debug, Args)]
pub(super) struct ActivateArgs {
    /// The workflow's name.
    workflow: String,
    /// For whom: a sign-in name, a mail address, an object id or an employee id. May be given several times.
    #[arg(long = "user", required = true, value_name = "USER")]
    users: Vec<String>,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(args: ActivateArgs) -> anyhow::Result<ExitCode> {
    let mut onlooker = Onlooker::open_to_decide(&args.target).await?;
    let by = account();
    let activated = onlooker.app.engine.activate(&args.workflow, &args.users, &by).await;
    let state = onlooker.app.config.state.clone();
    onlooker.close().await?;
    print(&render(&args.workflow, &activated?, &by))?;
    wake_daemon(&state).context("the activation is kept, but the daemon could not be woken")?;
    Ok(ExitCode::SUCCESS)
}

fn render(workflow: &str, activated: &[Activated], by: &str) -> String {
    let rows = activated.iter().map(|activated| {
        let (subject, has_account) = match &activated.display_name {
            Some(name) => (format!("{name} ({})", activated.subject), true),
            None => (activated.subject.to_string(), false),
        };
        let outcome = match (activated.is_new, has_account) {
            (false, _) => "activated before, and not at its end yet",
            (true, true) => "activated",
            (true, false) => "activated; there is no account yet",
        };
        vec![subject, outcome.to_owned()]
    });
    let table = table(&["subject", "outcome"], rows);
    format!(
        "{table}\n\n{workflow}, wished by {by}: the next pass takes it up, where its `except` and the gates let it."
    )
}
