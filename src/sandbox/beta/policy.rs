//! Assignment policies, which both versions cut up in their own way (graph-contract 1.8, 1.16).

mod approval;
mod lifetime;
mod requestors;
mod reviews;
mod subject_sets;

use serde_json::{Map, Value};

/// A policy of beta, whose outer names are v1.0's already, with v1.0's settings.
pub(super) fn incoming(mut policy: Map<String, Value>) -> Map<String, Value> {
    let mut take = |name: &str| policy.remove(name);
    let (days, end) = (take("durationInDays").unwrap_or_default(), take("expirationDateTime").unwrap_or_default());
    let can_extend = take("canExtend").as_ref().and_then(Value::as_bool);
    let (requestors, approval) = (take("requestorSettings"), take("requestApprovalSettings"));
    let reviews = take("accessReviewSettings").unwrap_or_default();
    let requestors = requestors::incoming(requestors.unwrap_or_default(), can_extend);
    let settings = [
        ("expiration", lifetime::incoming(days, end)),
        ("allowedTargetScope", requestors.scope),
        ("specificAllowedTargets", requestors.targets),
        ("requestorSettings", requestors.settings),
        ("requestApprovalSettings", approval::incoming(approval.unwrap_or_default())),
        ("reviewSettings", reviews::incoming(reviews)),
    ];
    for (name, value) in settings {
        // What a client says in v1.0's words stays for the handler to judge.
        policy.entry(name).or_insert(value);
    }
    policy
}

/// A policy of v1.0, whose outer names are beta's already, with beta's settings.
///
/// `accept_requests` is what v1.0 does not show.
pub(super) fn outgoing(mut policy: Map<String, Value>, accept_requests: bool) -> Map<String, Value> {
    let mut take = |name: &str| policy.remove(name).unwrap_or_default();
    let (scope, targets, settings) =
        (take("allowedTargetScope"), take("specificAllowedTargets"), take("requestorSettings"));
    let can_extend = settings.get("enableTargetsToSelfUpdateAccess").cloned().unwrap_or_default();
    let (days, end) = lifetime::outgoing(&take("expiration"));
    let (approval, reviews) = (take("requestApprovalSettings"), take("reviewSettings"));
    // Beta's policies have neither.
    take("automaticRequestSettings");
    take("notificationSettings");
    let settings = [
        ("durationInDays", days),
        ("expirationDateTime", end),
        ("canExtend", can_extend),
        ("requestorSettings", requestors::outgoing(&scope, targets, accept_requests)),
        ("requestApprovalSettings", approval::outgoing(approval)),
        ("accessReviewSettings", reviews::outgoing(reviews)),
    ];
    policy.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    policy
}

/// Takes a member out of an object; null where there is none, or no object.
fn take(object: &mut Value, name: &str) -> Value {
    object.as_object_mut().and_then(|members| members.remove(name)).unwrap_or_default()
}

/// `known` and what is left of the object that it came from, for the handler to refuse what nobody knows.
fn with_rest(mut known: Value, rest: Value) -> Value {
    if let (Some(known), Value::Object(rest)) = (known.as_object_mut(), rest) {
        known.extend(rest);
    }
    known
}

#[cfg(test)]
mod tests;
