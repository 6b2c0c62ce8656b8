//! A good person test, and a table of broken ones.

use crate::domain::subject::{AssignedPlan, AttributeValue};
use crate::workflow::load::{SourceText, load};
use crate::workflow::person_test::PersonTest;

const FEED: &str = r#"apiVersion: usherd/v1
kind: Feed
name: hr
source: { file: hr.csv, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Id
timeZone: { default: Europe/Amsterdam }
attributes:
  department: { column: Department }
"#;
const WORKFLOW: &str = r"apiVersion: usherd/v1
kind: Workflow
name: lend-tools
category: mover
mode: enforce
trigger: { onDemand: true }
scope: { rule: userType eq 'Member' }
tasks:
  - task: addUserToGroups
    with: { groups: [Tools] }
";
const TEST: &str = r"apiVersion: usherd/v1
kind: PersonTest
name: tools
timeZone: Europe/Amsterdam
from: 2026-11-20
until: 2026-12-31
given:
  record: { department: Sales }
  user: { assignedPlans: [{ service: exchange, servicePlanId: 9AAF7827-D63C-4B61-89C3-182F06F82E5C }] }
history:
  - { on: 2026-12-01, isMissing: true }
  - { on: 2026-12-02T10:00, activated: [lend-tools] }
  - { on: 2026-12-03, record: {} }
expect:
  - { on: 2026-12-02T10:00, joins: Tools, by: lend-tools }
reasons:
  - { on: 2026-12-01, document: lend-tools, reason: noOccasion }
";

fn load_test(test: &str) -> (Vec<PersonTest>, Vec<String>) {
    let files = [("hr.yaml", FEED), ("w.yaml", WORKFLOW), ("t.yaml", test)];
    let loaded = load(&files.map(|(file, text)| SourceText { file: file.to_owned(), text: text.to_owned() }));
    (loaded.person_tests, loaded.problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_story_is_read_as_it_is_written() {
    let (tests, problems) = load_test(TEST);
    assert_eq!(problems, [""; 0]);
    let [PersonTest { given, history, .. }] = tests.as_slice() else { panic!("one test: {tests:?}") };
    let plan = AssignedPlan {
        capability_status: None,
        service: Some("exchange".to_owned()),
        service_plan_id: Some("9aaf7827-d63c-4b61-89c3-182f06f82e5c".to_owned()),
    };
    assert_eq!(given.user.get("assignedPlans"), Some(&AttributeValue::AssignedPlans(vec![plan])));
    assert_eq!(history.iter().map(|change| change.is_missing).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(history[1].activated, ["lend-tools".into()]);
    assert_eq!(history[2].record, Some([].into()));
}

#[test]
fn history_lies_within_the_test() {
    let (_, problems) = load_test(&TEST.replace("from: 2026-11-20", "from: 2026-12-01T08:00"));
    assert_eq!(problems, ["t.yaml:11:5: the test has not begun on 2026-12-01"]);
    for (until, is_within) in [("2026-12-03", true), ("2026-12-03T00:00", true), ("2026-12-02", false)] {
        let (_, problems) = load_test(&TEST.replace("until: 2026-12-31", &format!("until: {until}")));
        let told = "t.yaml:13:5: the test is over by 2026-12-03".to_owned();
        assert_eq!(problems, if is_within { vec![] } else { vec![told] }, "{until}");
    }
}

#[test]
fn mistakes_are_told_in_their_place() {
    let mut wrong = Vec::new();
    for (from, to, told) in [
        (
            "isMissing: true",
            "isMissing: false",
            "t.yaml:11:34: `isMissing` can only be true (say with `record` that it is there again)",
        ),
        (
            "isMissing: true",
            "isMissing: true, record: {}",
            "t.yaml:11:5: `isMissing` and `record` do not go together (a record that is given is there)",
        ),
        (
            "  record: { department: Sales }\n",
            "",
            "t.yaml:10:5: there is no record that could go missing on 2026-12-01 (say with `record` what HR said before)",
        ),
        (
            "2026-12-02T10:00, act",
            "2026-12-02T10:00, isMissing: true, act",
            "t.yaml:12:5: there is no record that could go missing on 2026-12-02T10:00 (say with `record` what HR said before)",
        ),
        ("[lend-tools]", "[lend-tool]", "t.yaml:12:41: there is no workflow `lend-tool` (did you mean `lend-tools`?)"),
        ("service: exchange", "servise: exchange", "t.yaml:9:29: unknown key `servise` (did you mean `service`?)"),
        (
            "service: exchange",
            "capabilityStatus: enabled",
            "t.yaml:9:47: `enabled` is not one of Enabled, Warning, Suspended, Deleted, LockedOut (did you mean `Enabled`?)",
        ),
        ("9AAF7827-D63C", "9AAF7827D63C", "t.yaml:9:63: `9AAF7827D63C-4B61-89C3-182F06F82E5C` is no GUID"),
        ("[{ service", "[x, { service", "t.yaml:9:27: `assignedPlans` must be a mapping, not text"),
        (
            "assignedPlans:",
            "assignedPlan:",
            "t.yaml:9:11: the directory has no attribute `assignedPlan` (did you mean `assignedPlans`?)",
        ),
        ("department: Sales", "department: [Sales]", "t.yaml:8:25: `department` is a single value"),
        (
            "{ assignedPlans",
            "{ otherMails: a@b.example, assignedPlans",
            "t.yaml:9:23: `otherMails` must be a list, not text (write `[…]` around it)",
        ),
        (
            "reason: noOccasion",
            "reason: noOcasion",
            "t.yaml:17:53: there is no reason `noOcasion` (did you mean `noOccasion`?)",
        ),
        (
            "joins: Tools, by: lend-tools",
            "joins: Tools, by: lend-tools, heldBy: backfil",
            "t.yaml:15:67: there is no plan gate `backfil` (did you mean `backfill`?)",
        ),
        (
            "from: 2026-11-20",
            "from: soon",
            "t.yaml:5:7: `soon` is neither a day nor a minute (write it as in 2026-12-01 or 2026-12-01T08:00, in the person's time zone)",
        ),
    ] {
        assert!(TEST.contains(from), "{from}");
        let (tests, problems) = load_test(&TEST.replace(from, to));
        if !tests.is_empty() || problems != [told] {
            wrong.push(format!("{from} became {to}: {problems:#?}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
