//! What readers see of the tenant where replication lags; all there is where it does not.

use std::collections::BTreeSet;

use super::Tenant;
use super::removal::Remains;
use crate::sandbox::records::{Assignment, Group, Record, Request, User};
use crate::sandbox::replication::Replicated;

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

    /// The user with this object id or sign-in name (any case) as readers see them: one deleted a moment ago too.
    pub(in crate::sandbox) fn shown_user(&self, id_or_name: &str) -> Option<&User> {
        let remains = || match &self.deleted.get(&id_or_name.to_lowercase())?.remains {
            Remains::User(user) => Some(user),
            Remains::Group(_) => None,
        };
        let gone = || remains().filter(|user| self.replication.shows(Replicated::Users, &user.id, false));
        self.user(id_or_name).filter(|user| self.shows(*user)).or_else(gone)
    }

    /// As [`Self::shown_user`], for a group, by its id.
    pub(in crate::sandbox) fn shown_group(&self, id: &str) -> Option<&Group> {
        let remains = || match &self.deleted.get(id)?.remains {
            Remains::Group(group) => Some(group),
            Remains::User(_) => None,
        };
        let gone = || remains().filter(|_| self.replication.shows(Replicated::Groups, id, false));
        self.groups.get(id).filter(|group| self.shows(*group)).or_else(gone)
    }

    /// The ids of a group's direct members as readers see them.
    pub(in crate::sandbox) fn shown_members(&self, group_id: &str) -> BTreeSet<String> {
        let ids = self.members(group_id).cloned().unwrap_or_default();
        self.lagging(ids, |link| link.split_once('/').filter(|(group, _)| *group == group_id).map(|(_, member)| member))
    }

    /// The ids of the groups in which the object is a direct member, as readers see them.
    pub(in crate::sandbox) fn shown_groups_of_member(&self, member_id: &str) -> BTreeSet<String> {
        let ids = self.groups_of_member(member_id).cloned().unwrap_or_default();
        self.lagging(ids, |link| link.split_once('/').filter(|(_, member)| *member == member_id).map(|(group, _)| group))
    }

    /// Puts the far ends of memberships that have come or gone a moment ago in their earlier place.
    fn lagging(&self, mut ids: BTreeSet<String>, far_end: impl Fn(&str) -> Option<&str>) -> BTreeSet<String> {
        for link in self.replication.turned(Replicated::Members) {
            let Some(id) = far_end(link) else { continue };
            if self.replication.shows(Replicated::Members, link, ids.contains(id)) {
                ids.insert(id.to_owned());
            } else {
                ids.remove(id);
            }
        }
        ids
    }
}
