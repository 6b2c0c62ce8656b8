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
const LEFT: &str = "{ timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }";
const MOVED: &str = "{ attributeChange: { attributes: [department] } }";
const EVERYBODY: &str = "{ rule: \"userType eq 'Member'\" }";
const SALES: &str = "{ rule: department eq 'Sales' }";

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

/// Basics, which fills H, Kit, which fills G and excludes Tools, Tools, and two that are called Twin; the groups G and H, and two that
/// are called Pair.
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
        granted_groups: BTreeMap::from([
            ("p-basics".into(), BTreeSet::from([GroupId::from("g-2")])),
            ("p-kit".into(), BTreeSet::from([GroupId::from("g-1"), GroupId::from("g-9")])),
        ]),
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

/// One workflow for people who were hired, which gives Basics.
fn scoped(scope: &str) -> [(String, String); 1] {
    [workflow("w", "joiner", HIRED, scope, &[&give("Basics", "Direct assignment", "")])]
}

/// One workflow that gives Basics by this policy, with more arguments.
fn by_policy(policy: &str, more: &str) -> [(String, String); 1] {
    [workflow("w", "joiner", HIRED, EVERYBODY, &[&give("Basics", policy, more)])]
}

#[test]
fn rules_that_nobody_or_everybody_satisfies_are_found() {
    let rule = |rule: &str| scoped(&format!("{{ rule: \"{rule}\" }}"));
    let never = "nobody can ever satisfy this rule";
    let text = "\"department eq 'Sales' and department eq 'Marketing'\"";
    expect(&rule(text.trim_matches('"')), None, &[("neverHolds", "w.yaml", text, never)]);
    let text = "\"city in ('Ghent', 'Delft') and startsWith(city, 'A')\"";
    expect(&rule(text.trim_matches('"')), None, &[("neverHolds", "w.yaml", text, never)]);
    let text = "\"city ne 'Ghent' or city ne 'Delft'\"";
    expect(&rule(text.trim_matches('"')), None, &[("alwaysHolds", "w.yaml", text, "this rule holds for everybody")]);
    let members = "{ rule: \"accountEnabled eq true and (city eq null and city eq 'Delft')\" }";
    let text = members.trim_matches(['{', '}', ' ']).trim_start_matches("rule: ");
    expect(&[auto("a", "Basics", members)], None, &[("neverHolds", "a.yaml", text, never)]);
}

#[test]
fn a_condition_that_never_matters_is_found_in_the_rule() {
    let text = "department eq 'Sales' and city ne 'Ghent' and department ne 'Marketing'";
    let message = "`department ne 'Marketing'` can never matter: the rule says the same as if it always held";
    let dead = ("deadCondition", "w.yaml", "department ne 'Marketing'", message);
    expect(&scoped(&format!("{{ rule: \"{text}\" }}")), None, &[dead]);
    let text = "city eq 'Delft' or (city eq 'Ghent' and city eq 'Breda')";
    let loaded = load(&[SourceText {
        file: "w.yaml".to_owned(),
        text: scoped(&format!("{{ rule: \"{text}\" }}"))[0].1.clone(),
    }]);
    let found = check(&loaded, None);
    assert!(!found.is_empty() && found.iter().all(|problem| problem.message.contains("never matter")), "{found:?}");
}

#[test]
fn a_trigger_and_a_scope_that_exclude_each_other_are_found() {
    let give = give("Basics", "Direct assignment", "");
    let message = "nobody for whom the trigger is due can be in scope";
    let to_marketing = "{ attributeChange: { attributes: [department], to: Marketing } }";
    let files = [workflow("w", "mover", to_marketing, SALES, &[&give])];
    expect(&files, None, &[("neverHolds", "w.yaml", "department eq 'Sales'", message)]);
    let from_sales = "{ attributeChange: { attributes: [department], from: Sales } }";
    expect(
        &[workflow("w", "mover", from_sales, SALES, &[&give])],
        None,
        &[("neverHolds", "w.yaml", "department eq 'Sales'", message)],
    );
    // From one of the two to the other.
    let from_either = "{ attributeChange: { attributes: [department], from: [Sales, Finance] } }";
    expect(&[workflow("w", "mover", from_either, SALES, &[&give])], None, &[]);
    let left_group = "{ membershipChange: { group: G, change: removed } }";
    let files = [workflow("w", "mover", left_group, "{ groups: [G] }", &[&give])];
    expect(&files, None, &[("neverHolds", "w.yaml", "[", message)]);
    expect(&[workflow("w", "mover", left_group, "{ groups: [G, H] }", &[&give])], None, &[]);
    let to_sales = to_marketing.replace("Marketing", "Sales");
    expect(&[workflow("w", "mover", &to_sales, SALES, &[&give])], None, &[]);
}

#[test]
fn a_workflow_that_fights_with_an_auto_assignment_is_found() {
    let standing = auto("standing", "Basics", "{ rule: department eq 'Sales' }");
    let take = take("Basics");
    let message = "takes the access package `Basics` from people to whom standing gives it (standing.yaml:5)";
    let fight: Expected = ("fight", "w.yaml", "Basics", message);
    let mover = |trigger: &str, scope: &str| workflow("w", "mover", trigger, scope, &[&take]);
    expect(&[standing.clone(), mover(MOVED, EVERYBODY)], None, &[fight]);
    let weekly = workflow("w", "leaver", "{ schedule: 0 6 * * MON }", EVERYBODY, &[&take]);
    expect(&[standing.clone(), weekly], None, &[fight]);
    expect(&[auto("standing", "Basics", "{ group: G }"), mover(MOVED, EVERYBODY)], None, &[fight]);

    // They are about different people, or a leaver's bar is meant to win, or nothing is done at all.
    let to_marketing = "{ attributeChange: { attributes: [department], to: Marketing } }";
    expect(&[standing.clone(), mover(to_marketing, EVERYBODY)], None, &[]);
    expect(&[standing.clone(), mover(MOVED, "{ rule: department ne 'Sales' }")], None, &[]);
    expect(&[standing.clone(), workflow("w", "leaver", LEFT, EVERYBODY, &[&take])], None, &[]);
    let out_of_group = mover("{ membershipChange: { group: G, change: removed } }", EVERYBODY);
    expect(&[auto("standing", "Basics", "{ group: G }"), out_of_group], None, &[]);
    let (file, text) = mover(MOVED, EVERYBODY);
    expect(&[standing, (file, text.replace("mode:", "isEnabled: false\nmode:"))], None, &[]);
}

#[test]
fn what_is_given_and_taken_on_one_occasion_is_found() {
    let (give, take) = (give("Basics", "Direct assignment", ""), take("Basics"));
    let one = [workflow("w", "mover", MOVED, SALES, &[&take, &add_to("G"), &give])];
    let message = "the access package `Basics` is given here and taken on the same occasion (w.yaml:9)";
    expect(&one, None, &[("givenAndTaken", "w.yaml", "Basics", message)]);

    let two = |trigger: &str, scope: &str| {
        [
            workflow("v", "mover", MOVED, SALES, &[&add_to("G")]),
            workflow("w", "mover", trigger, scope, &[&remove_from("G")]),
        ]
    };
    let message = "the group `G` is taken here and given for the same trigger (v.yaml:9)";
    expect(&two(MOVED, EVERYBODY), None, &[("givenAndTaken", "w.yaml", "G", message)]);
    expect(&two(MOVED, "{ rule: department eq 'Marketing' }"), None, &[]);
    expect(&two(HIRED, EVERYBODY), None, &[]);
    // Only the tenant knows that a name and an id are one group.
    let [v, (file, text)] = two(MOVED, EVERYBODY);
    let by_id = [v, (file, text.replace("[G]", "[g-1]"))];
    expect(&by_id, None, &[]);
    let message = "the group `g-1` is taken here and given for the same trigger";
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
    let message = "group changes in a circle: v adds to `H`, then w adds to `G`, and again";
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
        &[("groupCircle", "v.yaml", "G", "group changes in a circle: v removes from `G`, then w adds")],
    );
}

/// A circle, by its message's beginning.
fn circle(file: &'static str, underlined: &'static str, steps: &'static str) -> Expected {
    ("groupCircle", file, underlined, steps)
}

#[test]
fn circles_through_packages_are_found_where_the_tenant_says_what_they_fill() {
    let tenant = tenant();
    // Members of a group by the package that their membership gives them.
    let kit = auto("kit", "Kit", "{ rule: department eq 'Sales' }, { group: G }");
    let own = circle("kit.yaml", "G", "group changes in a circle: kit gives `Kit`, which adds to `G`, and again");
    expect(std::slice::from_ref(&kit), Some(&tenant), &[own]);
    expect(&[kit], None, &[]);
    expect(&[auto("basics", "Basics", "{ group: G }")], Some(&tenant), &[]);

    // Around through a second document, an auto assignment or a workflow, named by name or by id.
    let steps = "group changes in a circle: basics gives `Basics`, which adds to `H`, then kit gives `p-kit`, which adds to `g-1`, and again";
    let pair = [auto("basics", "Basics", "{ group: g-1 }"), auto("kit", "p-kit", "{ group: H }")];
    expect(&pair, Some(&tenant), &[circle("basics.yaml", "g-1", steps)]);
    let on = |change: &str| format!("{{ membershipChange: {{ group: H, change: {change} }} }}");
    let basics = auto("basics", "Basics", "{ group: G }");
    let giving = workflow("w", "mover", &on("added"), EVERYBODY, &[&give("Kit", "Direct assignment", "")]);
    let steps = "group changes in a circle: basics gives `Basics`, which adds to `H`, then w gives `Kit`, which adds to `G`, and again";
    expect(&[basics.clone(), giving], Some(&tenant), &[circle("basics.yaml", "G", steps)]);

    // What is taken goes round only where what is left is taken too.
    let taking = workflow("w", "mover", &on("removed"), EVERYBODY, &[&take("Kit")]);
    let steps = "group changes in a circle: basics takes `Basics`, which removes from `H`, then w takes `Kit`";
    expect(&[basics.clone(), taking.clone()], Some(&tenant), &[circle("basics.yaml", "G", steps)]);
    let (file, text) = basics;
    let keeping = (file, text.replace("whenMemberLeaves: immediately", "whenMemberLeaves: never"));
    expect(&[keeping, taking], Some(&tenant), &[]);
}

#[test]
fn a_circle_says_whether_it_ends() {
    let tenant = tenant();
    let hint = |files: &[(String, String)]| {
        let sources: Vec<SourceText> =
            files.iter().map(|(file, text)| SourceText { file: file.clone(), text: text.clone() }).collect();
        let found = check(&load(&sources), Some(&tenant));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].hint.clone().unwrap()
    };
    let on = |group: &str, change: &str| format!("{{ membershipChange: {{ group: {group}, change: {change} }} }}");
    let give_kit = give("Kit", "Direct assignment", "");
    let again = workflow("w", "mover", &on("G", "added"), EVERYBODY, &[&give_kit]);
    assert!(hint(&[again]).starts_with("it ends once everybody is where it puts them"));
    assert!(hint(&[auto("kit", "Kit", "{ group: G }")]).starts_with("whoever is once in it stays in it"));
    let endless = [
        workflow("v", "mover", &on("G", "added"), EVERYBODY, &[&take("Kit")]),
        workflow("w", "mover", &on("G", "removed"), EVERYBODY, &[&give_kit]),
    ];
    assert!(hint(&endless).starts_with("it never ends"));
}

#[test]
fn packages_that_exclude_each_other_are_found_where_the_same_people_get_both() {
    let tenant = tenant();
    let kit = auto("kit", "Kit", "{ group: H }");
    let tools = |members: &str| auto("tools", "Tools", members);
    let message = "people who get the access package `Tools` get the access package `Kit` too (kit.yaml:5)";
    let both: Expected = ("incompatible", "tools.yaml", "Tools", message);
    expect(&[kit.clone(), tools("{ rule: department eq 'Sales' }")], Some(&tenant), &[both]);
    expect(&[kit, tools("{ rule: department eq 'Sales' }")], None, &[]);
    let of_sales = auto("kit", "Kit", "{ rule: department eq 'Sales' }");
    expect(&[of_sales.clone(), tools("{ rule: department eq 'Marketing' }")], Some(&tenant), &[]);
    let swap = [&take("Tools") as &str, &give("Kit", "Direct assignment", "")];
    let movers = [
        workflow("v", "joiner", HIRED, EVERYBODY, &[&give("Tools", "Direct assignment", "")]),
        workflow("w", "mover", MOVED, EVERYBODY, &swap),
    ];
    expect(&movers, Some(&tenant), &[]);
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
