//! Documents of random lives: every trigger, every task, every way to be a member, and some that cannot work.

use std::sync::LazyLock;

use crate::domain::entitlement::{AccessPackage, AssignmentPolicy, Question};
use crate::domain::ids::DocumentName;
use crate::plan::observed::FeedView;
use crate::plan::tests::world::{World, world};
use crate::workflow::definition::Mode;

/// When every life begins.
pub(in crate::plan::tests) const BEGINS: &str = "2026-12-10T12:00:00Z";

/// A second feed, whose people come and go as a whole.
const CONTRACTORS: &str = r#"
apiVersion: usherd/v1
kind: Feed
name: contractors
source: { file: contractors.csv, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Id
timeZone: { default: Europe/Amsterdam }
attributes:
  department: { column: Department }
  costCenter: { column: Cost centre }
  employeeHireDate: { column: Hire, type: date, format: "%Y-%m-%d" }
  employeeLeaveDateTime: { column: Leave, type: date, format: "%Y-%m-%d", inclusive: true }
"#;

/// Name, category, and the rest of each workflow; a task is written as its word and what it is about.
const WORKFLOWS: [(&str, &str, &str, &[&str]); 15] = [
    (
        "join",
        "joiner",
        "trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: -2 }
scope: { rule: \"not (department eq 'Board')\", except: [E0] }",
        &[
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Direct }, continueOnError: true }",
            "{ name: campaign, task: requestAccessPackageAssignment, with: { accessPackage: Campaign, assignmentPolicy: Direct } }",
            "{ task: addUserToGroups, with: { groups: [Crew] }, dependsOn: [campaign] }",
            "{ task: addUserToGroups, with: { groups: [Old crew] }, dependsOn: [] }",
        ],
    ),
    (
        "leave",
        "leaver",
        "trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0, backfill: P30D }
scope: { rule: department ne 'Board', except: [E0] }",
        &[
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Basics } }",
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Tools } }",
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign, ownedOnly: true } }",
            "{ task: removeUserFromGroups, with: { groups: [Crew, Old crew] } }",
        ],
    ),
    (
        "moved",
        "mover",
        "trigger: { attributeChange: { attributes: [department, costCenter] } }
scope: { rule: department ne 'Board', except: [E1] }",
        &[
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign } }",
            "{ name: tools, task: requestAccessPackageAssignment, with: { accessPackage: Tools, assignmentPolicy: Direct } }",
            "{ task: removeUserFromGroups, with: { groups: [Old crew] }, continueOnError: true }",
            "{ task: addUserToGroups, with: { groups: [Crew] }, dependsOn: [tools] }",
        ],
    ),
    (
        "promoted",
        "mover",
        "trigger: { attributeChange: { attributes: [department], from: [Finance, null], to: Engineering } }
scope: { rule: \"department in ('Engineering', 'Finance')\", groups: [Crew, Engineering] }",
        &[
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Guarded, assignmentPolicy: Direct } }",
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Basics, ownedOnly: true } }",
        ],
    ),
    (
        "crewed",
        "mover",
        "trigger: { membershipChange: { group: Crew, change: added } }
scope: { rule: department ne 'Board' }",
        &["{ task: requestAccessPackageAssignment, with: { accessPackage: Campaign, assignmentPolicy: Direct } }"],
    ),
    (
        "uncrewed",
        "leaver",
        "trigger: { membershipChange: { group: Crew, change: removed } }
scope: { rule: department ne 'Board', except: [E2] }",
        &["{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign } }"],
    ),
    (
        "appeared",
        "joiner",
        "trigger: { feedChange: { feed: contractors, change: appeared } }
scope: { rule: department ne 'Board' }",
        &[
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Direct } }",
            "{ task: addUserToGroups, with: { groups: [Fixed] }, continueOnError: true }",
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Tools, assignmentPolicy: Direct } }",
        ],
    ),
    (
        "vanished",
        "leaver",
        "trigger: { feedChange: { feed: contractors, change: disappeared } }
scope: { rule: department ne 'Board' }",
        &[
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Basics, ownedOnly: true } }",
            "{ task: removeUserFromGroups, with: { groups: [Crew] } }",
        ],
    ),
    (
        "nightly",
        "mover",
        "trigger: { schedule: '0 6 * * *' }
scope: { rule: department eq 'Finance' }",
        &[
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Tools, ownedOnly: true } }",
            "{ task: addUserToGroups, with: { groups: [Old crew] }, dependsOn: [] }",
        ],
    ),
    (
        "weekly",
        "leaver",
        "trigger: { schedule: '30 18 * * MON', timeZone: Europe/Amsterdam, missed: all, window: P14D }
scope: { rule: department eq null }",
        &["{ task: removeAccessPackageAssignment, with: { accessPackage: Guarded } }"],
    ),
    (
        "asked",
        "mover",
        "trigger: { onDemand: true }
scope: { rule: department ne 'Board', except: [E1] }",
        &[
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Asked, assignmentPolicy: Direct, answers: { 'Which?': '{{ subject.costCenter }}' } }, continueOnError: true }",
            "{ task: addUserToGroups, with: { groups: [Fixed] } }",
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Direct } }",
        ],
    ),
    (
        "thrown-out",
        "leaver",
        "trigger: { onDemand: true }
scope: { rule: department ne 'Board', except: [E0] }",
        &[
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Basics } }",
            "{ task: removeAccessPackageAssignment, with: { accessPackage: Campaign } }",
        ],
    ),
    (
        "misasked",
        "mover",
        "trigger: { onDemand: true }
scope: { rule: department ne 'Board' }",
        &[
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Asked, assignmentPolicy: Direct, answers: { 'Who?': me } } }",
            "{ task: requestAccessPackageAssignment, with: { accessPackage: Basics, assignmentPolicy: Gone } }",
        ],
    ),
    (
        "late",
        "mover",
        "trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: 1, at: '08:00', catchUp: none }
scope: { rule: department ne 'Board' }",
        &["{ task: requestAccessPackageAssignment, with: { accessPackage: Tools, assignmentPolicy: Direct } }"],
    ),
    (
        "off",
        "joiner",
        "isEnabled: false
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: 0 }
scope: { rule: department ne 'Board' }",
        &["{ task: requestAccessPackageAssignment, with: { accessPackage: Tools, assignmentPolicy: Direct } }"],
    ),
];

/// Name, package, and the rest of each auto assignment.
const AUTO_ASSIGNMENTS: [(&str, &str, &str); 8] = [
    (
        "tools",
        "Tools",
        "members: { anyOf: [{ group: Engineering }, { rule: department eq 'Engineering' }], except: [E0] }
whenMemberLeaves: immediately",
    ),
    (
        "campaign",
        "Campaign",
        "members: { anyOf: [{ group: Sellers, transitive: true }, { feed: contractors }] }
whenMemberLeaves: { remove: after, gracePeriod: P2D }
limits: { removals: { count: 1, percent: 50 } }",
    ),
    (
        "basics",
        "Basics",
        "members: { anyOf: [{ rule: \"department in ('Engineering', 'Finance')\" }], except: [E1] }
whenMemberLeaves: immediately
adopt: true",
    ),
    (
        "more-tools",
        "Tools",
        "members: { anyOf: [{ rule: department eq 'Finance' }, { group: Crew }] }
whenMemberLeaves: immediately",
    ),
    (
        "guarded",
        "Guarded",
        "members: { anyOf: [{ rule: department eq 'Engineering' }] }
whenMemberLeaves: never",
    ),
    (
        "nowhere",
        "Nowhere",
        "members: { anyOf: [{ rule: department eq 'Engineering' }] }
whenMemberLeaves: immediately",
    ),
    (
        "twins",
        "Twin",
        "members: { anyOf: [{ rule: department eq 'Engineering' }] }
whenMemberLeaves: immediately",
    ),
    (
        "nobody",
        "Guarded",
        "members: { anyOf: [{ group: Nobody }, { group: Fixed }] }
whenMemberLeaves: immediately",
    ),
];

/// What entitlement management has beside the packages of every small world; two of them have one name.
const MORE_PACKAGES: [(&str, &str); 4] =
    [("guarded", "Guarded"), ("asked", "Asked"), ("twin-1", "Twin"), ("twin-2", "Twin")];

/// Documents that name what is not there.
pub(in crate::plan::tests) const BROKEN: [&str; 3] = ["nowhere", "twins", "misasked"];

/// Every name, in the order in which random lives number them.
pub(in crate::plan::tests) fn names() -> impl Iterator<Item = &'static str> {
    WORKFLOWS.iter().map(|(name, ..)| *name).chain(AUTO_ASSIGNMENTS.iter().map(|(name, ..)| *name))
}

/// How many documents there are.
pub(in crate::plan::tests) const COUNT: usize = WORKFLOWS.len() + AUTO_ASSIGNMENTS.len();

/// Every document and nobody: read once, since reading takes longer than planning.
static EVERYTHING: LazyLock<World> = LazyLock::new(|| {
    let head = |kind: &str, name: &str| format!("apiVersion: usherd/v1\nkind: {kind}\nname: {name}\nmode: enforce\n");
    let workflows = WORKFLOWS.iter().map(|(name, category, rest, tasks)| {
        let tasks: String = tasks.iter().map(|task| format!("\n  - {task}")).collect();
        format!("{}category: {category}\n{rest}\ntasks:{tasks}\n", head("Workflow", name))
    });
    let auto_assignments = AUTO_ASSIGNMENTS.iter().map(|(name, package, rest)| {
        format!("{}accessPackage: {package}\nassignmentPolicy: Direct\n{rest}\n", head("AutoAssignment", name))
    });
    let texts: Vec<String> = workflows.chain(auto_assignments).chain([CONTRACTORS.to_owned()]).collect();
    let mut world = world(BEGINS, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    world.observed.feeds.insert("contractors".into(), FeedView::default());
    for (id, name) in MORE_PACKAGES {
        world.observed.packages.push(AccessPackage {
            id: id.into(),
            display_name: name.to_owned(),
            incompatible_with: if id == "guarded" { ["campaign".into()].into() } else { [].into() },
        });
        let questions = Question {
            id: "q1".to_owned(),
            text: "Which?".to_owned(),
            is_required: true,
            choices: vec!["secret 0".to_owned(), "secret 1".to_owned()],
        };
        world.observed.policies.push(AssignmentPolicy {
            id: format!("{id}-direct").into(),
            display_name: "Direct".to_owned(),
            package: id.into(),
            is_automatic: false,
            needs_approval: id == "asked",
            questions: if id == "asked" { vec![questions] } else { Vec::new() },
        });
    }
    world.observed.policies.push(AssignmentPolicy {
        id: "tools-automatic".into(),
        display_name: "Automatic".to_owned(),
        package: "tools".into(),
        is_automatic: true,
        needs_approval: false,
        questions: Vec::new(),
    });
    world
});

/// How a document stands in the ledger when a life begins.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan::tests) struct Standing {
    pub(in crate::plan::tests) mode: Mode,
    /// In force for so many days.
    pub(in crate::plan::tests) days: i64,
    /// Whether it was never planned before.
    pub(in crate::plan::tests) is_new: bool,
}

/// A world of nobody under these of the documents.
pub(in crate::plan::tests) fn world_under(documents: &[Option<Standing>]) -> World {
    let mut world = EVERYTHING.clone();
    let chosen: Vec<(DocumentName, Standing)> =
        names().zip(documents).filter_map(|(name, standing)| Some((DocumentName::from(name), (*standing)?))).collect();
    let is_chosen = |name: &DocumentName| chosen.iter().any(|(known, _)| known == name);
    world.definitions.workflows.retain(|workflow| is_chosen(&workflow.header.name));
    world.definitions.auto_assignments.retain(|auto| is_chosen(&auto.header.name));
    world.ledger.documents.retain(|name, _| is_chosen(name));
    for (name, standing) in &chosen {
        let since = world.now - jiff::SignedDuration::from_hours(24 * standing.days);
        let mode = standing.mode;
        let record = world.record(name.as_str());
        record.mode = mode;
        record.first_seen = since;
        record.writes_since = (mode > Mode::Observe).then_some(since);
        record.base = record.base.take().filter(|_| !standing.is_new);
    }
    world
}
