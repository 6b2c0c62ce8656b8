//! The sandbox over real HTTP: what it answers, what it refuses, how requests move on, and what survives.

// Says to clippy that the functions beside the tests are tests' too.
#![cfg(test)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use usherd::clock::ScaledClock;
use usherd::sandbox::{self, Sandbox, SandboxError, SandboxOptions, Seed, sample_hr_csv};

pub(crate) const EM: &str = "/v1.0/identityGovernance/entitlementManagement";
pub(crate) const DEVELOPER: &str = "developer";

/// A sandbox, and a caller with the developer token.
pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
}

pub(crate) fn options() -> SandboxOptions {
    let clock = ScaledClock::starting_at("2026-11-21T09:30:00Z".parse().unwrap(), 0.0);
    SandboxOptions { developer_token: Some(SecretString::from(DEVELOPER)), ..SandboxOptions::contoso(Arc::new(clock)) }
}

fn client() -> Client {
    // reqwest asks for a provider even where no TLS is spoken; another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().tls_certs_only([]).no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.timeout(Duration::from_secs(20)).build().unwrap()
}

pub(crate) async fn rig() -> Rig {
    rig_of(options()).await
}

pub(crate) async fn rig_of(options: SandboxOptions) -> Rig {
    Rig { sandbox: sandbox::start(options).await.unwrap(), client: client() }
}

impl Rig {
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.sandbox.url().join(path).unwrap()).bearer_auth(DEVELOPER)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.call(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn refusal(&self, path: &str) -> (u16, String) {
        refused(self.call(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.call(Method::POST, path).json(body).send().await.unwrap()
    }

    pub(crate) async fn request(&self, body: &Value) -> Response {
        self.post(&format!("{EM}/assignmentRequests"), body).await
    }

    /// Every value of a collection, page by page.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let mut next = Some(path.to_owned());
        let mut values = Vec::new();
        while let Some(path) = next {
            let page = self.get(&path).await;
            values.extend(page["value"].as_array().unwrap().iter().cloned());
            next = page.get("@odata.nextLink").map(|link| link.as_str().unwrap().to_owned());
        }
        values
    }

    /// The body of an adminAdd by employee id and names.
    pub(crate) async fn addition(&self, employee_id: &str, package: &str, policy: &str) -> Value {
        let packages = self
            .get(&format!("{EM}/accessPackages?$filter=displayName eq '{package}'&$expand=assignmentPolicies"))
            .await;
        let package = &packages["value"][0];
        let policies = package["assignmentPolicies"].as_array().unwrap();
        let policy = policies.iter().find(|known| known["displayName"] == policy).unwrap();
        json!({ "requestType": "adminAdd", "assignment": {
            "targetId": self.user(employee_id), "accessPackageId": package["id"], "assignmentPolicyId": policy["id"],
        }})
    }

    pub(crate) async fn assignment(&self, employee_id: &str, package: &str) -> Value {
        let package = self.sandbox.controls().package_id(package).unwrap();
        let filter = format!("target/objectId eq '{}' and accessPackage/id eq '{package}'", self.user(employee_id));
        self.get(&format!("{EM}/assignments?$filter={filter}&$expand=target,assignmentPolicy")).await["value"][0]
            .clone()
    }

    pub(crate) async fn state(&self, request: &Value) -> String {
        let request = self.get(&format!("{EM}/assignmentRequests/{}", request["id"].as_str().unwrap())).await;
        request["state"].as_str().unwrap().to_owned()
    }

    pub(crate) fn user(&self, employee_id: &str) -> String {
        self.sandbox.controls().user_id_by_employee_id(employee_id).unwrap()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.sandbox.clock().advance(SignedDuration::from_secs(seconds));
    }
}

pub(crate) async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(body["error"]["innerError"]["request-id"].is_string(), "{body}");
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

pub(crate) async fn created(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::CREATED);
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_token_is_given_for_the_right_secret_only() {
    let rig = rig().await;
    let own_scope = format!("{}.default", rig.sandbox.url());
    let ask = async |tenant: &str, client_id: &str, secret: &str, scope: &str| {
        let url = rig.sandbox.url().join(&format!("/{tenant}/oauth2/v2.0/token")).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", secret),
            ("scope", scope),
        ];
        let response = rig.client.post(url).form(&form).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (tenant, app) = (rig.sandbox.tenant_id(), rig.sandbox.client_id());
    let secret = rig.sandbox.client_secret().expose_secret();
    for (answer, status, number) in [
        (ask(tenant, app, "wrong", &own_scope).await, 401, 7_000_215),
        (ask(tenant, "wrong", secret, &own_scope).await, 400, 700_016),
        (ask("wrong", app, secret, &own_scope).await, 400, 90002),
        (ask(tenant, app, secret, "https://elsewhere.example/.default").await, 400, 70011),
    ] {
        assert_eq!((answer.0, &answer.1["error_codes"]), (status, &json!([number])));
        assert!(answer.1["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{number}: ")));
    }
    let (status, body) = ask(tenant, app, secret, "https://graph.microsoft.com/.default").await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("Bearer"), &json!(3599)));

    let users = rig.sandbox.url().join("/v1.0/users").unwrap();
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(rig.client.get(users.clone()).bearer_auth(token).send().await.unwrap().status(), StatusCode::OK);
    for request in [rig.client.get(users.clone()), rig.client.get(users).bearer_auth("other")] {
        assert_eq!(refused(request.send().await.unwrap()).await, (401, "InvalidAuthenticationToken".to_owned()));
    }

    let url = rig.sandbox.url().join(&format!("/{tenant}/oauth2/v2.0/token")).unwrap();
    let form = [("grant_type", "client_credentials"), ("scope", own_scope.as_str())];
    let basic = rig.client.post(url).basic_auth(app, Some(secret)).form(&form).send().await.unwrap();
    assert_eq!(basic.status(), StatusCode::OK);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn users_are_listed_in_pages_selected_and_filtered() {
    let rig = rig().await;
    let users = rig.all("/v1.0/users?$select=id,userType&$top=50").await;
    let distinct: std::collections::BTreeSet<_> = users.iter().map(|user| user["id"].as_str()).collect();
    assert_eq!((users.len(), distinct.len()), (165, 165));
    assert_eq!(rig.get("/v1.0/users").await["value"].as_array().unwrap().len(), 100);
    let last = rig.get("/v1.0/users?$top=999").await;
    assert!(last.get("@odata.nextLink").is_none());

    let nora =
        rig.get("/v1.0/users?$filter=employeeId eq 'E0901' and accountEnabled eq true").await["value"][0].clone();
    let mut shown: Vec<_> = nora.as_object().unwrap().keys().map(String::as_str).collect();
    shown.sort_unstable();
    let defaults = "businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName";
    assert_eq!(shown.join(" "), defaults);
    let path = "/v1.0/users/nora.lindqvist@contoso.example?$select=id,employeeOrgData,onPremisesExtensionAttributes,department";
    let one = rig.get(path).await;
    assert_eq!((&one["id"], &one["department"]), (&nora["id"], &Value::Null));
    assert_eq!(one["employeeOrgData"]["division"], "Europe");
    assert_eq!(one["onPremisesExtensionAttributes"]["extensionAttribute1"], "01-NL");

    let guests = rig.all("/v1.0/users?$filter=userType eq 'Guest'&$top=1").await;
    assert_eq!(guests.len(), 3);
    let nested = "/v1.0/users?$filter=employeeOrgData/division eq 'asia' and department eq null&$select=displayName";
    assert_eq!(rig.all(nested).await.len(), 2);
    let guest = rig.get("/v1.0/users?$filter=userType eq 'Guest'&$select=userPrincipalName").await["value"][0].clone();
    let name = guest["userPrincipalName"].as_str().unwrap().replace('#', "%23");
    assert_eq!(rig.get(&format!("/v1.0/users/{name}?$select=userType")).await["userType"], "Guest");
    let manager = rig.get(&format!("/v1.0/users/{}/manager", nora["id"].as_str().unwrap())).await;
    assert_eq!(manager["id"], rig.user("E0001"));

    assert_eq!(rig.refusal("/v1.0/users/nobody@contoso.example").await, (404, "Request_ResourceNotFound".into()));
    assert_eq!(rig.refusal("/v1.0/users?$select=shoeSize").await, (400, "Request_BadRequest".into()));
    for filter in ["shoeSize eq '5'", "department ne 'IT'", "employeeHireDate gt 2026-01-01T00:00:00Z"] {
        let refusal = rig.refusal(&format!("/v1.0/users?$filter={filter}")).await;
        assert_eq!(refusal, (400, "Request_UnsupportedQuery".into()), "{filter}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn members_are_listed_directly_and_through_nested_groups() {
    let rig = rig().await;
    let id = async |name: &str| {
        rig.get(&format!("/v1.0/groups?$filter=displayName eq '{name}'")).await["value"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (engineering, platform, atlas) =
        (id("Engineering").await, id("Platform Team").await, id("Project Atlas").await);
    let kinds = async |path: String| {
        let members = rig.all(&path).await;
        let groups = members.iter().filter(|member| member["@odata.type"] == "#microsoft.graph.group").count();
        (members.len() - groups, groups)
    };
    let people = kinds(format!("/v1.0/groups/{platform}/members")).await.0;
    let (direct, groups) = kinds(format!("/v1.0/groups/{engineering}/members?$top=7")).await;
    assert_eq!((people, groups), (8, 1));
    assert_eq!(kinds(format!("/v1.0/groups/{engineering}/transitiveMembers")).await, (direct + people, 1));
    let cast =
        format!("/v1.0/groups/{engineering}/transitiveMembers/microsoft.graph.user?$select=id,employeeId&$top=9");
    assert_eq!(rig.all(&cast).await.len(), direct + people);
    assert!(rig.all(&format!("/v1.0/groups/{atlas}/members")).await.is_empty());

    let link = |id: &str| json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}") });
    let references = format!("/v1.0/groups/{platform}/members/$ref");
    assert_eq!(rig.post(&references, &link(&engineering)).await.status(), StatusCode::NO_CONTENT, "a circle");
    assert_eq!(kinds(format!("/v1.0/groups/{engineering}/transitiveMembers")).await, (direct + people, 1));
    let nora = rig.user("E0901");
    assert_eq!(rig.post(&references, &link(&nora)).await.status(), StatusCode::NO_CONTENT);
    assert!(rig.sandbox.controls().is_member("Platform Team", &nora));
    assert_eq!(refused(rig.post(&references, &link(&nora)).await).await.0, 400);
    assert_eq!(refused(rig.post(&references, &link(rig.sandbox.tenant_id())).await).await.0, 404);
    let reference = format!("/v1.0/groups/{platform}/members/{nora}/$ref");
    assert_eq!(rig.call(Method::DELETE, &reference).send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(refused(rig.call(Method::DELETE, &reference).send().await.unwrap()).await.0, 404);

    assert_eq!(rig.refusal("/v1.0/groups/nonsense").await, (400, "Request_BadRequest".into()));
    assert_eq!(rig.refusal(&format!("/v1.0/groups/{nora}/members")).await.0, 404);
    let cast = |name: &str| format!("/v1.0/groups/{platform}/members/{name}");
    assert!(rig.all(&cast("microsoft.graph.device")).await.is_empty());
    assert_eq!(rig.refusal(&cast("microsoft.graph.shoe")).await, (400, "Request_UnsupportedQuery".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn entitlement_management_reads_as_documented() {
    let rig = rig().await;
    let package =
        rig.get(&format!("{EM}/accessPackages?$filter=contains(tolower(displayName),'platform')")).await["value"][0]
            .clone();
    assert_eq!(package["displayName"], "Platform Operations");
    for navigation in ["assignmentPolicies", "catalog", "resourceRoleScopes"] {
        assert!(package.get(navigation).is_none(), "{navigation}");
    }
    let id = package["id"].as_str().unwrap();
    let expand = "$expand=catalog,resourceRoleScopes($expand=role,scope)";
    let whole = rig.get(&format!("{EM}/accessPackages/{id}?{expand}")).await;
    assert_eq!(whole["catalog"]["displayName"], "Business Applications");
    let scopes = whole["resourceRoleScopes"].as_array().unwrap();
    assert_eq!(scopes.len(), 2);
    let group = scopes[0]["scope"]["originId"].as_str().unwrap();
    assert_eq!(scopes[0]["role"]["originId"], format!("Member_{group}"));
    assert_eq!(rig.get(&format!("/v1.0/groups/{group}")).await["displayName"], "Source Code");

    let policies = rig.all(&format!("{EM}/assignmentPolicies?$expand=accessPackage,questions")).await;
    assert_eq!(policies.len(), 9);
    let asked = policies.iter().find(|policy| policy["displayName"] == "With questions").unwrap();
    assert_eq!(
        (&asked["questions"][0]["isRequired"], &asked["accessPackage"]["displayName"]),
        (&json!(true), &json!("Sales Toolkit"))
    );
    let approvals =
        policies.iter().filter(|policy| policy["requestApprovalSettings"]["isApprovalRequiredForAdd"] == true);
    assert_eq!(approvals.count(), 2);
    assert_eq!(rig.all(&format!("{EM}/catalogs?$expand=accessPackages")).await.len(), 2);

    let held = rig.assignment("E0901", "Office Basics").await;
    assert_eq!((&held["state"], &held["target"]["objectId"]), (&json!("delivered"), &json!(rig.user("E0901"))));
    assert_ne!(held["target"]["id"], held["target"]["objectId"]);
    let by_policy = format!(
        "assignmentPolicy/Id eq '{}' and State eq 'Delivered'",
        held["assignmentPolicy"]["id"].as_str().unwrap()
    );
    let by_policy = rig.all(&format!("{EM}/assignments?$filter={by_policy}&$top=40")).await;
    assert!(by_policy.len() > 100 && by_policy.iter().all(|assignment| assignment.get("target").is_none()));

    for path in [
        "assignments?$filter=catalogId eq '1'",
        "assignments?$filter=state ne 'delivered'",
        "assignments?$filter=id eq 'x'",
        "assignmentRequests?$filter=requestor/objectId eq 'x'",
        "assignmentRequests?$filter=completedDateTime ge 2026-01-01T00:00:00Z",
        "assignmentPolicies?$filter=accessPackage/id eq 'x'",
        "accessPackages?$filter=displayName eq 'a' or displayName eq 'b'",
    ] {
        assert_eq!(rig.refusal(&format!("{EM}/{path}")).await, (400, "InvalidFilter".into()), "{path}");
    }
    let response =
        rig.call(Method::GET, &format!("{EM}/assignments?$filter=catalogId eq '1afa'")).send().await.unwrap();
    let error = response.json::<Value>().await.unwrap()["error"].clone();
    assert_eq!(error["message"], "OData query is invalid: Filter 'catalogId Equals 1afa is not supported. .");
    assert_eq!(error["details"], json!([]));
    let beta = rig.refusal(&format!("{EM}/accessPackages?$expand=accessPackageAssignmentPolicies")).await;
    assert_eq!(beta.0, 400);
    assert_eq!(rig.refusal(&format!("{EM}/assignments?$orderby=id")).await.0, 400);
    assert_eq!(rig.refusal(&format!("{EM}/accessPackages/{id}/assignmentPolicies")).await, (404, String::new()));
    assert_eq!(rig.refusal(&format!("{EM}/accessPackages/nonsense")).await.0, 400);
    assert_eq!(rig.refusal(&format!("{EM}/accessPackages/{group}")).await, (404, "ResourceNotFound".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_request_goes_from_submitted_to_delivered_and_back_by_the_tenant_clock() {
    let rig = rig().await;
    let mut body = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    body["justification"] = json!("as agreed [tag]");
    let response = rig.request(&body).await;
    assert!(response.headers()["location"].to_str().unwrap().starts_with("https://igaelm-"));
    let request = created(response).await;
    assert_eq!((&request["state"], &request["status"]), (&json!("submitted"), &json!("Accepted")));
    assert_eq!(request["createdDateTime"], Value::Null);
    assert_eq!(request["schedule"]["expiration"]["type"], "notSpecified");
    assert!(request.get("assignment").is_none());

    let package = body["assignment"]["accessPackageId"].as_str().unwrap();
    let filter =
        format!("accessPackage/id eq '{package}' and createdDateTime ge 2026-11-21T09:15:00Z and state eq 'Submitted'");
    let found = rig
        .get(&format!("{EM}/assignmentRequests?$filter={filter}&$expand=requestor,assignment($expand=target)"))
        .await;
    let found = &found["value"][0];
    assert_eq!((&found["id"], &found["justification"]), (&request["id"], &json!("as agreed [tag]")));
    assert_eq!(found["requestor"]["objectId"], rig.user("E0901"));
    assert_eq!((&found["createdDateTime"], &found["assignment"]), (&json!("2026-11-21T09:30:00Z"), &Value::Null));

    rig.advance(1);
    assert_eq!(rig.state(&request).await, "delivering");
    assert_eq!(rig.assignment("E0901", "Marketing Campaign").await["state"], "delivering");
    rig.advance(1);
    assert_eq!(rig.state(&request).await, "delivered");
    let nora = rig.user("E0901");
    assert!(rig.sandbox.controls().is_member("Campaign Tools", &nora));
    let expanded = rig
        .get(&format!("{EM}/assignmentRequests/{}?$expand=assignment($expand=target)", request["id"].as_str().unwrap()))
        .await;
    assert_eq!(expanded["assignment"]["target"]["objectId"], nora);

    let assignment = expanded["assignment"]["id"].clone();
    let removal = json!({ "requestType": "AdminRemove", "assignment": { "id": assignment } });
    let removal_request = created(rig.request(&removal).await).await;
    assert_eq!(refused(rig.request(&removal).await).await, (400, "ExistingOpenRequest".into()));
    rig.advance(2);
    assert_eq!(rig.state(&removal_request).await, "delivered");
    let ended = rig.assignment("E0901", "Marketing Campaign").await;
    assert_eq!((&ended["state"], &ended["expiredDateTime"]), (&json!("expired"), &json!("2026-11-21T09:30:04Z")));
    assert!(!rig.sandbox.controls().is_member("Campaign Tools", &nora));
    assert_eq!(refused(rig.request(&removal).await).await, (400, "AssignmentExpired".into()));
    let types: Vec<_> = rig.sandbox.controls().requests().iter().map(|request| request.request_type).collect();
    assert_eq!(types, ["adminAdd", "adminRemove"]);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_request_that_graph_would_refuse_is_refused() {
    let rig = rig().await;
    let good = rig.addition("E0901", "Marketing Campaign", "Direct assignment").await;
    let other = rig.addition("E0901", "Sales Toolkit", "Direct assignment").await;
    let changed = |part: &str, value: &Value| {
        let mut body = good.clone();
        body["assignment"][part] = value.clone();
        body
    };
    let unknown = json!("00000000-0000-4000-8000-000000000000");
    for (body, status, code) in [
        (rig.addition("E0901", "Office Basics", "Direct assignment").await, 400, "ExistingAssignment"),
        (rig.addition("E0901", "Sales Toolkit", "With questions").await, 400, "MissingRequiredAnswer"),
        (changed("targetId", &unknown), 404, "ResourceNotFound"),
        (changed("accessPackageId", &unknown), 404, "ResourceNotFound"),
        (changed("assignmentPolicyId", &unknown), 404, "ResourceNotFound"),
        (changed("assignmentPolicyId", &other["assignment"]["assignmentPolicyId"]), 400, "InvalidAssignmentPolicy"),
        (changed("targetId", &json!("nonsense")), 400, "InvalidModel"),
        (changed("target", &json!({ "email": "a@b.example" })), 400, "InvalidModel"),
        (json!({ "requestType": "userAdd", "assignment": good["assignment"] }), 403, "UnAuthorized"),
        (json!({ "requestType": "adminRemove", "assignment": { "id": unknown } }), 404, "ResourceNotFound"),
        (json!([]), 400, "InvalidModel"),
    ] {
        let response = rig.request(&body).await;
        assert_eq!(refused(response).await, (status, code.to_owned()), "{body}");
    }
    assert!(rig.sandbox.controls().requests().is_empty());
    created(rig.request(&good).await).await;
    assert_eq!(refused(rig.request(&good).await).await, (400, "ExistingOpenRequest".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn approvals_answers_and_thirty_days_are_honoured() {
    let rig = rig().await;
    let controls = rig.sandbox.controls();
    let asked =
        created(rig.request(&rig.addition("E0902", "Marketing Campaign", "Approved by manager").await).await).await;
    let denied = created(
        rig.request(&rig.addition("E0903", "Platform Operations", "Approved by the platform lead").await).await,
    )
    .await;
    let (asked_id, denied_id) = (asked["id"].as_str().unwrap(), denied["id"].as_str().unwrap());
    assert!(controls.decide(asked_id, true).is_err(), "it is only submitted");
    rig.advance(86_400);
    assert_eq!(rig.state(&asked).await, "pendingApproval");
    controls.decide(asked_id, true).unwrap();
    controls.decide(denied_id, false).unwrap();
    rig.advance(1);
    assert_eq!((rig.state(&asked).await, rig.state(&denied).await), ("delivered".into(), "denied".into()));

    let mut answered = rig.addition("E0901", "Sales Toolkit", "With questions").await;
    let policies =
        rig.get(&format!("{EM}/assignmentPolicies?$filter=displayName eq 'With questions'&$expand=questions")).await;
    let question = policies["value"][0]["questions"][0]["id"].clone();
    let answer = json!({ "@odata.type": "#microsoft.graph.accessPackageAnswerString", "value": "EMEA", "displayValue": "EMEA",
        "answeredQuestion": { "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion", "id": question } });
    answered["answers"] = json!([answer]);
    assert_eq!(created(rig.request(&answered).await).await["answers"], json!([answer]));

    created(rig.request(&rig.addition("E0901", "Vendor Portal", "Thirty days").await).await).await;
    rig.advance(2);
    let vendor = rig.assignment("E0901", "Vendor Portal").await;
    let end = vendor["schedule"]["expiration"]["endDateTime"].as_str().unwrap();
    assert_eq!((&vendor["state"], end), (&json!("delivered"), "2026-12-22T09:30:02Z"));
    rig.advance(30 * 86_400);
    assert_eq!(rig.assignment("E0901", "Vendor Portal").await["state"], "expired");
    assert!(controls.is_member("Company Portal", &rig.user("E0901")), "Office Basics gives it as well");
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn answers_are_lost_held_and_refused_on_demand() {
    let rig = rig().await;
    let controls = rig.sandbox.controls();
    let path = format!("{EM}/assignmentRequests");
    let first = rig.addition("E0902", "Marketing Campaign", "Direct assignment").await;
    let second = rig.addition("E0903", "Marketing Campaign", "Direct assignment").await;

    controls.lose_answers(1);
    let lost = rig.call(Method::POST, &path).json(&first).send().await.unwrap_err();
    assert!(!lost.is_timeout() && lost.status().is_none());
    assert_eq!(controls.requests().len(), 1, "committed all the same, and once");

    let held = controls.hold_answers();
    let answer = tokio::spawn(rig.call(Method::POST, &path).json(&second).send());
    held.wait_for(1).await;
    assert_eq!(controls.requests().len(), 2);
    assert!(!answer.is_finished());
    drop(held);
    created(answer.await.unwrap().unwrap()).await;

    let before = controls.graph_calls();
    controls.refuse_next(2, 429, Some(7));
    let response = rig.request(&first).await;
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(refused(response).await, (429, "TooManyRequests".into()));
    assert_eq!(rig.refusal("/v1.0/users").await.0, 429);
    assert_eq!((controls.requests().len(), controls.graph_calls() - before), (2, 2));
    rig.get("/v1.0/users?$top=1").await;
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn errors_have_the_envelope_and_every_answer_its_ids_and_clock() {
    let rig = rig().await;
    let id = "7f6d3a52-3a0f-4f0b-9a55-0c6d3f1b2a11";
    let response = rig.call(Method::GET, "/v1.0/nowhere").header("client-request-id", id).send().await.unwrap();
    assert_eq!(response.headers()["client-request-id"], id);
    let clock = response.headers()["x-sandbox-clock"].to_str().unwrap().to_owned();
    assert!(clock.starts_with("origin=2026-11-21T09:30:00Z; realOrigin=") && clock.ends_with("; speed=0"), "{clock}");
    assert_eq!(response.headers()["date"], "Sat, 21 Nov 2026 09:30:00 GMT");
    let request_id = response.headers()["request-id"].to_str().unwrap().to_owned();
    let inner = response.json::<Value>().await.unwrap()["error"]["innerError"].clone();
    assert_eq!(inner, json!({ "date": "2026-11-21T09:30:00", "request-id": request_id, "client-request-id": id }));

    assert_eq!(rig.refusal("/nowhere").await.0, 404);
    let method = rig.call(Method::PATCH, "/v1.0/users").send().await.unwrap();
    assert_eq!(refused(method).await.0, 405);
    let path = format!("{EM}/assignmentRequests");
    let broken = rig.call(Method::POST, &path).body("{\"requestType\":").send().await.unwrap();
    assert_eq!(refused(broken).await, (400, "BadRequest".into()));
    let deep = rig.call(Method::POST, &path).body("[".repeat(100_000)).send().await.unwrap();
    assert_eq!(refused(deep).await, (400, "BadRequest".into()));
    let large = rig.call(Method::POST, &path).body(vec![b' '; 1024 * 1024 + 1]).send().await.unwrap();
    assert_eq!(refused(large).await, (413, "RequestEntityTooLarge".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn what_was_answered_survives_a_kill_and_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("kept").join("tenant.sqlite");
    let with = |state: &Path, seed: Seed| SandboxOptions { state: Some(state.to_owned()), seed, ..options() };
    let rig = rig_of(with(&state, Seed::Contoso)).await;
    let secret = rig.sandbox.client_secret().expose_secret().to_owned();
    let request =
        created(rig.request(&rig.addition("E0901", "Marketing Campaign", "Direct assignment").await).await).await;
    let nora = rig.user("E0901");

    let killed = folder.path().join("killed.sqlite");
    std::fs::copy(&state, &killed).unwrap();
    std::fs::copy(state.with_extension("sqlite-wal"), killed.with_extension("sqlite-wal")).unwrap();
    assert!(matches!(sandbox::start(with(&state, Seed::Contoso)).await, Err(SandboxError::State(_))), "one at a time");
    rig.advance(2);
    assert_eq!(rig.state(&request).await, "delivered");
    rig.sandbox.stop().await;

    for (file, expected) in [(&killed, "submitted"), (&state, "delivered")] {
        let rig = rig_of(with(file, Seed::Empty)).await;
        assert_eq!(rig.sandbox.client_secret().expose_secret(), secret);
        assert_eq!(rig.user("E0901"), nora);
        assert_eq!(rig.state(&request).await, expected);
        rig.advance(2);
        assert_eq!(rig.state(&request).await, "delivered", "the timer goes on as well");
        assert!(rig.sandbox.controls().is_member("Campaign Tools", &nora));
        rig.sandbox.stop().await;
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_tenant_can_be_empty_or_come_from_a_file() {
    let empty = rig_of(SandboxOptions { seed: Seed::Empty, ..options() }).await;
    assert!(empty.all("/v1.0/users").await.is_empty());
    assert_eq!(empty.all(&format!("{EM}/catalogs")).await.len(), 1);
    empty.sandbox.stop().await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seed.json");
    std::fs::write(
        &file,
        r#"{"name":"x","domain":"x.example","users":[{"userPrincipalName":"a@x.example","employeeId":"1"}]}"#,
    )
    .unwrap();
    let rig = rig_of(SandboxOptions { seed: Seed::File(file.clone()), ..options() }).await;
    assert_eq!(rig.all("/v1.0/users").await.len(), 1);
    rig.sandbox.stop().await;
    std::fs::write(&file, "name: 5\nsurprise: 1\n").unwrap();
    let refused = sandbox::start(SandboxOptions { seed: Seed::File(file), ..options() }).await;
    assert!(matches!(refused, Err(SandboxError::Seed(_))));
}

#[test]
fn the_hr_file_follows_the_first_day() {
    let file = sample_hr_csv(jiff::civil::date(2026, 11, 21));
    assert!(file.starts_with("Employee ID;First Name;Last Name;Work Email;"));
    assert!(file.contains(";22.11.2026;") && file.contains(";20.11.2026;"));
}
