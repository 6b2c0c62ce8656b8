//! `assignmentRequests/filterByCurrentUser(on='…')`: what the signed-in user has to do with requests (graph-contract 1.4, 1.5 R8).

use crate::sandbox::caller::Caller;
use crate::sandbox::entitlement::list_within;
use crate::sandbox::entitlement::payload::refused;
use crate::sandbox::envelope::{Answer, ApiError};
use crate::sandbox::query::Place;
use crate::sandbox::records::{Asker, Request};
use crate::sandbox::shared::Shared;
use crate::sandbox::tenant::Tenant;

/// What the user is to the requests that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Target,
    CreatedBy,
    TargetOrRequestor,
    TargetManager,
    RequestForOthers,
}

/// The relation that the function names which stands in the place of an id; `None` where it is no such function.
pub(super) fn relation(segment: &str) -> Option<Result<Relation, ApiError>> {
    let (name, arguments) = segment.strip_suffix(')')?.split_once('(')?;
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
    if !name.eq_ignore_ascii_case("filterByCurrentUser") {
        return None;
    }
    let option = arguments.split_once('=').filter(|(name, _)| name.trim() == "on").map(|(_, option)| option.trim());
    let relation = option.and_then(|option| match option.trim_matches('\'').to_ascii_lowercase().as_str() {
        "target" => Some(Relation::Target),
        "createdby" => Some(Relation::CreatedBy),
        "targetorrequestor" => Some(Relation::TargetOrRequestor),
        "targetmanager" => Some(Relation::TargetManager),
        "requestforothers" => Some(Relation::RequestForOthers),
        _ => None,
    });
    let unknown = || refused("InvalidRequest", format!("'{arguments}' is not an option of filterByCurrentUser here."));
    Some(relation.ok_or_else(unknown))
}

/// The requests that the user has this to do with.
///
/// # Errors
/// 403 for applications, and what every list refuses.
pub(super) async fn list(shared: &Shared, place: &Place, caller: &Caller, relation: Relation) -> Answer {
    let user = caller.user()?;
    let staff = shared.with_tenant_now(|tenant, _| staff_of(tenant, user));
    let belongs = |request: &Request| {
        let asked = request.requestor() == user && request.request_type.asker() == Asker::User;
        let targeted = request.target_id == user;
        match relation {
            Relation::Target => targeted,
            Relation::CreatedBy => asked,
            Relation::TargetOrRequestor => targeted || asked,
            Relation::TargetManager => staff.contains(&request.target_id),
            Relation::RequestForOthers => asked && !targeted,
        }
    };
    list_within(shared, place, |tenant| Ok(&tenant.requests), belongs).await
}

fn staff_of(tenant: &Tenant, manager: &str) -> Vec<String> {
    let reports = tenant.users.iter().filter(|user| user.manager.as_deref() == Some(manager));
    reports.map(|user| user.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_is_told_from_an_id() {
        for text in ["filterByCurrentUser(on='target')", "microsoft.graph.filterByCurrentUser(on='Target')"] {
            assert_eq!(relation(text), Some(Ok(Relation::Target)), "{text}");
        }
        for text in ["filterByCurrentUser()", "filterByCurrentUser(on='nobody')", "filterByCurrentUser(of='target')"] {
            assert!(matches!(relation(text), Some(Err(_))), "{text}");
        }
        for text in ["7f6d3a52-3a0f-4f0b-9a55-0c6d3f1b2a11", "delta()", "filterByCurrentUser"] {
            assert_eq!(relation(text), None, "{text}");
        }
    }
}
