//! Attributes that resources ask for, over real HTTP: asked with the policy's questions, written to the directory, edited.

#![cfg(test)]

use reqwest::Method;
use serde_json::{Value, json};

use crate::catalogs::text;
use crate::metadata::conforms;
use crate::sandbox::{EM, Rig, created, refused, rig};
use crate::sandbox_policies::{direct, with};

const TEXT: &str = "#microsoft.graph.accessPackageTextInputQuestion";

fn attribute(name: &str, more: Value) -> Value {
    let question =
        json!({ "@odata.type": TEXT, "text": format!("{name}?"), "isRequired": true, "isSingleLineQuestion": true });
    let attribute = json!({
        "@odata.type": "#microsoft.graph.accessPackageResourceAttribute", "name": name, "isEditable": true,
        "isPersistedOnAssignmentRemoval": true,
        "destination": { "@odata.type": "#microsoft.graph.accessPackageUserDirectoryAttributeStore" },
        "source": { "@odata.type": "#microsoft.graph.accessPackageResourceAttributeQuestion", "question": question } });
    with(attribute, more)
}

fn answer(question: &Value, value: &str) -> Value {
    json!({ "@odata.type": "#microsoft.graph.accessPackageAnswerString", "value": value,
        "answeredQuestion": { "@odata.type": question["@odata.type"], "id": question["id"] } })
}

/// A package with a role of a group that asks for a job title, a fax number and a region; the policy has a question of its own.
struct Asking {
    rig: Rig,
    package: String,
    policy: String,
    /// Of the policy, then job title, fax number and region.
    questions: Vec<Value>,
}

async fn asking() -> Asking {
    let rig = rig().await;
    let (catalog, group) = (rig.new_catalog().await, rig.group("Campaign Tools").await);
    let resource = rig.onboard(&catalog, "AadGroup", &group).await;
    let attributes = json!([
        attribute("JobTitle", json!({})),
        attribute("faxNumber", json!({ "isEditable": false })),
        attribute("extension_1_region", json!({ "isPersistedOnAssignmentRemoval": false })),
    ]);
    let update = json!({ "requestType": "adminUpdate", "catalog": { "id": catalog },
        "resource": { "id": resource["id"], "attributes": attributes } });
    rig.make("resourceRequests", &update).await;
    let read = rig.read(&format!("catalogs/{catalog}/resources/{}", text(&resource["id"]))).await;
    conforms("accessPackageResource", &read);
    let mut questions: Vec<Value> = Vec::new();
    for attribute in read["attributes"].as_array().unwrap() {
        questions.push(attribute["source"]["question"].clone());
    }
    assert_eq!(read["attributes"][0]["name"], "jobTitle", "as the directory spells it");

    let package = json!({ "displayName": "Tools", "catalog": { "id": catalog } });
    let package = text(&rig.make("accessPackages", &package).await["id"]);
    let scope = json!({
        "role": { "originId": format!("Member_{group}"), "originSystem": "AadGroup", "displayName": "Member",
            "resource": { "id": resource["id"], "originId": group, "originSystem": "AadGroup" } },
        "scope": { "originId": group, "originSystem": "AadGroup" } });
    rig.make(&format!("accessPackages/{package}/resourceRoleScopes"), &scope).await;
    let settings = json!({ "enableTargetsToSelfAddAccess": true, "enableTargetsToSelfUpdateAccess": true });
    let own = json!([{ "@odata.type": TEXT, "text": "Why?", "sequence": 1 }]);
    let policy = json!({ "displayName": "Asks", "allowedTargetScope": "allMemberUsers", "requestorSettings": settings,
        "questions": own });
    let policy = text(&rig.make("assignmentPolicies", &with(direct(&package), policy)).await["id"]);
    let read = rig.read(&format!("assignmentPolicies/{policy}?$expand=questions")).await;
    assert_eq!(read["questions"].as_array().unwrap().len(), 1, "a policy has its own questions only");
    questions.insert(0, read["questions"][0].clone());
    Asking { rig, package, policy, questions }
}

impl Asking {
    fn answers(&self, values: &[&str]) -> Vec<Value> {
        self.questions.iter().zip(values).map(|(question, value)| answer(question, value)).collect()
    }

    fn addition(&self, values: &[&str]) -> Value {
        json!({ "requestType": "userAdd", "answers": self.answers(values),
            "assignment": { "accessPackageId": self.package, "assignmentPolicyId": self.policy } })
    }

    async fn outcome(&self, body: &Value) -> (u16, String) {
        let response = self.rig.request_as("E0901", body).await;
        if response.status() == 201 { (201, String::new()) } else { refused(response).await }
    }

    async fn shown(&self) -> [Value; 3] {
        let path = format!("/v1.0/users/{}?$select=jobTitle,faxNumber,extension_1_region", self.rig.user("E0901"));
        let user = self.rig.get(&path).await;
        ["jobTitle", "faxNumber", "extension_1_region"].map(|name| user[name].clone())
    }

    async fn held(&self) -> String {
        let filter =
            format!("target/objectId eq '{}' and accessPackage/id eq '{}'", self.rig.user("E0901"), self.package);
        text(&self.rig.read(&format!("assignments?$filter={filter}")).await["value"][0]["id"])
    }
}

#[tokio::test]
async fn attributes_are_asked_for_and_their_answers_written_on_delivery() {
    let asking = asking().await;
    let path = format!("{EM}/accessPackages/{}/getApplicablePolicyRequirements", asking.package);
    let needed = asking.rig.call_as("E0901", Method::POST, &path).send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(needed["value"][0]["questions"], json!(asking.questions));

    let user = format!("/v1.0/users/{}", asking.rig.user("E0901"));
    let emptied = asking.rig.call(Method::PATCH, &user).json(&json!({ "faxNumber": null })).send().await.unwrap();
    assert_eq!(emptied.status(), 204);
    let before = asking.shown().await;
    for missing in [vec![], vec!["x", "Painter", "12 34"], vec!["x", "Painter", "12 34", " "]] {
        assert_eq!(asking.outcome(&asking.addition(&missing)).await, (400, "MissingRequiredAnswer".into()));
    }
    let lines = asking.addition(&["x", "Painter\nsinger", "12 34", "North"]);
    assert_eq!(asking.outcome(&lines).await, (400, "InvalidAnswer".into()));
    let request = asking.rig.request_as("E0901", &asking.addition(&["x", "Painter", "12 34", "North"])).await;
    let request = created(request).await;
    conforms("accessPackageAssignmentRequest", &request);
    assert_eq!(request["answers"].as_array().unwrap().len(), 4);
    assert_eq!(asking.shown().await, before, "not before it is delivered");
    asking.rig.advance(2);
    assert_eq!(asking.shown().await, [json!("Painter"), json!("12 34"), json!("North")]);

    let removal = json!({ "requestType": "adminRemove", "assignment": { "id": asking.held().await } });
    created(asking.rig.request(&removal).await).await;
    asking.rig.advance(2);
    assert_eq!(asking.shown().await, [json!("Painter"), json!("12 34"), Value::Null], "the region does not outlast it");
    created(asking.rig.request_as("E0901", &asking.addition(&["x", "Singer", "56 78", "South"])).await).await;
    asking.rig.advance(2);
    assert_eq!(
        asking.shown().await,
        [json!("Singer"), json!("12 34"), json!("South")],
        "the fax number is not to be edited"
    );
    asking.rig.sandbox.stop().await;
}

#[tokio::test]
async fn users_change_the_answers_that_can_be_edited_and_administrators_all() {
    let asking = asking().await;
    created(asking.rig.request_as("E0901", &asking.addition(&["x", "Painter", "12 34", "North"])).await).await;
    asking.rig.advance(2);
    let held = asking.held().await;
    let update = |kind: &str, question: usize, value: &str| {
        json!({ "requestType": kind, "assignment": { "id": held },
            "answers": [answer(&asking.questions[question], value)] })
    };
    for fixed in [0, 2] {
        let refusal = asking.outcome(&update("userUpdate", fixed, "Singer")).await;
        assert_eq!(refusal, (400, "InvalidAnswer".into()), "{fixed}");
    }
    assert_eq!(asking.outcome(&update("userUpdate", 1, "Singer")).await.0, 201);
    asking.rig.advance(2);
    assert_eq!(asking.shown().await[0], "Singer");
    let by_administrator = created(asking.rig.request(&update("adminUpdate", 0, "y")).await).await;
    assert_eq!(by_administrator["answers"][0]["value"], "y");
    asking.rig.advance(2);

    let question = with(asking.questions[0].clone(), json!({ "isAnswerEditable": true }));
    asking.rig.edit("Asks", &json!({ "questions": [question] })).await;
    assert_eq!(asking.outcome(&update("userUpdate", 0, "z")).await.0, 201);
    asking.rig.sandbox.stop().await;
}

#[tokio::test]
async fn attributes_that_cannot_be_asked_for_are_refused() {
    let rig = rig().await;
    let (catalog, group) = (rig.new_catalog().await, rig.group("Campaign Tools").await);
    rig.onboard(&catalog, "AadGroup", &group).await;
    let source = |question: Value| json!({ "source": { "@odata.type": "#microsoft.graph.accessPackageResourceAttributeQuestion", "question": question } });
    for bad in [
        json!([attribute("shoeSize", json!({}))]),
        json!([attribute("accountEnabled", json!({}))]),
        json!([attribute("userPrincipalName", json!({}))]),
        json!([attribute("city", json!({})), attribute("City", json!({}))]),
        json!([attribute("city", json!({ "isEditable": "maybe" }))]),
        json!([attribute("city", json!({ "name": null }))]),
        json!([attribute("city", json!({ "destination": {} }))]),
        json!([attribute("city", json!({ "destination": { "@odata.type": "#microsoft.graph.user" } }))]),
        json!([attribute("city", json!({ "source": { "@odata.type": "#microsoft.graph.user", "question": {} } }))]),
        json!([attribute("city", source(json!({ "text": "?" })))]),
        json!([attribute("city", source(json!({ "@odata.type": TEXT, "text": "" })))]),
        json!([attribute("city", source(json!({ "@odata.type": TEXT, "text": "?", "regexPattern": "(" })))]),
        json!((0..21).map(|number| attribute(&format!("extension_{number}"), json!({}))).collect::<Vec<_>>()),
    ] {
        let update = json!({ "requestType": "adminUpdate", "catalog": { "id": catalog },
            "resource": { "originId": group, "originSystem": "AadGroup", "attributes": bad } });
        let refusal = rig.outcome(Method::POST, "resourceRequests", &update).await;
        assert_eq!(refusal, (400, "InvalidModel".into()), "{bad}");
    }
    rig.sandbox.stop().await;
}
