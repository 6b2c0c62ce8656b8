//! An explanation as text for people on standard output.

use std::fmt::Write;

use crate::domain::resource::Resource;

use super::Explanation;
use super::condition::{Condition, Holds};
use super::nearest::Search;
use super::value::utc;

/// The explanation as text. `who` is what the subject is called, `name` says what a package or group is called.
pub fn render(explanation: &Explanation, who: &str, name: &dyn Fn(&Resource) -> String) -> String {
    let Explanation { document, kind, file, at, verdict, conditions, search, .. } = explanation;
    let mut text = format!("{document} ({kind}, {file}) for {who} at {}\n", utc(*at));
    for finding in &verdict.0 {
        text.push_str(&format!("  => {}\n", finding.in_words(name)));
    }
    text.push('\n');
    for condition in conditions {
        write_condition(&mut text, condition, 1);
    }
    text.push('\n');
    text.push_str(&nearest(search, explanation, name));
    text
}

fn write_condition(text: &mut String, condition: &Condition, depth: usize) {
    let Condition { asks, holds, seen, from, hint, parts } = condition;
    let mark = match holds {
        Some(Holds::Yes) => "yes",
        Some(Holds::No) => "no ",
        Some(Holds::Unknown) => "?  ",
        None => "-  ",
    };
    let indent = "  ".repeat(depth);
    let seen = seen.as_ref().map(|seen| format!(": {seen}")).unwrap_or_default();
    // Writing to a string cannot fail.
    writeln!(text, "{indent}{mark} {asks}{seen}").ok();
    if let Some(from) = from {
        writeln!(text, "{indent}      from {from}").ok();
    }
    if let Some(hint) = hint {
        writeln!(text, "{indent}      hint: {hint}").ok();
    }
    for part in parts {
        write_condition(text, part, depth + 1);
    }
}

fn nearest(search: &Search, explanation: &Explanation, name: &dyn Fn(&Resource) -> String) -> String {
    let Search { nearest, candidates, searched } = search;
    let Some(nearest) = nearest else {
        return match searched {
            0 => "Nearest change: not known. What becomes of others has a say in this verdict.\n".to_owned(),
            _ => format!(
                "Nearest change: none. No set of up to {searched} of {candidates} changes (attributes, memberships, time, mode) flips it.\n"
            ),
        };
    };
    let changes: Vec<String> = nearest.changes.iter().map(ToString::to_string).collect();
    let mut text = format!(
        "Nearest change: if {}, then {} (now {}):\n",
        changes.join(", and "),
        nearest.outcome,
        explanation.outcome
    );
    for finding in &nearest.verdict.0 {
        text.push_str(&format!("  => {}\n", finding.in_words(name)));
    }
    text
}
