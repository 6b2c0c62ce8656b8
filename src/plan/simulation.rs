//! The loop in memory: plans, commits, sends and delivers without a tenant, from one instant that matters to the next.
//!
//! It is the planner itself that decides; a simulation only carries out what it says. What changes from outside (HR, groups, other people's
//! requests) stays as it was observed, unless [`Simulation::change`] changes it.

use jiff::{SignedDuration, Timestamp};

use crate::domain::action::{Action, ActionState};
use crate::workflow::definition::Definitions;

use super::ledger::Ledger;
use super::limits::Limits;
use super::observed::Observed;
use super::{Plan, plan};

pub mod changes;
mod delivery;
mod waits;

pub use delivery::needs_approval;

use delivery::Deliveries;

/// So often is planned at one instant until a plan changes nothing in the ledger; no pass needs more than a few.
const MOST_PLANS_AT_ONCE: usize = 16;

/// A tenant and a ledger in memory, at one instant.
#[derive(Debug)]
pub struct Simulation<'d> {
    definitions: &'d Definitions,
    limits: Limits,
    observed: Observed,
    ledger: Ledger,
    /// How long the tenant takes to deliver.
    delivery: SignedDuration,
    deliveries: Deliveries,
    now: Timestamp,
    /// The next instant at which time alone changes a verdict of the last plan; `now` before the first one.
    due: Option<Timestamp>,
    plans_at_once: usize,
}

/// One pass of a simulation.
#[derive(Debug)]
pub struct Turn {
    /// When (tenant time, UTC).
    pub at: Timestamp,
    /// What was planned, and by now is committed.
    pub plan: Plan,
    /// What was sent.
    pub sent: Vec<Action>,
    /// The actions whose assignments came to the end their requests gave them.
    pub ended: Vec<Action>,
}

impl<'d> Simulation<'d> {
    /// A simulation that begins at the observation's instant; what is sent is delivered after `delivery`.
    pub fn new(
        definitions: &'d Definitions,
        limits: Limits,
        observed: Observed,
        ledger: Ledger,
        delivery: SignedDuration,
    ) -> Self {
        let now = observed.read_at;
        let deliveries = Deliveries::default();
        Self { definitions, limits, observed, ledger, delivery, deliveries, now, due: Some(now), plans_at_once: 0 }
    }

    /// Takes over what the tenant was working on before: it is delivered as if it were sent now.
    pub fn follow(&mut self, submitted: impl IntoIterator<Item = Action>) {
        let at = self.delivered_at();
        for action in submitted {
            if let Some(known) = self.ledger.actions.get_mut(&action.id) {
                known.state = ActionState::Submitted;
            }
            self.deliveries.expect(action, at);
        }
    }

    /// What is observed at this instant.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// What is observed at the end.
    pub fn into_observed(self) -> Observed {
        self.observed
    }

    /// The ledger at this instant.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Something changes from outside at `at`, which lies after the last turn: in the tenant or HR, or because an operator puts a wish into the
    /// ledger. The next turn plans anew.
    pub fn change(&mut self, at: Timestamp, change: impl FnOnce(&mut Observed, &mut Ledger)) {
        self.now = self.now.max(at);
        change(&mut self.observed, &mut self.ledger);
        self.due = Some(self.now);
        self.plans_at_once = 0;
    }

    /// The instant reached.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The next pass that matters up to and including `end`; `None` when nothing changes any more until then, and `end` is reached.
    pub fn next_turn(&mut self, end: Timestamp) -> Option<Turn> {
        self.arrive(end).map(|ended| self.pass(ended))
    }

    /// Goes on to the instant of the next pass and delivers what is due by then, so that one can look at what the pass will look at. Returns the
    /// actions whose assignments ended, for [`Simulation::pass`].
    pub fn arrive(&mut self, end: Timestamp) -> Option<Vec<Action>> {
        let next = self.due.into_iter().chain(self.deliveries.next()).chain(waits::next(&self.ledger, self.now));
        let Some(at) = next.min().filter(|at| *at <= end) else {
            self.now = self.now.max(end);
            return None;
        };
        if at > self.now {
            self.now = at;
            self.plans_at_once = 0;
        }
        let ended = self.deliveries.carry_out(self.now, &mut self.observed, &mut self.ledger);
        self.observed.read_at = self.now;
        Some(ended)
    }

    /// Plans, commits and sends at the instant that was reached.
    pub fn pass(&mut self, ended: Vec<Action>) -> Turn {
        let plan = plan(self.definitions, &self.observed, &self.ledger, &self.limits, self.now);
        changes::commit(&mut self.ledger, &plan, self.now);
        let at = self.delivered_at();
        let mut sent = Vec::new();
        for action in &plan.actions {
            if delivery::send(action, self.now, &mut self.observed, &mut self.ledger) {
                if !needs_approval(&self.observed, action) {
                    self.deliveries.expect(action.clone(), at);
                }
                sent.push(action.clone());
            }
        }
        self.plans_at_once += 1;
        let is_at_rest = plan.changes.is_empty() || self.plans_at_once >= MOST_PLANS_AT_ONCE;
        self.due = if is_at_rest { plan.next_due.filter(|due| *due > self.now) } else { Some(self.now) };
        Turn { at: self.now, plan, sent, ended }
    }

    /// Never at the same instant: a pass that sends must not be the one that sees the delivery.
    fn delivered_at(&self) -> Timestamp {
        let delivery = self.delivery.max(SignedDuration::from_secs(1));
        self.now.checked_add(delivery).unwrap_or(Timestamp::MAX)
    }
}
