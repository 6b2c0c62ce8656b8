//! Packages that exclude each other in the tenant, given to the same people.

use crate::domain::entitlement::AccessPackage;
use crate::workflow::problem::{Complaint, Problem};
use crate::workflow::warning::Warning;

use super::survey::{Change, Item, Survey};
use super::tenant::Tenant;

pub(super) fn check(survey: &Survey<'_>, tenant: &Tenant) -> Vec<Problem> {
    let is_given = |change: &&Change<'_>| change.gives && change.by.is_enabled();
    let given: Vec<(&Change<'_>, &AccessPackage)> = survey
        .changes
        .iter()
        .filter(is_given)
        .filter_map(|change| match change.item {
            Item::Package(_) => Some((change, tenant.package(change.name).one()?)),
            Item::Group(_) => None,
        })
        .collect();
    let mut found = Vec::new();
    for (index, (later, package)) in given.iter().enumerate() {
        let earlier = given.iter().take(index).find(|(earlier, other)| {
            excludes(package, other)
                && !takes_first(survey, later, earlier)
                && !takes_first(survey, earlier, later)
                && survey.audience(earlier.by).can_share(&survey.audience(later.by))
        });
        if let Some((earlier, _)) = earlier {
            let (what, place) = (earlier.what(), survey.whereabouts(&earlier.site));
            let message =
                format!("people who get the {} get the {what} too ({place}), and nobody may hold both", later.what());
            let complaint = Complaint::new(message);
            let complaint = complaint
                .hint("give them to different people, or let a task of the same workflow remove the other one");
            found.push(survey.warning(&later.site, Warning::Incompatible, complaint));
        }
    }
    found
}

fn excludes(one: &AccessPackage, other: &AccessPackage) -> bool {
    one.incompatible_with.contains(&other.id) || other.incompatible_with.contains(&one.id)
}

/// Whether the workflow that gives `one` takes `other`, as a mover does.
fn takes_first(survey: &Survey<'_>, one: &Change<'_>, other: &Change<'_>) -> bool {
    survey
        .changes
        .iter()
        .any(|change| !change.gives && change.item == other.item && change.site.document == one.site.document)
}
