//! Changes of groups over real HTTP: what a committed action becomes, whatever the service answers (design.md section 6).

#![cfg(test)]

use reqwest::Method;
use serde_json::json;
use usherd::domain::action::{Action, ActionKind, ActionState, Category, Cause, Occasion, OccasionValue};
use usherd::domain::resource::Resource;
use usherd::engine::execute::Executed;
use usherd::plan::Plan;
use usherd::sandbox::{Fault, FaultKind};
use usherd::store::Transition;

use crate::context::TestContext;

const GROUP: &str = "Robotics Lab";

struct Change {
    context: TestContext,
    group: String,
}

impl Change {
    async fn start() -> Self {
        let context = TestContext::builder().start().await;
        let group = context.group_id(GROUP).await;
        Self { context, group }
    }

    fn action(&self, kind: ActionKind, employee: &str) -> Action {
        let user = self.context.user(employee).into();
        let subject = usherd::domain::ids::SubjectKey::new(format!("person:{employee}"));
        let cause = Cause::Occasion(Occasion {
            workflow: "mover".into(),
            subject: subject.clone(),
            trigger: "activation".to_owned(),
            value: OccasionValue::Activation("1".to_owned()),
        });
        let resource = Resource::Group(self.group.as_str().into());
        Action {
            kind,
            category: Category::Mover,
            subject,
            id: Action::derive_id(&"tenant".into(), kind, &resource, None, &user, &cause),
            user,
            resource,
            policy: None,
            assignment: None,
            document: "mover".into(),
            document_hash: "hash".into(),
            cause,
            justification: None,
            expiration: None,
            answers: Vec::new(),
        }
    }

    async fn commit(&mut self, kind: ActionKind, employee: &str) -> Action {
        let (action, now) = (self.action(kind, employee), self.context.now());
        let plan = Plan { actions: vec![action.clone()], ..Plan::default() };
        self.context.app().engine.store().commit(&plan, now).await.unwrap();
        action
    }

    async fn execute(&mut self) -> Executed {
        self.context.app().engine.execute().await.unwrap()
    }

    fn is_in(&self, employee: &str) -> bool {
        self.context.controls().is_member(GROUP, &self.context.user(employee))
    }

    /// The next call of this method about members meets the fault.
    fn fault(&self, kind: FaultKind, method: &str, status: Option<u16>) {
        let path = Some("/members/".to_owned());
        let fault = Fault { kind, status, retry_after: None, method: Some(method.to_owned()), path, count: 1 };
        self.context.controls().order_fault(fault);
    }

    /// State, attempts and detail of the only action.
    async fn record(&self) -> (ActionState, u32, String) {
        let [record] = self.context.records().await.try_into().unwrap();
        (record.state, record.attempts, record.detail)
    }
}

fn done(attempts: u32, detail: &str) -> (ActionState, u32, String) {
    (ActionState::Delivered, attempts, detail.to_owned())
}

#[tokio::test]
async fn a_member_comes_and_goes() {
    for (kind, employee, is_in) in [(ActionKind::AddMember, "E09", true), (ActionKind::RemoveMember, "E04", false)] {
        let mut change = Change::start().await;
        assert_ne!(change.is_in(employee), is_in);
        change.commit(kind, employee).await;
        assert_eq!(change.execute().await, Executed { sent: 1, settled: 1 });
        assert_eq!(change.record().await, done(1, ""));
        assert_eq!(change.is_in(employee), is_in);
        assert_eq!(change.execute().await, Executed::default(), "nothing is left to do");
        change.context.finish().await;
    }
}

#[tokio::test]
async fn what_is_as_wished_already_is_said_so() {
    for (kind, employee, status) in [(ActionKind::AddMember, "E04", "400"), (ActionKind::RemoveMember, "E09", "404")] {
        let mut change = Change::start().await;
        change.commit(kind, employee).await;
        assert_eq!(change.execute().await, Executed { sent: 0, settled: 1 });
        let (state, attempts, detail) = change.record().await;
        assert_eq!((state, attempts), (ActionState::AlreadySatisfied, 1));
        assert!(detail.starts_with(status), "{detail}");
        change.context.finish().await;
    }
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_found_and_not_made_again() {
    for (kind, method, employee) in
        [(ActionKind::AddMember, "POST", "E09"), (ActionKind::RemoveMember, "DELETE", "E04")]
    {
        let mut change = Change::start().await;
        change.commit(kind, employee).await;
        change.fault(FaultKind::ResetAfter, method, None);
        // Were it sent again, it would not come through.
        change.fault(FaultKind::Refuse, method, Some(403));
        assert_eq!(change.execute().await, Executed { sent: 0, settled: 1 });
        assert_eq!(change.record().await, done(1, "found as wished"));
        assert_eq!(change.context.controls().pending_faults().len(), 1, "nothing was sent again");
        change.context.finish().await;
    }
}

#[tokio::test]
async fn a_change_that_never_arrived_is_sent_again_only_after_every_look() {
    let mut change = Change::start().await;
    change.commit(ActionKind::AddMember, "E09").await;
    change.fault(FaultKind::ResetBefore, "POST", None);
    assert_eq!(change.execute().await, Executed::default());
    assert_eq!(change.record().await.0, ActionState::Ambiguous, "one look of two is made");
    assert!(!change.is_in("E09"));
    assert_eq!(change.execute().await, Executed::default());
    assert_eq!(change.record().await.0, ActionState::Ready, "the second look found nothing either");
    assert_eq!(change.execute().await, Executed { sent: 1, settled: 1 });
    assert_eq!(change.record().await, done(2, ""));
    change.context.finish().await;
}

#[tokio::test]
async fn an_attempt_that_a_crash_interrupted_is_looked_for() {
    let mut change = Change::start().await;
    let action = change.commit(ActionKind::AddMember, "E09").await;
    let now = change.context.now();
    let begun = Transition {
        action: action.id,
        from: ActionState::Ready,
        to: ActionState::Submitting,
        request: None,
        detail: String::new(),
        changes: Vec::new(),
    };
    change.context.app().engine.store().advance(&begun, now).await.unwrap();
    change.context.controls().add_member(GROUP, &change.context.user("E09"));
    change.context.restart().await;
    change.fault(FaultKind::Refuse, "POST", Some(403));
    assert_eq!(change.execute().await, Executed { sent: 0, settled: 1 });
    assert_eq!(change.record().await, done(1, "found as wished"));
    change.context.finish().await;
}

#[tokio::test]
async fn a_refusal_that_cannot_be_read_back_is_looked_for() {
    let mut change = Change::start().await;
    change.commit(ActionKind::AddMember, "E04").await;
    change.fault(FaultKind::Refuse, "GET", Some(403));
    assert_eq!(change.execute().await, Executed { sent: 0, settled: 1 });
    assert_eq!(change.record().await, done(1, "found as wished"));
    change.context.finish().await;
}

#[tokio::test]
async fn a_group_that_cannot_be_changed_refuses_for_good_and_says_what_it_is() {
    let mut change = Change::start().await;
    let group = json!({ "displayName": "Sales by rule", "mailNickname": "salesbyrule", "mailEnabled": false,
        "securityEnabled": true, "groupTypes": ["DynamicMembership"], "membershipRule": "user.department -eq \"Nowhere\"",
        "membershipRuleProcessingState": "On" });
    let made = change.context.call_outside(Method::POST, "v1.0/groups", Some(&group)).await;
    change.group = made["id"].as_str().unwrap().to_owned();
    change.commit(ActionKind::AddMember, "E09").await;
    assert_eq!(change.execute().await, Executed { sent: 0, settled: 1 });
    let (state, _, detail) = change.record().await;
    assert_eq!(state, ActionState::Refused);
    assert!(detail.starts_with("dynamicGroup (403"), "{detail}");
    change.context.finish().await;
}

#[tokio::test]
async fn too_many_changes_wait_for_as_long_as_the_service_asks() {
    let mut change = Change::start().await;
    change.commit(ActionKind::AddMember, "E09").await;
    change.fault(FaultKind::Refuse, "POST", Some(429));
    assert_eq!(change.execute().await, Executed::default());
    assert_eq!(change.record().await.0, ActionState::Ready);
    assert_eq!(change.execute().await, Executed::default(), "it is not tried again at once");
    change.context.restart().await;
    assert_eq!(change.execute().await, Executed { sent: 1, settled: 1 });
    change.context.finish().await;
}
