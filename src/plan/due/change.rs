//! Change triggers: an attribute, a membership or a feed holds something else than before.

use crate::domain::action::OccasionValue;
use crate::domain::reason::Reason;
use crate::plan::Gate;
use crate::plan::draft::{Draft, View};
use crate::plan::ledger::{DocumentRecord, WatchKey, WatchedValue};
use crate::plan::names::Names;
use crate::plan::population::Member;
use crate::plan::watches::{LastChange, Watches, keys_of};
use crate::workflow::definition::{Change, Trigger};
use crate::workflow::rule::Literal;

use super::Due;

/// One change trigger for every subject.
pub(super) struct ChangeWatcher<'p> {
    watches: &'p Watches,
    keys: Vec<WatchKey>,
    wanted: Wanted<'p>,
}

/// Which changes are occasions.
enum Wanted<'p> {
    Value { from: Option<&'p [Literal]>, to: Option<&'p [Literal]> },
    Way(Change),
}

impl<'p> ChangeWatcher<'p> {
    /// Notes what it cannot watch.
    pub(super) fn of(
        view: &View<'_>,
        record: &DocumentRecord,
        trigger: &'p Trigger,
        watches: &'p Watches,
        names: &mut Names<'_>,
        draft: &mut Draft,
    ) -> Self {
        let wanted = match trigger {
            Trigger::AttributeChange(change) => {
                Wanted::Value { from: change.from.as_deref(), to: change.to.as_deref() }
            }
            Trigger::MembershipChange { group, transitive, change } => {
                if let Err(reason) = names.group((group, *transitive)) {
                    draft.unread.insert(record.name.clone());
                    draft.skip(view, &record.name, None, None, reason);
                }
                Wanted::Way(*change)
            }
            Trigger::FeedChange { change, .. } => Wanted::Way(*change),
            Trigger::Time(_) | Trigger::Schedule(_) | Trigger::OnDemand => Wanted::Value { from: None, to: None },
        };
        Self { watches, keys: keys_of(trigger), wanted }
    }

    /// Whether something it watches cannot be read at all now.
    pub(super) fn is_blind(&self) -> bool {
        self.keys.iter().any(|key| self.watches.is_unknown(key))
    }

    /// The occasion that the subject's latest change makes; an earlier one of the same subject no longer stands.
    pub(super) fn standing(&self, member: &Member<'_>) -> Result<Due, Reason> {
        let mut latest: Option<(&WatchKey, &LastChange, bool)> = None;
        let mut unread = None;
        for key in &self.keys {
            let known = self.watches.get(key, member);
            // What a doubtful reading no longer shows makes a run that is held; it takes nothing back.
            let doubtful = known.doubtful.filter(|_| matches!(self.wanted, Wanted::Way(Change::Went)));
            let change = doubtful.map(|change| (change, true)).or(known.last.map(|change| (change, false)));
            if let Some((change, is_doubtful)) = change
                && latest.is_none_or(|(_, latest, _)| change.at > latest.at)
            {
                latest = Some((key, change, is_doubtful));
            }
            if known.is_unread {
                unread = Some(key);
            }
        }
        match (latest, unread) {
            (Some((key, change, is_doubtful)), _) if self.is_wanted(change) => Ok(Due {
                subject: change.subject.clone(),
                trigger: key.to_string(),
                value: OccasionValue::Change(change.number),
                at: change.at,
                day: None,
                held_by: is_doubtful.then_some(Gate::GroupShrunk),
            }),
            (_, Some(key)) => Err(Reason::Unknown { what: key.to_string() }),
            _ => Err(Reason::NoOccasion),
        }
    }

    fn is_wanted(&self, change: &LastChange) -> bool {
        let is_one_of = |value: &WatchedValue, literals: Option<&[Literal]>| {
            literals.is_none_or(|literals| literals.iter().any(|literal| value.is(literal)))
        };
        match &self.wanted {
            Wanted::Value { from, to } => is_one_of(&change.before, *from) && is_one_of(&change.value, *to),
            Wanted::Way(way) => change.value == WatchedValue::is_in(*way == Change::Came),
        }
    }
}
