//! The next instant, with what the plan before it changed in the ledger.

use super::world::World;
use crate::plan::Plan;
use crate::plan::simulation::changes;

/// Applies the changes of the world's plan and goes on to `next`.
pub(super) fn after(world: &mut World, next: &str) -> Plan {
    let plan = world.plan();
    changes::apply(&mut world.ledger, &plan.changes, world.now);
    world.now = next.parse().unwrap();
    world.observed.read_at = world.now;
    plan
}

/// The same, instant after instant.
pub(super) fn passes(world: &mut World, instants: &[&str]) {
    for instant in instants {
        after(world, instant);
    }
}
