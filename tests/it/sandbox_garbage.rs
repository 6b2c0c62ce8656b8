//! Whatever is sent to the sandbox, it answers: with a success or with Graph's kind of refusal, and goes on working.

#![cfg(test)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use usherd::sandbox::SandboxOptions;

use crate::garbage::{Body, any_body, any_query, any_segment, with_ids};
use crate::sandbox::{EM, Rig, options, refused, rig_of};

/// Below what the paths in the sources may lie.
const PREFIXES: [&str; 5] = [
    "/v1.0",
    EM,
    "/v1.0/identityGovernance/lifecycleWorkflows",
    "/beta",
    "/beta/identityGovernance/entitlementManagement",
];
/// Paths that the sources do not write in one piece; a path written in one piece is found without being named here.
const COMPOSED: &[&str] = &[
    "/v1.0/$batch",
    "/v1.0/users",
    "/v1.0/users/$count",
    "/v1.0/users/{id}",
    "/v1.0/users/delta",
    "/v1.0/users/delta()",
    "/v1.0/users/{id}/directReports",
    "/v1.0/users/{id}/memberOf/{cast}",
    "/v1.0/users/{id}/transitiveMemberOf",
    "/v1.0/users/{id}/checkMemberGroups",
    "/v1.0/users/{id}/getMemberGroups",
    "/v1.0/users/{id}/authentication/temporaryAccessPassMethods",
    "/v1.0/users/{id}/authentication/temporaryAccessPassMethods/{pass}",
    "/v1.0/groups",
    "/v1.0/groups/$count",
    "/v1.0/groups/{id}",
    "/v1.0/groups/delta",
    "/v1.0/groups/{id}/members",
    "/v1.0/groups/{id}/members/{cast}",
    "/v1.0/groups/{id}/members/{cast}/$count",
    "/v1.0/groups/{id}/transitiveMembers/$count",
    "/v1.0/groups/{id}/owners",
    "/v1.0/groups/{id}/checkMemberGroups",
    "/v1.0/directoryObjects/{id}",
    "/v1.0/directoryObjects/{id}/getMemberGroups",
    "/v1.0/nowhere",
    "/nowhere/{id}",
];
const METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS];
/// Collections of which calls need ids.
const COLLECTIONS: [(&str, &str); 12] = [
    ("users", "/v1.0"),
    ("groups", "/v1.0"),
    ("servicePrincipals", "/v1.0"),
    ("catalogs", EM),
    ("resources", EM),
    ("resourceRequests", EM),
    ("accessPackages", EM),
    ("assignmentPolicies", EM),
    ("assignmentRequests", EM),
    ("assignments", EM),
    ("workflows", "/v1.0/identityGovernance/lifecycleWorkflows"),
    ("taskDefinitions", "/v1.0/identityGovernance/lifecycleWorkflows"),
];

/// One call; whatever is in braces in its parts is an id yet to be chosen.
#[derive(Debug, Clone)]
struct Call {
    method: Method,
    path: String,
    segments: Vec<String>,
    query: Vec<(String, String)>,
    body: Body,
    choice: usize,
    /// What passes before the call, in seconds.
    pause: i64,
}

/// Mostly calls that there are; a few with another method.
fn any_call(paths: Vec<(Method, String)>) -> impl Strategy<Value = Call> {
    let other = prop::sample::select(METHODS.to_vec());
    (
        prop::sample::select(paths),
        prop::option::weighted(0.05, other),
        prop::collection::vec(any_segment(), 3),
        any_query(),
        any_body(),
        any::<usize>(),
        prop::sample::select(vec![0_i64, 0, 0, 1, 3600, 86_400 * 20]),
    )
        .prop_map(|((method, path), other, segments, query, body, choice, pause)| {
            let method = other.unwrap_or(method);
            Call { method, path, segments, query, body, choice, pause }
        })
}

impl Call {
    /// The path with something in the place of every name in braces: an id of the collection before it, where that is asked for.
    fn filled(&self, ids: &BTreeMap<String, Vec<String>>) -> String {
        let mut given = self.segments.iter();
        let mut before = "";
        let mut filled = String::new();
        for segment in self.path.split('/').skip(1) {
            filled.push('/');
            if segment.starts_with('{') {
                let kind = if ids.contains_key(before) { before } else { "users" };
                let given = given.next().map_or("{}", String::as_str).replace("{}", &format!("{{{kind}}}"));
                let own = with_ids(&given, ids, self.choice);
                filled.extend(url::form_urlencoded::byte_serialize(own.as_bytes()));
            } else {
                filled.push_str(segment);
                before = segment;
            }
        }
        filled
    }

    async fn send(&self, rig: &Rig, ids: &BTreeMap<String, Vec<String>>) -> Response {
        let query: Vec<_> = self.query.iter().map(|(name, value)| (name, with_ids(value, ids, self.choice))).collect();
        let call = rig.call(self.method.clone(), &self.filled(ids)).query(&query);
        let call = call.header("ConsistencyLevel", "eventual").header("Content-Type", "application/json");
        if [Method::GET, Method::HEAD, Method::OPTIONS, Method::DELETE].contains(&self.method) {
            return call.send().await.unwrap();
        }
        let body = match String::from_utf8(self.body.for_path(&self.path)) {
            Ok(text) => with_ids(&text, ids, self.choice).into_bytes(),
            Err(other) => other.into_bytes(),
        };
        call.body(body).send().await.unwrap()
    }
}

/// Paths as the sources write them, wherever they turn out to lie, with the methods that they have.
async fn paths(rig: &Rig) -> Vec<(Method, String)> {
    let mut paths: Vec<String> = COMPOSED.iter().map(|path| (*path).to_owned()).collect();
    let mut open: Vec<PathBuf> = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split(".route(").skip(1) {
                let Some((written, _)) = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
                else {
                    continue;
                };
                paths.extend(PREFIXES.iter().map(|prefix| format!("{prefix}{written}")));
            }
        }
    }
    paths.sort();
    paths.dedup();
    let mut found = Vec::new();
    for path in paths {
        let probe = path.replace(['{', '}'], "");
        for method in METHODS.into_iter().take(5) {
            let answer = rig.call(method.clone(), &probe).send().await.unwrap();
            let is_there = match answer.status() {
                StatusCode::METHOD_NOT_ALLOWED => false,
                StatusCode::NOT_FOUND => !answer.text().await.unwrap().contains("No HTTP resource was found"),
                _ => true,
            };
            if is_there || path.contains("nowhere") {
                found.push((method, path.clone()));
            }
        }
    }
    assert!(found.len() > 100, "the sources are read as they are written: {found:?}");
    found
}

async fn known_ids(rig: &Rig) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, prefix) in COLLECTIONS {
        let page = rig.get(&format!("{prefix}/{name}")).await;
        let own = page["value"].as_array().unwrap().iter().take(6);
        ids.insert(name.to_owned(), own.map(|one| one["id"].as_str().unwrap().to_owned()).collect());
    }
    ids.insert("directoryObjects".to_owned(), ids["users"].clone());
    ids.insert("deletedItems".to_owned(), ids["users"].clone());
    ids
}

/// A success, or a refusal in Graph's envelope; nothing that says the sandbox itself has failed.
async fn is_proper(response: Response, bodiless: bool) -> Result<(), String> {
    let status = response.status();
    let request_id = response.headers().contains_key("request-id");
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap_or_default().to_owned());
    let text = response.text().await.map_err(|error| error.to_string())?;
    let told = || format!("{status} {text}");
    if !request_id || status.is_redirection() || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED) {
        return Err(told());
    }
    if bodiless || (status.is_success() && !kind.is_some_and(|kind| kind.starts_with("application/json"))) {
        return Ok(());
    }
    let body: Value = serde_json::from_str(&text).map_err(|_| told())?;
    let error = &body["error"];
    let explained =
        error["code"].is_string() && error["message"].is_string() && error["innerError"]["request-id"].is_string();
    if status.is_success() || explained { Ok(()) } else { Err(told()) }
}

/// Every collection can still be read to its end, and the whole tenant can be taken out and put back.
async fn still_works(rig: &Rig) {
    for (name, prefix) in COLLECTIONS {
        rig.all(&format!("{prefix}/{name}?$select=id")).await;
    }
    for path in
        ["assignments?$expand=target,assignmentPolicy,accessPackage", "assignmentRequests?$expand=assignment,requestor"]
    {
        rig.all(&format!("{EM}/{path}")).await;
    }
    let dump = rig.call(Method::GET, "/sandbox/tenant").send().await.unwrap().bytes().await.unwrap();
    let loaded = rig.call(Method::PUT, "/sandbox/tenant").body(dump).send().await.unwrap();
    assert_eq!(loaded.status(), StatusCode::NO_CONTENT);
}

/// The same calls every time; many more, and others each time, where there is time.
fn runner(usual: u32) -> TestRunner {
    let config =
        |cases| ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 256, ..ProptestConfig::default() };
    if std::env::var_os("USHERD_LONG_TESTS").is_some() {
        return TestRunner::new(config(usual * 50));
    }
    TestRunner::new_with_rng(config(usual), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn any_call_is_answered_and_leaves_the_tenant_whole() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let rig = rig_of(SandboxOptions { controls: true, ..options() }).await;
        let (paths, ids) = (paths(&rig).await, known_ids(&rig).await);
        let (calls, mut runner) = (any_call(paths), runner(700));
        // The runner's test is no async function; its calls are made from here all the same.
        let checked = tokio::task::block_in_place(|| {
            let checked = runner.run(&calls, |call| {
                rig.advance(call.pause);
                let answered = tokio::runtime::Handle::current().block_on(async {
                    let response = call.send(&rig, &ids).await;
                    is_proper(response, call.method == Method::HEAD).await
                });
                answered.map_err(TestCaseError::fail)
            });
            checked.map_err(|error| error.to_string())
        });
        assert_eq!(checked, Ok(()));
        still_works(&rig).await;
        rig.sandbox.stop().await;
    });
}

#[tokio::test]
async fn a_body_is_refused_at_its_limits() {
    let rig = rig_of(options()).await;
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for path in ["/v1.0/users".to_owned(), "/v1.0/$batch".to_owned(), format!("{EM}/assignmentRequests")] {
        for body in [nested(128), nested(100_000), format!("{{\"x\":{}}}", nested(500_000)), "1e999".to_owned()] {
            let answer = rig.call(Method::POST, &path).body(body.clone()).send().await.unwrap();
            assert_eq!(refused(answer).await, (400, "BadRequest".to_owned()), "{path}: {} bytes", body.len());
        }
        let answer = rig.call(Method::POST, &path).body("x".repeat(1024 * 1024 + 1)).send().await.unwrap();
        assert_eq!(refused(answer).await.0, 413, "{path}");
    }
    let user = rig.user("E0001");
    let deep = (0..100).fold(json!("x"), |value, _| json!([value]));
    for body in
        [json!({ "extension_1_deep": deep }), json!({ "employeeOrgData": deep }), json!({ "city": "x".repeat(5000) })]
    {
        let answer = rig.send(Method::PATCH, &format!("/v1.0/users/{user}"), &body).await;
        assert_eq!(refused(answer).await.0, 400);
    }
    let long = "a".repeat(60_000);
    for query in [format!("$filter={long}"), format!("$expand={}", "manager(".repeat(2000)), format!("$search={long}")]
    {
        let status = rig.call(Method::GET, &format!("/v1.0/users?{query}")).send().await.unwrap().status();
        assert!(status.is_client_error(), "{status}");
    }
    rig.sandbox.stop().await;
}
