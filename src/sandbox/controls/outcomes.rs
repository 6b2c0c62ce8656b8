//! The controls of what becomes of deliveries.

use super::Controls;
use crate::sandbox::lifecycle;
use crate::sandbox::outcomes::{DeliveryOutcome, OutcomeError, Outcomes};

impl Controls {
    /// Says what becomes of a package's deliveries from now on, those under way too; deliveries that were told not to end
    /// go on.
    ///
    /// # Errors
    /// Refuses an unknown package, and what cannot be.
    pub fn set_outcome(&self, mut outcome: DeliveryOutcome) -> Result<(), OutcomeError> {
        let known = self.shared.with_tenant_now(|tenant, _| {
            let package = tenant.packages.get(&outcome.access_package.to_lowercase());
            package.map(|package| package.id.clone())
        });
        let id = known.or_else(|| self.package_id(&outcome.access_package));
        outcome.access_package = id.ok_or_else(|| OutcomeError::UnknownPackage(outcome.access_package.clone()))?;
        self.shared.with_tenant_now(|tenant, now| {
            tenant.outcomes.set(outcome)?;
            lifecycle::release(tenant, now);
            Ok(())
        })
    }

    /// The outcomes in force.
    pub fn outcomes(&self) -> Vec<DeliveryOutcome> {
        self.shared.with_tenant_now(|tenant, _| tenant.outcomes.all().to_vec())
    }

    /// All deliveries succeed from now on, as they do at the start.
    pub fn clear_outcomes(&self) {
        self.shared.with_tenant_now(|tenant, now| {
            tenant.outcomes = Outcomes::default();
            lifecycle::release(tenant, now);
        });
    }
}
