//! Graph's enumerations: their members in any case in bodies, and those behind the sentinel told by name only to callers
//! that ask for them (graph-contract 1.4, 3.1, 8.1).

mod answers;

use serde_json::{Map, Value};

pub(super) use answers::tell_known_members;

/// What stands for a member that a caller may not know.
const SENTINEL: &str = "unknownFutureValue";

/// What the values of a property are.
struct Enumeration {
    property: &'static str,
    /// The members up to the sentinel.
    members: &'static [&'static str],
    /// The members behind it.
    later: &'static [&'static str],
}

const fn closed(property: &'static str, members: &'static [&'static str]) -> Enumeration {
    Enumeration { property, members, later: &[] }
}

/// By property; `state` is not among them, for it is a part of an address too.
const ENUMERATIONS: &[Enumeration] = &[
    Enumeration {
        property: "requestType",
        members: &[
            "notSpecified",
            "userAdd",
            "userUpdate",
            "userRemove",
            "adminAdd",
            "adminUpdate",
            "adminRemove",
            "systemAdd",
            "systemUpdate",
            "systemRemove",
            "onBehalfAdd",
        ],
        later: &["approverRemove"],
    },
    closed(
        "allowedTargetScope",
        &[
            "notSpecified",
            "specificDirectoryUsers",
            "specificConnectedOrganizationUsers",
            "specificDirectoryServicePrincipals",
            "allMemberUsers",
            "allDirectoryUsers",
            "allDirectoryServicePrincipals",
            "allConfiguredConnectedOrganizationUsers",
            "allExternalUsers",
            "allDirectoryAgentIdentities",
        ],
    ),
    closed("catalogType", &["userManaged", "serviceDefault", "serviceManaged"]),
    closed("externalUserLifecycleAction", &["none", "blockSignIn", "blockSignInAndDelete"]),
    closed("approverInformationVisibility", &["default", "notVisible", "visible"]),
    closed("expirationBehavior", &["keepAccess", "removeAccess", "acceptAccessRecommendation"]),
    closed(
        "stage",
        &[
            "assignmentRequestCreated",
            "assignmentRequestApproved",
            "assignmentRequestGranted",
            "assignmentRequestRemoved",
            "assignmentFourteenDaysBeforeExpiration",
            "assignmentOneDayBeforeExpiration",
        ],
    ),
    closed("subjectLifecycle", &["notDefined", "notGoverned", "governed"]),
    closed("subjectType", &["notSpecified", "user", "servicePrincipal"]),
    // Of expirations, of recurrences' patterns and ranges, and of roles.
    closed(
        "type",
        &[
            "notSpecified",
            "noExpiration",
            "afterDateTime",
            "afterDuration",
            "daily",
            "weekly",
            "absoluteMonthly",
            "relativeMonthly",
            "absoluteYearly",
            "relativeYearly",
            "endDate",
            "noEnd",
            "numbered",
            "active",
            "eligible",
            "application",
            "delegated",
        ],
    ),
    Enumeration { property: "category", members: &["joiner", "leaver"], later: &["mover"] },
    Enumeration {
        property: "timeBasedAttribute",
        members: &["employeeHireDate", "employeeLeaveDateTime"],
        later: &["createdDateTime"],
    },
    Enumeration {
        property: "processingStatus",
        members: &["queued", "inProgress", "completed", "completedWithErrors", "canceled", "failed"],
        later: &["canceling", "quarantined"],
    },
    Enumeration {
        property: "workflowExecutionType",
        members: &["scheduled", "onDemand"],
        later: &["activatedWithScope", "preview"],
    },
];

/// Brings a body into the one form that handlers read: members of enumerations as Graph spells them, and type names with
/// their `#`.
pub(super) fn spell(body: &mut Value) {
    each_property(body, &mut |name, value| {
        if name == "@odata.type" && value.starts_with("microsoft.graph.") {
            value.insert(0, '#');
        }
        let own = ENUMERATIONS.iter().find(|own| own.property.eq_ignore_ascii_case(name));
        let mut members = own.into_iter().flat_map(|own| own.members.iter().chain(own.later));
        if let Some(member) = members.find(|member| member.eq_ignore_ascii_case(value)) {
            (*member).clone_into(value);
        }
    });
}

/// Works on every text that is a property's value, at any depth.
fn each_property(value: &mut Value, work: &mut impl FnMut(&str, &mut String)) {
    match value {
        Value::Object(members) => each_member(members, work),
        Value::Array(items) => items.iter_mut().for_each(|item| each_property(item, work)),
        _ => {}
    }
}

fn each_member(members: &mut Map<String, Value>, work: &mut impl FnMut(&str, &mut String)) {
    for (name, value) in members {
        match value {
            Value::String(text) => work(name, text),
            deeper => each_property(deeper, work),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_read_in_one_spelling() {
        let mut body = json!({
            "requestType": "ADMINADD", "justification": "AdminAdd", "state": "Delivered",
            "schedule": { "expiration": { "type": "AfterDuration" } },
            "stages": [{ "primaryApprovers": [{ "@odata.type": "microsoft.graph.singleUser", "userId": "x" }] }],
        });
        spell(&mut body);
        assert_eq!(
            body,
            json!({
                "requestType": "adminAdd", "justification": "AdminAdd", "state": "Delivered",
                "schedule": { "expiration": { "type": "afterDuration" } },
                "stages": [{ "primaryApprovers": [{ "@odata.type": "#microsoft.graph.singleUser", "userId": "x" }] }],
            })
        );
        let mut other = json!({ "@odata.type": "Collection(Edm.String)", "type": ["noEnd"], "requestType": 5 });
        let same = other.clone();
        spell(&mut other);
        assert_eq!(other, same);
    }
}
