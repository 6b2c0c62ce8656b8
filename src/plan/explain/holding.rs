//! What the subject holds of a package and what is on its way: assignments, requests, usherd's own actions, claims and bars.

use crate::domain::entitlement::AccessPackage;
use crate::domain::ids::PackageId;
use crate::plan::holdings::Holdings;
use crate::plan::population::Member;

use super::condition::Condition;
use super::input::Input;
use super::origin::Origin;

/// A package by its name and id.
pub(super) fn name_of(package: &PackageId, input: &Input<'_>) -> String {
    let known = input.observed.packages.iter().find(|known: &&AccessPackage| known.id == *package);
    known.map_or_else(|| package.to_string(), |known| format!("{} ({package})", known.display_name))
}

/// Whether the subject holds `package`, and everything known about it.
pub(super) fn condition(package: &PackageId, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let asks = format!("holds {}", name_of(package, input));
    let list = |name: &str| Some(Origin::of_list(name, input.observed));
    let Some(user) = member.user_id() else {
        return Condition::new(asks, false).seen("no directory user that could hold it");
    };
    let holdings = Holdings::of(input.observed, input.ledger);
    let holding = holdings.get(user, package);
    let mut parts = Vec::new();
    for assignment in &holding.assignments {
        let whose = if holdings.is_service_managed(assignment) { ", by the service's own policy" } else { "" };
        let asks = format!("assignment {}", assignment.id);
        parts.push(Condition::statement(asks).seen(format!("{}{whose}", assignment.state)).from(list("assignments")));
    }
    let open = input.observed.requests.iter().filter(|request| {
        request.state.is_open() && request.user.as_ref() == Some(user) && request.package.as_ref() == Some(package)
    });
    for request in open {
        let asks = format!("request {} ({})", request.id, request.request_type);
        parts.push(Condition::statement(asks).seen(request.state.to_string()).from(list("assignmentRequests")));
    }
    parts.extend(actions(package, member, input));
    parts.extend(claims(package, member, input));
    parts.extend(bars(package, member, input));
    let seen = match (holding.assignments.len(), holding.is_coming, holding.is_going) {
        (0, true, _) => "not yet: an open request brings it".to_owned(),
        (0, false, _) => "no active assignment".to_owned(),
        (count, _, true) => format!("{count} active, and an open request takes it"),
        (count, _, false) => format!("{count} active"),
    };
    Condition::new(asks, holding.has()).seen(seen).from(list("assignments")).parts(parts)
}

/// What usherd itself has done for the user and the package.
fn actions(package: &PackageId, member: &Member<'_>, input: &Input<'_>) -> Vec<Condition> {
    let own = input
        .ledger
        .actions
        .iter()
        .filter(|(_, action)| Some(&action.user) == member.user_id() && action.resource.package() == Some(package));
    own.map(|(id, action)| {
        Condition::statement(format!("action {id} ({} by {})", action.kind, action.document))
            .seen(action.state.to_string())
            .from(Some(Origin::Ledger { since: Some(action.changed) }))
    })
    .collect()
}

fn claims(package: &PackageId, member: &Member<'_>, input: &Input<'_>) -> Vec<Condition> {
    let own = input
        .ledger
        .claims
        .iter()
        .filter(|(claim, _)| claim.package == *package && member.subject.goes_by(&claim.subject));
    own.map(|(claim, record)| {
        let (seen, since) = match (record.leaving_since, record.missing_since) {
            (Some(since), _) => ("left the members; the grace period runs", Some(since)),
            (None, Some(since)) => ("the assignment was not seen at the last reading", Some(since)),
            (None, None) => ("it stands", None),
        };
        Condition::statement(format!("granted by {}", claim.document)).seen(seen).from(Some(Origin::Ledger { since }))
    })
    .collect()
}

fn bars(package: &PackageId, member: &Member<'_>, input: &Input<'_>) -> Vec<Condition> {
    let own = input.ledger.bars.iter().filter(|bar| {
        bar.package == *package
            && (Some(&bar.user) == member.user_id() || member.subject.goes_by(&bar.occasion.subject))
    });
    own.map(|bar| {
        Condition::statement(format!("barred by {}", bar.occasion.workflow))
            .seen(format!("{} {}", bar.occasion.trigger, bar.occasion.value))
            .from(Some(Origin::Ledger { since: None }))
    })
    .collect()
}
