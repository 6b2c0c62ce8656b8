//! What `/beta` shows and `/v1.0` does not: who made a thing, the ids of what it belongs to, what kind of resource it is (seed 002).

use serde_json::{Map, Value, json};

use super::super::records::Policy;
use super::super::tenant::Tenant;
use super::kinds::Kind;

/// The maker of what was there from the start.
const SERVICE: &str = "Azure AD";

/// Whether only the service writes this member of beta, any case.
pub(super) fn is_derived(kind: Kind, name: &str) -> bool {
    let names: &[&str] = match kind {
        Kind::Catalog | Kind::Policy | Kind::Organization | Kind::RoleScope => &["createdBy", "modifiedBy"],
        Kind::Package => &["createdBy", "isRoleScopesVisible", "modifiedBy"],
        Kind::Request => &["customExtensionHandlerInstances", "expirationDateTime", "isValidationOnly"],
        Kind::Assignment => &["catalogId", "isExtended"],
        Kind::Resource => &["addedBy", "isPendingOnboarding", "resourceType", "url"],
        Kind::ResourceRequest => {
            &["executeImmediately", "expirationDateTime", "isValidationOnly", "justification", "requestStatus"]
        }
        Kind::Subject => &["altSecId", "cleanupScheduledDateTime", "connectedOrganizationId"],
        _ => &[],
    };
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The members that beta has beyond v1.0's, for an object that has beta's names already.
pub(super) fn of(kind: Kind, object: &Map<String, Value>, tenant: &Tenant) -> Map<String, Value> {
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
    let derived = match kind {
        Kind::Catalog => {
            let built_in = object.get("catalogType").is_some_and(|kind| kind == "ServiceDefault");
            let maker = if built_in { SERVICE.to_owned() } else { administrator(tenant) };
            json!({ "createdBy": maker, "modifiedBy": maker })
        }
        Kind::Package => {
            let catalog_id = tenant.packages.get(id).map(|package| &package.catalog_id);
            let maker = administrator(tenant);
            json!({ "catalogId": catalog_id, "createdBy": maker, "modifiedBy": maker, "isRoleScopesVisible": false })
        }
        Kind::Policy => {
            let policy = tenant.policies.get(id);
            let maker = administrator(tenant);
            json!({
                "accessPackageId": policy.map(|policy| &policy.package_id), "createdBy": maker, "modifiedBy": maker,
                "verifiableCredentialSettings": policy.map(|policy| &policy.verified_id_requirement),
            })
        }
        Kind::Organization => json!({ "createdBy": administrator(tenant), "modifiedBy": administrator(tenant) }),
        Kind::RoleScope => json!({
            "createdBy": administrator(tenant), "modifiedBy": administrator(tenant),
            "modifiedDateTime": object.get("createdDateTime"),
        }),
        Kind::Request => json!({
            "isValidationOnly": false, "expirationDateTime": null, "customExtensionHandlerInstances": [],
        }),
        Kind::Assignment => {
            let assignment = tenant.assignments.get(id);
            let package = assignment.and_then(|held| tenant.packages.get(&held.package_id));
            json!({
                "accessPackageId": assignment.map(|held| &held.package_id),
                "assignmentPolicyId": assignment.map(|held| &held.policy_id),
                "catalogId": package.map(|package| &package.catalog_id),
                "targetId": assignment.map(|held| &held.target_id), "isExtended": false,
            })
        }
        Kind::Resource => resource(object, tenant),
        Kind::ResourceRequest => json!({
            "catalogId": tenant.resource_requests.get(id).map(|request| &request.catalog_id), "requestStatus": "Fulfilled",
            "executeImmediately": false, "expirationDateTime": null, "isValidationOnly": false, "justification": null,
        }),
        Kind::Subject => {
            let kept = tenant.subjects.get(id);
            json!({
                "altSecId": null, "cleanupScheduledDateTime": kept.and_then(|kept| kept.deletion_due),
                "connectedOrganizationId": kept.and_then(|kept| kept.connected_organization_id.as_ref()),
            })
        }
        _ => Value::Null,
    };
    match derived {
        Value::Object(derived) => derived,
        _ => Map::new(),
    }
}

/// "Enable new requests and assignments" of a policy.
pub(super) fn accepts_requests(policy_id: Option<&Value>, tenant: &Tenant) -> bool {
    policy(policy_id, tenant).is_none_or(|policy| policy.requestor_settings.accept_requests)
}

/// The questions of a policy, as v1.0 shows them.
pub(super) fn questions(policy_id: Option<&Value>, tenant: &Tenant) -> Value {
    policy(policy_id, tenant).map_or_else(|| json!([]), |policy| json!(policy.questions))
}

fn policy<'t>(id: Option<&Value>, tenant: &'t Tenant) -> Option<&'t Policy> {
    id.and_then(Value::as_str).and_then(|id| tenant.policies.get(id))
}

/// The sign-in name under which everything of an application's appears here.
fn administrator(tenant: &Tenant) -> String {
    format!("admin@{}", tenant.profile.domain)
}

fn resource(object: &Map<String, Value>, tenant: &Tenant) -> Value {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let origin = text("originId");
    let place = |rest: String| {
        format!("https://account.activedirectory.windowsazure.com/r?tenantId={}#/{rest}", tenant.profile.tenant_id)
    };
    let (kind, url) = match text("originSystem") {
        "AadGroup" => {
            let types = tenant.groups.get(origin).and_then(|group| group.properties.get("groupTypes"));
            let is_unified = types.and_then(Value::as_array).is_some_and(|types| types.contains(&json!("Unified")));
            let kind = if is_unified { "Microsoft 365 Group" } else { "Security Group" };
            (kind, place(format!("manageMembership?objectType=Group&objectId={origin}")))
        }
        "AadApplication" => {
            ("Application", place(format!("applications?objectType=ServicePrincipal&objectId={origin}")))
        }
        _ => ("SharePoint Online Site", origin.to_owned()),
    };
    json!({ "addedBy": administrator(tenant), "isPendingOnboarding": false, "resourceType": kind, "url": url })
}
