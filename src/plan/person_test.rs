//! Person tests: a person's story is simulated under the documents, and what comes of it is compared with what the test expects.

use std::collections::BTreeSet;

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::ids::DocumentName;
use crate::domain::time::{self, TimeError};
use crate::workflow::definition::Definitions;
use crate::workflow::person_test::{Circumstances, PersonTest, When};

use super::coverage::Coverage;
use super::ledger::DocumentRecord;
use super::limits::Limits;
use super::simulation::{Simulation, Turn};

mod compare;
mod world;

pub use compare::{Difference, Happened, Outcome};

use world::Maker;

/// In a person test everything is delivered at once, so that the minute it was requested in is the minute it came.
const DELIVERY: SignedDuration = SignedDuration::from_secs(1);
/// Where the test does not say it, the documents have been in force for this long.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(24 * 3660);
/// So often the feed delivers while a record is missing: the third delivery, a day after the first, is the earliest that can confirm it.
const DELIVERED_EVERY: SignedDuration = SignedDuration::from_hours(12);
/// Deliveries that lack a record after the first one.
const MORE_DELIVERIES: i32 = 2;
/// More passes than any story of one person needs.
const MOST_TURNS: usize = 20_000;

/// Why a test could not be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoryError {
    /// The zone is not known on this machine.
    #[error("the test's time zone cannot be used")]
    Time(#[from] TimeError),
    /// Too much happens.
    #[error("the test needs more than {MOST_TURNS} passes; let it end earlier")]
    TooLong,
}

/// The documents that are tested.
#[derive(Debug, Clone, Copy)]
pub struct Tested<'a> {
    /// Their definitions.
    pub definitions: &'a Definitions,
    /// The attributes that they ask the directory for.
    pub directory_attributes: &'a BTreeSet<String>,
}

/// Why the documents did nothing, from one instant on.
#[derive(Debug, Clone)]
struct Verdict {
    from: Timestamp,
    reasons: BTreeSet<(DocumentName, &'static str)>,
}

/// Since when the documents are in force in this test.
///
/// # Errors
/// Fails when the zone is not known on this machine.
pub fn in_force_since(test: &PersonTest) -> Result<Timestamp, StoryError> {
    let clock = PersonClock::of(test)?;
    match test.in_force_since {
        Some(when) => Ok(clock.start(when)),
        None => Ok(clock.start(test.from).checked_sub(LONG_AGO).unwrap_or(Timestamp::MIN)),
    }
}

/// Runs one test; `records` are those of the documents, in force since [`in_force_since`]. Notes in `coverage` what it reached.
///
/// # Errors
/// Fails when the zone is not known on this machine, or too much happens.
pub fn run(
    tested: Tested<'_>,
    records: Vec<DocumentRecord>,
    test: &PersonTest,
    coverage: &mut Coverage,
) -> Result<Outcome, StoryError> {
    let clock = PersonClock::of(test)?;
    let Tested { definitions, directory_attributes } = tested;
    let maker = Maker { definitions, directory_attributes, test };
    let from = clock.start(test.from);
    let (observed, ledger) = (maker.observed(from), maker.ledger(records, in_force_since(test)?));
    let mut simulation = Simulation::new(definitions, Limits::default(), observed, ledger, DELIVERY);
    let mut story = Story { clock: &clock, coverage, happened: Vec::new(), verdicts: Vec::new(), turns: 0 };
    for (at, event) in events(test, &clock) {
        // What changes at an instant is known to the pass of that instant.
        story.go_on(&mut simulation, definitions, just_before(at))?;
        simulation.change(at, |observed, ledger| match event {
            Event::Change(change) => {
                maker.change(observed, change, at);
                maker.activate(observed, ledger, &change.activated, at);
            }
            Event::LackingDelivery => maker.deliver_without_record(observed, at),
        });
    }
    story.go_on(&mut simulation, definitions, clock.end(test.until))?;
    let Story { happened, verdicts, .. } = story;
    Ok(compare::compare(test, &clock, happened, &verdicts))
}

/// What comes from outside.
enum Event<'t> {
    /// What the test's history says.
    Change(&'t Circumstances),
    /// A delivery lacks the record once more.
    LackingDelivery,
}

/// Everything that comes from outside, in the order of time. A record that goes missing is missing from the deliveries that follow too, until
/// the test says that it is there again.
fn events<'t>(test: &'t PersonTest, clock: &PersonClock) -> Vec<(Timestamp, Event<'t>)> {
    let mut events = Vec::new();
    for (place, change) in test.history.iter().enumerate() {
        let at = clock.start(change.on);
        events.push((at, Event::Change(change)));
        if change.is_missing {
            let mut later = test.history.iter().skip(place + 1);
            let returns = later.find(|change| change.record.is_some()).map(|change| clock.start(change.on));
            let lacking = (1..=MORE_DELIVERIES).filter_map(|number| at.checked_add(DELIVERED_EVERY * number).ok());
            let lacking = lacking.filter(|delivery| returns.is_none_or(|returns| *delivery < returns));
            events.extend(lacking.map(|delivery| (delivery, Event::LackingDelivery)));
        }
    }
    let end = clock.end(test.until);
    events.retain(|(at, _)| *at <= end);
    // Stable: what the history says of an instant keeps its order.
    events.sort_by_key(|(at, _)| *at);
    events
}

/// What came of a test so far.
struct Story<'s> {
    clock: &'s PersonClock,
    coverage: &'s mut Coverage,
    happened: Vec<Happened>,
    verdicts: Vec<Verdict>,
    turns: usize,
}

impl Story<'_> {
    fn go_on(
        &mut self,
        simulation: &mut Simulation<'_>,
        definitions: &Definitions,
        end: Timestamp,
    ) -> Result<(), StoryError> {
        while let Some(turn) = simulation.next_turn(end) {
            self.turns += 1;
            if self.turns > MOST_TURNS {
                return Err(StoryError::TooLong);
            }
            self.note(&turn);
            self.coverage.note(definitions, simulation.observed(), &turn);
        }
        Ok(())
    }

    fn note(&mut self, turn: &Turn) {
        let local = self.clock.local(turn.at);
        let sent = turn.sent.iter().filter_map(|action| Happened::of(action, None, local));
        self.happened.extend(sent);
        for hold in &turn.plan.holds {
            for item in &hold.items {
                let Some(held) = Happened::of(item, Some(hold.gate), local) else { continue };
                if !self.happened.iter().any(|known| known.action == held.action && known.held_by == held.held_by) {
                    self.happened.push(held);
                }
            }
        }
        let listed = turn.plan.skips.iter().map(|skip| (skip.document.clone(), skip.reason.code()));
        let counted = turn.plan.counts.iter().map(|count| (count.document.clone(), count.reason));
        self.verdicts.push(Verdict { from: turn.at, reasons: listed.chain(counted).collect() });
    }
}

/// The person's own clock.
#[derive(Debug)]
struct PersonClock {
    zone: TimeZone,
}

impl PersonClock {
    fn of(test: &PersonTest) -> Result<Self, StoryError> {
        Ok(Self { zone: time::zone(&test.time_zone)? })
    }

    /// The first instant of a day, or a minute.
    fn start(&self, when: When) -> Timestamp {
        let (date, at) = match when {
            When::Day(date) => (date, Time::midnight()),
            When::Minute(minute) => (minute.date(), minute.time()),
        };
        time::due_instant(date, false, 0, Some(at), &self.zone)
    }

    /// The last instant of a day, or a minute itself.
    fn end(&self, when: When) -> Timestamp {
        match when {
            When::Day(date) => just_before(time::end_of_day(date, &self.zone)),
            When::Minute(_) => self.start(when),
        }
    }

    fn local(&self, at: Timestamp) -> DateTime {
        at.to_zoned(self.zone.clone()).datetime()
    }
}

fn just_before(instant: Timestamp) -> Timestamp {
    instant.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(instant)
}
