//! The sandbox's connected organizations and their sponsors over real HTTP.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::{SandboxOptions, Seed};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, options, rig, rig_of};
use crate::sandbox_policies::{direct, with};

const ORGANIZATIONS: &str = "connectedOrganizations";
const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

fn domain(name: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.domainIdentitySource", "domainName": name, "displayName": name })
}

fn directory() -> Value {
    json!({ "@odata.type": "#microsoft.graph.azureActiveDirectoryTenant", "tenantId": TENANT, "displayName": "Wingtip" })
}

fn organization(name: &str, source: Value) -> Value {
    json!({ "displayName": name, "description": "toys", "identitySources": [source], "state": "Proposed" })
}

async fn empty() -> Rig {
    rig_of(SandboxOptions { seed: Seed::Empty, ..options() }).await
}

fn names(page: &Value) -> Vec<&str> {
    page["value"].as_array().unwrap().iter().map(|value| value["displayName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_organization_is_made_changed_and_deleted() {
    let rig = empty().await;
    assert_eq!(rig.read(ORGANIZATIONS).await["value"], json!([]));
    let made = rig.make(ORGANIZATIONS, &organization("Wingtip Toys", domain("wingtip.example"))).await;
    conforms("connectedOrganization", &made);
    assert!(made["@odata.context"].as_str().unwrap().ends_with("/connectedOrganizations/$entity"));
    assert_eq!((&made["state"], &made["identitySources"]), (&json!("proposed"), &json!([domain("wingtip.example")])));
    let path = format!("{ORGANIZATIONS}/{}", text(&made["id"]));
    rig.advance(60);
    let change = json!({ "displayName": "Wingtip", "state": "configured", "identitySources": [domain("wingtip.example"), directory()] });
    let changed = rig.call(Method::PATCH, &format!("{EM}/{path}")).json(&change).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::ACCEPTED);
    let changed: Value = changed.json().await.unwrap();
    conforms("connectedOrganization", &changed);
    let read = rig.read(&path).await;
    assert_eq!(read, changed);
    assert_eq!((&read["displayName"], &read["description"]), (&json!("Wingtip"), &json!("toys")));
    assert_eq!((&read["state"], &read["identitySources"][1]), (&json!("configured"), &directory()));
    assert_eq!(read["modifiedDateTime"], "2026-11-21T09:31:00Z");
    assert_eq!(rig.outcome(Method::PATCH, &path, &json!({ "identitySources": null })).await.0, 202);
    assert_eq!(rig.read(&path).await["identitySources"], json!([]));
    assert_eq!(rig.delete(&path).await.0, 204);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        assert_eq!(rig.outcome(method, &path, &json!({})).await, (404, "ResourceNotFound".into()));
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn organizations_are_found_by_name_and_by_their_directory_and_by_nothing_else() {
    let rig = empty().await;
    rig.make(ORGANIZATIONS, &organization("A", domain("a.example"))).await;
    rig.make(ORGANIZATIONS, &organization("B", directory())).await;
    let found = async |filter: &str| {
        let page = rig.read(&format!("{ORGANIZATIONS}?$filter={filter}&$select=displayName")).await;
        names(&page).join(",")
    };
    assert_eq!(found("displayName eq 'a'").await, "A");
    let by_tenant = |tenant: &str| {
        format!("identitySources/any(is:is/microsoft.graph.azureActiveDirectoryTenant/tenantId eq '{tenant}')")
    };
    assert_eq!(found(&by_tenant(TENANT)).await, "B");
    assert_eq!(found(&by_tenant(rig.sandbox.tenant_id())).await, "");
    assert_eq!(found(&format!("{} and displayName eq 'A'", by_tenant(TENANT))).await, "");
    for filter in [
        "state eq 'configured'",
        "description eq 'toys'",
        "startswith(displayName,'A')",
        "identitySources/any(is:is/displayName eq 'x')",
        "identitySources/any()",
        "identitySources/any(is:displayName eq 'A')",
    ] {
        let refusal = rig.refusal(&format!("{EM}/{ORGANIZATIONS}?$filter={filter}")).await;
        assert_eq!(refusal, (400, "InvalidFilter".into()), "{filter}");
    }
    let pages = rig.all(&format!("{EM}/{ORGANIZATIONS}?$top=1")).await;
    assert_eq!(pages.len(), 2);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_is_no_organization_is_refused() {
    let rig = empty().await;
    let own = rig.make(ORGANIZATIONS, &organization("A", domain("a.example"))).await;
    let same = async |body: Value| rig.outcome(Method::POST, ORGANIZATIONS, &body).await;
    assert_eq!(same(organization("B", domain("A.example"))).await, (409, "DuplicateKey".into()));
    let path = format!("{ORGANIZATIONS}/{}", text(&own["id"]));
    let own_again = rig.outcome(Method::PATCH, &path, &json!({ "identitySources": [domain("a.example")] })).await;
    assert_eq!(own_again.0, 202, "it is its own");
    for body in [
        json!({}),
        json!([]),
        json!({ "displayName": "B" }),
        json!({ "displayName": "B", "identitySources": [] }),
        json!({ "displayName": "B", "identitySources": {} }),
        json!({ "displayName": " ", "identitySources": [domain("b.example")] }),
        json!({ "displayName": "B", "identitySources": [domain("b.example"), domain("B.example")] }),
        json!({ "displayName": "B", "identitySources": vec![domain("b.example"); 101] }),
        json!({ "displayName": "B", "identitySources": [domain("b.example")], "state": "open" }),
        json!({ "displayName": "B", "identitySources": [domain("b.example")], "owner": 1 }),
        organization("B", json!({ "domainName": "b.example" })),
        organization("B", json!({ "@odata.type": "#microsoft.graph.user", "id": "x" })),
    ] {
        assert_eq!(same(body.clone()).await, (400, "InvalidModel".into()), "{body}");
    }
    assert_eq!(rig.refusal(&format!("{EM}/{ORGANIZATIONS}/x")).await, (400, "InvalidIdentifier".into()));
    assert_eq!(rig.refusal(&format!("{EM}/{ORGANIZATIONS}?$expand=sponsors")).await.0, 400);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn sponsors_come_and_go() {
    let rig = rig().await;
    let made = rig.make(ORGANIZATIONS, &organization("Wingtip", domain("wingtip.example"))).await;
    let path = format!("{ORGANIZATIONS}/{}", text(&made["id"]));
    let (user, group) = (rig.user("E0901"), rig.group("Marketing").await);
    let link = |set: &str, id: &str| json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/{set}/{id}") });
    for set in ["internalSponsors", "externalSponsors"] {
        let own = format!("{path}/{set}");
        assert_eq!(rig.read(&own).await["value"], json!([]));
        for (kind, id) in [("users", &user), ("groups", &group)] {
            assert_eq!(rig.outcome(Method::POST, &format!("{own}/$ref"), &link(kind, id)).await.0, 204);
        }
        let again = rig.outcome(Method::POST, &format!("{own}/$ref"), &link("users", &user)).await;
        assert_eq!(again, (409, "DuplicateKey".into()));
        let stranger = link("users", rig.sandbox.tenant_id());
        let stranger = rig.outcome(Method::POST, &format!("{own}/$ref"), &stranger).await;
        assert_eq!(stranger, (404, "ResourceNotFound".into()));
        assert_eq!(rig.outcome(Method::POST, &format!("{own}/$ref"), &json!({})).await.0, 400);
        let listed = rig.all(&format!("{EM}/{own}?$top=1&$select=id,displayName")).await;
        let types: Vec<_> = listed.iter().map(|sponsor| sponsor["@odata.type"].as_str().unwrap()).collect();
        assert_eq!(types, ["#microsoft.graph.user", "#microsoft.graph.group"]);
    }
    let expanded = rig.read(&format!("{path}?$expand=internalSponsors,externalSponsors")).await;
    conforms("connectedOrganization", &expanded);
    assert_eq!(expanded["internalSponsors"], expanded["externalSponsors"]);
    assert_eq!(expanded["internalSponsors"][0]["id"], user);
    let own = format!("{path}/internalSponsors/{user}/$ref");
    assert_eq!((rig.delete(&own).await.0, rig.delete(&own).await.0), (204, 404));
    assert_eq!(rig.read(&format!("{path}/internalSponsors")).await["value"][0]["id"], group);
    assert_eq!(rig.read(&format!("{path}/externalSponsors")).await["value"].as_array().unwrap().len(), 2);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn the_sample_company_has_a_partner_that_goes_once_its_guests_are_nobodys() {
    let rig = rig().await;
    let found = rig.read(&format!("{ORGANIZATIONS}?$expand=internalSponsors")).await["value"][0].clone();
    conforms("connectedOrganization", &found);
    assert_eq!((&found["displayName"], &found["state"]), (&json!("Partner"), &json!("configured")));
    assert_eq!(found["identitySources"], json!([domain("partner.example")]));
    assert_eq!(found["internalSponsors"].as_array().unwrap().len(), 1);
    let guest = rig.held_by_guest().await;
    let lifecycle = |state: &str| json!({ "subjectLifecycle": state });
    let subject = format!("subjects/{}", text(&guest["target"]["id"]));
    let path = format!("{ORGANIZATIONS}/{}", text(&found["id"]));
    assert_eq!(rig.outcome(Method::PATCH, &subject, &lifecycle("governed")).await.0, 204);
    assert_eq!(rig.delete(&path).await, (400, "ConnectedOrganizationInUse".into()));
    let own = json!({ "@odata.type": "#microsoft.graph.connectedOrganizationMembers", "connectedOrganizationId": found["id"] });
    let scope = json!({ "allowedTargetScope": "specificConnectedOrganizationUsers", "specificAllowedTargets": [own] });
    let package = rig.sandbox.controls().package_id("Vendor Portal").unwrap();
    let policy = rig.make("assignmentPolicies", &with(direct(&package), scope)).await;
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": guest["id"] } });
    rig.make("assignmentRequests", &removal).await;
    rig.advance(2);
    assert_eq!(rig.outcome(Method::PATCH, &subject, &lifecycle("notGoverned")).await.0, 204);
    assert_eq!(rig.delete(&path).await, (400, "ConnectedOrganizationInUse".into()), "a policy names it");
    assert_eq!(rig.delete(&format!("assignmentPolicies/{}", text(&policy["id"]))).await.0, 204);
    assert_eq!(rig.delete(&path).await.0, 204);
    assert_eq!(
        rig.read(&format!("{subject}?$expand=connectedOrganization")).await["connectedOrganization"],
        Value::Null
    );
    rig.sandbox.stop().await;
}
