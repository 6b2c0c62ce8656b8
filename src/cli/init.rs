//! `usherd init`: first documents for a tenant that usherd is new to.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::domain::counted::counted;
use crate::plan::first_documents::{Proposal, propose};

use super::Target;
use super::new_documents::NewDocuments;
use super::onlooker::Onlooker;
use super::output::{Format, print, table};

/// Arguments of `usherd init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Read the tenant: its packages, policies, groups, and who holds what.
    #[arg(long, required = true)]
    from_tenant: bool,
    #[command(flatten)]
    target: Target,
    /// The folder to write the documents to.
    #[arg(long, value_name = "DIR", default_value = "first-documents")]
    out: PathBuf,
    /// How many groups to read the members of, the first by name.
    #[arg(long, value_name = "N", default_value_t = 500)]
    groups: usize,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(super) async fn run(args: InitArgs) -> anyhow::Result<ExitCode> {
    let onlooker = Onlooker::open(&args.target).await?;
    let survey = onlooker.app.engine.survey_tenant(args.groups).await;
    onlooker.close().await?;
    let survey = survey.context("the tenant cannot be read")?;
    let folder = NewDocuments::in_folder(&args.out, false)?;
    let proposals = propose(&survey, |name| folder.has(&file(name)));
    let files: Vec<(String, &str)> = proposals
        .iter()
        .filter_map(|proposal| Some((file(proposal.document.as_deref()?), proposal.text.as_deref()?)))
        .collect();
    folder.write(files.iter().map(|(file, text)| (file.as_str(), *text)))?;
    print(&match args.output {
        Format::Json => serde_json::to_string_pretty(&proposals).context("writing the proposals as JSON failed")?,
        Format::Text => render(&proposals, &args),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn file(document: &str) -> String {
    format!("{document}.yaml")
}

fn render(proposals: &[Proposal], args: &InitArgs) -> String {
    let rows = proposals.iter().map(|proposal| {
        let figure = |number: usize| if proposal.document.is_some() { number.to_string() } else { "-".to_owned() };
        vec![
            proposal.package.clone(),
            proposal.document.as_deref().map_or_else(|| "-".to_owned(), file),
            proposal.holders.to_string(),
            figure(proposal.matching),
            figure(proposal.only_holding),
            figure(proposal.only_matching),
            proposal.members.clone(),
        ]
    });
    let header = ["access package", "file", "holders", "members", "only hold", "only members", "by"];
    let written = proposals.iter().filter(|proposal| proposal.document.is_some()).count();
    format!(
        "{}\n\n{} in {}. They only observe, and take nothing from anybody: read them, move them to the documents \
         folder, and see what `usherd plan` says.\n",
        table(&header, rows),
        counted(written, "document"),
        args.out.display()
    )
}
