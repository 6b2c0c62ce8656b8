//! Deleted users and what they hold: a deleted user keeps it, gets it back when restored, and loses it when erased for good
//! (graph-contract trap 23).

use jiff::Timestamp;

use super::records::{Assignment, AssignmentState, Request, RequestState};
use super::tenant::{RestoreRefusal, Tenant};
use super::{grants, lifecycle};

/// Brings a deleted object back; a user gets whatever the packages held give by now.
///
/// # Errors
/// As [`Tenant::restore_object`].
pub(super) fn restore(tenant: &mut Tenant, id: &str) -> Result<(), RestoreRefusal> {
    tenant.restore_object(id)?;
    let is_delivered = |held: &&Assignment| held.state == AssignmentState::Delivered;
    let held: Vec<Assignment> = tenant.active_assignments_of(id).filter(is_delivered).cloned().collect();
    for assignment in held {
        grants::deliver(tenant, &assignment);
    }
    Ok(())
}

/// Erases a deleted object for good; a user's assignments and open requests end with that. Says whether there was one.
pub(super) fn erase(tenant: &mut Tenant, id: &str, now: Timestamp) -> bool {
    let erased = tenant.erase_object(id);
    if erased {
        end_everything(tenant, id, now);
    }
    erased
}

/// As [`erase`], for an object whose time is over at `due`.
pub(super) fn erase_when_due(tenant: &mut Tenant, id: &str, due: Timestamp) {
    if tenant.is_erased_at(id, due) {
        erase(tenant, id, due);
    }
}

fn end_everything(tenant: &mut Tenant, user_id: &str, now: Timestamp) {
    let asked: Vec<Request> = tenant.open_requests_of(user_id).cloned().collect();
    for mut request in asked {
        request.end(RequestState::Canceled, now);
        tenant.put_request(request);
    }
    let held: Vec<Assignment> = tenant.active_assignments_of(user_id).cloned().collect();
    for assignment in held {
        lifecycle::end(tenant, assignment, now);
    }
}
