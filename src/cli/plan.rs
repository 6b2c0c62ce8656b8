//! `usherd plan`: what would happen now.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::domain::counted::counted;
use crate::domain::reason::Reason;
use crate::plan::{Hold, Plan};

use super::Target;
use super::onlooker::Onlooker;
use super::output::{DisplayNames, print};
use super::sheet::{Sheet, Style};

mod documents;

/// Something would happen.
const SOMETHING: u8 = 2;
/// Something would be held, or documents disagree: a person has to decide.
const HELD: u8 = 3;

/// Arguments of `usherd plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    target: Target,
    /// Plan under the documents of this folder instead, and say who would gain and lose by that.
    #[arg(long, value_name = "DIR")]
    documents: Option<PathBuf>,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    output: PlanFormat,
    /// Exit with 0 when nothing would happen, 2 when something would, 3 when something would be held or documents disagree.
    #[arg(long)]
    detailed_exitcode: bool,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// Tables for people.
    Text,
    /// JSON for machines.
    Json,
    /// Tables for a pull request.
    Markdown,
}

impl PlanFormat {
    /// The style of a page for people; JSON has none.
    fn style(self) -> Option<Style> {
        match self {
            Self::Text => Some(Style::Text),
            Self::Markdown => Some(Style::Markdown),
            Self::Json => None,
        }
    }
}

pub(super) async fn run(args: PlanArgs) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &args.documents {
        return documents::run(&args, folder).await;
    }
    let mut onlooker = Onlooker::open(&args.target).await?;
    let last = onlooker.app.engine.preview().await?;
    let plan = &last.plan;
    let text = match args.output.style() {
        Some(style) => render(plan, &DisplayNames::of(Some(last)), style),
        None => serde_json::to_string_pretty(plan).context("writing the plan as JSON failed")?,
    };
    let is_disputed = plan.skips.iter().any(|skip| matches!(skip.reason, Reason::Conflict { .. }));
    let code = code(!plan.actions.is_empty(), !plan.holds.is_empty() || is_disputed);
    print(&text)?;
    onlooker.close().await?;
    Ok(ExitCode::from(if args.detailed_exitcode { code } else { 0 }))
}

/// The detailed exit code.
fn code(happens: bool, needs_a_person: bool) -> u8 {
    match (happens, needs_a_person) {
        (_, true) => HELD,
        (true, false) => SOMETHING,
        (false, false) => 0,
    }
}

fn render(plan: &Plan, names: &DisplayNames, style: Style) -> String {
    let mut sheet = Sheet::new(style);
    if plan.actions.is_empty() {
        sheet.line("Nothing would be sent.");
    } else {
        sheet.line(&format!("{} would be sent.", counted(plan.actions.len(), "request")));
    }
    let rows = plan.actions.iter().map(|action| {
        vec![
            action.kind.to_string(),
            names.resource(&action.resource),
            names.subject(&action.subject, Some(&action.user)),
            action.document.to_string(),
        ]
    });
    sheet.table("Would be sent", &["request", "resource", "subject", "document"], rows.collect());
    show_waiting(&mut sheet, plan, names);
    sheet.into_text()
}

/// What a plan does not do, for a terminal: holds, near or notable skips, and the counts of the others.
pub(super) fn render_waiting(plan: &Plan, names: &DisplayNames) -> String {
    let mut sheet = Sheet::new(Style::Text);
    show_waiting(&mut sheet, plan, names);
    sheet.into_text()
}

fn show_waiting(sheet: &mut Sheet, plan: &Plan, names: &DisplayNames) {
    let held = "Held, waiting for a person (`usherd hold show HASH`, `usherd hold approve HASH`)";
    sheet.table(held, &["hold", "gate", "items", "why"], plan.holds.iter().map(hold_row).collect());
    let skips = plan.skips.iter().map(|skip| {
        vec![
            skip.document.to_string(),
            skip.subject.as_ref().map_or_else(|| "-".to_owned(), |subject| names.subject(subject, None)),
            skip.resource.as_ref().map_or_else(|| "-".to_owned(), |resource| names.resource(resource)),
            skip.reason.to_string(),
        ]
    });
    sheet.table("Not done, and why", &["document", "subject", "resource", "reason"], skips.collect());
    let counts = plan
        .counts
        .iter()
        .map(|count| vec![count.document.to_string(), count.reason.to_owned(), count.count.to_string()]);
    sheet.table("The others, by reason", &["document", "reason", "count"], counts.collect());
}

/// A hold in one line.
pub(super) fn hold_row(hold: &Hold) -> Vec<String> {
    let short = hold.hash.as_str().get(..12).unwrap_or(hold.hash.as_str());
    vec![short.to_owned(), hold.gate.as_str().to_owned(), hold.items.len().to_string(), hold.why.clone()]
}
