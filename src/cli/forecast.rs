//! `usherd forecast`: who would get and lose what over the coming days.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::engine::forecast::DELIVERED_AFTER;
use crate::plan::forecast::{Change, Forecast, Foreseen, Outlook};

use super::Target;
use super::onlooker::Onlooker;
use super::output::{DisplayNames, print, table};

mod calendar;

/// Arguments of `usherd forecast`.
#[derive(Debug, Args)]
pub(super) struct ForecastArgs {
    #[command(flatten)]
    target: Target,
    /// How far to look ahead.
    #[arg(long, value_name = "N", default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=400))]
    days: u16,
    /// How to answer.
    #[arg(long, value_enum, default_value_t = ForecastFormat::Text)]
    output: ForecastFormat,
}

/// How a forecast is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ForecastFormat {
    /// A table for people.
    Text,
    /// JSON for machines: ids only.
    Json,
    /// A calendar to subscribe to (iCalendar, RFC 5545).
    Ical,
}

pub(super) async fn run(args: ForecastArgs) -> anyhow::Result<ExitCode> {
    let mut onlooker = Onlooker::open(&args.target).await?;
    let (forecast, observed) = onlooker.app.engine.forecast(args.days).await?;
    let names = DisplayNames::of_observed(&observed);
    let text = match args.output {
        ForecastFormat::Json => serde_json::to_string_pretty(&forecast).context("writing the forecast failed")?,
        ForecastFormat::Ical => calendar::render(&forecast, &names),
        ForecastFormat::Text => render(&forecast, &names),
    };
    print(&text)?;
    onlooker.close().await?;
    Ok(ExitCode::SUCCESS)
}

fn render(forecast: &Forecast, names: &DisplayNames) -> String {
    let mut text = if forecast.changes.is_empty() {
        String::from("Nothing would change.\n")
    } else {
        let rows = forecast.changes.iter().map(|foreseen| {
            vec![
                foreseen.local_time.strftime("%a %Y-%m-%d %H:%M").to_string(),
                foreseen.at.strftime("%Y-%m-%d %H:%MZ").to_string(),
                what(foreseen),
                names.resource(&foreseen.resource),
                names.subject(&foreseen.subject, Some(&foreseen.user)),
                foreseen.document.to_string(),
                why(foreseen),
            ]
        });
        let header = ["local time", "UTC", "change", "resource", "subject", "document", "why"];
        let counts = [Change::Gains, Change::Loses].map(|change| {
            let of_it = |outlook: Option<Outlook>| {
                let is_meant = |foreseen: &&Foreseen| {
                    foreseen.change == change && outlook.is_none_or(|outlook| foreseen.outlook == outlook)
                };
                forecast.changes.iter().filter(is_meant).count()
            };
            let noun = if change == Change::Gains { "gains" } else { "losses" };
            format!("{} {noun} ({} held)", of_it(None), of_it(Some(Outlook::Held)))
        });
        format!("{}\n\n{}\n", table(&header, rows), counts.join(", "))
    };
    text.push_str(&format!(
        "\nFrom {} until {}, if nothing changes from outside; requests are taken to be delivered after {} minutes.\n",
        forecast.from.strftime("%Y-%m-%d %H:%MZ"),
        forecast.until.strftime("%Y-%m-%d %H:%MZ"),
        DELIVERED_AFTER.as_mins()
    ));
    text
}

/// What would happen, in a word, and what might keep it from happening.
fn what(foreseen: &Foreseen) -> String {
    let word = foreseen.change.as_str();
    match (foreseen.outlook, foreseen.gate) {
        (Outlook::Held, Some(gate)) => format!("{word} (held: {})", gate.as_str()),
        (Outlook::Held, None) => format!("{word} (held)"),
        (Outlook::WaitsForApproval, _) => format!("{word} (waits for approval)"),
        (Outlook::Expires, _) => format!("{word} (expires)"),
        (Outlook::Requested, _) => word.to_owned(),
    }
}

/// The occasion, or what a standing document goes by.
fn why(foreseen: &Foreseen) -> String {
    match (&foreseen.occasion, foreseen.outlook, foreseen.change) {
        (_, Outlook::Expires, _) => "the end its request gave it".to_owned(),
        (Some(occasion), ..) => format!("{} {}", occasion.trigger, occasion.value),
        (None, _, Change::Gains) => "a member".to_owned(),
        (None, _, Change::Loses) => "no longer a member".to_owned(),
    }
}
