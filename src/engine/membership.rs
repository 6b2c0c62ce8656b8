//! Membership of a group, read when the answer to a change of it was refused or lost.

use crate::directory::{GroupAnswer, GroupQuery, ObserveError};
use crate::domain::action::Action;
use crate::domain::ids::GroupId;

use super::Engine;

impl Engine {
    /// The group as it is now, with its direct members.
    pub(super) async fn read_group(&self, group: &GroupId) -> Result<GroupAnswer, ObserveError> {
        let wanted = GroupQuery { group: group.as_str().to_owned(), transitive: false };
        self.seams.directory.group(&wanted).await
    }
}

/// Whether the user is in the group, or not, as the action wished. A group that is not found says neither.
pub(super) fn is_as_wished(action: &Action, answer: &GroupAnswer) -> bool {
    match answer {
        GroupAnswer::Members { users, .. } => users.contains(&action.user) != action.kind.is_removal(),
        GroupAnswer::NotFound | GroupAnswer::Ambiguous => false,
    }
}
