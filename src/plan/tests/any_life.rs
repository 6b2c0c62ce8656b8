//! Random lives: any people under any documents, and what happens to them; every pass can be looked at.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseResult};

use super::world::{World, text_of};
use crate::domain::action::Action;
use crate::plan::Plan;
use crate::plan::limits::Limits;
use crate::plan::simulation::Simulation;
use crate::workflow::definition::{Mode, RemovalLimit};

pub(super) mod documents;
pub(super) mod events;
pub(super) mod people;

use documents::Standing;
use events::{Event, Hidden};
use people::Being;

/// What one round of approvals releases may need another one, and time alone may make something due.
const MOST_ROUNDS: usize = 9;
/// A life is at rest once so many rounds of four days had nothing to approve.
const QUIET_ROUNDS: usize = 3;
/// More passes than this in one life: something goes back and forth.
const MOST_TURNS: usize = 400;

/// Everything that a life is made of.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) beings: Vec<Being>,
    documents: Vec<Option<Standing>>,
    limits: Limits,
    /// How many minutes the tenant takes to deliver.
    delivery: i64,
    /// What happens, each so many minutes after the one before.
    events: Vec<(i64, Event)>,
}

/// One pass: what it looked at, and what it came to.
pub(super) struct Moment<'m> {
    pub(super) world: &'m World,
    pub(super) plan: &'m Plan,
    pub(super) sent: &'m [Action],
}

/// So many lives are lived by each test, the same every time; many more, and others each time, with `USHERD_LONG_TESTS`.
pub(super) fn lives(few: u32) -> ProptestConfig {
    let is_long = std::env::var_os("USHERD_LONG_TESTS").is_some();
    let rng_seed = if is_long { RngSeed::Random } else { RngSeed::Fixed(20_261_210) };
    ProptestConfig {
        rng_seed,
        max_shrink_iters: 150,
        failure_persistence: None,
        ..ProptestConfig::with_cases(if is_long { few * 40 } else { few })
    }
}

/// Any life with up to `most_events` events.
pub(super) fn scripts(most_events: usize) -> impl Strategy<Value = Script> {
    let modes = prop_oneof![2 => Just(Mode::Observe), 1 => Just(Mode::GrantOnly), 9 => Just(Mode::Enforce)];
    let standing = (modes, prop::sample::select(vec![0_i64, 20, 60]), prop::bool::weighted(0.2))
        .prop_map(|(mode, days, is_new)| Standing { mode, days, is_new });
    let documents = prop::collection::vec(prop::option::weighted(0.4, standing), documents::COUNT);
    let limit = |most: u32| (1..most).prop_map(|count| RemovalLimit { count, percent: 5 });
    let limits = (limit(6), limit(4), limit(12)).prop_map(|(removals, tenant, additions)| Limits {
        document_removals: removals,
        tenant_removals: tenant,
        tenant_removals_cap: 500,
        document_additions: additions,
    });
    let pause = prop::sample::select(vec![0_i64, 5, 5, 45, 45, 6 * 60, 24 * 60, 3 * 24 * 60, 6 * 24 * 60]);
    let events = prop::collection::vec((pause, events::event()), most_events / 3..=most_events);
    (people::beings(), documents, limits, prop::sample::select(vec![1_i64, 30, 240, 600]), events).prop_map(
        |(beings, documents, limits, delivery, events)| Script { beings, documents, limits, delivery, events },
    )
}

impl Script {
    /// The world as it is when the life begins.
    pub(super) fn world(&self) -> World {
        let mut world = documents::world_under(&self.documents);
        people::inhabit(&mut world, &self.beings);
        world.limits = self.limits;
        world
    }

    /// Lives the life, and shows every pass to `look`.
    pub(super) fn live(&self, look: impl FnMut(&Moment<'_>) -> TestCaseResult) -> TestCaseResult {
        let world = self.world();
        let mut life = Life::begin(self, &world, look);
        life.live_through(self)?;
        life.live_until(life.at + SignedDuration::from_hours(2 * 24))
    }

    /// Lives the life; then everything is read, every hold is approved, and only time passes. Shows every pass after that to `look`, and returns
    /// the world at the end.
    pub(super) fn live_and_rest(
        &self,
        mut look: impl FnMut(&Moment<'_>) -> TestCaseResult,
    ) -> Result<World, TestCaseError> {
        let world = self.world();
        let is_resting = std::cell::Cell::new(false);
        let mut life = Life::begin(self, &world, |moment| if is_resting.get() { look(moment) } else { Ok(()) });
        life.live_through(self)?;
        is_resting.set(true);
        life.happens(&Event::AllRead);
        let mut quiet_rounds = 0;
        for _ in 0..MOST_ROUNDS {
            life.happens(&Event::AllApproved);
            life.live_until(life.at + SignedDuration::from_hours(4 * 24))?;
            quiet_rounds = if life.simulation.ledger().held.is_empty() { quiet_rounds + 1 } else { 0 };
            if quiet_rounds == QUIET_ROUNDS {
                break;
            }
        }
        let (observed, ledger) = (life.simulation.observed().clone(), life.simulation.ledger().clone());
        Ok(World { now: life.simulation.now(), observed, ledger, ..world.clone() })
    }
}

/// A life that is being lived.
struct Life<'w, L> {
    world: World,
    simulation: Simulation<'w>,
    hidden: Hidden,
    at: Timestamp,
    /// How many people there are.
    people: usize,
    turns: usize,
    look: L,
}

impl<'w, L: FnMut(&Moment<'_>) -> TestCaseResult> Life<'w, L> {
    fn begin(script: &Script, world: &'w World, look: L) -> Self {
        let delivery = SignedDuration::from_mins(script.delivery);
        let (observed, ledger) = (world.observed.clone(), world.ledger.clone());
        let simulation = Simulation::new(&world.definitions, script.limits, observed, ledger, delivery);
        let (hidden, people) = (Hidden::default(), script.beings.len());
        Self { world: world.clone(), simulation, hidden, at: world.now, people, turns: 0, look }
    }

    fn live_through(&mut self, script: &Script) -> TestCaseResult {
        for (pause, event) in &script.events {
            self.live_until(self.at)?;
            // What happens at an instant is known to the pass of that instant.
            let at = self.at + SignedDuration::from_mins(*pause);
            self.live_until(at - SignedDuration::from_secs(1))?;
            self.at = at;
            self.happens(event);
        }
        Ok(())
    }

    fn happens(&mut self, event: &Event) {
        events::happen(&mut self.simulation, self.at, &mut self.hidden, &event.among(self.people));
    }

    fn live_until(&mut self, end: Timestamp) -> TestCaseResult {
        while let Some(ended) = self.simulation.arrive(end) {
            self.turns += 1;
            self.world.now = self.simulation.now();
            self.world.observed.clone_from(self.simulation.observed());
            self.world.ledger.clone_from(self.simulation.ledger());
            let turn = self.simulation.pass(ended);
            let changes = &turn.plan.changes;
            prop_assert!(self.turns <= MOST_TURNS, "back and forth: {:?}\n{}", changes, text_of(&turn.plan));
            (self.look)(&Moment { world: &self.world, plan: &turn.plan, sent: &turn.sent })?;
        }
        self.at = self.at.max(end);
        Ok(())
    }
}
