//! What came of a person test, side by side with what it expects.

use std::collections::BTreeSet;

use jiff::civil::DateTime;

use crate::domain::action::{Action, ActionKind};
use crate::domain::ids::{ActionId, DocumentName};
use crate::plan::Gate;
use crate::workflow::person_test::{Effect, Expectation, ExpectedReason, PersonTest, When};

use super::{PersonClock, Verdict};

/// A request that was made, or held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When, on the person's clock.
    pub at: DateTime,
    /// What.
    pub effect: Effect,
    /// The package's or group's name as the documents give it.
    pub name: String,
    /// The document that made it.
    pub by: DocumentName,
    /// The gate that held it; without it, it was sent.
    pub held_by: Option<Gate>,
    /// The action.
    pub action: ActionId,
}

impl Happened {
    /// An action sent or held at `at`.
    pub(super) fn of(action: &Action, held_by: Option<Gate>, at: DateTime) -> Option<Self> {
        let effect = match action.kind {
            ActionKind::AdminAdd => Effect::Gains,
            ActionKind::AdminRemove => Effect::Loses,
            ActionKind::AddMember => Effect::Joins,
            ActionKind::RemoveMember => Effect::Leaves,
            // Nobody's access changes.
            ActionKind::Adopt => return None,
        };
        let name = action.resource.id().to_owned();
        Some(Self { at, effect, name, by: action.document.clone(), held_by, action: action.id })
    }

    fn is(&self, expected: &Expectation) -> bool {
        let is_then = match expected.on {
            When::Day(date) => self.at.date() == date,
            When::Minute(minute) => self.at.duration_since(minute).as_secs().div_euclid(60) == 0,
        };
        is_then
            && self.effect == expected.effect
            && self.name == expected.name
            && self.by == expected.by
            && self.held_by.map(Gate::as_str) == expected.held_by.as_deref()
    }
}

/// What is not as the test expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It was expected and did not come.
    Missing {
        /// What was expected.
        expected: Expectation,
        /// The reasons its document gave then, by their codes.
        reasons: BTreeSet<&'static str>,
    },
    /// It came and was not expected.
    Unexpected(Happened),
    /// Another reason was given than the one expected.
    OtherReason {
        /// What was expected.
        expected: ExpectedReason,
        /// The reasons the document gave then, by their codes.
        reasons: BTreeSet<&'static str>,
    },
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What came as expected, in the order of time, each with the line that expects it.
    pub as_expected: Vec<(Happened, usize)>,
    /// What is not as expected; nothing in a test that passes.
    pub differences: Vec<Difference>,
}

/// Compares; each expectation stands for one request.
pub(super) fn compare(
    test: &PersonTest,
    clock: &PersonClock,
    happened: Vec<Happened>,
    verdicts: &[Verdict],
) -> Outcome {
    let mut open: Vec<&Expectation> = test.expect.iter().collect();
    let mut outcome = Outcome::default();
    for happened in happened {
        match open.iter().position(|expected| happened.is(expected)) {
            Some(place) => outcome.as_expected.push((happened, open.remove(place).line)),
            None => outcome.differences.push(Difference::Unexpected(happened)),
        }
    }
    for expected in open {
        let reasons = reasons_then(clock, expected.on, &expected.by, verdicts);
        outcome.differences.push(Difference::Missing { expected: expected.clone(), reasons });
    }
    for expected in &test.reasons {
        let reasons = reasons_then(clock, expected.on, &expected.document, verdicts);
        if !reasons.contains(expected.code.as_str()) {
            outcome.differences.push(Difference::OtherReason { expected: expected.clone(), reasons });
        }
    }
    outcome.differences.sort_by_key(|difference| match difference {
        Difference::Missing { expected, .. } => clock.local(clock.start(expected.on)),
        Difference::Unexpected(happened) => happened.at,
        Difference::OtherReason { expected, .. } => clock.local(clock.start(expected.on)),
    });
    outcome
}

/// The reasons a document gave at a minute, or at the end of a day: a verdict stands until the next pass that matters.
fn reasons_then(
    clock: &PersonClock,
    on: When,
    document: &DocumentName,
    verdicts: &[Verdict],
) -> BTreeSet<&'static str> {
    let at = clock.end(on);
    let then = verdicts.iter().rev().find(|verdict| verdict.from <= at);
    let own = then.into_iter().flat_map(|verdict| &verdict.reasons).filter(|(name, _)| name == document);
    own.map(|(_, code)| *code).collect()
}
