//! What a path of the directory lists: a set, what an object leads to, or what was deleted.

use super::navigation::{Navigation, Objects};
use super::set::Set;
use super::{DirectoryObject, Kind};
use crate::sandbox::envelope::ApiError;
use crate::sandbox::tenant::Tenant;

/// The objects of a list, before any filter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Listed<'p> {
    /// All of a kind.
    Every(Kind),
    /// Those of a kind that can still be restored.
    Deleted(Kind),
    /// What the object with this id leads to.
    Linked(Set, &'p str, Navigation),
}

impl Listed<'_> {
    /// What kinds of objects the list has.
    pub(super) fn kinds(&self) -> &'static [Kind] {
        match self {
            Self::Every(Kind::User) | Self::Deleted(Kind::User) => &[Kind::User],
            Self::Every(Kind::Group) | Self::Deleted(Kind::Group) => &[Kind::Group],
            Self::Linked(_, _, navigation) => navigation.kinds(),
        }
    }

    /// The objects behind the one with the id `after`.
    ///
    /// # Errors
    /// 404 for an unknown object whose list it would be, 400 where the list has nothing of the id `after`.
    pub(super) fn objects<'t>(&self, tenant: &'t Tenant, after: Option<&str>) -> Result<Objects<'t>, ApiError> {
        let bad_token = || ApiError::bad_request("Bad skip token.");
        Ok(match *self {
            Self::Every(Kind::User) => {
                Box::new(tenant.users.after(after).ok_or_else(bad_token)?.map(DirectoryObject::from))
            }
            Self::Every(Kind::Group) => {
                Box::new(tenant.groups.after(after).ok_or_else(bad_token)?.map(DirectoryObject::from))
            }
            Self::Deleted(kind) => {
                let objects = tenant.deleted.after(after).ok_or_else(bad_token)?.map(DirectoryObject::from);
                Box::new(objects.filter(move |object| object.kind == kind))
            }
            Self::Linked(set, id, navigation) => navigation.objects(tenant, set.object(tenant, id)?.id, after),
        })
    }
}
