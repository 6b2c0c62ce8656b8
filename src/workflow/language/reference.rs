//! The description as a reference in Markdown, for people.

use std::fmt::{Display, Write};

use crate::workflow::attribute;
use crate::workflow::warning::Warning;

use super::forms::FORMS;
use super::gates::{FEED_GATES, PLAN_GATES};
use super::reasons::reasons;
use super::schema::{mappings_in, words_in};
use super::{Choice, KINDS, Key, Kind, Mapping, Need, Shape, prose};

/// The reference of the whole language.
pub fn reference() -> String {
    let mut parts = vec![prose::INTRODUCTION.to_owned(), contents()];
    let mut told = Vec::new();
    for kind in KINDS {
        parts.push(of_kind(kind, &mut told));
    }
    parts.push(forms());
    parts.push(prose::RULES.to_owned());
    parts.push(attributes());
    parts.push(format!("{}\n{}", prose::WARNINGS, warnings()));
    parts.push(words(
        "## Reasons\n\nWhy nothing is sent for a person and a document in a pass; `usherd plan` shows them.",
        ["Reason", "Means"],
        &reasons(),
    ));
    parts.push(words(
        "## Plan gates\n\nThe part of a plan that a gate names is held, whole, until a person decides (`usherd hold`). The figures are defaults.",
        ["Gate", "Holds"],
        PLAN_GATES,
    ));
    parts.push(words(
        "## Feed gate\n\nA delivery that breaks a rule is refused and changes nothing: the last accepted one stays in force.",
        ["Rule", "Refuses"],
        FEED_GATES,
    ));
    parts.join("\n")
}

fn contents() -> String {
    let kinds: Vec<String> =
        KINDS.iter().map(|kind| format!("[{0}](#{1})", kind.word, kind.word.to_lowercase())).collect();
    format!(
        "Kinds: {}. Then: [forms of text](#forms-of-text), [rules](#rules), [attributes](#attributes), [warnings](#warnings), [reasons](#reasons), \
         [plan gates](#plan-gates), [feed gate](#feed-gate).\n",
        kinds.join(", ")
    )
}

fn of_kind(kind: &Kind, told: &mut Vec<&'static str>) -> String {
    let mut text = format!("## {}\n\n{}\n\n```yaml\n{}```\n\n", kind.word, kind.about, kind.example);
    text.push_str(&table(kind.mapping));
    told.push(kind.mapping.name);
    let mut open = inner_mappings(kind.mapping);
    open.reverse();
    while let Some(mapping) = open.pop() {
        if told.contains(&mapping.name) {
            continue;
        }
        told.push(mapping.name);
        let _ = write!(text, "\n### {}\n\n{}\n\n{}", mapping.name, mapping.about, table(mapping));
        open.extend(inner_mappings(mapping).into_iter().rev());
    }
    text
}

/// The mappings that a mapping's keys hold, in its order.
fn inner_mappings(mapping: &Mapping) -> Vec<&'static Mapping> {
    let of_cases = mapping.cases().into_iter().flat_map(|(_, keys)| keys);
    of_cases.chain(mapping.own_keys()).flat_map(|key| mappings_in(&key.shape)).collect()
}

fn table(mapping: &Mapping) -> String {
    let mut text = String::from("| Key | Holds | Needed | Means |\n|---|---|---|---|\n");
    for key in mapping.own_keys() {
        text.push_str(&row(key, ""));
    }
    for (key, words) in keys_of_cases(mapping) {
        let words: Vec<String> = words
            .iter()
            .map(|word| match &mapping.choice {
                Choice::ByWord { key, .. } => format!("`{key}: {word}`"),
                _ => format!("`{word}`"),
            })
            .collect();
        let decides = words.len() == 1 && words.first().is_some_and(|word| *word == format!("`{}`", key.name));
        let with = if decides { "one of these".to_owned() } else { format!("with {}", words.join(", ")) };
        text.push_str(&row(key, &with));
    }
    if let Choice::AtLeastOne(keys) = mapping.choice {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(text, "\nAt least one of {} must be there.", keys.join(" and "));
    }
    text
}

/// The keys of all cases, each once with what brings it.
fn keys_of_cases(mapping: &Mapping) -> Vec<(&'static Key, Vec<&'static str>)> {
    let mut found: Vec<(&Key, Vec<&str>)> = Vec::new();
    for (word, keys) in mapping.cases() {
        for key in keys {
            let is_same = |other: &Key| {
                (other.name, other.about) == (key.name, key.about) && holds(&other.shape) == holds(&key.shape)
            };
            match found.iter_mut().find(|(other, _)| is_same(other)) {
                Some((_, words)) if words.contains(&word) => {}
                Some((_, words)) => words.push(word),
                None => found.push((key, vec![word])),
            }
        }
    }
    found
}

fn row(key: &Key, with: &str) -> String {
    let needed = match (key.need, with) {
        (Need::Required, "") => "yes".to_owned(),
        (Need::Required, with) => with.to_owned(),
        (Need::Optional, "") => "no".to_owned(),
        (Need::Optional, with) => format!("no; only {with}"),
        (Need::Default(default), "") => format!("no: `{default}`"),
        (Need::Default(default), with) => format!("no: `{default}`; only {with}"),
    };
    let words: String = words_in(&key.shape).iter().map(|word| format!(" `{}`: {}", word.word, word.about)).collect();
    format!("| `{}` | {} | {needed} | {}{words} |\n", key.name, holds(&key.shape), key.about)
}

fn holds(shape: &Shape) -> String {
    match shape {
        Shape::Text(form) => form.name.to_owned(),
        Shape::Word(words) => words.iter().map(|word| format!("`{}`", word.word)).collect::<Vec<_>>().join(", "),
        Shape::Boolean => "`true` or `false`".to_owned(),
        Shape::True => "`true`".to_owned(),
        Shape::Integer { least, most } => format!("{least} to {most}"),
        Shape::AttributeValue => "a value or `null`".to_owned(),
        Shape::AttributeValues => "a value, `null`, or a list of them".to_owned(),
        Shape::List { of, least: 0 } => format!("list of {}", holds(of)),
        Shape::List { of, .. } => format!("list of {}, not empty", holds(of)),
        Shape::Mapping(mapping) => {
            format!("[{}](#{})", mapping.name.to_lowercase(), mapping.name.to_lowercase().replace(' ', "-"))
        }
        Shape::Entries { key, of } => format!("mapping of {key} to {}", holds(of)),
        Shape::Either(shapes) => shapes.iter().map(holds).collect::<Vec<_>>().join(", or "),
    }
}

fn forms() -> String {
    let mut text = String::from("## Forms of text\n\n| Form | What it is | Such as |\n|---|---|---|\n");
    for form in FORMS {
        let examples: Vec<String> =
            form.examples.iter().map(|example| format!("`{}`", example.replace('\t', "\\t"))).collect();
        let _ = writeln!(text, "| {} | {} | {} |", form.name, form.about, cell(&examples.join(", ")));
    }
    text
}

fn attributes() -> String {
    let mut text = String::from(
        "## Attributes\n\nRules, triggers and templates may name these of the directory, and every attribute that a feed maps; where both have one, the feed's counts.\n\n\
         | Type | Attributes |\n|---|---|\n",
    );
    for (kind, names) in attribute::documented() {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(text, "| {kind} | {} |", names.join(", "));
    }
    text
}

fn warnings() -> String {
    let mut text = String::from("| Warning | Needs the tenant | Means |\n|---|---|---|\n");
    for warning in Warning::ALL {
        let needs = if warning.needs_tenant() { "yes" } else { "no" };
        let _ = writeln!(text, "| `{warning}` | {needs} | {} |", warning.meaning());
    }
    text
}

fn words<T: Display>(introduction: &str, header: [&str; 2], words: &[(&str, T)]) -> String {
    let mut text = format!("{introduction}\n\n| {} | {} |\n|---|---|\n", header[0], header[1]);
    for (word, meaning) in words {
        let _ = writeln!(text, "| `{word}` | {meaning} |");
    }
    text
}

/// Text as it may stand in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
