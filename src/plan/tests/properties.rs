//! What holds for any world (design.md section 3).

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::world::{PACKAGES, World, claim, text_of, world};
use crate::domain::action::{ActionKind, Cause};
use crate::plan::ledger::ClaimRecord;
use crate::plan::observed::GroupView;
use crate::plan::{Plan, Skip};

const DOCUMENTS: [&str; 3] = [
    "
apiVersion: usherd/v1
kind: Workflow
name: join
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: -2 }
scope: { rule: \"not (department eq 'Board')\", except: [E0] }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
  - task: requestAccessPackageAssignment
    with: { accessPackage: Campaign, assignmentPolicy: Direct }
",
    "
apiVersion: usherd/v1
kind: Workflow
name: leave
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0, backfill: P30D }
scope: { rule: department ne 'Board', except: [E0] }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Basics }
  - task: removeAccessPackageAssignment
    with: { accessPackage: Tools }
",
    "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members: { anyOf: [{ group: Engineering }, { rule: department eq 'Engineering' }], except: [E0] }
whenMemberLeaves: immediately
",
];

#[derive(Debug, Clone)]
pub(super) struct Being {
    department: Option<&'static str>,
    hire: Option<i8>,
    leave: Option<i8>,
    has_user: bool,
    in_group: bool,
    holds: [bool; 3],
    granted: [bool; 3],
}

pub(super) fn beings() -> impl Strategy<Value = Vec<Being>> {
    let department = prop::option::of(prop::sample::select(vec!["Engineering", "Finance", "Board"]));
    let day = || prop::option::of(-40_i8..40);
    let flags = || prop::array::uniform3(any::<bool>());
    let being = (department, day(), day(), prop::bool::weighted(0.9), any::<bool>(), flags(), flags()).prop_map(
        |(department, hire, leave, has_user, in_group, holds, granted)| Being {
            department,
            hire,
            leave,
            has_user,
            in_group,
            holds,
            granted,
        },
    );
    prop::collection::vec(being, 0..24)
}

pub(super) fn world_of(beings: &[Being], group_known: bool) -> World {
    let mut world = world("2026-12-10T12:00:00Z", &DOCUMENTS);
    let today: jiff::civil::Date = "2026-12-10".parse().unwrap();
    let date = |days: i8| today.saturating_add(jiff::Span::new().days(i64::from(days))).to_string();
    let mut members = Vec::new();
    for (number, being) in beings.iter().enumerate() {
        let key = format!("E{number}");
        let (hire, leave) = (being.hire.map(date), being.leave.map(date));
        let attributes: Vec<(&str, &str)> = [
            being.department.map(|department| ("department", department)),
            hire.as_deref().map(|hire| ("employeeHireDate", hire)),
            leave.as_deref().map(|leave| ("employeeLeaveDateTime", leave)),
        ]
        .into_iter()
        .flatten()
        .collect();
        world.add_person(&key, &attributes);
        if !being.has_user {
            continue;
        }
        world.add_user(&key);
        for (package, name) in PACKAGES.iter().enumerate() {
            if being.holds[package] {
                world = world.holds(&key, name);
            }
            if being.granted[package] {
                world.ledger.claims.insert(claim(&key, name, "tools"), ClaimRecord::default());
            }
        }
        if being.in_group {
            members.push(key);
        }
    }
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    world.set_group("Engineering", &members);
    if !group_known {
        world.observed.groups.insert(("Engineering".to_owned(), false), GroupView::Unreadable);
    }
    world
}

fn everything(plan: &Plan) -> impl Iterator<Item = &crate::domain::action::Action> {
    plan.actions.iter().chain(plan.holds.iter().flat_map(|hold| &hold.items))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn equal_inputs_give_equal_bytes(beings in beings(), known in any::<bool>()) {
        let world = world_of(&beings, known);
        prop_assert_eq!(serde_json::to_string(&world.plan()).unwrap(), serde_json::to_string(&world.clone().plan()).unwrap());
    }

    #[test]
    fn a_user_and_a_package_have_one_action_at_most_and_every_id_once(beings in beings(), known in any::<bool>()) {
        let plan = world_of(&beings, known).plan();
        let targets: BTreeSet<_> = everything(&plan).map(|action| (&action.user, &action.resource)).collect();
        let ids: BTreeSet<_> = everything(&plan).map(|action| action.id).collect();
        prop_assert_eq!(targets.len(), everything(&plan).count());
        prop_assert_eq!(ids.len(), everything(&plan).count());
    }

    #[test]
    fn nothing_is_removed_that_is_not_there_nor_added_that_is(beings in beings(), known in any::<bool>()) {
        let world = world_of(&beings, known);
        let plan = world.plan();
        for action in everything(&plan) {
            let held = world.observed.assignments.iter().find(|assignment| {
                assignment.user.as_ref() == Some(&action.user) && Some(&assignment.package) == action.package()
            });
            prop_assert_eq!(held.is_some(), action.kind == ActionKind::AdminRemove);
            prop_assert_eq!(held.map(|held| &held.id), action.assignment.as_ref());
        }
    }

    #[test]
    fn an_auto_assignment_removes_only_what_it_was_granted(beings in beings()) {
        let world = world_of(&beings, true);
        for action in everything(&world.plan()).filter(|action| action.document.as_str() == "tools") {
            if action.kind == ActionKind::AdminRemove {
                let person = action.subject.as_str().trim_start_matches("person:");
                prop_assert!(world.ledger.claims.contains_key(&claim(person, "Tools", "tools")));
            }
        }
    }

    #[test]
    fn the_excepted_are_untouched_and_leavers_get_nothing_back(beings in beings(), known in any::<bool>()) {
        let plan = world_of(&beings, known).plan();
        prop_assert!(everything(&plan).all(|action| action.subject.as_str() != "person:E0"));
        let leaving: BTreeSet<_> = everything(&plan)
            .filter(|action| action.document.as_str() == "leave")
            .map(|action| (&action.user, &action.resource))
            .collect();
        prop_assert!(everything(&plan)
            .filter(|action| action.kind == ActionKind::AdminAdd)
            .all(|action| !leaving.contains(&(&action.user, &action.resource))));
    }

    #[test]
    fn what_is_not_known_removes_nothing(beings in beings()) {
        let mut world = world_of(&beings, false);
        world.observed.feeds.clear();
        let plan = world.plan();
        prop_assert_eq!(everything(&plan).count(), 0, "{}", text_of(&plan));
    }

    #[test]
    fn everybody_has_an_action_or_a_reason_in_every_document(beings in beings(), known in any::<bool>()) {
        let world = world_of(&beings, known);
        let plan = world.plan();
        for document in ["join", "leave", "tools"] {
            let acted: BTreeSet<_> = everything(&plan)
                .filter(|action| action.document.as_str() == document)
                .map(|action| &action.subject)
                .collect();
            let listed = plan.skips.iter().filter(|skip: &&Skip| skip.document.as_str() == document);
            let told: BTreeSet<_> = listed.filter_map(|skip| skip.subject.as_ref()).collect();
            let counted: usize =
                plan.counts.iter().filter(|count| count.document.as_str() == document).map(|count| count.count).sum();
            prop_assert!(acted.union(&told).count() + counted >= beings.len(), "{}: {}", document, text_of(&plan));
        }
    }

    #[test]
    fn an_actions_cause_names_its_own_subject(beings in beings(), known in any::<bool>()) {
        for action in everything(&world_of(&beings, known).plan()) {
            match &action.cause {
                Cause::Occasion(occasion) => prop_assert_eq!(&occasion.subject, &action.subject),
                Cause::Episode { subject, .. } => prop_assert_eq!(subject, &action.subject),
                Cause::Adoption { assignment, .. } => prop_assert_eq!(Some(assignment), action.assignment.as_ref()),
                Cause::Assignment { assignment } => prop_assert_eq!(Some(assignment), action.assignment.as_ref()),
                Cause::Bar { assignment, .. } => prop_assert_eq!(Some(assignment), action.assignment.as_ref()),
            }
        }
    }
}
