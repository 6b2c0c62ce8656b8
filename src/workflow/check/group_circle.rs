//! Documents that go by a group's members and change them, by tasks or through packages, in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::workflow::definition::{Change, Definitions, MemberSource, Trigger, WhenMemberLeaves};
use crate::workflow::places::Site;
use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::warning::Warning;

use super::survey::{Item, Survey};
use super::tenant::Tenant;

/// Somebody gets a package or loses it, comes into a group or goes out of it.
type Event = (Item, Change);

/// What makes one event when another one happens.
struct Link<'d> {
    to: Event,
    /// What is given or taken, as a document names it.
    name: &'d str,
    cause: Cause<'d>,
}

enum Cause<'d> {
    /// A task of a workflow, where it names what it changes.
    Task { workflow: &'d str, site: Site },
    /// An auto assignment, where it names the group.
    Members { document: &'d str, site: Site },
    /// The package itself: whoever holds it is in the group.
    Package,
}

type Links<'d> = BTreeMap<Event, Vec<Link<'d>>>;

pub(super) fn check(survey: &Survey<'_>, tenant: Option<&Tenant>) -> Vec<Problem> {
    let mut links = Links::new();
    link_tasks(&mut links, survey, tenant);
    link_members(&mut links, survey.definitions, tenant);
    if let Some(tenant) = tenant {
        link_packages(&mut links, survey.definitions, tenant);
    }
    // Each circle once, at the first of its documents.
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for (from, first) in links.iter().flat_map(|(from, firsts)| firsts.iter().map(move |first| (from, first))) {
        let Some(site) = first.site() else { continue };
        let Some(circle) = way_back(&links, first, from) else { continue };
        let sites: BTreeSet<&Site> = circle.iter().filter_map(|link| link.site()).collect();
        if told.insert(sites) {
            found.push(survey.warning(site, Warning::GroupCircle, complaint(&circle)));
        }
    }
    found
}

/// What tasks change when the group changes that their workflow waits for.
fn link_tasks<'d>(links: &mut Links<'d>, survey: &Survey<'d>, tenant: Option<&Tenant>) {
    for change in &survey.changes {
        let Some(workflow) = change.by.workflow().filter(|workflow| workflow.is_enabled) else { continue };
        let Trigger::MembershipChange { group, change: awaited, .. } = &workflow.trigger else { continue };
        let made = if change.gives { Change::Came } else { Change::Went };
        let cause = Cause::Task { workflow: workflow.header.name.as_str(), site: change.site.clone() };
        let link = Link { to: (change.item.clone(), made), name: change.name, cause };
        links.entry((Item::group(group, tenant), *awaited)).or_default().push(link);
    }
}

/// What auto assignments change when a group changes whose members are theirs.
fn link_members<'d>(links: &mut Links<'d>, definitions: &'d Definitions, tenant: Option<&Tenant>) {
    for auto in &definitions.auto_assignments {
        let any_of = Site::of(&auto.header.name).key("members").key("anyOf");
        let takes = auto.when_member_leaves != WhenMemberLeaves::Never;
        let changes = if takes { &[Change::Came, Change::Went][..] } else { &[Change::Came] };
        for (place, source) in auto.any_of.iter().enumerate() {
            let MemberSource::Group { group, .. } = source else { continue };
            for change in changes {
                let name = auto.requested.access_package.as_str();
                let document = auto.header.name.as_str();
                let cause = Cause::Members { document, site: any_of.item(place).key("group") };
                let link = Link { to: (Item::package(name, tenant), *change), name, cause };
                links.entry((Item::group(group, tenant), *change)).or_default().push(link);
            }
        }
    }
}

/// What packages put their holders into, as far as documents go by it.
fn link_packages<'d>(links: &mut Links<'d>, definitions: &'d Definitions, tenant: &Tenant) {
    let names: BTreeMap<Item, &str> =
        definitions.groups().map(|(group, _)| (Item::group(group, Some(tenant)), group)).collect();
    for (package, groups) in &tenant.granted_groups {
        for group in groups {
            let group = Item::Group(group.as_str().to_owned());
            let Some(name) = names.get(&group) else { continue };
            for change in [Change::Came, Change::Went] {
                let link = Link { to: (group.clone(), change), name, cause: Cause::Package };
                links.entry((Item::Package(package.as_str().to_owned()), change)).or_default().push(link);
            }
        }
    }
}

/// The shortest way from what `first` makes back to what makes it happen.
fn way_back<'l, 'd>(links: &'l Links<'d>, first: &'l Link<'d>, from: &Event) -> Option<Vec<&'l Link<'d>>> {
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

impl Link<'_> {
    /// Where a document says so.
    fn site(&self) -> Option<&Site> {
        match &self.cause {
            Cause::Task { site, .. } | Cause::Members { site, .. } => Some(site),
            Cause::Package => None,
        }
    }

    fn in_words(&self) -> String {
        let does = match &self.to {
            (Item::Package(_), Change::Came) => "gives",
            (Item::Package(_), Change::Went) => "takes",
            (Item::Group(_), Change::Came) => "adds to",
            (Item::Group(_), Change::Went) => "removes from",
        };
        let what = format!("{does} {}", quoted(self.name));
        match &self.cause {
            Cause::Task { workflow: document, .. } | Cause::Members { document, .. } => {
                format!(", then {document} {what}")
            }
            Cause::Package => format!(", which {what}"),
        }
    }
}

fn complaint(circle: &[&Link<'_>]) -> Complaint {
    let steps: String = circle.iter().map(|link| link.in_words()).collect();
    let steps = steps.trim_start_matches(", then ");
    let directions: BTreeMap<&Item, BTreeSet<Change>> = circle.iter().fold(BTreeMap::new(), |mut known, link| {
        known.entry(&link.to.0).or_insert_with(BTreeSet::new).insert(link.to.1);
        known
    });
    let goes_on = directions.values().any(|changes| changes.len() > 1);
    let stands = circle.iter().any(|link| matches!(link.cause, Cause::Members { .. }) && link.to.1 == Change::Came);
    let what_happens = match (goes_on, stands) {
        (true, _) => "it never ends: let",
        (false, true) => "whoever is once in it stays in it, whatever brought them: let",
        (false, false) => "it ends once everybody is where it puts them; if that is not meant, let",
    };
    let hint = format!("{what_happens} one of the documents go by something else");
    Complaint::new(format!("group changes in a circle: {steps}, and again")).hint(hint)
}
