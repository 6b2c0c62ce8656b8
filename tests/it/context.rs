//! The test context: the real app on a sandbox over real HTTP, with a fresh ledger and a standing clock that both share.

#![cfg(test)]

pub(crate) mod company;
mod leftover;
pub(crate) mod process;
pub(crate) mod wait;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::SignedDuration;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use usherd::app::{self, App, Purpose};
use usherd::clock::{ScaledClock, SharedClock};
use usherd::config::{self, Config};
use usherd::domain::action::ActionState;
use usherd::domain::ids::{FeedName, HoldHash, UserId};
use usherd::engine::pass::PassReport;
use usherd::plan::Hold;
use usherd::sandbox::{self, Controls, Sandbox, SandboxOptions, Seed};
use usherd::store::{ActionRecord, HoldDecision};

use company::Hr;
use process::Process;

/// The developer's token: requests made with it are somebody else's, not usherd's.
const DEVELOPER: &str = "developer";
/// How long a request takes, in tenant time.
const DELIVERY: SignedDuration = SignedDuration::from_secs(2);
/// Everything that can come to rest does so in fewer passes.
const MOST_PASSES: usize = 40;

/// How a context is to be.
pub(crate) struct Builder {
    accounts: usize,
    hr: Hr,
    holdings: Vec<(String, &'static str)>,
    documents: Vec<(String, String)>,
    feed: &'static str,
    ceiling: &'static str,
    limits: String,
    concurrency: usize,
    is_daemon: bool,
}

/// A running usherd with its tenant. Every test ends with [`TestContext::finish`], which fails when work is left over.
pub(crate) struct TestContext {
    /// The HR file as the test wants it; [`TestContext::deliver`] writes it.
    pub(crate) hr: Hr,
    /// Tenant time.
    pub(crate) clock: Arc<ScaledClock>,
    home: tempfile::TempDir,
    builder: Builder,
    sandbox: Option<Sandbox>,
    app: Option<App>,
    daemon: Option<Process>,
    outside: BTreeSet<String>,
    is_finished: bool,
}

impl TestContext {
    /// The small company of [`company`], with its HR feed and no other document.
    pub(crate) fn builder() -> Builder {
        Builder {
            accounts: company::ACCOUNTS,
            hr: Hr::of_the_company(),
            holdings: Vec::new(),
            documents: Vec::new(),
            feed: "file: feeds/hr.csv",
            ceiling: "enforce",
            limits: String::new(),
            concurrency: 8,
            is_daemon: false,
        }
    }
}

impl Builder {
    /// A document in the folder from the start.
    pub(crate) fn document(mut self, file: &str, text: impl Into<String>) -> Self {
        self.documents.push((file.to_owned(), text.into()));
        self
    }

    /// Changes the HR file that lies there from the start.
    pub(crate) fn hr(mut self, change: impl FnOnce(&mut Hr)) -> Self {
        change(&mut self.hr);
        self
    }

    /// The employee has held the package since before usherd came.
    pub(crate) fn holding(mut self, employee: &str, package: &'static str) -> Self {
        self.holdings.push((employee.to_owned(), package));
        self
    }

    /// So many accounts.
    pub(crate) fn accounts(self, accounts: usize) -> Self {
        Self { accounts, ..self }
    }

    /// Another source of the feed, such as `drop: inbox`.
    pub(crate) fn feed(self, feed: &'static str) -> Self {
        Self { feed, ..self }
    }

    /// `safety.limits`, as a flow mapping's inside.
    pub(crate) fn limits(self, limits: &str) -> Self {
        Self { limits: limits.to_owned(), ..self }
    }

    /// How many users' requests are sent at the same time.
    pub(crate) fn concurrency(self, concurrency: usize) -> Self {
        Self { concurrency, ..self }
    }

    /// usherd is a process of its own, and the clock runs.
    pub(crate) fn in_its_own_process(self) -> Self {
        Self { is_daemon: true, ..self }
    }

    /// `safety.mode`.
    pub(crate) fn ceiling(self, ceiling: &'static str) -> Self {
        Self { ceiling, ..self }
    }

    /// Starts the tenant and usherd.
    pub(crate) async fn start(self) -> TestContext {
        let mut context = self.prepared().await;
        if context.builder.is_daemon {
            context.start_daemon();
        } else {
            context.start_app().await;
        }
        context
    }

    /// Starts the tenant, and leaves usherd to the test.
    pub(crate) async fn prepared(self) -> TestContext {
        // Another test may have installed it already.
        rustls::crypto::ring::default_provider().install_default().ok();
        let clock = Arc::new(ScaledClock::starting_at(company::START.parse().unwrap(), f64::from(self.is_daemon)));
        let mut context = TestContext {
            hr: self.hr.clone(),
            clock,
            home: tempfile::tempdir().unwrap(),
            builder: self,
            sandbox: None,
            app: None,
            daemon: None,
            outside: BTreeSet::new(),
            is_finished: false,
        };
        for folder in ["workflows", "feeds", "inbox"] {
            std::fs::create_dir(context.path(folder)).unwrap();
        }
        context.write_document("feed.yaml", &company::feed(context.builder.feed));
        for (file, text) in std::mem::take(&mut context.builder.documents) {
            context.write_document(&file, &text);
        }
        if context.builder.feed.starts_with("file:") {
            context.deliver();
        }
        context.start_tenant().await;
        context
    }
}

impl TestContext {
    /// A path in the context's home.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.home.path().join(inside)
    }

    /// The tester's hand in the tenant.
    pub(crate) fn controls(&self) -> Controls {
        self.sandbox.as_ref().unwrap().controls()
    }

    /// The running usherd.
    pub(crate) fn app(&mut self) -> &mut App {
        self.app.as_mut().unwrap()
    }

    /// The configuration usherd runs by.
    pub(crate) fn config(&self) -> Config {
        config::parse("usherd.yaml", &self.config_text(), self.home.path()).unwrap()
    }

    fn config_text(&self) -> String {
        let sandbox = self.sandbox.as_ref().unwrap();
        let Builder { ceiling, limits, concurrency, .. } = &self.builder;
        let limits = if limits.is_empty() { String::new() } else { format!(", limits: {{ {limits} }}") };
        format!(
            "tenant: {{ id: {}, graph: \"{url}\", login: \"{url}\", timeZone: Europe/Amsterdam, clock: sandbox }}
credentials: {{ clientId: {}, clientSecretFile: secret }}
state: {{ folder: state }}
documents: {{ folder: workflows }}
safety: {{ mode: {ceiling}{limits} }}
schedule: {{ pass: \"0 0 0 1 1 *\" }}
lostAnswer: {{ looks: [PT0S, PT0S] }}
pace: {{ concurrency: {concurrency} }}
",
            sandbox.tenant_id(),
            sandbox.client_id(),
            url = sandbox.url(),
        )
    }

    async fn start_tenant(&mut self) {
        let seed = self.path("seed.yaml");
        std::fs::write(&seed, company::seed(self.builder.accounts, &self.builder.holdings)).unwrap();
        let options = SandboxOptions {
            seed: Seed::File(seed),
            developer_token: Some(SecretString::from(DEVELOPER)),
            // With a running clock it is real time that tests wait for.
            delivery_delay: if self.builder.is_daemon { DELIVERY / 10 } else { DELIVERY },
            ..SandboxOptions::contoso(Arc::clone(&self.clock))
        };
        let sandbox = sandbox::start(options).await.unwrap();
        app::write_secret(&self.path("secret"), sandbox.client_secret()).unwrap();
        self.sandbox = Some(sandbox);
    }

    /// Starts usherd in this process.
    pub(crate) async fn start_app(&mut self) {
        let clock = Arc::clone(&self.clock) as SharedClock;
        let app = app::build(self.config(), Purpose::Act, Some(clock), CancellationToken::new()).await;
        self.app = Some(app.unwrap());
    }

    /// Writes usherd.yaml, for processes.
    pub(crate) fn write_config(&self) {
        std::fs::write(self.path("usherd.yaml"), self.config_text()).unwrap();
    }

    /// Starts the daemon, as a process of its own.
    pub(crate) fn start_daemon(&mut self) {
        self.write_config();
        let arguments = ["run", "--config", "usherd.yaml"];
        self.daemon = Some(Process::start(self.home.path(), &arguments));
    }

    /// SIGTERM; returns the daemon's exit code.
    pub(crate) async fn stop_daemon(&mut self) -> Option<i32> {
        self.daemon.take().unwrap().terminate().await
    }

    /// SIGKILL.
    pub(crate) fn kill_daemon(&mut self) {
        self.daemon.take().unwrap().kill();
    }

    /// The running daemon.
    pub(crate) fn daemon(&self) -> &Process {
        self.daemon.as_ref().unwrap()
    }

    /// Starts usherd again on the same state, as after a stop.
    pub(crate) async fn restart(&mut self) {
        self.app.take().unwrap().close().await;
        self.start_app().await;
    }

    /// The directory now has this many accounts. Only before anything was requested: the tenant starts anew.
    pub(crate) async fn make_accounts(&mut self, accounts: usize) {
        assert!(self.controls().requests().is_empty(), "a new tenant would forget the requests");
        self.app.take().unwrap().close().await;
        self.sandbox.take().unwrap().stop().await;
        self.builder.accounts = accounts;
        self.start_tenant().await;
        self.start_app().await;
    }

    /// Puts a document into the folder, or changes it.
    pub(crate) fn write_document(&self, file: &str, text: &str) {
        std::fs::write(self.path("workflows").join(file), text).unwrap();
    }

    /// Changes a document by replacing text that must be in it.
    pub(crate) fn edit_document(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path("workflows").join(file)).unwrap();
        assert!(text.contains(from), "{file} has no '{from}'");
        self.write_document(file, &text.replace(from, to));
    }

    /// Takes a document out of the folder.
    pub(crate) fn remove_document(&self, file: &str) {
        std::fs::remove_file(self.path("workflows").join(file)).unwrap();
    }

    /// Writes the HR file in place, as one that rests.
    pub(crate) fn deliver(&self) {
        self.deliver_text(&self.hr.csv());
    }

    /// Writes this text as the HR file, as one that rests.
    pub(crate) fn deliver_text(&self, text: &str) {
        write_resting(&self.path("feeds/hr.csv"), text);
    }

    /// Drops the HR file into the drop folder under this name, as one that rests.
    pub(crate) fn drop_delivery(&self, name: &str) {
        write_resting(&self.path("inbox").join(name), &self.hr.csv());
    }

    /// Moves tenant time on to this instant.
    pub(crate) fn go_to(&self, instant: &str) {
        self.clock.set(instant.parse().unwrap());
    }

    /// One pass.
    pub(crate) async fn pass(&mut self) -> PassReport {
        self.app().engine.run_pass().await.unwrap()
    }

    /// Passes, with time for what is delivered, until nothing is under way but what waits for an approver; returns how many requests were sent.
    pub(crate) async fn settle_all(&mut self) -> usize {
        let mut sent = 0;
        for _ in 0..MOST_PASSES {
            let report = self.pass().await;
            sent += report.sent;
            let under_way = report.under_way;
            if report.sent + report.settled + under_way.moving + under_way.ambiguous + under_way.unsent == 0 {
                return sent;
            }
            self.clock.advance(DELIVERY);
        }
        panic!("after {MOST_PASSES} passes there is still something under way: {:?}", self.records().await);
    }

    /// Every action of the ledger.
    pub(crate) async fn records(&self) -> Vec<ActionRecord> {
        let store = match &self.app {
            Some(app) => Arc::clone(app.engine.store()),
            None => app::open_ledger(&self.config()).await.unwrap(),
        };
        store.actions_in(&ActionState::ALL).await.unwrap()
    }

    /// The holds of the last plan.
    pub(crate) fn holds(&mut self) -> &[Hold] {
        &self.app().engine.last_pass().unwrap().plan.holds
    }

    /// A person's decision on the only hold there is.
    pub(crate) async fn decide_hold(&mut self, approve: bool) {
        let hashes: Vec<HoldHash> = self.holds().iter().map(|hold| hold.hash.clone()).collect();
        let [hash] = hashes.as_slice() else { panic!("there is not one hold but {}", hashes.len()) };
        let (decision, now) = (HoldDecision { approve, by: "a test".to_owned() }, self.now());
        self.app().engine.store().decide_hold(hash, &decision, now).await.unwrap();
    }

    /// Tenant time.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        usherd::clock::Clock::now(&*self.clock)
    }

    /// The object id of an employee.
    pub(crate) fn user(&self, employee: &str) -> String {
        self.controls().user_id_by_employee_id(employee).unwrap()
    }

    /// Every request ever made, oldest first, such as `adminAdd E05 Basics`.
    pub(crate) fn requests(&self) -> Vec<String> {
        let names = self.names();
        let requests = self.controls().requests();
        let line = |request: &sandbox::RequestSummary| {
            format!("{} {} {}", request.request_type, names[&request.target_id], names[&request.package_id])
        };
        requests.iter().map(line).collect()
    }

    /// Who holds what, sorted, such as `E05 Basics`.
    pub(crate) fn assignments(&self) -> Vec<String> {
        let names = self.names();
        let active = self.controls().assignments().into_iter().filter(|assignment| assignment.state == "delivered");
        let mut lines: Vec<String> = active
            .map(|assignment| format!("{} {}", names[&assignment.target_id], names[&assignment.package_id]))
            .collect();
        lines.sort();
        lines
    }

    /// Employee ids by object id, and package names by id.
    fn names(&self) -> BTreeMap<String, String> {
        let controls = self.controls();
        let people = (1..=self.builder.accounts).map(company::employee);
        let people = people.map(|employee| (controls.user_id_by_employee_id(&employee).unwrap(), employee));
        let packages = company::PACKAGES.map(|name| (controls.package_id(name).unwrap(), name.to_owned()));
        people.chain(packages).collect()
    }

    /// The code of the reason why the last plan does nothing for the employee, of the reasons that are listed one by one.
    pub(crate) fn reason(&mut self, document: &str, employee: &str) -> Option<&'static str> {
        let subject = format!("person:{employee}");
        let skips = &self.app().engine.last_pass().unwrap().plan.skips;
        let is_meant = |skip: &&usherd::plan::Skip| {
            skip.document.as_str() == document && skip.subject.as_ref().is_some_and(|known| known.as_str() == subject)
        };
        skips.iter().find(is_meant).map(|skip| skip.reason.code())
    }

    /// How many people of the last plan have this reason, of the reasons that are only counted.
    pub(crate) fn count(&mut self, document: &str, reason: &str) -> usize {
        let counts = &self.app().engine.last_pass().unwrap().plan.counts;
        counts
            .iter()
            .find(|count| count.document.as_str() == document && count.reason == reason)
            .map_or(0, |count| count.count)
    }

    /// The rule that refused the last delivery that was refused since one was accepted.
    pub(crate) async fn refused_by(&mut self) -> Option<String> {
        let state = self.app().engine.store().feed_state(&FeedName::from("hr")).await.unwrap();
        state.last_refused.map(|delivery| delivery.verdict)
    }

    /// A request that somebody else makes; returns its id.
    pub(crate) async fn request_outside(&mut self, employee: &str, package: &str, policy: &str) -> String {
        let user = UserId::from(self.user(employee));
        let package = self.controls().package_id(package).unwrap();
        let policies = &self.app().engine.last_pass().unwrap().observed.policies;
        let is_meant = |known: &&usherd::domain::entitlement::AssignmentPolicy| {
            known.package.as_str() == package && known.display_name == policy
        };
        let policy = policies.iter().find(is_meant).unwrap().id.clone();
        let body = serde_json::json!({ "requestType": "adminAdd", "assignment": {
            "targetId": user.as_str(), "accessPackageId": package, "assignmentPolicyId": policy.as_str(),
        }});
        self.post_outside(&body).await
    }

    /// Somebody else takes the package from the employee.
    pub(crate) async fn remove_outside(&mut self, employee: &str, package: &str) {
        let (user, package) = (self.user(employee), self.controls().package_id(package).unwrap());
        let is_meant = |known: &sandbox::AssignmentSummary| {
            known.target_id == user && known.package_id == package && known.state == "delivered"
        };
        let assignment = self.controls().assignments().into_iter().find(is_meant).unwrap();
        let body = serde_json::json!({ "requestType": "adminRemove", "assignment": { "id": assignment.id } });
        self.post_outside(&body).await;
        self.clock.advance(DELIVERY);
    }

    /// A call to the tenant that somebody else makes; an answer without a body is null.
    pub(crate) async fn call_outside(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> serde_json::Value {
        let url = self.sandbox.as_ref().unwrap().url().join(path).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let call = client.request(method, url).bearer_auth(DEVELOPER);
        let call = body.into_iter().fold(call, |call, body| call.json(body));
        let answer = call.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The object id of the group with this display name.
    pub(crate) async fn group_id(&self, name: &str) -> String {
        let found = self.call_outside(reqwest::Method::GET, "v1.0/groups?$select=id,displayName&$top=999", None).await;
        let group = found["value"].as_array().unwrap().iter().find(|group| group["displayName"] == name);
        group.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn post_outside(&mut self, body: &serde_json::Value) -> String {
        let path = "v1.0/identityGovernance/entitlementManagement/assignmentRequests";
        let answer = self.call_outside(reqwest::Method::POST, path, Some(body)).await;
        let id = answer["id"].as_str().unwrap().to_owned();
        self.outside.insert(id.clone());
        id
    }

    /// The id of the last request made.
    pub(crate) fn last_request(&self) -> String {
        self.controls().requests().last().unwrap().id.clone()
    }

    /// Ends the test: nothing may be left over.
    pub(crate) async fn finish(mut self) {
        self.is_finished = true;
        if self.daemon.is_some() {
            assert_eq!(self.stop_daemon().await, Some(0), "SIGTERM ends the daemon with exit code 0");
        }
        let records = self.records().await;
        let controls = self.controls();
        let found = leftover::find(&records, &controls.requests(), &controls.assignments(), &self.outside);
        assert!(found.is_empty(), "left over:\n{}", found.join("\n"));
        if let Some(app) = self.app.take() {
            app.close().await;
        }
        self.sandbox.take().unwrap().stop().await;
    }
}

impl Drop for TestContext {
    fn drop(&mut self) {
        assert!(self.is_finished || std::thread::panicking(), "the test did not end with `finish`");
    }
}

fn write_resting(path: &Path, text: &str) {
    // Written aside and renamed with its date, so that a running daemon never finds half of it.
    let aside = path.with_extension("part");
    std::fs::write(&aside, text).unwrap();
    let file = std::fs::File::options().append(true).open(&aside).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    std::fs::rename(&aside, path).unwrap();
}
