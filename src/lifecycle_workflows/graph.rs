//! Lifecycle Workflows through Microsoft Graph (`/identityGovernance/lifecycleWorkflows/workflows`).

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::LifecycleWorkflows;
use crate::directory::ObserveError;
use crate::graph::error::GraphError;
use crate::graph::odata::{address, encode};
use crate::graph::transport::GraphClient;

const WORKFLOWS: &str = "/v1.0/identityGovernance/lifecycleWorkflows/workflows";

/// Reads workflows; the application needs `LifecycleWorkflows.Read.All`.
pub struct GraphLifecycleWorkflows {
    client: Arc<GraphClient>,
}

impl GraphLifecycleWorkflows {
    /// Lifecycle Workflows behind `client`.
    pub fn new(client: Arc<GraphClient>) -> Self {
        Self { client }
    }

    async fn read(&self) -> Result<Vec<Value>, GraphError> {
        let listed: Vec<Value> = self.client.get_all(&address(WORKFLOWS, &[("$select", "id")])).await?;
        let mut workflows = Vec::with_capacity(listed.len());
        for id in listed.iter().filter_map(|workflow| workflow.get("id")?.as_str()) {
            // Tasks are a relation, shown only where they are asked for. One deleted meanwhile is gone.
            let path = format!("{WORKFLOWS}/{}", encode(id));
            workflows.extend(self.client.find::<Value>(&address(&path, &[("$expand", "tasks")])).await?);
        }
        Ok(workflows)
    }
}

#[async_trait]
impl LifecycleWorkflows for GraphLifecycleWorkflows {
    async fn workflows(&self) -> Result<Vec<Value>, ObserveError> {
        let failed = |error| ObserveError { what: "lifecycle workflows".to_owned(), source: Box::new(error) };
        self.read().await.map_err(failed)
    }
}
