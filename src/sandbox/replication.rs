//! Replication that lags: what has come or gone a moment ago, lists do not show yet (graph-contract 4.7).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far reading lags behind writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplicationLag {
    /// In tenant time, an ISO 8601 duration of hours, minutes and seconds.
    pub lag: SignedDuration,
    /// Of what.
    pub of: BTreeSet<Replicated>,
}

/// What can lag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Replicated {
    /// Users; entitlement management does not know one yet as a target either.
    Users,
    /// Groups.
    Groups,
    /// Direct memberships, from both ends.
    Members,
    /// Assignments.
    Assignments,
    /// Assignment requests.
    Requests,
}

/// What has come and gone within the lag. While nothing lags it keeps nothing.
#[derive(Debug, Default)]
pub(super) struct Replication {
    lag: Option<ReplicationLag>,
    now: Timestamp,
    /// By kind and id: when the thing came or went, and whether it was there before that; oldest first.
    turns: BTreeMap<(Replicated, String), Vec<(Timestamp, bool)>>,
}

impl Replication {
    /// Lets reading lag from now on, or no longer; what was before is seen as it is.
    pub(super) fn set(&mut self, lag: Option<ReplicationLag>) {
        self.lag = lag;
        self.turns.clear();
    }

    /// The lag in force.
    pub(super) fn lag(&self) -> Option<&ReplicationLag> {
        self.lag.as_ref()
    }

    /// What follows happens at `now`.
    pub(super) fn tick(&mut self, now: Timestamp) {
        let Some(ReplicationLag { lag, .. }) = &self.lag else { return };
        self.now = now;
        if let Ok(seen) = now.checked_sub(*lag) {
            self.turns.retain(|_, turns| {
                turns.retain(|(at, _)| *at > seen);
                !turns.is_empty()
            });
        }
    }

    /// A thing comes or goes.
    pub(super) fn turn(&mut self, kind: Replicated, id: impl FnOnce() -> String, was_there: bool) {
        if self.lag.as_ref().is_some_and(|lag| lag.of.contains(&kind)) {
            self.turns.entry((kind, id())).or_default().push((self.now, was_there));
        }
    }

    /// Whether readers see the thing.
    pub(super) fn shows(&self, kind: Replicated, id: &str, is_there: bool) -> bool {
        if self.turns.is_empty() {
            return is_there;
        }
        let turns = self.turns.get(&(kind, id.to_owned()));
        turns.and_then(|turns| turns.first()).map_or(is_there, |(_, was_there)| *was_there)
    }

    /// What has come or gone within the lag.
    pub(super) fn turned(&self, kind: Replicated) -> impl Iterator<Item = &str> {
        self.turns.keys().filter(move |(known, _)| *known == kind).map(|(_, id)| id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_what_was_there_a_lag_ago() {
        let at = |second: i64| Timestamp::from_second(1_700_000_000 + second).unwrap();
        let mut replication = Replication::default();
        let lag = SignedDuration::from_secs(60);
        replication.tick(at(0));
        replication.turn(Replicated::Users, || "before".to_owned(), false);
        replication.set(Some(ReplicationLag { lag, of: BTreeSet::from([Replicated::Users]) }));
        let mut shown = |second: i64, turn: Option<bool>, is_there: bool| {
            replication.tick(at(second));
            if let Some(was_there) = turn {
                replication.turn(Replicated::Users, || "u".to_owned(), was_there);
                replication.turn(Replicated::Groups, || "u".to_owned(), was_there);
            }
            assert_eq!(replication.shows(Replicated::Groups, "u", is_there), is_there, "groups do not lag");
            assert!(replication.shows(Replicated::Users, "before", true));
            replication.shows(Replicated::Users, "u", is_there)
        };
        assert!(!shown(10, Some(false), true), "made at 10");
        assert!(!shown(50, Some(true), false), "deleted at 50");
        assert!(shown(80, None, false), "at 20 it was there");
        assert!(!shown(110, None, false), "at 50 it was not");
    }
}
