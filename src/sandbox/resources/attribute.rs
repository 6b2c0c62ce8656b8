//! What a resource asks of whoever gets a role of it: attributes, each with its question and its place (graph-contract 1.3).

use serde::{Deserialize, Serialize};

use crate::sandbox::records::Question;

/// Graph's `accessPackageResourceAttribute`, in its wire's shape.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct ResourceAttribute {
    /// With a destination in the directory, the user's property.
    pub(in crate::sandbox) name: String,
    /// Whether a value that is there already can be replaced; unless this says no, it can.
    pub(in crate::sandbox) is_editable: Option<bool>,
    /// Whether the value stays when the assignment ends; unless this says no, it does.
    pub(in crate::sandbox) is_persisted_on_assignment_removal: Option<bool>,
    pub(in crate::sandbox) destination: Option<AttributeDestination>,
    pub(in crate::sandbox) source: Option<AttributeSource>,
}

impl ResourceAttribute {
    /// The question whose answer is the value.
    pub(in crate::sandbox) fn question(&self) -> Option<&Question> {
        self.source.as_ref().map(|AttributeSource::Question { question }| question)
    }

    /// The user's property that keeps the value.
    pub(in crate::sandbox) fn property(&self) -> Option<&str> {
        self.destination.map(|AttributeDestination::UserDirectory {}| self.name.as_str())
    }
}

/// Graph's `accessPackageResourceAttributeDestination`: where a value is kept.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(tag = "@odata.type")]
pub(in crate::sandbox) enum AttributeDestination {
    #[serde(rename = "#microsoft.graph.accessPackageUserDirectoryAttributeStore")]
    UserDirectory {},
}

/// Graph's `accessPackageResourceAttributeSource`: where a value comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "@odata.type")]
pub(in crate::sandbox) enum AttributeSource {
    #[serde(rename = "#microsoft.graph.accessPackageResourceAttributeQuestion")]
    Question { question: Question },
}
