//! The groups: by what has changed since the last round, and listed in full where that is due or needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::confirmation::Departure;
use super::group_changes::{GroupChange, Rounds, Stream};
use super::{GraphDirectory, SECOND_LOOK, failed, is_object_id, unchangeable};
use crate::directory::{GroupAnswer, GroupQuery, ObserveError, Unchangeable};
use crate::domain::ids::{GroupId, UserId};
use crate::graph::error::GraphError;
use crate::graph::wire;

/// What is kept of groups between passes, in memory alone: every start lists them.
#[derive(Debug, Default)]
pub(super) struct KeptGroups {
    groups: BTreeMap<GroupQuery, KeptGroup>,
    streams: Vec<Stream>,
}

/// A group as it was listed, with the changes since.
#[derive(Debug, Clone)]
struct KeptGroup {
    id: GroupId,
    unchangeable: Option<Unchangeable>,
    users: BTreeSet<UserId>,
    /// The groups in it, where nesting is followed.
    within: BTreeSet<GroupId>,
    /// When it is to be listed again (tenant time, UTC).
    due: Timestamp,
}

impl KeptGroup {
    fn followed(&self) -> impl Iterator<Item = &GroupId> {
        std::iter::once(&self.id).chain(&self.within)
    }
}

/// What a listing comes to.
type Listed = Result<Result<KeptGroup, GroupAnswer>, Arc<GraphError>>;

impl GraphDirectory {
    /// Each of these groups with the changes since the last observation. A listing counts only when its last page was read; someone whom a
    /// round shows as gone stays until the service confirms it; where nesting is followed, a change anywhere below leads to a listing.
    pub(super) async fn observe_groups(
        &self,
        wanted: &BTreeSet<GroupQuery>,
        now: Timestamp,
    ) -> BTreeMap<GroupQuery, Result<GroupAnswer, ObserveError>> {
        let mut kept = self.groups.lock().await;
        kept.groups.retain(|query, _| wanted.contains(query));
        let followed: BTreeSet<&GroupId> = kept.groups.values().flat_map(KeptGroup::followed).collect();
        let streams: Vec<Stream> =
            kept.streams.iter().filter(|stream| stream.ids.iter().any(|id| followed.contains(id))).cloned().collect();

        let rounds = self.group_rounds(streams).await;
        let departures = departures(&kept.groups, &rounds);
        let confirmed = self.confirm(&departures).await;
        let is_doubtful =
            |id: &GroupId| departures.iter().any(|departure| departure.1 == *id && !confirmed.contains(departure));
        let to_list: BTreeSet<&GroupQuery> = wanted
            .iter()
            .filter(|query| match kept.groups.get(query) {
                None => true,
                Some(group) => group.due <= now || is_doubtful(&group.id) || is_beyond_changes(query, group, &rounds),
            })
            // What a failed round may have told is not known, however whole the list: the next pass lists.
            .filter(|query| kept.groups.get(query).is_none_or(|group| failure(group, &rounds).is_none()))
            .collect();
        let (listed, begun) = self.list_groups(&to_list, &rounds, now).await;

        // Nothing waits from here on: either all of it is kept or nothing.
        let mut answers = BTreeMap::new();
        for (query, group) in &mut kept.groups {
            if let Some(error) = failure(group, &rounds) {
                answers.insert(query.clone(), Err(unreadable(query, Arc::clone(error))));
            } else if let Some(change) = rounds.changes.get(&group.id) {
                apply(group, change, &confirmed, query.transitive);
            }
        }
        for (query, listing) in listed {
            let answer = match listing {
                Ok(Ok(group)) => {
                    kept.groups.insert(query.clone(), group);
                    continue;
                }
                Ok(Err(answer)) => {
                    kept.groups.remove(&query);
                    Ok(answer)
                }
                Err(error) => {
                    if let Some(group) = kept.groups.get_mut(&query) {
                        group.due = Timestamp::MIN;
                    }
                    Err(unreadable(&query, error))
                }
            };
            answers.insert(query, answer);
        }
        kept.streams = rounds.streams.into_iter().chain(begun).collect();
        for (query, group) in &kept.groups {
            let answer = || GroupAnswer::Members {
                id: group.id.clone(),
                users: group.users.clone(),
                unchangeable: group.unchangeable,
            };
            answers.entry(query.clone()).or_insert_with(|| Ok(answer()));
        }
        answers
    }

    /// Lists groups, each after a stream of its changes has begun: what changes meanwhile shows in the next round, and at worst in both.
    async fn list_groups(
        &self,
        queries: &BTreeSet<&GroupQuery>,
        rounds: &Rounds,
        now: Timestamp,
    ) -> (BTreeMap<GroupQuery, Listed>, Vec<Stream>) {
        let mut listed: BTreeMap<GroupQuery, Listed> = BTreeMap::new();
        let mut found: Vec<(&GroupQuery, KeptGroup)> = Vec::new();
        for query in queries {
            match self.find_group(query, now).await {
                Ok(Ok(group)) => found.push((*query, group)),
                other => _ = listed.insert((*query).clone(), other.map_err(Arc::new)),
            }
        }
        let known: BTreeSet<&GroupId> = rounds.streams.iter().flat_map(|stream| &stream.ids).collect();
        let new: BTreeSet<GroupId> =
            found.iter().flat_map(|(_, group)| group.followed()).filter(|id| !known.contains(id)).cloned().collect();
        let begun = match self.begin_streams(&new).await {
            Ok(begun) => begun,
            Err(error) => {
                let error = Arc::new(error);
                listed.extend(found.into_iter().map(|(query, _)| (query.clone(), Err(Arc::clone(&error)))));
                return (listed, Vec::new());
            }
        };
        let begun_for: BTreeSet<&GroupId> = begun.iter().flat_map(|stream| &stream.ids).collect();
        for (query, mut group) in found {
            let is_told = group.followed().all(|id| known.contains(id) || begun_for.contains(id));
            let is_new = group.followed().any(|id| begun_for.contains(id) || rounds.changes.contains_key(id));
            group.due = match (is_told, is_new) {
                // Without changes, a list alone tells.
                (false, _) => now,
                // The list may lag behind what the round has told, or behind where the next one begins.
                (true, true) => now.checked_add(SECOND_LOOK.min(self.full_every)).unwrap_or(Timestamp::MAX),
                (true, false) => now.checked_add(self.full_every).unwrap_or(Timestamp::MAX),
            };
            let listing = match self.members(&group.id, query.transitive, "user").await {
                Ok(Some(users)) => {
                    group.users = users.into_iter().map(UserId::new).collect();
                    Ok(Ok(group))
                }
                Ok(None) => Ok(Err(GroupAnswer::NotFound)),
                Err(error) => Err(Arc::new(error)),
            };
            listed.insert(query.clone(), listing);
        }
        (listed, begun)
    }

    /// The group that is meant, with the groups in it where nesting is followed, and nobody in it yet.
    async fn find_group(
        &self,
        query: &GroupQuery,
        now: Timestamp,
    ) -> Result<Result<KeptGroup, GroupAnswer>, GraphError> {
        let group = match self.resolve(&query.group).await? {
            Ok(group) => group,
            Err(answer) => return Ok(Err(answer)),
        };
        let within = if query.transitive {
            match self.members(&group.id, true, "group").await? {
                Some(within) => within.into_iter().map(GroupId::new).collect(),
                None => return Ok(Err(GroupAnswer::NotFound)),
            }
        } else {
            BTreeSet::new()
        };
        let unchangeable = unchangeable(&group);
        Ok(Ok(KeptGroup { id: group.id, unchangeable, users: BTreeSet::new(), within, due: now }))
    }
}

/// Who is said to have left a group that is followed without nesting.
fn departures(groups: &BTreeMap<GroupQuery, KeptGroup>, rounds: &Rounds) -> BTreeSet<Departure> {
    let direct = groups.iter().filter(|(query, _)| !query.transitive).map(|(_, group)| group);
    let left = direct.flat_map(|group| {
        let left = rounds.changes.get(&group.id).into_iter().flat_map(|change| &change.left);
        left.filter(|user| group.users.contains(*user)).map(|user| (user.clone(), group.id.clone()))
    });
    left.collect()
}

/// Whether only a listing tells what has become of the group.
fn is_beyond_changes(query: &GroupQuery, group: &KeptGroup, rounds: &Rounds) -> bool {
    let is_lost = group.followed().any(|id| rounds.lost.contains(id));
    let moves = |id: &GroupId| rounds.changes.get(id).is_some_and(|change| change.moves || change.is_removed);
    let is_renamed = |change: &GroupChange| {
        let name = change.properties.get("displayName").and_then(Value::as_str);
        !is_object_id(&query.group) && name.is_some_and(|name| !name.eq_ignore_ascii_case(&query.group))
    };
    let is_another = rounds.changes.get(&group.id).is_some_and(|change| {
        let is_both = change.came.iter().any(|user| change.left.contains(user));
        change.is_removed || is_renamed(change) || is_both
    });
    is_lost || is_another || (query.transitive && group.followed().any(moves))
}

/// Why nothing is known of the group in this pass.
fn failure<'a>(group: &KeptGroup, rounds: &'a Rounds) -> Option<&'a Arc<GraphError>> {
    group.followed().find_map(|id| rounds.failed.get(id))
}

fn apply(group: &mut KeptGroup, change: &GroupChange, confirmed: &BTreeSet<Departure>, transitive: bool) {
    let is_said = |name: &str| change.properties.contains_key(name);
    if ["groupTypes", "mailEnabled", "onPremisesSyncEnabled", "isAssignableToRole"].into_iter().any(is_said) {
        let mut properties = change.properties.clone();
        properties.insert("id".to_owned(), Value::from(group.id.as_str()));
        if let Ok(read) = serde_json::from_value::<wire::Group>(Value::Object(properties)) {
            group.unchangeable = unchangeable(&read);
        }
    }
    if !transitive {
        group.users.retain(|user| !confirmed.contains(&(user.clone(), group.id.clone())));
        group.users.extend(change.came.iter().cloned());
    }
}

fn unreadable(query: &GroupQuery, error: Arc<GraphError>) -> ObserveError {
    failed(format!("members of group {}", query.group), error)
}
