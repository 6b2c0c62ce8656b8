//! What readers see of the tenant where replication lags; all there is where it does not.

use std::collections::BTreeSet;

use super::Tenant;
use super::removal::{DeletedObject, Remains};
use crate::sandbox::directory::Kind;
use crate::sandbox::records::{Assignment, Group, Record, Request, User};
use crate::sandbox::replication::Replicated;

impl From<Kind> for Replicated {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::User => Self::Users,
            Kind::Group => Self::Groups,
        }
    }
}

impl Tenant {
    /// A thing is put in, which readers see later where it was not there.
    pub(super) fn come(&mut self, kind: Replicated, id: &str, is_there: bool) {
        if !is_there {
            self.replication.turn(kind, || id.to_owned(), false);
        }
    }

    /// Whether readers see a record that is there.
    pub(in crate::sandbox) fn shows<T: Record>(&self, record: &T) -> bool {
        let kind = match T::KIND {
            User::KIND => Replicated::Users,
            Group::KIND => Replicated::Groups,
            Assignment::KIND => Replicated::Assignments,
            Request::KIND => Replicated::Requests,
            _ => return true,
        };
        self.replication.shows(kind, record.id(), true)
    }

    /// A deleted user or group that readers still see.
    pub(in crate::sandbox) fn still_shown(&self, id: &str) -> Option<&DeletedObject> {
        let kind = |deleted: &DeletedObject| match deleted.remains {
            Remains::User(_) => Kind::User,
            Remains::Group(_) => Kind::Group,
        };
        self.deleted.get(id).filter(|deleted| self.replication.shows(kind(deleted).into(), id, false))
    }

    /// Whether readers see another state of memberships than there is.
    pub(in crate::sandbox) fn has_lagging_members(&self) -> bool {
        self.replication.turned(Replicated::Members).next().is_some()
    }

    /// The ids of a group's direct members as readers see them.
    pub(in crate::sandbox) fn shown_members(&self, group_id: &str) -> BTreeSet<String> {
        self.lagging(self.members(group_id), |(group, member)| (group == group_id).then_some(member))
    }

    /// The ids of the groups in which the object is a direct member, as readers see them.
    pub(in crate::sandbox) fn shown_groups_of_member(&self, member_id: &str) -> BTreeSet<String> {
        self.lagging(self.groups_of_member(member_id), |(group, member)| (member == member_id).then_some(group))
    }

    /// Puts the far ends of memberships that have come or gone a moment ago in their earlier place.
    fn lagging<'t>(
        &'t self,
        ids: Option<&BTreeSet<String>>,
        far_end: impl Fn((&'t str, &'t str)) -> Option<&'t str>,
    ) -> BTreeSet<String> {
        let mut ids = ids.cloned().unwrap_or_default();
        for link in self.replication.turned(Replicated::Members) {
            let Some(id) = link.split_once('/').and_then(&far_end) else { continue };
            if self.replication.shows(Replicated::Members, link, ids.contains(id)) {
                ids.insert(id.to_owned());
            } else {
                ids.remove(id);
            }
        }
        ids
    }
}
