//! `usherd plan --documents DIR`: who would gain and lose by an edit of the documents, for a pull request.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use crate::domain::counted::counted;
use crate::engine::documents::read_folder;
use crate::engine::preview::DocumentsPreview;
use crate::plan::Hold;
use crate::plan::compare::{Comparison, DocumentChange, Edit, Fate, Outcome};
use crate::workflow::load::{SourceText, load};
use crate::workflow::problem::render;

use super::super::onlooker::Onlooker;
use super::super::output::{DisplayNames, is_colourful, print};
use super::super::sheet::{Sheet, Style};
use super::{PlanArgs, code, hold_row};

/// Every outcome with its heading, in the order of the page.
const OUTCOMES: [(Outcome, &str); 7] = [
    (Outcome::Loses, "Would lose by it"),
    (Outcome::LosesLater, "Would lose by it after the grace period"),
    (Outcome::WouldLose, "Would lose by it, if the document were not grantOnly"),
    (Outcome::Gains, "Would gain by it"),
    (Outcome::WouldChange, "Would gain or lose by it, if the document did not only observe"),
    (Outcome::Orphaned, "Would keep what is nobody's any more (`usherd document retire`)"),
    (Outcome::Disputed, "Two documents would disagree, so that nothing is done"),
];

pub(super) async fn run(args: &PlanArgs, folder: &Path) -> anyhow::Result<ExitCode> {
    let files = read_folder(folder)?;
    if !report_problems(folder, &files)? {
        return Ok(ExitCode::FAILURE);
    }
    let mut onlooker = Onlooker::open(&args.target).await?;
    let preview = onlooker.app.engine.preview_documents(files).await?;
    let text = match args.output.style() {
        Some(style) => show(&preview, style),
        None => to_json(&preview)?,
    };
    print(&text)?;
    onlooker.close().await?;
    let comparison = &preview.comparison;
    let code = code(!comparison.is_empty(), comparison.needs_a_person());
    Ok(ExitCode::from(if args.detailed_exitcode { code } else { 0 }))
}

/// Shows every mistake in its place; returns whether there is none.
fn report_problems(folder: &Path, files: &[SourceText]) -> anyhow::Result<bool> {
    let in_folder =
        |file: &SourceText| SourceText { file: folder.join(&file.file).display().to_string(), text: file.text.clone() };
    let files: Vec<SourceText> = files.iter().map(in_folder).collect();
    let loaded = load(&files);
    for problem in &loaded.problems {
        let text = files.iter().find(|file| file.file == problem.file).map_or("", |file| file.text.as_str());
        print(&render(problem, text, is_colourful()))?;
    }
    Ok(loaded.problems.is_empty())
}

/// For machines: ids only.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'p> {
    #[serde(flatten)]
    comparison: &'p Comparison,
    /// What would wait for a person under the other documents.
    holds: &'p [Hold],
}

fn to_json(preview: &DocumentsPreview) -> anyhow::Result<String> {
    let answer = Answer { comparison: &preview.comparison, holds: &preview.proposed.plan.holds };
    serde_json::to_string_pretty(&answer).context("writing the comparison as JSON failed")
}

fn show(preview: &DocumentsPreview, style: Style) -> String {
    let DocumentsPreview { proposed, comparison } = preview;
    let names = DisplayNames::of(Some(proposed));
    let mut sheet = Sheet::new(style);
    sheet.line(&summary(comparison));
    let edits = comparison.edits.iter().map(edit_row).collect();
    sheet.table("Documents", &["document", "change", "mode"], edits);
    for (outcome, heading) in OUTCOMES {
        let own = comparison.with_the_edit.iter().filter(|fate| fate.outcome == outcome);
        sheet.table(heading, &FATE, own.map(|fate| fate_row(fate, &names)).collect());
    }
    let without = comparison.without_the_edit.iter().map(|fate| {
        let mut row = vec![fate.outcome.as_str().to_owned()];
        row.extend(fate_row(fate, &names));
        row
    });
    let header: Vec<&str> = std::iter::once("what").chain(FATE).collect();
    sheet.table("Would happen now, and no longer with the edit", &header, without.collect());
    let holds = &proposed.plan.holds;
    let is_new = |hold: &&Hold| comparison.with_the_edit.iter().any(|fate| fate.held_by == Some(hold.gate));
    let held = holds.iter().filter(is_new).map(hold_row).collect();
    sheet.table("Would wait for a person", &["hold", "gate", "items", "why"], held);
    sheet.into_text()
}

const FATE: [&str; 4] = ["resource", "subject", "document", "held by"];

fn fate_row(fate: &Fate, names: &DisplayNames) -> Vec<String> {
    vec![
        names.resource(&fate.resource),
        names.subject(&fate.subject, fate.user.as_ref()),
        fate.document.to_string(),
        fate.held_by.map_or("-", |gate| gate.as_str()).to_owned(),
    ]
}

fn edit_row(edit: &Edit) -> Vec<String> {
    let change = match &edit.change {
        DocumentChange::New => "new".to_owned(),
        DocumentChange::Changed => "changed".to_owned(),
        DocumentChange::Renamed { from } => format!("was {from}"),
        DocumentChange::Gone => "gone".to_owned(),
    };
    let modes = edit.modes.map_or_else(|| "-".to_owned(), |(was, is)| format!("{was} to {is}"));
    vec![edit.document.to_string(), change, modes]
}

fn summary(comparison: &Comparison) -> String {
    let count = |outcome| {
        let own = comparison.with_the_edit.iter().filter(|fate| fate.outcome == outcome);
        own.map(|fate| &fate.subject).collect::<std::collections::BTreeSet<_>>().len()
    };
    if comparison.edits.is_empty() {
        return "These are the documents in force: nothing would change.".to_owned();
    }
    if comparison.is_empty() {
        return "Nobody would gain or lose by these documents.".to_owned();
    }
    let (gains, loses, later) = (count(Outcome::Gains), count(Outcome::Loses), count(Outcome::LosesLater));
    let gain = counted(gains, "person");
    format!("By these documents {gain} would gain something, {loses} lose something now and {later} later.")
}
