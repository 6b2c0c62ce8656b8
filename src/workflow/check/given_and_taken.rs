//! The same package or group given and taken on one occasion.

use crate::workflow::problem::{Complaint, Problem};
use crate::workflow::warning::Warning;

use super::survey::{Change, Survey};

pub(super) fn check(survey: &Survey<'_>) -> Vec<Problem> {
    let of_workflows = survey.changes.iter().filter_map(|change| Some((change, change.workflow?)));
    let enabled: Vec<_> = of_workflows.filter(|(_, workflow)| workflow.is_enabled).collect();
    let mut found = Vec::new();
    for (index, (later, workflow)) in enabled.iter().enumerate() {
        let earlier = enabled.iter().take(index).find(|(earlier, other)| {
            earlier.item == later.item && earlier.gives != later.gives && workflow.header.name == other.header.name
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
    let message = format!("the {} is {does} and {other} on the same occasion at {place}", later.what());
    Complaint::new(message).hint("keep one of the two, or give them different triggers")
}
