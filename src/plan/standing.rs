//! Auto assignments: the holders of a package are brought to equal the members of a set.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use crate::domain::action::{ActionKind, Category, Cause};
use crate::domain::ids::{DocumentName, FeedName, PersonKey, SubjectKey, UserId};
use crate::domain::reason::Reason;
use crate::domain::resource::Resource;
use crate::workflow::definition::{AutoAssignment, MemberSource, Mode, WhenMemberLeaves};
use crate::workflow::rule::Truth;

use super::asking::Asking;
use super::draft::{Before, Draft, View};
use super::groups::{self, GroupName};
use super::ledger::{ClaimKey, ClaimRecord, DocumentRecord, LedgerChange};
use super::names::Names;
use super::observed::FeedView;
use super::population::{Member, RowSet, RuleVerdicts};
use super::wish::{Rank, WishFor};

mod adoption;
mod outranked;

use outranked::{Taken, taken_by_tasks};

/// A loss counts once two readings this far apart agree.
pub(super) const LOSS_CONFIRMED_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// Plans every auto assignment; returns the groups they rest on, each with whether somebody's grant hangs on its reading.
pub fn plan_auto_assignments<'a>(
    view: &View<'a>,
    members: &[Member<'_>],
    names: &mut Names<'a>,
    draft: &mut Draft,
) -> BTreeMap<GroupName<'a>, bool> {
    let mut standing = Vec::new();
    let rows = view.holdings.rows(members);
    for auto in &view.definitions.auto_assignments {
        let Some(record) = view.record(&auto.header.name) else { continue };
        match Asking::resolve(names, &auto.requested) {
            Ok(asking) => {
                for group in auto.groups() {
                    if let Err(reason) = names.group(group) {
                        draft.skip(view, &record.name, None, None, reason);
                    }
                }
                let holders = rows.get(&asking.package).map_or(&[][..], Vec::as_slice);
                standing.push(Standing::new(view, auto, record, asking, holders));
            }
            Err(reason) => draft.skip(view, &record.name, None, None, reason),
        }
    }
    let wanted = Wanted::of(view, &standing, draft);
    let taken = taken_by_tasks(view, draft);
    for document in &standing {
        document.plan(members, &wanted, &taken, draft);
    }
    groups_it_rests_on(view, &standing, members)
}

/// A document that only observes believes no reading, but what it granted before may still hang on one.
fn groups_it_rests_on<'a>(
    view: &View<'a>,
    standing: &[Standing<'_, 'a>],
    members: &[Member<'_>],
) -> BTreeMap<GroupName<'a>, bool> {
    let mut groups: BTreeMap<GroupName<'a>, bool> = BTreeMap::new();
    let mut believed = BTreeSet::new();
    for document in standing {
        let hangs = || {
            members.iter().any(|member| {
                document.membership(member) == Truth::No
                    && view.claims.get(&document.record.name, member, &document.asking.package).is_some()
            })
        };
        let hangs = document.is_shrunk && hangs();
        for group in document.auto.groups() {
            *groups.entry(group).or_default() |= hangs;
            believed.extend((document.record.mode != Mode::Observe).then_some(group));
        }
    }
    groups.retain(|group, _| believed.contains(group));
    groups
}

/// Who is wanted to hold what by any document in this pass, so that no document takes what another gives.
struct Wanted<'w, 'p, 'a> {
    added: BTreeMap<(SubjectKey, Resource), DocumentName>,
    standing: BTreeMap<&'w Resource, Vec<&'w Standing<'p, 'a>>>,
}

impl<'w, 'p, 'a> Wanted<'w, 'p, 'a> {
    fn of(view: &View<'_>, standing: &'w [Standing<'p, 'a>], draft: &Draft) -> Self {
        // An observing document gives nothing, so nobody may rely on it.
        let gives = |document: &DocumentName| view.record(document).is_some_and(|record| record.mode != Mode::Observe);
        let adds = draft.wishes.iter().map(|wish| &wish.action);
        let adds = adds.filter(|action| action.kind == ActionKind::AdminAdd && gives(&action.document));
        let added = adds.map(|action| ((action.subject.clone(), action.resource.clone()), action.document.clone()));
        let mut by_resource: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for document in standing.iter().filter(|document| gives(&document.record.name)) {
            by_resource.entry(&document.asking.resource).or_default().push(document);
        }
        Self { added: added.collect(), standing: by_resource }
    }

    /// A document that wants the subject to hold this.
    fn by(&self, member: &Member<'_>, resource: &Resource) -> Option<&DocumentName> {
        let mut standing = self.standing.get(resource).into_iter().flatten().rev();
        let wanting = standing.find(|document| document.wants(member)).map(|document| &document.record.name);
        wanting.or_else(|| self.added.get(&(member.subject.key.clone(), resource.clone())))
    }
}

/// Where members come from, ready for every subject.
enum Source<'p, 'a> {
    Rule(RuleVerdicts<'p>),
    Group(GroupName<'a>),
    Feed(&'a FeedName),
}

/// One auto assignment with the ids its names stand for.
struct Standing<'p, 'a> {
    view: &'p View<'a>,
    auto: &'a AutoAssignment,
    record: &'a DocumentRecord,
    asking: Asking<'a>,
    sources: Vec<Source<'p, 'a>>,
    excepted: RowSet,
    /// Those from whom it may have to take something, or of whom it has to note that it is gone.
    concerned: RowSet,
    is_shrunk: bool,
    removals_wait: bool,
    /// The members of each group it names; absent where the group is not known.
    in_groups: BTreeMap<GroupName<'a>, &'a BTreeSet<UserId>>,
    /// Who is in each feed it names, and whether their record is only carried over.
    in_feeds: BTreeMap<&'a FeedName, BTreeMap<&'a PersonKey, bool>>,
}

impl<'p, 'a> Standing<'p, 'a> {
    fn new(
        view: &'p View<'a>,
        auto: &'a AutoAssignment,
        record: &'a DocumentRecord,
        asking: Asking<'a>,
        holders: &[usize],
    ) -> Self {
        let is_shrunk = auto.groups().any(|group| groups::has_shrunk(view, group));
        let readings = auto.groups().map(|group| (group, groups::reading(view.observed, view.ledger, group)));
        let in_groups = readings.filter_map(|(group, reading)| Some((group, reading.ok()?.users))).collect();
        let rests_on_feeds = auto.any_of.iter().any(|source| !matches!(source, MemberSource::Group { .. }));
        let removals_wait = rests_on_feeds && view.observed.feeds.values().any(|feed| feed.removals_wait);
        let feeds = auto.any_of.iter().filter_map(|source| match source {
            MemberSource::Feed(feed) => Some((feed, view.observed.feeds.get(feed)?)),
            _ => None,
        });
        let keys = |feed: &'a FeedView| feed.persons.iter().map(|person| (&person.key, person.missing)).collect();
        let in_feeds = feeds.map(|(name, feed)| (name, keys(feed))).collect();
        let sources = auto.any_of.iter().map(|source| match source {
            MemberSource::Rule(rule) => Source::Rule(view.population.verdicts(rule)),
            MemberSource::Group { group, transitive } => Source::Group((group, *transitive)),
            MemberSource::Feed(feed) => Source::Feed(feed),
        });
        let (sources, excepted) = (sources.collect(), view.population.excepted(&auto.except));
        let outranked = view.ledger.outranked.keys().filter(|claim| claim.document == record.name);
        let outranked = outranked.filter_map(|claim| view.population.find(&claim.subject)).map(|member| member.row);
        let concerned = holders.iter().copied().chain(view.claims.rows(&record.name)).chain(outranked).collect();
        Self { view, auto, record, asking, sources, excepted, concerned, is_shrunk, removals_wait, in_groups, in_feeds }
    }

    fn wants(&self, member: &Member<'_>) -> bool {
        !self.excepted.contains(member) && self.membership(member) == Truth::Yes
    }

    fn membership(&self, member: &Member<'_>) -> Truth {
        let mut verdict = Truth::No;
        for source in &self.sources {
            match self.source_verdict(source, member) {
                Truth::Yes => return Truth::Yes,
                Truth::Unknown => verdict = Truth::Unknown,
                Truth::No => {}
            }
        }
        verdict
    }

    fn source_verdict(&self, source: &Source<'_, 'a>, member: &Member<'_>) -> Truth {
        match source {
            Source::Rule(rule) => rule.of(member),
            Source::Group(group) => match (self.in_groups.get(group), member.user_id()) {
                (Some(users), Some(user)) if users.contains(user) => Truth::Yes,
                (Some(_), _) => Truth::No,
                (None, _) => Truth::Unknown,
            },
            Source::Feed(feed) => match (self.in_feeds.get(feed), member.subject.person) {
                (Some(keys), Some(person)) => match keys.get(&person.key) {
                    Some(is_missing) if *is_missing => Truth::Unknown,
                    Some(_) => Truth::Yes,
                    None => Truth::No,
                },
                // One of the accounts that share the id is the record's.
                (Some(keys), None) => match member.shared_id() {
                    Some(id) if keys.contains_key(&id) => Truth::Unknown,
                    _ => Truth::No,
                },
                (None, _) => Truth::Unknown,
            },
        }
    }

    fn plan(&self, members: &[Member<'_>], wanted: &Wanted<'_, 'p, 'a>, taken: &Taken, draft: &mut Draft) {
        let mut wanted_members = 0;
        if self.auto.groups().any(|group| !self.in_groups.contains_key(&group)) {
            draft.unread.insert(self.record.name.clone());
        }
        for member in members {
            if self.excepted.contains(member) {
                self.skip(draft, member, Reason::Excepted);
                continue;
            }
            let verdict = self.membership(member);
            wanted_members += u32::from(verdict == Truth::Yes);
            match (verdict, member.user_id()) {
                // A record that leads to no user says nothing of what was granted to the user it led to.
                (Truth::Yes, None) => self.skip(draft, member, member.ambiguity().unwrap_or(Reason::NoUser)),
                (Truth::No, None) => self.skip(draft, member, Reason::NotInScope),
                (Truth::No, _) if !self.concerned.contains(member) => self.skip(draft, member, Reason::NotInScope),
                (Truth::Yes, Some(user)) => self.give(member, user, taken, draft),
                (Truth::No, Some(user)) => self.take(member, user, wanted, draft),
                (Truth::Unknown, _) => {
                    let ambiguity = member.ambiguity();
                    if ambiguity.is_none() && member.subject.person.is_some_and(|person| !person.missing) {
                        draft.unread.insert(self.record.name.clone());
                    }
                    let unread = || Reason::Unknown { what: "a member source".to_owned() };
                    self.skip(draft, member, ambiguity.unwrap_or_else(unread));
                }
            }
        }
        self.end_adoption(draft);
        let owned = self.view.claims.count(&self.record.name);
        draft.bases.insert(self.record.name.clone(), if owned == 0 { wanted_members } else { owned });
    }

    fn give(&self, member: &Member<'_>, user: &UserId, taken: &Taken, draft: &mut Draft) {
        let subject = &member.subject.key;
        if draft.barred.contains(&(user.clone(), self.asking.package.clone())) {
            return self.skip(draft, member, Reason::Barred);
        }
        let outranked_by = self.outranked_by(member, user, taken, draft);
        let holding = self.view.holdings.get(user, &self.asking.package);
        let claim = self.view.claims.get(&self.record.name, member, &self.asking.package);
        if let Some((key, record)) = claim {
            if holding.has() {
                if record.leaving_since.is_some() || record.missing_since.is_some() {
                    self.change(draft, LedgerChange::ClaimStays { claim: key.clone() });
                }
                return self.skip(draft, member, Reason::Satisfied);
            }
            if let Some(state) = holding.in_flight {
                return self.skip(draft, member, Reason::InFlight { state });
            }
            return self.note_loss(member, key, record, draft);
        }
        if let Some(state) = holding.in_flight {
            return self.skip(draft, member, Reason::InFlight { state });
        }
        if holding.is_going {
            return self.skip(draft, member, Reason::WaitsForRemoval);
        }
        if !holding.assignments.is_empty() {
            let is_owned = self.auto.adopt || self.view.claims.is_owned(member, &self.asking.package);
            if !is_owned && self.record.is_adopting {
                return self.adopt(member, user, draft);
            }
            if is_owned {
                self.change(draft, LedgerChange::Claim { claim: self.claim_key(subject) });
            }
            let reason = if is_owned { Reason::Satisfied } else { Reason::AlreadySatisfiedUnowned };
            return self.skip(draft, member, reason);
        }
        if holding.is_coming {
            return self.skip(draft, member, Reason::OpenRequest);
        }
        if let Some(document) = outranked_by {
            return self.skip(draft, member, Reason::OutrankedBy { document });
        }
        let episode = self.view.claims.next_episode(&self.record.name, member, &self.asking.package);
        let asked = match self.asking.fill_in(member) {
            Ok(asked) => asked,
            Err(reason) => return self.skip(draft, member, reason),
        };
        let wish_of = |subject: &SubjectKey| {
            let cause = Cause::Episode { document: self.record.name.clone(), subject: subject.clone(), episode };
            self.wish_for(subject, user).add(self.view, asked.clone(), cause)
        };
        // The same cause may have acted under the key the subject had before its person was linked.
        let before = member.subject.keys().map(|key| self.view.before(&wish_of(&key).action));
        let claim = || self.claim_key(subject);
        match before.fold(Before::Nothing, |found, before| if found == Before::Nothing { before } else { found }) {
            Before::Nothing => draft.wishes.push(wish_of(subject)),
            Before::Rejected => self.skip(draft, member, Reason::Rejected),
            Before::Forbidden => self.skip(draft, member, Reason::Forbidden),
            Before::Lags => self.skip(draft, member, Reason::Done),
            Before::Done => {
                // Granted once and gone since, without a claim that could tell when.
                self.change(draft, LedgerChange::EpisodeRaised { claim: claim() });
                self.skip(draft, member, Reason::LossUnconfirmed);
            }
            Before::Failed { state, is_of_another_version } => {
                if is_of_another_version {
                    // The document changed since: the next pass tries again, as a new episode.
                    self.change(draft, LedgerChange::EpisodeRaised { claim: claim() });
                }
                self.skip(draft, member, Reason::Sticks { state });
            }
        }
    }

    fn take(&self, member: &Member<'_>, user: &UserId, wanted: &Wanted<'_, 'p, 'a>, draft: &mut Draft) {
        self.end_outranking(member, draft);
        let holds = !self.view.holdings.get(user, &self.asking.package).assignments.is_empty();
        let claim = self.view.claims.get(&self.record.name, member, &self.asking.package);
        match claim {
            Some((key, record)) if holds => {
                if record.missing_since.is_some() {
                    // It was there all the time: an earlier reading without it is no evidence for a later one.
                    self.change(draft, LedgerChange::Claim { claim: key.clone() });
                }
                self.release(member, user, (key, record), wanted, draft);
            }
            Some((key, record)) => self.note_loss(member, key, record, draft),
            None if holds && self.auto.adopt => {
                let claim = self.claim_key(&member.subject.key);
                self.change(draft, LedgerChange::Claim { claim: claim.clone() });
                self.change(draft, LedgerChange::ClaimLeaving { claim });
                self.skip(draft, member, Reason::InGracePeriod { until: None });
            }
            None if holds => self.skip(draft, member, Reason::NotOwned),
            None => self.skip(draft, member, Reason::NotInScope),
        }
    }

    /// The subject is no longer a member, and the grant is this document's own.
    fn release(
        &self,
        member: &Member<'_>,
        user: &UserId,
        (key, record): (&ClaimKey, &ClaimRecord),
        wanted: &Wanted<'_, 'p, 'a>,
        draft: &mut Draft,
    ) {
        let grace = match self.auto.when_member_leaves {
            WhenMemberLeaves::Never => return self.skip(draft, member, Reason::NeverRemoves),
            WhenMemberLeaves::Immediately => SignedDuration::ZERO,
            WhenMemberLeaves::After(grace) => grace,
        };
        if self.removals_wait {
            return self.skip(draft, member, Reason::FeedRemovalsWait);
        }
        if !grace.is_zero() {
            // What was noted before the document observed for a while is not known to have lasted since.
            let began = self.record.writes_since.filter(|_| self.record.observed_before);
            let Some(since) = record.leaving_since.filter(|since| began.is_none_or(|began| *since >= began)) else {
                if record.leaving_since.is_some() {
                    self.change(draft, LedgerChange::ClaimStays { claim: key.clone() });
                }
                self.change(draft, LedgerChange::ClaimLeaving { claim: key.clone() });
                return self.skip(draft, member, Reason::InGracePeriod { until: None });
            };
            let until = since.checked_add(grace).unwrap_or(since);
            if self.view.now < until {
                return self.skip(draft, member, Reason::InGracePeriod { until: Some(until) });
            }
        }
        let holding = self.view.holdings.get(user, &self.asking.package);
        if let Some(state) = holding.in_flight {
            return self.skip(draft, member, Reason::InFlight { state });
        }
        if let Some(document) = self.kept_by(member, user, wanted, draft) {
            if holding.is_going {
                // Should it stay after all, it must still be somebody's.
                return self.skip(draft, member, Reason::WaitsForRemoval);
            }
            if self.auto.adopt {
                // It calls every assignment its own: the opposite of the other's wish, at the same rank, once it may take.
                let takes = self.record.name.clone();
                let is_conflict = self.record.mode == Mode::Enforce;
                let conflict = |gives| Reason::Conflict { gives, takes };
                let reason = if is_conflict { conflict(document) } else { Reason::KeptBy { document } };
                return self.skip(draft, member, reason);
            }
            self.change(draft, LedgerChange::EpisodeRaised { claim: key.clone() });
            self.change(draft, LedgerChange::ClaimReleased { claim: key.clone() });
            return self.skip(draft, member, Reason::KeptBy { document });
        }
        self.remove(member, user, draft);
    }

    /// Another document by which the subject keeps the package; what is barred no document takes over.
    fn kept_by(
        &self,
        member: &Member<'_>,
        user: &UserId,
        wanted: &Wanted<'_, 'p, 'a>,
        draft: &Draft,
    ) -> Option<DocumentName> {
        let package = &self.asking.package;
        let mut granting = draft.changes.granting(self.view.claims, member, package);
        let granted_by = granting.find(|document| **document != self.record.name);
        let is_barred = || draft.barred.contains(&(user.clone(), package.clone()));
        let wanted_by = || wanted.by(member, &self.asking.resource).filter(|_| !is_barred());
        granted_by.or_else(wanted_by).cloned()
    }

    fn remove(&self, member: &Member<'_>, user: &UserId, draft: &mut Draft) {
        for assignment in &self.view.holdings.get(user, &self.asking.package).assignments {
            if self.view.holdings.is_service_managed(assignment) {
                self.skip(draft, member, Reason::ServiceManaged);
                continue;
            }
            let cause = Cause::Assignment { assignment: assignment.id.clone() };
            let subject = &member.subject.key;
            let mut wish = self.wish_for(subject, user).remove(self.view, Rank::Claim, &assignment.id, cause);
            wish.from_shrunk_group = self.is_shrunk;
            match self.view.before(&wish.action) {
                Before::Nothing => draft.wishes.push(wish),
                Before::Rejected => self.skip(draft, member, Reason::Rejected),
                Before::Forbidden => self.skip(draft, member, Reason::Forbidden),
                Before::Failed { state, .. } => self.skip(draft, member, Reason::Sticks { state }),
                Before::Lags | Before::Done => self.skip(draft, member, Reason::Done),
            }
        }
    }

    /// The assignment is not seen any more: believed only when a later reading agrees.
    fn note_loss(&self, member: &Member<'_>, key: &ClaimKey, record: &ClaimRecord, draft: &mut Draft) {
        let read_at = self.view.observed.read_at;
        match record.missing_since {
            None => self.change(draft, LedgerChange::ClaimMissing { claim: key.clone() }),
            Some(since) if read_at.duration_since(since) >= LOSS_CONFIRMED_AFTER => {
                self.change(draft, LedgerChange::EpisodeRaised { claim: key.clone() });
                self.change(draft, LedgerChange::ClaimReleased { claim: key.clone() });
            }
            Some(_) => {}
        }
        self.skip(draft, member, Reason::LossUnconfirmed);
    }

    /// What an observing document finds changes nothing, not even in the ledger.
    fn change(&self, draft: &mut Draft, change: LedgerChange) {
        if self.record.mode != Mode::Observe {
            draft.changes.push(change);
        }
    }

    fn skip(&self, draft: &mut Draft, member: &Member<'_>, reason: Reason) {
        draft.skip(self.view, &self.record.name, Some(&member.subject.key), Some(&self.asking.resource), reason);
    }

    fn claim_key(&self, subject: &SubjectKey) -> ClaimKey {
        ClaimKey { document: self.record.name.clone(), subject: subject.clone(), package: self.asking.package.clone() }
    }

    fn wish_for<'w>(&'w self, subject: &'w SubjectKey, user: &'w UserId) -> WishFor<'w> {
        WishFor { record: self.record, category: Category::Mover, subject, user, resource: &self.asking.resource }
    }
}
