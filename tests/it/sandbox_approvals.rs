//! Approvals over real HTTP: stages one after the other, who may decide them, what time does to them, and what survives.

#![cfg(test)]

use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use usherd::clock::ScaledClock;
use usherd::sandbox::{SandboxOptions, Seed, TenantSettings};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{DEVELOPER, EM, Rig, created, options, refused, rig_of};

const DAY: i64 = 86_400;
const APPROVALS: &str = "accessPackageAssignmentApprovals";
/// Ada reports to Boris, and he to Cleo. Dora and Emil are in the group, Emil by a group inside it. Fay and Gus are others, Hal is a guest.
const SEED: &str = "
name: asked
domain: asked.example
users:
  - { userPrincipalName: ada@asked.example, displayName: Ada, employeeId: ada, manager: boris@asked.example }
  - { userPrincipalName: boris@asked.example, displayName: Boris, employeeId: boris, manager: cleo@asked.example }
  - { userPrincipalName: cleo@asked.example, displayName: Cleo, employeeId: cleo }
  - { userPrincipalName: dora@asked.example, displayName: Dora, employeeId: dora }
  - { userPrincipalName: emil@asked.example, displayName: Emil, employeeId: emil }
  - { userPrincipalName: fay@asked.example, displayName: Fay, employeeId: fay }
  - { userPrincipalName: gus@asked.example, displayName: Gus, employeeId: gus }
  - { userPrincipalName: hal@asked.example, displayName: Hal, employeeId: hal, userType: Guest, mail: hal@toys.example }
groups:
  - { displayName: Approvers, members: [dora@asked.example, Inner] }
  - { displayName: Inner, members: [emil@asked.example] }
  - { displayName: Tools }
connectedOrganizations:
  - displayName: Toys
    identitySources: [{ '@odata.type': microsoft.graph.domainIdentitySource, domainName: toys.example }]
    internalSponsors: [Approvers]
    externalSponsors: [fay@asked.example]
catalogs: [{ displayName: General, catalogType: serviceDefault }]
accessPackages: [{ displayName: Kit, catalog: General, groups: [Tools] }]
assignmentPolicies: [{ displayName: Direct, accessPackage: Kit }]
";

/// A company with a policy `Asked`, which has stages of approval.
struct Company {
    rig: Rig,
    folder: tempfile::TempDir,
}

fn company_options(folder: &std::path::Path) -> SandboxOptions {
    let clock = ScaledClock::starting_at("2026-11-21T09:30:00Z".parse().unwrap(), 0.0);
    let (seed, state) = (Seed::File(folder.join("seed.yaml")), Some(folder.join("tenant.db")));
    SandboxOptions { seed, state, controls: true, clock: Arc::new(clock), ..options() }
}

async fn company(stages: impl AsyncFnOnce(&Rig) -> Value) -> Company {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("seed.yaml"), SEED).unwrap();
    let rig = rig_of(company_options(folder.path())).await;
    let approval = json!({ "isApprovalRequiredForAdd": true, "stages": stages(&rig).await });
    let package = json!({ "id": rig.sandbox.controls().package_id("Kit").unwrap() });
    let policy = json!({ "displayName": "Asked", "accessPackage": package, "requestApprovalSettings": approval });
    rig.make("assignmentPolicies", &policy).await;
    Company { rig, folder }
}

impl Company {
    /// A request for Ada by the policy, as the application makes it.
    async fn ask(&self) -> String {
        self.ask_for("ada").await
    }

    async fn ask_for(&self, person: &str) -> String {
        let body = self.rig.addition(person, "Kit", "Asked").await;
        let request = created(self.rig.request(&body).await).await;
        self.rig.advance(1);
        text(&request["id"])
    }

    fn call_as(&self, person: &str, method: Method, path: &str) -> RequestBuilder {
        let url = self.rig.sandbox.url().join(&format!("{EM}/{path}")).unwrap();
        self.rig.client.request(method, url).bearer_auth(format!("{DEVELOPER}+{person}@asked.example"))
    }

    async fn read_as(&self, person: &str, path: &str) -> Value {
        let response = self.call_as(person, Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{person} {path}");
        response.json().await.unwrap()
    }

    async fn refusal_as(&self, person: &str, path: &str) -> (u16, String) {
        refused(self.call_as(person, Method::GET, path).send().await.unwrap()).await
    }

    /// The stages of the request's approval, as the person sees them.
    async fn stages(&self, person: &str, request: &str) -> Vec<Value> {
        let approval = self.read_as(person, &format!("{APPROVALS}/{request}?$expand=stages")).await;
        conforms("approval", &approval);
        assert_eq!(approval["id"], request);
        approval["stages"].as_array().unwrap().clone()
    }

    /// The decision of a person on a stage, by its number; the status, and the code where it is refused.
    async fn decide(&self, person: &str, request: &str, stage: usize, body: Value) -> (u16, String) {
        // Whoever the request is for may look at its stages.
        let requestor = self.rig.read(&format!("assignmentRequests/{request}?$expand=requestor")).await;
        let requestor = text(&requestor["requestor"]["displayName"]).to_lowercase();
        let stages = self.stages(&requestor, request).await;
        let path = format!("{APPROVALS}/{request}/stages/{}", text(&stages[stage]["id"]));
        let response = self.call_as(person, Method::PATCH, &path).json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        if status < 300 { (status, String::new()) } else { refused(response).await }
    }

    async fn approves(&self, person: &str, request: &str, stage: usize) {
        let decision = self.decide(person, request, stage, json!({ "reviewResult": "Approve" })).await;
        assert_eq!(decision, (204, String::new()), "{person} on stage {stage}");
    }

    async fn standing(&self, request: &str) -> (String, String) {
        let request = self.rig.read(&format!("assignmentRequests/{request}")).await;
        (text(&request["state"]), text(&request["status"]))
    }

    async fn awaited(&self, person: &str) -> usize {
        let requests = self.read_as(person, "assignmentRequests/filterByCurrentUser(on='approver')").await;
        let path = format!("{APPROVALS}/filterByCurrentUser(on='Approver')?$expand=stages");
        let approvals = self.read_as(person, &path).await;
        let approvals = approvals["value"].as_array().unwrap();
        assert!(approvals.iter().all(|approval| approval["stages"].is_array()));
        assert_eq!(requests["value"].as_array().unwrap().len(), approvals.len());
        approvals.len()
    }
}

fn user(rig: &Rig, person: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.singleUser", "userId": rig.user(person) })
}

fn manager(level: i32) -> Value {
    json!({ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": level })
}

fn stage(approvers: &[Value]) -> Value {
    json!({ "durationBeforeAutomaticDenial": "P14D", "primaryApprovers": approvers })
}

fn standing(state: &str, status: &str) -> (String, String) {
    (state.to_owned(), status.to_owned())
}

#[tokio::test]
async fn one_stage_is_approved_by_the_manager_and_says_so() {
    let company = company(async |_| json!([stage(&[manager(1)])])).await;
    let request = company.ask().await;
    assert_eq!(company.standing(&request).await, standing("pendingApproval", "PendingApproval"));
    let waiting = &company.stages("boris", &request).await[0];
    assert_eq!(
        (&waiting["status"], &waiting["reviewResult"], &waiting["assignedToMe"], &waiting["reviewedBy"]),
        (&json!("InProgress"), &json!("NotReviewed"), &json!(true), &Value::Null)
    );
    assert_eq!((&waiting["displayName"], &waiting["justification"]), (&Value::Null, &json!("")));
    assert_eq!(company.stages("ada", &request).await[0]["assignedToMe"], false);
    assert_eq!(
        (company.awaited("boris").await, company.awaited("cleo").await, company.awaited("ada").await),
        (1, 0, 0)
    );

    let decision =
        json!({ "@odata.type": "#microsoft.graph.approvalStage", "reviewResult": "Approve", "justification": "OK" });
    assert_eq!(company.decide("boris", &request, 0, decision).await, (204, String::new()));
    let path = format!("{APPROVALS}/{request}/stages/{}", text(&waiting["id"]));
    let decided = company.read_as("boris", &path).await;
    conforms("approvalStage", &decided);
    let boris = json!({ "id": company.rig.user("boris"), "displayName": "Boris" });
    assert_eq!(
        (&decided["status"], &decided["reviewResult"], &decided["assignedToMe"], &decided["reviewedBy"]),
        (&json!("Completed"), &json!("Approved"), &json!(false), &boris)
    );
    assert_eq!(
        (&decided["justification"], &decided["reviewedDateTime"]),
        (&json!("OK"), &json!("2026-11-21T09:30:01Z"))
    );
    assert_eq!(company.awaited("boris").await, 0);
    company.rig.advance(2);
    assert_eq!(company.standing(&request).await.0, "delivered");
    assert!(company.rig.sandbox.controls().is_member("Tools", &company.rig.user("ada")));
    let stages = company.read_as("boris", &format!("{APPROVALS}/{request}/stages?$select=id,status")).await;
    assert_eq!(stages["value"], json!([{ "id": decided["id"], "status": "Completed" }]));
    company.rig.sandbox.stop().await;
}

#[tokio::test]
async fn two_and_three_stages_come_one_after_the_other() {
    let three = async |rig: &Rig| {
        let approvers =
            json!({ "@odata.type": "#microsoft.graph.groupMembers", "groupId": rig.group("Approvers").await });
        json!([stage(&[manager(1)]), stage(&[approvers]), stage(&[user(rig, "fay")])])
    };
    let company = company(three).await;
    let request = company.ask().await;
    let statuses = async || {
        let stages = company.stages("ada", &request).await;
        stages.iter().map(|stage| text(&stage["status"])).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(statuses().await, "InProgress Initializing Initializing");
    let approve = || json!({ "reviewResult": "approve" });
    let early = company.decide("fay", &request, 2, approve()).await;
    assert_eq!(early, (400, "ApprovalStageNotActive".into()));
    company.approves("boris", &request, 0).await;
    assert_eq!(statuses().await, "Completed InProgress Initializing");
    assert_eq!(company.decide("boris", &request, 0, approve()).await, (409, "ApprovalStageAlreadyCompleted".into()));
    assert_eq!(company.decide("boris", &request, 1, approve()).await, (403, "UnAuthorized".into()));
    assert_eq!((company.awaited("emil").await, company.awaited("fay").await), (1, 0));
    company.approves("emil", &request, 1).await;
    assert_eq!(company.decide("dora", &request, 1, approve()).await.0, 409, "Emil has decided already");
    company.rig.advance(DAY);
    assert_eq!(company.standing(&request).await, standing("pendingApproval", "PendingApproval"));
    company.approves("fay", &request, 2).await;
    assert_eq!(statuses().await, "Completed Completed Completed");
    company.rig.advance(2);
    assert_eq!(company.standing(&request).await.0, "delivered");
    company.rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_denial_at_any_stage_is_the_end() {
    let company = company(async |rig| json!([stage(&[manager(1)]), stage(&[user(rig, "fay")])])).await;
    let request = company.ask().await;
    company.approves("boris", &request, 0).await;
    let denial = json!({ "reviewResult": "Deny", "justification": "not now" });
    assert_eq!(company.decide("fay", &request, 1, denial.clone()).await.0, 204);
    assert_eq!(company.standing(&request).await, standing("denied", "Denied"));
    let stages = company.stages("fay", &request).await;
    assert_eq!((&stages[0]["reviewResult"], &stages[1]["reviewResult"]), (&json!("Approved"), &json!("Denied")));
    company.rig.advance(30 * DAY);
    assert_eq!(company.standing(&request).await.0, "denied");
    assert!(!company.rig.sandbox.controls().is_member("Tools", &company.rig.user("ada")));

    let again = company.ask().await;
    assert_eq!(company.decide("boris", &again, 0, denial).await.0, 204);
    let stages = company.stages("fay", &again).await;
    assert_eq!(stages[1]["status"], "Initializing", "it never came to that");
    company.rig.sandbox.stop().await;
}

#[tokio::test]
async fn managers_of_any_level_decide_and_fallbacks_where_there_is_none() {
    let with_fallback = |level: i32, rig: &Rig| {
        let mut stage = stage(&[manager(level)]);
        stage["fallbackPrimaryApprovers"] = json!([user(rig, "fay")]);
        json!([stage])
    };
    let second = company(async |rig| with_fallback(2, rig)).await;
    let request = second.ask().await;
    let counts = async |company: &Company| {
        (company.awaited("boris").await, company.awaited("cleo").await, company.awaited("fay").await)
    };
    assert_eq!(counts(&second).await, (0, 1, 0), "the manager's manager");
    second.approves("cleo", &request, 0).await;
    let above_all = second.ask_for("boris").await;
    assert_eq!(counts(&second).await, (0, 0, 1), "nobody is above Cleo");
    second.approves("fay", &above_all, 0).await;

    let own = company(async |rig| {
        let mut stage = stage(&[user(rig, "ada")]);
        stage["fallbackPrimaryApprovers"] = json!([user(rig, "fay"), user(rig, "ada")]);
        json!([stage])
    });
    let own = own.await;
    let request = own.ask().await;
    assert_eq!((own.awaited("ada").await, own.awaited("fay").await), (0, 1));
    let decision = own.decide("ada", &request, 0, json!({ "reviewResult": "Approve" })).await;
    assert_eq!(decision, (403, "UnAuthorized".into()), "nobody approves what they ask for");
    own.approves("fay", &request, 0).await;
}

#[tokio::test]
async fn sponsors_of_the_target_s_organization_decide() {
    let company = company(async |rig| {
        let sponsors = |kind: &str| json!({ "@odata.type": format!("#microsoft.graph.{kind}Sponsors") });
        let with_fallback = |kind: &str| {
            let mut stage = stage(&[sponsors(kind)]);
            stage["fallbackPrimaryApprovers"] = json!([user(rig, "gus")]);
            stage
        };
        json!([with_fallback("internal"), with_fallback("external"), with_fallback("targetUser")])
    });
    let company = company.await;
    let request = company.ask_for("hal").await;
    let counts = async || {
        let mut awaited = Vec::new();
        for person in ["dora", "emil", "fay", "gus"] {
            awaited.push(company.awaited(person).await);
        }
        awaited
    };
    assert_eq!(counts().await, [1, 1, 0, 0], "a group, with the group inside it");
    company.approves("emil", &request, 0).await;
    assert_eq!(counts().await, [0, 0, 1, 0]);
    company.approves("fay", &request, 1).await;
    assert_eq!(counts().await, [0, 0, 0, 1], "nobody has sponsors of their own");
    company.approves("gus", &request, 2).await;
    company.ask_for("ada").await;
    assert_eq!(counts().await, [0, 0, 0, 1], "the company's own people are of no connected organization");
    company.rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_stage_nobody_can_decide_waits_until_it_is_denied() {
    let company = company(async |_| json!([{ "primaryApprovers": [manager(1)] }])).await;
    let request = company.ask_for("cleo").await;
    let stages = company.stages("cleo", &request).await;
    assert_eq!(stages[0]["status"], "InProgress");
    company.rig.advance(14 * DAY - 1);
    assert_eq!(company.standing(&request).await.0, "pendingApproval");
    company.rig.advance(1);
    assert_eq!(company.standing(&request).await, standing("denied", "Expired"));
    let stages = company.stages("cleo", &request).await;
    assert_eq!((&stages[0]["status"], &stages[0]["reviewResult"]), (&json!("Expired"), &json!("NotReviewed")));
    let ended = company.rig.read(&format!("assignmentRequests/{request}")).await;
    assert_eq!(ended["completedDateTime"], "2026-12-05T09:30:01Z");
}

#[tokio::test]
async fn alternate_approvers_get_it_by_the_clock_and_the_first_ones_keep_it() {
    let forwarding = async |rig: &Rig| {
        let mut stage = stage(&[manager(1)]);
        stage["isEscalationEnabled"] = json!(true);
        stage["durationBeforeEscalation"] = json!("P8D");
        stage["escalationApprovers"] = json!([manager(3)]);
        stage["fallbackEscalationApprovers"] = json!([user(rig, "gus")]);
        json!([stage])
    };
    let company = company(forwarding).await;
    let (first, second) = (company.ask().await, company.ask_for("dora").await);
    let approve = || json!({ "reviewResult": "Approve" });
    assert_eq!(company.awaited("gus").await, 0);
    company.rig.advance(8 * DAY - 2);
    assert_eq!(company.standing(&first).await.1, "PendingApproval");
    assert_eq!(company.decide("gus", &first, 0, approve()).await.0, 403, "not forwarded yet");
    company.rig.advance(2);
    assert_eq!(company.standing(&first).await, standing("pendingApproval", "PendingApprovalEscalated"));
    let stages = company.stages("gus", &first).await;
    assert_eq!((&stages[0]["status"], &stages[0]["assignedToMe"]), (&json!("InProgress"), &json!(true)));
    assert_eq!((company.awaited("boris").await, company.awaited("gus").await), (1, 2));
    company.approves("boris", &first, 0).await;
    assert_eq!(company.decide("gus", &first, 0, approve()).await.0, 409, "the first approver was quicker");
    company.rig.advance(6 * DAY - 2);
    assert_eq!(company.standing(&second).await.0, "pendingApproval");
    company.rig.advance(2);
    assert_eq!(company.standing(&second).await, standing("denied", "Expired"));
    assert_eq!(company.decide("gus", &second, 0, approve()).await.0, 409, "too late");
}

#[tokio::test]
async fn a_decision_is_read_strictly_and_justified_where_the_stage_says_so() {
    let justified = async |_: &Rig| {
        let mut stage = stage(&[manager(1)]);
        stage["isApproverJustificationRequired"] = json!(true);
        json!([stage])
    };
    let company = company(justified).await;
    let request = company.ask().await;
    for (body, code) in [
        (json!({ "reviewResult": "Approve" }), "MissingJustification"),
        (json!({ "reviewResult": "Approve", "justification": "  " }), "MissingJustification"),
        (json!({ "reviewResult": "Approved", "justification": "x" }), "InvalidModel"),
        (json!({ "justification": "x" }), "InvalidModel"),
        (json!({ "reviewResult": "Deny", "justification": "x", "status": "Completed" }), "InvalidModel"),
        (json!({ "reviewResult": "Deny", "justification": "x".repeat(9000) }), "InvalidModel"),
        (json!([]), "InvalidModel"),
    ] {
        assert_eq!(company.decide("boris", &request, 0, body.clone()).await, (400, code.into()), "{body}");
    }
    let decision = json!({ "reviewResult": "Approve", "justification": "as planned" });
    assert_eq!(company.decide("boris", &request, 0, decision).await.0, 204);
}

#[tokio::test]
async fn applications_and_strangers_see_nothing_and_decide_nothing() {
    let company = company(async |_| json!([stage(&[manager(1)])])).await;
    let request = company.ask().await;
    let stage = text(&company.stages("boris", &request).await[0]["id"]);
    let own = format!("{APPROVALS}/{request}");
    let paths = [own.clone(), format!("{own}/stages"), format!("{own}/stages/{stage}")];
    for path in &paths {
        assert_eq!(company.rig.refusal(&format!("{EM}/{path}")).await, (403, "UnAuthorized".into()), "{path}");
        assert_eq!(company.refusal_as("fay", path).await, (403, "UnAuthorized".into()), "{path}");
    }
    let approve = json!({ "reviewResult": "Approve" });
    assert_eq!(company.rig.outcome(Method::PATCH, &paths[2], &approve).await, (403, "UnAuthorized".into()));
    assert_eq!(company.decide("fay", &request, 0, approve).await, (403, "UnAuthorized".into()));
    for collection in [APPROVALS, "assignmentRequests", "assignments"] {
        let path = format!("{EM}/{collection}/filterByCurrentUser(on='target')");
        assert_eq!(company.rig.refusal(&path).await, (403, "UnAuthorized".into()), "{path}");
        for on in ["on='nobody'", "on=target", "", "on='unknownFutureValue'"] {
            let refusal = company.refusal_as("ada", &format!("{collection}/filterByCurrentUser({on})")).await;
            assert_eq!(refusal, (400, "InvalidFilterByCurrentUserOption".into()), "{collection} {on}");
        }
    }
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(company.refusal_as("boris", &format!("{APPROVALS}/{unknown}")).await, (404, "ResourceNotFound".into()));
    let path = format!("{own}/stages/{unknown}");
    assert_eq!(company.refusal_as("boris", &path).await, (404, "ResourceNotFound".into()));
    assert_eq!(company.refusal_as("boris", &format!("{APPROVALS}/nonsense")).await, (400, "InvalidIdentifier".into()));
    for option in ["$expand=request", "$filter=id eq 'x'", "$orderby=id"] {
        let path = format!("{APPROVALS}/filterByCurrentUser(on='approver')?{option}");
        assert_eq!(company.refusal_as("boris", &path).await.0, 400, "{option}");
    }
}

#[tokio::test]
async fn everybody_finds_their_own_requests_and_assignments() {
    let company = company(async |_| json!([stage(&[manager(1)])])).await;
    let request = company.ask().await;
    company.approves("boris", &request, 0).await;
    company.rig.advance(2);
    assert!(company.rig.sandbox.controls().add_administrator("fay@asked.example"));
    let own = company.rig.addition("dora", "Kit", "Direct").await;
    let made = company.call_as("fay", Method::POST, "assignmentRequests").json(&own).send().await.unwrap();
    let made = text(&created(made).await["id"]);
    company.rig.advance(2);
    let found = async |person: &str, collection: &str, on: &str| {
        let path = format!("{collection}/microsoft.graph.filterByCurrentUser(on='{on}')");
        let found = company.read_as(person, &path).await["value"].clone();
        found.as_array().unwrap().clone()
    };
    let ids = async |person: &str, collection: &str, on: &str| {
        found(person, collection, on).await.iter().map(|found| text(&found["id"])).collect::<Vec<_>>()
    };
    let nothing: [String; 0] = [];
    for (person, on, expected) in [
        ("ada", "target", vec![&request]),
        ("ada", "targetOrRequestor", vec![&request]),
        ("dora", "target", vec![&made]),
        ("dora", "createdBy", vec![]),
        ("fay", "createdBy", vec![&made]),
        ("fay", "requestForOthers", vec![&made]),
        ("fay", "targetOrRequestor", vec![&made]),
        ("fay", "target", vec![]),
        ("boris", "targetManager", vec![&request]),
        ("cleo", "targetManager", vec![]),
        ("ada", "targetAgentIdentitySponsorOrOwner", vec![]),
        ("boris", "approver", vec![]),
    ] {
        assert_eq!(
            ids(person, "assignmentRequests", on).await,
            expected.into_iter().cloned().collect::<Vec<_>>(),
            "{person} {on}"
        );
    }
    let (kept, given) = (company.rig.assignment("ada", "Kit").await, company.rig.assignment("dora", "Kit").await);
    assert_eq!(ids("ada", "assignments", "target").await, [text(&kept["id"])]);
    assert_eq!(ids("boris", "assignments", "targetManager").await, [text(&kept["id"])]);
    assert_eq!(ids("fay", "assignments", "createdBy").await, [text(&given["id"])]);
    assert_eq!(ids("fay", "assignments", "target").await, nothing);
    for (kind, collection) in
        [("accessPackageAssignmentRequest", "assignmentRequests"), ("accessPackageAssignment", "assignments")]
    {
        conforms(kind, &found("ada", collection, "target").await[0]);
    }
    assert_eq!(ids("ada", APPROVALS, "target").await, [request]);
    assert_eq!(ids("ada", APPROVALS, "createdBy").await, nothing);
    let path = "assignments/filterByCurrentUser(on='target')?$filter=state eq 'Delivered'&$expand=accessPackage&$top=5";
    assert_eq!(company.read_as("ada", path).await["value"][0]["accessPackage"]["displayName"], "Kit");
    let path = "assignmentRequests/filterByCurrentUser(on='target')?$filter=state eq 'denied'";
    assert_eq!(company.read_as("ada", path).await["value"], json!([]));
}

#[tokio::test]
async fn awaited_requests_come_in_pages() {
    let company = company(async |rig| json!([stage(&[user(rig, "gus")])])).await;
    for person in ["ada", "boris", "cleo"] {
        company.ask_for(person).await;
    }
    for collection in [APPROVALS, "assignmentRequests"] {
        let mut path = format!("{EM}/{collection}/filterByCurrentUser(on='approver')?$top=2");
        let mut sizes = Vec::new();
        loop {
            let relative = path.split_once("/entitlementManagement/").unwrap().1.to_owned();
            let page = company.read_as("gus", &relative).await;
            sizes.push(page["value"].as_array().unwrap().len());
            match page.get("@odata.nextLink") {
                Some(next) => path = text(next),
                None => break,
            }
        }
        assert_eq!(sizes, [2, 1], "{collection}");
    }
}

#[tokio::test]
async fn a_tenant_that_does_not_enforce_approval_lets_administrators_through() {
    let company = company(async |_| json!([stage(&[manager(1)])])).await;
    let rig = &company.rig;
    let put = async |body: Value| rig.call(Method::PUT, "/sandbox/settings").json(&body).send().await.unwrap().status();
    assert_eq!(rig.get("/sandbox/settings").await, json!({ "approvalForDirectAssignments": true }));
    assert_eq!(put(json!({ "approvalForDirectAssignments": 1 })).await, StatusCode::BAD_REQUEST);
    assert_eq!(put(json!({ "approvalForDirectAssignments": false })).await, StatusCode::NO_CONTENT);
    let request = company.ask().await;
    rig.advance(1);
    assert_eq!(company.standing(&request).await.0, "delivered");
    assert_eq!(company.refusal_as("ada", &format!("{APPROVALS}/{request}")).await.0, 404, "it has no approval");
    assert_eq!(rig.sandbox.controls().settings(), TenantSettings { approval_for_direct_assignments: false });
    assert_eq!(put(json!({})).await, StatusCode::NO_CONTENT);
    assert_eq!(company.standing(&company.ask_for("dora").await).await.0, "pendingApproval");
}

#[tokio::test]
async fn the_testers_hand_decides_the_stage_that_waits() {
    let company = company(async |rig| json!([stage(&[manager(1)]), stage(&[user(rig, "fay")])])).await;
    let request = company.ask().await;
    let decide = async |approve: bool| {
        let path = format!("/sandbox/requests/{request}/decision");
        company.rig.post(&path, &json!({ "approve": approve })).await.status()
    };
    assert_eq!(decide(true).await, StatusCode::NO_CONTENT);
    let stages = company.stages("ada", &request).await;
    assert_eq!((&stages[0]["reviewResult"], &stages[0]["reviewedBy"]), (&json!("Approved"), &Value::Null));
    assert_eq!(
        (&stages[1]["status"], company.standing(&request).await.0.as_str()),
        (&json!("InProgress"), "pendingApproval")
    );
    assert_eq!(decide(false).await, StatusCode::NO_CONTENT);
    assert_eq!(company.standing(&request).await, standing("denied", "Denied"));
    assert_eq!(decide(true).await, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_stage_goes_on_after_a_restart_where_it_stood() {
    let company = company(async |rig| {
        let mut forwarded = stage(&[user(rig, "dora")]);
        forwarded["isEscalationEnabled"] = json!(true);
        forwarded["durationBeforeEscalation"] = json!("P8D");
        forwarded["escalationApprovers"] = json!([user(rig, "gus")]);
        json!([stage(&[manager(1)]), forwarded])
    });
    let company = company.await;
    let request = company.ask().await;
    company.approves("boris", &request, 0).await;
    let before = company.stages("ada", &request).await;
    company.rig.sandbox.controls().set_settings(TenantSettings { approval_for_direct_assignments: false });
    company.rig.get("/v1.0/users?$top=1").await;
    let Company { rig, folder } = company;
    let now = "2026-11-21T09:30:00Z".parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_hours(8 * 24 + 1);
    rig.sandbox.stop().await;
    let clock = Arc::new(ScaledClock::starting_at(now, 0.0));
    let rig = rig_of(SandboxOptions { clock, ..company_options(folder.path()) }).await;
    let company = Company { rig, folder };
    assert_eq!(company.stages("ada", &request).await, before);
    assert_eq!(company.standing(&request).await.1, "PendingApprovalEscalated", "the eighth day passed meanwhile");
    assert!(!company.rig.sandbox.controls().settings().approval_for_direct_assignments);
    company.approves("gus", &request, 1).await;
    company.rig.advance(2);
    assert_eq!(company.standing(&request).await.0, "delivered");
    company.rig.sandbox.stop().await;
}

#[tokio::test]
async fn who_asks_for_somebody_else_does_not_approve_it() {
    let company = company(async |rig| json!([stage(&[user(rig, "fay")])])).await;
    let (fay, gus) = (user(&company.rig, "fay"), user(&company.rig, "gus"));
    let package = json!({ "id": company.rig.sandbox.controls().package_id("Kit").unwrap() });
    let policy = json!({ "displayName": "For others", "accessPackage": package, "allowedTargetScope": "AllMemberUsers",
        "requestorSettings": { "enableOnBehalfRequestorsToAddAccess": true, "onBehalfRequestors": [fay] },
        "requestApprovalSettings": { "isApprovalRequiredForAdd": true, "stages": [stage(&[fay.clone(), gus])] } });
    company.rig.make("assignmentPolicies", &policy).await;
    let mut body = company.rig.addition("ada", "Kit", "For others").await;
    body["requestType"] = json!("userAdd");
    let asked = company.call_as("fay", Method::POST, "assignmentRequests").json(&body).send().await.unwrap();
    let request = text(&created(asked).await["id"]);
    company.rig.advance(1);
    let own = company.decide("fay", &request, 0, json!({ "reviewResult": "Approve" })).await;
    assert_eq!(own, (403, "UnAuthorized".to_owned()));
    company.approves("gus", &request, 0).await;
    company.rig.sandbox.stop().await;
}
