//! What came of person tests: expected and actual side by side, and what no test reached.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cli::output::table;
use crate::plan::coverage::{Coverage, Part, PartPlace, Sightings};
use crate::plan::person_test::{Difference, Happened};
use crate::workflow::definition::MemberSource;
use crate::workflow::load::Loaded;
use crate::workflow::person_test::Expectation;
use crate::workflow::places::Site;
use crate::workflow::rule::Rule;

use super::Ran;

/// For people.
pub(super) fn text(ran: &[Ran<'_>], coverage: Option<&Coverage>, loaded: &Loaded) -> String {
    let mut text = String::new();
    for test in ran {
        let word = if test.has_passed() { "ok    " } else { "FAILED" };
        text.push_str(&format!("{word} {} ({} ms)\n", test.test.name, test.milliseconds));
        match &test.outcome {
            Ok(_) if test.has_passed() => {}
            Ok(_) => text.push_str(&format!("{}\n", side_by_side(test))),
            Err(error) => text.push_str(&format!("  {}: {error}\n", test.test.file)),
        }
    }
    let failed = ran.iter().filter(|test| !test.has_passed()).count();
    text.push_str(&format!("\n{} passed, {failed} failed\n", ran.len() - failed));
    if let Some(coverage) = coverage {
        text.push_str(&unreached(coverage, loaded));
    }
    text
}

/// For machines; ids are what the tests themselves call things.
pub(super) fn json(ran: &[Ran<'_>], coverage: Option<&Coverage>, loaded: &Loaded) -> Value {
    let tests: Vec<Value> = ran.iter().map(test_as_json).collect();
    let coverage = coverage.map(|coverage| {
        let parts = coverage.parts().map(|(part, seen)| {
            let (file, place) = loaded.places.find(&site(part));
            json!({ "document": part.document.as_str(), "file": file, "line": place.line, "part": described(part, loaded),
                "isReached": Coverage::is_reached(part, seen), "missing": missing(part, seen) })
        });
        parts.collect::<Vec<_>>()
    });
    json!({ "tests": tests, "coverage": coverage })
}

fn test_as_json(ran: &Ran<'_>) -> Value {
    let rows: Vec<Value> = rows(ran)
        .into_iter()
        .map(|row| json!({ "isAsExpected": row.is_as_expected, "expected": row.expected, "actual": row.actual, "line": row.line }))
        .collect();
    json!({
        "name": ran.test.name.as_str(),
        "file": ran.test.file,
        "hasPassed": ran.has_passed(),
        "error": ran.outcome.as_ref().err().map(ToString::to_string),
        "rows": rows,
    })
}

/// One expectation and what came of it, or one request nobody expected.
struct Row {
    is_as_expected: bool,
    expected: String,
    actual: String,
    line: Option<usize>,
    order: String,
}

fn rows(ran: &Ran<'_>) -> Vec<Row> {
    let Ok(outcome) = &ran.outcome else { return Vec::new() };
    let as_expected = outcome.as_expected.iter().map(|(happened, line)| {
        let text = happened_text(happened);
        Row { is_as_expected: true, order: text.clone(), expected: text.clone(), actual: text, line: Some(*line) }
    });
    let mut rows: Vec<Row> = as_expected.chain(outcome.differences.iter().map(difference_row)).collect();
    rows.sort_by(|left, right| left.order.cmp(&right.order));
    rows
}

fn difference_row(difference: &Difference) -> Row {
    let (expected, actual, line) = match difference {
        Difference::Missing { expected, reasons } => {
            let actual = format!("nothing; {} says {}", expected.by, codes(reasons));
            (expectation_text(expected), actual, Some(expected.line))
        }
        Difference::Unexpected(happened) => ("nothing".to_owned(), happened_text(happened), None),
        Difference::OtherReason { expected, reasons } => {
            let text = format!("{} {} says {}", expected.on, expected.document, expected.code);
            (text, format!("{} {} says {}", expected.on, expected.document, codes(reasons)), Some(expected.line))
        }
    };
    let order = if line.is_some() { expected.clone() } else { actual.clone() };
    Row { is_as_expected: false, expected, actual, line, order }
}

fn side_by_side(ran: &Ran<'_>) -> String {
    let rows = rows(ran).into_iter().map(|row| {
        let place = row.line.map_or_else(|| ran.test.file.clone(), |line| format!("{}:{line}", ran.test.file));
        vec![if row.is_as_expected { "" } else { "≠" }.to_owned(), row.expected, row.actual, place]
    });
    table(&["", "expected", "actual", "where"], rows)
}

fn happened_text(happened: &Happened) -> String {
    let Happened { at, effect, name, by, held_by, .. } = happened;
    let held = held_by.map(|gate| format!(", held by {}", gate.as_str())).unwrap_or_default();
    format!("{} {} {name} by {by}{held}", at.strftime("%Y-%m-%dT%H:%M"), effect.as_str())
}

fn expectation_text(expected: &Expectation) -> String {
    let Expectation { on, effect, name, by, held_by, .. } = expected;
    let held = held_by.as_ref().map(|gate| format!(", held by {gate}")).unwrap_or_default();
    format!("{on} {} {name} by {by}{held}", effect.as_str())
}

fn codes(reasons: &BTreeSet<&'static str>) -> String {
    if reasons.is_empty() {
        return "nothing".to_owned();
    }
    reasons.iter().copied().collect::<Vec<_>>().join(", ")
}

/// What no test reached, and how much was.
fn unreached(coverage: &Coverage, loaded: &Loaded) -> String {
    let is_reached = |(part, seen): &(&Part, Sightings)| Coverage::is_reached(part, *seen);
    let (reached, open): (Vec<_>, Vec<_>) = coverage.parts().partition(is_reached);
    let (reached, all) = (reached.len(), reached.len() + open.len());
    let mut text = format!("\n{reached} of {all} conditions and tasks reached\n");
    if !open.is_empty() {
        let rows = open.into_iter().map(|(part, seen)| {
            let (file, place) = loaded.places.find(&site(part));
            vec![format!("{file}:{}", place.line), described(part, loaded), missing(part, seen).to_owned()]
        });
        text.push_str(&format!("{}\n", table(&["where", "condition or task", "not seen"], rows)));
    }
    text
}

fn missing(part: &Part, seen: Sightings) -> &'static str {
    let is_effect = Coverage::is_reached(part, Sightings { yes: true, no: false });
    match (seen.yes, seen.no) {
        (false, _) if is_effect => "done",
        (false, true) => "true",
        (true, false) if !is_effect => "false",
        (false, false) => "true, false",
        (true, _) => "",
    }
}

/// Where in its document a part stands.
fn site(part: &Part) -> Site {
    let document = Site::of(&part.document);
    let source = |place: usize| document.key("members").key("anyOf").item(place);
    match &part.place {
        PartPlace::ScopeRule(begin, end) => document.key("scope").key("rule").within(&(*begin..*end)),
        PartPlace::ScopeGroup(place) => document.key("scope").key("groups").item(*place),
        PartPlace::SourceRule(place, begin, end) => source(*place).key("rule").within(&(*begin..*end)),
        PartPlace::Source(place) => source(*place),
        PartPlace::Task(place) => document.key("tasks").item(*place),
        PartPlace::Gives => document.key("accessPackage"),
        PartPlace::Takes => document.key("whenMemberLeaves"),
    }
}

/// What a part says.
fn described(part: &Part, loaded: &Loaded) -> String {
    let workflow = loaded.definitions.workflows.iter().find(|workflow| workflow.header.name == part.document);
    let auto = loaded.definitions.auto_assignments.iter().find(|auto| auto.header.name == part.document);
    let source_rule = |place: usize| match auto.and_then(|auto| auto.any_of.get(place)) {
        Some(MemberSource::Rule(rule)) => Some(rule),
        _ => None,
    };
    let condition = |rule: Option<&Rule>, begin: usize| {
        let conditions = rule.map(|rule| rule.expression().conditions()).unwrap_or_default();
        let found = conditions.into_iter().find(|condition| condition.span.start == begin);
        found.map_or_else(|| "condition".to_owned(), |condition| condition.value.to_string())
    };
    match &part.place {
        PartPlace::ScopeRule(begin, _) => condition(workflow.and_then(|workflow| workflow.scope.rule.as_ref()), *begin),
        PartPlace::ScopeGroup(place) => format!("scope group {}", place + 1),
        PartPlace::SourceRule(place, begin, _) => condition(source_rule(*place), *begin),
        PartPlace::Source(place) => format!("member source {}", place + 1),
        PartPlace::Task(place) => format!("task {}", place + 1),
        PartPlace::Gives => "gives its package".to_owned(),
        PartPlace::Takes => "takes its package".to_owned(),
    }
}
