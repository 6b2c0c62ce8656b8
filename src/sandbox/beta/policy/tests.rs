//! Policies in both versions' shapes: what the vendor documents send, and what comes back from v1.0.

use serde_json::{Value, json};

use super::super::body;
use super::super::kinds::Kind;
use super::outgoing;

fn incoming(policy: Value) -> Value {
    body::incoming(Kind::Policy, policy)
}

fn back(policy: Value) -> Value {
    Value::Object(outgoing(policy.as_object().cloned().unwrap(), true))
}

/// The body of seed 002.
fn specific_users() -> Value {
    json!({
        "accessPackageId": "08173ced", "displayName": "Specific users", "description": "Specific users can request assignment",
        "durationInDays": 30,
        "requestorSettings": {
            "scopeType": "SpecificDirectorySubjects", "acceptRequests": true,
            "allowedRequestors": [{
                "@odata.type": "#microsoft.graph.singleUser", "isBackup": false, "id": "6c42590f", "description": "Requestor1",
            }],
        },
        "requestApprovalSettings": {
            "isApprovalRequired": false, "isApprovalRequiredForExtension": false,
            "isRequestorJustificationRequired": false, "approvalMode": "NoApproval", "approvalStages": "[]",
        },
    })
}

#[test]
fn the_policy_of_the_vendors_tutorial() {
    let v1 = json!({
        "accessPackage": { "id": "08173ced" }, "displayName": "Specific users",
        "description": "Specific users can request assignment", "allowedTargetScope": "specificDirectoryUsers",
        "specificAllowedTargets": [
            { "@odata.type": "#microsoft.graph.singleUser", "userId": "6c42590f", "description": "Requestor1" },
        ],
        "expiration": { "type": "afterDuration", "duration": "P30D", "endDateTime": null },
        "requestorSettings": {
            "enableTargetsToSelfAddAccess": true, "enableTargetsToSelfUpdateAccess": true,
            "enableTargetsToSelfRemoveAccess": true, "allowCustomAssignmentSchedule": true, "acceptRequests": true,
        },
        "requestApprovalSettings": {
            "isApprovalRequiredForAdd": false, "isApprovalRequiredForUpdate": false,
            "isRequestorJustificationRequired": false, "stages": [],
        },
        "reviewSettings": null,
    });
    assert_eq!(incoming(specific_users()), v1);

    let beta = back(v1);
    assert_eq!((&beta["durationInDays"], &beta["expirationDateTime"]), (&json!(30), &Value::Null));
    assert_eq!((&beta["canExtend"], &beta["accessReviewSettings"]), (&json!(true), &Value::Null));
    assert_eq!(beta["requestorSettings"], specific_users()["requestorSettings"]);
    assert_eq!(beta["requestApprovalSettings"]["approvalStages"], json!([]));
    assert_eq!(beta["requestApprovalSettings"]["approvalMode"], "NoApproval");
    for v1_only in ["allowedTargetScope", "specificAllowedTargets", "expiration", "reviewSettings"] {
        assert!(beta.get(v1_only).is_none(), "{v1_only}");
    }
}

#[test]
fn a_direct_policy_takes_no_requests_of_users() {
    let direct = json!({
        "displayName": "direct", "accessReviewSettings": null,
        "requestorSettings": { "scopeType": "NoSubjects", "acceptRequests": false, "allowedRequestors": [] },
        "requestApprovalSettings": { "isApprovalRequired": false, "approvalMode": "NoApproval", "approvalStages": [] },
    });
    let v1 = incoming(direct);
    assert_eq!((&v1["allowedTargetScope"], &v1["specificAllowedTargets"]), (&json!("notSpecified"), &json!([])));
    assert_eq!(v1["requestorSettings"]["enableTargetsToSelfAddAccess"], false);
    assert_eq!(v1["requestorSettings"]["enableTargetsToSelfUpdateAccess"], false);
    assert_eq!(v1["requestorSettings"]["acceptRequests"], false);
    assert_eq!(v1["expiration"]["type"], "noExpiration");
    assert_eq!(incoming(json!({}))["allowedTargetScope"], "notSpecified");
}

#[test]
fn lifetimes_are_days_or_a_date() {
    for (beta, v1) in [
        (
            json!({ "durationInDays": 0, "expirationDateTime": null }),
            json!({ "type": "noExpiration", "duration": null, "endDateTime": null }),
        ),
        (
            json!({ "durationInDays": 0, "expirationDateTime": "2027-01-01T00:00:00Z" }),
            json!({ "type": "afterDateTime", "duration": null, "endDateTime": "2027-01-01T00:00:00Z" }),
        ),
        (
            json!({ "durationInDays": 365, "expirationDateTime": null }),
            json!({ "type": "afterDuration", "duration": "P365D", "endDateTime": null }),
        ),
    ] {
        let policy = incoming(beta.clone());
        assert_eq!(policy["expiration"], v1);
        let again = back(policy);
        assert_eq!(
            (&again["durationInDays"], &again["expirationDateTime"]),
            (&beta["durationInDays"], &beta["expirationDateTime"])
        );
    }
    assert_eq!(back(json!({ "expiration": { "type": "afterDuration", "duration": "PT6H" } }))["durationInDays"], 1);
}

#[test]
fn stages_keep_their_approvers_and_times() {
    let approval = json!({
        "isApprovalRequired": true, "isApprovalRequiredForExtension": true, "isRequestorJustificationRequired": true,
        "approvalMode": "SingleStage",
        "approvalStages": [{
            "approvalStageTimeOutInDays": 14, "isApproverJustificationRequired": true, "isEscalationEnabled": true,
            "escalationTimeInMinutes": 11520,
            "primaryApprovers": [
                { "@odata.type": "#microsoft.graph.requestorManager", "isBackup": false, "managerLevel": 1 },
                { "@odata.type": "#microsoft.graph.groupMembers", "isBackup": true, "id": "g", "description": "group" },
            ],
            "escalationApprovers": [
                { "@odata.type": "#microsoft.graph.singleUser", "isBackup": false, "id": "u", "description": "user" },
            ],
        }],
    });
    let v1 = incoming(json!({ "requestApprovalSettings": approval }));
    let stage = &v1["requestApprovalSettings"]["stages"][0];
    assert_eq!(stage["durationBeforeAutomaticDenial"], "P14D");
    assert_eq!(stage["durationBeforeEscalation"], "PT11520M");
    assert_eq!(
        stage["primaryApprovers"],
        json!([{ "@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 1 }])
    );
    assert_eq!(stage["fallbackPrimaryApprovers"][0]["groupId"], "g");
    assert_eq!(stage["escalationApprovers"][0]["userId"], "u");
    assert_eq!(back(v1)["requestApprovalSettings"], approval);
}

#[test]
fn reviews_keep_who_and_how_often() {
    for (reviewer, reviewers) in [
        ("Self", json!([])),
        (
            "Reviewers",
            json!([{ "@odata.type": "#microsoft.graph.singleUser", "isBackup": false, "id": "u", "description": "user" }]),
        ),
        (
            "Manager",
            json!([{ "@odata.type": "#microsoft.graph.singleUser", "isBackup": true, "id": "u", "description": "user" }]),
        ),
    ] {
        for recurrence in ["weekly", "monthly", "quarterly", "halfyearly", "annual"] {
            let reviews = json!({
                "isEnabled": true, "recurrenceType": recurrence, "reviewerType": reviewer, "reviewers": reviewers,
                "startDateTime": "2026-12-01T08:00:00Z", "durationInDays": 25, "isAccessRecommendationEnabled": true,
                "isApprovalJustificationRequired": true, "accessReviewTimeoutBehavior": "acceptAccessRecommendation",
            });
            let v1 = incoming(json!({ "accessReviewSettings": reviews }));
            assert_eq!(v1["reviewSettings"]["schedule"]["expiration"]["duration"], "P25D");
            assert_eq!(v1["reviewSettings"]["isSelfReview"], reviewer == "Self");
            assert_eq!(back(v1)["accessReviewSettings"], reviews);
        }
    }
}

#[test]
fn questions_carry_their_translations() {
    let questions = json!([{
        "@odata.type": "#microsoft.graph.accessPackageMultipleChoiceQuestion", "id": "q", "isRequired": true, "sequence": 1,
        "text": { "defaultText": "Where?", "localizedTexts": [{ "languageCode": "de", "text": "Wo?" }] },
        "allowsMultipleSelection": false,
        "choices": [{ "actualValue": "EMEA", "displayValue": { "defaultText": "Europe", "localizedTexts": [] } }],
    }]);
    let v1 = json!([{
        "@odata.type": "#microsoft.graph.accessPackageMultipleChoiceQuestion", "id": "q", "isRequired": true, "sequence": 1,
        "text": "Where?", "localizations": [{ "languageCode": "de", "text": "Wo?" }], "isMultipleSelectionAllowed": false,
        "choices": [{ "actualValue": "EMEA", "text": "Europe", "localizations": [] }],
    }]);
    assert_eq!(incoming(json!({ "questions": questions }))["questions"], v1);
}
