//! Objects by their ids, up to twenty in an exchange.

use serde::de::DeserializeOwned;

use super::{GraphEntitlement, failed};
use crate::directory::ObserveError;
use crate::graph::error::GraphError;
use crate::graph::odata::{address, encode};
use crate::graph::transport::BatchRead;

impl GraphEntitlement {
    /// Each of these, in their order and each for itself; `None` for one that the service does not know.
    pub(super) async fn by_id<T: DeserializeOwned, Id: ToString>(
        &self,
        name: &str,
        ids: &[Id],
        expansion: &str,
    ) -> Result<Vec<Result<Option<T>, ObserveError>>, ObserveError> {
        let read = |id: &Id| {
            let path = format!("/identityGovernance/entitlementManagement/{name}/{}", encode(&id.to_string()));
            BatchRead::get(address(&path, &[("$expand", expansion)]))
        };
        let reads: Vec<BatchRead> = ids.iter().map(read).collect();
        let answers = self.client.read_batch(&reads).await.map_err(|error| failed(name, error))?;
        let judged = answers.into_iter().map(|answer| match answer {
            Ok(found) => {
                serde_json::from_value(found).map(Some).map_err(|error| failed(name, Unreadable(error.classify())))
            }
            Err(GraphError::NotFound(_)) => Ok(None),
            Err(error) => Err(failed(name, error)),
        });
        Ok(judged.collect())
    }
}

/// An item of a batch whose body is not what the read promises; serde's own words would repeat values.
#[derive(Debug, thiserror::Error)]
#[error("Graph's answer could not be read ({0:?})")]
struct Unreadable(serde_json::error::Category);
