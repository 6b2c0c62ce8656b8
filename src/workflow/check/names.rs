//! Names of packages, policies and groups that the tenant does not have, or has more than once.

use std::fmt::Display;

use crate::workflow::definition::{MemberSource, Trigger};
use crate::workflow::places::Site;
use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::warning::Warning;

use super::survey::{Item, Survey};
use super::tenant::{Found, NamedGroup, Tenant};

pub(super) fn check(survey: &Survey<'_>, tenant: &Tenant) -> Vec<Problem> {
    let packages = survey.changes.iter().filter(|change| matches!(change.item, Item::Package(_)));
    let packages = packages.filter_map(|change| check_package(survey, tenant, &change.site, change.name));
    let policies = survey.requested().filter_map(|(site, requested)| {
        let package = tenant.package(&requested.access_package).one()?;
        let name = &requested.assignment_policy;
        let what = format!("the access package {}", quoted(&package.display_name));
        let (warning, complaint) = match tenant.policy(&package.id, name) {
            Found::One(_) => return None,
            Found::Several => (Warning::NameAmbiguous, ambiguous(format_args!("policy of {what}"), name)),
            Found::None => {
                let known = tenant.policies_of(&package.id).map(|policy| policy.display_name.as_str());
                let complaint = Complaint::new(format!("{what} has no assignment policy {}", quoted(name)));
                (Warning::PolicyNotFound, suggest(complaint, name, known))
            }
        };
        Some(survey.warning(&site.key("assignmentPolicy"), warning, complaint))
    });
    let groups = named_groups(survey).filter_map(|(site, name)| check_group(survey, tenant, &site, name));
    packages.chain(policies).chain(groups).collect()
}

fn check_package(survey: &Survey<'_>, tenant: &Tenant, site: &Site, name: &str) -> Option<Problem> {
    let (warning, complaint) = match tenant.package(name) {
        Found::One(_) => return None,
        Found::Several => (Warning::NameAmbiguous, ambiguous("access package", name)),
        Found::None => {
            let known = tenant.packages.iter().map(|package| package.display_name.as_str());
            let complaint = Complaint::new(format!("the tenant has no access package {}", quoted(name)));
            (Warning::PackageNotFound, suggest(complaint, name, known))
        }
    };
    Some(survey.warning(site, warning, complaint))
}

fn check_group(survey: &Survey<'_>, tenant: &Tenant, site: &Site, name: &str) -> Option<Problem> {
    let (warning, complaint) = match tenant.groups.get(name)? {
        NamedGroup::One(_) => return None,
        NamedGroup::Several => (Warning::NameAmbiguous, ambiguous("group", name)),
        NamedGroup::None => {
            (Warning::GroupNotFound, Complaint::new(format!("the directory has no group {}", quoted(name))))
        }
    };
    Some(survey.warning(site, warning, complaint))
}

/// Every place where a document names a group.
fn named_groups<'d>(survey: &Survey<'d>) -> impl Iterator<Item = (Site, &'d str)> {
    let changed = survey.changes.iter().filter(|change| matches!(change.item, Item::Group(_)));
    let changed: Vec<_> = changed.map(|change| (change.site.clone(), change.name)).collect();
    let of_workflows = survey.definitions.workflows.iter().flat_map(|workflow| {
        let document = Site::of(&workflow.header.name);
        let watched = match &workflow.trigger {
            Trigger::MembershipChange { group, .. } => {
                Some((document.key("trigger").key("membershipChange").key("group"), group.as_str()))
            }
            _ => None,
        };
        let scope = document.key("scope").key("groups");
        let scope =
            workflow.scope.groups.iter().enumerate().map(move |(number, group)| (scope.item(number), group.as_str()));
        watched.into_iter().chain(scope)
    });
    let of_members = survey.definitions.auto_assignments.iter().flat_map(|auto| {
        let any_of = Site::of(&auto.header.name).key("members").key("anyOf");
        auto.any_of.iter().enumerate().filter_map(move |(number, source)| match source {
            MemberSource::Group { group, .. } => Some((any_of.item(number).key("group"), group.as_str())),
            _ => None,
        })
    });
    changed.into_iter().chain(of_workflows).chain(of_members)
}

fn ambiguous(what: impl Display, name: &str) -> Complaint {
    Complaint::new(format!("more than one {what} is called {}", quoted(name)))
        .hint("write the id of the one that is meant")
}

/// Suggests what is near, or else lists what there is, where that is little.
fn suggest<'k>(complaint: Complaint, name: &str, known: impl Iterator<Item = &'k str>) -> Complaint {
    const MOST_LISTED: usize = 5;
    let mut names: Vec<&str> = known.collect();
    let complaint = complaint.suggest(name, names.iter().copied());
    if complaint.hint.is_some() || names.is_empty() || names.len() > MOST_LISTED {
        return complaint;
    }
    names.sort_unstable();
    let listed: Vec<String> = names.into_iter().map(quoted).collect();
    complaint.hint(format!("there is {}", listed.join(", ")))
}
