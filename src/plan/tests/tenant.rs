//! A tenant and a ledger for worlds that live: plans are committed, and what they send is delivered at once.

use super::world::World;
use crate::domain::action::{Action, ActionKind, ActionState};
use crate::domain::entitlement::{Assignment, AssignmentState};
use crate::domain::ids::{AssignmentId, SubjectKey};
use crate::plan::Plan;
use crate::plan::ledger::{ClaimKey, ClaimRecord, Ledger, LedgerAction, LedgerChange, Watched};

/// So many passes come to rest, however much follows from what.
const MOST_PASSES: usize = 12;

impl World {
    /// Passes until nothing is sent and nothing changes any more; returns what was sent, and the last plan.
    pub(super) fn come_to_rest(&mut self) -> (Vec<Action>, Plan) {
        let mut sent = Vec::new();
        for _ in 0..MOST_PASSES {
            self.observed.read_at = self.now;
            let plan = self.plan();
            for change in &plan.changes {
                apply(&mut self.ledger, change, self.now);
            }
            for action in &plan.actions {
                self.deliver(action);
            }
            if plan.actions.is_empty() && plan.changes.is_empty() {
                return (sent, plan);
            }
            sent.extend(plan.actions);
        }
        panic!("after {MOST_PASSES} passes something still changes: {}", self.text());
    }

    fn deliver(&mut self, action: &Action) {
        let package = action.package().unwrap().clone();
        let changes = match action.kind {
            ActionKind::AdminAdd => {
                self.observed.assignments.push(Assignment {
                    id: AssignmentId::new(format!("of {}", action.id)),
                    state: AssignmentState::Delivered,
                    package: package.clone(),
                    policy: action.policy.clone(),
                    user: Some(action.user.clone()),
                });
                let claim = ClaimKey { document: action.document.clone(), subject: action.subject.clone(), package };
                LedgerChange::Claim { claim }
            }
            ActionKind::AdminRemove => {
                self.observed.assignments.retain(|assignment| Some(&assignment.id) != action.assignment.as_ref());
                LedgerChange::Gone { subject: action.subject.clone(), user: action.user.clone(), package }
            }
            kind => panic!("no world has {kind}"),
        };
        apply(&mut self.ledger, &changes, self.now);
        let known = LedgerAction {
            state: ActionState::Delivered,
            kind: action.kind,
            user: action.user.clone(),
            resource: action.resource.clone(),
            document: action.document.clone(),
            document_hash: action.document_hash.clone(),
            subject: action.subject.clone(),
            changed: self.now,
            is_forbidden: false,
        };
        self.ledger.actions.insert(action.id, known);
    }
}

/// The changes that the worlds of these tests come to; any other is left out.
fn apply(ledger: &mut Ledger, change: &LedgerChange, now: jiff::Timestamp) {
    let mut claim_of = |claim: &ClaimKey, change: fn(&mut ClaimRecord, jiff::Timestamp)| {
        ledger.claims.entry(claim.clone()).and_modify(|record| change(record, now));
    };
    match change {
        LedgerChange::ClaimLeaving { claim } => {
            claim_of(claim, |record, now| record.leaving_since = record.leaving_since.or(Some(now)));
        }
        LedgerChange::ClaimStays { claim } => claim_of(claim, |record, _| *record = ClaimRecord::default()),
        LedgerChange::ClaimMissing { claim } => {
            claim_of(claim, |record, now| record.missing_since = record.missing_since.or(Some(now)));
        }
        LedgerChange::Claim { claim } => ledger.claims.entry(claim.clone()).or_default().missing_since = None,
        LedgerChange::ClaimReleased { claim } => ledger.claims.retain(|known, _| known != claim),
        LedgerChange::EpisodeRaised { claim } => raise_episode(ledger, claim),
        LedgerChange::Gone { subject, user, package } => {
            let keys = [subject.clone(), SubjectKey::user(user)];
            let is_gone = |claim: &&ClaimKey| claim.package == *package && keys.contains(&claim.subject);
            let gone: Vec<ClaimKey> = ledger.claims.keys().filter(is_gone).cloned().collect();
            for claim in gone {
                raise_episode(ledger, &claim);
                ledger.claims.remove(&claim);
            }
        }
        LedgerChange::SubjectComplete { subject } => {
            ledger.complete_since.entry(subject.clone()).or_insert(now);
        }
        LedgerChange::Run { occasion, run } => ledger.runs.extend([(occasion.clone(), run.clone())]),
        LedgerChange::BarSet { bar } => ledger.bars.extend([bar.clone()]),
        LedgerChange::BarEnded { bar } => ledger.bars.retain(|known| known != bar),
        LedgerChange::Pinned { pin, id } => {
            ledger.pins.entry(pin.clone()).or_insert_with(|| id.clone());
        }
        LedgerChange::GroupSize { group, size } => ledger.group_sizes.extend([(group.clone(), *size)]),
        LedgerChange::WatchBegun { key } => {
            ledger.watched_since.entry(key.clone()).or_insert(now);
        }
        LedgerChange::Watched { subject, key, value, before, changes } => {
            let watched = Watched { value: value.clone(), before: before.clone(), changes: *changes, since: now };
            ledger.watched.insert((subject.clone(), key.clone()), watched);
        }
        LedgerChange::ScheduleReached { document, instant } => {
            ledger.schedules.insert(document.clone(), *instant);
        }
        LedgerChange::DocumentPlanned { document, hash, base, .. } => {
            if let Some(record) = ledger.documents.get_mut(document) {
                record.base = Some((hash.clone(), *base));
            }
        }
        _ => {}
    }
}

fn raise_episode(ledger: &mut Ledger, claim: &ClaimKey) {
    ledger.episodes.entry(claim.clone()).and_modify(|episode| *episode += 1).or_insert(2);
}
