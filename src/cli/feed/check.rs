//! What a file comes to before it is sent, for people and machines.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use crate::app::feeds::Checked;
use crate::cli::output::{Format, print};

/// Good as it is.
const GOOD: u8 = 0;
/// Accepted, but some people are set aside or removals wait.
const IN_PART: u8 = 3;
/// Refused.
const REFUSED: u8 = 4;

/// Prints what is wrong and what would become of the file; the exit code says the same.
pub(super) fn show(file: &Path, checked: &Checked, output: Format) -> anyhow::Result<ExitCode> {
    let code = code(checked);
    match output {
        Format::Json => {
            let report = json!({
                "feed": checked.feed,
                "comparedWithDeliveryInForce": checked.is_compared,
                "verdict": checked.verdict.word(),
                "why": checked.verdict.why(),
                "inspection": checked.inspection,
            });
            print(&serde_json::to_string_pretty(&report).context("writing the report as JSON failed")?)?;
        }
        Format::Text => print(&text(file, checked, code))?,
    }
    Ok(ExitCode::from(code))
}

fn code(checked: &Checked) -> u8 {
    match checked.verdict.word() {
        "unchanged" => GOOD,
        "accepted" if checked.inspection.problems.is_empty() => GOOD,
        _ if checked.verdict.is_accepted() => IN_PART,
        _ => REFUSED,
    }
}

fn text(file: &Path, checked: &Checked, code: u8) -> String {
    let inspection = &checked.inspection;
    let mut text = String::new();
    for problem in &inspection.problems {
        text.push_str(&format!("{problem}\n"));
    }
    if inspection.more > 0 {
        text.push_str(&format!("… and {} more\n", inspection.more));
    }
    let name = file.display();
    match &inspection.unreadable {
        // The verdict says the same again, unless something else refuses the file first.
        Some(why) if checked.verdict.why() == Some(why.as_str()) => {
            text.push_str(&format!("{name} cannot be read by feed {}\n", checked.feed));
        }
        Some(why) => text.push_str(&format!("{name} cannot be read by feed {}: {why}\n", checked.feed)),
        None => text.push_str(&format!(
            "{name}, read by feed {}: {} rows, {} left out on purpose, {} people with a usable record\n",
            checked.feed, inspection.rows, inspection.left_out, inspection.people
        )),
    }
    let verdict = checked.verdict.word();
    text.push_str(&match (code, checked.verdict.why()) {
        (REFUSED, why) => format!("It would be REFUSED ({verdict}): {}\n", why.unwrap_or_default()),
        (IN_PART, Some(why)) => format!("It would be accepted, but removals would wait: {why}\n"),
        (IN_PART, None) => {
            "It would be accepted; the people named above would keep their last good record\n".to_owned()
        }
        _ if verdict == "unchanged" => "It is the delivery in force: nothing would change\n".to_owned(),
        _ => "It would be accepted\n".to_owned(),
    });
    text.push_str(if checked.is_compared {
        "Compared with the delivery in force. Not compared with the directory.\n"
    } else {
        "There is no delivery in force to compare it with, so only the file itself was looked at.\n"
    });
    text
}
