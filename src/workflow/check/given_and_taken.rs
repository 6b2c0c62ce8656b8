//! The same package or group given and taken on one occasion.

use crate::workflow::definition::{AttributeChange, Trigger, Workflow};
use crate::workflow::problem::{Complaint, Problem};
use crate::workflow::warning::Warning;

use super::survey::{Change, Survey};

pub(super) fn check(survey: &Survey<'_>) -> Vec<Problem> {
    let of_workflows = survey.changes.iter().filter_map(|change| Some((change, change.by.workflow()?)));
    let enabled: Vec<_> = of_workflows.filter(|(_, workflow)| workflow.is_enabled).collect();
    let mut found = Vec::new();
    for (index, (later, workflow)) in enabled.iter().enumerate() {
        let earlier = enabled.iter().take(index).find(|(earlier, other)| {
            earlier.item == later.item
                && earlier.gives != later.gives
                && is_one_occasion(workflow, other)
                && survey.audience(earlier.by).can_share(&survey.audience(later.by))
        });
        if let Some((earlier, _)) = earlier {
            found.push(survey.warning(&later.site, Warning::GivenAndTaken, complaint(survey, earlier, later)));
        }
    }
    found
}

fn complaint(survey: &Survey<'_>, earlier: &Change<'_>, later: &Change<'_>) -> Complaint {
    let (does, other) = if later.gives { ("given here", "taken") } else { ("taken here", "given") };
    let place = survey.whereabouts(&earlier.site);
    let is_same = earlier.site.document == later.site.document;
    let when = if is_same { "on the same occasion" } else { "for the same trigger" };
    let complaint = Complaint::new(format!("the {} is {does} and {other} {when} ({place})", later.what()));
    complaint.hint("keep one of the two, or give them to different people")
}

/// Whether the two can be due for one person by one and the same thing that happened.
fn is_one_occasion(one: &Workflow, other: &Workflow) -> bool {
    if one.header.name == other.header.name {
        return true;
    }
    match (&one.trigger, &other.trigger) {
        (Trigger::AttributeChange(one), Trigger::AttributeChange(other)) => is_one_change(one, other),
        // A person's own act: whoever activates both means both.
        (Trigger::OnDemand, _) => false,
        // How far back it looks makes it no other occasion.
        (Trigger::Time(one), Trigger::Time(other)) => {
            let occasion = (&one.attribute, one.offset_in_days, one.at, &one.time_zone);
            occasion == (&other.attribute, other.offset_in_days, other.at, &other.time_zone)
        }
        (one, other) => one == other,
    }
}

fn is_one_change(one: &AttributeChange, other: &AttributeChange) -> bool {
    let can_share = |one: &Option<Vec<_>>, other: &Option<Vec<_>>| match (one, other) {
        (Some(one), Some(other)) => one.iter().any(|value| other.contains(value)),
        _ => true,
    };
    one.attributes.iter().any(|name| other.attributes.contains(name))
        && can_share(&one.from, &other.from)
        && can_share(&one.to, &other.to)
}
