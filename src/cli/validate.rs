//! `usherd validate`: every problem of every document, and what the documents together, or the tenant, say against them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use crate::domain::counted::{agree, counted};
use crate::engine::documents::read_folder;
use crate::engine::event::chain;
use crate::workflow::check::check;
use crate::workflow::check::tenant::Tenant;
use crate::workflow::definition::Definitions;
use crate::workflow::load::{SourceText, load};
use crate::workflow::problem::{Problem, Severity, render};

use super::Target;
use super::onlooker::Onlooker;
use super::output::{Format, is_colourful, print};

/// Arguments of `usherd validate`.
#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Files and folders of documents; together they are one set.
    #[arg(value_name = "PATH", default_value = "workflows")]
    paths: Vec<PathBuf>,
    /// With --config or --sandbox, names, policies and answers are checked against that tenant.
    #[command(flatten)]
    target: Target,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// Exit with 1 for warnings too, and when the tenant that was named could not be asked.
    #[arg(long)]
    deny_warnings: bool,
}

/// What `--output json` prints.
#[derive(Serialize)]
struct Report<'r> {
    documents: usize,
    errors: usize,
    warnings: usize,
    tenant: &'r TenantCheck,
    problems: Vec<Shown<'r>>,
}

/// Whether the tenant was asked.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "why")]
enum TenantCheck {
    /// It was.
    Checked,
    /// Nobody named one.
    NotAsked,
    /// It could not be, and why.
    Failed(String),
}

/// A problem for machines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'r> {
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    file: &'r str,
    line: usize,
    column: usize,
    begins: usize,
    ends: usize,
    message: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'r str>,
}

pub(super) async fn run(args: ValidateArgs) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(read(path)?);
    }
    anyhow::ensure!(!files.is_empty(), "there is no YAML file in what was named");
    let mut loaded = load(&files);
    let (tenant, asked) = ask_tenant(&args.target, &loaded.definitions).await;
    let mut problems = std::mem::take(&mut loaded.problems);
    let errors = problems.len();
    problems.extend(check(&loaded, tenant.as_ref()));
    problems.sort();
    let warnings = problems.len() - errors;
    match args.output {
        Format::Json => {
            let shown = problems.iter().map(shown).collect();
            let report = Report { documents: files.len(), errors, warnings, tenant: &asked, problems: shown };
            print(&serde_json::to_string_pretty(&report).context("writing the problems as JSON failed")?)?;
        }
        Format::Text => {
            for problem in &problems {
                let text = files.iter().find(|file| file.file == problem.file).map_or("", |file| file.text.as_str());
                print(&render(problem, text, is_colourful()))?;
            }
            print(&summary(files.len(), loaded.broken.len(), errors, warnings, &asked))?;
        }
    }
    let is_denied = args.deny_warnings && (warnings > 0 || matches!(asked, TenantCheck::Failed(_)));
    Ok(if errors > 0 || is_denied { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn summary(documents: usize, broken: usize, errors: usize, warnings: usize, asked: &TenantCheck) -> String {
    let mut text = if errors > 0 {
        format!("\n{} in {broken} of {}", counted(errors, "problem"), counted(documents, "document"))
    } else {
        format!("{} {} valid", counted(documents, "document"), agree(&documents, "is", "are"))
    };
    if warnings > 0 {
        text.push_str(&format!(", {}", counted(warnings, "warning")));
    }
    let unchecked = "\nNot checked: whether packages, policies, groups and answers are those of the tenant";
    match asked {
        TenantCheck::Checked => {}
        TenantCheck::NotAsked => text.push_str(&format!("{unchecked} (name it with --config or --sandbox)")),
        TenantCheck::Failed(why) => text.push_str(&format!("{unchecked}, because {why}")),
    }
    text
}

/// What the tenant says, where one is named. A tenant that cannot be asked keeps no other problem from being shown.
async fn ask_tenant(target: &Target, definitions: &Definitions) -> (Option<Tenant>, TenantCheck) {
    if target.config.is_none() && !target.sandbox {
        return (None, TenantCheck::NotAsked);
    }
    let asked = async {
        let onlooker = Onlooker::open(target).await?;
        let tenant = onlooker.app.engine.tenant_names(definitions).await;
        onlooker.close().await?;
        Ok::<_, anyhow::Error>(tenant?)
    };
    match asked.await {
        Ok(tenant) => (Some(tenant), TenantCheck::Checked),
        Err(error) => (None, TenantCheck::Failed(chain(error.as_ref()))),
    }
}

fn shown(problem: &Problem) -> Shown<'_> {
    Shown {
        severity: problem.severity.as_str(),
        code: match problem.severity {
            Severity::Error => None,
            Severity::Warning(warning) => Some(warning.code()),
        },
        file: &problem.file,
        line: problem.line,
        column: problem.column,
        begins: problem.span.start,
        ends: problem.span.end,
        message: &problem.message,
        hint: problem.hint.as_deref(),
    }
}

/// Documents by the path a person can open.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<SourceText>> {
    if path.is_dir() {
        let in_folder = |file: SourceText| SourceText { file: path.join(&file.file).display().to_string(), ..file };
        return Ok(read_folder(path)?.into_iter().map(in_folder).collect());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {} failed", path.display()))?;
    Ok(vec![SourceText { file: path.display().to_string(), text }])
}
