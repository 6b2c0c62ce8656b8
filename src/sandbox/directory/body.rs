//! What a body may set of a user or group: which properties, of which form, and links by `@odata.bind`.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Kind;
use crate::sandbox::directory::set::object_id;
use crate::sandbox::envelope::ApiError;

/// The most links in one `@odata.bind` (graph-contract 2.4).
const BIND_LIMIT: usize = 20;
/// The longest text of a property, in characters: that of a membership rule, which is the longest of all.
const TEXT_LIMIT: usize = 3072;
/// The most values of a property, as of `otherMails`.
const TEXTS_LIMIT: usize = 250;

/// The form of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// Text that there must always be.
    Name,
    Flag,
    Texts,
    Instant,
    Object,
    /// Taken in and never kept, such as a password.
    Secret,
}

/// What can be written of a user (Graph's `user` resource; the rest of its properties is the service's own).
const USER: &[(&str, Form)] = &[
    ("accountEnabled", Form::Flag),
    ("businessPhones", Form::Texts),
    ("city", Form::Text),
    ("companyName", Form::Text),
    ("country", Form::Text),
    ("department", Form::Text),
    ("displayName", Form::Name),
    ("employeeHireDate", Form::Instant),
    ("employeeId", Form::Text),
    ("employeeLeaveDateTime", Form::Instant),
    ("employeeOrgData", Form::Object),
    ("employeeType", Form::Text),
    ("faxNumber", Form::Text),
    ("givenName", Form::Text),
    ("jobTitle", Form::Text),
    ("mail", Form::Text),
    ("mailNickname", Form::Name),
    ("mobilePhone", Form::Text),
    ("officeLocation", Form::Text),
    ("onPremisesExtensionAttributes", Form::Object),
    ("otherMails", Form::Texts),
    ("passwordPolicies", Form::Text),
    ("passwordProfile", Form::Secret),
    ("postalCode", Form::Text),
    ("preferredLanguage", Form::Text),
    ("state", Form::Text),
    ("streetAddress", Form::Text),
    ("surname", Form::Text),
    ("usageLocation", Form::Text),
    ("userPrincipalName", Form::Name),
    ("userType", Form::Text),
];

/// What can be written of a group.
const GROUP: &[(&str, Form)] = &[
    ("description", Form::Text),
    ("displayName", Form::Name),
    ("groupTypes", Form::Texts),
    ("isAssignableToRole", Form::Flag),
    ("mailEnabled", Form::Flag),
    ("mailNickname", Form::Name),
    ("membershipRule", Form::Text),
    ("membershipRuleProcessingState", Form::Text),
    ("securityEnabled", Form::Flag),
    ("visibility", Form::Text),
];

/// What a new object must come with.
const REQUIRED_OF_USER: &[&str] =
    &["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"];
const REQUIRED_OF_GROUP: &[&str] = &["displayName", "mailEnabled", "mailNickname", "securityEnabled"];

/// A checked body.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Edit {
    pub(super) properties: Map<String, Value>,
    /// Ids of `members@odata.bind`.
    pub(super) members: Vec<String>,
    /// Ids of `owners@odata.bind`.
    pub(super) owners: Vec<String>,
}

impl Edit {
    /// Reads the body of a new object, which must have what every object has.
    ///
    /// # Errors
    /// As [`Self::of_changes`], and for what is missing.
    pub(super) fn of_new(kind: Kind, body: &Value) -> Result<Self, ApiError> {
        let (required, resource) = match kind {
            Kind::User => (REQUIRED_OF_USER, "User"),
            Kind::Group => (REQUIRED_OF_GROUP, "Group"),
        };
        if let Some(missing) = required.iter().find(|name| body.get(**name).is_none()) {
            return Err(ApiError::bad_request(format!(
                "A value is required for property '{missing}' of resource '{resource}'."
            )));
        }
        Self::of_changes(kind, body)
    }

    /// Reads the body of a change; annotations other than `@odata.bind` say nothing and are passed over.
    ///
    /// # Errors
    /// `Request_BadRequest` for unknown and read-only properties, values of a wrong form, and too many links.
    pub(super) fn of_changes(kind: Kind, body: &Value) -> Result<Self, ApiError> {
        let body = body.as_object().ok_or_else(|| ApiError::bad_request("The body must be a JSON object."))?;
        let mut edit = Self::default();
        for (name, value) in body {
            match name.split_once("@odata.") {
                Some((relation, "bind")) if kind == Kind::Group && relation == "members" => {
                    edit.members = bound(value)?
                }
                Some((relation, "bind")) if kind == Kind::Group && relation == "owners" => edit.owners = bound(value)?,
                Some((_, "bind")) => return Err(unknown(name)),
                Some(_) => {}
                None => edit.set(kind, name, value)?,
            }
        }
        Ok(edit)
    }

    fn set(&mut self, kind: Kind, name: &str, value: &Value) -> Result<(), ApiError> {
        let writable = if kind == Kind::User { USER } else { GROUP };
        let Some((name, form)) = writable.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
            // Directory extensions have any simple form.
            if kind == Kind::User && name.starts_with("extension_") && fits_extension(value) {
                self.properties.insert(name.to_owned(), value.clone());
                return Ok(());
            }
            let read_only = || ApiError::bad_request(format!("Property '{name}' is read-only and cannot be set."));
            return Err(if kind.has(name) { read_only() } else { unknown(name) });
        };
        if !fits(*form, value) {
            return Err(ApiError::bad_request(format!(
                "Invalid value specified for property '{name}' of the resource."
            )));
        }
        if *form != Form::Secret {
            let mut value = value.clone();
            if let Some(inner) = value.as_object_mut() {
                inner.retain(|name, _| !name.contains("@odata."));
            }
            self.properties.insert((*name).to_owned(), value);
        }
        Ok(())
    }
}

/// The object id at the end of a link such as `https://graph.microsoft.com/v1.0/directoryObjects/{id}`.
///
/// # Errors
/// `Request_BadRequest` for a link that does not end in an id.
pub(in crate::sandbox) fn linked_id(link: Option<&Value>) -> Result<String, ApiError> {
    let link = link.and_then(Value::as_str);
    let link = link.ok_or_else(|| ApiError::bad_request("A link must be the address of a directory object."))?;
    let end = link.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    // Both `users/{id}` and `users('{id}')` occur.
    let id = end.split_once("('").and_then(|(_, id)| id.strip_suffix("')")).unwrap_or(end);
    object_id(id)
}

fn bound(value: &Value) -> Result<Vec<String>, ApiError> {
    let links = value.as_array().ok_or_else(|| ApiError::bad_request("'@odata.bind' must be a list of links."))?;
    if links.len() > BIND_LIMIT {
        return Err(ApiError::bad_request(format!("At most {BIND_LIMIT} references can be added in one request.")));
    }
    links.iter().map(|link| linked_id(Some(link))).collect()
}

fn fits(form: Form, value: &Value) -> bool {
    match form {
        Form::Text => value.is_null() || is_short(value),
        Form::Name => value.as_str().is_some_and(|text| !text.is_empty()) && is_short(value),
        Form::Flag => value.is_boolean(),
        Form::Texts => value.as_array().is_some_and(|texts| texts.len() <= TEXTS_LIMIT && texts.iter().all(is_short)),
        Form::Instant => value.is_null() || value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        // The two objects there are hold texts: costs and divisions, and fifteen numbered attributes.
        Form::Object => {
            let fits =
                |(name, value): (&String, &Value)| name.len() <= TEXT_LIMIT && (value.is_null() || is_short(value));
            value.is_null()
                || value.as_object().is_some_and(|texts| texts.len() <= TEXTS_LIMIT && texts.iter().all(fits))
        }
        Form::Secret => value.is_object() || value.is_null(),
    }
}

fn is_short(value: &Value) -> bool {
    // No text has more characters than bytes, which are quicker to count.
    value.as_str().is_some_and(|text| text.len() <= TEXT_LIMIT || text.chars().count() <= TEXT_LIMIT)
}

fn fits_extension(value: &Value) -> bool {
    let simple = |value: &Value| value.is_number() || value.is_boolean() || is_short(value);
    match value {
        Value::Array(values) => values.len() <= TEXTS_LIMIT && values.iter().all(simple),
        value => value.is_null() || simple(value),
    }
}

fn unknown(name: &str) -> ApiError {
    ApiError::bad_request(format!("Invalid property '{name}'."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_keeps_what_fits_and_drops_secrets_and_annotations() {
        let body = json!({ "@odata.type": "#microsoft.graph.user", "Department": "IT", "employeeLeaveDateTime": null,
            "passwordProfile": { "password": "x" }, "extension_1_a": 5 });
        let edit = Edit::of_changes(Kind::User, &body).unwrap();
        let kept = json!({ "department": "IT", "employeeLeaveDateTime": null, "extension_1_a": 5 });
        assert_eq!(Value::Object(edit.properties), kept);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for body in [
            json!([]),
            json!({ "id": "x" }),
            json!({ "shoeSize": "5" }),
            json!({ "department": 5 }),
            json!({ "displayName": null }),
            json!({ "accountEnabled": "true" }),
            json!({ "employeeHireDate": "soon" }),
            json!({ "otherMails": [5] }),
            json!({ "members@odata.bind": [] }),
            json!({ "city": "x".repeat(3073) }),
            json!({ "otherMails": vec!["a@b"; 251] }),
            json!({ "employeeOrgData": { "division": ["East"] } }),
            json!({ "extension_1_a": { "b": 5 } }),
            json!({ "extension_1_a": [["b"]] }),
        ] {
            assert!(Edit::of_changes(Kind::User, &body).is_err(), "{body}");
        }
        assert!(Edit::of_new(Kind::Group, &json!({ "displayName": "G" })).is_err());
        let id = "6f2a4c1e-0000-4000-8000-000000000001";
        let links =
            |count: usize| json!({ "members@odata.bind": vec![format!("https://h/v1.0/users('{id}')"); count] });
        assert_eq!(Edit::of_changes(Kind::Group, &links(20)).unwrap().members, vec![id; 20]);
        assert!(Edit::of_changes(Kind::Group, &links(21)).is_err());
    }
}
