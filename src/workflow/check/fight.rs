//! Workflows that take a package from people to whom an auto assignment gives it.

use crate::domain::action::Category;
use crate::domain::subject::{CREATED, HIRE_DATE};
use crate::workflow::definition::{Change, Trigger, Workflow};
use crate::workflow::problem::{Complaint, Problem};
use crate::workflow::warning::Warning;

use super::survey::{Item, Origin, Survey};

/// Dates that are not of leaving.
const DATES_OF_COMING: [&str; 2] = [HIRE_DATE, CREATED];

pub(super) fn check(survey: &Survey<'_>) -> Vec<Problem> {
    let is_package = |item: &Item| matches!(item, Item::Package(_));
    let mut found = Vec::new();
    for taken in survey.changes.iter().filter(|change| !change.gives && is_package(&change.item)) {
        let Origin::Workflow(workflow) = taken.by else { continue };
        if !workflow.is_enabled || ends_with_the_employment(workflow) {
            continue;
        }
        let rival = survey.changes.iter().find(|given| {
            let Origin::AutoAssignment(_) = given.by else { return false };
            given.item == taken.item && survey.audience(given.by).can_share(&survey.audience(taken.by))
        });
        if let Some(given) = rival {
            let message = format!(
                "takes the {} from people to whom {} gives it ({})",
                taken.what(),
                given.site.document,
                survey.whereabouts(&given.site)
            );
            let hint = if workflow.category == Category::Leaver {
                "its bar keeps the package away although they are still members: let it wait for a leave date, or narrow one of the two"
            } else {
                "let the rule of one of the two leave the other's people out"
            };
            found.push(survey.warning(&taken.site, Warning::Fight, Complaint::new(message).hint(hint)));
        }
    }
    found
}

/// A leaver's bar is meant to win over what the person had while they worked here.
fn ends_with_the_employment(workflow: &Workflow) -> bool {
    workflow.category == Category::Leaver
        && match &workflow.trigger {
            Trigger::Time(trigger) => !DATES_OF_COMING.contains(&trigger.attribute.as_str()),
            Trigger::FeedChange { change, .. } => *change == Change::Went,
            Trigger::OnDemand => true,
            Trigger::AttributeChange(_) | Trigger::MembershipChange { .. } | Trigger::Schedule(_) => false,
        }
}
