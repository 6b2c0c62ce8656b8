//! A user's attributes out of the properties that Graph gives.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::domain::ids::UserId;
use crate::domain::subject::{AssignedPlan, AttributeValue, Attributes, HIRE_DATE, LEAVE_DATE, User};
use crate::store::directory::Properties;

/// The one list whose elements are no texts.
const ASSIGNED_PLANS: &str = "assignedPlans";

/// What `$select` names: the property itself, or the outer one of a nested attribute.
pub(super) fn selected(wanted: &BTreeSet<&str>) -> BTreeSet<String> {
    let outer = wanted.iter().map(|name| name.split_once('/').map_or(*name, |(outer, _)| outer));
    std::iter::once("id").chain(outer).map(str::to_owned).collect()
}

/// The value of `$select`.
pub(super) fn selection(properties: &BTreeSet<String>) -> String {
    properties.iter().map(String::as_str).collect::<Vec<_>>().join(",")
}

/// The user with the attributes that are wanted.
pub(super) fn user_from(id: &UserId, properties: &Properties, wanted: &BTreeSet<&str>) -> User {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut attributes = Attributes::new();
    for name in wanted {
        let delivered = match name.split_once('/') {
            Some((outer, inner)) => properties.get(outer).map(|outer| outer.get(inner).unwrap_or(&Value::Null)),
            None => properties.get(*name),
        };
        let value = match delivered {
            Some(delivered) => attribute_value(name, delivered),
            // Graph leaves out what an object does not have.
            // Left out of an answer, and not null, when the permission to read it lacks: its absence says nothing.
            None if *name == LEAVE_DATE => None,
            None => Some(AttributeValue::Null),
        };
        attributes.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    User {
        user_principal_name: text("userPrincipalName").unwrap_or_default().to_owned(),
        mail: text("mail").map(str::to_owned),
        display_name: text("displayName").unwrap_or_default().to_owned(),
        employee_id: text("employeeId").map(str::to_owned),
        is_guest: text("userType").is_some_and(|kind| kind.eq_ignore_ascii_case("Guest")),
        id: id.clone(),
        attributes,
    }
}

/// The value of one attribute; `None` for a shape that no attribute value has (an object, or a list of other objects than plans).
fn attribute_value(name: &str, delivered: &Value) -> Option<AttributeValue> {
    match delivered {
        Value::Array(plans) if name == ASSIGNED_PLANS => {
            Some(AttributeValue::AssignedPlans(plans.iter().map(assigned_plan).collect()))
        }
        Value::Null => Some(AttributeValue::Null),
        Value::Bool(truth) => Some(AttributeValue::Bool(*truth)),
        Value::String(text) => Some(text_value(name, text)),
        Value::Number(number) => Some(AttributeValue::Text(number.to_string())),
        Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            texts.map(AttributeValue::List)
        }
        Value::Object(_) => None,
    }
}

fn assigned_plan(delivered: &Value) -> AssignedPlan {
    let text = |name: &str| delivered.get(name).and_then(Value::as_str).map(str::to_owned);
    AssignedPlan {
        capability_status: text("capabilityStatus"),
        service: text("service"),
        service_plan_id: text("servicePlanId").map(|id| id.to_ascii_lowercase()),
    }
}

/// Text, unless the attribute is a date or an instant and the text is one.
fn text_value(name: &str, text: &str) -> AttributeValue {
    let instant = || text.parse::<Timestamp>().ok();
    let value = match name {
        HIRE_DATE | LEAVE_DATE => instant()
            .map(|instant| AttributeValue::Date { date: instant.to_zoned(TimeZone::UTC).date(), inclusive: false }),
        _ if name.ends_with("DateTime") => instant().map(AttributeValue::Instant),
        _ => None,
    };
    value.unwrap_or_else(|| AttributeValue::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const WANTED: [&str; 11] = [
        "accountEnabled",
        "assignedPlans",
        "createdDateTime",
        "department",
        HIRE_DATE,
        LEAVE_DATE,
        "employeeOrgData/costCenter",
        "employeeOrgData/division",
        "onPremisesExtensionAttributes/extensionAttribute7",
        "proxyAddresses",
        "assignedLicenses",
    ];

    fn read(user: Value) -> User {
        let properties: Properties = serde_json::from_value(user).unwrap();
        user_from(&"u1".into(), &properties, &WANTED.into_iter().collect())
    }

    fn text(text: &str) -> Option<AttributeValue> {
        Some(AttributeValue::Text(text.into()))
    }

    #[test]
    fn a_nested_attribute_selects_its_outer_property_once() {
        assert_eq!(
            selection(&selected(&WANTED.into_iter().collect())),
            "accountEnabled,assignedLicenses,assignedPlans,createdDateTime,department,employeeHireDate,employeeLeaveDateTime,employeeOrgData,id,\
             onPremisesExtensionAttributes,proxyAddresses"
        );
    }

    #[test]
    fn every_shape_of_attribute_is_read() {
        let user = read(json!({
            "id": "u1", "userPrincipalName": "a@contoso.com", "displayName": "A", "mail": null, "employeeId": "0014", "userType": "guest",
            "accountEnabled": false, "department": "IT", "createdDateTime": "2026-01-02T03:04:05.1234567Z",
            "employeeHireDate": "2026-12-01T23:59:59Z", "employeeLeaveDateTime": null,
            "employeeOrgData": {"costCenter": "C1"}, "onPremisesExtensionAttributes": {"extensionAttribute7": "x"},
            "proxyAddresses": ["smtp:a@contoso.com"], "assignedLicenses": [{"skuId": "s"}],
            "assignedPlans": [{"service": "exchange", "capabilityStatus": "Enabled", "servicePlanId": "9AAF7827-D63C-4B61-89C3-182F06F82E5C"}, {}]
        }));
        let attribute = |name: &str| user.attributes.get(name).cloned();
        assert_eq!(attribute("accountEnabled"), Some(AttributeValue::Bool(false)));
        assert_eq!(attribute("department"), text("IT"));
        let created = "2026-01-02T03:04:05.1234567Z".parse().unwrap();
        assert_eq!(attribute("createdDateTime"), Some(AttributeValue::Instant(created)));
        let hired = AttributeValue::Date { date: "2026-12-01".parse().unwrap(), inclusive: false };
        assert_eq!(attribute("employeeHireDate"), Some(hired));
        assert_eq!(attribute(LEAVE_DATE), Some(AttributeValue::Null));
        assert_eq!(attribute("employeeOrgData/costCenter"), text("C1"));
        assert_eq!(attribute("employeeOrgData/division"), Some(AttributeValue::Null));
        assert_eq!(attribute("onPremisesExtensionAttributes/extensionAttribute7"), text("x"));
        assert_eq!(attribute("proxyAddresses"), Some(AttributeValue::List(vec!["smtp:a@contoso.com".into()])));
        assert_eq!(attribute("assignedLicenses"), None);
        let plan = AssignedPlan {
            capability_status: Some("Enabled".into()),
            service: Some("exchange".into()),
            service_plan_id: Some("9aaf7827-d63c-4b61-89c3-182f06f82e5c".into()),
        };
        let empty = AssignedPlan { capability_status: None, service: None, service_plan_id: None };
        assert_eq!(attribute("assignedPlans"), Some(AttributeValue::AssignedPlans(vec![plan, empty])));
        assert_eq!((user.mail, user.employee_id, user.is_guest), (None, Some("0014".into()), true));
    }

    #[test]
    fn an_absent_attribute_is_empty_but_an_absent_leave_date_was_not_read() {
        let user = read(json!({"id": "u1", "employeeOrgData": null}));
        assert_eq!(user.attributes.get("department"), Some(&AttributeValue::Null));
        assert_eq!(user.attributes.get("employeeOrgData/costCenter"), Some(&AttributeValue::Null));
        assert_eq!(
            user.attributes.get("onPremisesExtensionAttributes/extensionAttribute7"),
            Some(&AttributeValue::Null)
        );
        assert_eq!(user.attributes.get(LEAVE_DATE), None);
    }

    #[test]
    fn a_date_that_cannot_be_read_stays_text_and_never_becomes_empty() {
        let user = read(json!({"id": "u1", "employeeLeaveDateTime": "soon"}));
        assert_eq!(user.attributes.get(LEAVE_DATE).cloned(), text("soon"));
    }
}
