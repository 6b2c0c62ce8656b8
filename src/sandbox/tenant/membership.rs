//! Who is in which group: direct memberships in both directions, and what follows from groups inside groups.

use std::collections::BTreeSet;

use super::{Change, MEMBER, Tenant, What};
use crate::sandbox::directory::Kind;
use crate::sandbox::replication::Replicated;
use crate::sandbox::tenant::{Link, Relation};

impl Tenant {
    /// The ids of a group's direct members, users and groups, in order of id.
    pub(in crate::sandbox) fn members(&self, group_id: &str) -> Option<&BTreeSet<String>> {
        self.members.get(group_id)
    }

    /// Whether the object is a direct member.
    pub(in crate::sandbox) fn is_member(&self, group_id: &str, member_id: &str) -> bool {
        self.members(group_id).is_some_and(|members| members.contains(member_id))
    }

    /// Everybody and everything in the group or in a group inside it; a circle of groups ends where it began.
    pub(in crate::sandbox) fn transitive_members(&self, group_id: &str) -> BTreeSet<String> {
        closure(group_id, |id| self.members(id))
    }

    /// The ids of the groups in which the object is a direct member.
    pub(in crate::sandbox) fn groups_of_member(&self, member_id: &str) -> Option<&BTreeSet<String>> {
        self.groups_by_member.get(member_id)
    }

    /// The groups that the object is in, directly or through other groups.
    pub(in crate::sandbox) fn transitive_groups_of_member(&self, member_id: &str) -> BTreeSet<String> {
        closure(member_id, |id| self.groups_of_member(id))
    }

    /// Makes the object a direct member; says whether it was not one before, and is there to be one.
    pub(in crate::sandbox) fn add_member(&mut self, group_id: &str, member_id: &str) -> bool {
        let Some(link) = self.member_link(member_id).filter(|_| self.groups.get(group_id).is_some()) else {
            return false;
        };
        let added = self.load_member(group_id, member_id);
        if added {
            self.log(Kind::Group, group_id, What::Linked(link));
            self.replication.turn(Replicated::Members, || format!("{group_id}/{member_id}"), false);
            self.changes.push(Change::Put {
                kind: MEMBER,
                id: format!("{group_id}/{member_id}"),
                json: "true".to_owned(),
            });
        }
        added
    }

    /// As [`Self::add_member`], for a row that is saved already.
    pub(in crate::sandbox) fn load_member(&mut self, group_id: &str, member_id: &str) -> bool {
        self.groups_by_member.entry(member_id.to_owned()).or_default().insert(group_id.to_owned());
        self.members.entry(group_id.to_owned()).or_default().insert(member_id.to_owned())
    }

    /// Ends a direct membership, that of a deleted member too, who then does not come back to it; says whether there was one.
    pub(in crate::sandbox) fn remove_member(&mut self, group_id: &str, member_id: &str) -> bool {
        let removed = self.members.get_mut(group_id).is_some_and(|members| members.remove(member_id));
        if removed {
            if let Some(groups) = self.groups_by_member.get_mut(member_id) {
                groups.remove(group_id);
            }
            if let Some(link) = self.member_link(member_id) {
                self.log(Kind::Group, group_id, What::Unlinked(link));
            }
            self.replication.turn(Replicated::Members, || format!("{group_id}/{member_id}"), true);
            self.changes.push(Change::Delete { kind: MEMBER, id: format!("{group_id}/{member_id}") });
        }
        removed || self.forget_membership(group_id, member_id)
    }

    fn member_link(&self, member_id: &str) -> Option<Link> {
        let kind = match (self.users.get(member_id), self.groups.get(member_id)) {
            (Some(_), _) => Kind::User,
            (_, Some(_)) => Kind::Group,
            _ => return None,
        };
        Some(Link { relation: Relation::Members, id: member_id.to_owned(), kind })
    }
}

/// Everything that can be reached from `start`, without `start` itself.
fn closure<'t>(start: &'t str, next: impl Fn(&str) -> Option<&'t BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        open.extend(next(id).into_iter().flatten().filter(|id| found.insert((*id).clone())).map(String::as_str));
    }
    found.remove(start);
    found
}
