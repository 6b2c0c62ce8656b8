//! Who calls the sandbox: the application, a signed-in user, an administrator, and what each may do.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::metadata::conforms;
use crate::sandbox::{DEVELOPER, EM, Rig, options, refused, rig, rig_of};

const NORA: &str = "nora.lindqvist@contoso.example";

impl Rig {
    /// A call with this bearer token.
    async fn as_holder(&self, token: &str, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let url = self.sandbox.url().join(path).unwrap();
        let mut request = self.client.request(method, url).bearer_auth(token);
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    pub(crate) async fn read_as(&self, user: &str, path: &str) -> (u16, Value) {
        self.as_holder(&format!("{DEVELOPER}+{user}"), Method::GET, path, &Value::Null).await
    }

    async fn sign_in(&self, user: &str, password: &str, scope: &str) -> (u16, Value) {
        let url = self.sandbox.url().join(&format!("/{}/oauth2/v2.0/token", self.sandbox.tenant_id())).unwrap();
        let form = [
            ("grant_type", "password"),
            ("client_id", self.sandbox.client_id()),
            ("username", user),
            ("password", password),
            ("scope", scope),
        ];
        let response = self.client.post(url).form(&form).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn token_of(&self, user: &str, scope: &str) -> String {
        let (status, answer) = self.sign_in(user, self.sandbox.client_secret().expose_secret(), scope).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn name_of(&self, employee: &str) -> String {
        let user = self.get(&format!("/v1.0/users/{}", self.user(employee))).await;
        user["userPrincipalName"].as_str().unwrap().to_owned()
    }
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn the_developer_token_with_a_name_is_that_user() {
    let rig = rig().await;
    let (status, me) = rig.read_as(NORA, "/v1.0/me").await;
    assert_eq!((status, &me["userPrincipalName"]), (200, &json!(NORA)));
    assert!(me["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata#users/$entity"), "{me}");
    conforms("user", &me);
    let id = me["id"].as_str().unwrap().to_owned();
    let (_, by_id) = rig.read_as(&id, "/v1.0/me?$select=employeeId").await;
    assert_eq!(by_id["employeeId"], "E0901");
    let (_, manager) = rig.read_as(NORA, "/v1.0/me/manager").await;
    assert_eq!(manager["id"], rig.user("E0001"));
    let (_, groups) = rig.read_as(NORA, "/v1.0/me/memberOf?$select=id&$top=1").await;
    assert_eq!(groups["value"], rig.get(&format!("/v1.0/users/{id}/memberOf?$select=id&$top=1")).await["value"]);

    for nobody in ["nobody@contoso.example", "", "x+y"] {
        assert_eq!(code(&rig.read_as(nobody, "/v1.0/users").await), (401, "InvalidAuthenticationToken"), "{nobody}");
    }
    for path in ["/v1.0/me", "/v1.0/me/manager"] {
        assert_eq!(rig.refusal(path).await, (400, "BadRequest".into()), "{path}");
    }
    let blocked = json!({ "accountEnabled": false });
    assert!(
        rig.call(Method::PATCH, &format!("/v1.0/users/{id}"))
            .json(&blocked)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    assert_eq!(code(&rig.read_as(NORA, "/v1.0/me").await), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn a_batch_carries_its_caller_into_every_item() {
    let rig = rig().await;
    let body = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/me?$select=userPrincipalName" },
        { "id": "2", "method": "PATCH", "url": "/me", "headers": { "Content-Type": "application/json" }, "body": { "city": "Oslo" } },
    ]});
    let (_, answer) = rig.as_holder(&format!("{DEVELOPER}+{NORA}"), Method::POST, "/v1.0/$batch", &body).await;
    let of = |id: &str| answer["responses"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    assert_eq!(of("1")["body"]["userPrincipalName"], NORA);
    assert_eq!(of("2")["status"], 403);
}

#[tokio::test]
async fn a_user_signs_in_with_the_tenants_password() {
    let rig = rig().await;
    let secret = rig.sandbox.client_secret().expose_secret();
    let graph = "https://graph.microsoft.com/.default";
    let (status, answer) = rig.sign_in(NORA, secret, "openid User.Read EntitlementManagement.ReadWrite.All").await;
    assert_eq!((status, &answer["scope"]), (200, &json!("EntitlementManagement.ReadWrite.All User.Read")));
    let token = rig.token_of(NORA, graph).await;
    let (status, me) = rig.as_holder(&token, Method::GET, "/v1.0/me", &Value::Null).await;
    assert_eq!((status, &me["userPrincipalName"]), (200, &json!(NORA)));
    let own = format!("{}.default", rig.sandbox.url());
    rig.token_of(&me["id"].as_str().unwrap().to_uppercase(), &own).await;

    let gone = rig.all("/v1.0/users?$filter=accountEnabled eq false").await[0]["userPrincipalName"].clone();
    for (answer, number) in [
        (rig.sign_in("nobody@contoso.example", secret, graph).await, 50034),
        (rig.sign_in(NORA, "guess", graph).await, 50126),
        (rig.sign_in(gone.as_str().unwrap(), secret, graph).await, 50057),
        (rig.sign_in(NORA, "", graph).await, 900_144),
        (rig.sign_in(NORA, secret, "Files.Read").await, 70011),
        (rig.sign_in(NORA, secret, "").await, 70011),
    ] {
        assert_eq!((answer.0, &answer.1["error_codes"]), (400, &json!([number])), "{}", answer.1);
    }

    let deletion = rig.call(Method::DELETE, &format!("/v1.0/users/{NORA}")).send().await.unwrap();
    assert_eq!(deletion.status(), StatusCode::NO_CONTENT);
    assert_eq!(rig.as_holder(&token, Method::GET, "/v1.0/users", &Value::Null).await.0, 401);
}

#[tokio::test]
async fn a_token_opens_what_its_scopes_say() {
    let rig = rig().await;
    let request = json!({ "requestType": "userAdd", "assignment": {} });
    let requests = format!("{EM}/assignmentRequests");
    let reader = rig.token_of(NORA, "EntitlementManagement.Read.All").await;
    let own = format!("{requests}/filterByCurrentUser(on='target')");
    assert_eq!(rig.as_holder(&reader, Method::GET, &own, &Value::Null).await.0, 200);
    assert_eq!(code(&rig.as_holder(&reader, Method::POST, &requests, &request).await), (403, "UnAuthorized"));
    let users = rig.as_holder(&reader, Method::GET, "/v1.0/users", &Value::Null).await;
    assert_eq!(code(&users), (403, "Authorization_RequestDenied"));
    let person = rig.token_of(NORA, "User.Read").await;
    assert_eq!(rig.as_holder(&person, Method::GET, "/v1.0/me", &Value::Null).await.0, 200);
    assert_eq!(code(&rig.as_holder(&person, Method::GET, &own, &Value::Null).await), (403, "UnAuthorized"));
    let ask = json!({ "groupIds": [rig.user("E0001")] });
    assert_eq!(rig.as_holder(&person, Method::POST, "/v1.0/me/checkMemberGroups", &ask).await.0, 200);
}

#[tokio::test]
async fn administration_is_for_administrators() {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    let catalog = json!({ "displayName": "Field offices", "description": "d" });
    let catalogs = format!("{EM}/catalogs");
    let addition = rig.addition("E0002", "Marketing Campaign", "Direct assignment").await;
    let requests = format!("{EM}/assignmentRequests");
    let user = json!({ "displayName": "x" });
    let colleague = format!("/v1.0/users/{}", rig.user("E0002"));

    let token = rig.token_of(NORA, "https://graph.microsoft.com/.default").await;
    let refused = (403, "UnAuthorized");
    assert_eq!(code(&rig.as_holder(&token, Method::POST, &catalogs, &catalog).await), refused);
    assert_eq!(code(&rig.as_holder(&token, Method::POST, &requests, &addition).await), refused);
    let unknown = format!("{EM}/accessPackages/{}", rig.user("E0002"));
    assert_eq!(code(&rig.as_holder(&token, Method::DELETE, &unknown, &Value::Null).await), refused);
    let edit = rig.as_holder(&token, Method::PATCH, &colleague, &user).await;
    assert_eq!(code(&edit), (403, "Authorization_RequestDenied"));
    assert_eq!(rig.as_holder(&token, Method::POST, "/v1.0/me/revokeSignInSessions", &Value::Null).await.0, 200);
    let other = format!("{colleague}/revokeSignInSessions");
    assert_eq!(rig.as_holder(&token, Method::POST, &other, &Value::Null).await.0, 403);
    assert_eq!(rig.as_holder(&token, Method::GET, "/sandbox/clock", &Value::Null).await.0, 403);

    let administrator = json!({ "userId": NORA });
    let promote = async |body: &Value| rig.post("/sandbox/administrators", body).await.status();
    assert_eq!(promote(&administrator).await, StatusCode::NO_CONTENT);
    assert_eq!(promote(&json!({ "userId": "nobody" })).await, StatusCode::BAD_REQUEST);
    assert_eq!(rig.as_holder(&token, Method::POST, &catalogs, &catalog).await.0, 201);
    assert_eq!(rig.as_holder(&token, Method::POST, &requests, &addition).await.0, 201);
    assert_eq!(rig.as_holder(&token, Method::PATCH, &colleague, &user).await.0, 204);
    let reader = rig.token_of(NORA, "EntitlementManagement.Read.All User.Read.All").await;
    assert_eq!(code(&rig.as_holder(&reader, Method::POST, &catalogs, &catalog).await), refused);
    assert_eq!(rig.as_holder(&reader, Method::PATCH, &colleague, &user).await.0, 403);

    let seeded = rig.token_of(&rig.name_of("E0101").await, "EntitlementManagement.ReadWrite.All").await;
    assert_eq!(rig.as_holder(&seeded, Method::POST, &catalogs, &catalog).await.0, 201);
}

#[tokio::test]
async fn administrators_outlive_a_dump_and_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || SandboxOptions { state: Some(folder.path().join("state")), ..options() };
    let first = rig_of(kept()).await;
    assert!(first.sandbox.controls().add_administrator(NORA));
    let dump = first.sandbox.controls().dump();
    first.sandbox.stop().await;
    let catalog = json!({ "displayName": "Field offices", "description": "d" });
    let again = rig_of(kept()).await;
    let loaded = rig().await;
    loaded.sandbox.controls().load(dump).await.unwrap();
    for rig in [again, loaded] {
        let token = format!("{DEVELOPER}+{NORA}");
        assert_eq!(rig.as_holder(&token, Method::POST, &format!("{EM}/catalogs"), &catalog).await.0, 201);
    }
}

#[tokio::test]
async fn an_application_with_catalog_roles_lists_within_one_package() {
    let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
    let package = rig.sandbox.controls().package_id("Office Basics").unwrap();
    let scoped = async |on: bool| {
        let call = rig.call(Method::PUT, "/sandbox/identity").json(&json!({ "catalogScoped": on }));
        assert_eq!(call.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    };
    scoped(true).await;
    for list in ["assignments", "assignmentRequests"] {
        for query in ["", "?$top=5", "?$filter=state eq 'Delivered'", "?$filter=accessPackage/id gt 'x'"] {
            let response = rig.call(Method::GET, &format!("{EM}/{list}{query}")).send().await.unwrap();
            let (status, code) = refused(response).await;
            assert!(
                status == 403 && code == "UnAuthorized" || status == 400 && query.contains(" gt "),
                "{list}{query}"
            );
        }
    }
    rig.get(&format!("{EM}/assignments?$filter=accessPackage/id eq '{package}' and state eq 'Delivered'")).await;
    rig.get(&format!("{EM}/assignmentRequests?$filter=accessPackage/id eq '{package}'")).await;
    rig.get(&format!("{EM}/accessPackages")).await;
    rig.get("/v1.0/users").await;
    scoped(false).await;
    rig.get(&format!("{EM}/assignments")).await;
}

#[tokio::test]
async fn users_read_what_concerns_them_and_administrators_what_concerns_all() {
    let rig = rig().await;
    let own = rig.assignment("E0101", "Office Basics").await["id"].as_str().unwrap().to_owned();
    let reader = rig.name_of("E0102").await;
    for path in ["assignments", "assignmentRequests", "subjects", &format!("assignments/{own}")] {
        assert_eq!(code(&rig.read_as(&reader, &format!("{EM}/{path}")).await), (403, "UnAuthorized"), "{path}");
    }
    let holder = rig.name_of("E0101").await;
    let (status, _) = rig.read_as(&holder, &format!("{EM}/assignments/{own}")).await;
    assert_eq!(status, 200, "one's own; and E0101 is an administrator");
    let (_, held) = rig.read_as(&reader, &format!("{EM}/assignments/filterByCurrentUser(on='target')")).await;
    let first = held["value"][0]["id"].as_str().unwrap();
    assert_eq!(rig.read_as(&reader, &format!("{EM}/assignments/{first}")).await.0, 200);
    assert_eq!(rig.read_as(&holder, &format!("{EM}/assignments")).await.0, 200);
    assert_eq!(rig.read_as(&reader, &format!("{EM}/accessPackages")).await.0, 200);
}
