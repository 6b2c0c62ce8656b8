//! Workflows that wait for a group's changes and change groups, in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::workflow::definition::{Change, Trigger};
use crate::workflow::places::Site;
use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::warning::Warning;

use super::survey::{Item, Survey};
use super::tenant::Tenant;

/// Somebody comes into a group or goes out of it.
type Event = (Item, Change);

/// A task that makes one event when another one happens.
struct Link<'d> {
    to: Event,
    site: Site,
    workflow: &'d str,
    group: &'d str,
}

pub(super) fn check(survey: &Survey<'_>, tenant: Option<&Tenant>) -> Vec<Problem> {
    let mut links: BTreeMap<Event, Vec<Link<'_>>> = BTreeMap::new();
    for change in survey.changes.iter().filter(|change| matches!(change.item, Item::Group(_))) {
        let Some(workflow) = change.by.workflow().filter(|workflow| workflow.is_enabled) else { continue };
        let Trigger::MembershipChange { group, change: awaited, .. } = &workflow.trigger else { continue };
        let made = if change.gives { Change::Came } else { Change::Went };
        let link = Link {
            to: (change.item.clone(), made),
            site: change.site.clone(),
            workflow: workflow.header.name.as_str(),
            group: change.name,
        };
        links.entry((Item::group(group, tenant), *awaited)).or_default().push(link);
    }
    // Each circle once, at the first of its tasks.
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for (from, first) in links.iter().flat_map(|(from, firsts)| firsts.iter().map(move |first| (from, first))) {
        let Some(circle) = way_back(&links, first, from) else { continue };
        let sites: BTreeSet<&Site> = circle.iter().map(|link| &link.site).collect();
        if told.insert(sites) {
            found.push(survey.warning(&first.site, Warning::GroupCircle, complaint(&circle)));
        }
    }
    found
}

/// The shortest way along tasks from what `first` makes back to what it waits for.
fn way_back<'l>(
    links: &'l BTreeMap<Event, Vec<Link<'l>>>,
    first: &'l Link<'l>,
    from: &Event,
) -> Option<Vec<&'l Link<'l>>> {
    let mut seen = BTreeSet::from([&first.to]);
    let mut ways = VecDeque::from([vec![first]]);
    while let Some(way) = ways.pop_front() {
        let Some(last) = way.last() else { continue };
        if last.to == *from {
            return Some(way);
        }
        for next in links.get(&last.to).into_iter().flatten() {
            if seen.insert(&next.to) {
                let mut longer = way.clone();
                longer.push(next);
                ways.push_back(longer);
            }
        }
    }
    None
}

fn complaint(circle: &[&Link<'_>]) -> Complaint {
    let step = |link: &&Link<'_>| {
        let does = if link.to.1 == Change::Came { "adds to" } else { "removes from" };
        format!("{} {does} {}", link.workflow, quoted(link.group))
    };
    let steps: Vec<String> = circle.iter().map(step).collect();
    let directions: BTreeMap<&Item, BTreeSet<Change>> = circle.iter().fold(BTreeMap::new(), |mut known, link| {
        known.entry(&link.to.0).or_insert_with(BTreeSet::new).insert(link.to.1);
        known
    });
    let goes_on = directions.values().any(|changes| changes.len() > 1);
    let hint = if goes_on {
        "it never ends: let one of the workflows wait for something else"
    } else {
        "it ends once everybody is where the tasks put them; if that is not meant, let one of the workflows wait for something else"
    };
    Complaint::new(format!("group triggers in a circle: {}, and again", steps.join(", then "))).hint(hint)
}
