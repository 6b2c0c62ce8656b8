//! Rounds of a delta query: every page up to the link where the next round begins (graph-contract 2.3).

use serde::de::DeserializeOwned;

use super::GraphClient;
use crate::graph::error::GraphError;
use crate::graph::wire::DeltaPage;

/// A whole round.
#[derive(Debug)]
pub struct Round<T> {
    /// What its pages show, in their order; the same object may come more than once.
    pub changes: Vec<T>,
    /// Where the next round begins; to be kept only once all of `changes` is.
    pub link: String,
}

impl GraphClient {
    /// Reads a round to the page that ends it.
    ///
    /// # Errors
    /// [`GraphError`] when any page could not be read: part of a round is none. [`GraphError::is_state_lost`] tells when only reading
    /// everything anew helps.
    pub async fn get_round<T: DeserializeOwned>(&self, address: &str) -> Result<Round<T>, GraphError> {
        let mut url = self.own_address(address)?;
        let mut changes = Vec::new();
        for _ in 0..self.options.most_pages {
            let page: DeltaPage<T> = self.read(&url).await?;
            changes.extend(page.value);
            match (page.next_link, page.delta_link) {
                (Some(next), _) => url = self.own_address(&next)?,
                (None, Some(link)) => {
                    // A link that leads elsewhere is refused before it is kept.
                    self.own_address(&link)?;
                    return Ok(Round { changes, link });
                }
                (None, None) => return Err(GraphError::Unfinished),
            }
        }
        Err(GraphError::TooManyPages { limit: self.options.most_pages })
    }
}
