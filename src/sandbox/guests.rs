//! Guests whose life entitlement management governs: invited for their first assignment, and sent away after their last
//! (graph-contract 1.14.6, trap 20).

mod invitation;
mod settings;

use jiff::Timestamp;
use serde_json::json;

use super::subjects::{self, Lifecycle, Subject};
use super::tenant::Tenant;
pub(super) use invitation::invite_guest;
pub(super) use settings::{ExternalUserAction, ExternalUserSettings};

/// Readies the target of an assignment that is about to be delivered: somebody awaited is invited, and a guest whom the
/// service had kept out is let in again, and stays.
pub(super) fn before_delivery(tenant: &mut Tenant, target_id: &str, now: Timestamp) {
    let Some(subject) = tenant.subject_of(target_id).cloned() else { return };
    if subject.is_awaited {
        invite_guest(tenant, target_id, now);
    } else if subject.blocked.is_some() {
        allow_sign_in(tenant, target_id, true);
        tenant.put_subject(Subject { blocked: None, deletion_due: None, ..subject });
    }
}

/// Does with a governed guest what the settings say, once an assignment has ended and no other is left.
pub(super) fn after_end(tenant: &mut Tenant, target_id: &str, now: Timestamp) {
    let is_governed = |subject: &&Subject| subject.lifecycle == Lifecycle::Governed && subject.blocked.is_none();
    let Some(subject) = tenant.subject_of(target_id).filter(is_governed).cloned() else { return };
    let is_here = tenant.users.get(target_id).is_some_and(subjects::is_guest);
    let settings = tenant.external_user_settings();
    if !is_here
        || settings.action == ExternalUserAction::None
        || tenant.active_assignments_of(target_id).next().is_some()
    {
        return;
    }
    let deletes = settings.action == ExternalUserAction::BlockSignInAndDelete;
    let deletion_due = if deletes { settings.deletion_after(now) } else { None };
    allow_sign_in(tenant, target_id, false);
    tenant.put_subject(Subject { blocked: Some(now), deletion_due, ..subject });
}

/// Deletes a blocked guest whose time is over at `due`, unless that is no longer what is wanted.
pub(super) fn delete_when_due(tenant: &mut Tenant, subject_id: &str, due: Timestamp) {
    let is_due = |subject: &&Subject| subject.deletion_due == Some(due);
    let Some(subject) = tenant.subjects.get(subject_id).filter(is_due).cloned() else { return };
    let target_id = subject.target_id.clone();
    tenant.put_subject(Subject { deletion_due: None, ..subject });
    let deletes = tenant.external_user_settings().action == ExternalUserAction::BlockSignInAndDelete;
    if deletes && tenant.active_assignments_of(&target_id).next().is_none() {
        tenant.delete_object(&target_id, due);
    }
}

/// Takes a guest into the service's care, or out of it; one out of it is not deleted, and stays as blocked as they are.
pub(super) fn govern(tenant: &mut Tenant, subject: Subject, lifecycle: Lifecycle) {
    let deletion_due = subject.deletion_due.filter(|_| lifecycle == Lifecycle::Governed);
    tenant.put_subject(Subject { lifecycle, deletion_due, ..subject });
}

fn allow_sign_in(tenant: &mut Tenant, user_id: &str, allowed: bool) {
    if let Some(mut user) = tenant.users.get(user_id).cloned() {
        user.properties.insert("accountEnabled".to_owned(), json!(allowed));
        tenant.put_user(user);
    }
}

#[cfg(test)]
mod tests;
