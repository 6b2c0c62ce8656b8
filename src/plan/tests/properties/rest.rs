//! Where a life ends that nothing disturbs any more: at rest, with members in and leavers out.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::holds;
use crate::domain::action::ActionKind;
use crate::domain::ids::{DocumentName, PackageId, UserId};
use crate::domain::subject::{AttributeValue, HIRE_DATE, LEAVE_DATE};
use crate::plan::focus::Focus;
use crate::plan::observed::GroupView;
use crate::plan::plan_in_focus;
use crate::plan::population::{Member, join, unread_attributes};
use crate::plan::tests::any_life::{lives, scripts};
use crate::plan::tests::world::World;
use crate::workflow::definition::{AutoAssignment, MemberSource, Mode};
use crate::workflow::rule::{AttributeSource, Truth};

/// So often may one person be given one package while nothing changes.
const MOST_GIVEN: usize = 3;

proptest! {
    #![proptest_config(lives(30))]

    #[test]
    fn every_life_comes_to_rest_with_members_in_and_leavers_out(script in scripts(8)) {
        let mut given: BTreeMap<(UserId, String), usize> = BTreeMap::new();
        let last = script.live_and_rest(|moment| {
            for action in moment.sent.iter().filter(|action| !action.kind.is_removal()) {
                let times = given.entry((action.user.clone(), action.resource.to_string())).or_default();
                *times += 1;
                prop_assert!(*times <= MOST_GIVEN, "{} is given {} again and again", action.user, action.resource);
            }
            Ok(())
        })?;
        let unread = unread_attributes(&last.definitions.feeds, &last.observed);
        for member in join(&last.observed, &unread) {
            members_are_in(&last, &member)?;
            leavers_are_out(&last, &member)?;
        }
    }
}

/// What the last plan says of the subject in a document.
fn reasons(world: &World, member: &Member<'_>, document: &DocumentName) -> BTreeSet<&'static str> {
    let focus = Focus::on(member.subject.keys());
    let (plan, reasons) =
        plan_in_focus(&world.definitions, &world.observed, &world.ledger, &world.limits, world.now, focus);
    let is_of = |action: &&crate::domain::action::Action| Some(&action.user) == member.user_id();
    let held = plan.holds.iter().flat_map(|hold| &hold.items).filter(is_of).map(|_| "held");
    let told = reasons.iter().filter(|skip| skip.document == *document).map(|skip| skip.reason.code());
    told.chain(held).collect()
}

fn in_force<'w>(world: &'w World, name: &DocumentName) -> Option<&'w crate::plan::ledger::DocumentRecord> {
    world.ledger.documents.get(name).filter(|record| record.in_force)
}

/// Whether the document wants the subject, by the plainest reading of what it says.
fn wants(world: &World, auto: &AutoAssignment, member: &Member<'_>) -> bool {
    auto.any_of.iter().any(|source| match source {
        MemberSource::Rule(rule) => rule.evaluate(member) == Truth::Yes,
        MemberSource::Group { group, transitive } => {
            let view = world.observed.groups.get(&(group.clone(), *transitive));
            let is_pinned = |id: &str| {
                let pin = crate::plan::ledger::PinKey::Group { name: group.clone() };
                world.ledger.pins.get(&pin).is_none_or(|pinned| pinned == id)
            };
            matches!((view, member.user_id()), (Some(GroupView::Members { users, id, .. }), Some(user))
                if users.contains(user) && is_pinned(id.as_str()))
        }
        MemberSource::Feed(feed) => member.subject.person.is_some_and(|person| {
            let view = world.observed.feeds.get(feed);
            view.is_some_and(|view| view.persons.iter().any(|known| known.key == person.key && !known.missing))
        }),
    })
}

fn members_are_in(world: &World, member: &Member<'_>) -> TestCaseResult {
    let Some(user) = member.user_id() else { return Ok(()) };
    for auto in &world.definitions.auto_assignments {
        let name = &auto.header.name;
        let package =
            world.observed.packages.iter().find(|package| package.display_name == auto.requested.access_package);
        let is_alone = auto.requested.access_package != "Twin";
        let (Some(package), true, Some(record)) = (package, is_alone, in_force(world, name)) else { continue };
        let is_excepted = member.subject.is_named_in(&auto.except);
        if record.mode == Mode::Observe || is_excepted || !wants(world, auto, member) || holds(world, user, &package.id)
        {
            continue;
        }
        let told = reasons(world, member, name);
        let ledger = &world.ledger;
        let is_barred = || ledger.bars.iter().any(|bar| bar.user == *user && bar.package == package.id);
        let is_taken = || ledger.outranked.keys().any(|claim| claim.document == *name && claim.package == package.id);
        let has_failed = || {
            ledger
                .actions
                .values()
                .any(|action| action.kind == ActionKind::AdminAdd && action.user == *user && action.state.is_failure())
        };
        let is_asked = || world.observed.requests.iter().any(|request| request.user.as_ref() == Some(user));
        let is_excused = (told.contains("barred") && is_barred())
            || (told.contains("outrankedBy") && is_taken())
            || (told.contains("sticks") && has_failed())
            || (["openRequest", "waitsForRemoval", "satisfied"].iter().any(|told_so| told.contains(told_so))
                && is_asked())
            || (told.contains("rejected") && !ledger.rejected.is_empty())
            || (told.contains("sameAs"))
            || (told.contains("incompatible") && package.id.as_str() != "tools");
        prop_assert!(is_excused, "{} does not hold {}: {:?}", user, package.id, told);
    }
    Ok(())
}

fn leavers_are_out(world: &World, member: &Member<'_>) -> TestCaseResult {
    let Some(user) = member.user_id() else { return Ok(()) };
    let name = DocumentName::from("leave");
    let is_in_force = in_force(world, &name).is_some_and(|record| record.mode == Mode::Enforce);
    let is_known = world.definitions.workflows.iter().any(|workflow| workflow.header.name == name);
    let date = |attribute: &str| match member.attribute(attribute) {
        Some(AttributeValue::Date { date, .. }) => Some(*date),
        _ => None,
    };
    let department = member.attribute("department");
    let is_in_scope = department.is_some_and(|value| *value != AttributeValue::Text("Board".to_owned()));
    let today = jiff::tz::TimeZone::UTC.to_datetime(world.now).date();
    let Some(left) = date(LEAVE_DATE).filter(|left| left.tomorrow().unwrap() < today) else { return Ok(()) };
    let is_rehired = date(HIRE_DATE).is_some_and(|hired| hired > left);
    if !is_in_force || !is_known || !is_in_scope || is_rehired || member.subject.key.as_str().ends_with("E0") {
        return Ok(());
    }
    for package in ["basics", "tools"].map(PackageId::from) {
        let is_rejected = || {
            let mut rejected = world.ledger.rejected.keys().filter_map(|id| world.ledger.actions.get(id));
            rejected.any(|action| action.user == *user && action.resource.package() == Some(&package))
        };
        if !holds(world, user, &package) || is_rejected() {
            continue;
        }
        let told = reasons(world, member, &name);
        let excuses = ["serviceManaged", "sticks", "rejected", "beforeDocument", "badDate", "inFlight", "unknown"];
        prop_assert!(
            excuses.iter().any(|excuse| told.contains(excuse)),
            "{} left and holds {}: {:?}",
            user,
            package,
            told
        );
    }
    Ok(())
}
