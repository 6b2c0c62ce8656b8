//! The controls of replication that lags.

use super::Controls;
use crate::sandbox::replication::ReplicationLag;

impl Controls {
    /// Lets reading lag behind writing from now on, for what comes and goes from now on; `None` ends it, as it is at the
    /// start. A lag that is not positive is none.
    pub fn set_replication_lag(&self, lag: Option<ReplicationLag>) {
        let lag = lag.filter(|lag| lag.lag.is_positive());
        self.shared.with_tenant_now(|tenant, now| {
            tenant.replication.set(lag);
            tenant.replication.tick(now);
        });
    }

    /// The lag in force.
    pub fn replication_lag(&self) -> Option<ReplicationLag> {
        self.shared.with_tenant_now(|tenant, _| tenant.replication.lag().cloned())
    }
}
