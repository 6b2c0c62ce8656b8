//! The ledger in memory: every change as the stores make it. The stores' conformance suite holds them to the same result.

use jiff::Timestamp;

use crate::domain::action::{Action, ActionState};
use crate::domain::ids::{ActionId, SubjectKey};
use crate::plan::ledger::{
    Bar, ClaimKey, ClaimRecord, DocumentRecord, HeldBy, Ledger, LedgerAction, LedgerChange, Watched,
};
use crate::plan::{Hold, Plan};

/// Makes a plan's changes, intents and holds, as `Store::commit` does.
///
/// One thing a ledger alone cannot tell: what an approved action, taken back before it was sent, was held for. Wished again, it goes through the
/// gates anew.
pub fn commit(ledger: &mut Ledger, plan: &Plan, now: Timestamp) {
    apply(ledger, &plan.changes, now);
    for id in &plan.superseded {
        take_back(ledger, *id, now);
    }
    for action in &plan.actions {
        keep_action(ledger, action, ActionState::Ready, now);
    }
    for hold in &plan.holds {
        for item in &hold.items {
            keep_action(ledger, item, ActionState::Held, now);
        }
        raise(ledger, hold);
    }
}

/// Moves an action on, as `Store::advance` does; `false` when it is not in `from`.
pub fn advance(ledger: &mut Ledger, id: ActionId, from: ActionState, to: ActionState, now: Timestamp) -> bool {
    match ledger.actions.get_mut(&id).filter(|action| action.state == from) {
        Some(action) => {
            action.state = to;
            action.changed = now;
            action.is_forbidden = false;
            true
        }
        None => false,
    }
}

/// Makes changes in order, as `Store::apply` does.
pub fn apply(ledger: &mut Ledger, changes: &[LedgerChange], now: Timestamp) {
    for change in changes {
        apply_one(ledger, change, now);
    }
}

fn apply_one(ledger: &mut Ledger, change: &LedgerChange, now: Timestamp) {
    match change {
        LedgerChange::SubjectComplete { subject } => {
            ledger.complete_since.entry(subject.clone()).or_insert(now);
        }
        LedgerChange::Run { occasion, run } => {
            ledger.runs.insert(occasion.clone(), run.clone());
        }
        LedgerChange::Claim { claim } => ledger.claims.entry(claim.clone()).or_default().missing_since = None,
        LedgerChange::ClaimLeaving { claim } => {
            change_claim(ledger, claim, |record| record.leaving_since = record.leaving_since.or(Some(now)));
        }
        LedgerChange::ClaimStays { claim } => change_claim(ledger, claim, |record| *record = ClaimRecord::default()),
        LedgerChange::ClaimMissing { claim } => {
            change_claim(ledger, claim, |record| record.missing_since = record.missing_since.or(Some(now)));
        }
        LedgerChange::ClaimReleased { claim } => {
            ledger.claims.remove(claim);
        }
        LedgerChange::EpisodeRaised { claim } => raise_episode(ledger, claim),
        LedgerChange::Gone { subject, user, package } => {
            let alias = SubjectKey::user(user);
            let is_gone =
                |claim: &&ClaimKey| claim.package == *package && (claim.subject == *subject || claim.subject == alias);
            let gone: Vec<ClaimKey> = ledger.claims.keys().filter(is_gone).cloned().collect();
            for claim in gone {
                raise_episode(ledger, &claim);
                ledger.claims.remove(&claim);
            }
        }
        LedgerChange::Outranked { claim, by } => {
            ledger.outranked.insert(claim.clone(), by.clone());
        }
        LedgerChange::OutrankEnded { claim } => {
            ledger.outranked.remove(claim);
        }
        LedgerChange::AdoptionEnded { document } => {
            if let Some(record) = ledger.documents.get_mut(document) {
                record.is_adopting = false;
            }
        }
        LedgerChange::BarSet { bar } => {
            if !ledger.bars.iter().any(|known| is_same_bar(known, bar)) {
                ledger.bars.insert(bar.clone());
            }
        }
        LedgerChange::BarEnded { bar } => ledger.bars.retain(|known| !is_same_bar(known, bar)),
        LedgerChange::Pinned { pin, id } => {
            ledger.pins.entry(pin.clone()).or_insert_with(|| id.clone());
        }
        LedgerChange::GroupSize { group, size } => {
            ledger.group_sizes.insert(group.clone(), *size);
        }
        LedgerChange::WatchBegun { key } => {
            ledger.watched_since.entry(key.clone()).or_insert(now);
        }
        LedgerChange::WatchEnded { key } => {
            ledger.watched_since.remove(key);
        }
        LedgerChange::Watched { subject, key, value, before, changes } => {
            let watched = Watched { value: value.clone(), before: before.clone(), changes: *changes, since: now };
            ledger.watched.insert((subject.clone(), key.clone()), watched);
        }
        LedgerChange::ScheduleReached { document, instant } => {
            let reached = ledger.schedules.entry(document.clone()).or_insert(*instant);
            *reached = (*reached).max(*instant);
        }
        LedgerChange::ActivationTaken { id } => {
            ledger.activations.remove(id);
        }
        LedgerChange::DocumentPlanned { document, hash, base, is_whole } => {
            let is_version = |record: &&mut DocumentRecord| record.hash == *hash;
            if let Some(record) = ledger.documents.get_mut(document).filter(is_version) {
                record.base = Some((hash.clone(), *base));
                record.first_removals_held &= !is_whole;
            }
        }
    }
}

fn change_claim(ledger: &mut Ledger, claim: &ClaimKey, change: impl FnOnce(&mut ClaimRecord)) {
    if let Some(record) = ledger.claims.get_mut(claim) {
        change(record);
    }
}

fn raise_episode(ledger: &mut Ledger, claim: &ClaimKey) {
    ledger.episodes.entry(claim.clone()).and_modify(|episode| *episode += 1).or_insert(2);
}

/// A bar is the same whichever version of its document set it.
fn is_same_bar(known: &Bar, bar: &Bar) -> bool {
    known.occasion == bar.occasion && known.package == bar.package && known.user == bar.user
}

/// One that made no request takes the new state, one that was sent stays as it is.
fn keep_action(ledger: &mut Ledger, action: &Action, state: ActionState, now: Timestamp) {
    let known = ledger.actions.entry(action.id).or_insert_with(|| LedgerAction {
        state,
        kind: action.kind,
        user: action.user.clone(),
        resource: action.resource.clone(),
        document: action.document.clone(),
        document_hash: action.document_hash.clone(),
        subject: action.subject.clone(),
        changed: now,
        is_forbidden: false,
    });
    let was_not_sent = known.state.is_unsent() || matches!(known.state, ActionState::Superseded | ActionState::Refused);
    if was_not_sent && (known.state != state || known.document_hash != action.document_hash) {
        known.state = state;
        known.document_hash = action.document_hash.clone();
        known.changed = now;
    }
}

fn take_back(ledger: &mut Ledger, id: ActionId, now: Timestamp) {
    if let Some(action) = ledger.actions.get_mut(&id).filter(|action| action.state.is_unsent()) {
        action.state = ActionState::Superseded;
        action.changed = now;
    }
    ledger.approved.remove(&id);
}

/// What nobody has decided on is held whenever it is wished again; a hold that is raised again says why as it did first.
fn raise(ledger: &mut Ledger, hold: &Hold) {
    let known = ledger.held.values().find(|held| held.hold == hold.hash);
    let why = known.map_or_else(|| hold.why.clone(), |held| held.why.clone());
    for item in &hold.items {
        if ledger.approved.contains_key(&item.id) || ledger.rejected.contains_key(&item.id) {
            continue;
        }
        let held = HeldBy { gate: hold.gate, hold: hold.hash.clone(), why: why.clone() };
        ledger.held.insert((item.id, item.document.clone()), held);
    }
}
