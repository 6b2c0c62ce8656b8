//! Random calls for the sandbox: bodies that are wrong in every way, and bodies that are only a little wrong.

#![cfg(test)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

/// Bodies that are right for the paths that end so; `{users}` stands for the id of something of that collection, `{any}`
/// for one of nothing.
fn right_bodies() -> Vec<(&'static str, Value)> {
    let link = |set: &str| json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/{set}/{{{set}}}") });
    let assignment = json!({ "targetId": "{users}", "accessPackageId": "{accessPackages}", "assignmentPolicyId": "{assignmentPolicies}" });
    let schedule = json!({ "startDateTime": "2026-12-01T00:00:00Z", "recurrence": null,
        "expiration": { "type": "afterDuration", "duration": "P30D", "endDateTime": null } });
    let resource = json!({ "originId": "{groups}", "originSystem": "AadGroup" });
    let approver = json!({ "@odata.type": "#microsoft.graph.singleUser", "userId": "{users}" });
    let question =
        json!({ "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion", "text": "Why?", "isRequired": true });
    let user = json!({ "accountEnabled": true, "displayName": "N", "mailNickname": "n", "userPrincipalName":
        "n{any}@contoso.example", "passwordProfile": { "password": "xWwvJ]6NMw+bWH-d" }, "employeeHireDate": "2026-12-01T00:00:00Z" });
    let group = json!({ "displayName": "G", "mailNickname": "g", "mailEnabled": false, "securityEnabled": true, "groupTypes": [],
        "members@odata.bind": ["https://h/v1.0/users/{users}"], "owners@odata.bind": [] });
    let policy = json!({ "displayName": "P", "description": "D", "allowedTargetScope": "specificDirectoryUsers",
        "specificAllowedTargets": [approver], "expiration": { "type": "afterDuration", "duration": "P30D" },
        "requestorSettings": { "enableTargetsToSelfAddAccess": true, "onBehalfRequestors": [] },
        "requestApprovalSettings": { "isApprovalRequiredForAdd": true, "stages": [{
            "durationBeforeAutomaticDenial": "P2D", "isEscalationEnabled": false, "durationBeforeEscalation": "PT0S",
            "primaryApprovers": [approver], "fallbackPrimaryApprovers": [], "escalationApprovers": [] }] },
        "automaticRequestSettings": { "requestAccessForAllowedTargets": true, "gracePeriodBeforeAccessRemoval": "P7D" },
        "questions": [question], "accessPackage": { "id": "{accessPackages}" } });
    let package =
        json!({ "displayName": "P", "description": "D", "isHidden": false, "catalog": { "id": "{catalogs}" } });
    let catalog = json!({ "displayName": "C", "description": "D", "isExternallyVisible": false, "state": "published" });
    let organization = json!({ "displayName": "O", "identitySources": [{ "@odata.type":
        "#microsoft.graph.azureActiveDirectoryTenant", "tenantId": "6f2a4c1e-0000-4000-8000-000000000001",
        "displayName": "O" }], "state": "configured" });
    let principal = json!({ "appId": "{any}", "displayName": "A", "appRoles": [{ "id":
        "6f2a4c1e-0000-4000-8000-000000000002", "displayName": "R", "isEnabled": true, "allowedMemberTypes": ["User"],
        "description": "R", "value": "R" }] });
    vec![
        ("/users", user.clone()),
        (
            "/users/{id}",
            json!({ "city": "Delft", "employeeLeaveDateTime": null, "otherMails": ["a@b.example"],
            "employeeOrgData": { "division": "East" }, "extension_1_a": 5 }),
        ),
        ("/groups", group),
        ("/groups/{id}", json!({ "description": "D", "members@odata.bind": ["https://h/v1.0/users/{users}"] })),
        ("manager/$ref", link("users")),
        ("members/$ref", link("directoryObjects")),
        ("owners/$ref", link("users")),
        ("Sponsors/$ref", link("users")),
        ("incompatibleGroups/$ref", link("groups")),
        ("incompatibleAccessPackages/$ref", link("accessPackages")),
        ("/getByIds", json!({ "ids": ["{users}", "{groups}"], "types": ["user"] })),
        ("/checkMemberGroups", json!({ "groupIds": ["{groups}"] })),
        ("/getMemberGroups", json!({ "securityEnabledOnly": true })),
        (
            "/assignLicense",
            json!({ "addLicenses": [{ "skuId": "05e9a617-0261-4cee-bb44-138d3ef5d965",
            "disabledPlans": [] }], "removeLicenses": [] }),
        ),
        (
            "/temporaryAccessPassMethods",
            json!({ "startDateTime": "2026-12-22T00:00:00Z", "lifetimeInMinutes": 60,
            "isUsableOnce": true }),
        ),
        (
            "/sendMail",
            json!({ "message": { "subject": "S", "body": { "contentType": "Text", "content": "C" },
            "toRecipients": [{ "emailAddress": { "address": "a@b.example" } }] }, "saveToSentItems": false }),
        ),
        ("/catalogs", catalog.clone()),
        ("/catalogs/{id}", catalog),
        (
            "/resourceRequests",
            json!({ "requestType": "adminAdd", "resource": resource, "catalog": { "id": "{catalogs}" },
            "justification": "J" }),
        ),
        (
            "/resourceRequests",
            json!({ "requestType": "adminRemove", "resource": { "id": "{resources}" },
            "catalog": { "id": "{catalogs}" } }),
        ),
        ("/accessPackages", package.clone()),
        ("/accessPackages/{id}", package),
        (
            "/resourceRoleScopes",
            json!({ "role": { "originId": "Member_{groups}", "displayName": "Member",
            "originSystem": "AadGroup", "resource": resource },
            "scope": { "originId": "{groups}", "originSystem": "AadGroup", "isRootScope": true } }),
        ),
        (
            "/assignmentRequests",
            json!({ "requestType": "adminAdd", "assignment": assignment, "justification": "J",
            "answers": [], "schedule": schedule }),
        ),
        ("/assignmentRequests", json!({ "requestType": "userAdd", "assignment": assignment, "schedule": schedule })),
        ("/assignmentRequests", json!({ "requestType": "adminRemove", "assignment": { "id": "{assignments}" } })),
        (
            "/assignmentRequests",
            json!({ "requestType": "adminUpdate", "assignment": { "id": "{assignments}" },
            "schedule": schedule }),
        ),
        ("/assignmentPolicies", policy.clone()),
        ("/assignmentPolicies/{id}", policy),
        ("/stages/{stage}", json!({ "reviewDecision": "Approve", "justification": "J" })),
        ("/connectedOrganizations", organization.clone()),
        ("/connectedOrganizations/{id}", organization),
        (
            "/settings",
            json!({ "durationUntilExternalUserDeletedAfterBlocked": "P30D",
            "externalUserLifecycleAction": "blockSignIn" }),
        ),
        ("/servicePrincipals", principal.clone()),
        ("/servicePrincipals/{id}", principal),
        (
            "/$batch",
            json!({ "requests": [{ "id": "1", "method": "PATCH", "url": "/users/{users}", "headers":
            { "Content-Type": "application/json" }, "body": { "city": "Delft" } }, { "id": "2", "method": "GET",
            "url": "/groups?$top=1", "dependsOn": ["1"] }] }),
        ),
    ]
}

/// Text that has made programs stumble.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        prop::sample::select(vec![
            "",
            " ",
            "\u{0}",
            "'",
            "\"",
            "🦀",
            "../..",
            "%00",
            "{users}",
            "{groups}",
            "{accessPackages}",
            "{assignments}",
            "00000000-0000-0000-0000-000000000000",
            "6f2a4c1e-0000-4000-8000-00000000000g",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "-009999-01-01T00:00:00Z",
            "9999-12-31T23:59:59.9999999+23:59",
            "2026-11-22",
            "P1D",
            "PT0S",
            "P-1D",
            "P99999999999Y",
            "P19998Y",
            "PT9223372036854775807S",
            "P1Y2M3W4DT5H6M7.8S",
            "adminAdd",
            "UserAdd",
            "afterDateTime",
            "AfterDuration",
            "noExpiration",
            "#microsoft.graph.groupMembers",
            "a@b",
            "@",
        ])
        .prop_map(str::to_owned),
        (1_usize..6000).prop_map(|length| "x".repeat(length)),
    ]
}

/// JSON of every shape, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![json!(u64::MAX), json!(f64::MAX), json!(-0.0), json!(1e-300), json!(i32::MIN)]),
        odd_text().prop_map(Value::from),
    ];
    let names: Vec<String> = member_names();
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(names.clone()), inner, 0..5)
                .prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

/// The names of all members of the right bodies, and a few more.
fn member_names() -> Vec<String> {
    fn gather(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                names.push(name.clone());
                gather(value, names);
            }),
            Value::Array(items) => items.iter().for_each(|item| gather(item, names)),
            _ => {}
        }
    }
    let mut names: Vec<String> =
        ["id", "@odata.type", "@odata.etag", "x", "extension_1_a", "DISPLAYNAME", "manager", ""]
            .map(str::to_owned)
            .into();
    right_bodies().iter().for_each(|(_, body)| gather(body, &mut names));
    names.sort();
    names.dedup();
    names
}

/// A small wrong.
#[derive(Debug, Clone)]
pub(crate) enum Mistake {
    Replace(Value),
    Remove,
    Add(String, Value),
    /// As many arrays around it.
    Wrap(usize),
}

fn mistake() -> impl Strategy<Value = Mistake> {
    prop_oneof![
        3 => any_json().prop_map(Mistake::Replace),
        2 => Just(Mistake::Remove),
        2 => (prop::sample::select(member_names()), any_json()).prop_map(|(name, value)| Mistake::Add(name, value)),
        1 => (1_usize..130).prop_map(Mistake::Wrap),
    ]
}

/// Makes the mistake at the place of this number, counted through the whole value; the number left where it is further on.
fn make(value: &mut Value, mistake: &Mistake, mut place: usize) -> Option<usize> {
    if place == 0 {
        match (mistake, &mut *value) {
            (Mistake::Add(name, added), Value::Object(members)) => _ = members.insert(name.clone(), added.clone()),
            (Mistake::Add(_, added), Value::Array(items)) => items.push(added.clone()),
            (Mistake::Replace(other) | Mistake::Add(_, other), _) => *value = other.clone(),
            (Mistake::Remove, Value::Object(members)) => members.clear(),
            (Mistake::Remove, _) => *value = Value::Null,
            (Mistake::Wrap(depth), _) => (0..*depth).for_each(|_| *value = json!([value.take()])),
        }
        return None;
    }
    place -= 1;
    let inner: Box<dyn Iterator<Item = &mut Value>> = match value {
        Value::Object(members) => Box::new(members.values_mut()),
        Value::Array(items) => Box::new(items.iter_mut()),
        _ => Box::new(std::iter::empty()),
    };
    for value in inner {
        place = make(value, mistake, place)?;
    }
    Some(place)
}

/// A body before it is known where it goes.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// One that is right for the path, or where there is none for any other, with mistakes at places of these numbers.
    Right(usize, Vec<(usize, Mistake)>),
    Raw(Vec<u8>),
}

impl Body {
    /// The body for this path, its names in braces still in place.
    pub(crate) fn for_path(&self, path: &str) -> Vec<u8> {
        let (choice, mistakes) = match self {
            Self::Raw(bytes) => return bytes.clone(),
            Self::Right(choice, mistakes) => (*choice, mistakes),
        };
        let all = right_bodies();
        let fitting: Vec<_> = all.iter().filter(|(end, _)| path.ends_with(end)).collect();
        let mut body = match fitting.get(choice % fitting.len().max(1)) {
            Some((_, body)) => body.clone(),
            None => all[choice % all.len()].1.clone(),
        };
        for (place, mistake) in mistakes {
            make(&mut body, mistake, *place);
        }
        body.to_string().into_bytes()
    }
}

pub(crate) fn any_body() -> impl Strategy<Value = Body> {
    let mistakes = prop::collection::vec((0_usize..24, mistake()), 0..3);
    let raw = prop_oneof![
        2 => any_json().prop_map(|body| body.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
        1 => prop::sample::select(vec![
            String::new(), "{".to_owned(), "null".to_owned(), "1e999".to_owned(), "9".repeat(400), "[".repeat(400),
            "{\"id\":".repeat(200), "\"\\ud800\"".to_owned(), "{\"displayName\":\"a\",\"displayName\":\"b\"}".to_owned(),
            format!("\"{}\"", "y".repeat(200_000)), "\u{feff}{}".to_owned(),
        ]).prop_map(String::into_bytes),
    ];
    prop_oneof![
        4 => (any::<usize>(), mistakes).prop_map(|(choice, mistakes)| Body::Right(choice, mistakes)),
        1 => raw.prop_map(Body::Raw),
    ]
}

/// Query options, some of them sensible.
pub(crate) fn any_query() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop::sample::select(vec![
        "$select",
        "$filter",
        "$expand",
        "$top",
        "$skip",
        "$orderby",
        "$search",
        "$count",
        "$skiptoken",
        "$deltatoken",
        "$format",
        "x",
        "",
    ]);
    let value = prop_oneof![
        odd_text(),
        any_filter(),
        prop::sample::select(vec![
            "id",
            "displayName,id",
            "1",
            "999",
            "true",
            "\"displayName:a\"",
            "manager",
            "members($select=id)",
            "latest",
            "manager($levels=max;$select=id)",
            "displayName desc",
            "target,accessPackage",
            "assignmentPolicies",
            "catalog",
            "resourceRoleScopes($expand=role,scope)",
            "state eq 'delivered'",
            "id eq '{users}'",
            "61667465723a",
            "7b7d",
            "accessPackage/id eq '{accessPackages}'",
            "target/objectId eq '{users}'",
            "tasks",
        ])
        .prop_map(str::to_owned),
    ];
    let some = prop::collection::vec((name.prop_map(str::to_owned), value), 1..3);
    prop_oneof![Just(Vec::new()), some]
}

fn any_filter() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "displayName",
        "department",
        "state",
        "eq",
        "ne",
        "and",
        "or",
        "not",
        "(",
        ")",
        "'x'",
        "'",
        "null",
        "in",
        ",",
        "%",
        "é",
        "any(x:x",
        "members/$count",
        "5",
        "2026-12-01T00:00:00Z",
        "startsWith(displayName,'a')",
        "gt",
    ]);
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

/// What may stand where a path has a name in braces.
pub(crate) fn any_segment() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just("{}".to_owned()),
        1 => odd_text(),
        1 => prop::sample::select(vec!["$count", "$ref", "$value", "delta", "microsoft.graph.user", "graph.device", "1", "me"])
            .prop_map(str::to_owned),
    ]
}

/// Puts ids in the places of `{users}` and the like; what there is none of stays as it is.
pub(crate) fn with_ids(text: &str, ids: &BTreeMap<String, Vec<String>>, choice: usize) -> String {
    let text = text.replace("{any}", &format!("{:08x}-0000-4000-8000-000000000001", choice % 0xffff_ffff));
    ids.iter().fold(text, |text, (name, ids)| match ids.get(choice % ids.len().max(1)) {
        Some(id) => text.replace(&format!("{{{name}}}"), id),
        None => text,
    })
}
