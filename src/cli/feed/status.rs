//! How feeds stand, as tables for people and as JSON.

use anyhow::Context;

use crate::app::feeds::FeedStatus;
use crate::cli::output::{Format, print, table};

const NOTHING: &str = "-";

/// Prints every feed; with `in_full`, the figures of the latest deliveries too.
pub(super) fn show(all: &[FeedStatus], in_full: bool, output: Format) -> anyhow::Result<()> {
    if output == Format::Json {
        return print(&serde_json::to_string_pretty(all).context("writing the feeds as JSON failed")?);
    }
    if all.is_empty() {
        return print("No document names a feed.");
    }
    let header =
        ["feed", "source", "in force", "rows", "people", "missing", "age", "at most", "removals", "latest", "kept"];
    let mut text = table(&header, all.iter().map(row));
    for status in all {
        text.push_str(&remarks(status));
        if in_full {
            text.push_str(&deliveries(status));
        }
    }
    print(&text)
}

fn short(digest: &str) -> String {
    digest.get(..12).unwrap_or(digest).to_owned()
}

fn row(status: &FeedStatus) -> Vec<String> {
    let in_force = status.in_force.as_ref();
    let at_most = status.max_age_seconds.map(|seconds| jiff::SignedDuration::from_secs(seconds).to_string());
    let latest = status.deliveries.first().map(|latest| format!("{} {}", latest.verdict, short(&latest.digest)));
    vec![
        status.name.clone(),
        status.source.clone(),
        in_force.map_or_else(|| "nothing yet".to_owned(), |delivery| short(&delivery.digest)),
        in_force.map_or_else(|| NOTHING.to_owned(), |delivery| delivery.rows.to_string()),
        status.people.to_string(),
        status.missing.to_string(),
        status.age().unwrap_or_else(|| NOTHING.to_owned()),
        at_most.unwrap_or_else(|| NOTHING.to_owned()),
        if status.removals_wait { "wait" } else { "go" }.to_owned(),
        latest.unwrap_or_else(|| NOTHING.to_owned()),
        format!("{} archived, {} in quarantine", status.kept.archived, status.kept.quarantined),
    ]
}

fn remarks(status: &FeedStatus) -> String {
    let mut remarks = String::new();
    let name = &status.name;
    if let Some(why) = &status.too_old {
        remarks.push_str(&format!("\n\n{name}: {why}. It stays in force; ask for a new one."));
    }
    if let Some(accepted) = &status.accepted_by_person {
        remarks.push_str(&format!(
            "\n\n{name}: {} was accepted by {} at {:.0}; the next pass takes it.",
            short(&accepted.digest),
            accepted.by,
            accepted.at
        ));
    }
    if let (Some(digest), Some(latest)) = (&status.acceptable, status.deliveries.first()) {
        let why = latest.why.as_deref().unwrap_or("it did not say why");
        remarks.push_str(&format!(
            "\n\n{name}: {} came as {}: {why}.\nIf it is right all the same: usherd feed accept {}",
            latest.file,
            latest.verdict,
            short(digest)
        ));
    }
    remarks
}

fn deliveries(status: &FeedStatus) -> String {
    let rows = status.deliveries.iter().map(|delivery| {
        vec![
            format!("{:.0}", delivery.judged),
            delivery.file.clone(),
            short(&delivery.digest),
            delivery.rows.to_string(),
            delivery.left_out.to_string(),
            delivery.verdict.clone(),
            delivery.accepted_by.as_ref().map_or_else(|| NOTHING.to_owned(), |by| format!("accepted by {by}")),
            delivery.why.clone().unwrap_or_default(),
        ]
    });
    let header = ["judged", "file", "digest", "rows", "left out", "verdict", "by a person", "why"];
    format!(
        "\n\n{}\n\narchive     {}\nquarantine  {}",
        table(&header, rows),
        status.kept.archive.display(),
        status.kept.refused_in.join("quarantine").display()
    )
}
