//! The scripts and steps of the vendor's pages (seeds 000 to 004) that no other test walks, and the README's table of all of them.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{DEVELOPER, EM, Rig, created, rig};
use crate::sandbox_policies::{direct, with};
use crate::sandbox_refusals::{controlled, id, put_control};

const CAMPAIGN: &str = "Marketing Campaign";
const BETA: &str = "/beta/identityGovernance/entitlementManagement";

/// A row of the README's table: what, the seeds, the endpoint, the tests.
fn rows() -> Vec<Vec<String>> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let table = readme.split_once("<!-- seeds -->").and_then(|(_, rest)| rest.split_once("<!-- /seeds -->"));
    let (table, _) = table.expect("README.md has the table between <!-- seeds --> and <!-- /seeds -->");
    let lines = table.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

fn source(module: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(format!("{module}.rs"));
    std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("there is no {}", path.display()))
}

#[test]
fn every_row_of_the_readmes_table_names_tests_that_exist() {
    let rows = rows();
    assert!(rows.len() >= 40, "{} rows", rows.len());
    let mut seeds = BTreeSet::new();
    for row in &rows {
        let [what, of_seeds, endpoint, tests] = row.as_slice() else { panic!("not four cells: {row:?}") };
        assert!(!what.is_empty() && !endpoint.is_empty(), "{row:?}");
        seeds.extend(of_seeds.split(", ").map(str::to_owned));
        if endpoint.starts_with("not served") {
            continue;
        }
        let named: Vec<_> = tests.split('`').filter(|part| part.contains("::")).collect();
        assert!(!named.is_empty(), "no test: {row:?}");
        for test in named {
            let (module, name) = test.split_once("::").unwrap();
            let declared = source(module).contains(&format!("test]\nasync fn {name}("));
            let declared = declared || source(module).contains(&format!("test]\nfn {name}("));
            assert!(declared, "there is no test {test}");
        }
    }
    assert_eq!(seeds.into_iter().collect::<Vec<_>>(), ["000", "001", "002", "003", "004"]);
}

async fn package(rig: &Rig) -> Value {
    let found =
        rig.read(&format!("accessPackages?$filter=displayname eq '{CAMPAIGN}'&$expand=assignmentpolicies")).await;
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    found["value"][0].clone()
}

/// An addition for the employee by the package's policy for direct assignment, as seed 000 writes it.
async fn assign(rig: &Rig, employee: &str, changes: Value) -> Value {
    let body = with(rig.addition(employee, CAMPAIGN, "Direct assignment").await, changes);
    created(rig.request(&body).await).await
}

#[tokio::test]
async fn a_packages_assignments_are_listed_by_state_to_the_last_page() {
    let rig = controlled().await;
    let package = package(&rig).await;
    assert!(package["assignmentPolicies"].as_array().unwrap().len() == 2, "in lower case as well");
    let of_package = format!("accessPackage/id eq '{}'", id(&package));
    let before = rig.all(&format!("{EM}/assignments?$filter={of_package}&$expand=target&$top=3")).await;
    assert!(before.len() > 3 && before.iter().all(|held| held["target"]["displayName"].is_string()));

    assign(&rig, "E0901", json!({})).await;
    assign(&rig, "E0902", json!({})).await;
    rig.advance(2);
    let ending = rig.assignment("E0902", CAMPAIGN).await;
    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": ending["id"] } });
    created(rig.request(&removal).await).await;
    rig.advance(2);
    assign(&rig, "E0903", json!({})).await;
    rig.advance(1);
    for (state, employee) in [("Delivered", "E0901"), ("Delivering", "E0903"), ("Expired", "E0902")] {
        let filter = format!("{of_package} and state eq '{state}'");
        let listed = rig.all(&format!("{EM}/assignments?$filter={filter}&$expand=target")).await;
        assert!(listed.iter().all(|held| held["state"] == state.to_lowercase()), "{state}");
        let user = rig.user(employee);
        assert!(listed.iter().any(|held| held["target"]["objectId"] == user), "{state}");
        let own =
            format!("accessPackage/Id eq '{}' and state eq '{state}' and target/objectId eq '{user}'", id(&package));
        let own = rig.all(&format!("{EM}/assignments?$filter={own}&$expand=target")).await;
        assert_eq!(own.len(), 1, "{state}");
        conforms("accessPackageAssignment", &own[0]);
        let one = rig.read(&format!("assignments/{}?$expand=accessPackage,assignmentPolicy,target", id(&own[0]))).await;
        conforms("accessPackageAssignment", &one);
        assert_eq!(one["assignmentPolicy"]["displayName"], "Direct assignment");
        assert!(one["target"]["principalName"].is_string());
        let by_policy = format!("assignmentPolicy/id eq '{}'", id(&one["assignmentPolicy"]));
        let by_policy = rig.all(&format!("{EM}/assignments?$filter={by_policy}")).await;
        assert!(by_policy.iter().any(|held| held["id"] == own[0]["id"]));
    }

    rig.advance(1);
    let failing = json!({ "accessPackage": CAMPAIGN, "outcome": "fail" });
    assert_eq!(put_control(&rig, "outcomes", &failing).await, 204);
    let failed = assign(&rig, "E0904", json!({})).await;
    rig.advance(2);
    let filter = format!("{of_package} and state eq 'deliveryFailed'");
    let listed = rig.all(&format!("{EM}/assignmentRequests?$filter={filter}&$expand=requestor")).await;
    assert_eq!((listed.len(), &listed[0]["id"], &listed[0]["status"]), (1, &failed["id"], &json!("DeliveryFailed")));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn the_beta_script_of_seed_001_lists_a_packages_assignments() {
    let rig = rig().await;
    let found = rig.get(&format!("{BETA}/accessPackages?$filter=displayName eq '{CAMPAIGN}'")).await;
    let package = text(&found["value"][0]["id"]);
    let filter = format!("accessPackage/id eq '{package}'");
    let listed = rig.all(&format!("{BETA}/accessPackageAssignments?$filter={filter}&$expand=target&$top=5")).await;
    assert!(listed.len() > 5);
    for held in listed {
        assert_eq!((&held["assignmentState"], &held["targetId"]), (&json!("Delivered"), &held["target"]["objectId"]));
        assert!(held["id"].is_string() && held["target"]["displayName"].is_string());
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn an_assignment_starts_and_ends_when_it_is_told_to() {
    let rig = rig().await;
    let (start, end) = ("2026-12-01T00:00:00Z", "2026-12-24T00:00:00Z");
    let schedule = json!({ "startDateTime": start, "expiration": { "type": "afterDateTime", "endDateTime": end } });
    let request = assign(&rig, "E0901", json!({ "schedule": schedule, "justification": "for the record" })).await;
    rig.advance(5);
    assert_eq!(rig.state(&request).await, "scheduled");
    rig.advance(11 * 86_400);
    let held = rig.assignment("E0901", CAMPAIGN).await;
    assert_eq!((&held["state"], &held["schedule"]["expiration"]["endDateTime"]), (&json!("delivered"), &json!(end)));
    assert_eq!(rig.read_request(&request).await["justification"], "for the record");
    rig.advance(23 * 86_400);
    assert_eq!(rig.assignment("E0901", CAMPAIGN).await["state"], "expired");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn all_members_of_a_group_are_given_the_package() {
    let rig = rig().await;
    let package = package(&rig).await;
    let group = rig.group("Engineering").await;
    let members = rig.all(&format!("/v1.0/groups/{group}/members?$top=5")).await;
    let members: BTreeSet<_> = members
        .iter()
        .filter(|member| member["@odata.type"] == "#microsoft.graph.user")
        .map(id)
        .map(str::to_owned)
        .collect();
    let held = async || -> BTreeSet<String> {
        let filter = format!("accessPackage/id eq '{}' and state eq 'Delivered'", id(&package));
        let held = rig.all(&format!("{EM}/assignments?$filter={filter}&$expand=target")).await;
        held.iter().map(|held| text(&held["target"]["objectId"])).collect()
    };
    let missing: Vec<_> = members.difference(&held().await).cloned().collect();
    assert!(!missing.is_empty());
    let policy = package["assignmentPolicies"].as_array().unwrap().iter();
    let policy = policy.clone().find(|policy| policy["displayName"] == "Direct assignment").unwrap();
    for user in &missing {
        let body = json!({ "requestType": "adminAdd", "assignment": {
            "targetId": user, "assignmentPolicyId": policy["id"], "accessPackageId": package["id"] } });
        created(rig.request(&body).await).await;
    }
    rig.advance(2);
    assert!(members.is_subset(&held().await));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn the_script_of_seed_003_makes_a_package_from_an_applications_role() {
    let rig = rig().await;
    let catalog = rig.new_catalog().await;
    let application = text(&rig.application("Expenses").await["id"]);
    rig.onboard(&catalog, "AadApplication", &application).await;
    let found = rig.read("catalogs?$filter=displayName eq 'Marketing'").await;
    assert_eq!(found["value"][0]["id"], catalog);
    let resources = format!("catalogs/{catalog}/resources?$filter=originSystem eq 'AadApplication'&$expand=scopes");
    let resource = rig.read(&resources).await["value"][0].clone();
    let roles = format!("catalogs/{catalog}/resourceRoles?$filter=(id eq '{}')&$expand=roles,scopes", id(&resource));
    let with_roles = rig.read(&roles).await["value"][0].clone();
    let role = &with_roles["roles"][0];
    let body = json!({ "displayName": "sales reps", "description": "outside sales representatives", "catalog": { "id": catalog } });
    let package = text(&rig.make("accessPackages", &body).await["id"]);
    let role_scope = json!({
        "role": { "id": role["id"], "displayName": role["displayName"], "description": role["description"],
            "originSystem": role["originSystem"], "originId": role["originId"],
            "resource": { "id": with_roles["id"], "originId": with_roles["originId"], "originSystem": with_roles["originSystem"] } },
        "scope": { "id": resource["scopes"][0]["id"], "originId": resource["scopes"][0]["originId"],
            "originSystem": resource["scopes"][0]["originSystem"] },
    });
    rig.make(&format!("accessPackages/{package}/resourceRoleScopes"), &role_scope).await;
    let policy = rig.make("assignmentPolicies", &direct(&package)).await;
    let whole = format!("accessPackages/{package}?$expand=assignmentPolicies,resourceRoleScopes($expand=role,scope)");
    let whole = rig.read(&whole).await;
    conforms("accessPackage", &whole);
    assert_eq!(whole["assignmentPolicies"][0]["id"], policy["id"]);
    assert_eq!(whole["resourceRoleScopes"][0]["role"]["displayName"], role["displayName"]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn assignments_end_as_their_policy_says() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let cases = [
        (
            "E0901",
            json!({ "type": "afterDateTime", "endDateTime": "2026-12-31T00:00:00Z" }),
            json!("2026-12-31T00:00:00Z"),
        ),
        ("E0902", json!({ "type": "afterDuration", "duration": "P90D" }), json!("2027-02-19T09:30:01Z")),
        ("E0903", json!({ "type": "afterDuration", "duration": "PT6H" }), json!("2026-11-21T15:30:01Z")),
        ("E0904", json!({ "type": "noExpiration" }), Value::Null),
    ];
    for (employee, expiration, _) in &cases {
        let body = with(direct(&package), json!({ "displayName": employee, "expiration": expiration }));
        rig.make("assignmentPolicies", &body).await;
        created(rig.request(&rig.addition(employee, "Free", employee).await).await).await;
    }
    rig.advance(2);
    for (employee, _, end) in &cases {
        let held = rig.assignment(employee, "Free").await;
        assert_eq!((&held["state"], &held["schedule"]["expiration"]["endDateTime"]), (&json!("delivered"), end));
    }
    rig.advance(6 * 3600);
    assert_eq!(rig.assignment("E0903", "Free").await["state"], "expired");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn an_extension_is_approved_where_the_policy_says_so() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let stage = json!({ "durationBeforeAutomaticDenial": "P14D",
        "primaryApprovers": [{ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 1 }] });
    let body = with(
        direct(&package),
        json!({ "displayName": "Extended", "allowedTargetScope": "allMemberUsers",
            "expiration": { "type": "afterDuration", "duration": "P30D" },
            "requestorSettings": { "enableTargetsToSelfAddAccess": true, "enableTargetsToSelfUpdateAccess": true,
                "allowCustomAssignmentSchedule": true },
            "requestApprovalSettings": { "isApprovalRequiredForAdd": false, "isApprovalRequiredForUpdate": true, "stages": [stage] } }),
    );
    let policy = rig.make("assignmentPolicies", &body).await;
    let wish = json!({ "requestType": "userAdd", "assignment": { "accessPackageId": package, "assignmentPolicyId": policy["id"] } });
    created(rig.request_as("E0901", &wish).await).await;
    rig.advance(2);
    let held = rig.assignment("E0901", "Free").await;
    assert_eq!(held["state"], "delivered", "the first time nobody is asked");
    rig.advance(20 * 86_400);
    let extension = json!({ "requestType": "userUpdate", "assignment": { "id": held["id"] },
        "schedule": { "expiration": { "type": "afterDuration", "duration": "P10D" } } });
    let request = created(rig.request_as("E0901", &extension).await).await;
    rig.advance(2);
    assert_eq!(rig.state(&request).await, "pendingApproval");
    let path = format!("{EM}/accessPackageAssignmentApprovals/{}", id(&request));
    let seen = rig.call_as("E0001", Method::GET, &format!("{path}/stages")).send().await.unwrap();
    let stages: Value = seen.json().await.unwrap();
    let stage = format!("{path}/stages/{}", id(&stages["value"][0]));
    let decision =
        rig.call_as("E0001", Method::PATCH, &stage).json(&json!({ "reviewResult": "Approve", "justification": "ok" }));
    assert_eq!(decision.send().await.unwrap().status(), 204);
    rig.advance(2);
    assert_eq!(rig.state(&request).await, "delivered");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn sponsors_of_a_partner_approve_for_its_people() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let partner = rig.read("connectedOrganizations?$expand=internalSponsors").await["value"][0].clone();
    let sponsor = text(&partner["internalSponsors"][0]["id"]);
    let link = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/users/{}", rig.user("E0902")) });
    let external = format!("connectedOrganizations/{}/externalSponsors/$ref", id(&partner));
    assert_eq!(rig.outcome(Method::POST, &external, &link).await.0, 204);
    let stage = |kind: &str| {
        json!({ "durationBeforeAutomaticDenial": "P14D", "primaryApprovers": [{ "@odata.type": format!("#microsoft.graph.{kind}") }],
            "fallbackPrimaryApprovers": [{ "@odata.type": "#microsoft.graph.singleUser", "userId": rig.user("E0903") }] })
    };
    let settings =
        json!({ "isApprovalRequiredForAdd": true, "stages": [stage("internalSponsors"), stage("externalSponsors")] });
    let changes =
        json!({ "allowedTargetScope": "allConfiguredConnectedOrganizationUsers", "requestApprovalSettings": settings });
    let policy = rig.make("assignmentPolicies", &with(direct(&package), changes)).await;
    let guests = rig.get("/v1.0/users?$filter=userType eq 'Guest'&$select=id").await;
    let body = json!({ "requestType": "adminAdd", "assignment": {
        "targetId": guests["value"][0]["id"], "accessPackageId": package, "assignmentPolicyId": policy["id"] } });
    let request = created(rig.request(&body).await).await;
    rig.advance(1);
    for (number, approver) in [sponsor, rig.user("E0902")].into_iter().enumerate() {
        assert_eq!(rig.state(&request).await, "pendingApproval");
        let call = |method: Method, path: &str| {
            let url = rig.sandbox.url().join(&format!("{EM}/accessPackageAssignmentApprovals/{}/{path}", id(&request)));
            rig.client.request(method, url.unwrap()).bearer_auth(format!("{DEVELOPER}+{approver}"))
        };
        let stages: Value = call(Method::GET, "stages").send().await.unwrap().json().await.unwrap();
        let path = format!("stages/{}", id(&stages["value"][number]));
        let decision = call(Method::PATCH, &path).json(&json!({ "reviewResult": "Approve", "justification": "known" }));
        assert_eq!(decision.send().await.unwrap().status(), 204, "{stages}");
    }
    rig.advance(2);
    assert_eq!(rig.state(&request).await, "delivered");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn who_fits_a_policys_rule_is_assigned_without_asking() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let rule = json!({ "@odata.type": "#microsoft.graph.attributeRuleMembers", "membershipRule": "(user.department -eq \"Robotics\")" });
    let policy = json!({ "displayName": "Automatic", "allowedTargetScope": "specificDirectoryUsers",
        "specificAllowedTargets": [rule], "accessPackage": { "id": package },
        "automaticRequestSettings": { "requestAccessForAllowedTargets": true,
            "removeAccessWhenTargetLeavesAllowedTargets": true, "gracePeriodBeforeAccessRemoval": "P7D" } });
    rig.make("assignmentPolicies", &policy).await;
    rig.advance(60);
    assert_eq!(rig.assignment("E0901", "Free").await, Value::Null);
    let user = format!("/v1.0/users/{}", rig.user("E0901"));
    for (department, days, state) in
        [("Robotics", 0, "delivered"), ("Marketing", 6, "delivered"), ("Marketing", 2, "expired")]
    {
        let moved = rig.call(Method::PATCH, &user).json(&json!({ "department": department })).send().await.unwrap();
        assert_eq!(moved.status(), 204);
        rig.advance(60 + days * 86_400);
        assert_eq!(rig.assignment("E0901", "Free").await["state"], state, "{department}");
    }
    let requests = rig.all(&format!("{EM}/assignmentRequests?$filter=accessPackage/id eq '{package}'")).await;
    let types: BTreeSet<_> = requests.iter().map(|request| text(&request["requestType"])).collect();
    assert_eq!(types.into_iter().collect::<Vec<_>>(), ["systemAdd", "systemRemove"]);
    rig.sandbox.stop().await;
}
