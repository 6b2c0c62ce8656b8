//! The command line: what can be asked of usherd, and the exit code of each answer.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config};

mod account;
mod activate;
mod adopt;
mod document;
mod explain;
mod feed;
mod forecast;
mod hold;
mod import;
mod init;
mod logging;
mod new_documents;
mod onlooker;
mod output;
mod plan;
mod run;
mod sandbox;
mod schema;
mod sheet;
mod test;
mod validate;

/// Ushers people into and out of access: HR feeds, group membership and YAML workflows become Microsoft Entra access package requests.
#[derive(Debug, Parser)]
#[command(name = "usherd", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon. Exit codes with --once: 0 done, 3 something is held, 4 something failed.
    Run(run::RunArgs),
    /// Say what would happen now; nothing is sent or recorded.
    Plan(plan::PlanArgs),
    /// Say why something is done for somebody, or not, and what would change that. Exit code 1 when there is no such person or document.
    Explain(explain::ExplainArgs),
    /// Say who would get and lose what over the coming days; nothing is sent or recorded.
    Forecast(forecast::ForecastArgs),
    /// Report every problem of every document. Exit code 1 when there is an error.
    Validate(validate::ValidateArgs),
    /// Print the language of the documents, as a JSON Schema or as a reference.
    Schema(schema::SchemaArgs),
    /// Run the person tests beside the documents. Exit codes: 0 passed, 1 mistakes, 3 (with --coverage) something is not reached, 4 failed.
    Test(test::TestArgs),
    /// Run the embedded tenant alone.
    Sandbox(sandbox::SandboxArgs),
    /// Run a workflow for people now, whatever its trigger and scope say; `except` and the gates hold. Exit code 1 when it cannot be; then it runs for nobody.
    Activate(activate::ActivateArgs),
    /// Look at what waits for a person, and decide.
    Hold(hold::HoldArgs),
    /// Look at feeds and their deliveries, check a file before it is sent, accept one that the gate refused.
    Feed(feed::FeedArgs),
    /// Look at the documents the ledger knows, and end those that are gone.
    Document(document::DocumentArgs),
    /// Make what an auto assignment's members hold already its own, once it is approved.
    Adopt(adopt::AdoptArgs),
    /// Take over what another system does, as documents that only observe.
    Import(import::ImportArgs),
    /// Write first documents, which only observe, for a tenant that usherd is new to.
    Init(init::InitArgs),
}

/// Whose configuration a command uses.
#[derive(Debug, Args)]
struct Target {
    /// The configuration. Without it: ./usherd.yaml, else /etc/usherd/usherd.yaml.
    #[arg(long, env = "USHERD_CONFIG", value_name = "FILE", conflicts_with = "sandbox")]
    config: Option<PathBuf>,
    /// Use the embedded tenant with the sample company.
    #[arg(long)]
    sandbox: bool,
    /// The sandbox's folder.
    #[arg(long, value_name = "DIR", default_value = "./usherd-sandbox", requires = "sandbox")]
    dir: PathBuf,
}

impl Target {
    /// The configuration of a tenant elsewhere.
    fn load(&self) -> anyhow::Result<Config> {
        let path = self.config.clone().unwrap_or_else(|| {
            let here = PathBuf::from("usherd.yaml");
            if here.exists() { here } else { PathBuf::from("/etc/usherd/usherd.yaml") }
        });
        Ok(config::load(&path, output::is_colourful())?)
    }

    /// The configuration for a command that needs no tenant, only the ledger and the documents.
    fn load_without_tenant(&self) -> anyhow::Result<Config> {
        if self.sandbox { crate::app::home::config(&self.dir) } else { self.load() }
    }
}

/// Runs the command; what it returns is the process's exit code.
///
/// # Errors
/// Fails when the command could not be carried out; `main` prints the chain and exits with 1.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Run(args) => run::run(args).await,
        Command::Plan(args) => plan::run(args).await,
        Command::Explain(args) => explain::run(args).await,
        Command::Forecast(args) => forecast::run(args).await,
        Command::Validate(args) => validate::run(args).await,
        Command::Schema(args) => schema::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Sandbox(args) => sandbox::run(args).await,
        Command::Activate(args) => activate::run(args).await,
        Command::Hold(args) => hold::run(args).await,
        Command::Feed(args) => feed::run(args).await,
        Command::Document(args) => document::run(args).await,
        Command::Adopt(args) => adopt::run(args).await,
        Command::Import(args) => import::run(args).await,
        Command::Init(args) => init::run(args).await,
    }
}
