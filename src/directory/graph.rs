//! The directory through Microsoft Graph: users with their attributes, groups with their members.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::{Directory, GroupAnswer, GroupQuery, NamedGroup, ObserveError, SubmitError, Unchangeable};
use crate::domain::ids::{GroupId, UserId};
use crate::domain::subject::{AssignedPlan, AttributeValue, Attributes, HIRE_DATE, LEAVE_DATE, User};
use crate::graph::error::GraphError;
use crate::graph::odata::{address, encode, quote};
use crate::graph::transport::GraphClient;
use crate::graph::wire;

/// What is read of every user beside its id.
const STANDING_ATTRIBUTES: [&str; 6] =
    ["userPrincipalName", "mail", "displayName", "employeeId", "userType", "accountEnabled"];
/// The one list whose elements are no texts.
const ASSIGNED_PLANS: &str = "assignedPlans";
/// What is read of a group: its id, and what says whether its members can be changed.
const OF_A_GROUP: &str = "id,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole";
/// The largest page Graph gives for directory objects.
const PAGE_SIZE: &str = "999";

/// Reads users and groups from `/v1.0/users` and `/v1.0/groups`, and writes members.
///
/// `employeeHireDate` and `employeeLeaveDateTime` are instants to Graph and dates to people: they become the civil date that the instant has
/// in UTC, not inclusive. Other attributes whose names end in `DateTime` stay instants.
pub struct GraphDirectory {
    client: Arc<GraphClient>,
}

impl GraphDirectory {
    /// A directory behind `client`.
    pub fn new(client: Arc<GraphClient>) -> Self {
        Self { client }
    }

    async fn group_by_id(&self, id: &str) -> Result<Vec<wire::Group>, GraphError> {
        let path = format!("/v1.0/groups/{}", encode(id));
        Ok(self.client.find(&address(&path, &[("$select", OF_A_GROUP)])).await?.into_iter().collect())
    }

    async fn groups_by_name(&self, name: &str) -> Result<Vec<wire::Group>, GraphError> {
        let filter = format!("displayName eq {}", quote(name));
        self.client.get_all(&address("/v1.0/groups", &[("$filter", &filter), ("$select", OF_A_GROUP)])).await
    }

    async fn answer(&self, wanted: &GroupQuery) -> Result<GroupAnswer, GraphError> {
        let found = if is_object_id(&wanted.group) {
            self.group_by_id(&wanted.group).await?
        } else {
            self.groups_by_name(&wanted.group).await?
        };
        let unchangeable = found.first().and_then(unchangeable);
        let id = match <[wire::Group; 1]>::try_from(found) {
            Ok([group]) => group.id,
            Err(found) if found.is_empty() => return Ok(GroupAnswer::NotFound),
            Err(_) => return Ok(GroupAnswer::Ambiguous),
        };
        let relation = if wanted.transitive { "transitiveMembers" } else { "members" };
        let path = format!("/v1.0/groups/{}/{relation}/microsoft.graph.user", encode(id.as_str()));
        match self.client.get_all::<wire::Member>(&address(&path, &[("$select", "id"), ("$top", PAGE_SIZE)])).await {
            Ok(members) => {
                let users = members.into_iter().map(|member| member.id).collect();
                Ok(GroupAnswer::Members { id, users, unchangeable })
            }
            Err(GraphError::NotFound(_)) => Ok(GroupAnswer::NotFound),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Directory for GraphDirectory {
    async fn users(&self, attributes: &BTreeSet<String>) -> Result<Vec<User>, ObserveError> {
        let wanted: BTreeSet<&str> =
            STANDING_ATTRIBUTES.into_iter().chain(attributes.iter().map(String::as_str)).collect();
        let select = selection(&wanted);
        let address = address("/v1.0/users", &[("$select", &select), ("$top", PAGE_SIZE)]);
        let users: Vec<wire::User> =
            self.client.get_all(&address).await.map_err(|error| failed("users".to_owned(), error))?;
        // A list that changes while its pages are read may repeat a user.
        let users: BTreeMap<_, _> = users.into_iter().map(|user| (user.id.clone(), user_from(user, &wanted))).collect();
        Ok(users.into_values().collect())
    }

    async fn group(&self, wanted: &GroupQuery) -> Result<GroupAnswer, ObserveError> {
        self.answer(wanted).await.map_err(|error| failed(format!("members of group {}", wanted.group), error))
    }

    async fn add_member(&self, group: &GroupId, user: &UserId) -> Result<(), SubmitError> {
        let object = self.client.absolute(&format!("/v1.0/directoryObjects/{}", encode(user.as_str())))?;
        let path = format!("/v1.0/groups/{}/members/$ref", encode(group.as_str()));
        Ok(self.client.link(&path, &wire::Link { id: object.into() }).await?)
    }

    async fn remove_member(&self, group: &GroupId, user: &UserId) -> Result<(), SubmitError> {
        // Without `/$ref` it would be the user that is deleted.
        let path = format!("/v1.0/groups/{}/members/{}/$ref", encode(group.as_str()), encode(user.as_str()));
        Ok(self.client.delete(&path).await?)
    }

    async fn groups(&self) -> Result<Vec<NamedGroup>, ObserveError> {
        let address = address("/v1.0/groups", &[("$select", "id,displayName"), ("$top", PAGE_SIZE)]);
        let groups: Vec<wire::Group> =
            self.client.get_all(&address).await.map_err(|error| failed("groups".to_owned(), error))?;
        let named =
            |group: wire::Group| NamedGroup { id: group.id, display_name: group.display_name.unwrap_or_default() };
        Ok(groups.into_iter().map(named).collect())
    }
}

/// What a failed call leaves certain about what it was to do.
impl From<GraphError> for SubmitError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::BadRequest(ref answer)
            | GraphError::Forbidden(ref answer)
            | GraphError::NotFound(ref answer)
            | GraphError::Conflict(ref answer) => {
                Self::Refused { status: answer.status, code: answer.code.clone(), source: Box::new(error) }
            }
            GraphError::Token(_)
            | GraphError::Unauthorized(_)
            | GraphError::Throttled { .. }
            | GraphError::Transport { never_sent: true, .. } => {
                Self::NotTaken { retry_after: error.retry_after(), source: Box::new(error) }
            }
            GraphError::Server { .. }
            | GraphError::Unexpected(_)
            | GraphError::Malformed { .. }
            | GraphError::TooLarge { .. }
            | GraphError::Transport { .. }
            | GraphError::ForeignLink { .. }
            | GraphError::TooManyPages { .. } => Self::AnswerLost { source: Box::new(error) },
        }
    }
}

/// Why the service would refuse to change the group's members.
fn unchangeable(group: &wire::Group) -> Option<Unchangeable> {
    let is = |kind: &str| group.group_types.iter().any(|known| known == kind);
    if is("DynamicMembership") {
        Some(Unchangeable::Dynamic)
    } else if group.on_premises_sync_enabled == Some(true) {
        Some(Unchangeable::OnPremises)
    } else if group.mail_enabled == Some(true) && !is("Unified") {
        Some(Unchangeable::MailEnabled)
    } else {
        (group.is_assignable_to_role == Some(true)).then_some(Unchangeable::RoleAssignable)
    }
}

fn failed(what: String, error: GraphError) -> ObserveError {
    ObserveError { what, source: Box::new(error) }
}

/// Object ids are hyphenated GUIDs; any other text is a name.
fn is_object_id(text: &str) -> bool {
    text.len() == Hyphenated::LENGTH && Uuid::try_parse(text).is_ok()
}

/// What `$select` names: the property itself, or the outer one of a nested attribute.
fn selection(wanted: &BTreeSet<&str>) -> String {
    let outer = wanted.iter().map(|name| name.split_once('/').map_or(*name, |(outer, _)| outer));
    let properties: BTreeSet<&str> = std::iter::once("id").chain(outer).collect();
    properties.into_iter().collect::<Vec<_>>().join(",")
}

fn user_from(user: wire::User, wanted: &BTreeSet<&str>) -> User {
    let text = |name: &str| user.properties.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut attributes = Attributes::new();
    for name in wanted {
        let delivered = match name.split_once('/') {
            Some((outer, inner)) => user.properties.get(outer).map(|outer| outer.get(inner).unwrap_or(&Value::Null)),
            None => user.properties.get(*name),
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
        id: user.id,
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
        user_from(serde_json::from_value(user).unwrap(), &WANTED.into_iter().collect())
    }

    fn text(text: &str) -> Option<AttributeValue> {
        Some(AttributeValue::Text(text.into()))
    }

    #[test]
    fn a_nested_attribute_selects_its_outer_property_once() {
        assert_eq!(
            selection(&WANTED.into_iter().collect()),
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
