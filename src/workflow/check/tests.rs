//! Seeded defects, each found in its place with its words; and sets that look like them and are sound.

use std::collections::{BTreeMap, BTreeSet};

use super::tenant::NamedGroup;
use super::*;
use crate::domain::entitlement::{AccessPackage, AssignmentPolicy, Question};
use crate::domain::ids::{GroupId, PackageId};
use crate::workflow::load::{SourceText, load};
use crate::workflow::problem::{Place, Severity, render};
use crate::workflow::warning::Warning;

/// A workflow of one file.
fn workflow(name: &str, category: &str, trigger: &str, scope: &str, tasks: &[&str]) -> (String, String) {
    let tasks: String = tasks.iter().map(|task| format!("  - {task}\n")).collect();
    let text = format!(
        "apiVersion: usherd/v1\nkind: Workflow\nname: {name}\ncategory: {category}\nmode: enforce\ntrigger: {trigger}\nscope: {scope}\ntasks:\n{tasks}"
    );
    (format!("{name}.yaml"), text)
}

/// An auto assignment of one file, by `Direct assignment`.
fn auto(name: &str, package: &str, members: &str) -> (String, String) {
    let text = format!(
        "apiVersion: usherd/v1\nkind: AutoAssignment\nname: {name}\nmode: enforce\naccessPackage: {package}\nassignmentPolicy: Direct assignment\n\
         members: {{ anyOf: [{members}] }}\nwhenMemberLeaves: immediately\n"
    );
    (format!("{name}.yaml"), text)
}

const HIRED: &str = "{ timeBasedAttribute: employeeHireDate, offsetInDays: 0 }";
const MOVED: &str = "{ attributeChange: { attributes: [department] } }";
const EVERYBODY: &str = "{ rule: \"userType eq 'Member'\" }";

fn give(package: &str, policy: &str, more: &str) -> String {
    format!(
        "{{ task: requestAccessPackageAssignment, with: {{ accessPackage: {package}, assignmentPolicy: {policy}{more} }} }}"
    )
}

fn take(package: &str) -> String {
    format!("{{ task: removeAccessPackageAssignment, with: {{ accessPackage: {package} }} }}")
}

fn add_to(group: &str) -> String {
    format!("{{ task: addUserToGroups, with: {{ groups: [{group}] }} }}")
}

fn remove_from(group: &str) -> String {
    format!("{{ task: removeUserFromGroups, with: {{ groups: [{group}] }} }}")
}

fn package(id: &str, name: &str, excludes: &[&str]) -> AccessPackage {
    let incompatible_with = excludes.iter().map(|other| PackageId::from(*other)).collect();
    AccessPackage { id: id.into(), display_name: name.to_owned(), incompatible_with }
}

fn policy(id: &str, name: &str, package: &str) -> AssignmentPolicy {
    AssignmentPolicy {
        id: id.into(),
        display_name: name.to_owned(),
        package: package.into(),
        is_automatic: name == "By the service",
        needs_approval: name == "With approval",
        questions: Vec::new(),
    }
}

/// Basics, Kit (which excludes Tools), Tools, and two that are called Twin; the groups G and H, and two that are called Pair.
fn tenant() -> Tenant {
    let region = Question {
        id: "q-1".to_owned(),
        text: "Which region?".to_owned(),
        is_required: true,
        choices: vec!["North".to_owned(), "South".to_owned()],
    };
    let mut asking = policy("po-5", "Asking", "p-basics");
    asking.questions = vec![region];
    Tenant {
        packages: vec![
            package("p-basics", "Basics", &[]),
            package("p-kit", "Kit", &["p-tools"]),
            package("p-tools", "Tools", &[]),
            package("p-twin-1", "Twin", &[]),
            package("p-twin-2", "Twin", &[]),
        ],
        policies: vec![
            policy("po-1", "Direct assignment", "p-basics"),
            policy("po-2", "Direct assignment", "p-kit"),
            policy("po-3", "Direct assignment", "p-tools"),
            policy("po-4", "With approval", "p-basics"),
            policy("po-6", "By the service", "p-basics"),
            asking,
        ],
        groups: BTreeMap::from([
            ("G".to_owned(), NamedGroup::One(GroupId::from("g-1"))),
            ("g-1".to_owned(), NamedGroup::One(GroupId::from("g-1"))),
            ("H".to_owned(), NamedGroup::One(GroupId::from("g-2"))),
            ("Pair".to_owned(), NamedGroup::Several),
            ("Nowhere".to_owned(), NamedGroup::None),
        ]),
    }
}

/// A warning as a table shows it: its code, its file, what is underlined, and how its message begins.
type Expected = (&'static str, &'static str, &'static str, &'static str);

#[track_caller]
fn expect(files: &[(String, String)], tenant: Option<&Tenant>, expected: &[Expected]) {
    let sources: Vec<SourceText> =
        files.iter().map(|(file, text)| SourceText { file: file.clone(), text: text.clone() }).collect();
    let loaded = load(&sources);
    assert_eq!(loaded.problems, []);
    let found = check(&loaded, tenant);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{shown:#?}");
    for (problem, (code, file, underlined, message)) in found.iter().zip(expected) {
        let text = &sources.iter().find(|source| source.file == problem.file).unwrap().text;
        let Severity::Warning(warning) = problem.severity else { panic!("{problem}") };
        assert_eq!((warning.code(), problem.file.as_str()), (*code, *file), "{problem}");
        assert_eq!(&text[problem.span.clone()], *underlined, "{problem}");
        assert!(problem.message.starts_with(message), "{problem}");
        let place = Place::at(text, problem.span.start);
        assert_eq!((problem.line, problem.column), (place.line, place.column), "{problem}");
        assert!(render(problem, text, false).starts_with(&format!("warning[{code}]: ")));
        assert!(tenant.is_some() || !warning.needs_tenant());
    }
}

/// One workflow that gives Basics by this policy, with more arguments.
fn by_policy(policy: &str, more: &str) -> [(String, String); 1] {
    [workflow("w", "joiner", HIRED, EVERYBODY, &[&give("Basics", policy, more)])]
}

#[test]
fn what_is_given_and_taken_on_one_occasion_is_found() {
    let (give, take) = (give("Basics", "Direct assignment", ""), take("Basics"));
    let one = [workflow("w", "mover", MOVED, EVERYBODY, &[&take, &add_to("G"), &give])];
    let message = "the access package `Basics` is given here and taken on the same occasion at w.yaml:9";
    expect(&one, None, &[("givenAndTaken", "w.yaml", "Basics", message)]);
    let by_id = [workflow("w", "mover", MOVED, EVERYBODY, &[&add_to("G"), &remove_from("g-1")])];
    expect(&by_id, None, &[]);
    let message = "the group `g-1` is taken here and given on the same occasion";
    expect(&by_id, Some(&tenant()), &[("givenAndTaken", "w.yaml", "g-1", message)]);
}

#[test]
fn group_triggers_in_a_circle_are_found_once() {
    let on = |group: &str, change: &str| format!("{{ membershipChange: {{ group: {group}, change: {change} }} }}");
    let pair = |second: &str| {
        [
            workflow("v", "mover", &on("G", "added"), EVERYBODY, &[&add_to("H")]),
            workflow("w", "mover", &on("H", "added"), EVERYBODY, &[second]),
        ]
    };
    let message = "group triggers in a circle: v adds to `H`, then w adds to `G`, and again";
    let expected: Expected = ("groupCircle", "v.yaml", "H", message);
    expect(&pair(&add_to("G")), None, &[expected]);
    expect(&pair(&remove_from("G")), None, &[]);

    let endless = [
        workflow("v", "mover", &on("G", "added"), EVERYBODY, &[&remove_from("G")]),
        workflow("w", "mover", &on("G", "removed"), EVERYBODY, &[&add_to("G")]),
    ];
    expect(
        &endless,
        None,
        &[("groupCircle", "v.yaml", "G", "group triggers in a circle: v removes from `G`, then w adds")],
    );
}

#[test]
fn names_that_the_tenant_does_not_have_or_has_twice_are_found() {
    let tenant = tenant();
    let joiner = |task: &str| [workflow("w", "joiner", HIRED, EVERYBODY, &[task])];
    let package = |name: &str| joiner(&give(name, "Direct assignment", ""));
    let message = "the tenant has no access package `Basic`";
    expect(&package("Basic"), Some(&tenant), &[("packageNotFound", "w.yaml", "Basic", message)]);
    let message = "more than one access package is called `Twin`";
    expect(&package("Twin"), Some(&tenant), &[("nameAmbiguous", "w.yaml", "Twin", message)]);
    expect(&package("p-basics"), Some(&tenant), &[]);
    expect(&package("Basic"), None, &[]);
    let message = "the access package `Basics` has no assignment policy `Direct`";
    expect(&by_policy("Direct", ""), Some(&tenant), &[("policyNotFound", "w.yaml", "Direct", message)]);
    let message = "the directory has no group `Nowhere`";
    expect(&joiner(&add_to("Nowhere")), Some(&tenant), &[("groupNotFound", "w.yaml", "Nowhere", message)]);
    let members = [auto("a", "Basics", "{ group: Pair }")];
    let message = "more than one group is called `Pair`";
    expect(&members, Some(&tenant), &[("nameAmbiguous", "a.yaml", "Pair", message)]);
    let watched = workflow(
        "w",
        "mover",
        "{ membershipChange: { group: Nowhere, change: added } }",
        "{ groups: [Pair] }",
        &[&add_to("G")],
    );
    let expected: [Expected; 2] = [
        ("groupNotFound", "w.yaml", "Nowhere", "the directory has no group"),
        ("nameAmbiguous", "w.yaml", "Pair", "more than one group"),
    ];
    expect(&[watched], Some(&tenant), &expected);
    let hint =
        check(&load(&[SourceText { file: "w.yaml".to_owned(), text: package("Basic")[0].1.clone() }]), Some(&tenant));
    assert_eq!(hint[0].hint.as_deref(), Some("did you mean `Basics`?"));
}

#[test]
fn policies_that_ask_or_wait_or_are_the_services_own_are_found() {
    let tenant = tenant();
    let message = "requests by the policy `With approval` wait for an approver";
    expect(&by_policy("With approval", ""), Some(&tenant), &[("needsApproval", "w.yaml", "With approval", message)]);
    let message = "the service itself assigns by the policy `By the service`";
    expect(&by_policy("By the service", ""), Some(&tenant), &[("serviceManaged", "w.yaml", "By the service", message)]);
    let message = "the policy `Asking` asks `Which region?`, which has no answer";
    expect(&by_policy("Asking", ""), Some(&tenant), &[("answerMissing", "w.yaml", "Asking", message)]);
    let answered = |key: &str, answer: &str| by_policy("Asking", &format!(", answers: {{ \"{key}\": \"{answer}\" }}"));
    expect(&answered("Which region?", "North"), Some(&tenant), &[]);
    expect(&answered("q-1", "{{ subject.country }}"), Some(&tenant), &[]);
    let message = "`West` is none of the answers to choose from";
    expect(&answered("q-1", "West"), Some(&tenant), &[("choiceNotFound", "w.yaml", "\"West\"", message)]);
    let expected: [Expected; 2] = [
        ("answerMissing", "w.yaml", "Asking", "the policy `Asking` asks"),
        ("questionNotFound", "w.yaml", "\"North\"", "the policy `Asking` asks no question `Which city?`"),
    ];
    expect(&answered("Which city?", "North"), Some(&tenant), &expected);
}

#[test]
fn every_kind_of_warning_is_seeded_here() {
    let seeds = include_str!("tests.rs");
    let missing: BTreeSet<&str> = Warning::ALL
        .iter()
        .map(|warning| warning.code())
        .filter(|code| !seeds.contains(&format!("(\"{code}\",")))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}
