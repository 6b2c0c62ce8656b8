//! Graph's JSON, as far as usherd reads and writes it (v1.0 names, with the beta names that v1.0 answers have been seen to use).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::ids::{AssignmentId, GroupId, PackageId, PolicyId, RequestId, UserId};

/// One page of a list.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    /// The page's items; a page may be empty and still have a next one.
    pub value: Vec<T>,
    /// The address of the next page; absent on the last one.
    #[serde(rename = "@odata.nextLink")]
    pub next_link: Option<String>,
}

/// `user`.
#[derive(Debug, Deserialize)]
pub struct User {
    /// Its object id.
    pub id: UserId,
    /// Every other property, as selected.
    #[serde(flatten)]
    pub properties: Map<String, Value>,
}

/// A member of a group, by its id alone.
#[derive(Debug, Deserialize)]
pub struct Member {
    /// Its object id.
    pub id: UserId,
}

/// `group`.
#[derive(Debug, Deserialize)]
pub struct Group {
    /// Its object id.
    pub id: GroupId,
    /// What kind of group it is, such as `DynamicMembership`.
    #[serde(default)]
    pub group_types: Vec<String>,
}

/// `accessPackage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessPackage {
    /// Its id.
    pub id: PackageId,
    /// Its display name; not always expanded.
    pub display_name: Option<String>,
}

/// `accessPackageAssignmentPolicy`, listed with its package.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentPolicy {
    /// Its id.
    pub id: PolicyId,
    /// Its display name.
    pub display_name: Option<String>,
    /// Its package.
    pub access_package: Option<AccessPackage>,
    /// Whether and how the service assigns by it.
    pub automatic_request_settings: Option<AutomaticRequestSettings>,
}

/// `accessPackageAutomaticRequestSettings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutomaticRequestSettings {
    /// Whether the service gives the package by itself.
    pub request_access_for_allowed_targets: Option<bool>,
}

/// `accessPackageSubject`. Its own `id` is not read: only `objectId` is the directory's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The directory object id; absent for someone not in the directory yet.
    pub object_id: Option<UserId>,
}

/// A policy as an assignment names it.
#[derive(Debug, Deserialize)]
pub struct PolicyReference {
    /// Its id.
    pub id: PolicyId,
}

/// `accessPackageAssignment`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// Its state, in any case of letters.
    #[serde(alias = "assignmentState")]
    pub state: Option<String>,
    /// Its package, where expanded.
    pub access_package: Option<AccessPackage>,
    /// Its policy, where expanded.
    #[serde(alias = "accessPackageAssignmentPolicy")]
    pub assignment_policy: Option<PolicyReference>,
    /// Its target, where expanded.
    pub target: Option<Subject>,
}

/// `accessPackageAssignmentRequest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssignmentRequest {
    /// Its id.
    pub id: RequestId,
    /// What it asks.
    pub request_type: Option<String>,
    /// How far it is.
    #[serde(alias = "requestState")]
    pub state: Option<String>,
    /// Free text beside the state.
    #[serde(alias = "requestStatus")]
    pub status: Option<String>,
    /// The justification.
    pub justification: Option<String>,
    /// When it was created; null in the answer to a create.
    pub created_date_time: Option<Timestamp>,
    /// Its package, where expanded.
    pub access_package: Option<AccessPackage>,
    /// Its assignment, where there is one and it is expanded.
    #[serde(alias = "accessPackageAssignment")]
    pub assignment: Option<Assignment>,
    /// Who asked; for a direct assignment, who was assigned.
    pub requestor: Option<Subject>,
}

/// The body that creates an assignment request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAssignmentRequest<'a> {
    /// `adminAdd` or `adminRemove`.
    pub request_type: String,
    /// What it is about.
    pub assignment: NewAssignment<'a>,
    /// The justification.
    pub justification: &'a str,
}

/// The assignment that a new request makes or takes. The three ids of a new one are accepted but never returned, and are not in Graph's schema
/// (<https://learn.microsoft.com/graph/api/entitlementmanagement-post-assignmentrequests>).
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum NewAssignment<'a> {
    /// A new one.
    Given {
        /// The target's directory object id.
        target_id: &'a UserId,
        /// The policy.
        assignment_policy_id: &'a PolicyId,
        /// The package.
        access_package_id: &'a PackageId,
    },
    /// An existing one, to be taken.
    Taken {
        /// Its id.
        id: &'a AssignmentId,
    },
}
