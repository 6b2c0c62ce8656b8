//! The seam to Lifecycle Workflows, which usherd only reads, to take its workflows over.

use async_trait::async_trait;
use serde_json::Value;

use crate::directory::ObserveError;

pub mod graph;

/// Reads the tenant's lifecycle workflows.
#[async_trait]
pub trait LifecycleWorkflows: Send + Sync {
    /// Every workflow that is not deleted, with its conditions and tasks, in Graph's own JSON.
    ///
    /// # Errors
    /// Fails when any of them could not be read.
    async fn workflows(&self) -> Result<Vec<Value>, ObserveError>;
}
