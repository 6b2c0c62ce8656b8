//! What the tenant keeps: plain records, each one JSON row of the state file.

mod approval;
mod assignment;
mod callout;
mod custom_extension;
mod expiry_notice;
mod policy;
mod request;
mod schedule;
mod subject_set;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::applications::Application;
use super::assertion::Credentials;
use super::resources::{Resource, ResourceRequest, RoleScope};
use super::tenant::{Property, indexed};
pub(super) use approval::{ApprovalStage, Review, StageStatus};
pub(super) use assignment::{Assignment, AssignmentState};
pub(super) use callout::{Callout, CalloutStatus, ExtensionStage};
pub(super) use custom_extension::{CustomExtension, ExtensionKind, ExtensionStageSetting};
pub(super) use policy::{
    AllowedTargetScope, ApprovalSettings, ApprovalStageSettings, AutomaticRequestSettings, Choice, LocalizedText,
    NotificationSettings, Policy, Question, QuestionKind, RequestorSettings,
};
pub(super) use request::{About, Asker, Effect, Gate, LateRefusal, Request, RequestState, RequestType};
pub(super) use schedule::{Expiration, ExpirationType, Schedule, later_by, span};
pub(super) use subject_set::SubjectSet;

/// A record that lives in a [`Table`](super::tenant::Table) and in a row of the state file.
pub(super) trait Record: Serialize + DeserializeOwned + 'static {
    /// The row's kind.
    const KIND: &'static str;
    /// What it is found by beside its id: every property of a documented filter of its list.
    const INDEXES: &'static [Property<Self>] = &[];

    /// The id, a lower-case GUID, unique within the kind.
    fn id(&self) -> &str;
}

macro_rules! records {
    ($($name:ident = $kind:literal $(by $indexes:path)?),* $(,)?) => {$(
        impl Record for $name {
            const KIND: &'static str = $kind;
            $(const INDEXES: &'static [Property<Self>] = $indexes;)?

            fn id(&self) -> &str {
                &self.id
            }
        }
    )*};
}

records! {
    User = "user" by indexed::USER,
    Group = "group" by indexed::GROUP,
    Catalog = "catalog" by indexed::CATALOG,
    Package = "package" by indexed::PACKAGE,
    Policy = "policy" by indexed::POLICY,
    Request = "request" by indexed::REQUEST,
    Assignment = "assignment" by indexed::ASSIGNMENT,
    Application = "application" by indexed::APPLICATION,
    Resource = "resource" by indexed::RESOURCE,
    ResourceRequest = "resourceRequest",
    CustomExtension = "customExtension" by indexed::CUSTOM_EXTENSION,
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
