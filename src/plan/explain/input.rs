//! What one planning looks at, and the same for one subject alone: small enough to be planned thousands of times.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::ids::{DocumentName, PackageId, SubjectKey, UserId};
use crate::domain::subject::{Subject, User};
use crate::plan::focus::Focus;
use crate::plan::ledger::Ledger;
use crate::plan::limits::Limits;
use crate::plan::observed::{FeedView, GroupView, Observed};
use crate::plan::{Plan, Skip, plan_in_focus};
use crate::workflow::definition::Definitions;

use super::verdict::Verdict;

/// Everything the planner looks at.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The documents.
    pub definitions: &'a Definitions,
    /// The observation.
    pub observed: &'a Observed,
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The plan gates' numbers.
    pub limits: &'a Limits,
    /// The instant to plan for, in tenant time.
    pub now: Timestamp,
}

impl Input<'_> {
    /// The plan, and every reason it has for the subject that goes by `keys`.
    pub(super) fn plan(&self, keys: &BTreeSet<SubjectKey>) -> (Plan, Vec<Skip>) {
        let focus = Focus::on(keys.iter().cloned());
        plan_in_focus(self.definitions, self.observed, self.ledger, self.limits, self.now, focus)
    }

    /// What the plan says of the subject and one document.
    pub(in crate::plan) fn verdict(&self, keys: &BTreeSet<SubjectKey>, document: &DocumentName) -> Verdict {
        let (plan, reasons) = self.plan(keys);
        Verdict::of(&plan, &reasons, keys, document)
    }
}

/// What changes may touch, as a copy of its own.
#[derive(Debug, Clone)]
pub(in crate::plan) struct World {
    /// The observation.
    pub(in crate::plan) observed: Observed,
    /// The ledger.
    pub(in crate::plan) ledger: Ledger,
    /// The instant.
    pub(in crate::plan) now: Timestamp,
}

impl World {
    /// A copy of everything.
    pub(in crate::plan) fn of(input: &Input<'_>) -> Self {
        Self { observed: input.observed.clone(), ledger: input.ledger.clone(), now: input.now }
    }

    /// The same input with this world in it.
    pub(in crate::plan) fn within<'a>(&'a self, input: &Input<'a>) -> Input<'a> {
        Input { observed: &self.observed, ledger: &self.ledger, now: self.now, ..*input }
    }

    /// What concerns one subject: their records, accounts that share their employee id, and what the ledger keeps of them.
    ///
    /// What is lost is what the gates count; a removal that a gate holds is one all the same.
    pub(super) fn of_one(input: &Input<'_>, subject: &Subject<'_>) -> Self {
        let Input { observed, ledger, now, .. } = *input;
        let keys = keys_of(subject);
        let record = subject.person.map(|person| person.key.as_str());
        let employee_id = record.or_else(|| subject.user.and_then(|user| user.employee_id.as_deref()));
        let is_own = |user: &&User| {
            subject.user.is_some_and(|own| own.id == user.id)
                || employee_id.is_some_and(|id| user.employee_id.as_deref() == Some(id))
        };
        let users: Vec<User> = observed.users.iter().filter(is_own).cloned().collect();
        let ids: BTreeSet<&UserId> = users.iter().map(|user| &user.id).collect();
        let feeds = observed.feeds.iter().map(|(name, feed)| {
            let persons = feed.persons.iter().filter(|person| employee_id == Some(person.key.as_str()));
            (name.clone(), FeedView { persons: persons.cloned().collect(), ..without_people(feed) })
        });
        let groups = observed.groups.iter().map(|(name, view)| (name.clone(), with_members_of(view, &ids)));
        let has = |user: &Option<UserId>| user.as_ref().is_some_and(|user| ids.contains(user));
        let small = Observed {
            tenant: observed.tenant.clone(),
            tenant_zone: observed.tenant_zone.clone(),
            feeds: feeds.collect(),
            groups: groups.collect(),
            packages: observed.packages.clone(),
            policies: observed.policies.clone(),
            assignments: observed.assignments.iter().filter(|own| has(&own.user)).cloned().collect(),
            requests: observed.requests.iter().filter(|own| has(&own.user)).cloned().collect(),
            read_at: observed.read_at,
            users: users.clone(),
        };
        Self { observed: small, ledger: of_one(ledger, &keys, &ids), now }
    }

    /// Keeps the packages that these names (display names or ids) may stand for, and their policies.
    pub(super) fn keep_packages(&mut self, names: &BTreeSet<String>) {
        let Self { observed, ledger, .. } = self;
        let is_named = |text: &str| names.iter().any(|name| name.eq_ignore_ascii_case(text));
        let is_pinned = |id: &str| ledger.pins.values().any(|pinned| pinned == id);
        observed.packages.retain(|package| {
            is_named(&package.display_name) || is_named(package.id.as_str()) || is_pinned(package.id.as_str())
        });
        let kept: BTreeSet<&PackageId> = observed.packages.iter().map(|package| &package.id).collect();
        observed.policies.retain(|policy| kept.contains(&policy.package));
    }
}

/// Every key by which plan and ledger may know the subject, also once a record or an account is gone or there.
pub(in crate::plan) fn keys_of(subject: &Subject<'_>) -> BTreeSet<SubjectKey> {
    let by_id = subject.user.and_then(|user| user.employee_id.as_deref()).filter(|id| !id.is_empty());
    subject.keys().chain(by_id.map(|id| SubjectKey::person(&id.into()))).collect()
}

fn without_people(feed: &FeedView) -> FeedView {
    FeedView { persons: Vec::new(), removals_wait: feed.removals_wait, deliveries: Vec::new() }
}

fn with_members_of(view: &GroupView, ids: &BTreeSet<&UserId>) -> GroupView {
    let mut view = view.clone();
    if let GroupView::Members { users, .. } = &mut view {
        users.retain(|user| ids.contains(user));
    }
    view
}

fn of_one(ledger: &Ledger, keys: &BTreeSet<SubjectKey>, ids: &BTreeSet<&UserId>) -> Ledger {
    let mut own = Ledger {
        documents: ledger.documents.clone(),
        pins: ledger.pins.clone(),
        rejected: ledger.rejected.clone(),
        watched_since: ledger.watched_since.clone(),
        schedules: ledger.schedules.clone(),
        ..Ledger::default()
    };
    let is_own = |key: &SubjectKey| keys.contains(key);
    own.complete_since = ledger.complete_since.iter().filter(|(key, _)| is_own(key)).map(owned).collect();
    own.runs = ledger.runs.iter().filter(|(occasion, _)| is_own(&occasion.subject)).map(owned).collect();
    own.claims = ledger.claims.iter().filter(|(claim, _)| is_own(&claim.subject)).map(owned).collect();
    own.episodes = ledger.episodes.iter().filter(|(claim, _)| is_own(&claim.subject)).map(owned).collect();
    own.watched = ledger.watched.iter().filter(|((key, _), _)| is_own(key)).map(owned).collect();
    own.activations = ledger.activations.iter().filter(|(_, known)| is_own(&known.subject)).map(owned).collect();
    own.actions = ledger.actions.iter().filter(|(_, known)| ids.contains(&known.user)).map(owned).collect();
    let bars = ledger.bars.iter().filter(|bar| is_own(&bar.occasion.subject) || ids.contains(&bar.user));
    own.bars = bars.cloned().collect();
    own
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}
