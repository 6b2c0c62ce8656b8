//! Person tests: what they can tell of a person reaches the planner as the daemon would read it.

use std::collections::BTreeSet;

use super::world::{FEED, workflow_of, world};
use crate::plan::coverage::Coverage;
use crate::plan::person_test::{Outcome, Tested, run};
use crate::workflow::language::KINDS;
use crate::workflow::load::{SourceText, load};

const TOOLS: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [ { rule: \"department eq 'Sales'\" }, { feed: hr } ] }
whenMemberLeaves: immediately
";
const MAIL: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: mail
mode: enforce
accessPackage: Campaign
assignmentPolicy: Direct
members: { anyOf: [ { rule: \"assignedPlans/any(a:a/service eq 'exchange' and a/capabilityStatus eq 'Enabled')\" } ] }
whenMemberLeaves: immediately
";

/// What comes of a person test, given from `given:` on, under a feed `hr` and these documents.
fn outcome(documents: &[&str], story: &str) -> Outcome {
    let head =
        "apiVersion: usherd/v1\nkind: PersonTest\nname: story\ntimeZone: UTC\nfrom: 2026-12-01\nuntil: 2026-12-31\n";
    let test = format!("{head}{story}");
    let texts = [&[FEED, &test], documents].concat();
    let files = texts.iter().enumerate();
    let files = files.map(|(number, text)| SourceText { file: format!("{number}.yaml"), text: (*text).to_owned() });
    outcome_of(&files.collect::<Vec<_>>())
}

fn outcome_of(files: &[SourceText]) -> Outcome {
    let loaded = load(files);
    assert_eq!(loaded.problems, []);
    let mut world = world("2020-01-01T00:00:00Z", &[]);
    world.definitions = loaded.definitions;
    world.in_force_since(world.now);
    let asked: BTreeSet<String> = ["assignedPlans", "department", "country"].map(str::to_owned).into();
    let tested = Tested { definitions: &world.definitions, directory_attributes: &asked };
    let records = world.ledger.documents.values().cloned().collect();
    run(tested, records, &loaded.person_tests[0], &mut Coverage::of(&world.definitions)).unwrap()
}

/// Nothing but what the story expects comes of it, which is something.
#[track_caller]
fn check(documents: &[&str], story: &str) {
    let outcome = outcome(documents, story);
    assert_eq!(outcome.differences, [], "{outcome:#?}");
    assert!(!outcome.as_expected.is_empty());
}

#[test]
fn who_goes_missing_keeps_everything_until_a_day_of_deliveries_agrees() {
    let gone = workflow_of("leaver", "feedChange: { feed: hr, change: disappeared }");
    check(
        &[TOOLS, &gone],
        "
given:
  record: { department: Sales }
  holds: [Basics]
history:
  - { on: 2026-12-03T08:00, isMissing: true }
expect:
  - { on: 2026-12-01, gains: Tools, by: tools }
  - { on: 2026-12-04T08:00, loses: Basics, by: it }
reasons:
  - { on: 2026-12-04T07:59, document: it, reason: noOccasion }
  - { on: 2026-12-04T07:59, document: tools, reason: satisfied }
  - { on: 2026-12-31, document: tools, reason: satisfied }
",
    );
}

#[test]
fn who_comes_back_has_not_been_away() {
    let gone = workflow_of("leaver", "feedChange: { feed: hr, change: disappeared }");
    check(
        &[&gone],
        "
given:
  record: { department: Sales }
  holds: [Basics]
history:
  - { on: 2026-12-03T08:00, isMissing: true }
  - { on: 2026-12-04T07:59, record: {} }
  - { on: 2026-12-05T08:00, isMissing: true }
  - { on: 2026-12-05T10:00, record: {} }
  - { on: 2026-12-05T12:00, isMissing: true }
expect:
  - { on: 2026-12-06T12:00, loses: Basics, by: it }
",
    );
}

#[test]
fn a_record_that_is_there_again_is_in_every_delivery_from_then_on() {
    let members_of_the_feed = TOOLS.replace("{ rule: \"department eq 'Sales'\" }, ", "");
    for (back, gains) in
        [("  - { on: 2026-12-03T09:00, record: {} }\n", "[{ on: 2026-12-07, gains: Tools, by: tools }]"), ("", "[]")]
    {
        let story = format!(
            "
given: {{ record: {{ department: Sales }}, hasAccount: false }}
history:
  - {{ on: 2026-12-03T08:00, isMissing: true }}
{back}  - {{ on: 2026-12-07, hasAccount: true }}
expect: {gains}
"
        );
        let outcome = outcome(&[&members_of_the_feed], &story);
        assert_eq!(outcome.differences, [], "{outcome:#?}");
    }
}

#[test]
fn a_missing_record_changes_only_once_it_is_there_again() {
    check(
        &[TOOLS],
        "
given: { record: { department: Sales } }
history:
  - { on: 2026-12-03, isMissing: true }
  - { on: 2026-12-10, user: { department: Board } }
  - { on: 2026-12-12, record: { department: Sales } }
expect:
  - { on: 2026-12-01, gains: Tools, by: tools }
",
    );
}

#[test]
fn what_an_operator_activates_runs_at_once() {
    let lend = workflow_of("mover", "onDemand: true");
    for (given, reason) in
        [("record: { department: Sales }", "noOccasion"), ("user: { department: Sales }", "noOccasion")]
    {
        let story = format!(
            "
given: {{ {given} }}
history:
  - {{ on: 2026-12-02T10:00, activated: [it] }}
expect:
  - {{ on: 2026-12-02T10:00, gains: Basics, by: it }}
reasons:
  - {{ on: 2026-12-01, document: it, reason: {reason} }}
"
        );
        check(&[&lend], &story);
    }
    // It stands for three days where there is no account yet.
    for (account, expect) in
        [("2026-12-05T09:00", "[{ on: 2026-12-05T09:00, gains: Basics, by: it }]"), ("2026-12-05T10:01", "[]")]
    {
        let story = format!(
            "
given: {{ record: {{ department: Sales }}, hasAccount: false }}
history:
  - {{ on: 2026-12-02T10:00, activated: [it] }}
  - {{ on: {account}, hasAccount: true }}
expect: {expect}
reasons:
  - {{ on: 2026-12-02T10:00, document: it, reason: noUser }}
"
        );
        let outcome = outcome(&[&lend], &story);
        assert_eq!(outcome.differences, [], "{account}: {outcome:#?}");
    }
}

#[test]
fn service_plans_decide_where_a_rule_asks_for_them() {
    check(
        &[MAIL],
        "
given: {}
history:
  - { on: 2026-12-02T10:00, user: { assignedPlans: [{ service: teams, capabilityStatus: Enabled }] } }
  - { on: 2026-12-03T10:00, user: { assignedPlans: [{ service: teams }, { service: exchange, capabilityStatus: Enabled }] } }
  - { on: 2026-12-04T10:00, user: { assignedPlans: [{ service: exchange, capabilityStatus: Suspended }] } }
expect:
  - { on: 2026-12-03T10:00, gains: Campaign, by: mail }
  - { on: 2026-12-04T10:00, loses: Campaign, by: mail }
",
    );
}

#[test]
fn the_example_of_the_reference_keeps_its_promises() {
    let files = KINDS.iter().map(|kind| SourceText { file: kind.word.to_owned(), text: kind.example.to_owned() });
    let mut files: Vec<SourceText> = files.collect();
    let feed = files.iter().find(|file| file.file == "Feed").unwrap();
    let contractors = feed.text.replace("name: hr", "name: contractors");
    files.push(SourceText { file: "contractors".to_owned(), text: contractors });
    let outcome = outcome_of(&files);
    assert_eq!(outcome.differences, [], "{outcome:#?}");
    assert_eq!(outcome.as_expected.len(), 2);
}
