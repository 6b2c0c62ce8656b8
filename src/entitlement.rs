//! The seam to entitlement management: packages, policies, assignments and the assignment requests usherd makes.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::directory::{ObserveError, SubmitError};
use crate::domain::action::Action;
use crate::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy, AssignmentRequest};
use crate::domain::ids::{AssignmentId, GroupId, PackageId, RequestId};

pub mod graph;

/// Entitlement management at one instant.
#[derive(Debug, Clone)]
pub struct EntitlementView {
    /// Every access package.
    pub packages: Vec<AccessPackage>,
    /// Every assignment policy.
    pub policies: Vec<AssignmentPolicy>,
    /// Every active assignment.
    pub assignments: Vec<Assignment>,
    /// Every open request.
    pub requests: Vec<AssignmentRequest>,
}

/// Reads entitlement management and makes assignment requests.
#[async_trait]
pub trait Entitlement: Send + Sync {
    /// Packages, policies, active assignments and open requests as one pass sees them at `now`: what can have changed since the last
    /// observation, and everything where that is due. Where `is_catalog_in_doubt`, packages and policies are read in any case.
    ///
    /// # Errors
    /// Fails when anything could not be read; then the next observation begins where the last one ended.
    async fn observe(&self, now: Timestamp, is_catalog_in_doubt: bool) -> Result<EntitlementView, ObserveError>;

    /// Requests by their ids, in their order and each for itself; `None` for one that the service no longer knows.
    ///
    /// # Errors
    /// Fails when the service could not be asked after any.
    async fn requests_by_id(
        &self,
        ids: &[RequestId],
    ) -> Result<Vec<Result<Option<AssignmentRequest>, ObserveError>>, ObserveError>;

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
