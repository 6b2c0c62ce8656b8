//! How this tenant behaves where tenants of the service differ and no property of v1.0 says how.

use serde::{Deserialize, Serialize};

use super::records::Record;

/// The tenant's settings; those that a document leaves out are as they are at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct TenantSettings {
    /// "Enforce policy approval for admin direct assignments" (graph-contract 1.14): whether an administrator's request waits
    /// for the approvers of its policy. At the start it does.
    pub approval_for_direct_assignments: bool,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self { approval_for_direct_assignments: true }
    }
}

impl Record for TenantSettings {
    const KIND: &'static str = "settings";

    fn id(&self) -> &str {
        "tenant"
    }
}
