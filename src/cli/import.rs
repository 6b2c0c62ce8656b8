//! `usherd import`: what another system does, as documents.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::app;
use crate::domain::counted::counted;
use crate::workflow::import::{Imported, import, read};

use super::Target;
use super::new_documents::NewDocuments;
use super::onlooker::Onlooker;
use super::output::{Format, print, table};

/// An export larger than this is none.
const LARGEST_EXPORT: u64 = 64 * 1024 * 1024;

/// Arguments of `usherd import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// Microsoft Entra Lifecycle Workflows: from a file of exported JSON, or from the tenant itself.
    LifecycleWorkflows(LifecycleWorkflowsArgs),
}

#[derive(Debug, Args)]
struct LifecycleWorkflowsArgs {
    /// A workflow, a list of workflows, or Graph's {"value": […]}, each with its tasks and executionConditions.
    #[arg(value_name = "FILE", required_unless_present = "from_tenant", conflicts_with = "from_tenant")]
    file: Option<PathBuf>,
    /// Read the tenant's own workflows (permission LifecycleWorkflows.Read.All).
    #[arg(long)]
    from_tenant: bool,
    #[command(flatten)]
    target: Target,
    /// The folder to write the documents to.
    #[arg(long, value_name = "DIR", default_value = "imported-workflows")]
    out: PathBuf,
    /// Replace files that are there.
    #[arg(long)]
    force: bool,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(super) async fn run(args: ImportArgs) -> anyhow::Result<ExitCode> {
    let Source::LifecycleWorkflows(args) = args.source;
    let exported = match &args.file {
        Some(file) => read_export(file)?,
        None => read_tenant(&args.target).await?,
    };
    ensure!(!exported.is_empty(), "the tenant has no lifecycle workflows");
    let folder = NewDocuments::in_folder(&args.out, args.force)?;
    let imported = import(&exported, |name| folder.has(&format!("{name}.yaml")));
    let files: Vec<(String, &str)> =
        imported.documents.iter().map(|document| (document.file(), document.text.as_str())).collect();
    folder.write(files.iter().map(|(file, text)| (file.as_str(), *text)))?;
    print(&match args.output {
        Format::Json => serde_json::to_string_pretty(&imported).context("writing the result as JSON failed")?,
        Format::Text => render(&imported, exported.len(), &args.out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn read_export(file: &Path) -> anyhow::Result<Vec<Value>> {
    let mut text = String::new();
    let opened = std::fs::File::open(file).with_context(|| format!("opening {} failed", file.display()))?;
    opened
        .take(LARGEST_EXPORT + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("reading {} failed", file.display()))?;
    ensure!(text.len() as u64 <= LARGEST_EXPORT, "{} is larger than {LARGEST_EXPORT} bytes", file.display());
    read(&text).with_context(|| format!("{} cannot be imported", file.display()))
}

async fn read_tenant(target: &Target) -> anyhow::Result<Vec<Value>> {
    let onlooker = Onlooker::open(target).await?;
    let workflows = app::lifecycle_workflows(&onlooker.app.config)?.workflows().await;
    onlooker.close().await?;
    workflows.context("the tenant's workflows cannot be read; the application needs LifecycleWorkflows.Read.All")
}

fn render(imported: &Imported, exported: usize, folder: &Path) -> String {
    let documents = imported.documents.len();
    let (written, read) = (counted(documents, "document"), counted(exported, "workflow"));
    let mut text = format!("{written} from {read}, in {}\n", folder.display());
    if documents > 0 {
        let rows = imported.documents.iter().map(|document| vec![document.file(), document.workflow.clone()]);
        text.push_str(&format!("\n{}\n", table(&["file", "workflow"], rows)));
    }
    if !imported.leftovers.is_empty() {
        text.push_str("\nWithout an equivalent:\n");
    }
    for leftover in &imported.leftovers {
        let place = leftover.document.as_ref().map_or("not written".to_owned(), |name| format!("{name}.yaml"));
        text.push_str(&format!("\n{} ({place})\n  {}\n  {}\n", leftover.workflow, leftover.what, leftover.why));
    }
    if documents > 0 {
        text.push_str(
            "\nThe documents only observe. Read them, move them to the documents folder, compare `usherd plan` with what \
             Lifecycle Workflows does, switch its workflow off, and set `mode: enforce`.\n",
        );
    }
    text
}
