//! What calls cost the sandbox: no documented filter looks at records beside those it answers, in memory or with a state file.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::{SandboxOptions, Seed};

use crate::sandbox::{EM, Rig, options, rig_of};

const USERS: usize = 900;
const PACKAGES: usize = 30;
/// How many records a page may look at beside those it shows: the one that tells that more follow.
const BESIDE: u64 = 1;
/// As [`BESIDE`], where instants are found by zones of neighbours.
const BESIDE_ZONES: u64 = 65;

/// Whether a record passes a filter, by what the API shows of it.
type Keep<'f> = &'f dyn Fn(&Value) -> bool;

/// A company in which every user has two of thirty packages.
fn seed(folder: &Path) -> PathBuf {
    let users: Vec<_> = (0..USERS)
        .map(|number| {
            json!({
                "userPrincipalName": format!("u{number}@size.example"), "mail": format!("U{number}@size.example"),
                "displayName": format!("Person {number}"), "employeeId": format!("E{number:04}"),
                "department": format!("D{}", number % 9), "accountEnabled": number % 10 != 0, "userType": "Member",
                "employeeHireDate": format!("2020-01-{:02}T00:00:00Z", number % 28 + 1),
                "employeeOrgData": { "division": format!("V{}", number % 5) },
            })
        })
        .collect();
    let packages = 0..PACKAGES;
    let groups: Vec<_> = packages.clone().map(|number| json!({ "displayName": format!("G{number}") })).collect();
    let catalogs: Vec<_> = (0..3).map(|number| json!({ "displayName": format!("C{number}") })).collect();
    let package = |number: usize| json!({ "displayName": format!("P{number}"), "catalog": format!("C{}", number % 3), "groups": [format!("G{number}")] });
    let policy = |number: usize| json!({ "displayName": format!("L{number}"), "accessPackage": format!("P{number}") });
    let assignments: Vec<_> = (0..2 * USERS)
        .map(|number| {
            let (user, package) = (number / 2, (number / 2 + number % 2 * 7) % PACKAGES);
            json!({
                "user": format!("u{user}@size.example"), "accessPackage": format!("P{package}"),
                "assignmentPolicy": format!("L{package}"), "since": "2026-01-01T00:00:00Z",
            })
        })
        .collect();
    let document = json!({
        "name": "size", "domain": "size.example", "users": users, "groups": groups, "catalogs": catalogs,
        "accessPackages": packages.clone().map(package).collect::<Vec<_>>(),
        "assignmentPolicies": packages.map(policy).collect::<Vec<_>>(), "assignments": assignments,
    });
    let path = folder.join("seed.json");
    std::fs::write(&path, document.to_string()).unwrap();
    path
}

/// The company with three hundred requests behind it, over thirty minutes.
async fn company(folder: &Path, state: Option<PathBuf>) -> Rig {
    let rig = rig_of(SandboxOptions { seed: Seed::File(seed(folder)), state, ..options() }).await;
    let policies = rig.all(&format!("{EM}/assignmentPolicies?$expand=accessPackage")).await;
    for (round, policy) in policies.iter().enumerate() {
        let body = |user: usize| {
            json!({ "requestType": "adminAdd", "assignment": {
                "targetId": rig.user(&format!("E{user:04}")), "accessPackageId": policy["accessPackage"]["id"],
                "assignmentPolicyId": policy["id"],
            }})
        };
        let item = |number: usize| {
            json!({
                "id": number.to_string(), "method": "POST", "headers": { "Content-Type": "application/json" },
                "url": "/identityGovernance/entitlementManagement/assignmentRequests",
                // Nobody has the package that comes three behind the one of their number.
                "body": body(number * PACKAGES + (round + PACKAGES - 3) % PACKAGES),
            })
        };
        let batch = json!({ "requests": (0..10).map(item).collect::<Vec<_>>() });
        let answer: Value = rig.post("/v1.0/$batch", &batch).await.json().await.unwrap();
        assert!(answer["responses"].as_array().unwrap().iter().all(|one| one["status"] == 201), "{answer}");
        rig.advance(60);
    }
    rig
}

/// Reads all pages of a list, and checks for each how many records it has cost.
async fn cheap(rig: &Rig, path: &str, beside: u64) -> Vec<Value> {
    let mut next = Some(path.to_owned());
    let mut found = Vec::new();
    while let Some(page) = next {
        let before = rig.sandbox.controls().rows_examined();
        let response = rig.call(Method::GET, &page).header("ConsistencyLevel", "eventual").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let answer: Value = response.json().await.unwrap();
        let examined = rig.sandbox.controls().rows_examined() - before;
        let values = answer["value"].as_array().unwrap();
        assert!(examined <= values.len() as u64 + beside, "{page}: {examined} records for {} answered", values.len());
        assert!(examined >= values.len() as u64, "{page}: what is answered is counted");
        found.extend(values.iter().cloned());
        next = answer.get("@odata.nextLink").map(|link| link.as_str().unwrap().to_owned());
    }
    found
}

fn ids<'v>(values: impl IntoIterator<Item = &'v Value>) -> BTreeSet<&'v str> {
    values.into_iter().map(|value| value["id"].as_str().unwrap()).collect()
}

async fn no_documented_filter_scans(rig: &Rig) {
    let package = rig.sandbox.controls().package_id("P4").unwrap();
    let user = rig.user("E0004");
    let expand = "$expand=accessPackage,assignmentPolicy,target&$top=999";
    let assignments = rig.all(&format!("{EM}/assignments?{expand}")).await;
    let policy = assignments.iter().find(|one| one["accessPackage"]["id"] == package).unwrap();
    let policy = policy["assignmentPolicy"]["id"].as_str().unwrap().to_owned();
    let of_assignments: [(String, Keep<'_>); 7] = [
        ("state eq 'Delivered'".to_owned(), &|one| one["state"] == "delivered"),
        ("state eq 'expired'".to_owned(), &|one| one["state"] == "expired"),
        (format!("accessPackage/id eq '{package}'"), &|one| one["accessPackage"]["id"] == package),
        (format!("target/objectid eq '{user}'"), &|one| one["target"]["objectId"] == user),
        (format!("assignmentPolicy/id eq '{policy}'"), &|one| one["assignmentPolicy"]["id"] == policy),
        (format!("state eq 'Delivered' and accessPackage/id eq '{}'", package.to_uppercase()), &|one| {
            one["state"] == "delivered" && one["accessPackage"]["id"] == package
        }),
        (format!("target/objectId eq '{user}' and accessPackage/id eq '{package}' and state eq 'delivered'"), &|one| {
            one["target"]["objectId"] == user && one["accessPackage"]["id"] == package && one["state"] == "delivered"
        }),
    ];
    for (filter, keep) in of_assignments {
        let found = cheap(rig, &format!("{EM}/assignments?$top=50&$filter={filter}"), BESIDE).await;
        assert_eq!(ids(&found), ids(assignments.iter().filter(|one| keep(one))), "{filter}");
    }

    let requests = rig.all(&format!("{EM}/assignmentRequests?$expand=accessPackage")).await;
    let instant = requests[100]["createdDateTime"].as_str().unwrap().to_owned();
    let created = |one: &Value| one["createdDateTime"].as_str().unwrap().to_owned();
    let of_requests: [(String, u64, Keep<'_>); 5] = [
        ("state eq 'delivered'".to_owned(), BESIDE, &|one| one["state"] == "delivered"),
        (format!("accessPackage/id eq '{package}'"), BESIDE, &|one| one["accessPackage"]["id"] == package),
        (format!("createdDateTime eq {instant}"), BESIDE_ZONES, &|one| created(one) == instant),
        (format!("createdDateTime lt {instant}"), BESIDE_ZONES, &|one| created(one) < instant),
        (format!("createdDateTime gt {instant} and state eq 'delivered'"), BESIDE_ZONES, &|one| created(one) > instant),
    ];
    for (filter, beside, keep) in of_requests {
        let found = cheap(rig, &format!("{EM}/assignmentRequests?$top=50&$filter={filter}"), beside).await;
        assert_eq!(ids(&found), ids(requests.iter().filter(|one| keep(one))), "{filter}");
        assert!(!found.is_empty(), "{filter}");
    }

    let resource = &rig.all(&format!("{EM}/resources")).await[5];
    let (resource_id, origin) = (resource["id"].as_str().unwrap(), resource["originId"].as_str().unwrap());
    let name = resource["displayName"].as_str().unwrap();
    let catalog = rig.get(&format!("{EM}/catalogs?$filter=displayName eq 'C1'")).await;
    let catalog = catalog["value"][0]["id"].as_str().unwrap();
    for (path, filter, count) in [
        ("accessPackages", "displayName eq 'p7'", 1),
        ("catalogs", "displayName eq 'C2'", 1),
        ("assignmentPolicies", "displayName eq 'L9'", 1),
        ("resources", &format!("id eq '{resource_id}'"), 1),
        ("resources", &format!("originId eq '{origin}'"), 1),
        ("resources", &format!("displayName eq '{name}' and originSystem eq 'AadGroup'"), 1),
        (&format!("catalogs/{catalog}/resources"), "originSystem eq 'AadGroup'", 10),
    ] {
        let found = cheap(rig, &format!("{EM}/{path}?$filter={filter}"), BESIDE).await;
        assert_eq!(found.len(), count, "{path} {filter}");
    }
    assert_eq!(cheap(rig, &format!("{EM}/catalogs/{catalog}/accessPackages"), BESIDE).await.len(), 10);
    // The one documented filter that no index can serve looks at each record of its collection once.
    let found = cheap(rig, &format!("{EM}/accessPackages?$filter=contains(tolower(displayName),'p2')"), 30).await;
    assert_eq!(found.len(), 11);

    for (filter, count) in [
        ("userPrincipalName eq 'U5@size.example'", 1),
        ("mail eq 'u5@size.example'", 1),
        ("employeeId in ('E0001','E0002','nobody')", 2),
        ("displayName eq 'person 7'", 1),
        ("department eq 'D3'", 100),
        ("department eq 'D3' and accountEnabled eq false and userType eq 'Member'", 10),
        ("accountEnabled eq false or department eq 'D1'", 180),
        ("startsWith(displayName,'person 8')", 111),
        ("employeeId ge 'E0850' and employeeId le 'E0859'", 10),
        ("employeeHireDate le 2020-01-02T00:00:00Z", 66),
        ("employeeOrgData/division eq 'V4'", 180),
        ("jobTitle eq null", USERS),
        ("department ne 'D3'&$count=true", 800),
        ("not(startsWith(employeeId,'E0'))&$count=true", 0),
    ] {
        // A counted list looks at what it counts, page by page.
        let beside = if filter.ends_with("$count=true") { USERS as u64 } else { BESIDE };
        let found = cheap(rig, &format!("/v1.0/users?$select=id&$top=200&$filter={filter}"), beside).await;
        assert_eq!(found.len(), count, "{filter}");
    }
    assert_eq!(cheap(rig, &format!("/v1.0/users?$select=id&$filter=id eq '{user}'"), BESIDE).await.len(), 1);
    assert_eq!(cheap(rig, "/v1.0/groups?$filter=displayName eq 'g7'", BESIDE).await.len(), 1);
}

#[tokio::test]
async fn no_documented_filter_scans_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    no_documented_filter_scans(&company(folder.path(), None).await).await;
}

#[tokio::test]
async fn no_documented_filter_scans_with_a_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let state = Some(folder.path().join("tenant.db"));
    let rig = company(folder.path(), state.clone()).await;
    no_documented_filter_scans(&rig).await;
    let clock = Arc::clone(rig.sandbox.clock());
    rig.sandbox.stop().await;
    no_documented_filter_scans(&rig_of(SandboxOptions { state, clock, ..options() }).await).await;
}

#[tokio::test]
async fn changes_of_one_thing_look_at_what_goes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let rig = company(folder.path(), None).await;
    let policies = rig.all(&format!("{EM}/assignmentPolicies?$expand=accessPackage")).await;
    let policy = policies.iter().find(|policy| policy["displayName"] == "L20").unwrap();
    let body = json!({ "requestType": "adminAdd", "assignment": {
        "targetId": rig.user("E0001"), "accessPackageId": policy["accessPackage"]["id"], "assignmentPolicyId": policy["id"],
    }});
    let before = rig.sandbox.controls().rows_examined();
    assert_eq!(rig.request(&body).await.status(), StatusCode::CREATED);
    rig.advance(10);
    let held = rig.assignment("E0001", "P20").await;
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": held["id"] } });
    assert_eq!(rig.request(&removal).await.status(), StatusCode::CREATED);
    rig.advance(10);
    assert!(!rig.sandbox.controls().is_member("G20", &rig.user("E0001")));
    let examined = rig.sandbox.controls().rows_examined() - before;
    assert!(examined < 30, "{examined} records");
}
