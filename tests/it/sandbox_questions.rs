//! Questions of the sandbox's policies over real HTTP: as they are asked, and as they are answered.

#![cfg(test)]

use reqwest::Method;
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{Rig, created, rig};
use crate::sandbox_policies::{direct, with};

const CHOICE: &str = "#microsoft.graph.accessPackageMultipleChoiceQuestion";
const TEXT: &str = "#microsoft.graph.accessPackageTextInputQuestion";

/// The questions of the documentation's own example, values spelt out as there, in the wrong order.
pub(crate) fn questions() -> Value {
    let choice = |value: &str, text: &str| {
        json!({ "@odata.type": "microsoft.graph.accessPackageAnswerChoice", "actualValue": value,
        "text": text, "localizations": [{ "languageCode": "de", "text": format!("{text} (de)") }] })
    };
    json!([
        { "@odata.type": TEXT, "sequence": "2", "isRequired": "false", "isAnswerEditable": "true",
            "text": "What do you do for work?", "localizations": [{ "languageCode": "fr-CA", "text": "Que fais-tu comme travail?" }],
            "isSingleLineQuestion": "false", "regexPattern": "[a-zA-Z]+[a-zA-Z\\s]*" },
        { "@odata.type": CHOICE, "sequence": "1", "isRequired": "true", "isAnswerEditable": "true",
            "text": "What country are you working from?", "isMultipleSelectionAllowed": "false",
            "choices": [choice("KE", "Kenya"), choice("US", "United States")] },
        { "@odata.type": CHOICE, "sequence": 3, "text": "Which tools?", "isMultipleSelectionAllowed": true,
            "choices": [choice("a", "Axe"), choice("b", "Bow")] },
    ])
}

fn answer(question: &Value, value: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.accessPackageAnswerString", "value": value, "displayValue": value,
        "answeredQuestion": { "@odata.type": question["@odata.type"], "id": question["id"] } })
}

struct Asked {
    rig: Rig,
    package: String,
    policy: String,
    /// In their sequence: the choice, the text, the several choices.
    questions: Vec<Value>,
}

async fn asked() -> Asked {
    let rig = rig().await;
    let package = rig.free_package().await;
    let body = with(direct(&package), json!({ "displayName": "Asks", "questions": questions() }));
    let policy = text(&rig.make("assignmentPolicies", &body).await["id"]);
    let read = rig.read(&format!("assignmentPolicies/{policy}?$expand=questions")).await;
    conforms("accessPackageAssignmentPolicy", &read);
    let questions = read["questions"].as_array().unwrap().clone();
    Asked { rig, package, policy, questions }
}

impl Asked {
    fn addition(&self, employee: &str, answers: &[Value]) -> Value {
        json!({ "requestType": "adminAdd", "answers": answers, "assignment": { "targetId": self.rig.user(employee),
            "accessPackageId": self.package, "assignmentPolicyId": self.policy } })
    }

    async fn outcome(&self, answers: &[Value]) -> (u16, String) {
        self.rig.outcome(Method::POST, "assignmentRequests", &self.addition("E0901", answers)).await
    }
}

#[tokio::test]
async fn questions_are_kept_in_their_sequence_with_ids_of_their_own() {
    let asked = asked().await;
    let kinds: Vec<_> = asked.questions.iter().map(|question| question["@odata.type"].as_str().unwrap()).collect();
    assert_eq!(kinds, [CHOICE, TEXT, CHOICE]);
    assert_eq!(asked.questions[0]["choices"][1]["actualValue"], "US");
    assert_eq!((&asked.questions[0]["isRequired"], &asked.questions[2]["isRequired"]), (&json!(true), &json!(false)));
    assert_eq!(asked.questions[1]["localizations"][0]["languageCode"], "fr-CA");
    assert!(asked.questions.iter().all(|question| question["id"].as_str().unwrap().len() == 36));

    // Written back, they are the same questions; left out, they are gone.
    let path = format!("assignmentPolicies/{}", asked.policy);
    let body = json!({ "displayName": "Asks", "questions": asked.questions });
    assert_eq!(asked.rig.outcome(Method::PUT, &path, &body).await.0, 200);
    let read = asked.rig.read(&format!("{path}?$expand=questions")).await;
    assert_eq!(read["questions"], json!(asked.questions));
    assert_eq!(asked.rig.outcome(Method::PUT, &path, &json!({ "displayName": "Asks" })).await.0, 200);
    assert_eq!(asked.rig.read(&format!("{path}?$expand=questions")).await["questions"], json!([]));
    asked.rig.sandbox.stop().await;
}

#[tokio::test]
async fn questions_that_cannot_be_asked_are_refused() {
    let rig = rig().await;
    let package = rig.free_package().await;
    let good = json!({ "@odata.type": TEXT, "text": "Why?", "sequence": 1 });
    let choices = json!({ "@odata.type": CHOICE, "text": "Which?", "choices": [{ "actualValue": "a", "text": "A" }] });
    let twice = json!([{ "actualValue": "a", "text": "A" }, { "actualValue": "a", "text": "B" }]);
    for questions in [
        json!([good, good]),
        json!([with(good.clone(), json!({ "text": " " }))]),
        json!([with(good.clone(), json!({ "text": "x".repeat(4001) }))]),
        json!([with(good.clone(), json!({ "regexPattern": "(" }))]),
        json!([with(good.clone(), json!({ "regexPattern": "(a{1000}){1000}" }))]),
        json!([with(good.clone(), json!({ "localizations": [{ "languageCode": "", "text": "x" }] }))]),
        json!([with(good.clone(), json!({ "choices": [] }))]),
        json!([with(choices.clone(), json!({ "choices": [] }))]),
        json!([with(choices.clone(), json!({ "choices": twice }))]),
        json!([with(choices.clone(), json!({ "choices": [{ "actualValue": "a" }] }))]),
        json!([with(choices.clone(), json!({ "choices": [{ "actualValue": "a", "text": "A", "x": 1 }] }))]),
        json!(vec![choices; 101]),
    ] {
        let refusal = rig.refused_policy(&with(direct(&package), json!({ "questions": questions }))).await;
        assert_eq!(refusal, (400, "InvalidModel".into()), "{questions}");
    }
    rig.sandbox.stop().await;
}

#[tokio::test]
async fn answers_are_kept_as_they_are_shown() {
    let asked = asked().await;
    let [country, work, tools] = [&asked.questions[0], &asked.questions[1], &asked.questions[2]];
    let answers = [answer(country, "KE"), answer(work, "I paint"), answer(tools, "a;b")];
    let request = created(asked.rig.request(&asked.addition("E0901", &answers)).await).await;
    conforms("accessPackageAssignmentRequest", &request);
    let read = asked.rig.read(&format!("assignmentRequests/{}", text(&request["id"]))).await;
    conforms("accessPackageAssignmentRequest", &read);
    assert_eq!(read["answers"], request["answers"]);
    let shown: Vec<_> = read["answers"].as_array().unwrap().iter().map(|answer| &answer["displayValue"]).collect();
    assert_eq!(shown, ["Kenya", "I paint", "Axe; Bow"]);
    assert_eq!(
        (&read["answers"][2]["value"], &read["answers"][2]["answeredQuestion"]["id"]),
        (&json!("a;b"), &tools["id"])
    );

    let localized = with(answer(country, "US"), json!({ "displayValue": "United States (de)" }));
    let request = created(asked.rig.request(&asked.addition("E0902", &[localized])).await).await;
    assert_eq!(request["answers"][0]["displayValue"], "United States (de)");
    asked.rig.sandbox.stop().await;
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    let asked = asked().await;
    let [country, work, tools] = [&asked.questions[0], &asked.questions[1], &asked.questions[2]];
    let good = answer(country, "KE");
    for answers in [
        vec![],
        vec![answer(work, "I paint")],
        vec![answer(country, " ")],
        vec![with(good.clone(), json!({ "value": null }))],
    ] {
        assert_eq!(asked.outcome(&answers).await, (400, "MissingRequiredAnswer".into()), "{answers:?}");
    }
    let elsewhere = json!({ "id": asked.policy, "@odata.type": TEXT });
    for wrong in [
        answer(&elsewhere, "x"),
        answer(country, "US"),
        answer(work, "4711"),
        answer(tools, "a;c"),
        with(answer(work, "x"), json!({ "answeredQuestion": { "@odata.type": CHOICE, "id": work["id"] } })),
        with(answer(work, "x"), json!({ "@odata.type": "#microsoft.graph.accessPackageAnswerChoice" })),
        with(answer(work, "x"), json!({ "value": 3 })),
        with(answer(work, "x"), json!({ "score": 3 })),
        json!({ "value": "x" }),
        json!("x"),
        Value::Null,
    ] {
        assert_eq!(asked.outcome(&[good.clone(), wrong.clone()]).await, (400, "InvalidAnswer".into()), "{wrong}");
    }
    assert_eq!(asked.outcome(&[answer(country, "DE")]).await, (400, "InvalidAnswer".into()));
    assert_eq!(asked.outcome(&vec![good.clone(); 101]).await.0, 400);
    assert_eq!(asked.outcome(&[good, answer(work, "")]).await.0, 201, "an empty answer is none");
    asked.rig.sandbox.stop().await;
}
