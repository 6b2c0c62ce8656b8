//! What a path of the directory lists: a set, what an object leads to, or what was deleted.

use super::navigation::{Navigation, Objects};
use super::set::Set;
use super::{DirectoryObject, Kind};
use crate::sandbox::directory_selection::select;
use crate::sandbox::envelope::ApiError;
use crate::sandbox::query::Query;
use crate::sandbox::records::{Group, User};
use crate::sandbox::tenant::{Condition, Tenant};

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

    /// What indexes say to the query's filter; what they answer whole is taken out of it.
    pub(super) fn select(&self, query: &mut Query) -> Condition {
        match self {
            Self::Every(Kind::User) => select::<User>(&mut query.filter),
            Self::Every(Kind::Group) => select::<Group>(&mut query.filter),
            Self::Deleted(_) | Self::Linked(..) => Condition::Every,
        }
    }

    /// The objects behind the one with the id `after`, without such as are not `wanted` by what [`Self::select`] says.
    ///
    /// # Errors
    /// 404 for an unknown object whose list it would be, 400 where the list has nothing of the id `after`.
    pub(super) fn objects<'t>(
        &self,
        tenant: &'t Tenant,
        wanted: &Condition,
        after: Option<&str>,
    ) -> Result<Objects<'t>, ApiError> {
        let bad_token = || ApiError::bad_request("Bad skip token.");
        Ok(match *self {
            Self::Every(Kind::User) => {
                let users = tenant.users.matching(wanted, after).ok_or_else(bad_token)?;
                Box::new(users.filter(|user| tenant.shows(*user)).map(DirectoryObject::from))
            }
            Self::Every(Kind::Group) => {
                let groups = tenant.groups.matching(wanted, after).ok_or_else(bad_token)?;
                Box::new(groups.filter(|group| tenant.shows(*group)).map(DirectoryObject::from))
            }
            Self::Deleted(kind) => {
                let objects = tenant.deleted.after(after).ok_or_else(bad_token)?.map(DirectoryObject::from);
                Box::new(objects.filter(move |object| object.kind == kind))
            }
            Self::Linked(set, id, navigation) => navigation.objects(tenant, set.object(tenant, id)?.id, after),
        })
    }
}
