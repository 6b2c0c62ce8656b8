//! Deleted users and groups: kept for 30 days of tenant time, restored with their memberships, then erased.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Change, Tenant, Timer, What};
use crate::sandbox::directory::Kind;
use crate::sandbox::records::{Group, Record, User};

/// How long a deleted object can be restored.
const RESTORABLE_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
const DELETED: &str = "deletedDateTime";

/// A deleted user or group with what a restoration brings back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct DeletedObject {
    id: String,
    /// When it is erased.
    until: Timestamp,
    pub(in crate::sandbox) remains: Remains,
    member_of: BTreeSet<String>,
    owner_of: BTreeSet<String>,
    members: BTreeSet<String>,
}

impl Record for DeletedObject {
    const KIND: &'static str = "deleted";

    fn id(&self) -> &str {
        &self.id
    }
}

/// The object itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) enum Remains {
    User(User),
    Group(Group),
}

impl Remains {
    fn properties(&mut self) -> &mut Map<String, Value> {
        match self {
            Self::User(user) => &mut user.properties,
            Self::Group(group) => &mut group.properties,
        }
    }
}

/// Why a deleted object does not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum RestoreRefusal {
    /// There is no such deleted object.
    Unknown,
    /// Another user has its sign-in name by now.
    NameTaken,
}

impl Tenant {
    /// Deletes a user or a group, which ends its memberships; says whether it was there. Assignments stay (graph-contract 7, trap 23).
    pub(in crate::sandbox) fn delete_object(&mut self, id: &str, now: Timestamp) -> bool {
        let member_of = self.groups_of_member(id).cloned().unwrap_or_default();
        let members = self.members(id).cloned().unwrap_or_default();
        let owner_of: BTreeSet<String> = self.groups.by("owners/id", id).map(|group| group.id.clone()).collect();
        for group in &member_of {
            self.remove_member(group, id);
        }
        for member in &members {
            self.remove_member(id, member);
        }
        for group in &owner_of {
            self.change_owner(group, id, false);
        }
        let (kind, row, mut remains) = match (self.users.remove(id), self.groups.remove(id)) {
            (Some(user), _) => (Kind::User, User::KIND, Remains::User(user)),
            (_, Some(group)) => (Kind::Group, Group::KIND, Remains::Group(group)),
            _ => return false,
        };
        remains.properties().insert(DELETED.to_owned(), json!(now));
        self.changes.push(Change::Delete { kind: row, id: id.to_owned() });
        self.log(kind, id, What::Gone);
        self.replication.turn(kind.into(), || id.to_owned(), true);
        let until = now.checked_add(RESTORABLE_FOR).unwrap_or(Timestamp::MAX);
        let deleted = DeletedObject { id: id.to_owned(), until, remains, member_of, owner_of, members };
        self.record(&deleted);
        self.load_deleted(deleted);
        true
    }

    /// Brings a deleted object back, with the memberships and owners of which the other end is still there.
    pub(in crate::sandbox) fn restore_object(&mut self, id: &str) -> Result<(), RestoreRefusal> {
        let deleted = self.deleted.get(id).ok_or(RestoreRefusal::Unknown)?;
        if let Remains::User(user) = &deleted.remains
            && user.text("userPrincipalName").is_some_and(|name| self.user(name).is_some())
        {
            return Err(RestoreRefusal::NameTaken);
        }
        let Some(mut deleted) = self.take_deleted(id) else { return Err(RestoreRefusal::Unknown) };
        deleted.remains.properties().remove(DELETED);
        match deleted.remains {
            Remains::User(user) => self.put_user(user),
            Remains::Group(mut group) => {
                group.owners.retain(|owner| self.users.get(owner).is_some());
                self.put_group(group);
            }
        }
        for group in &deleted.member_of {
            self.add_member(group, id);
        }
        for member in &deleted.members {
            self.add_member(id, member);
        }
        for group in &deleted.owner_of {
            self.change_owner(group, id, true);
        }
        Ok(())
    }

    /// Erases a deleted object for good; says whether there was one.
    pub(in crate::sandbox) fn erase_object(&mut self, id: &str) -> bool {
        let Some(deleted) = self.take_deleted(id) else { return false };
        let kind = match deleted.remains {
            Remains::User(_) => Kind::User,
            Remains::Group(_) => Kind::Group,
        };
        self.log(kind, id, What::Gone);
        true
    }

    /// Whether the object is a deleted one whose time is over at `due`.
    pub(in crate::sandbox) fn is_erased_at(&self, id: &str, due: Timestamp) -> bool {
        self.deleted.get(id).is_some_and(|deleted| deleted.until == due)
    }

    /// The user with this object id, deleted ones too as long as they can be restored.
    pub(in crate::sandbox) fn user_even_deleted(&self, id: &str) -> Option<&User> {
        let deleted = || match &self.deleted.get(id)?.remains {
            Remains::User(user) => Some(user),
            Remains::Group(_) => None,
        };
        self.users.get(id).or_else(deleted)
    }

    /// Makes the user an owner of the group, or ends that; says whether that changed anything.
    pub(in crate::sandbox) fn change_owner(&mut self, group_id: &str, user_id: &str, is_owner: bool) -> bool {
        let Some(mut group) = self.groups.get(group_id).cloned() else { return false };
        let changed = if is_owner { group.owners.insert(user_id.to_owned()) } else { group.owners.remove(user_id) };
        if changed {
            self.put_group(group);
        }
        changed
    }

    /// Takes in a deleted object that is saved already, and sets the timer of its end.
    pub(in crate::sandbox) fn load_deleted(&mut self, deleted: DeletedObject) {
        self.timers.insert((deleted.until, Timer::Erasure(deleted.id.clone())));
        self.deleted.put(deleted);
    }

    /// Ends what a restoration would bring back; says whether there was such a membership.
    pub(super) fn forget_membership(&mut self, group_id: &str, member_id: &str) -> bool {
        let Some(mut deleted) = self.deleted.get(member_id).cloned() else { return false };
        let forgotten = deleted.member_of.remove(group_id);
        if forgotten {
            self.record(&deleted);
            self.deleted.put(deleted);
        }
        forgotten
    }

    fn take_deleted(&mut self, id: &str) -> Option<DeletedObject> {
        let deleted = self.deleted.remove(id)?;
        self.changes.push(Change::Delete { kind: DeletedObject::KIND, id: id.to_owned() });
        Some(deleted)
    }
}
