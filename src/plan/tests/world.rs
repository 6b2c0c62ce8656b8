//! A small world in memory: documents as YAML, people, users, groups, assignments and a ledger; and its plan as text.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::action::{ActionKind, ActionState};
use crate::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy, AssignmentState};
use crate::domain::ids::{ActionId, DocumentName, PackageId, SubjectKey, UserId};
use crate::domain::resource::Resource;
use crate::domain::subject::{AttributeValue, Attributes, Person, User};
use crate::plan::ledger::{ClaimKey, ClaimRecord, DocumentRecord, Ledger, LedgerAction};
use crate::plan::limits::Limits;
use crate::plan::observed::{FeedView, GroupView, Observed};
use crate::plan::{Plan, plan};
use crate::workflow::definition::{Definitions, Header};
use crate::workflow::load::{SourceText, load};

pub(super) const FEED: &str = r#"
apiVersion: usherd/v1
kind: Feed
name: hr
source: { file: hr.csv, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Id
timeZone: { column: Zone, default: Europe/Amsterdam }
attributes:
  department: { column: Department }
  employeeHireDate: { column: Hire, type: date, format: "%Y-%m-%d" }
  employeeLeaveDateTime: { column: Leave, type: date, format: "%Y-%m-%d", inclusive: true }
"#;

/// A workflow `it` that gives Basics, or takes it where it is a leaver's, by this trigger.
pub(super) fn workflow_of(category: &str, trigger: &str) -> String {
    let task = match category {
        "leaver" => "removeAccessPackageAssignment\n    with: { accessPackage: Basics }",
        _ => "requestAccessPackageAssignment\n    with: { accessPackage: Basics, assignmentPolicy: Direct }",
    };
    format!(
        "apiVersion: usherd/v1\nkind: Workflow\nname: it\ncategory: {category}\nmode: enforce\ntrigger: {{ {trigger} }}\nscope: {{ rule: department ne 'Board' }}\ntasks:\n  - task: {task}\n"
    )
}

/// Packages of every world; the id is the name in lower case.
pub(super) const PACKAGES: [&str; 3] = ["Basics", "Campaign", "Tools"];

/// A world at one instant.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) definitions: Definitions,
    pub(super) observed: Observed,
    pub(super) ledger: Ledger,
    pub(super) limits: Limits,
}

/// A world with these documents, in force since `now` unless a test says otherwise.
pub(super) fn world(now: &str, documents: &[&str]) -> World {
    let now: Timestamp = now.parse().unwrap();
    let files: Vec<SourceText> = std::iter::once(&FEED)
        .chain(documents)
        .enumerate()
        .map(|(number, text)| SourceText { file: format!("{number}.yaml"), text: (*text).to_owned() })
        .collect();
    let loaded = load(&files);
    assert_eq!(loaded.problems, [], "the documents of a world are good");
    let policies = PACKAGES.iter().map(|name| AssignmentPolicy {
        id: format!("{}-direct", id_of(name)).into(),
        display_name: "Direct".to_owned(),
        package: id_of(name),
        is_automatic: false,
        needs_approval: false,
        questions: Vec::new(),
    });
    let observed = Observed {
        tenant: "tenant".into(),
        tenant_zone: "UTC".to_owned(),
        users: Vec::new(),
        feeds: BTreeMap::from([("hr".into(), FeedView::default())]),
        groups: BTreeMap::new(),
        packages: PACKAGES
            .iter()
            .map(|name| AccessPackage {
                id: id_of(name),
                display_name: (*name).to_owned(),
                incompatible_with: BTreeSet::new(),
            })
            .collect(),
        policies: policies.collect(),
        assignments: Vec::new(),
        requests: Vec::new(),
        read_at: now,
    };
    let mut world =
        World { now, definitions: loaded.definitions, observed, ledger: Ledger::default(), limits: Limits::default() };
    world.in_force_since(now);
    world
}

fn id_of(name: &str) -> PackageId {
    PackageId::new(name.to_lowercase())
}

pub(super) fn user_of(person: &str) -> UserId {
    UserId::new(format!("u-{person}"))
}

pub(super) fn subject_of(person: &str) -> SubjectKey {
    SubjectKey::new(format!("person:{person}"))
}

impl World {
    /// Every document new to the ledger at `since`, in its own mode.
    pub(super) fn in_force_since(&mut self, since: Timestamp) {
        let workflows = self.definitions.workflows.iter().map(|workflow| &workflow.header);
        let headers: Vec<Header> =
            workflows.chain(self.definitions.auto_assignments.iter().map(|auto| &auto.header)).cloned().collect();
        for header in headers {
            let new = DocumentRecord::new(header.name.clone(), "test", header.hash.clone(), header.mode, since);
            // It has been planned before, so that its gates go by what it is now.
            let record = DocumentRecord { base: Some((header.hash, 0)), ..new };
            self.ledger.documents.insert(header.name, record);
        }
    }

    pub(super) fn record(&mut self, document: &str) -> &mut DocumentRecord {
        self.ledger.documents.get_mut(&DocumentName::from(document)).unwrap()
    }

    /// A person of the HR feed with these attributes, and their user.
    pub(super) fn person(mut self, key: &str, attributes: &[(&str, &str)]) -> Self {
        self.add_person(key, attributes);
        self.add_user(key);
        self
    }

    pub(super) fn add_person(&mut self, key: &str, attributes: &[(&str, &str)]) {
        let mut values: Attributes = ["department", "employeeHireDate", "employeeLeaveDateTime"]
            .map(|name| (name.to_owned(), AttributeValue::Null))
            .into();
        for (name, text) in attributes {
            let value = match text.parse() {
                Ok(date) => AttributeValue::Date { date, inclusive: *name == "employeeLeaveDateTime" },
                Err(_) => AttributeValue::Text((*text).to_owned()),
            };
            values.insert((*name).to_owned(), value);
        }
        let person = Person {
            key: key.into(),
            feed: "hr".into(),
            attributes: values,
            time_zone: "Europe/Amsterdam".to_owned(),
            missing: false,
            absence: None,
            read: None,
        };
        self.observed.feeds.get_mut(&"hr".into()).unwrap().persons.push(person);
    }

    pub(super) fn add_user(&mut self, key: &str) {
        self.observed.users.push(User {
            id: user_of(key),
            user_principal_name: format!("{key}@contoso.example"),
            mail: None,
            display_name: key.to_owned(),
            employee_id: Some(key.to_owned()),
            is_guest: false,
            attributes: Attributes::new(),
        });
    }

    /// The group's user members.
    pub(super) fn group(mut self, group: &str, members: &[&str]) -> Self {
        self.set_group(group, members);
        self
    }

    pub(super) fn set_group(&mut self, group: &str, members: &[&str]) {
        let users: BTreeSet<UserId> = members.iter().map(|member| user_of(member)).collect();
        let view = GroupView::Members { id: format!("g-{group}").into(), users, is_fixed: false };
        self.observed.groups.insert((group.to_owned(), false), view);
    }

    /// An active assignment that usherd did not grant.
    pub(super) fn holds(mut self, person: &str, package: &str) -> Self {
        let package = id_of(package);
        self.observed.assignments.push(Assignment {
            id: format!("a-{person}-{package}").into(),
            state: AssignmentState::Delivered,
            policy: Some(format!("{package}-direct").into()),
            package,
            user: Some(user_of(person)),
        });
        self
    }

    /// An active assignment that usherd granted by `document`.
    pub(super) fn granted(mut self, person: &str, package: &str, document: &str) -> Self {
        self.ledger.claims.insert(claim(person, package, document), ClaimRecord::default());
        self.holds(person, package)
    }

    /// Something the ledger knows of an action this world would plan.
    pub(super) fn knows(&mut self, id: ActionId, kind: ActionKind, person: &str, package: &str, state: ActionState) {
        let action = LedgerAction {
            state,
            kind,
            user: user_of(person),
            resource: Resource::Package(id_of(package)),
            document: self.ledger.documents.keys().next().unwrap().clone(),
            document_hash: self.ledger.documents.values().next().unwrap().hash.clone(),
            subject: subject_of(person),
            changed: self.now,
            is_forbidden: false,
        };
        self.ledger.actions.insert(id, action);
    }

    pub(super) fn plan(&self) -> Plan {
        plan(&self.definitions, &self.observed, &self.ledger, &self.limits, self.now)
    }

    /// The plan's actions, holds and listed or counted reasons, one a line.
    pub(super) fn text(&self) -> String {
        text_of(&self.plan())
    }
}

pub(super) fn claim(person: &str, package: &str, document: &str) -> ClaimKey {
    ClaimKey { document: document.into(), subject: subject_of(person), package: id_of(package) }
}

/// A plan as the tables expect it.
pub(super) fn text_of(plan: &Plan) -> String {
    let mut lines = Vec::new();
    for action in &plan.actions {
        lines.push(format!("{} {} {} by {}", action.kind, action.resource, action.subject, action.document));
    }
    for hold in &plan.holds {
        for item in &hold.items {
            lines.push(format!("held by {}: {} {} {}", hold.gate.as_str(), item.kind, item.resource, item.subject));
        }
    }
    for skip in &plan.skips {
        let subject = skip.subject.as_ref().map_or("-", |subject| subject.as_str());
        lines.push(format!("{} {subject}: {}", skip.document, skip.reason));
    }
    for count in &plan.counts {
        lines.push(format!("{} {} {}", count.document, count.reason, count.count));
    }
    lines.join("\n")
}

/// Compares a plan with the lines expected, ignoring indentation.
pub(super) fn check(world: &World, expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(world.text(), expected.join("\n"));
}
