//! What a request carries: its end, and answers to the policy's questions, as the service took them.

use reqwest::Method;
use serde_json::{Value, json};

use super::workflow;
use crate::context::TestContext;

const POLICIES: &str = "v1.0/identityGovernance/entitlementManagement/assignmentPolicies";
const REQUESTS: &str = "v1.0/identityGovernance/entitlementManagement/assignmentRequests";

/// A tenant whose Campaign has a policy that asks, with usherd not yet started on the document.
async fn asked(answers: &str, expiration: &str) -> TestContext {
    let tasks = format!(
        "  - task: requestAccessPackageAssignment
    with:
      accessPackage: Campaign
      assignmentPolicy: Asks
      expiration: {expiration}
      answers: {answers}
      justification: \"Since {{{{ subject.employeeHireDate }}}}\"
"
    );
    let mut context = TestContext::builder().start().await;
    let package = context.controls().package_id("Campaign").unwrap();
    let choice = |value: &str| json!({ "actualValue": value, "text": format!("Region {value}") });
    let policy = json!({
        "displayName": "Asks", "description": "Asks", "allowedTargetScope": "notSpecified", "specificAllowedTargets": [],
        "expiration": { "type": "noExpiration" }, "accessPackage": { "id": package },
        "requestorSettings": { "allowCustomAssignmentSchedule": true },
        "questions": [
            { "@odata.type": "#microsoft.graph.accessPackageMultipleChoiceQuestion", "sequence": 1, "isRequired": true,
                "text": "Which region?", "choices": [choice("Sales"), choice("EMEA")] },
            { "@odata.type": "#microsoft.graph.accessPackageTextInputQuestion", "sequence": 0, "isRequired": true, "text": "Why?" },
        ]
    });
    context.call_outside(Method::POST, POLICIES, Some(&policy)).await;
    context.write_document("ask.yaml", &workflow("ask", "onDemand: true", &tasks));
    assert_eq!(context.settle_all().await, 0);
    context.app().engine.activate("ask", &["E05".to_owned()], "a test").await.unwrap();
    context
}

async fn last_request(context: &TestContext) -> Value {
    context.call_outside(Method::GET, &format!("{REQUESTS}/{}", context.last_request()), None).await
}

#[tokio::test]
async fn answers_and_the_end_reach_the_service() {
    let answers = "{ \"Which region?\": \"{{ subject.department }}\", \"Why?\": Because }";
    for (expiration, expected) in [
        ("{ afterDuration: P90D }", json!({ "type": "afterDuration", "duration": "P90D" })),
        (
            "{ afterDateTime: 2027-03-31T22:00:00Z }",
            json!({ "type": "afterDateTime", "endDateTime": "2027-03-31T22:00:00Z" }),
        ),
        ("noExpiration", json!({ "type": "noExpiration" })),
    ] {
        let mut context = asked(answers, expiration).await;
        assert_eq!(context.settle_all().await, 1, "{expiration}");
        let request = last_request(&context).await;
        for (property, value) in expected.as_object().unwrap() {
            assert_eq!(request["schedule"]["expiration"][property], *value, "{request}");
        }
        let given: Vec<(&str, &str)> = request["answers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|answer| {
                (answer["value"].as_str().unwrap(), answer["answeredQuestion"]["@odata.type"].as_str().unwrap())
            })
            .collect();
        assert_eq!(
            given,
            [
                ("Because", "#microsoft.graph.accessPackageTextInputQuestion"),
                ("Sales", "#microsoft.graph.accessPackageMultipleChoiceQuestion")
            ]
        );
        assert!(request["justification"].as_str().unwrap().starts_with("Since 2020-01-01 [usherd "), "{request}");
        assert_eq!(context.assignments(), ["E05 Campaign"]);
        context.finish().await;
    }
}

#[tokio::test]
async fn a_required_question_without_an_answer_is_a_reason_and_no_request() {
    let mut context = asked("{ \"Which region?\": EMEA }", "noExpiration").await;
    assert_eq!(context.settle_all().await, 0);
    assert!(context.requests().is_empty());
    let reasons: Vec<&str> = {
        let plan = &context.app().engine.last_pass().unwrap().plan;
        plan.skips.iter().map(|skip| skip.reason.code()).collect()
    };
    assert!(reasons.contains(&"answerMissing"), "{reasons:?}");
    context.finish().await;
}
