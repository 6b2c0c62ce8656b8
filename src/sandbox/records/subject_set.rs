//! Graph's `subjectSet`: people named one by one, by group, by organization, or by what they are to somebody.

use serde::{Deserialize, Serialize};

/// A set of people, in its wire's shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "@odata.type", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(in crate::sandbox) enum SubjectSet {
    #[serde(rename = "#microsoft.graph.singleUser", alias = "microsoft.graph.singleUser")]
    SingleUser {
        user_id: String,
        #[serde(default)]
        description: Option<String>,
    },
    #[serde(rename = "#microsoft.graph.groupMembers", alias = "microsoft.graph.groupMembers")]
    GroupMembers {
        group_id: String,
        #[serde(default)]
        description: Option<String>,
    },
    #[serde(
        rename = "#microsoft.graph.connectedOrganizationMembers",
        alias = "microsoft.graph.connectedOrganizationMembers"
    )]
    ConnectedOrganizationMembers {
        connected_organization_id: String,
        #[serde(default)]
        description: Option<String>,
    },
    #[serde(rename = "#microsoft.graph.requestorManager", alias = "microsoft.graph.requestorManager")]
    RequestorManager {
        #[serde(default = "first_level")]
        manager_level: i32,
    },
    #[serde(rename = "#microsoft.graph.targetManager", alias = "microsoft.graph.targetManager")]
    TargetManager {
        #[serde(default = "first_level")]
        manager_level: i32,
    },
    #[serde(rename = "#microsoft.graph.internalSponsors", alias = "microsoft.graph.internalSponsors")]
    InternalSponsors {},
    #[serde(rename = "#microsoft.graph.externalSponsors", alias = "microsoft.graph.externalSponsors")]
    ExternalSponsors {},
    #[serde(rename = "#microsoft.graph.targetUserSponsors", alias = "microsoft.graph.targetUserSponsors")]
    TargetUserSponsors {},
    #[serde(rename = "#microsoft.graph.attributeRuleMembers", alias = "microsoft.graph.attributeRuleMembers")]
    AttributeRuleMembers {
        membership_rule: String,
        #[serde(default)]
        description: Option<String>,
    },
}

fn first_level() -> i32 {
    1
}
