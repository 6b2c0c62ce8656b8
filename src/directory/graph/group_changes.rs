//! What delta rounds tell of groups: properties, who came, who is said to have left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::GraphDirectory;
use crate::domain::ids::{GroupId, UserId};
use crate::graph::error::GraphError;
use crate::graph::odata::{address, quote};
use crate::graph::wire;
use crate::store::directory::Properties;

/// What is followed of a group: what says whether its members can be changed, its name, and who is in it.
const FOLLOWED: &str = "displayName,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole,members";
/// The most groups that one round can be about (graph-contract 2.3).
const MOST_IN_A_STREAM: usize = 50;

/// Groups whose changes come in one round.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// The groups.
    pub(super) ids: BTreeSet<GroupId>,
    /// Where the next round begins.
    pub(super) link: String,
}

/// What has happened to one group.
#[derive(Debug, Default)]
pub(super) struct GroupChange {
    /// Whether it is said to be gone.
    pub(super) is_removed: bool,
    /// Whether anyone or anything came or went.
    pub(super) moves: bool,
    /// What it says of itself now.
    pub(super) properties: Properties,
    /// Users that came.
    pub(super) came: BTreeSet<UserId>,
    /// Users that are said to have left.
    pub(super) left: BTreeSet<UserId>,
}

/// What the rounds of a pass told.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    /// The streams, each where its next round begins.
    pub(super) streams: Vec<Stream>,
    /// What has happened, by group.
    pub(super) changes: BTreeMap<GroupId, GroupChange>,
    /// Groups of whose changes nothing is known in this pass.
    pub(super) failed: BTreeMap<GroupId, Arc<GraphError>>,
    /// Groups whose stream the service no longer knows.
    pub(super) lost: BTreeSet<GroupId>,
}

impl GraphDirectory {
    /// Reads a round of every stream. A stream whose round failed stays where it was, and comes again in the next pass.
    pub(super) async fn group_rounds(&self, streams: Vec<Stream>) -> Rounds {
        let mut rounds = Rounds::default();
        for stream in streams {
            match self.client.get_round::<wire::ChangedObject>(&stream.link).await {
                Ok(round) => {
                    for object in round.changes {
                        rounds.changes.entry(GroupId::new(object.id.as_str())).or_default().note(object);
                    }
                    rounds.streams.push(Stream { link: round.link, ..stream });
                }
                Err(error) if error.is_state_lost() => rounds.lost.extend(stream.ids),
                Err(error) => {
                    let error = Arc::new(error);
                    rounds.failed.extend(stream.ids.iter().map(|id| (id.clone(), Arc::clone(&error))));
                    rounds.streams.push(stream);
                }
            }
        }
        rounds
    }

    /// Streams of the changes of these groups from now on; none for those whose changes the directory does not tell.
    pub(super) async fn begin_streams(&self, ids: &BTreeSet<GroupId>) -> Result<Vec<Stream>, GraphError> {
        let ids: Vec<&GroupId> = ids.iter().collect();
        let mut streams = Vec::new();
        for chunk in ids.chunks(MOST_IN_A_STREAM) {
            let filter: Vec<String> = chunk.iter().map(|id| format!("id eq {}", quote(id.as_str()))).collect();
            let filter = filter.join(" or ");
            let options = [("$filter", filter.as_str()), ("$select", FOLLOWED), ("$deltatoken", "latest")];
            match self.client.get_round::<wire::ChangedObject>(&address("/v1.0/groups/delta", &options)).await {
                Ok(round) => {
                    streams.push(Stream { ids: chunk.iter().map(|id| (*id).clone()).collect(), link: round.link });
                }
                Err(error) if error.is_not_offered() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(streams)
    }
}

impl GroupChange {
    /// Takes in what a page shows; a large group comes in slices, and what comes again counts once.
    fn note(&mut self, object: wire::ChangedObject) {
        self.is_removed |= object.removed.is_some();
        self.moves |= !object.members.is_empty();
        let own = object.properties.into_iter().filter(|(name, _)| !name.contains('@'));
        self.properties.extend(own);
        for member in object.members {
            if member.kind.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("#microsoft.graph.user")) {
                continue;
            }
            let user = UserId::new(member.id);
            if member.removed.is_some() {
                self.left.insert(user);
            } else {
                self.came.insert(user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn slices_are_put_together_and_other_kinds_of_members_left_out() {
        let mut change = GroupChange::default();
        let member = |kind: &str, id: &str| json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id});
        let gone = json!({"id": "u3", "@removed": {"reason": "deleted"}});
        for slice in [
            json!({"id": "g", "displayName": "A", "members@delta": [member("user", "u1"), member("group", "g2"), gone]}),
            json!({"id": "g", "displayName": "B", "members@delta": [member("user", "u2"), member("user", "u1")]}),
        ] {
            change.note(serde_json::from_value(slice).unwrap());
        }
        assert_eq!(change.came, BTreeSet::from(["u1".into(), "u2".into()]));
        assert_eq!(change.left, BTreeSet::from(["u3".into()]));
        assert_eq!((change.is_removed, change.moves, &change.properties["displayName"]), (false, true, &json!("B")));
    }
}
