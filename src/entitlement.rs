//! The seam to entitlement management: packages, policies, assignments and the assignment requests usherd makes.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::directory::ObserveError;
use crate::domain::action::Action;
use crate::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy, AssignmentRequest};
use crate::domain::ids::{AssignmentId, GroupId, PackageId, RequestId};

pub mod graph;

/// Reads entitlement management and makes assignment requests.
#[async_trait]
pub trait Entitlement: Send + Sync {
    /// Every access package.
    ///
    /// # Errors
    /// Fails when any page could not be read.
    async fn packages(&self) -> Result<Vec<AccessPackage>, ObserveError>;

    /// Every assignment policy.
    ///
    /// # Errors
    /// Fails when any page could not be read.
    async fn policies(&self) -> Result<Vec<AssignmentPolicy>, ObserveError>;

    /// Every assignment that is active (delivering, partially delivered, delivered).
    ///
    /// # Errors
    /// Fails when any page could not be read.
    async fn active_assignments(&self) -> Result<Vec<Assignment>, ObserveError>;

    /// Every request that is open, whoever made it.
    ///
    /// # Errors
    /// Fails when any page could not be read.
    async fn open_requests(&self) -> Result<Vec<AssignmentRequest>, ObserveError>;

    /// Every request for `package` created at or after `created`, in any state, oldest first.
    ///
    /// # Errors
    /// Fails when any page could not be read: an incomplete look proves nothing.
    async fn requests_since(
        &self,
        package: &PackageId,
        created: Timestamp,
    ) -> Result<Vec<AssignmentRequest>, ObserveError>;

    /// One request; `None` when the service no longer knows it.
    ///
    /// # Errors
    /// Fails when the service could not be asked.
    async fn request(&self, id: &RequestId) -> Result<Option<AssignmentRequest>, ObserveError>;

    /// One assignment; `None` when the service no longer knows it.
    ///
    /// # Errors
    /// Fails when the service could not be asked.
    async fn assignment(&self, id: &AssignmentId) -> Result<Option<Assignment>, ObserveError>;

    /// The groups that holding `package` puts people into (its resource role scopes).
    ///
    /// # Errors
    /// Fails when the service could not be asked.
    async fn granted_groups(&self, package: &PackageId) -> Result<BTreeSet<GroupId>, ObserveError>;

    /// Sends one action with `justification` (which carries the tag), once and without any retry of its own.
    ///
    /// # Errors
    /// [`SubmitError`] tells what is certain about the request.
    async fn submit(&self, action: &Action, justification: &str) -> Result<AssignmentRequest, SubmitError>;
}

/// What is certain after a request was not plainly accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The service looked at the request and said no.
    #[error("the service refused the request with HTTP status {status}, code '{code}'")]
    Refused {
        /// The HTTP status (4xx, not 408 or 429).
        status: u16,
        /// Graph's error code; may be empty.
        code: String,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service did not take the request, and it may be sent again later: throttled, or never sent (no token, no connection).
    #[error("the request was not taken; it may be sent again")]
    NotTaken {
        /// How long the service asks to wait, in real time.
        retry_after: Option<std::time::Duration>,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nobody knows whether the service took it: a timeout, a reset, a 5xx. Look before sending again.
    #[error("the answer was lost, so the request may or may not have been made")]
    AnswerLost {
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
