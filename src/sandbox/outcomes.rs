//! What becomes of deliveries, package by package, where a tester says so (graph-contract 8.1).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::records::Effect;

/// The longest delay: a year.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What becomes of a package's deliveries of one kind, until it is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryOutcome {
    /// The access package, by id or display name; the sandbox keeps the id.
    pub access_package: String,
    /// Which deliveries: at first, those that add.
    #[serde(default)]
    pub effect: DeliveryEffect,
    /// What becomes of them.
    #[serde(default)]
    pub outcome: Outcome,
    /// How long requests are `delivering`, in tenant time, an ISO 8601 duration of hours, minutes and seconds; without it, half
    /// the delivery delay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<SignedDuration>,
}

/// What a delivery does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryEffect {
    /// It gives the package.
    #[default]
    Add,
    /// It changes when the package ends.
    Update,
    /// It takes the package back.
    Remove,
}

/// What becomes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It succeeds.
    #[default]
    Deliver,
    /// Only the package's first role is given; the request and the assignment are `partiallyDelivered`. Additions only.
    Partial,
    /// It fails: an addition's request and assignment are `deliveryFailed`, any other's request alone.
    Fail,
    /// It does not end: the request stays `delivering` until outcomes are set anew or cleared.
    Never,
    /// It fails so many times, retries counted, and then succeeds.
    FailTimes(u32),
}

/// Why an outcome is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutcomeError {
    /// There is no such access package.
    #[error("the sandbox knows no access package \"{0}\"")]
    UnknownPackage(String),
    /// Nothing but an addition can be partial.
    #[error("only additions can be delivered partially")]
    NotPartial,
    /// The delay is no wait.
    #[error("a delay is not negative and at most 366 days")]
    Delay,
}

/// The outcomes in force, one at most for each package and effect.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcomes(Vec<DeliveryOutcome>);

impl Outcomes {
    /// Puts an outcome in force, for a package that is named by its id.
    ///
    /// # Errors
    /// Refuses what cannot be.
    pub(super) fn set(&mut self, outcome: DeliveryOutcome) -> Result<(), OutcomeError> {
        if outcome.outcome == Outcome::Partial && outcome.effect != DeliveryEffect::Add {
            return Err(OutcomeError::NotPartial);
        }
        if outcome.delay.is_some_and(|delay| delay.is_negative() || delay > LONGEST_DELAY) {
            return Err(OutcomeError::Delay);
        }
        self.0.retain(|known| known.effect != outcome.effect || known.access_package != outcome.access_package);
        self.0.push(outcome);
        Ok(())
    }

    /// Those in force.
    pub(super) fn all(&self) -> &[DeliveryOutcome] {
        &self.0
    }

    /// How long a delivery is told to last.
    pub(super) fn delay(&self, package_id: &str, effect: Effect) -> Option<SignedDuration> {
        self.0.iter().find(|known| known.is_of(package_id, effect))?.delay
    }

    /// What becomes of the delivery that ends now.
    pub(super) fn take(&mut self, package_id: &str, effect: Effect) -> Outcome {
        let Some(known) = self.0.iter_mut().find(|known| known.is_of(package_id, effect)) else {
            return Outcome::Deliver;
        };
        match known.outcome {
            Outcome::FailTimes(0) => Outcome::Deliver,
            Outcome::FailTimes(times) => {
                known.outcome = Outcome::FailTimes(times - 1);
                Outcome::Fail
            }
            other => other,
        }
    }
}

impl DeliveryOutcome {
    fn is_of(&self, package_id: &str, effect: Effect) -> bool {
        let own = match self.effect {
            DeliveryEffect::Add => Effect::Add,
            DeliveryEffect::Update => Effect::Update,
            DeliveryEffect::Remove => Effect::Remove,
        };
        own == effect && self.access_package == package_id
    }
}
