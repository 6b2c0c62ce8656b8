//! Whether somebody that a delta round shows as gone from a group is: asked of the service before it may count (design.md section 5).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::GraphDirectory;
use crate::domain::ids::{GroupId, UserId};
use crate::graph::error::GraphError;
use crate::graph::odata::encode;
use crate::graph::transport::{BatchAnswer, BatchRead};

/// The most groups that one question names.
const MOST_GROUPS: usize = 20;

/// Someone who is said to have left a group.
pub(super) type Departure = (UserId, GroupId);

impl GraphDirectory {
    /// Those of `departures` that the service confirms: it does not count the user among the group's members, or no longer has the user. Of all
    /// others nothing is certain (they may be in the group by way of another one), and the group has to be listed.
    pub(super) async fn confirm(&self, departures: &BTreeSet<Departure>) -> BTreeSet<Departure> {
        let mut by_user: BTreeMap<&UserId, Vec<&GroupId>> = BTreeMap::new();
        for (user, group) in departures {
            by_user.entry(user).or_default().push(group);
        }
        let questions: Vec<(&UserId, &[&GroupId])> =
            by_user.iter().flat_map(|(user, groups)| groups.chunks(MOST_GROUPS).map(|chunk| (*user, chunk))).collect();
        let reads: Vec<BatchRead> = questions
            .iter()
            .map(|(user, groups)| {
                let address = format!("/users/{}/checkMemberGroups", encode(user.as_str()));
                BatchRead::ask(address, json!({ "groupIds": groups }))
            })
            .collect();
        // A batch that failed confirms nothing.
        let answers = self.client.read_batch(&reads).await.unwrap_or_default();
        let answered = questions.into_iter().zip(answers);
        let confirmed = answered.flat_map(|((user, groups), answer)| {
            let still = groups_in(answer);
            groups.iter().filter_map(move |group| {
                let is_out = still.as_ref().is_some_and(|still| !still.contains(group.as_str()));
                is_out.then(|| (user.clone(), (*group).clone()))
            })
        });
        confirmed.collect()
    }
}

/// The groups that the user is in, of those asked about; `None` where the answer does not say.
fn groups_in(answer: BatchAnswer) -> Option<BTreeSet<String>> {
    match answer {
        Ok(answer) => {
            let groups = answer.get("value").and_then(Value::as_array)?;
            groups.iter().map(|group| group.as_str().map(str::to_owned)).collect()
        }
        Err(GraphError::NotFound(_)) => Some(BTreeSet::new()),
        Err(_) => None,
    }
}
