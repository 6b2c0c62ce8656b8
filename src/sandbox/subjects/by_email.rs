//! Whom a mail address means: a user of the directory, or somebody to be invited.

use super::{Lifecycle, Subject};
use crate::sandbox::organizations::organization_of;
use crate::sandbox::records::User;
use crate::sandbox::tenant::Tenant;

/// Whom a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Target {
    /// The user's object id, which for somebody not yet in the directory is set aside for them.
    pub(in crate::sandbox) id: String,
    /// Whether the user is there already.
    pub(in crate::sandbox) is_in_directory: bool,
}

/// The user with this mail address, sign-in name or other mail address; else the person awaited under it, who becomes
/// known here where nobody has named them yet. Whether the address is one ([`domain_of`](super::super::organizations::domain_of)
/// says it) has to be checked before.
pub(in crate::sandbox) fn subject_for_email(tenant: &mut Tenant, email: &str, display_name: Option<&str>) -> Target {
    let email = email.trim();
    if let Some(user) = user_of_email(tenant, email) {
        return Target { id: user.id.clone(), is_in_directory: true };
    }
    if let Some(awaited) = tenant.subjects.by("email", email).find(|subject| subject.is_awaited) {
        return Target { id: awaited.target_id.clone(), is_in_directory: false };
    }
    let target_id = tenant.new_id("user");
    tenant.put_subject(Subject {
        id: tenant.subject_id(&target_id),
        target_id: target_id.clone(),
        email: Some(email.to_owned()),
        display_name: display_name.map(str::to_owned),
        lifecycle: Lifecycle::NotDefined,
        connected_organization_id: organization_of(tenant, email).map(|organization| organization.id.clone()),
        is_awaited: true,
        blocked: None,
        deletion_due: None,
    });
    Target { id: target_id, is_in_directory: false }
}

/// The user with this mail address, sign-in name or other mail address.
pub(in crate::sandbox) fn user_of_email<'t>(tenant: &'t Tenant, email: &str) -> Option<&'t User> {
    let by = |property| tenant.users.by(property, email).next();
    tenant.user(email).or_else(|| by("mail")).or_else(|| by("othermails"))
}
