//! An explanation never disagrees with the plan, and what it says would flip it does.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::any_life::documents::BROKEN;
use super::any_life::{lives, scripts};
use super::world::{World, world};
use crate::domain::subject::AttributeValue;
use crate::plan::explain::candidate::candidates;
use crate::plan::explain::change::Whose;
use crate::plan::explain::input::{World as Changed, keys_of};
use crate::plan::explain::nearest::sets;
use crate::plan::explain::{Change, Document, Finding, Input, Outcome, explain, overview};
use crate::plan::ledger::{WatchKey, Watched, WatchedValue};
use crate::plan::population::{Member, join, unread_attributes};
use crate::plan::watches::keys_of as keys_of_trigger;

/// What the plan says of everybody, as explanations of everybody say it: listed, and counted by document and reason.
#[derive(Debug, Default, PartialEq)]
struct Told {
    sent: Vec<String>,
    held: Vec<String>,
    not_done: BTreeMap<(String, &'static str), usize>,
}

impl Told {
    fn sorted(mut self) -> Self {
        // Of several instants made up for at once a plan counts one reason each, an explanation tells of it once.
        self.not_done.iter_mut().filter(|((document, _), _)| document == "weekly").for_each(|(_, count)| *count = 1);
        self.sent.sort();
        self.held.sort();
        self
    }
}

fn told_by_the_plan(world: &World) -> Told {
    let plan = world.plan();
    let sent = plan.actions.iter().map(|one| format!("{} {} {} {}", one.document, one.subject, one.kind, one.resource));
    let mut told = Told { sent: sent.collect(), ..Told::default() };
    for hold in &plan.holds {
        let items = hold.items.iter();
        let gate = hold.gate.as_str();
        told.held
            .extend(items.map(|one| format!("{gate} {} {} {} {}", one.document, one.subject, one.kind, one.resource)));
    }
    for skip in &plan.skips {
        *told.not_done.entry((skip.document.to_string(), skip.reason.code())).or_default() += 1;
    }
    for count in &plan.counts {
        *told.not_done.entry((count.document.to_string(), count.reason)).or_default() += count.count;
    }
    told.sorted()
}

fn told_by_explanations(world: &World) -> Result<Told, TestCaseError> {
    let mut told = Told::default();
    let mut of_all = BTreeSet::new();
    let unread = unread_attributes(&world.definitions.feeds, &world.observed);
    for member in join(&world.observed, &unread) {
        let verdicts = overview(&world.input(), &member);
        for document in Document::all(&world.definitions) {
            prop_assert!(verdicts.contains_key(document.name()), "{} {}", document.name(), member.subject.key);
        }
        for (document, verdict) in verdicts {
            for finding in verdict.0 {
                let key = &member.subject.key;
                match finding {
                    Finding::Sent { kind, resource } => told.sent.push(format!("{document} {key} {kind} {resource}")),
                    Finding::Held { kind, resource, gate, .. } => {
                        told.held.push(format!("{} {document} {key} {kind} {resource}", gate.as_str()));
                    }
                    // What concerns the document as a whole is told to everybody, and planned once.
                    Finding::NotDone { reason, is_of_all: true, .. } => {
                        if of_all.insert((document.clone(), reason.clone())) {
                            *told.not_done.entry((document.to_string(), reason.code())).or_default() += 1;
                        }
                    }
                    Finding::NotDone { reason, .. } => {
                        *told.not_done.entry((document.to_string(), reason.code())).or_default() += 1;
                    }
                }
            }
        }
    }
    Ok(told.sorted())
}

proptest! {
    #![proptest_config(lives(20))]

    #[test]
    fn explanations_of_everybody_add_up_to_the_plan(script in scripts(0)) {
        // Accounts that share an employee id are explained together, and planned one by one.
        let mut world = script.world();
        let is_broken = |name: &str| BROKEN.contains(&name);
        world.definitions.workflows.retain(|workflow| !is_broken(workflow.header.name.as_str()) && workflow.is_enabled);
        world.definitions.auto_assignments.retain(|auto| !is_broken(auto.header.name.as_str()));
        let unread = unread_attributes(&world.definitions.feeds, &world.observed);
        let members = join(&world.observed, &unread);
        prop_assume!(!members.is_empty() && members.iter().all(|member| !member.is_ambiguous));
        prop_assert_eq!(told_by_explanations(&world)?, told_by_the_plan(&world));
    }
}

/// One person, and one document that looks at them.
#[derive(Debug, Clone)]
struct Case {
    document: usize,
    department: Option<&'static str>,
    country: Option<&'static str>,
    day: Option<i8>,
    has_user: bool,
    in_group: bool,
    holds: bool,
    granted: bool,
}

const RULES: [&str; 6] = [
    "department eq 'Sales' and country eq 'NL'",
    "department in ('Sales', 'Legal') or (country ne 'NL' and not (startsWith(department, 'B')))",
    "not (department eq null) and country eq 'BE'",
    "department eq 'sales'",
    "department ne 'Sales' and country ne 'NL' and not (department eq 'Legal')",
    "country in ('NL', 'BE') and (department eq 'Board' or department eq null)",
];

fn document(number: usize) -> String {
    let rule = RULES[number % RULES.len()];
    let mode = ["enforce", "observe", "grantOnly"][number % 3];
    match number / RULES.len() {
        0 => format!(
            "apiVersion: usherd/v1\nkind: AutoAssignment\nname: one\nmode: {mode}\naccessPackage: Tools\nassignmentPolicy: Direct\n\
             members: {{ anyOf: [{{ rule: \"{rule}\" }}], except: [E7] }}\nwhenMemberLeaves: immediately\n"
        ),
        1 => format!(
            "apiVersion: usherd/v1\nkind: AutoAssignment\nname: one\nmode: enforce\naccessPackage: Tools\nassignmentPolicy: Direct\n\
             members: {{ anyOf: [{{ group: Sellers }}, {{ rule: \"{rule}\" }}] }}\nwhenMemberLeaves: {{ remove: after, gracePeriod: P7D }}\n"
        ),
        2 => format!(
            "apiVersion: usherd/v1\nkind: Workflow\nname: one\ncategory: joiner\nmode: enforce\n\
             trigger: {{ timeBasedAttribute: employeeHireDate, offsetInDays: -2, catchUp: P3D }}\nscope: {{ rule: \"{rule}\" }}\n\
             tasks:\n  - task: requestAccessPackageAssignment\n    with: {{ accessPackage: Tools, assignmentPolicy: Direct }}\n"
        ),
        3 => format!(
            "apiVersion: usherd/v1\nkind: Workflow\nname: one\ncategory: leaver\nmode: {mode}\n\
             trigger: {{ timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0 }}\nscope: {{ rule: \"{rule}\" }}\n\
             tasks:\n  - task: removeAccessPackageAssignment\n    with: {{ accessPackage: Tools }}\n"
        ),
        other => {
            let trigger = match other {
                4 => "onDemand: true",
                5 => "membershipChange: { group: Sellers, change: added }",
                _ => "attributeChange: { attributes: [department], to: Sales }",
            };
            format!(
                "apiVersion: usherd/v1\nkind: Workflow\nname: one\ncategory: mover\nmode: enforce\n\
                 trigger: {{ {trigger} }}\nscope: {{ rule: \"{rule}\" }}\n\
                 tasks:\n  - task: requestAccessPackageAssignment\n    with: {{ accessPackage: Tools, assignmentPolicy: Direct }}\n"
            )
        }
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let department = prop::option::of(prop::sample::select(vec!["Sales", "sales ", "Legal", "Board", "Finance"]));
    let country = prop::option::of(prop::sample::select(vec!["NL", "BE", "DE"]));
    let flags = (prop::bool::weighted(0.9), any::<bool>(), any::<bool>(), any::<bool>());
    (0..RULES.len() * 7, department, country, prop::option::of(-6_i8..6), flags).prop_map(
        |(document, department, country, day, (has_user, in_group, holds, granted))| Case {
            document,
            department,
            country,
            day,
            has_user,
            in_group,
            holds,
            granted,
        },
    )
}

fn world_of_case(case: &Case) -> World {
    let mut world = world("2026-12-10T12:00:00Z", &[&document(case.document)]);
    let today: jiff::civil::Date = "2026-12-10".parse().unwrap();
    let date = case.day.map(|day| today.saturating_add(jiff::Span::new().days(i64::from(day))).to_string());
    let trigger = if case.document / RULES.len() == 2 { "employeeHireDate" } else { "employeeLeaveDateTime" };
    let department = case.department.map(|department| ("department", department));
    let attributes: Vec<(&str, &str)> =
        department.into_iter().chain(date.as_deref().map(|date| (trigger, date))).collect();
    world.add_person("E1", &attributes);
    // Somebody else, so that a group of one is not all there is.
    world = world.person("E2", &[("department", "Finance")]);
    if case.has_user {
        world.add_user("E1");
        if case.holds {
            world = world.holds("E1", "Tools");
        }
        if case.granted {
            let claim = super::world::claim("E1", "Tools", "one");
            world.ledger.claims.insert(claim, crate::plan::ledger::ClaimRecord::default());
        }
    }
    for user in &mut world.observed.users {
        let country = case.country.map_or(AttributeValue::Null, |country| AttributeValue::Text(country.to_owned()));
        user.attributes.insert("country".to_owned(), country);
    }
    let members: &[&str] = if case.in_group && case.has_user { &["E1", "E2"] } else { &["E2"] };
    world.set_group("Sellers", members);
    watch_since_yesterday(&mut world, case);
    world
}

/// What is watched was read before, so that a change of it is an occasion.
fn watch_since_yesterday(world: &mut World, case: &Case) {
    let since = world.now - jiff::SignedDuration::from_hours(24);
    let keys = world.definitions.workflows.iter().flat_map(|workflow| keys_of_trigger(&workflow.trigger));
    for key in keys.collect::<Vec<_>>() {
        world.ledger.watched_since.insert(key.clone(), since);
        if matches!(key, WatchKey::Attribute(_)) {
            let value = case.department.map_or(AttributeValue::Null, |text| AttributeValue::Text(text.to_owned()));
            let watched = Watched { value: WatchedValue::of(&value), before: None, changes: 0, since };
            world.ledger.watched.insert((super::world::subject_of("E1"), key), watched);
        }
    }
}

/// What the planner comes to for the subject, in a copy of the whole world that these changes were made to.
fn outcome(input: &Input<'_>, member: &Member<'_>, document: Document<'_>, changes: &[&Change]) -> Outcome {
    let mut changed = Changed::of(input);
    for change in changes {
        change.apply(&mut changed, &Whose::of(&member.subject), input.definitions);
    }
    changed.within(input).verdict(&keys_of(&member.subject), document.name()).outcome()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_nearest_change_flips_the_outcome_and_no_smaller_one_does(case in cases()) {
        let world = world_of_case(&case);
        world.with("E1", |input, member| {
            let [document] = Document::all(input.definitions)[..] else { panic!("one document") };
            let explanation = explain(input, member, &[document]).pop().unwrap();
            prop_assert_eq!(outcome(input, member, document, &[]), explanation.outcome);
            let all = candidates(document, member, &explanation.verdict, input);
            let smaller = match &explanation.search.nearest {
                Some(nearest) => {
                    let changes: Vec<&Change> = nearest.changes.iter().collect();
                    prop_assert_eq!(outcome(input, member, document, &changes), nearest.outcome);
                    prop_assert_ne!(nearest.outcome, explanation.outcome);
                    nearest.changes.len()
                }
                None => 2,
            };
            for set in (1..smaller).flat_map(|size| sets(&all, size)) {
                prop_assert_eq!(outcome(input, member, document, &set), explanation.outcome, "{:?}", set);
            }
            Ok(())
        })?;
    }
}

#[test]
fn one_two_and_three_changes_may_be_needed() {
    let joiner = RULES.len() * 2;
    let case = |department, country, day| Case {
        document: joiner,
        department: Some(department),
        country: Some(country),
        day: Some(day),
        has_user: true,
        in_group: false,
        holds: false,
        granted: false,
    };
    let needed = |case: Case| {
        world_of_case(&case).with("E1", |input, member| {
            let explanation = explain(input, member, &Document::all(input.definitions)).pop().unwrap();
            let changes = explanation.search.nearest.unwrap().changes;
            changes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        })
    };
    assert_eq!(needed(case("Board", "NL", 1)), "department is 'Sales'");
    assert_eq!(needed(case("Board", "DE", 1)), "country is 'NL'; department is 'Sales'");
    let three = "country is 'NL'; department is 'Sales'; it is 2026-12-13T23:00:00Z";
    assert_eq!(needed(case("Board", "DE", 6)), three);
    assert_eq!(needed(case("Sales", "NL", 6)), "it is 2026-12-13T23:00:00Z");
}
