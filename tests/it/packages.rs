//! The sandbox's access packages over real HTTP: made, changed, filled with roles, kept apart, deleted.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::catalogs::{onboarding, text};
use crate::sandbox::{EM, Rig, created, rig};

impl Rig {
    async fn package(&self, name: &str) -> String {
        text(&self.read(&format!("accessPackages?$filter=displayName eq '{name}'")).await["value"][0]["id"])
    }

    /// Brings the employee a package by its direct policy, and waits until it is delivered.
    async fn give(&self, employee: &str, package: &str) -> Value {
        let request = created(self.request(&self.addition(employee, package, "Direct assignment").await).await).await;
        self.advance(2);
        assert_eq!(self.state(&request).await, "delivered");
        self.assignment(employee, package).await
    }

    async fn take(&self, assignment: &Value) {
        let removal = json!({ "requestType": "adminRemove", "assignment": { "id": assignment["id"] } });
        created(self.request(&removal).await).await;
        self.advance(2);
    }

    async fn owners_of(&self, application: &str) -> Vec<Value> {
        self.all(&format!("/v1.0/servicePrincipals/{application}/appRoleAssignedTo")).await
    }
}

pub(crate) fn role_scope(resource: &Value, role: usize) -> Value {
    let role = &resource["roles"][role];
    json!({
        "role": { "displayName": role["displayName"], "originSystem": role["originSystem"], "originId": role["originId"],
            "resource": { "id": resource["id"], "originId": resource["originId"], "originSystem": resource["originSystem"] } },
        "scope": { "id": resource["scopes"][0]["id"], "originId": resource["originId"], "originSystem": resource["originSystem"] },
    })
}

#[tokio::test]
async fn a_package_is_made_hidden_renamed_and_deleted() {
    let rig = rig().await;
    let catalog = rig.new_catalog().await;
    let body = json!({ "@odata.type": "#microsoft.graph.accessPackage", "displayName": "sales reps",
        "description": "outside sales representatives", "catalog": { "id": catalog } });
    let package = rig.make("accessPackages", &body).await;
    let path = format!("accessPackages/{}", text(&package["id"]));
    assert_eq!((&package["isHidden"], &package["displayName"]), (&json!(false), &json!("sales reps")));
    assert_eq!(rig.read(&format!("{path}?$expand=catalog")).await["catalog"]["id"], catalog);
    let changed = json!({ "displayName": "Sales Reps", "isHidden": true });
    assert_eq!(rig.outcome(Method::PATCH, &path, &changed).await.0, 204);
    let read = rig.read(&path).await;
    assert_eq!((&read["isHidden"], &read["description"]), (&json!(true), &json!("outside sales representatives")));
    let found = rig.read("accessPackages?$filter=contains(tolower(displayName),'sales reps')").await;
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    assert_eq!(rig.outcome(Method::PATCH, &path, &read).await.0, 204, "clients send back what they have read");
    assert_eq!(rig.outcome(Method::PATCH, &path, &json!({ "catalog": { "id": catalog } })).await.0, 400);
    for (body, expected) in [
        (json!({ "displayName": "x", "catalog": { "id": package["id"] } }), (404, "ResourceNotFound")),
        (json!({ "displayName": "x", "catalog": { "id": "x" } }), (400, "InvalidIdentifier")),
        (json!({ "catalog": { "id": catalog } }), (400, "InvalidModel")),
    ] {
        let refusal = rig.outcome(Method::POST, "accessPackages", &body).await;
        assert_eq!(refusal, (expected.0, expected.1.to_owned()), "{body}");
    }
    let general = rig.make("accessPackages", &json!({ "displayName": "No catalog named" })).await;
    let general = rig.read(&format!("accessPackages/{}?$expand=catalog", text(&general["id"]))).await;
    assert_eq!(general["catalog"]["displayName"], "General");
    assert_eq!(rig.delete(&path).await.0, 204);
    assert_eq!(rig.delete(&path).await, (404, "ResourceNotFound".into()));

    let held = format!("accessPackages/{}", rig.package("Office Basics").await);
    assert_eq!(rig.delete(&held).await, (400, "AccessPackageInUse".into()));
    let nested = format!("{EM}/{held}/assignmentPolicies");
    assert_eq!(rig.refusal(&nested).await, (404, String::new()));
    let posted = rig.outcome(Method::POST, &format!("{held}/assignmentPolicies"), &json!({})).await;
    assert_eq!(posted, (404, String::new()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_package_goes_once_its_assignments_have_ended_and_takes_its_policies_along() {
    let rig = rig().await;
    let package = rig.package("Marketing Campaign").await;
    let held = rig.all(&format!("{EM}/assignments?$filter=accessPackage/id eq '{package}'")).await;
    let removal =
        |assignment: &Value| json!({ "requestType": "adminRemove", "assignment": { "id": assignment["id"] } });
    for assignment in &held {
        created(rig.request(&removal(assignment)).await).await;
    }
    assert_eq!(rig.delete(&format!("accessPackages/{package}")).await, (400, "AccessPackageInUse".into()));
    rig.advance(2);
    let policies = rig.all(&format!("{EM}/assignmentPolicies")).await.len();
    assert_eq!(rig.delete(&format!("accessPackages/{package}")).await.0, 204);
    assert_eq!(rig.all(&format!("{EM}/assignmentPolicies")).await.len(), policies - 2);
    let left =
        rig.all(&format!("{EM}/assignments?$filter=accessPackage/id eq '{package}'&$expand=accessPackage")).await;
    assert_eq!(
        (left.len(), &left[0]["state"], &left[0]["accessPackage"]),
        (held.len(), &json!("expired"), &Value::Null)
    );
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn roles_reach_whoever_holds_the_package_and_leave_with_it() {
    let rig = rig().await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    let held = rig.give("E0901", "Marketing Campaign").await;
    let package = rig.package("Marketing Campaign").await;
    let catalog = rig.read(&format!("accessPackages/{package}?$expand=catalog")).await;
    let catalog = text(&catalog["catalog"]["id"]);
    let path = format!("accessPackages/{package}/resourceRoleScopes");

    let atlas = rig.onboard(&catalog, "AadGroup", &rig.group("Project Atlas").await).await;
    let member = rig.make(&path, &role_scope(&atlas, 0)).await;
    assert!(controls.is_member("Project Atlas", &nora));
    let pair = text(&member["id"]);
    assert!(pair.ends_with(&format!("_{}", text(&atlas["scopes"][0]["id"]))), "{pair}");
    let role = rig.read(&format!("resources/{}?$expand=roles", text(&atlas["id"]))).await["roles"][0].clone();
    assert!(pair.starts_with(&text(&role["id"])), "the role has an id since its first use");
    let mut named = role_scope(&atlas, 0);
    named["role"]["id"] = role["id"].clone();
    assert_eq!(rig.outcome(Method::POST, &path, &named).await, (409, "DuplicateKey".into()));

    let expenses = rig.application("Expenses").await;
    let origin = text(&expenses["id"]);
    let application = rig.onboard(&catalog, "AadApplication", &origin).await;
    let approver = rig.make(&path, &role_scope(&application, 1)).await;
    let holders = rig.owners_of(&origin).await;
    let mine = holders.iter().find(|holder| holder["principalId"] == nora).unwrap();
    assert_eq!(mine["appRoleId"], expenses["appRoles"][1]["id"]);

    let listed = rig.read(&format!("{path}?$expand=role($expand=resource),scope")).await;
    assert_eq!(listed["value"].as_array().unwrap().len(), 3);
    assert_eq!(listed["value"][2]["role"]["resource"]["id"], application["id"]);
    let one = rig.read(&format!("{path}/{pair}?$expand=role,scope")).await;
    assert_eq!((&one["role"]["displayName"], &one["scope"]["originId"]), (&json!("Member"), &atlas["originId"]));

    assert_eq!(rig.delete(&format!("{path}/{pair}")).await.0, 204);
    assert!(!controls.is_member("Project Atlas", &nora));
    assert_eq!(rig.delete(&format!("{path}/{pair}")).await, (404, "ResourceNotFound".into()));
    rig.take(&held).await;
    assert!(rig.owners_of(&origin).await.iter().all(|holder| holder["principalId"] != nora));
    assert!(!controls.is_member("Campaign Tools", &nora));
    assert_eq!(rig.delete(&format!("{path}/{}", text(&approver["id"]))).await.0, 204);
    assert!(rig.owners_of(&origin).await.is_empty());
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_role_of_two_packages_stays_while_one_is_held() {
    let rig = rig().await;
    let (controls, nora) = (rig.sandbox.controls(), rig.user("E0901"));
    let package = rig.package("Marketing Campaign").await;
    let tools = rig.group("Sales Tools").await;
    let known =
        rig.read(&format!("resources?$filter=originId eq '{tools}'&$expand=roles,scopes")).await["value"][0].clone();
    let path = format!("accessPackages/{package}/resourceRoleScopes");
    let added = rig.make(&path, &role_scope(&known, 0)).await;
    rig.give("E0901", "Sales Toolkit").await;
    let held = rig.give("E0901", "Marketing Campaign").await;
    assert_eq!(rig.delete(&format!("{path}/{}", text(&added["id"]))).await.0, 204);
    assert!(controls.is_member("Sales Tools", &nora), "the other package still gives it");
    rig.make(&path, &role_scope(&known, 0)).await;
    rig.take(&rig.assignment("E0901", "Sales Toolkit").await).await;
    assert!(controls.is_member("Sales Tools", &nora), "and the other way round");
    rig.take(&held).await;
    assert!(!controls.is_member("Sales Tools", &nora));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_role_that_the_package_cannot_give_is_refused() {
    let rig = rig().await;
    let package = rig.package("Marketing Campaign").await;
    let (elsewhere, group) = (rig.new_catalog().await, rig.group("Project Atlas").await);
    let foreign = rig.onboard(&elsewhere, "AadGroup", &group).await;
    let path = format!("accessPackages/{package}/resourceRoleScopes");
    assert_eq!(rig.outcome(Method::POST, &path, &role_scope(&foreign, 0)).await, (404, "ResourceNotFound".into()));

    let own = rig.make("accessPackages", &json!({ "displayName": "x", "catalog": { "id": elsewhere } })).await;
    let path = format!("accessPackages/{}/resourceRoleScopes", text(&own["id"]));
    let good = role_scope(&foreign, 0);
    let changed = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (body, code) in [
        (changed("/role/originId", json!("Member_x")), "InvalidRole"),
        (changed("/role/originId", Value::Null), "InvalidModel"),
        (changed("/role/originSystem", json!("AadApplication")), "InvalidModel"),
        (changed("/role/resource", Value::Null), "InvalidModel"),
        (changed("/scope/originId", json!("elsewhere")), "InvalidScope"),
        (json!({}), "InvalidModel"),
    ] {
        assert_eq!(rig.outcome(Method::POST, &path, &body).await, (400, code.into()), "{body}");
    }
    rig.make(&path, &changed("/scope", Value::Null)).await;
    let request = onboarding(&elsewhere, "SharePointOnline", "https://contoso.sharepoint.com/portals/Community");
    rig.make("resourceRequests", &request).await;
    let site = rig.read(&format!("catalogs/{elsewhere}/resources?$filter=originSystem eq 'SharePointOnline'")).await;
    let body = json!({ "role": { "displayName": "Contributors", "originSystem": "SharePointOnline", "originId": "4",
            "resource": { "id": site["value"][0]["id"] } },
        "scope": { "displayName": "Root", "description": "Root Scope", "originSystem": "SharePointOnline", "isRootScope": true,
            "originId": "https://contoso.sharepoint.com/portals/Community" } });
    rig.make(&path, &body).await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn incompatible_packages_and_groups_keep_people_out() {
    let rig = rig().await;
    let [campaign, sales] = [rig.package("Marketing Campaign").await, rig.package("Sales Toolkit").await];
    let link = |kind: &str, id: &str| json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0{kind}/{id}") });
    let packages = format!("accessPackages/{sales}/incompatibleAccessPackages");
    let kind = "/identityGovernance/entitlementManagement/accessPackages";
    assert_eq!(rig.outcome(Method::POST, &format!("{packages}/$ref"), &link(kind, &campaign)).await.0, 204);
    let again = rig.outcome(Method::POST, &format!("{packages}/$ref"), &link(kind, &campaign)).await;
    assert_eq!(again, (409, "DuplicateKey".into()));
    let own = rig.outcome(Method::POST, &format!("{packages}/$ref"), &link(kind, &sales)).await;
    assert_eq!(own, (400, "InvalidReference".into()));
    assert_eq!(rig.read(&packages).await["value"][0]["id"], campaign);
    let reverse = rig.read(&format!("accessPackages/{campaign}/accessPackagesIncompatibleWith")).await;
    assert_eq!(reverse["value"][0]["id"], sales);
    let whole =
        rig.read(&format!("accessPackages/{sales}?$expand=incompatibleAccessPackages,incompatibleGroups")).await;
    assert_eq!(
        (&whole["incompatibleAccessPackages"][0]["id"], &whole["incompatibleGroups"]),
        (&json!(campaign), &json!([]))
    );

    let held = rig.give("E0901", "Sales Toolkit").await;
    let marketer = rig.give("E0901", "Marketing Campaign").await;
    assert_eq!(marketer["state"], "delivered", "the relation has one direction");
    rig.take(&held).await;
    let addition = rig.addition("E0901", "Sales Toolkit", "Direct assignment").await;
    let refusal = rig.outcome(Method::POST, "assignmentRequests", &addition).await;
    assert_eq!(refusal, (400, "IncompatibleAccess".into()));
    assert_eq!(rig.delete(&format!("{packages}/{campaign}/$ref")).await.0, 204);
    assert_eq!(rig.delete(&format!("{packages}/{campaign}/$ref")).await, (404, "ResourceNotFound".into()));

    let groups = format!("accessPackages/{sales}/incompatibleGroups");
    let tools = rig.group("Campaign Tools").await;
    assert_eq!(rig.outcome(Method::POST, &format!("{groups}/$ref"), &link("/groups", &tools)).await.0, 204);
    assert_eq!(rig.read(&groups).await["value"][0]["id"], tools);
    assert_eq!(rig.outcome(Method::POST, "assignmentRequests", &addition).await, refusal);
    assert_eq!(rig.delete(&format!("{groups}/{tools}/$ref")).await.0, 204);
    assert_eq!(rig.outcome(Method::POST, &format!("{groups}/$ref"), &link("/groups", &sales)).await.0, 404);
    let response = rig.request(&addition).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    rig.sandbox.stop().await;
}
