//! A large tenant as a dump, always the same: a small tenant's rows, multiplied.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use usherd::sandbox::Seed;

/// One of everything, whose rows are the patterns: what rows look like is the sandbox's own matter.
const PATTERN: &str = r#"{"name": "bench", "domain": "bench.example",
    "users": [{"userPrincipalName": "pattern@bench.example", "displayName": "Pattern", "mail": "pattern@bench.example",
        "employeeId": "E", "department": "D", "jobTitle": "J", "accountEnabled": true, "givenName": "P", "surname": "P",
        "companyName": "Bench", "userType": "Member", "employeeHireDate": "2020-01-01T00:00:00Z"},
        {"userPrincipalName": "other@bench.example", "displayName": "Other", "employeeId": "F"}],
    "groups": [{"displayName": "G"}],
    "catalogs": [{"displayName": "General", "catalogType": "serviceDefault"}],
    "accessPackages": [{"displayName": "P", "catalog": "General", "groups": ["G"]}],
    "assignmentPolicies": [{"displayName": "D", "accessPackage": "P"}],
    "assignments": [{"user": "pattern@bench.example", "accessPackage": "P", "assignmentPolicy": "D", "since": "2026-01-01T00:00:00Z"}]}"#;
/// What the departments are called.
const DEPARTMENTS: [&str; 10] =
    ["Sales", "Marketing", "Engineering", "Finance", "Legal", "Support", "Research", "People", "Design", "Security"];

/// How much there is of everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) users: usize,
    pub(crate) packages: usize,
    pub(crate) assignments: usize,
    pub(crate) requests: usize,
}

impl Sizes {
    /// A hundredth as many packages as users, each with a group and a policy; three assignments and a request a user.
    pub(crate) fn of(users: usize) -> Self {
        Self { users, packages: (users / 100).max(20), assignments: users * 3, requests: users }
    }

    /// The number of the package that the user's assignment number `nth` is of; beyond the third, ones not held yet.
    pub(crate) fn package_of(self, user: usize, nth: usize) -> usize {
        (user * 7 + nth) % self.packages
    }
}

/// The id of a thing by its kind and number: as scattered as real ones.
pub(crate) fn id(kind: &str, number: usize) -> String {
    let seed =
        kind.bytes().fold(number as u64, |seed, byte| seed.wrapping_mul(0x0100_0000_01b3) ^ (u64::from(byte) << 32));
    let mix = |seed: u64| {
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let (high, low) = (mix(seed), mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)));
    uuid::Uuid::from_u64_pair(high, low).hyphenated().to_string()
}

/// The department of the user of this number.
pub(crate) fn department(user: usize) -> &'static str {
    DEPARTMENTS.get(user % DEPARTMENTS.len()).copied().unwrap_or_default()
}

/// The dump; `folder` is for the pattern.
pub(crate) async fn dump(folder: &Path, sizes: Sizes) -> Result<Vec<u8>> {
    let pattern = folder.join("pattern.json");
    std::fs::write(&pattern, PATTERN)?;
    let sandbox = crate::start(Seed::File(pattern), None).await?;
    let user = sandbox.controls().user_id_by_employee_id("E").context("the pattern has a user")?;
    let package = sandbox.controls().package_id("P").context("the pattern has a package")?;
    let first = sandbox.controls().assignments().into_iter().next().context("the pattern has an assignment")?;
    ensure!(first.target_id == user && first.package_id == package, "the pattern's assignment is of its user");
    let other = sandbox.controls().user_id_by_employee_id("F").context("the pattern has another user")?;
    let addition = json!({ "requestType": "adminAdd", "assignment": {
        "targetId": other, "accessPackageId": package, "assignmentPolicyId": first.policy_id,
    } });
    let url = sandbox.url().join("/v1.0/identityGovernance/entitlementManagement/assignmentRequests")?;
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build()?;
    client.post(url).bearer_auth(crate::TOKEN).json(&addition).send().await?.error_for_status()?;
    sandbox.clock().advance(jiff::SignedDuration::from_secs(60));
    let mut document: Value = serde_json::from_slice(&sandbox.controls().dump())?;
    sandbox.stop().await;
    let rows = document.get_mut("rows").map(Value::take).context("a dump has rows")?;
    let rows: Vec<Value> = rows.as_array().cloned().unwrap_or_default();
    let of = |kind: &str| {
        let row = rows.iter().find(|row| row["kind"] == kind).with_context(|| format!("the pattern has a {kind}"))?;
        Ok::<_, anyhow::Error>(row.clone())
    };
    let catalog = of("catalog")?;
    let old_group = of("group")?["id"].as_str().unwrap_or_default().to_owned();

    let mut head = document.to_string();
    head.truncate(head.rfind("\"rows\":").context("the rows' place")?);
    let tail = document.to_string().split_once("\"rows\":null").map(|(_, tail)| tail.to_owned()).unwrap_or_default();
    let mut out = format!("{head}\"rows\":[{catalog}").into_bytes();
    let mut put = |row: &Value| -> Result<()> {
        out.push(b',');
        serde_json::to_writer(&mut out, row)?;
        Ok(())
    };
    let user_row = of("user")?;
    for number in 0..sizes.users {
        let mut row = with(&user_row, &id("user", number), &[]);
        let name = format!("user{number:06}@bench.example");
        set(
            row["value"]["properties"].as_object_mut(),
            &[
                ("id", json!(id("user", number))),
                ("userPrincipalName", json!(name)),
                ("mail", json!(name)),
                ("displayName", json!(format!("{} Person {number}", department(number / 10)))),
                ("employeeId", json!(format!("E{number:06}"))),
                ("department", json!(department(number))),
                ("accountEnabled", json!(number % 50 != 0)),
            ],
        );
        put(&row)?;
    }
    for number in 0..sizes.packages {
        let (group, package) = (id("group", number), id("package", number));
        let own: &[(&str, Value)] = &[("id", json!(group)), ("displayName", json!(format!("Group {number}")))];
        let mut row = with(&of("group")?, &group, &[]);
        set(row["value"]["properties"].as_object_mut(), own);
        put(&row)?;
        let resource = of("resource")?.to_string().replace(&old_group, &group);
        let resource: Value = serde_json::from_str(&resource)?;
        put(&with(&resource, &id("resource", number), &[("display_name", json!(format!("Group {number}")))]))?;
        let row = of("package")?.to_string().replace(&old_group, &group);
        let mut row =
            with(&serde_json::from_str(&row)?, &package, &[("display_name", json!(format!("Package {number}")))]);
        row["value"]["role_scopes"][0]["resource_id"] = json!(id("resource", number));
        put(&row)?;
        let policy = [("package_id", json!(package)), ("display_name", json!(format!("Policy {number}")))];
        put(&with(&of("policy")?, &id("policy", number), &policy))?;
    }
    let assignment_row = of("assignment")?;
    let request_row = of("request")?;
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse()?;
    for number in 0..sizes.requests {
        let about = about(sizes, number, 0);
        let created = start.checked_add(jiff::SignedDuration::from_secs(i64::try_from(number)?))?;
        let mut more = vec![("created", json!(created)), ("assignment_id", json!(id("assignment", number * 3)))];
        if number % 500 == 499 {
            more.extend([
                ("state", json!("pendingApproval")),
                ("assignment_id", Value::Null),
                ("completed", Value::Null),
            ]);
        }
        more.extend(about);
        put(&with(&request_row, &id("request", number), &more))?;
    }
    for number in 0..sizes.assignments {
        let (user, nth) = (number / 3, number % 3);
        put(&with(&assignment_row, &id("assignment", number), &about(sizes, user, nth)))?;
        let group = id("group", sizes.package_of(user, nth));
        put(&json!({ "kind": "member", "id": format!("{group}/{}", id("user", user)), "value": true }))?;
    }
    out.extend(b"]");
    out.extend(tail.into_bytes());
    Ok(out)
}

/// The references of the user's assignment number `nth`.
fn about(sizes: Sizes, user: usize, nth: usize) -> Vec<(&'static str, Value)> {
    let package = sizes.package_of(user, nth);
    vec![
        ("target_id", json!(id("user", user))),
        ("package_id", json!(id("package", package))),
        ("policy_id", json!(id("policy", package))),
    ]
}

/// The row with another id and these fields.
fn with(row: &Value, id: &str, fields: &[(&str, Value)]) -> Value {
    let mut row = row.clone();
    row["id"] = json!(id);
    row["value"]["id"] = json!(id);
    set(row["value"].as_object_mut(), fields);
    row
}

fn set(object: Option<&mut Map<String, Value>>, fields: &[(&str, Value)]) {
    if let Some(object) = object {
        object.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
}
