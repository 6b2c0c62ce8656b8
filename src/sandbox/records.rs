//! What the tenant keeps: plain records, each one JSON row of the state file.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::applications::Application;
use super::assertion::Credentials;
use super::resources::{Resource, ResourceRequest, RoleScope};

/// A record that lives in a [`Table`](super::tenant::Table) and in a row of the state file.
pub(super) trait Record: Serialize + DeserializeOwned {
    /// The row's kind.
    const KIND: &'static str;

    /// The id, a lower-case GUID, unique within the kind.
    fn id(&self) -> &str;
}

macro_rules! records {
    ($($name:ident = $kind:literal),* $(,)?) => {$(
        impl Record for $name {
            const KIND: &'static str = $kind;

            fn id(&self) -> &str {
                &self.id
            }
        }
    )*};
}

records! {
    User = "user", Group = "group", Catalog = "catalog", Package = "package", Policy = "policy",
    Request = "request", Assignment = "assignment", Application = "application", Resource = "resource",
    ResourceRequest = "resourceRequest",
}

/// Who the tenant is. No `Debug`: it holds the client secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Profile {
    /// The version of the rows' shape.
    pub(super) format: u32,
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) tenant_id: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// What the application may prove itself with beside its secret.
    #[serde(default)]
    pub(super) credentials: Credentials,
}

/// A directory user: Graph's properties under Graph's names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) properties: Map<String, Value>,
    /// The manager's user id.
    pub(super) manager: Option<String>,
    /// The one temporary access pass, without its text, which only the answer that made it has shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_pass: Option<AccessPass>,
}

impl User {
    /// A property that is text, or nothing.
    pub(super) fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property).and_then(Value::as_str)
    }

    /// Whether the account is closed for signing in.
    pub(super) fn is_blocked(&self) -> bool {
        self.properties.get("accountEnabled").and_then(Value::as_bool) == Some(false)
    }
}

/// A user's temporary access pass.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct AccessPass {
    pub(super) id: String,
    pub(super) created: Timestamp,
    pub(super) start: Timestamp,
    pub(super) lifetime_in_minutes: i64,
    pub(super) is_usable_once: bool,
}

/// A security group; who is in it is kept beside it, one row a membership.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) properties: Map<String, Value>,
    /// The owners' user ids.
    #[serde(default)]
    pub(super) owners: BTreeSet<String>,
}

impl Group {
    /// The group's display name.
    pub(super) fn display_name(&self) -> &str {
        self.properties.get("displayName").and_then(Value::as_str).unwrap_or_default()
    }
}

/// A catalog of access packages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Catalog {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    /// `userManaged` or `serviceDefault`.
    pub(super) catalog_type: String,
    /// `published` or `unpublished`.
    pub(super) state: String,
    pub(super) externally_visible: bool,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

/// An access package and the roles it gives its holders.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) catalog_id: String,
    pub(super) hidden: bool,
    pub(super) role_scopes: Vec<RoleScope>,
    /// Who holds one of these packages gets this one no more; the reverse is for the others to say.
    pub(super) incompatible_package_ids: Vec<String>,
    /// As for packages, for members of these groups.
    pub(super) incompatible_group_ids: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

/// An assignment policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) package_id: String,
    pub(super) expiration: Expiration,
    /// The approver of the one approval stage; `None` where no approval is needed.
    pub(super) approver: Option<Approver>,
    pub(super) questions: Vec<Question>,
    pub(super) created: Timestamp,
}

/// Who approves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Approver {
    /// The manager of the person who is to get the package.
    Manager,
    /// One user, by object id.
    User(String),
}

/// A text question of a policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) required: bool,
}

/// Graph's `expirationPatternType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ExpirationType {
    NotSpecified,
    NoExpiration,
    AfterDateTime,
    AfterDuration,
}

/// Graph's `expirationPattern`; the duration is ISO 8601.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Expiration {
    pub(super) end_date_time: Option<Timestamp>,
    pub(super) duration: Option<String>,
    pub(super) r#type: ExpirationType,
}

impl Expiration {
    /// A pattern that says only its type.
    pub(super) fn bare(kind: ExpirationType) -> Self {
        Self { end_date_time: None, duration: None, r#type: kind }
    }
}

/// Graph's `entitlementManagementSchedule`, without recurrence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schedule {
    pub(super) start_date_time: Option<Timestamp>,
    pub(super) expiration: Expiration,
}

/// The request types that an application may send and the sandbox knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RequestType {
    AdminAdd,
    AdminRemove,
}

/// Where a request stands; the wire's `state` (graph-contract 1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum RequestState {
    Submitted,
    PendingApproval,
    Scheduled,
    Delivering,
    Delivered,
    Denied,
}

impl RequestState {
    /// Whether the request still has something ahead of it.
    pub(super) fn is_open(self) -> bool {
        !matches!(self, Self::Delivered | Self::Denied)
    }

    /// The wire's `state`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::PendingApproval => "pendingApproval",
            Self::Scheduled => "scheduled",
            Self::Delivering => "delivering",
            Self::Delivered => "delivered",
            Self::Denied => "denied",
        }
    }

    /// The wire's `status`, a free string that says more than `state`.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Submitted => "Accepted",
            Self::PendingApproval => "PendingApproval",
            Self::Scheduled => "PendingNotBefore",
            Self::Delivering => "Fulfilling",
            Self::Delivered => "Fulfilled",
            Self::Denied => "Denied",
        }
    }
}

/// An assignment request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) request_type: RequestType,
    pub(super) state: RequestState,
    /// The directory user who gets or loses the package.
    pub(super) target_id: String,
    pub(super) package_id: String,
    pub(super) policy_id: String,
    /// For a removal from the start, for an addition from delivery on.
    pub(super) assignment_id: Option<String>,
    pub(super) justification: Option<String>,
    pub(super) schedule: Schedule,
    pub(super) answers: Vec<Value>,
    pub(super) created: Timestamp,
    pub(super) completed: Option<Timestamp>,
    /// The tenant instant of the next change of state; `None` while a person has to decide, and at the end.
    pub(super) due: Option<Timestamp>,
}

/// Where an assignment stands; the wire's `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum AssignmentState {
    Delivering,
    Delivered,
    Expired,
}

impl AssignmentState {
    /// The wire's `state`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Delivering => "delivering",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
        }
    }

    /// The wire's `status`.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Delivering => "Delivering",
            Self::Delivered => "Delivered",
            Self::Expired => "ExpiredNotificationTriggered",
        }
    }
}

/// A holding of a package.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Assignment {
    pub(super) id: String,
    pub(super) state: AssignmentState,
    pub(super) target_id: String,
    pub(super) package_id: String,
    pub(super) policy_id: String,
    pub(super) schedule: Schedule,
    /// When it really ended.
    pub(super) expired: Option<Timestamp>,
}

impl Assignment {
    /// Whether the user holds the package, or is just being given it.
    pub(super) fn is_active(&self) -> bool {
        self.state != AssignmentState::Expired
    }
}
