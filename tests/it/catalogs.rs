//! The sandbox's catalogs over real HTTP: what is in them, how resources come and go, which roles they offer.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::{SandboxOptions, Seed};

use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, options, refused, rig, rig_of};

const UNUSED: &str = "00000000-0000-0000-0000-000000000000";

impl Rig {
    /// A call with a body, by its status and, where it is refused, the code.
    pub(crate) async fn outcome(&self, method: Method, path: &str, body: &Value) -> (u16, String) {
        let response = self.call(method, &format!("{EM}/{path}")).json(body).send().await.unwrap();
        let status = response.status().as_u16();
        if status < 300 { (status, String::new()) } else { refused(response).await }
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, String) {
        self.outcome(Method::DELETE, path, &Value::Null).await
    }

    /// What a POST makes.
    pub(crate) async fn make(&self, path: &str, body: &Value) -> Value {
        created(self.post(&format!("{EM}/{path}"), body).await).await
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        self.get(&format!("{EM}/{path}")).await
    }

    pub(crate) async fn group(&self, name: &str) -> String {
        let found = self.get(&format!("/v1.0/groups?$filter=displayName eq '{name}'")).await;
        text(&found["value"][0]["id"])
    }

    pub(crate) async fn application(&self, name: &str) -> Value {
        self.get(&format!("/v1.0/servicePrincipals?$filter=displayName eq '{name}'")).await["value"][0].clone()
    }

    pub(crate) async fn new_catalog(&self) -> String {
        text(&self.make("catalogs", &json!({ "displayName": "Marketing" })).await["id"])
    }

    /// Puts a thing into a catalog and reads it back.
    pub(crate) async fn onboard(&self, catalog: &str, system: &str, origin: &str) -> Value {
        let request = self.make("resourceRequests", &onboarding(catalog, system, origin)).await;
        assert_eq!((&request["requestType"], &request["state"]), (&json!("adminAdd"), &json!("delivered")));
        let path =
            format!("catalogs/{catalog}/resources?$filter=originId eq '{origin}'&$expand=roles,scopes,environment");
        self.read(&path).await["value"][0].clone()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn onboarding(catalog: &str, system: &str, origin: &str) -> Value {
    json!({ "requestType": "adminAdd", "resource": { "originId": origin, "originSystem": system }, "catalog": { "id": catalog } })
}

fn names(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|value| value["displayName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_catalog_is_made_changed_and_deleted() {
    let rig = rig_of(SandboxOptions { seed: Seed::Empty, ..options() }).await;
    let general = rig.read("catalogs?$filter=displayName eq 'General'").await["value"][0].clone();
    assert_eq!(general["catalogType"], "serviceDefault");
    let body = json!({ "@odata.type": "#microsoft.graph.accessPackageCatalog", "displayName": "Sales",
        "description": "Sales employees", "state": "Unpublished", "isExternallyVisible": true });
    let catalog = rig.make("catalogs", &body).await;
    let id = text(&catalog["id"]);
    assert_eq!((&catalog["catalogType"], &catalog["state"]), (&json!("userManaged"), &json!("unpublished")));
    assert!(catalog["@odata.context"].as_str().unwrap().ends_with("/catalogs/$entity"));
    rig.advance(60);
    let changed = json!({ "displayName": "Outside sales", "state": "published" });
    assert_eq!(rig.outcome(Method::PATCH, &format!("catalogs/{id}"), &changed).await.0, 204);
    let read = rig.read(&format!("catalogs/{id}")).await;
    assert_eq!((&read["displayName"], &read["description"]), (&json!("Outside sales"), &json!("Sales employees")));
    assert_eq!((&read["state"], &read["isExternallyVisible"]), (&json!("published"), &json!(true)));
    assert_eq!(read["modifiedDateTime"], "2026-11-21T09:31:00Z");

    for body in [
        json!({}),
        json!({ "displayName": " " }),
        json!({ "displayName": "x", "state": "x" }),
        json!([]),
        json!({ "displayName": "x", "owner": 1 }),
    ] {
        assert_eq!(rig.outcome(Method::POST, "catalogs", &body).await, (400, "InvalidModel".into()), "{body}");
    }
    let package = rig.make("accessPackages", &json!({ "displayName": "x", "catalog": { "id": id } })).await;
    assert_eq!(rig.delete(&format!("catalogs/{id}")).await, (400, "CatalogNotEmpty".into()));
    assert_eq!(names(&rig.read(&format!("catalogs/{id}/accessPackages")).await["value"]), ["x"]);
    assert_eq!(rig.delete(&format!("accessPackages/{}", text(&package["id"]))).await.0, 204);
    assert_eq!(rig.delete(&format!("catalogs/{id}")).await.0, 204);
    assert_eq!(rig.delete(&format!("catalogs/{id}")).await, (404, "ResourceNotFound".into()));
    assert_eq!(rig.refusal(&format!("{EM}/catalogs/{id}/resources")).await.0, 404);
    let built_in = rig.delete(&format!("catalogs/{}", text(&general["id"]))).await;
    assert_eq!(built_in, (400, "CatalogNotDeletable".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_group_becomes_a_resource_with_roles_and_a_scope() {
    let rig = rig().await;
    let (catalog, group) = (rig.new_catalog().await, rig.group("Campaign Tools").await);
    let resource = rig.onboard(&catalog, "AadGroup ", &group).await;
    let id = text(&resource["id"]);
    assert_ne!(id, group);
    assert_eq!((&resource["displayName"], &resource["originSystem"]), (&json!("Campaign Tools"), &json!("AadGroup")));
    assert_eq!(names(&resource["roles"]), ["Member", "Owner"]);
    assert_eq!(resource["roles"][0]["originId"], format!("Member_{group}"));
    assert_eq!(resource["roles"][0]["id"], UNUSED);
    assert_eq!(
        (&resource["scopes"][0]["originId"], &resource["scopes"][0]["isRootScope"]),
        (&json!(group), &json!(true))
    );
    assert_eq!(resource["environment"], Value::Null);

    let again = rig.post(&format!("{EM}/resourceRequests"), &onboarding(&catalog, "AadGroup", &group)).await;
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["error"]["message"], "The specified resource is already onboarded to ELM");

    let pair = format!("(originSystem eq 'AadGroup' and resource/id eq '{id}')");
    let roles = rig.read(&format!("catalogs/{catalog}/resourceRoles?$filter={pair}&$expand=resource&$top=1")).await;
    assert_eq!((names(&roles["value"]), &roles["value"][0]["resource"]["id"]), (vec!["Member"], &json!(id)));
    let rest = rig.get(roles["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!((names(&rest["value"]), rest.get("@odata.nextLink")), (vec!["Owner"], None));
    let named = format!("originSystem eq 'AadGroup' and resource/id eq '{id}' and DisplayName eq 'Member'");
    assert_eq!(
        rig.read(&format!("catalogs/{catalog}/resourceRoles?$filter={named}")).await["value"].as_array().unwrap().len(),
        1
    );
    for filter in ["", "?$filter=originSystem eq 'AadGroup'", "?$filter=description eq 'x'"] {
        let refusal = rig.refusal(&format!("{EM}/catalogs/{catalog}/resourceRoles{filter}")).await;
        assert_eq!(refusal, (400, "InvalidFilter".into()), "{filter}");
    }
    let by_id =
        rig.read(&format!("catalogs/{catalog}/resourceRoles?$filter=(id eq '{id}')&$expand=roles,scopes")).await;
    assert_eq!(names(&by_id["value"][0]["roles"]), ["Member", "Owner"], "as seed 003 has it");

    let requests = rig.read("resourceRequests?$expand=resource,catalog").await;
    let request = &requests["value"][0];
    assert_eq!(
        (&request["resource"]["originId"], &request["catalog"]["displayName"]),
        (&json!(group), &json!("Marketing"))
    );
    let one = rig.read(&format!("resourceRequests/{}", text(&request["id"]))).await;
    assert_eq!(one["id"], request["id"]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn resources_are_changed_removed_and_kept_while_in_use() {
    let rig = rig().await;
    let (catalog, group) = (rig.new_catalog().await, rig.group("Campaign Tools").await);
    let id = text(&rig.onboard(&catalog, "AadGroup", &group).await["id"]);
    let attribute = json!({ "@odata.type": "#microsoft.graph.accessPackageResourceAttribute", "name": "extension_region",
        "isEditable": true, "isPersistedOnAssignmentRemoval": false,
        "destination": { "@odata.type": "#microsoft.graph.accessPackageUserDirectoryAttributeStore" },
        "source": { "@odata.type": "#microsoft.graph.accessPackageResourceAttributeQuestion",
            "question": { "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion", "id": UNUSED, "text": "Region?",
                "isRequired": true, "isAnswerEditable": true, "sequence": 0, "localizations": [],
                "isSingleLineQuestion": true, "regexPattern": null } } });
    let update = |attributes: Value| {
        json!({ "requestType": "AdminUpdate", "catalog": { "id": catalog },
            "resource": { "originId": group, "originSystem": "AadGroup", "attributes": attributes } })
    };
    assert_eq!(rig.make("resourceRequests", &update(json!([attribute]))).await["requestType"], "adminUpdate");
    let kept = rig.read(&format!("catalogs/{catalog}/resources/{id}")).await["attributes"].clone();
    let mut expected = attribute.clone();
    expected.as_object_mut().unwrap().remove("@odata.type");
    assert_eq!(kept, json!([expected]));
    for bad in [json!([{}]), json!([{ "name": "x", "shoeSize": 5 }]), json!(["x"])] {
        assert_eq!(rig.outcome(Method::POST, "resourceRequests", &update(bad)).await, (400, "InvalidModel".into()));
    }

    let removal = json!({ "requestType": "adminRemove", "resource": { "id": id }, "catalog": { "id": catalog } });
    assert_eq!(rig.make("resourceRequests", &removal).await["state"], "delivered");
    assert_eq!(rig.read(&format!("catalogs/{catalog}/resources")).await["value"], json!([]));
    assert_eq!(rig.outcome(Method::POST, "resourceRequests", &removal).await, (404, "ResourceNotFound".into()));
    let used = rig.read(&format!("resources?$filter=originId eq '{group}'")).await["value"][0]["id"].clone();
    let removal = json!({ "requestType": "adminRemove", "resource": { "id": used } });
    assert_eq!(rig.outcome(Method::POST, "resourceRequests", &removal).await, (400, "ResourceInUse".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn applications_and_sites_become_resources_and_are_refreshed() {
    let rig = rig().await;
    let catalog = rig.new_catalog().await;
    let application = rig.application("Expenses").await;
    let origin = text(&application["id"]);
    let resource = rig.onboard(&catalog, "AadApplication", &origin).await;
    assert_eq!(names(&resource["roles"]), ["User", "Approver"]);
    assert_eq!(resource["roles"][1]["originId"], application["appRoles"][1]["id"]);

    let mut roles = application["appRoles"].as_array().unwrap().clone();
    roles[0]["isEnabled"] = json!(false);
    roles[1]["displayName"] = json!("Auditor");
    let path = format!("/v1.0/servicePrincipals/{origin}");
    let changed = rig.call(Method::PATCH, &path).json(&json!({ "appRoles": roles })).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    let id = text(&resource["id"]);
    let read = format!("resources/{id}?$expand=roles");
    assert_eq!(names(&rig.read(&read).await["roles"]), ["User", "Approver"], "not before it is refreshed");
    assert_eq!(rig.outcome(Method::POST, &format!("resources/{id}/refresh"), &Value::Null).await.0, 204);
    assert_eq!(names(&rig.read(&read).await["roles"]), ["Auditor"]);
    assert_eq!(rig.outcome(Method::POST, &format!("catalogs/{id}/resources/{id}/refresh"), &Value::Null).await.0, 404);

    let new = json!({ "@odata.type": "#microsoft.graph.servicePrincipal", "appId": catalog, "displayName": "Payroll" });
    let made: Value = created(rig.post("/v1.0/servicePrincipals", &new).await).await;
    assert_eq!((&made["appId"], &made["appRoles"]), (&json!(catalog), &json!([])));
    let again = rig.post("/v1.0/servicePrincipals", &new).await;
    assert_eq!(refused(again).await, (409, "Request_MultipleObjectsWithSameKeyValue".into()));
    for path in [format!("/v1.0/servicePrincipals/{catalog}"), "/v1.0/servicePrincipals?$filter=shoeSize eq '5'".into()]
    {
        assert!([400, 404].contains(&rig.refusal(&path).await.0), "{path}");
    }
    let payroll = rig.onboard(&catalog, "AadApplication", &text(&made["id"])).await;
    assert_eq!(names(&payroll["roles"]), ["Default Access"], "an application without roles has this one");

    let site = rig.onboard(&catalog, "SharePointOnline", "https://contoso.sharepoint.com/portals/Community").await;
    assert_eq!(site["displayName"], "Community");
    assert_eq!(names(&site["roles"]), ["Community Owners", "Community Visitors", "Community Members"]);
    let environments = rig.read("resourceEnvironments?$filter=originSystem eq 'SharePointOnline'").await;
    assert_eq!(environments["value"][0]["id"], site["environment"]["id"]);
    assert_eq!(environments["value"][0]["displayName"], "https://contoso.sharepoint.com/");
    assert_eq!(rig.refusal(&format!("{EM}/resourceEnvironments")).await, (400, "InvalidFilter".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_cannot_be_a_resource_is_refused() {
    let rig = rig().await;
    let (catalog, nora) = (rig.new_catalog().await, rig.user("E0901"));
    let group = rig.group("Campaign Tools").await;
    for (system, origin, expected) in [
        ("AadGroup", nora.as_str(), (404, "ResourceNotFound")),
        ("AadGroup", "nonsense", (400, "InvalidResource")),
        ("AadApplication", group.as_str(), (404, "ResourceNotFound")),
        ("SharePointOnline", "contoso.sharepoint.com", (400, "InvalidResource")),
        ("Elsewhere", group.as_str(), (400, "InvalidModel")),
    ] {
        let refusal = rig.outcome(Method::POST, "resourceRequests", &onboarding(&catalog, system, origin)).await;
        assert_eq!(refusal, (expected.0, expected.1.to_owned()), "{system} {origin}");
    }
    let mut body = onboarding(&catalog, "AadGroup", &group);
    body["requestType"] = json!("userAdd");
    assert_eq!(rig.outcome(Method::POST, "resourceRequests", &body).await, (400, "InvalidRequestType".into()));
    body = onboarding(&nora, "AadGroup", &group);
    assert_eq!(rig.outcome(Method::POST, "resourceRequests", &body).await, (404, "ResourceNotFound".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_catalogs_and_packages_answer_agrees_with_graphs_metadata() {
    let rig = rig().await;
    let catalog = rig.new_catalog().await;
    rig.onboard(&catalog, "AadGroup", &rig.group("Campaign Tools").await).await;
    rig.onboard(&catalog, "AadApplication", &text(&rig.application("Expenses").await["id"])).await;
    rig.onboard(&catalog, "SharePointOnline", "https://contoso.sharepoint.com/sites/x").await;
    for (path, kind) in [
        ("catalogs?$expand=accessPackages,resources($expand=roles,scopes,environment)", "accessPackageCatalog"),
        ("resources?$expand=roles,scopes,environment", "accessPackageResource"),
        ("resourceRequests?$expand=resource,catalog", "accessPackageResourceRequest"),
        ("resourceEnvironments?$filter=originSystem eq 'SharePointOnline'", "accessPackageResourceEnvironment"),
        (
            "accessPackages?$expand=catalog,resourceRoleScopes($expand=role,scope),incompatibleAccessPackages",
            "accessPackage",
        ),
    ] {
        let values = rig.all(&format!("{EM}/{path}")).await;
        assert!(!values.is_empty(), "{path}");
        for value in values {
            conforms(kind, &value);
        }
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn catalogs_resources_and_packages_survive_a_restart_and_new_ids_stay_new() {
    let folder = tempfile::tempdir().unwrap();
    let state = Some(folder.path().join("tenant.sqlite"));
    let with = || SandboxOptions { state: state.clone(), ..options() };
    let rig = rig_of(with()).await;
    let (kept, gone) = (rig.new_catalog().await, rig.new_catalog().await);
    let resource = rig.onboard(&kept, "AadGroup", &rig.group("Campaign Tools").await).await;
    let body = json!({ "displayName": "x", "catalog": { "id": kept } });
    let package = text(&rig.make("accessPackages", &body).await["id"]);
    assert_eq!(rig.delete(&format!("catalogs/{gone}")).await.0, 204);
    rig.sandbox.stop().await;

    let rig = rig_of(with()).await;
    assert_eq!(rig.refusal(&format!("{EM}/catalogs/{gone}")).await.0, 404);
    let read = rig.read(&format!("catalogs/{kept}/resources?$expand=roles,scopes,environment")).await;
    assert_eq!(read["value"], json!([resource]));
    assert_eq!(rig.read(&format!("accessPackages/{package}")).await["displayName"], "x");
    let new = rig.new_catalog().await;
    assert!(![&kept, &gone].contains(&&new));
    rig.sandbox.stop().await;
}
