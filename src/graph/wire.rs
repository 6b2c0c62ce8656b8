//! Graph's JSON, as far as usherd reads and writes it (v1.0 names, with the beta names that v1.0 answers have been seen to use).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::ids::{AssignmentId, GroupId, PackageId, PolicyId, RequestId, UserId};

mod submission;

pub use submission::{AnsweredQuestion, NewAnswer, NewAssignment, NewAssignmentRequest, NewExpiration, NewSchedule};

/// `@odata.type` of the one kind of answer there is.
pub const ANSWER_STRING: &str = "#microsoft.graph.accessPackageAnswerString";
/// `@odata.type` of a question that any text answers.
pub const TEXT_INPUT_QUESTION: &str = "#microsoft.graph.accessPackageTextInputQuestion";
/// `@odata.type` of a question that one of its choices answers.
pub const MULTIPLE_CHOICE_QUESTION: &str = "#microsoft.graph.accessPackageMultipleChoiceQuestion";

/// One page of a list.
#[derive(Debug, Deserialize)]
pub struct Page<T> {
    /// The page's items; a page may be empty and still have a next one.
    pub value: Vec<T>,
    /// The address of the next page; absent on the last one.
    #[serde(rename = "@odata.nextLink")]
    pub next_link: Option<String>,
}

/// One page of a delta query.
#[derive(Debug, Deserialize)]
pub struct DeltaPage<T> {
    /// The page's changes; a page may be empty and still have a next one.
    pub value: Vec<T>,
    /// The address of the next page; absent on the last one.
    #[serde(rename = "@odata.nextLink")]
    pub next_link: Option<String>,
    /// Where the next round begins; on the last page alone.
    #[serde(rename = "@odata.deltaLink")]
    pub delta_link: Option<String>,
}

/// An object that a delta query shows.
#[derive(Debug, Deserialize)]
pub struct ChangedObject {
    /// Its object id.
    pub id: String,
    /// There when the object is gone, for a while or for good.
    #[serde(rename = "@removed")]
    pub removed: Option<Value>,
    /// Who came into a group and who left it.
    #[serde(rename = "members@delta", default)]
    pub members: Vec<ChangedMember>,
    /// Every other property shown.
    #[serde(flatten)]
    pub properties: Map<String, Value>,
}

/// A member in `members@delta`.
#[derive(Debug, Deserialize)]
pub struct ChangedMember {
    /// `#microsoft.graph.user`, `#microsoft.graph.group`, …
    #[serde(rename = "@odata.type")]
    pub kind: Option<String>,
    /// Its object id.
    pub id: String,
    /// There when the membership, or the member itself, is gone.
    #[serde(rename = "@removed")]
    pub removed: Option<Value>,
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
    pub id: String,
}

/// `group`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its object id.
    pub id: GroupId,
    /// Its display name; not always selected.
    pub display_name: Option<String>,
    /// `DynamicMembership` where a rule says who is in it, `Unified` for a Microsoft 365 group.
    #[serde(default)]
    pub group_types: Vec<String>,
    /// Whether it has a mailbox.
    pub mail_enabled: Option<bool>,
    /// Whether it is mastered on premises.
    pub on_premises_sync_enabled: Option<bool>,
    /// Whether directory roles may be assigned to it.
    pub is_assignable_to_role: Option<bool>,
}

/// The body that links an object, such as a member, to another one.
#[derive(Debug, Serialize)]
pub struct Link {
    /// The linked object's absolute address.
    #[serde(rename = "@odata.id")]
    pub id: String,
}

/// `accessPackage`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessPackage {
    /// Its id.
    pub id: PackageId,
    /// Its display name; not always expanded.
    pub display_name: Option<String>,
    /// The packages marked on it as incompatible, where they were expanded.
    pub incompatible_access_packages: Option<Vec<PackageReference>>,
    /// There when Graph has expanded them in part.
    #[serde(rename = "incompatibleAccessPackages@odata.nextLink")]
    pub more_incompatible: Option<String>,
}

/// A package by its id alone.
#[derive(Debug, Deserialize)]
pub struct PackageReference {
    /// Its id.
    pub id: PackageId,
}

/// `accessPackage` with its `resourceRoleScopes`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantingPackage {
    /// What holding it gives.
    #[serde(default)]
    pub resource_role_scopes: Vec<ResourceRoleScope>,
}

/// `accessPackageResourceRoleScope`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRoleScope {
    /// Where the role is given.
    pub scope: Option<ResourceScope>,
}

/// `accessPackageResourceScope`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceScope {
    /// `AadGroup`, `AadApplication`, `SharePointOnline`.
    pub origin_system: Option<String>,
    /// The object's id there.
    pub origin_id: Option<String>,
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
    /// Whether requests by it wait for approvers.
    pub request_approval_settings: Option<RequestApprovalSettings>,
    /// What it asks of who requests, where expanded.
    pub questions: Option<Vec<Question>>,
}

/// `accessPackageAssignmentApprovalSettings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestApprovalSettings {
    /// Whether a request for the package waits for an approver.
    pub is_approval_required_for_add: Option<bool>,
}

/// `accessPackageQuestion`, with what its derived types add.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Its id.
    pub id: String,
    /// Its text in the policy's own language.
    pub text: Option<String>,
    /// Whether it has to be answered.
    pub is_required: Option<bool>,
    /// Its place among the others.
    pub sequence: Option<i64>,
    /// What can be chosen, of a multiple choice.
    pub choices: Option<Vec<Choice>>,
}

/// `accessPackageAnswerChoice`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// The value that an answer carries.
    pub actual_value: Option<String>,
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
    /// From when to when.
    pub schedule: Option<Schedule>,
}

/// `entitlementManagementSchedule`, as far as it is read.
#[derive(Debug, Deserialize)]
pub struct Schedule {
    /// When it ends.
    pub expiration: Option<Expiration>,
}

/// `expirationPattern`, as far as it is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expiration {
    /// The end (UTC), where there is one.
    pub end_date_time: Option<Timestamp>,
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
