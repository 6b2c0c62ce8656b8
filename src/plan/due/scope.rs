//! Scopes: the rule and the groups of a workflow; both must hold.

use std::collections::BTreeSet;

use crate::domain::ids::UserId;
use crate::domain::reason::Reason;
use crate::plan::draft::{Draft, View};
use crate::plan::ledger::DocumentRecord;
use crate::plan::names::Names;
use crate::plan::population::{Member, RuleVerdicts};
use crate::workflow::definition::Scope;
use crate::workflow::rule::Truth;

/// One workflow's scope, with the members of its groups.
pub(super) struct ScopeReading<'a> {
    rule: Option<RuleVerdicts<'a>>,
    /// The members of each group; `None` where the group is not known.
    groups: Vec<Option<&'a BTreeSet<UserId>>>,
    /// Whether every feed and every group it may rest on was read.
    pub(super) is_complete: bool,
}

impl<'a> ScopeReading<'a> {
    /// Finds the groups, and notes those that are not known.
    pub(super) fn of(
        view: &View<'a>,
        record: &DocumentRecord,
        scope: &'a Scope,
        names: &mut Names<'a>,
        draft: &mut Draft,
    ) -> Self {
        let mut read = |group: &'a String| match names.group((group, false)) {
            Ok(reading) => Some(reading.users),
            Err(reason) => {
                draft.unread.insert(record.name.clone());
                draft.skip(view, &record.name, None, None, reason);
                None
            }
        };
        let groups: Vec<_> = scope.groups.iter().map(&mut read).collect();
        let is_complete = view.feeds_are_read() && groups.iter().all(Option::is_some);
        Self { rule: scope.rule.as_ref().map(|rule| view.population.verdicts(rule)), groups, is_complete }
    }

    /// Whether the subject is in scope.
    ///
    /// # Errors
    /// [`Reason::NotInScope`], or [`Reason::Unknown`] where something was not read.
    pub(super) fn verdict(&self, member: &Member<'_>) -> Result<(), Reason> {
        let by_rule = self.rule.as_ref().map_or(Truth::Yes, |rule| rule.of(member));
        let by_group = self.by_group(member);
        match (by_rule, by_group) {
            (Truth::No, _) | (_, Truth::No) => Err(Reason::NotInScope),
            (Truth::Unknown, _) => Err(Reason::Unknown { what: "an attribute of the scope rule".to_owned() }),
            (_, Truth::Unknown) => Err(Reason::Unknown { what: "a group of the scope".to_owned() }),
            (Truth::Yes, Truth::Yes) => Ok(()),
        }
    }

    fn by_group(&self, member: &Member<'_>) -> Truth {
        if self.groups.is_empty() {
            return Truth::Yes;
        }
        let is_in = |users: &BTreeSet<UserId>| member.user_id().is_some_and(|user| users.contains(user));
        if self.groups.iter().flatten().any(|users| is_in(users)) {
            Truth::Yes
        } else if self.groups.iter().all(Option::is_some) {
            Truth::No
        } else {
            Truth::Unknown
        }
    }
}
