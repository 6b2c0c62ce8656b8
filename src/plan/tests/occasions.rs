//! Which occasions are due for whom.

use super::world::{World, check, user_of, world};
use crate::domain::action::{ActionKind, ActionState, Occasion};
use crate::plan::Gate;
use crate::plan::ledger::{Bar, LedgerChange, RunRecord, RunStatus};

const JOINER: &str = "
apiVersion: usherd/v1
kind: Workflow
name: join
category: joiner
mode: enforce
trigger: { timeBasedAttribute: employeeHireDate, offsetInDays: -7, at: '08:00' }
scope: { rule: department eq 'Sales', except: [E9] }
tasks:
  - task: requestAccessPackageAssignment
    with: { accessPackage: Basics, assignmentPolicy: Direct }
";

const LEAVER: &str = "
apiVersion: usherd/v1
kind: Workflow
name: leave
category: leaver
mode: enforce
trigger: { timeBasedAttribute: employeeLeaveDateTime, offsetInDays: 0, backfill: P60D }
scope: { rule: department ne 'Board' }
tasks:
  - task: removeAccessPackageAssignment
    with: { accessPackage: Basics }
  - task: removeAccessPackageAssignment
    with: { accessPackage: Campaign }
";

fn joiner(now: &str, in_force_since: &str, hire: &str) -> World {
    let mut world = world(now, &[JOINER]).person("E1", &[("department", "Sales"), ("employeeHireDate", hire)]);
    world.in_force_since(in_force_since.parse().unwrap());
    world.ledger.complete_since.insert("person:E1".into(), in_force_since.parse().unwrap());
    world
}

#[test]
fn an_occasion_is_due_from_its_instant_in_the_persons_zone() {
    // Eight in the morning of the 24th in Amsterdam is seven in UTC.
    let before = joiner("2026-11-24T06:59:59Z", "2026-11-01T00:00:00Z", "2026-12-01");
    check(&before, "join person:E1: due at 2026-11-24T07:00:00Z");
    let after = joiner("2026-11-24T07:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01");
    check(&after, "adminAdd basics person:E1 by join");
}

#[test]
fn a_joiner_may_be_late_until_the_first_day_is_over_and_no_longer() {
    // (now, in force since, hire date) → the reason, or nothing where it runs
    let table = [
        ("2026-11-30T12:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01", ""),
        ("2026-12-01T22:59:00Z", "2026-11-01T00:00:00Z", "2026-12-01", ""),
        ("2026-12-01T23:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01", "join tooLate 1"),
        // New here with three days to go: still in time.
        ("2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z", "2026-12-01", ""),
        // New here long after the first day.
        ("2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z", "2026-10-01", "join beforeDocument 1"),
        ("2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z", "2027-03-01", "join notYetDue 1"),
    ];
    for (now, since, hire, reason) in table {
        let expected = if reason.is_empty() { "adminAdd basics person:E1 by join" } else { reason };
        assert_eq!(joiner(now, since, hire).text(), expected, "{now} {since} {hire}");
    }
}

#[test]
fn lateness_counts_from_the_moment_the_user_was_found() {
    let mut late = joiner("2026-12-03T12:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01");
    check(&late, "join tooLate 1");
    late.ledger.complete_since.insert("person:E1".into(), "2026-12-02T12:00:00Z".parse().unwrap());
    check(&late, "adminAdd basics person:E1 by join");
}

#[test]
fn everybody_who_is_skipped_has_a_reason() {
    let mut world = world("2026-11-28T12:00:00Z", &[JOINER])
        .person("E2", &[("department", "Finance"), ("employeeHireDate", "2026-12-01")])
        .person("E3", &[("department", "Sales")])
        .person("E4", &[("department", "Sales"), ("employeeHireDate", "2026-12-01")])
        .holds("E4", "Basics")
        .person("E9", &[("department", "Sales"), ("employeeHireDate", "2026-12-01")]);
    world.add_person("E5", &[("department", "Sales"), ("employeeHireDate", "2026-12-01")]);
    world.add_person("E6", &[("department", "Sales"), ("employeeHireDate", "2026-12-01")]);
    world.add_user("E6");
    world.add_user("E6");
    check(
        &world,
        "join person:E5: no directory user has this employee id yet
         join person:E6: more than one user or record carries this employee id
         join alreadySatisfiedUnowned 1
         join excepted 1
         join noDate 1
         join notInScope 1
         join sharesEmployeeId 2",
    );
}

#[test]
fn a_date_that_was_not_read_is_not_an_empty_one() {
    let mut world = joiner("2026-11-28T12:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01");
    world.observed.feeds.clear();
    check(&world, "join unknown 1");
}

fn leaver(now: &str, last_day: &str) -> World {
    let mut world = world(now, &[LEAVER])
        .person("E1", &[("department", "Sales"), ("employeeLeaveDateTime", last_day)])
        .person("E2", &[("department", "Sales")])
        .person("E3", &[("department", "Sales")])
        .holds("E1", "Basics");
    world.in_force_since("2026-11-01T00:00:00Z".parse().unwrap());
    world
}

#[test]
fn a_leaver_keeps_access_until_the_last_day_is_over() {
    check(
        &leaver("2026-11-30T22:59:59Z", "2026-11-30"),
        "leave person:E1: due at 2026-11-30T23:00:00Z
         leave noDate 2",
    );
    let due = leaver("2026-11-30T23:00:00Z", "2026-11-30");
    check(
        &due,
        "adminRemove basics person:E1 by leave
         leave noDate 2
         leave nothingToRemove 1",
    );
    let bars = due.plan().changes.into_iter().filter(|change| matches!(change, LedgerChange::BarSet { .. })).count();
    assert_eq!(bars, 2, "one for each package of the tasks");
}

#[test]
fn a_leaver_is_caught_up_however_late() {
    check(
        &leaver("2027-06-01T00:00:00Z", "2026-11-30"),
        "adminRemove basics person:E1 by leave
         leave noDate 2
         leave nothingToRemove 1",
    );
}

#[test]
fn a_backfill_holds_those_who_left_before_the_document_and_still_hold_something() {
    let held = leaver("2026-11-02T00:00:00Z", "2026-09-20");
    check(
        &held,
        "held by backfill: adminRemove basics person:E1
         leave noDate 2
         leave nothingToRemove 1",
    );
    let mut nothing_left = held.clone();
    nothing_left.observed.assignments.clear();
    check(
        &nothing_left,
        "leave beforeDocument 1
         leave noDate 2",
    );
    check(
        &leaver("2026-11-02T00:00:00Z", "2026-07-01"),
        "leave beforeDocument 1
         leave noDate 2",
    );
}

fn barred(mut world: World) -> World {
    let occasion = Occasion {
        workflow: "leave".into(),
        subject: "person:E1".into(),
        trigger: "employeeLeaveDateTime".to_owned(),
        value: "2026-11-30".parse().unwrap(),
    };
    let run = RunRecord {
        status: RunStatus::Completed,
        document_hash: "old".into(),
        category: crate::domain::action::Category::Leaver,
        held_by: None,
        reason: None,
        tasks: Vec::new(),
    };
    world.ledger.runs.insert(occasion.clone(), run);
    world.ledger.bars.insert(Bar {
        occasion,
        user: user_of("E1"),
        package: "basics".into(),
        document_hash: "old".into(),
    });
    world
}

#[test]
fn a_bar_puts_out_what_appears_later() {
    check(
        &barred(leaver("2026-12-10T00:00:00Z", "2026-11-30")),
        "adminRemove basics person:E1 by leave
         leave done 1
         leave noDate 2",
    );
}

#[test]
fn a_bar_ends_by_a_cleared_or_later_date_or_a_new_hire_and_by_nothing_else() {
    let ends =
        |world: &World| world.plan().changes.iter().any(|change| matches!(change, LedgerChange::BarEnded { .. }));
    let now = "2026-12-10T00:00:00Z";
    assert!(!ends(&barred(leaver(now, "2026-11-30"))));
    assert!(ends(&barred(leaver(now, "2027-01-31"))));
    let mut earlier = barred(leaver(now, "2026-11-15"));
    assert!(!ends(&earlier));
    earlier.observed.feeds.clear();
    assert!(!ends(&earlier), "unknown is not cleared");
    let cleared = world(now, &[LEAVER]).person("E1", &[("department", "Sales")]);
    assert!(ends(&barred(cleared)));
    let hired_again = world(now, &[LEAVER]).person(
        "E1",
        &[("employeeHireDate", "2026-12-09"), ("employeeLeaveDateTime", "2026-11-30"), ("department", "Sales")],
    );
    assert!(ends(&barred(hired_again)));
}

#[test]
fn a_date_that_moves_cancels_the_unfinished_run_of_the_old_one() {
    let mut world = leaver("2026-12-01T12:00:00Z", "2027-01-31");
    world = barred(world);
    let (occasion, run) = world.ledger.runs.pop_first().unwrap();
    world.ledger.runs.insert(occasion, RunRecord { status: RunStatus::InProgress, ..run });
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty());
    let canceled = plan
        .changes
        .iter()
        .any(|change| matches!(change, LedgerChange::Run { run, .. } if run.status == RunStatus::Canceled));
    assert!(canceled);
}

#[test]
fn the_due_removal_outranks_a_standing_wish() {
    const STANDING: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: everybody
mode: enforce
accessPackage: Campaign
assignmentPolicy: Direct
members: { anyOf: [{ rule: department eq 'Sales' }] }
whenMemberLeaves: never
";
    let world = world("2026-12-01T12:00:00Z", &[LEAVER, STANDING])
        .person("E1", &[("department", "Sales"), ("employeeLeaveDateTime", "2026-11-30")])
        .person("E2", &[("department", "Sales")])
        .person("E3", &[("department", "Sales")]);
    let plan = world.plan();
    let targets: Vec<_> = plan.actions.iter().map(|action| action.user.clone()).collect();
    assert_eq!(targets, [user_of("E2"), user_of("E3")], "the barred leaver gets nothing");
}

#[test]
fn of_two_documents_that_remove_the_same_the_leavers_does_it() {
    const STANDING: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: basics
mode: enforce
accessPackage: Basics
assignmentPolicy: Direct
members: { anyOf: [{ group: Everybody }] }
whenMemberLeaves: immediately
";
    let mut world = world("2026-12-01T12:00:00Z", &[LEAVER, STANDING]).group("Everybody", &[]);
    for number in 2..9 {
        world = world.person(&format!("E{number}"), &[("department", "Sales")]);
        world.ledger.claims.insert(super::world::claim(&format!("E{number}"), "Basics", "basics"), Default::default());
    }
    let world = world
        .person("E1", &[("department", "Sales"), ("employeeLeaveDateTime", "2026-11-30")])
        .granted("E1", "Basics", "basics");
    let plan = world.plan();
    let by: Vec<_> = plan.actions.iter().map(|action| action.document.as_str()).collect();
    assert_eq!(by, ["leave"], "{}", world.text());
    assert!(plan.counts.iter().any(|count| count.document.as_str() == "basics" && count.reason == "sameAs"));
}

#[test]
fn a_leaver_keeps_what_the_service_itself_assigned() {
    let mut world = leaver("2026-12-01T00:00:00Z", "2026-11-30");
    for policy in &mut world.observed.policies {
        policy.is_automatic = true;
    }
    check(
        &world,
        "leave noDate 2
         leave nothingToRemove 1
         leave serviceManaged 1",
    );
}

#[test]
fn removals_wait_while_the_feeds_first_delivery_is_doubtful() {
    let mut world = leaver("2026-12-01T00:00:00Z", "2026-11-30");
    world.observed.feeds.get_mut(&"hr".into()).unwrap().removals_wait = true;
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty());
    assert!(plan.skips.iter().any(|skip| skip.reason.code() == "feedRemovalsWait"), "{}", world.text());
}

#[test]
fn a_bar_keeps_out_the_user_it_put_out_also_when_the_record_leads_elsewhere() {
    const STANDING: &str = "
apiVersion: usherd/v1
kind: AutoAssignment
name: basics
mode: enforce
accessPackage: Basics
assignmentPolicy: Direct
members: { anyOf: [{ group: Everybody }] }
whenMemberLeaves: never
";
    let world = || {
        world("2026-12-10T00:00:00Z", &[LEAVER, STANDING])
            .person("E1", &[("department", "Sales"), ("employeeLeaveDateTime", "2026-11-30")])
            .person("E2", &[("department", "Sales")])
            .group("Everybody", &["E1"])
    };
    let mut unlinked = barred(world());
    unlinked.observed.users[0].employee_id = None;
    let plan = unlinked.plan();
    assert!(plan.actions.is_empty(), "{}", unlinked.text());
    let back = unlinked.clone().holds("E1", "Basics");
    let removed: Vec<_> = back.plan().actions.into_iter().map(|action| (action.kind, action.user)).collect();
    assert_eq!(removed, [(ActionKind::AdminRemove, user_of("E1"))], "{}", back.text());
}

#[test]
fn a_bar_heeds_a_rejection_and_a_final_failure() {
    let world = barred(leaver("2026-12-10T00:00:00Z", "2026-11-30"));
    let removal = world.plan().actions.remove(0);
    let mut refused = world.clone();
    refused.knows(removal.id, ActionKind::AdminRemove, "E1", "Basics", ActionState::Denied);
    assert!(refused.plan().actions.is_empty());
    assert!(refused.text().contains("ended as denied before"), "{}", refused.text());
    let mut rejected = world;
    rejected.ledger.rejected.insert(removal.id, removal.document);
    let plan = rejected.plan();
    assert!(plan.actions.is_empty());
    assert!(plan.changes.iter().any(|change| matches!(change, LedgerChange::BarEnded { .. })));
}

#[test]
fn a_rejection_for_one_document_is_none_for_the_leavers() {
    let mut world = leaver("2026-12-01T00:00:00Z", "2026-11-30");
    let removal = world.plan().actions.remove(0);
    world.ledger.rejected.insert(removal.id, "another".into());
    assert_eq!(world.plan().actions.len(), 1);
    world.ledger.rejected.insert(removal.id, "leave".into());
    assert!(world.plan().actions.is_empty());
}

#[test]
fn a_run_that_began_without_its_bars_gets_them() {
    let mut world = barred(leaver("2026-12-01T12:00:00Z", "2026-11-30"));
    let (occasion, run) = world.ledger.runs.pop_first().unwrap();
    world.ledger.runs.insert(occasion, RunRecord { status: RunStatus::InProgress, ..run });
    world.ledger.bars.clear();
    let bars = world.plan().changes.into_iter().filter(|change| matches!(change, LedgerChange::BarSet { .. })).count();
    assert_eq!(bars, 2);
}

#[test]
fn a_date_that_moves_away_and_comes_back_puts_the_leaver_out_again() {
    // HR moved the date on, so the bar ends and its run no longer counts as done.
    let moved = barred(leaver("2026-12-10T00:00:00Z", "2027-01-31"));
    let changes = moved.plan().changes;
    assert!(changes.iter().any(|change| matches!(change, LedgerChange::BarEnded { .. })));
    let canceled =
        |change: &LedgerChange| matches!(change, LedgerChange::Run { run, .. } if run.status == RunStatus::Canceled);
    assert!(changes.iter().any(canceled));
    // It comes back: the occasion begins anew.
    let mut back = leaver("2026-12-10T00:00:00Z", "2026-11-30");
    let (occasion, run) = barred(back.clone()).ledger.runs.pop_first().unwrap();
    back.ledger.runs.insert(occasion, RunRecord { status: RunStatus::Canceled, ..run });
    check(
        &back,
        "adminRemove basics person:E1 by leave
         leave noDate 2
         leave nothingToRemove 1",
    );
}

#[test]
fn a_corrected_date_takes_its_old_bars_along_and_nothing_held_slips_through() {
    let mut world = barred(leaver("2026-12-10T00:00:00Z", "2026-11-28"));
    let (occasion, run) = world.ledger.runs.pop_first().unwrap();
    world
        .ledger
        .runs
        .insert(occasion.clone(), RunRecord { status: RunStatus::InProgress, held_by: Some(Gate::Backfill), ..run });
    let plan = world.plan();
    let ended =
        plan.changes.iter().any(|change| matches!(change, LedgerChange::BarEnded { bar } if bar.occasion == occasion));
    assert!(ended, "{}", world.text());
    assert!(plan.actions.iter().all(|action| !matches!(action.cause, crate::domain::action::Cause::Bar { .. })));
}

#[test]
fn a_user_who_was_never_the_leaver_is_let_back_in() {
    let mut world = barred(leaver("2026-12-10T00:00:00Z", "2026-11-30")).person("E7", &[("department", "Sales")]);
    world.observed.users.pop();
    // The account carried the wrong employee id and is put right.
    world.observed.users[0].employee_id = Some("E7".to_owned());
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{}", world.text());
    assert!(plan.changes.iter().any(|change| matches!(change, LedgerChange::BarEnded { .. })));
}

#[test]
fn a_failed_run_goes_on_under_a_changed_document() {
    let mut world = joiner("2026-11-28T12:00:00Z", "2026-11-01T00:00:00Z", "2026-12-01");
    let add = world.plan().actions.remove(0);
    let crate::domain::action::Cause::Occasion(occasion) = add.cause.clone() else { panic!("{:?}", add.cause) };
    let run = |hash: &str| RunRecord {
        status: RunStatus::Failed,
        document_hash: hash.into(),
        category: crate::domain::action::Category::Joiner,
        held_by: None,
        reason: None,
        tasks: Vec::new(),
    };
    world.knows(add.id, ActionKind::AdminAdd, "E1", "Basics", ActionState::Refused);
    let known = world.ledger.actions.get_mut(&add.id).unwrap();
    (known.document, known.document_hash) = ("join".into(), "the version before".into());
    world.ledger.runs.insert(occasion.clone(), run("the version before"));
    assert_eq!(world.plan().actions.len(), 1, "{}", world.text());
    let now = world.record("join").hash.as_str().to_owned();
    world.ledger.runs.insert(occasion, run(&now));
    assert!(world.plan().actions.is_empty());
}
