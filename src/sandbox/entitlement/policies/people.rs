//! The people that a policy names: of a kind that goes with their place, and all of them there.

use super::super::payload::{guid, refused};
use super::super::submission::not_found;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::records::SubjectSet;
use crate::sandbox::tenant::Tenant;

/// The most users and groups in one place of a policy (graph-contract 1.15).
const MOST: usize = 500;

/// Checks that all sets are of an `allowed` kind and name somebody who is there; their ids are put in the form in which
/// ids are kept.
///
/// # Errors
/// 400 for a kind that is not allowed and for too many, 404 for somebody unknown.
pub(super) fn check(
    tenant: &Tenant,
    place: &str,
    sets: &mut [SubjectSet],
    allowed: impl Fn(&SubjectSet) -> bool,
) -> Result<(), ApiError> {
    if sets.len() > MOST || !sets.iter().all(allowed) {
        let message = format!("'{place}' has more than {MOST} members, or one of a kind that does not go there.");
        return Err(refused("InvalidModel", message));
    }
    sets.iter_mut().try_for_each(|set| check_one(tenant, place, set))
}

fn check_one(tenant: &Tenant, place: &str, set: &mut SubjectSet) -> Result<(), ApiError> {
    let (id, known): (&mut String, fn(&Tenant, &str) -> bool) = match set {
        SubjectSet::SingleUser { user_id, .. } => (user_id, |tenant, id| tenant.users.get(id).is_some()),
        SubjectSet::GroupMembers { group_id, .. } => (group_id, |tenant, id| tenant.groups.get(id).is_some()),
        SubjectSet::ConnectedOrganizationMembers { connected_organization_id, .. } => {
            (connected_organization_id, |tenant, id| tenant.organizations.get(id).is_some())
        }
        SubjectSet::RequestorManager { manager_level } | SubjectSet::TargetManager { manager_level }
            if *manager_level < 1 =>
        {
            return Err(refused("InvalidModel", format!("A 'managerLevel' of '{place}' is less than 1.")));
        }
        _ => return Ok(()),
    };
    *id = guid(id)?;
    if known(tenant, id) { Ok(()) } else { Err(not_found(id)) }
}

/// Users and groups of the directory.
pub(super) fn is_named(set: &SubjectSet) -> bool {
    matches!(set, SubjectSet::SingleUser { .. } | SubjectSet::GroupMembers { .. })
}

/// Users and groups, and people by what they are to the requestor or the target.
pub(super) fn is_named_or_related(set: &SubjectSet) -> bool {
    is_named(set)
        || is_manager(set)
        || matches!(
            set,
            SubjectSet::InternalSponsors {} | SubjectSet::ExternalSponsors {} | SubjectSet::TargetUserSponsors {}
        )
}

/// A manager, of whatever level.
pub(super) fn is_manager(set: &SubjectSet) -> bool {
    matches!(set, SubjectSet::RequestorManager { .. } | SubjectSet::TargetManager { .. })
}
