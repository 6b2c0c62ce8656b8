//! Bodies sent to `/beta` as `/v1.0` takes them (graph-contract 1.16).

use serde_json::{Map, Value, json};

use super::kinds::{Form, Kind};
use super::{derived, policy, words};

/// A body of this kind in v1.0's names and forms. What only the service writes is set aside: clients send back what they read.
pub(super) fn incoming(kind: Kind, body: Value) -> Value {
    match body {
        Value::Array(items) => Value::Array(items.into_iter().map(|item| incoming(kind, item)).collect()),
        Value::Object(body) => Value::Object(object(kind, body)),
        other => other,
    }
}

fn object(kind: Kind, body: Map<String, Value>) -> Map<String, Value> {
    let mut v1 = Map::new();
    for (name, value) in body {
        match kind.by_beta(&name) {
            None if derived::is_derived(kind, &name) => {}
            None => _ = v1.insert(spelt(kind, name), value),
            Some(known) => match known.form {
                Form::Localized => {
                    let (text, localizations) = words::text_and_localizations(value);
                    v1.insert(known.v1.to_owned(), text);
                    v1.insert("localizations".to_owned(), localizations);
                }
                // What the id stands for may be there at length already.
                Form::Reference if value.is_null() || v1.contains_key(known.v1) => {}
                form => _ = v1.insert(known.v1.to_owned(), member(form, value)),
            },
        }
    }
    match kind {
        Kind::Policy => policy::incoming(v1),
        Kind::Request => with_schedule(v1),
        _ => v1,
    }
}

fn member(form: Form, value: Value) -> Value {
    match form {
        Form::Capital => words::small(value),
        Form::One(kind) | Form::Many(kind) => incoming(kind, value),
        Form::Reference => json!({ "id": value }),
        Form::Days => words::duration_of_days(value),
        Form::Same | Form::Localized | Form::Hidden => value,
    }
}

/// Hashtables in PowerShell often begin names with a capital, which the service takes.
fn spelt(kind: Kind, name: String) -> String {
    let Value::String(small) = words::small(Value::String(name.clone())) else { return name };
    if kind == Kind::Other { name } else { small }
}

/// The cmdlets put the schedule into the assignment (`-StartDate`); in v1.0 it belongs to the request.
fn with_schedule(mut request: Map<String, Value>) -> Map<String, Value> {
    let schedule =
        request.get_mut("assignment").and_then(Value::as_object_mut).and_then(|held| held.remove("schedule"));
    if let Some(schedule) = schedule.filter(|schedule| !schedule.is_null() && !request.contains_key("schedule")) {
        request.insert("schedule".to_owned(), schedule);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_for_a_package() {
        let beta = json!({
            "requestType": "AdminAdd", "justification": "why", "isValidationOnly": false, "answers": null,
            "AccessPackageAssignment": {
                "targetId": "1", "assignmentPolicyId": "2", "accessPackageId": "3",
                "schedule": { "startDateTime": "2026-12-01T00:00:00Z" },
            },
        });
        let v1 = json!({
            "requestType": "adminAdd", "justification": "why", "answers": null,
            "assignment": { "targetId": "1", "assignmentPolicyId": "2", "accessPackageId": "3" },
            "schedule": { "startDateTime": "2026-12-01T00:00:00Z" },
        });
        assert_eq!(incoming(Kind::Request, beta), v1);
        let by_mail =
            json!({ "accessPackageAssignment": { "target": { "email": "a@b.example" }, "accessPackageId": "3" } });
        let v1 = json!({ "assignment": { "target": { "email": "a@b.example" }, "accessPackageId": "3" } });
        assert_eq!(incoming(Kind::Request, by_mail), v1);
    }

    #[test]
    fn a_resource_and_a_role_of_it() {
        let resource = json!({
            "catalogId": "1", "requestType": "AdminAdd", "executeImmediately": true,
            "accessPackageResource": {
                "originSystem": "AadGroup ", "OriginId": "2", "resourceType": "Security Group",
                "attributes": [{
                    "attributeName": "jobTitle",
                    "attributeSource": { "question": { "text": { "defaultText": "Which?", "localizedTexts": [] } } },
                }],
            },
        });
        let v1 = json!({
            "catalog": { "id": "1" }, "requestType": "adminAdd",
            "resource": {
                "originSystem": "AadGroup ", "originId": "2",
                "attributes": [{ "name": "jobTitle", "source": { "question": { "text": "Which?", "localizations": [] } } }],
            },
        });
        assert_eq!(incoming(Kind::ResourceRequest, resource), v1);
        let role_scope = json!({
            "accessPackageResourceRole": { "originId": "Member_2", "accessPackageResource": { "id": "3", "url": "x" } },
            "accessPackageResourceScope": { "originId": "2" },
        });
        let v1 = json!({ "role": { "originId": "Member_2", "resource": { "id": "3" } }, "scope": { "originId": "2" } });
        assert_eq!(incoming(Kind::RoleScope, role_scope), v1);
    }

    #[test]
    fn catalogs_packages_and_settings() {
        for (kind, beta, v1) in [
            (
                Kind::Catalog,
                json!({ "catalogStatus": "Published", "createdBy": "me" }),
                json!({ "state": "published" }),
            ),
            (
                Kind::Package,
                json!({ "catalogId": "1", "isRoleScopesVisible": true, "isHidden": true }),
                json!({ "catalog": { "id": "1" }, "isHidden": true }),
            ),
            (
                Kind::Settings,
                json!({ "daysUntilExternalUserDeletedAfterBlocked": 30, "externalUserLifecycleAction": "None" }),
                json!({ "durationUntilExternalUserDeletedAfterBlocked": "P30D", "externalUserLifecycleAction": "none" }),
            ),
            (Kind::Other, json!({ "state": "NL" }), json!({ "state": "NL" })),
            (Kind::Catalog, json!("x"), json!("x")),
        ] {
            assert_eq!(incoming(kind, beta), v1);
        }
    }
}
