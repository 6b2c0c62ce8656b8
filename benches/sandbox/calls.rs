//! The kinds of calls that are measured: lists, every documented filter, single things, requests, batches.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use usherd::sandbox::Sandbox;

use crate::driver::{Call, Driver};
use crate::generator::{Sizes, department, id};

const EM: &str = "/v1.0/identityGovernance/entitlementManagement";
/// How many pages a deep page is behind the first, each of the largest size.
const DEEP: usize = 30;

/// Measures them all, changes last.
pub(crate) async fn measure(driver: &Driver, sandbox: &Sandbox, sizes: Sizes) -> Result<()> {
    lists(driver).await?;
    entitlement_filters(driver, sizes).await?;
    directory_filters(driver, sizes).await?;
    changes(driver, sandbox, sizes).await
}

async fn lists(driver: &Driver) -> Result<()> {
    for (name, path) in [("list assignments", format!("{EM}/assignments")), ("list users", "/v1.0/users".to_owned())] {
        driver.measure(name, move |_| Call::get(path.clone()), |page| values(page) == 100).await?;
    }
    let mut next = format!("{EM}/assignments?$top=999&$filter=state eq 'delivered'");
    for _ in 0..DEEP {
        let page = driver.read(&next).await?;
        let Some(link) = page["@odata.nextLink"].as_str() else { break };
        next = link.replace("%24top=999", "$top=100").replace("$top=999", "$top=100");
    }
    driver.measure("list assignments, a deep page", move |_| Call::get(next.clone()), |page| values(page) > 0).await
}

async fn entitlement_filters(driver: &Driver, sizes: Sizes) -> Result<()> {
    let Sizes { users, packages, .. } = sizes;
    let package = move |number: usize| id("package", number % packages);
    let filtered = |name: &'static str, path: &'static str, filter: Box<dyn Fn(usize) -> String + Send + Sync>| {
        let make = move |number| Call::get(format!("{EM}/{path}?$filter={}", filter(number)));
        driver.measure(name, make, |page| values(page) > 0)
    };
    filtered("assignments: state", "assignments", Box::new(|_| "state eq 'Delivered'".to_owned())).await?;
    let of_package = move |number| format!("accessPackage/id eq '{}'", package(number));
    filtered("assignments: package", "assignments", Box::new(of_package)).await?;
    let of_target = move |number: usize| format!("target/objectid eq '{}'", id("user", number * 31 % users));
    filtered("assignments: target", "assignments", Box::new(of_target)).await?;
    let of_policy = move |number: usize| format!("assignmentPolicy/id eq '{}'", id("policy", number % packages));
    filtered("assignments: policy", "assignments", Box::new(of_policy)).await?;
    let both = move |number| format!("state eq 'Delivered' and {}", of_package(number));
    filtered("assignments: state and package", "assignments", Box::new(both)).await?;
    let three = move |number: usize| {
        let user = number * 31 % users;
        let held = id("package", sizes.package_of(user, 1));
        format!("target/objectid eq '{}' and accessPackage/id eq '{held}' and state eq 'Delivered'", id("user", user))
    };
    filtered("assignments: target, package and state", "assignments", Box::new(three)).await?;
    filtered("requests: state", "assignmentRequests", Box::new(|_| "state eq 'pendingApproval'".to_owned())).await?;
    let asked =
        move |number: usize| format!("accessPackage/id eq '{}'", id("package", sizes.package_of(number % users, 0)));
    filtered("requests: package", "assignmentRequests", Box::new(asked)).await?;
    let created = |_| "createdDateTime ge 2026-01-01T00:10:00Z and createdDateTime lt 2026-01-01T00:15:00Z".to_owned();
    filtered("requests: createdDateTime", "assignmentRequests", Box::new(created)).await?;
    let named = move |number: usize| format!("displayName eq 'package {}'", number % packages);
    filtered("packages: displayName", "accessPackages", Box::new(named)).await?;
    let containing = move |number: usize| format!("contains(tolower(displayName),'e {}')", number % packages);
    filtered("packages: contains", "accessPackages", Box::new(containing)).await?;
    filtered("catalogs: displayName", "catalogs", Box::new(|_| "displayName eq 'General'".to_owned())).await?;
    let named = move |number: usize| format!("displayName eq 'Policy {}'", number % packages);
    filtered("policies: displayName", "assignmentPolicies", Box::new(named)).await?;
    let by_id = move |number: usize| format!("id eq '{}'", id("resource", number % packages));
    filtered("resources: id", "resources", Box::new(by_id)).await?;
    let of_group = move |number: usize| format!("originId eq '{}'", id("group", number % packages));
    filtered("resources: originId", "resources", Box::new(of_group)).await?;
    let named =
        move |number: usize| format!("originSystem eq 'AadGroup' and displayName eq 'Group {}'", number % packages);
    filtered("resources: originSystem and displayName", "resources", Box::new(named)).await
}

async fn directory_filters(driver: &Driver, sizes: Sizes) -> Result<()> {
    let users = sizes.users;
    let filtered = |name: &'static str, filter: Box<dyn Fn(usize) -> String + Send + Sync>| {
        let make = move |number: usize| Call::get(format!("/v1.0/users?$filter={}", filter(number * 31 % users)));
        driver.measure(name, make, |page| values(page) > 0)
    };
    filtered(
        "users: userPrincipalName",
        Box::new(|user| format!("userPrincipalName eq 'user{user:06}@bench.example'")),
    )
    .await?;
    filtered("users: mail", Box::new(|user| format!("mail eq 'user{user:06}@bench.example'"))).await?;
    filtered("users: employeeId", Box::new(|user| format!("employeeId eq 'e{user:06}'"))).await?;
    filtered("users: department", Box::new(|user| format!("department eq '{}'", department(user)))).await?;
    filtered("users: accountEnabled", Box::new(|_| "accountEnabled eq false".to_owned())).await?;
    filtered(
        "users: displayName",
        Box::new(|user| format!("displayName eq '{} Person {user}'", department(user / 10))),
    )
    .await?;
    filtered("users: startsWith", Box::new(|user| format!("startsWith(displayName,'{}')", department(user)))).await?;
    filtered("users: employeeId from", Box::new(move |_| format!("employeeId ge 'E{:06}'", users / 2))).await?;
    filtered(
        "users: id in 15",
        Box::new(move |user| {
            let ids: Vec<_> = (0..15).map(|next| format!("'{}'", id("user", (user + next) % users))).collect();
            format!("id in ({})", ids.join(","))
        }),
    )
    .await?;
    filtered(
        "users: department ne, counted",
        Box::new(|user| format!("department ne '{}'&$count=true", department(user))),
    )
    .await?;
    let named = move |number: usize| {
        Call::get(format!("/v1.0/groups?$filter=displayName eq 'Group {}'", number % sizes.packages))
    };
    driver.measure("groups: displayName", named, |page| values(page) == 1).await
}

async fn changes(driver: &Driver, sandbox: &Sandbox, sizes: Sizes) -> Result<()> {
    let users = sizes.users;
    let one = move |number: usize| Call::get(format!("/v1.0/users/{}", id("user", number * 31 % users)));
    driver.measure("one user", one, |user| user["id"].is_string()).await?;
    let assignments = sizes.assignments;
    let one = move |number: usize| {
        Call::get(format!(
            "{EM}/assignments/{}?$expand=target,accessPackage",
            id("assignment", number * 31 % assignments)
        ))
    };
    driver.measure("one assignment, expanded", one, |found| found["target"]["objectId"].is_string()).await?;
    let gets = move |number: usize| {
        let requests = (0..20).map(|item| {
            let user = id("user", (number * 20 + item) % users);
            json!({ "id": item.to_string(), "method": "GET", "url": format!("/users/{user}?$select=id,displayName") })
        });
        Call::post("/v1.0/$batch", json!({ "requests": requests.collect::<Vec<_>>() }), 200)
    };
    driver.measure("$batch of 20 reads", gets, |batch| all_are(batch, 200)).await?;

    let path = format!("{EM}/assignmentRequests");
    // Each addition is of a package that its user does not hold yet: the fourth and fifth are asked for one by one, the sixth on in batches.
    let addition = move |nth: usize, number: usize| addition(sizes, number % users, nth + number / users);
    let single = path.clone();
    driver.measure("adminAdd", move |number| Call::post(&single, addition(3, number), 201), is_submitted).await?;
    let removal = move |number: usize| {
        let assignment = id("assignment", number * 3 + 2);
        Call::post(&path, json!({ "requestType": "adminRemove", "assignment": { "id": assignment } }), 201)
    };
    driver.measure("adminRemove", removal, is_submitted).await?;
    let adds = move |number: usize| {
        let requests = (0..20).map(|item| {
            json!({
                "id": item.to_string(), "method": "POST", "url": "/identityGovernance/entitlementManagement/assignmentRequests",
                "headers": { "Content-Type": "application/json" }, "body": addition(8, number * 20 + item),
            })
        });
        Call::post("/v1.0/$batch", json!({ "requests": requests.collect::<Vec<_>>() }), 200)
    };
    driver.measure("$batch of 20 adminAdds", adds, |batch| all_are(batch, 201)).await?;
    sandbox.clock().advance(jiff::SignedDuration::from_secs(60));
    let first = driver.read(&format!("{EM}/assignments?$filter=target/objectId eq '{}'", id("user", 0))).await?;
    let held = values(&first);
    anyhow::ensure!(held >= 4, "the first user has {held} assignments after the first adminAdd");
    let added = first["value"].as_array().and_then(|all| all.last()).context("the last assignment")?;
    anyhow::ensure!(added["state"] == "delivered", "what was added is delivered: {added}");
    Ok(())
}

fn addition(sizes: Sizes, user: usize, nth: usize) -> Value {
    let package = sizes.package_of(user, nth);
    json!({ "requestType": "adminAdd", "assignment": {
        "targetId": id("user", user), "assignmentPolicyId": id("policy", package), "accessPackageId": id("package", package),
    } })
}

fn is_submitted(request: &Value) -> bool {
    request["state"] == "submitted"
}

fn values(page: &Value) -> usize {
    page["value"].as_array().map_or(0, Vec::len)
}

fn all_are(batch: &Value, status: u16) -> bool {
    batch["responses"].as_array().is_some_and(|all| all.len() == 20 && all.iter().all(|one| one["status"] == status))
}
