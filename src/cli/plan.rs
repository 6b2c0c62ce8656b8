//! `usherd plan`: what would happen now.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::plan::{Hold, Plan};

use super::Target;
use super::onlooker::Onlooker;
use super::output::{DisplayNames, Format, print, table};

/// Something would happen.
const SOMETHING: u8 = 2;
/// Something would be held.
const HELD: u8 = 3;

/// Arguments of `usherd plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    target: Target,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    output: Format,
    /// Exit with 0 when nothing would happen, 2 when something would, 3 when something would be held.
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) async fn run(args: PlanArgs) -> anyhow::Result<ExitCode> {
    let mut onlooker = Onlooker::open(&args.target).await?;
    let last = onlooker.app.engine.preview().await?;
    let text = match args.output {
        Format::Json => serde_json::to_string_pretty(&last.plan).context("writing the plan as JSON failed")?,
        Format::Text => render(&last.plan, &DisplayNames::of(Some(last))),
    };
    let code = match (&last.plan, args.detailed_exitcode) {
        (_, false) => 0,
        (plan, true) if !plan.holds.is_empty() => HELD,
        (plan, true) if !plan.actions.is_empty() => SOMETHING,
        _ => 0,
    };
    print(&text)?;
    onlooker.close().await?;
    Ok(ExitCode::from(code))
}

fn render(plan: &Plan, names: &DisplayNames) -> String {
    let mut text = if plan.actions.is_empty() {
        String::from("Nothing would be sent.\n")
    } else {
        let rows = plan.actions.iter().map(|action| {
            vec![
                action.kind.to_string(),
                names.resource(&action.resource),
                names.subject(&action.subject, Some(&action.user)),
                action.document.to_string(),
            ]
        });
        format!(
            "Would be sent:\n{}\n\n{} actions\n",
            table(&["request", "resource", "subject", "document"], rows),
            plan.actions.len()
        )
    };
    text.push_str(&render_waiting(plan, names));
    text
}

/// What a plan does not do: holds, near or notable skips, and the counts of the others.
pub(super) fn render_waiting(plan: &Plan, names: &DisplayNames) -> String {
    let mut text = String::new();
    if !plan.holds.is_empty() {
        let rows = plan.holds.iter().map(hold_row);
        let held = table(&["hold", "gate", "items", "why"], rows);
        text.push_str(&format!(
            "\nHeld, waiting for a person (`usherd hold show HASH`, `usherd hold approve HASH`):\n{held}\n"
        ));
    }
    if !plan.skips.is_empty() {
        let rows = plan.skips.iter().map(|skip| {
            vec![
                skip.document.to_string(),
                skip.subject.as_ref().map_or_else(|| "-".to_owned(), |subject| names.subject(subject, None)),
                skip.resource.as_ref().map_or_else(|| "-".to_owned(), |resource| names.resource(resource)),
                skip.reason.to_string(),
            ]
        });
        let skips = table(&["document", "subject", "resource", "reason"], rows);
        text.push_str(&format!("\nNot done, and why:\n{skips}\n"));
    }
    if !plan.counts.is_empty() {
        let rows = plan
            .counts
            .iter()
            .map(|count| vec![count.document.to_string(), count.reason.to_owned(), count.count.to_string()]);
        text.push_str(&format!("\nThe others, by reason:\n{}\n", table(&["document", "reason", "count"], rows)));
    }
    text
}

/// A hold in one line.
pub(super) fn hold_row(hold: &Hold) -> Vec<String> {
    let short = hold.hash.as_str().get(..12).unwrap_or(hold.hash.as_str());
    vec![short.to_owned(), hold.gate.as_str().to_owned(), hold.items.len().to_string(), hold.why.clone()]
}
