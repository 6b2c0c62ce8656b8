//! Auto assignments: who is given and who loses a package.

use super::world::{World, check, claim, subject_of, user_of, world};
use crate::domain::action::{ActionKind, ActionState};
use crate::plan::ledger::{ClaimRecord, LedgerChange};
use crate::plan::observed::GroupView;

fn document(when_member_leaves: &str, more: &str) -> String {
    format!(
        "
apiVersion: usherd/v1
kind: AutoAssignment
name: tools
mode: enforce
accessPackage: Tools
assignmentPolicy: Direct
members:
  anyOf: [{{ group: Engineering }}, {{ rule: department eq 'Engineering' }}]
  except: [E9]
whenMemberLeaves: {when_member_leaves}
{more}
"
    )
}

const NOW: &str = "2026-12-10T12:00:00Z";

fn immediately() -> World {
    world(NOW, &[&document("immediately", "")])
        .person("E1", &[])
        .person("E2", &[("department", "Engineering")])
        .person("E3", &[])
        .person("E4", &[])
        .group("Engineering", &["E1"])
}

#[test]
fn members_of_any_source_are_given_the_package() {
    check(
        &immediately(),
        "adminAdd tools person:E1 by tools
         adminAdd tools person:E2 by tools
         tools notInScope 2",
    );
}

#[test]
fn only_what_usherd_granted_goes() {
    let world = immediately().holds("E3", "Tools").granted("E4", "Tools", "tools").granted("E2", "Tools", "tools");
    check(
        &world.granted("E1", "Tools", "tools"),
        "adminRemove tools person:E4 by tools
         tools notOwned 1
         tools satisfied 2",
    );
}

#[test]
fn a_document_that_adopts_takes_what_it_did_not_grant() {
    let world = world(NOW, &[&document("immediately", "adopt: true")])
        .person("E3", &[])
        .group("Engineering", &[])
        .holds("E3", "Tools");
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "first it is claimed");
    assert!(plan.changes.contains(&LedgerChange::Claim { claim: claim("E3", "Tools", "tools") }));
}

#[test]
fn the_grace_period_runs_from_the_pass_that_saw_the_member_gone() {
    let mut world = world(NOW, &[&document("{ remove: after, gracePeriod: P7D }", "")])
        .person("E1", &[])
        .person("E2", &[])
        .person("E3", &[])
        .group("Engineering", &["E2", "E3"])
        .granted("E2", "Tools", "tools")
        .granted("E3", "Tools", "tools")
        .granted("E1", "Tools", "tools");
    check(
        &world,
        "tools person:E1: the grace period begins
         tools satisfied 2",
    );
    let key = claim("E1", "Tools", "tools");
    let since = |instant: &str| ClaimRecord { leaving_since: Some(instant.parse().unwrap()), missing_since: None };
    world.ledger.claims.insert(key.clone(), since("2026-12-05T12:00:00Z"));
    check(
        &world,
        "tools person:E1: in the grace period until 2026-12-12T12:00:00Z
         tools satisfied 2",
    );
    world.ledger.claims.insert(key.clone(), since("2026-12-03T12:00:00Z"));
    check(
        &world,
        "adminRemove tools person:E1 by tools
         tools satisfied 2",
    );
    world.set_group("Engineering", &["E1", "E2", "E3"]);
    assert!(
        world.plan().changes.contains(&LedgerChange::ClaimStays { claim: key }),
        "coming back ends the grace period"
    );
}

#[test]
fn an_unknown_group_neither_adds_nor_removes() {
    for view in [GroupView::Unreadable, GroupView::NotFound, GroupView::Ambiguous] {
        let mut world = immediately().granted("E1", "Tools", "tools").granted("E4", "Tools", "tools");
        world.observed.groups.insert(("Engineering".to_owned(), false), view);
        let plan = world.plan();
        let targets: Vec<_> = plan.actions.iter().map(|action| (action.kind, action.user.clone())).collect();
        assert_eq!(targets, [(ActionKind::AdminAdd, user_of("E2"))], "the rule alone still gives");
    }
}

#[test]
fn a_group_under_another_id_waits_for_a_person() {
    let mut world = immediately().granted("E4", "Tools", "tools");
    let pin = crate::plan::ledger::PinKey::Group { name: "Engineering".to_owned() };
    world.ledger.pins.insert(pin, "another".to_owned());
    let plan = world.plan();
    assert!(plan.actions.iter().all(|action| action.kind == ActionKind::AdminAdd));
    assert!(plan.skips.iter().any(|skip| skip.reason.code() == "pinChanged"));
}

#[test]
fn a_shrunk_group_holds_its_removals() {
    let mut world = immediately().granted("E3", "Tools", "tools");
    for number in 10..20 {
        world = world.person(&format!("E{number}"), &[("department", "Engineering")]);
        world = world.granted(&format!("E{number}"), "Tools", "tools");
    }
    world.ledger.group_sizes.insert("Engineering".to_owned(), 8);
    let plan = world.plan();
    assert!(plan.actions.iter().all(|action| action.kind == ActionKind::AdminAdd));
    assert_eq!(plan.holds.iter().map(|hold| hold.gate.as_str()).collect::<Vec<_>>(), ["groupShrunk"]);
    let believed =
        |plan: &crate::plan::Plan| plan.changes.iter().any(|change| matches!(change, LedgerChange::GroupSize { .. }));
    assert!(!believed(&plan), "the small size is not believed while a grant hangs on it");
    world.ledger.claims.remove(&claim("E3", "Tools", "tools"));
    assert!(believed(&world.plan()));
}

#[test]
fn what_another_document_wants_stays() {
    let other = document("immediately", "").replace("name: tools", "name: others").replace("Engineering", "Others");
    let world = world(NOW, &[&document("immediately", ""), &other])
        .person("E1", &[])
        .group("Engineering", &[])
        .group("Others", &["E1"])
        .granted("E1", "Tools", "tools");
    let plan = world.plan();
    assert!(plan.actions.is_empty());
    assert!(plan.changes.contains(&LedgerChange::ClaimReleased { claim: claim("E1", "Tools", "tools") }));
    let raised = LedgerChange::EpisodeRaised { claim: claim("E1", "Tools", "tools") };
    assert!(plan.changes.contains(&raised), "a return is a new episode");
    assert!(plan.changes.contains(&LedgerChange::Claim { claim: claim("E1", "Tools", "others") }));
}

#[test]
fn nobody_relies_on_a_document_that_only_observes() {
    let other = document("immediately", "").replace("name: tools", "name: others").replace("Engineering", "Others");
    let mut world = world(NOW, &[&document("immediately", ""), &other])
        .person("E1", &[])
        .group("Engineering", &[])
        .group("Others", &["E1"])
        .granted("E1", "Tools", "tools");
    world.record("others").mode = crate::workflow::definition::Mode::Observe;
    let removed: Vec<_> = world.plan().actions.into_iter().map(|action| action.user).collect();
    assert_eq!(removed, [user_of("E1")]);
}

#[test]
fn each_episode_is_an_action_of_its_own_and_a_denial_sticks_to_its_own() {
    let mut world = immediately();
    let first = world.plan().actions.into_iter().find(|action| action.user == user_of("E1")).unwrap();
    world.knows(first.id, ActionKind::AdminAdd, "E1", "Tools", ActionState::Denied);
    assert!(world.text().contains("tools person:E1: ended as denied before"));
    let raised = LedgerChange::EpisodeRaised { claim: claim("E1", "Tools", "tools") };
    assert!(!world.plan().changes.contains(&raised));
    world.ledger.actions.get_mut(&first.id).unwrap().document_hash = "the version before".into();
    assert!(world.plan().changes.contains(&raised), "a changed document tries again");
    world.ledger.episodes.insert(claim("E1", "Tools", "tools"), 2);
    let second = world.plan().actions.into_iter().find(|action| action.user == user_of("E1")).unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn a_loss_is_believed_after_two_readings_half_an_hour_apart() {
    let mut world = immediately();
    let key = claim("E1", "Tools", "tools");
    let seen_missing =
        |instant: &str| ClaimRecord { leaving_since: None, missing_since: Some(instant.parse().unwrap()) };
    world.ledger.claims.insert(key.clone(), ClaimRecord::default());
    assert!(world.plan().changes.contains(&LedgerChange::ClaimMissing { claim: key.clone() }));
    world.ledger.claims.insert(key.clone(), seen_missing("2026-12-10T11:45:00Z"));
    assert!(!world.plan().changes.contains(&LedgerChange::EpisodeRaised { claim: key.clone() }));
    world.ledger.claims.insert(key.clone(), seen_missing("2026-12-10T11:30:00Z"));
    assert!(world.plan().changes.contains(&LedgerChange::EpisodeRaised { claim: key }));
}

#[test]
fn the_excepted_and_the_orphaned_are_left_alone() {
    let mut world = immediately().person("E9", &[]).granted("E9", "Tools", "tools").granted("E3", "Tools", "gone");
    world.ledger.claims.insert(claim("E4", "Basics", "gone"), ClaimRecord::default());
    let text = world.text();
    assert!(text.contains("gone person:E3: the document is gone"), "{text}");
    assert!(text.contains("tools excepted 1"), "{text}");
    assert!(world.plan().actions.iter().all(|action| action.subject != subject_of("E9")));
}

#[test]
fn the_services_own_assignments_are_never_touched() {
    let mut world = immediately().granted("E4", "Tools", "tools").granted("E1", "Tools", "tools");
    for policy in &mut world.observed.policies {
        policy.is_automatic = true;
    }
    let plan = world.plan();
    assert!(plan.actions.is_empty() && plan.holds.is_empty(), "{}", world.text());
}

#[test]
fn a_record_that_leads_to_no_user_ends_no_grant() {
    let mut world = immediately().granted("E4", "Tools", "tools");
    world.ledger.claims.insert(
        claim("E4", "Tools", "tools"),
        ClaimRecord { leaving_since: None, missing_since: Some("2026-12-01T00:00:00Z".parse().unwrap()) },
    );
    for user in &mut world.observed.users {
        user.employee_id = None;
    }
    let plan = world.plan();
    assert!(
        plan.changes.iter().all(|change| !matches!(change, LedgerChange::ClaimReleased { .. })),
        "{}",
        world.text()
    );
    assert!(plan.actions.iter().all(|action| action.kind == ActionKind::AdminAdd));
}

#[test]
fn what_was_done_long_ago_and_is_gone_is_given_again() {
    let mut world = immediately();
    let first = world.plan().actions.into_iter().find(|action| action.user == user_of("E1")).unwrap();
    world.knows(first.id, ActionKind::AdminAdd, "E1", "Tools", ActionState::AlreadySatisfied);
    let raised = LedgerChange::EpisodeRaised { claim: claim("E1", "Tools", "tools") };
    assert!(!world.plan().changes.contains(&raised), "the list may lag");
    world.ledger.actions.get_mut(&first.id).unwrap().changed = "2026-12-10T11:00:00Z".parse().unwrap();
    assert!(world.plan().changes.contains(&raised));
}

#[test]
fn a_refusal_sticks_until_the_document_changes_and_a_missing_permission_for_an_hour() {
    let mut world = immediately();
    let first = world.plan().actions.into_iter().find(|action| action.user == user_of("E1")).unwrap();
    world.knows(first.id, ActionKind::AdminAdd, "E1", "Tools", ActionState::Refused);
    let is_sent = |world: &World| world.plan().actions.iter().any(|action| action.id == first.id);
    assert!(!is_sent(&world));
    let mut edited = world.clone();
    edited.ledger.actions.get_mut(&first.id).unwrap().document_hash = "the version before".into();
    assert!(is_sent(&edited));
    world.ledger.actions.get_mut(&first.id).unwrap().is_forbidden = true;
    assert!(!is_sent(&world));
    world.ledger.actions.get_mut(&first.id).unwrap().changed = "2026-12-10T11:00:00Z".parse().unwrap();
    assert!(is_sent(&world));
}

#[test]
fn a_denial_or_rejection_from_before_the_person_was_linked_stands() {
    let mut world = immediately();
    let person = world.observed.feeds.get_mut(&"hr".into()).unwrap().persons.remove(0);
    let first = world.plan().actions.into_iter().find(|action| action.user == user_of("E1")).unwrap();
    assert_eq!(first.subject.as_str(), "user:u-E1");
    world.observed.feeds.get_mut(&"hr".into()).unwrap().persons.insert(0, person);
    let mut rejected = world.clone();
    rejected.ledger.rejected.insert(first.id, first.document.clone());
    world.knows(first.id, ActionKind::AdminAdd, "E1", "Tools", ActionState::Denied);
    for world in [world, rejected] {
        assert!(world.plan().actions.iter().all(|action| action.user != user_of("E1")), "{}", world.text());
    }
}

#[test]
fn whoever_is_in_a_feed_is_in_it_whichever_record_is_used() {
    let text = document("immediately", "").replace("{ group: Engineering }", "{ feed: hr }");
    let mut world = world(NOW, &[&text]).person("E1", &[]);
    let mut other = world.observed.feeds[&"hr".into()].clone();
    for person in &mut other.persons {
        person.feed = "a-feed-before".into();
    }
    world.observed.feeds.insert("a-feed-before".into(), other);
    check(&world, "adminAdd tools person:E1 by tools");
}

#[test]
fn a_grant_that_is_gone_is_noted_of_somebody_who_is_no_member_any_more() {
    let world = immediately().granted("E4", "Tools", "tools");
    let mut lost = world.clone();
    lost.observed.assignments.clear();
    let missing = LedgerChange::ClaimMissing { claim: claim("E4", "Tools", "tools") };
    assert!(lost.plan().changes.contains(&missing), "{:?}", lost.plan().changes);
    assert!(!world.plan().changes.contains(&missing));
}

#[test]
fn a_loss_that_proved_wrong_does_not_count_towards_a_later_one() {
    let mut world = immediately().granted("E4", "Tools", "tools");
    world.definitions.auto_assignments[0].when_member_leaves = crate::workflow::definition::WhenMemberLeaves::Never;
    let key = claim("E4", "Tools", "tools");
    let missing_since = Some("2026-12-10T10:00:00Z".parse().unwrap());
    world.ledger.claims.insert(key.clone(), ClaimRecord { leaving_since: None, missing_since });
    super::after::after(&mut world, "2026-12-10T13:00:00Z");
    world.observed.assignments.clear();
    super::after::after(&mut world, "2026-12-10T13:10:00Z");
    assert!(world.ledger.claims.contains_key(&key), "one reading without it is no loss");
}
