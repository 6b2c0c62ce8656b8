//! Whom the sandbox's policies are for and who approves by them, over real HTTP: scopes, stages, automatic assignment.

#![cfg(test)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{DEVELOPER, EM, Rig, created, refused, rig};
use crate::sandbox_policies::{direct, with};

fn user(id: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.singleUser", "userId": id, "description": "user" })
}

fn group(id: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.groupMembers", "groupId": id })
}

fn rule(rule: &str) -> Value {
    json!([{ "@odata.type": "#microsoft.graph.attributeRuleMembers", "membershipRule": rule }])
}

fn one_stage(members: Value) -> Value {
    let stage = json!({ "durationBeforeAutomaticDenial": "P14D", "isEscalationEnabled": false, "durationBeforeEscalation": "PT0S" });
    json!({ "requestApprovalSettings": { "isApprovalRequiredForAdd": true, "stages": [with(stage, members)] } })
}

impl Rig {
    /// What an administrator's addition of the employee by the policy comes to.
    async fn added(&self, employee: &str, policy: &Value, package: &str) -> (u16, String) {
        let addition = json!({ "requestType": "adminAdd", "assignment": {
            "targetId": self.user(employee), "accessPackageId": package, "assignmentPolicyId": policy["id"] } });
        self.outcome(Method::POST, "assignmentRequests", &addition).await
    }

    /// What the signed-in employee has to bring to ask for the package.
    async fn requirements(&self, employee: &str, package: &str, language: &str) -> Vec<Value> {
        let path = format!("{EM}/accessPackages/{package}/getApplicablePolicyRequirements");
        let call = self.client.post(self.sandbox.url().join(&path).unwrap());
        let call = call.bearer_auth(format!("{DEVELOPER}+{}", self.user(employee))).header("accept-language", language);
        let response = call.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json::<Value>().await.unwrap()["value"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn the_documented_policy_for_other_organizations_is_taken() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let (lead, team) = (user(&rig.user("E0901")), group(&rig.group("Marketing").await));
    let stage = |primary: Value| {
        json!({ "durationBeforeAutomaticDenial": "P14D", "isApproverJustificationRequired": false, "isEscalationEnabled": false,
            "durationBeforeEscalation": "PT0S", "primaryApprovers": primary, "fallbackPrimaryApprovers": [lead, team],
            "escalationApprovers": [], "fallbackEscalationApprovers": [] })
    };
    let body = json!({
        "displayName": "policy for external access requests", "allowedTargetScope": "allConfiguredConnectedOrganizationUsers",
        "specificAllowedTargets": [], "expiration": { "type": "noExpiration" },
        "requestorSettings": { "enableTargetsToSelfAddAccess": true, "allowCustomAssignmentSchedule": false },
        "requestApprovalSettings": { "isApprovalRequiredForAdd": true, "isApprovalRequiredForUpdate": false,
            "stages": [stage(json!([{ "@odata.type": "#microsoft.graph.internalSponsors" }])), stage(json!([]))] },
        "reviewSettings": { "isEnabled": true, "expirationBehavior": "keepAccess", "isRecommendationEnabled": true,
            "isReviewerJustificationRequired": true, "isSelfReview": false, "primaryReviewers": [team], "fallbackReviewers": [],
            "schedule": { "startDateTime": "2022-07-02T06:59:59.998Z", "expiration": { "duration": "P14D", "type": "afterDuration" },
                "recurrence": { "pattern": { "type": "absoluteMonthly", "interval": 3, "month": 0, "dayOfMonth": 0, "daysOfWeek": [] },
                    "range": { "type": "noEnd", "numberOfOccurrences": 0 } } } },
        "notificationSettings": { "isAssignmentNotificationDisabled": true },
        "verifiableCredentialSettings": { "credentialTypes": [{ "credentialType": "Employee", "issuers": ["did:ion:x"] }] },
        "accessPackage": { "id": package },
    });
    let made = rig.make("assignmentPolicies", &body).await;
    conforms("accessPackageAssignmentPolicy", &made);
    let read = rig.read(&format!("assignmentPolicies/{}", text(&made["id"]))).await;
    conforms("accessPackageAssignmentPolicy", &read);
    assert_eq!(read["requestApprovalSettings"]["stages"][1]["fallbackPrimaryApprovers"][0], lead);
    assert_eq!(read["reviewSettings"]["schedule"]["recurrence"], body["reviewSettings"]["schedule"]["recurrence"]);
    assert_eq!(read["notificationSettings"], body["notificationSettings"]);
    assert!(read.get("verifiableCredentialSettings").is_none());
    assert_eq!(rig.added("E0902", &made, &package).await, (400, "TargetNotInPolicyScope".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn targets_go_with_the_scope_and_say_who_can_be_given_the_package() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let unknown = "8fe745e7-80b2-490d-bd22-4e708c77288c";
    let organization =
        json!([{ "@odata.type": "#microsoft.graph.connectedOrganizationMembers", "connectedOrganizationId": unknown }]);
    let employee = rig.user("E0901");
    let scoped = |scope: &str, targets: Value| {
        with(
            direct(&package),
            json!({ "displayName": scope, "allowedTargetScope": scope, "specificAllowedTargets": targets }),
        )
    };
    for (scope, targets, expected) in [
        ("specificDirectoryUsers", json!([]), (400, "InvalidModel")),
        ("specificDirectoryUsers", json!([user(unknown)]), (404, "ResourceNotFound")),
        ("specificDirectoryUsers", json!([group(&employee)]), (404, "ResourceNotFound")),
        ("specificDirectoryUsers", json!([user("x")]), (400, "InvalidIdentifier")),
        (
            "specificDirectoryUsers",
            json!([{ "@odata.type": "#microsoft.graph.requestorManager" }]),
            (400, "InvalidModel"),
        ),
        ("specificDirectoryUsers", rule("(user.department -eq \"Sales\")"), (400, "InvalidModel")),
        ("specificConnectedOrganizationUsers", json!([user(&employee)]), (400, "InvalidModel")),
        ("specificConnectedOrganizationUsers", organization, (404, "ResourceNotFound")),
        ("allMemberUsers", json!([user(&employee)]), (400, "InvalidModel")),
        ("allExternalUsers", json!([]), (400, "InvalidApprovalSettings")),
        ("allDirectoryServicePrincipals", json!([]), (400, "InvalidModel")),
    ] {
        let refusal = rig.refused_policy(&scoped(scope, targets.clone())).await;
        assert_eq!(refusal, (expected.0, expected.1.to_owned()), "{scope} {targets}");
    }
    // Ids in another spelling are the same ids.
    let targets = json!([user(&employee.to_uppercase())]);
    let specific = rig.make("assignmentPolicies", &scoped("SpecificDirectoryUsers", targets)).await;
    assert_eq!(specific["specificAllowedTargets"][0]["userId"], employee);
    assert_eq!(rig.added("E0902", &specific, &package).await, (400, "TargetNotInPolicyScope".into()));
    assert_eq!(rig.added("E0901", &specific, &package).await.0, 201);
    let partner = rig.read("connectedOrganizations").await["value"][0]["id"].clone();
    let partner =
        json!([{ "@odata.type": "#microsoft.graph.connectedOrganizationMembers", "connectedOrganizationId": partner }]);
    let partner = rig.make("assignmentPolicies", &scoped("specificConnectedOrganizationUsers", partner)).await;
    conforms("accessPackageAssignmentPolicy", &partner);
    assert_eq!(rig.added("E0902", &partner, &package).await, (400, "TargetNotInPolicyScope".into()));
    let members = rig.make("assignmentPolicies", &scoped("allMemberUsers", json!([]))).await;
    assert_eq!(rig.added("E0902", &members, &package).await.0, 201);
    let disabled = json!({ "displayName": "off", "requestorSettings": { "acceptRequests": false } });
    let disabled = rig.make("assignmentPolicies", &with(direct(&package), disabled)).await;
    assert!(disabled["requestorSettings"].get("acceptRequests").is_none());
    assert_eq!(rig.added("E0903", &disabled, &package).await, (400, "PolicyDisabled".into()));
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn stages_are_held_to_their_limits() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let approver = json!([user(&rig.user("E0901"))]);
    let manager = json!([{ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 1 }]);
    let second = json!([{ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 2 }]);
    let stage = |members: Value| one_stage(with(json!({ "primaryApprovers": approver }), members));
    let no_stage = json!({ "requestApprovalSettings": { "isApprovalRequiredForAdd": true, "stages": [] } });
    let mut four = stage(json!({}));
    let one = four["requestApprovalSettings"]["stages"][0].clone();
    four["requestApprovalSettings"]["stages"] = json!([one, one, one, one]);
    for settings in [
        no_stage,
        four,
        stage(json!({ "primaryApprovers": [] })),
        stage(json!({ "durationBeforeAutomaticDenial": "P15D" })),
        stage(json!({ "durationBeforeAutomaticDenial": "PT1H" })),
        stage(json!({ "approverInformationVisibility": "x" })),
        stage(json!({ "isEscalationEnabled": true, "durationBeforeEscalation": "P8D" })),
        stage(
            json!({ "isEscalationEnabled": true, "durationBeforeEscalation": "P7D", "escalationApprovers": approver }),
        ),
        stage(json!({ "isEscalationEnabled": true, "durationBeforeEscalation": "P8D", "escalationApprovers": second })),
    ] {
        let refusal = rig.refused_policy(&with(direct(&package), settings.clone())).await;
        assert_eq!(refusal, (400, "InvalidApprovalSettings".into()), "{settings}");
    }
    for settings in [
        stage(
            json!({ "primaryApprovers": [{ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 0 }] }),
        ),
        stage(json!({ "fallbackPrimaryApprovers": manager })),
        stage(json!({ "primaryApprovers": rule("user.department -eq \"Sales\"") })),
    ] {
        let refusal = rig.refused_policy(&with(direct(&package), settings.clone())).await;
        assert_eq!(refusal, (400, "InvalidModel".into()), "{settings}");
    }
    let forwarded =
        stage(json!({ "primaryApprovers": manager, "fallbackPrimaryApprovers": approver, "isEscalationEnabled": true,
        "durationBeforeEscalation": "P8D", "escalationApprovers": second, "fallbackEscalationApprovers": approver }));
    let made = rig.make("assignmentPolicies", &with(direct(&package), forwarded)).await;
    conforms("accessPackageAssignmentPolicy", &made);
    assert_eq!(made["requestApprovalSettings"]["stages"][0]["escalationApprovers"], second);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn a_package_has_one_policy_that_assigns_by_itself() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let automatic = |name: &str| {
        json!({ "displayName": name, "allowedTargetScope": "specificDirectoryUsers",
            "specificAllowedTargets": rule("(user.department -eq \"Sales\")"), "accessPackage": { "id": package },
            "automaticRequestSettings": { "requestAccessForAllowedTargets": true,
                "removeAccessWhenTargetLeavesAllowedTargets": true, "gracePeriodBeforeAccessRemoval": "P7D" } })
    };
    for members in [
        json!({ "allowedTargetScope": "allMemberUsers" }),
        json!({ "specificAllowedTargets": [] }),
        json!({ "specificAllowedTargets": [user(&rig.user("E0901"))] }),
        json!({ "specificAllowedTargets": rule("user.department is Sales") }),
        json!({ "automaticRequestSettings": { "requestAccessForAllowedTargets": false } }),
        json!({ "automaticRequestSettings": { "requestAccessForAllowedTargets": true, "gracePeriodBeforeAccessRemoval": "x" } }),
    ] {
        let refusal = rig.refused_policy(&with(automatic("Sales"), members.clone())).await;
        assert_eq!(refusal, (400, "InvalidModel".into()), "{members}");
    }
    let made = rig.make("assignmentPolicies", &automatic("Sales")).await;
    conforms("accessPackageAssignmentPolicy", &made);
    assert_eq!(made["automaticRequestSettings"]["gracePeriodBeforeAccessRemoval"], "P7D");
    assert_eq!(rig.refused_policy(&automatic("Again")).await, (400, "AutoAssignmentPolicyExists".into()));
    let path = format!("assignmentPolicies/{}", text(&made["id"]));
    assert_eq!(rig.outcome(Method::PUT, &path, &automatic("Sales people")).await.0, 200);
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn users_learn_what_they_have_to_bring() {
    let rig = rig().await;
    let sales = text(&rig.read("accessPackages?$filter=displayName eq 'Sales Toolkit'").await["value"][0]["id"]);
    let listed = rig.requirements("E0901", &sales, "en").await;
    assert_eq!((listed.len(), &listed[0]["policyDisplayName"]), (1, &json!("Employees may request")));
    assert_eq!(listed[0]["schedule"]["expiration"]["type"], "noExpiration");

    let package = rig.free_package().await;
    let question = json!({ "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion", "text": "Why?", "isRequired": true,
        "localizations": [{ "languageCode": "de-DE", "text": "Warum?" }] });
    let own = json!({ "allowedTargetScope": "specificDirectoryUsers", "specificAllowedTargets": [user(&rig.user("E0901"))],
        "requestorSettings": { "enableTargetsToSelfAddAccess": true, "allowCustomAssignmentSchedule": false },
        "questions": [question] });
    let made = rig.make("assignmentPolicies", &with(direct(&package), own)).await;
    let listed = rig.requirements("E0901", &package, "fr, de-DE;q=0.8").await;
    assert_eq!((&listed[0]["policyId"], &listed[0]["allowCustomAssignmentSchedule"]), (&made["id"], &json!(false)));
    assert_eq!(listed[0]["questions"][0]["text"], "Warum?");
    conforms("accessPackageTextInputQuestion", &listed[0]["questions"][0]);
    assert_eq!(rig.requirements("E0901", &package, "fr").await[0]["questions"][0]["text"], "Why?");
    assert!(rig.requirements("E0902", &package, "en").await.is_empty());

    let path = format!("{EM}/accessPackages/{package}/getApplicablePolicyRequirements");
    let application = rig.call(Method::POST, &path).send().await.unwrap();
    assert_eq!(refused(application).await, (403, "UnAuthorized".into()));
    let added =
        created(rig.request(&rig.addition("E0902", "Sales Toolkit", "Employees may request").await).await).await;
    assert_eq!(added["state"], "submitted");
    rig.sandbox.stop().await;
}
