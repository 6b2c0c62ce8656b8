//! The forecast: one look at everything, then the loop in memory.

use jiff::SignedDuration;

use crate::domain::action::ActionState;
use crate::plan::forecast::{Forecast, forecast};
use crate::plan::observed::Observed;
use crate::plan::simulation::Simulation;

use super::collect::Collected;
use super::settle::waits_for_others;
use super::{Engine, EngineError};

/// How long the service is taken to need from a request to its delivery.
pub const DELIVERED_AFTER: SignedDuration = SignedDuration::from_mins(5);

impl Engine {
    /// What would happen over the coming `days` (of 24 hours) if nothing changed from outside, and the observation it rests on. Nothing is sent,
    /// consumed or recorded.
    ///
    /// # Errors
    /// Fails when the tenant cannot be observed or the ledger cannot be read.
    pub async fn forecast(&mut self, days: u16) -> Result<(Forecast, Observed), EngineError> {
        let Collected { definitions, observed, ledger, .. } = self.collect(self.seams.clock.now()).await?;
        let under_way = [ActionState::Submitting, ActionState::Ambiguous, ActionState::Submitted];
        let under_way = self.seams.store.actions_in(&under_way).await?;
        let length = SignedDuration::from_hours(24 * i64::from(days));
        let until = observed.read_at.checked_add(length).unwrap_or(jiff::Timestamp::MAX);
        let mut simulation = Simulation::new(&definitions, self.settings.limits, observed, ledger, DELIVERED_AFTER);
        let moving = under_way.into_iter().filter(|record| !waits_for_others(&record.detail));
        simulation.follow(moving.map(|record| record.action));
        let forecast = forecast(&mut simulation, until);
        Ok((forecast, simulation.into_observed()))
    }
}
