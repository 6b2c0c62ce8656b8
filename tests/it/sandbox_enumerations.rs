//! Enumerations and types on the sandbox's wire: any case and any spelling in, Graph's own out.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::sandbox::{EM, created, rig};

const LCW: &str = "/v1.0/identityGovernance/lifecycleWorkflows";

#[tokio::test]
async fn members_behind_the_sentinel_are_told_to_those_who_ask() {
    let rig = rig().await;
    let asked = rig.call(Method::GET, &format!("{LCW}/workflows?$filter=category eq 'mover'&$expand=tasks"));
    let asked = asked.header("Prefer", "include-unknown-enum-members").send().await.unwrap();
    assert_eq!(asked.headers()["preference-applied"], "include-unknown-enum-members");
    let asked: Value = asked.json().await.unwrap();
    let plain = rig.call(Method::GET, &format!("{LCW}/workflows?$filter=category eq 'mover'&$expand=tasks"));
    let plain = plain.send().await.unwrap();
    assert!(plain.headers().get("preference-applied").is_none());
    let plain: Value = plain.json().await.unwrap();
    let categories =
        |answer: &Value| (answer["value"][0]["category"].clone(), answer["value"][0]["tasks"][0]["category"].clone());
    assert_eq!(categories(&asked), (json!("mover"), json!("mover")));
    assert_eq!(categories(&plain), (json!("unknownFutureValue"), json!("unknownFutureValue")));

    // In a batch, each call has preferences of its own.
    let call = |id: &str, headers: Value| {
        let url = "/identityGovernance/lifecycleWorkflows/workflows?$filter=category eq 'mover'";
        json!({ "id": id, "method": "GET", "url": url, "headers": headers })
    };
    let requests =
        json!({ "requests": [call("1", json!({ "Prefer": "include-unknown-enum-members" })), call("2", json!({}))] });
    let batch: Value = rig.post("/v1.0/$batch", &requests).await.json().await.unwrap();
    let told: Vec<_> =
        batch["responses"].as_array().unwrap().iter().map(|one| &one["body"]["value"][0]["category"]).collect();
    assert_eq!(told, [&json!("mover"), &json!("unknownFutureValue")]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn bodies_take_members_in_any_case_and_types_anywhere() {
    let rig = rig().await;
    let mut body = rig.addition("E0901", "Sales Toolkit", "Direct assignment").await;
    body["requestType"] = json!("ADMINADD");
    body["@odata.type"] = json!("microsoft.graph.accessPackageAssignmentRequest");
    body["assignment"]["@odata.type"] = json!("#microsoft.graph.accessPackageAssignment");
    body["schedule"] = json!({ "@odata.type": "microsoft.graph.entitlementManagementSchedule",
        "expiration": { "@odata.type": "#microsoft.graph.expirationPattern", "type": "AfterDuration", "duration": "P30D" } });
    let request = created(rig.request(&body).await).await;
    assert_eq!(
        (&request["requestType"], &request["schedule"]["expiration"]["type"]),
        (&json!("adminAdd"), &json!("afterDuration"))
    );

    for with_mark in ["#", ""] {
        let kind = |name: &str| json!(format!("{with_mark}microsoft.graph.{name}"));
        let catalog = json!({ "@odata.type": kind("accessPackageCatalog"), "displayName": format!("C{with_mark}"),
            "state": "Published", "catalogType": "USERMANAGED" });
        let catalog = created(rig.post(&format!("{EM}/catalogs"), &catalog).await).await;
        assert_eq!((&catalog["state"], &catalog["catalogType"]), (&json!("published"), &json!("userManaged")));
        let user = rig.user("E0001");
        let change = json!({ "@odata.type": kind("user"), "department": "IT", "employeeOrgData":
            { "@odata.type": kind("employeeOrgData"), "division": "East" } });
        rig.done(Method::PATCH, &format!("/v1.0/users/{user}"), &change).await;
        let licences = json!({ "@odata.type": "x", "addLicenses": [], "removeLicenses": [] });
        assert_eq!(rig.post(&format!("/v1.0/users/{user}/assignLicense"), &licences).await.status(), StatusCode::OK);
        let shown = rig.get(&format!("/v1.0/users/{user}?$select=employeeOrgData")).await;
        assert_eq!(shown["employeeOrgData"], json!({ "division": "East" }));
    }
    rig.sandbox.stop().await;
}
