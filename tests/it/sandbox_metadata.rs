//! What the sandbox shows of users and groups, held against Graph's own metadata where that is at hand.

#![cfg(test)]

use serde_json::{Value, json};

use crate::sandbox::{Rig, rig};

/// Graph v1.0's types beside the repository; `None` where nobody has put them there.
fn graph_types() -> Option<Value> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/graph-slice.json");
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("skipped: {file} is not there");
        return None;
    };
    Some(serde_json::from_str::<Value>(&text).unwrap()["types"].clone())
}

/// Says how a value disagrees with a property's type; a null agrees with all but collections.
fn disagreement(declared: &Value, value: &Value) -> Option<String> {
    if declared.get("c").is_some() {
        let single = json!({ "t": declared["t"] });
        let Some(items) = value.as_array() else { return Some(format!("{value} is no collection")) };
        return items.iter().find_map(|item| disagreement(&single, item));
    }
    let agrees = match declared["t"].as_str().unwrap() {
        "Edm.String" | "Edm.Guid" => value.is_string(),
        "Edm.Boolean" => value.is_boolean(),
        "Edm.Int32" | "Edm.Int64" => value.is_i64(),
        "Edm.DateTimeOffset" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        complex => complex.starts_with('#') && value.is_object(),
    };
    (!agrees && !value.is_null()).then(|| format!("{value} is no {}", declared["t"]))
}

async fn check(rig: &Rig, types: &Value, kind: &str, path: &str) {
    let declared = &types[kind]["props"];
    let shown = rig.all(path).await;
    assert!(!shown.is_empty());
    for object in shown {
        for (name, value) in object.as_object().unwrap() {
            let property = declared.get(name).or_else(|| types["directoryObject"]["props"].get(name));
            if name == "id" {
                continue;
            }
            let property = property.unwrap_or_else(|| panic!("Graph's {kind} has no {name}"));
            assert_eq!(disagreement(property, value), None, "{kind}/{name}");
        }
    }
}

#[tokio::test]
async fn users_and_groups_have_the_properties_of_graphs_metadata() {
    let Some(types) = graph_types() else { return };
    let rig = rig().await;
    let every = "accountEnabled,assignedLicenses,assignedPlans,businessPhones,city,companyName,country,createdDateTime,\
        deletedDateTime,department,displayName,employeeHireDate,employeeId,employeeLeaveDateTime,employeeOrgData,\
        employeeType,externalUserState,faxNumber,givenName,jobTitle,lastPasswordChangeDateTime,mail,mailNickname,\
        mobilePhone,officeLocation,onPremisesExtensionAttributes,onPremisesSecurityIdentifier,onPremisesSyncEnabled,\
        otherMails,passwordPolicies,postalCode,preferredLanguage,proxyAddresses,securityIdentifier,\
        signInSessionsValidFromDateTime,state,streetAddress,surname,usageLocation,userPrincipalName,userType";
    rig.new_user("plain").await;
    check(&rig, &types, "user", &format!("/v1.0/users?$select={every}")).await;
    check(&rig, &types, "group", "/v1.0/groups").await;
    rig.sandbox.stop().await;
}
