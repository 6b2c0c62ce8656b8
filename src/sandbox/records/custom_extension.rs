//! Custom extensions of catalogs, and the stages at which a policy calls them (graph-contract 1.3, 1.4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ExtensionStage;

/// What a custom extension is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) enum ExtensionKind {
    #[serde(rename = "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension")]
    Request,
    #[serde(rename = "#microsoft.graph.accessPackageAssignmentWorkflowExtension")]
    Assignment,
}

/// Graph's `customCalloutExtension`; whom it would call is kept as it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct CustomExtension {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) catalog_id: String,
    pub(in crate::sandbox) kind: ExtensionKind,
    pub(in crate::sandbox) display_name: String,
    pub(in crate::sandbox) description: String,
    pub(in crate::sandbox) endpoint_configuration: Value,
    pub(in crate::sandbox) authentication_configuration: Option<Value>,
    pub(in crate::sandbox) client_configuration: Option<Value>,
    /// How long a request waits for the extension's answer, ISO 8601; `None` where it does not wait.
    pub(in crate::sandbox) duration_before_timeout: Option<String>,
    pub(in crate::sandbox) created: Timestamp,
    pub(in crate::sandbox) modified: Timestamp,
}

/// Graph's `customExtensionStageSetting` of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sandbox) struct ExtensionStageSetting {
    pub(in crate::sandbox) stage: ExtensionStage,
    pub(in crate::sandbox) custom_extension_id: String,
}
