//! Subjects: what entitlement management knows of a person beside the directory's user, and of people who are no users yet.

pub(super) mod by_email;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::organizations::organization_of;
use super::records::{Record, User};
use super::tenant::{Property, Tenant, indexed};

/// A subject that has something to be kept; a user that is just the target of something has none of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Subject {
    /// Derived from [`Self::target_id`].
    pub(super) id: String,
    /// The user's object id, which for somebody not yet in the directory is set aside for them.
    pub(super) target_id: String,
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) lifecycle: Lifecycle,
    pub(super) connected_organization_id: Option<String>,
    /// Whether the object id is only set aside: the person has not been invited yet.
    pub(super) is_awaited: bool,
    /// When the service kept the guest from signing in because the last assignment had ended.
    pub(super) blocked: Option<Timestamp>,
    /// When the blocked guest is deleted.
    pub(super) deletion_due: Option<Timestamp>,
}

impl Record for Subject {
    const KIND: &'static str = "subject";
    const INDEXES: &'static [Property<Self>] = indexed::SUBJECT;

    fn id(&self) -> &str {
        &self.id
    }
}

/// Graph's `accessPackageSubjectLifecycle`: whether a guest goes when the last assignment has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Lifecycle {
    NotDefined,
    NotGoverned,
    Governed,
}

impl Lifecycle {
    /// Reads the wire's name, any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let known = [Self::NotDefined, Self::NotGoverned, Self::Governed];
        known.into_iter().find(|lifecycle| lifecycle.name().eq_ignore_ascii_case(text))
    }

    /// The wire's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NotDefined => "notDefined",
            Self::NotGoverned => "notGoverned",
            Self::Governed => "governed",
        }
    }
}

/// The subject's lifecycle: as kept; without that, guests who came by themselves are not governed, and for others there is none.
pub(super) fn lifecycle_of(tenant: &Tenant, target_id: &str) -> Lifecycle {
    match (tenant.subject_of(target_id), tenant.user_even_deleted(target_id)) {
        (Some(subject), _) => subject.lifecycle,
        (None, Some(user)) if is_guest(user) => Lifecycle::NotGoverned,
        _ => Lifecycle::NotDefined,
    }
}

/// The subject to be kept for a user that has none yet, or the kept one.
pub(super) fn subject_of_user(tenant: &Tenant, user: &User) -> Subject {
    let kept = tenant.subject_of(&user.id).cloned();
    kept.unwrap_or_else(|| Subject {
        id: tenant.subject_id(&user.id),
        target_id: user.id.clone(),
        email: user.text("mail").map(str::to_owned),
        display_name: user.text("displayName").map(str::to_owned),
        lifecycle: lifecycle_of(tenant, &user.id),
        connected_organization_id: organization_id(tenant, user),
        is_awaited: false,
        blocked: None,
        deletion_due: None,
    })
}

/// The organization that a guest's mail address belongs to.
pub(super) fn organization_id(tenant: &Tenant, user: &User) -> Option<String> {
    let email = user.text("mail").filter(|_| is_guest(user))?;
    organization_of(tenant, email).map(|organization| organization.id.clone())
}

/// Whether the user is somebody from outside.
pub(super) fn is_guest(user: &User) -> bool {
    user.text("userType").is_some_and(|kind| kind.eq_ignore_ascii_case("Guest"))
}
