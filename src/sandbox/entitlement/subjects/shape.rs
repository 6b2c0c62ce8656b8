//! A subject on the wire, wherever it appears: Graph's `accessPackageSubject` (graph-contract 1.3, 1.10).

use serde_json::{Map, Value, json};

use crate::sandbox::organizations::ConnectedOrganization;
use crate::sandbox::subjects;
use crate::sandbox::tenant::Tenant;

/// The subject of this target; its `id` is not the user's, and who is not in the directory yet has no `objectId`.
pub(in crate::sandbox::entitlement) fn shape(tenant: &Tenant, target_id: &str) -> Map<String, Value> {
    let kept = tenant.subject_of(target_id);
    let user = tenant.user_even_deleted(target_id);
    let of_user = |name: &str| user.and_then(|user| user.text(name));
    let email = of_user("mail").or_else(|| kept?.email.as_deref());
    let display_name = of_user("displayName").or_else(|| kept?.display_name.as_deref());
    [
        ("id", json!(tenant.subject_id(target_id))),
        ("objectId", json!((!kept.is_some_and(|kept| kept.is_awaited)).then_some(target_id))),
        ("displayName", json!(display_name.or(email))),
        ("email", json!(email)),
        ("principalName", json!(of_user("userPrincipalName"))),
        ("onPremisesSecurityIdentifier", json!(of_user("onPremisesSecurityIdentifier"))),
        ("subjectType", json!("user")),
        ("subjectLifecycle", json!(subjects::lifecycle_of(tenant, target_id).name())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// The organization that the subject belongs to, as long as there is one.
pub(in crate::sandbox::entitlement) fn organization<'t>(
    tenant: &'t Tenant,
    target_id: &str,
) -> Option<&'t ConnectedOrganization> {
    let kept = tenant.subject_of(target_id).and_then(|subject| subject.connected_organization_id.clone());
    let by_domain = || subjects::organization_id(tenant, tenant.user_even_deleted(target_id)?);
    tenant.organizations.get(&kept.or_else(by_domain)?)
}
