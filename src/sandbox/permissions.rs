//! What a caller may do: catalog-scoped applications list within one package, users act within their scopes, and
//! administration is for administrators (graph-contract 1.1).

use axum::http::{Method, StatusCode};

use super::bearer::Holder;
use super::caller::{Caller, unauthorized};
use super::envelope::ApiError;
use super::filter::{Comparison, Operator};
use super::query::{Place, Query};
use super::scopes::Area;
use super::shared::Shared;
use super::tenant::Tenant;

/// What is only asked, though it is posted.
const QUESTIONS: [&str; 4] = ["checkMemberGroups", "getApplicablePolicyRequirements", "getByIds", "getMemberGroups"];

/// The lists that a catalog-scoped application reads package by package, under the names of either version.
const LISTS_OF_PACKAGES: [&str; 4] =
    ["assignments", "assignmentRequests", "accessPackageAssignments", "accessPackageAssignmentRequests"];
/// How a filter names the package, in lower case.
const PACKAGE_IDS: [&str; 2] = ["accesspackage/id", "accesspackageid"];

/// Lets a call through that its caller may make.
///
/// # Errors
/// The area's 403 otherwise.
pub(super) fn check(shared: &Shared, holder: &Holder, method: &Method, place: &Place) -> Result<(), ApiError> {
    let path = place.uri.path().trim_start_matches('/').split_once('/').map_or("", |(_, path)| path);
    match &holder.caller {
        Caller::Application => Ok(()),
        Caller::ScopedApplication => check_scoped(method, path, place),
        Caller::User(id) => {
            let area = Area::of(path);
            let refusal = || match area {
                Area::Entitlement => unauthorized(),
                Area::Directory | Area::LifecycleWorkflows => ApiError::of_status(StatusCode::FORBIDDEN, None),
            };
            let asks = method == Method::GET || is_question(method, path);
            let is_own = || shared.with_tenant_now(|tenant, _| is_own_affair(tenant, id, method, path));
            let is_administration = !asks && !is_own();
            let is_others = || shared.with_tenant_now(|tenant, _| is_of_others(tenant, id, path));
            if method == Method::GET && is_others() {
                let allowed = shared.with_tenant_now(|tenant, _| holder.caller.require_administrator(tenant));
                allowed.map_err(|_| refusal())?;
            }
            if !holder.scopes.open(area, !asks && (is_administration || area == Area::Entitlement)) {
                return Err(refusal());
            }
            if is_administration {
                let allowed = shared.with_tenant_now(|tenant, _| holder.caller.require_administrator(tenant));
                return allowed.map_err(|_| refusal());
            }
            Ok(())
        }
    }
}

/// The last segment as a whole: a name may end like one of them.
fn is_question(method: &Method, path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    method == Method::POST && QUESTIONS.contains(&last)
}

/// Who has only catalog-scoped roles lists assignments and requests of one named package.
fn check_scoped(method: &Method, path: &str, place: &Place) -> Result<(), ApiError> {
    let list = path.strip_prefix("identityGovernance/entitlementManagement/");
    if method != Method::GET || !list.is_some_and(|list| LISTS_OF_PACKAGES.contains(&list)) {
        return Ok(());
    }
    // A query that cannot be read is the list's own to refuse.
    let Ok(query) = Query::parse(place, &["$select", "$filter", "$expand", "$top"]) else { return Ok(()) };
    let names_package =
        |one: &Comparison| one.operator == Operator::Equal && PACKAGE_IDS.contains(&one.path.to_lowercase().as_str());
    let named = query.filter.0.iter().any(names_package);
    if named { Ok(()) } else { Err(unauthorized()) }
}

/// Whether a user does this as themselves: own requests (whose body says whether it is an administrator's), decisions
/// of approvers, own mail and sessions.
fn is_own_affair(tenant: &Tenant, user_id: &str, method: &Method, path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["identityGovernance", "entitlementManagement", rest @ ..] => match rest {
            ["assignmentRequests" | "accessPackageAssignmentRequests"] => method == Method::POST,
            ["assignmentRequests" | "accessPackageAssignmentRequests", _, "cancel"] => method == Method::POST,
            ["accessPackageAssignmentApprovals", ..] => method == Method::PATCH,
            _ => false,
        },
        ["users", user, "sendMail" | "revokeSignInSessions"] => {
            tenant.user(user).is_some_and(|user| user.id == user_id)
        }
        _ => false,
    }
}

/// Whether the path shows who holds or asks for what, beside what the user holds, asks for or has made; the functions of
/// these lists, such as `filterByCurrentUser`, look after themselves.
fn is_of_others(tenant: &Tenant, user_id: &str, path: &str) -> bool {
    let Some(path) = path.strip_prefix("identityGovernance/entitlementManagement/") else { return false };
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["subjects", ..] => true,
        [list] => LISTS_OF_PACKAGES.contains(list) || list.starts_with("subjects("),
        ["assignmentRequests" | "accessPackageAssignmentRequests", id, ..] => {
            let request = tenant.requests.get(&id.to_lowercase());
            request.is_some_and(|request| request.target_id != user_id && request.creator() != Some(user_id))
        }
        ["assignments" | "accessPackageAssignments", id, ..] => {
            tenant.assignments.get(&id.to_lowercase()).is_some_and(|assignment| assignment.target_id != user_id)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_posted_and_is_the_whole_segment() {
        for path in ["users/u/getMemberGroups", "directoryObjects/getByIds"] {
            assert!(is_question(&Method::POST, path), "{path}");
        }
        assert!(!is_question(&Method::PATCH, "users/getByIds"));
        assert!(!is_question(&Method::POST, "users/forgetByIds"));
    }
}
