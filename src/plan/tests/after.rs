//! What a committed plan leaves in the ledger, as far as runs, watches and bars go, and the next instant.

use super::world::World;
use crate::plan::Plan;
use crate::plan::ledger::{Ledger, LedgerChange, Watched};

/// Commits the world's plan and goes on to `next`.
pub(super) fn after(world: &mut World, next: &str) -> Plan {
    let plan = world.plan();
    for change in &plan.changes {
        apply(&mut world.ledger, change.clone(), world.now);
    }
    world.now = next.parse().unwrap();
    world.observed.read_at = world.now;
    plan
}

/// Commits plan after plan.
pub(super) fn passes(world: &mut World, instants: &[&str]) {
    for instant in instants {
        after(world, instant);
    }
}

fn apply(ledger: &mut Ledger, change: LedgerChange, now: jiff::Timestamp) {
    match change {
        LedgerChange::SubjectComplete { subject } => {
            ledger.complete_since.entry(subject).or_insert(now);
        }
        LedgerChange::Run { occasion, run } => {
            ledger.runs.insert(occasion, run);
        }
        LedgerChange::BarSet { bar } => {
            ledger.bars.insert(bar);
        }
        LedgerChange::BarEnded { bar } => {
            ledger.bars.retain(|known| known.occasion != bar.occasion || known.package != bar.package);
        }
        LedgerChange::Pinned { pin, id } => {
            ledger.pins.insert(pin, id);
        }
        LedgerChange::GroupSize { group, size } => {
            ledger.group_sizes.insert(group, size);
        }
        LedgerChange::WatchBegun { key } => {
            ledger.watched_since.insert(key, now);
        }
        LedgerChange::WatchEnded { key } => {
            ledger.watched_since.remove(&key);
        }
        LedgerChange::Watched { subject, key, value, before, changes } => {
            ledger.watched.insert((subject, key), Watched { value, before, changes, since: now });
        }
        LedgerChange::ScheduleReached { document, instant } => {
            ledger.schedules.insert(document, instant);
        }
        LedgerChange::ActivationTaken { id } => {
            ledger.activations.remove(&id);
        }
        LedgerChange::DocumentPlanned { document, hash, base, .. } => {
            ledger.documents.get_mut(&document).unwrap().base = Some((hash, base));
        }
        _ => {}
    }
}
