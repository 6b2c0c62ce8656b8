//! SCIM by a server that nobody here wrote: PyPI's `scim2-server`, which `.ci/run` installs and names in `USHERD_SCIM_SERVER`.

#![cfg(test)]

use std::process::{Child, Command, Stdio};

use reqwest::Client;
use serde_json::{Value, json};

use super::remote::{Remote, in_force, words};
use crate::context::wait::until;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// A running server, which ends with the test.
struct ScimServer {
    child: Child,
    base: String,
    client: Client,
}

impl Drop for ScimServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl ScimServer {
    /// `None` where there is no such server, which is said.
    async fn start() -> Option<Self> {
        let Ok(program) = std::env::var("USHERD_SCIM_SERVER") else {
            assert!(std::env::var_os("USHERD_CI").is_none(), "in CI nothing is skipped: set USHERD_SCIM_SERVER");
            eprintln!(
                "SKIPPED: no SCIM server. `python3 -m venv /tmp/scim && /tmp/scim/bin/pip install -r tests/scim/requirements.txt`, \
                 then run this test with USHERD_SCIM_SERVER=/tmp/scim/bin/scim2-server"
            );
            return None;
        };
        // The server does not tell which port it took, so one that was free a moment ago is given to it.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .args(["--port", &port.to_string(), "--bearer-token", "t0k3n"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let client = Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let mut server = Self { child, base: format!("http://127.0.0.1:{port}/v2"), client };
        until("the SCIM server answers", async || {
            assert!(server.child.try_wait().unwrap().is_none(), "the SCIM server ended");
            server.client.get(format!("{}/ServiceProviderConfig", server.base)).send().await.is_ok()
        })
        .await;
        Some(server)
    }

    async fn create(&self, number: usize, department: Option<&str>) -> String {
        let mut enterprise = json!({ "employeeNumber": format!("{number:05}") });
        if let Some(department) = department {
            enterprise["department"] = json!(department);
        }
        let emails = json!([{ "type": "home", "value": "h@example.com" }, { "type": "work", "value": format!("{number}@example.com") }]);
        let user = json!({ "schemas": [CORE, ENTERPRISE], "userName": format!("user{number}"), "active": number != 3,
            "emails": emails, ENTERPRISE: enterprise });
        let url = format!("{}/Users", self.base);
        let created = self.client.post(url).bearer_auth("t0k3n").json(&user).send().await.unwrap();
        assert_eq!(created.status(), 201);
        created.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn delete(&self, id: &str) {
        let url = format!("{}/Users/{id}", self.base);
        assert_eq!(self.client.delete(url).bearer_auth("t0k3n").send().await.unwrap().status(), 204);
    }
}

#[tokio::test]
async fn users_of_a_server_that_nobody_here_wrote() {
    let Some(server) = ScimServer::start().await else { return };
    let mut ids = Vec::new();
    for number in 1..=7 {
        ids.push(server.create(number, (number != 5).then_some("Sales")).await);
    }
    let source = |keys: &str| {
        format!("{{ scim: {{ url: '{}', auth: {{ tokenFile: scim }}, pageSize: 3{keys} }} }}", server.base)
    };
    let columns = (format!("{ENTERPRISE}:employeeNumber"), format!("{ENTERPRISE}:department"));
    let mut remote = Remote::mapped(&source(""), &columns.0, &columns.1, "emails[type eq \"other\"].value").await;
    remote.secret("scim", "t0k3n");
    let reading = remote.pass().await;
    assert_eq!((words(&reading), in_force(&reading)), (vec!["accepted"], 7), "{:?}", reading.deliveries);
    let persons = reading.snapshot.unwrap().persons;
    assert_eq!(persons[0].key.as_str(), "00001");
    assert!(format!("{:?}", persons[0].attributes["department"]).contains("Sales"));
    assert!(!persons[4].attributes.contains_key("department"), "what the server does not say was not read");

    server.delete(&ids[6]).await;
    let reading = remote.visit().await;
    assert_eq!(words(&reading), ["accepted"]);
    let persons = reading.snapshot.unwrap().persons;
    assert_eq!((persons.len(), persons[6].missing), (7, true), "missing is not leaving");

    let filtered = source(", filter: 'active eq true'");
    let reading = Remote::mapped(&filtered, "userName", "emails[type eq \"work\"].value", "nickName").await;
    reading.secret("scim", "t0k3n");
    let reading = reading.pass().await;
    assert_eq!((words(&reading), in_force(&reading)), (vec!["accepted"], 5), "{:?}", reading.deliveries);
    assert!(format!("{:?}", reading.snapshot.unwrap().persons[0].attributes["department"]).contains("1@example.com"));
}

#[tokio::test]
async fn a_server_that_does_not_know_the_token_is_refused() {
    let Some(server) = ScimServer::start().await else { return };
    let remote = Remote::new(&format!("{{ scim: {{ url: '{}', auth: {{ tokenFile: scim }} }} }}", server.base)).await;
    remote.secret("scim", "another");
    assert_eq!(words(&remote.pass().await), ["unauthorized"]);
}
