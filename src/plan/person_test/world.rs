//! The world of a person test: one person, the packages, policies and groups that the documents name, and a ledger that knows nobody else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy, AssignmentState, Question};
use crate::domain::ids::{AssignmentId, DocumentName, GroupId, PackageId, PolicyId, SubjectKey, UserId};
use crate::domain::subject::{Absence, AttributeValue, Attributes, Person, User};
use crate::plan::ledger::{Activation, DocumentRecord, Ledger};
use crate::plan::observed::{FeedView, GroupView, Observed};
use crate::workflow::definition::{ColumnType, Definitions, Feed, Mode, RequestedAssignment, TaskKind};
use crate::workflow::person_test::{Circumstances, PersonTest};

/// The person's user; ids in a person test are what the documents call things.
const USER: &str = "user";

/// What the world of every test is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maker<'a> {
    pub(super) definitions: &'a Definitions,
    /// The attributes that documents ask the directory for.
    pub(super) directory_attributes: &'a BTreeSet<String>,
    pub(super) test: &'a PersonTest,
}

impl Maker<'_> {
    /// What is observed at the beginning.
    pub(super) fn observed(&self, at: Timestamp) -> Observed {
        let requested: Vec<&RequestedAssignment> = requested(self.definitions).collect();
        let policies = policies(&requested);
        let feeds = self.definitions.feeds.iter().map(|feed| (feed.name.clone(), FeedView::default()));
        let group =
            |group: &str| GroupView::Members { id: GroupId::new(group), users: BTreeSet::new(), is_fixed: false };
        let groups = self.definitions.groups().map(|(name, transitive)| ((name.to_owned(), transitive), group(name)));
        let mut observed = Observed {
            tenant: "person-test".into(),
            tenant_zone: self.test.time_zone.clone(),
            users: Vec::new(),
            feeds: feeds.collect(),
            groups: groups.collect(),
            packages: self.packages(),
            policies,
            assignments: Vec::new(),
            requests: Vec::new(),
            read_at: at,
        };
        if self.test.given.has_account != Some(false) {
            observed.users.push(self.user());
        }
        self.change(&mut observed, &self.test.given, at);
        observed
    }

    /// A ledger that has known the documents, and the account where there is one, since `since`.
    pub(super) fn ledger(&self, records: Vec<DocumentRecord>, since: Timestamp) -> Ledger {
        let mut ledger = Ledger::default();
        for mut record in records {
            // A test asks what a document would do: one that only observes is tested as if it enforced.
            if record.mode == Mode::Observe {
                record.mode = Mode::Enforce;
                record.writes_since = Some(record.first_seen);
            }
            ledger.documents.insert(record.name.clone(), record);
        }
        if self.test.given.has_account != Some(false) {
            let user = SubjectKey::user(&USER.into());
            let key = if self.test.given.record.is_some() { SubjectKey::person(&self.test.employee_id) } else { user };
            ledger.complete_since.insert(key, since);
        }
        ledger
    }

    /// Changes what is observed at `at`.
    pub(super) fn change(&self, observed: &mut Observed, to: &Circumstances, at: Timestamp) {
        match to.has_account {
            Some(true) if observed.users.is_empty() => observed.users.push(self.user()),
            Some(false) => observed.users.clear(),
            _ => {}
        }
        if let Some(user) = observed.users.first_mut() {
            user.attributes.extend(to.user.clone());
            take_over_names(user);
        }
        if let Some(record) = &to.record {
            self.change_record(observed, record);
        } else if to.is_missing {
            self.deliver_without_record(observed, at);
        }
        for view in observed.groups.values_mut() {
            if let GroupView::Members { id, users, .. } = view {
                if to.joins.iter().any(|group| group == id.as_str()) {
                    users.insert(USER.into());
                } else if to.leaves.iter().any(|group| group == id.as_str()) {
                    users.remove(&UserId::from(USER));
                }
            }
        }
        observed
            .assignments
            .retain(|assignment| !to.lacks.iter().any(|package| package == assignment.package.as_str()));
        observed.assignments.extend(to.holds.iter().map(|package| given_by_somebody(package, to)));
    }

    /// A delivery lacks the record, which is carried over.
    pub(super) fn deliver_without_record(&self, observed: &mut Observed, at: Timestamp) {
        let view = self.test.feed.as_ref().and_then(|feed| observed.feeds.get_mut(feed));
        for person in view.into_iter().flat_map(|view| &mut view.persons) {
            person.missing = true;
            person.absence = Some(Absence::agreed(person.absence.as_ref(), at));
        }
    }

    /// An operator's wishes, as `usherd activate` keeps them: the person is known by the record where there is one.
    pub(super) fn activate(&self, observed: &Observed, ledger: &mut Ledger, workflows: &[DocumentName], at: Timestamp) {
        let has_record = observed.feeds.values().any(|feed| !feed.persons.is_empty());
        let subject =
            if has_record { SubjectKey::person(&self.test.employee_id) } else { SubjectKey::user(&USER.into()) };
        for workflow in workflows {
            let activation = Activation { workflow: workflow.clone(), subject: subject.clone(), requested: at };
            ledger.activations.insert(format!("{workflow} at {at}"), activation);
        }
    }

    fn change_record(&self, observed: &mut Observed, values: &Attributes) {
        let feed = self.test.feed.as_ref();
        let Some(feed) = self.definitions.feeds.iter().find(|known| Some(&known.name) == feed) else { return };
        let Some(view) = observed.feeds.get_mut(&feed.name) else { return };
        if view.persons.is_empty() {
            view.persons.push(Person {
                key: self.test.employee_id.clone(),
                feed: feed.name.clone(),
                attributes: feed.attributes.keys().map(|name| (name.clone(), AttributeValue::Null)).collect(),
                time_zone: self.test.time_zone.clone(),
                missing: false,
                absence: None,
                read: None,
            });
        }
        for person in &mut view.persons {
            let read = values.iter().map(|(name, value)| (name.clone(), as_the_feed_reads(feed, name, value)));
            person.attributes.extend(read);
            (person.missing, person.absence) = (false, None);
        }
    }

    fn user(&self) -> User {
        let empty = self.directory_attributes.iter().map(|name| (name.clone(), AttributeValue::Null));
        let mut attributes: Attributes = empty.collect();
        attributes.insert("userType".to_owned(), AttributeValue::Text("Member".to_owned()));
        attributes.insert("accountEnabled".to_owned(), AttributeValue::Bool(true));
        attributes.extend(self.test.given.user.clone());
        let mut user = User {
            id: USER.into(),
            user_principal_name: format!("{}@person-test.example", self.test.employee_id),
            mail: None,
            display_name: self.test.name.to_string(),
            employee_id: Some(self.test.employee_id.to_string()),
            is_guest: false,
            attributes,
        };
        take_over_names(&mut user);
        user
    }

    /// Every package that a document or the test names.
    fn packages(&self) -> Vec<AccessPackage> {
        let requested = requested(self.definitions).map(|requested| requested.access_package.as_str());
        let removed = self.definitions.workflows.iter().flat_map(|workflow| &workflow.tasks).filter_map(|task| {
            match &task.kind {
                TaskKind::RemoveAssignment { access_package, .. } => Some(access_package.as_str()),
                _ => None,
            }
        });
        let held = std::iter::once(&self.test.given).chain(&self.test.history).flat_map(|story| &story.holds);
        let names: BTreeSet<&str> = requested.chain(removed).chain(held.map(String::as_str)).collect();
        let package = |name: &str| AccessPackage {
            id: PackageId::new(name),
            display_name: name.to_owned(),
            incompatible_with: BTreeSet::new(),
        };
        names.into_iter().map(package).collect()
    }
}

/// What the documents know a user by beside the attributes.
fn take_over_names(user: &mut User) {
    let text = |name: &str| match user.attributes.get(name) {
        Some(AttributeValue::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let (principal_name, mail, user_type) = (text("userPrincipalName"), text("mail"), text("userType"));
    if let Some(principal_name) = principal_name {
        user.user_principal_name = principal_name;
    }
    user.mail = mail;
    user.is_guest = user_type.as_deref() == Some("Guest");
}

/// A date ends as the feed's column says.
fn as_the_feed_reads(feed: &Feed, name: &str, value: &AttributeValue) -> AttributeValue {
    match (value, feed.attributes.get(name).map(|column| &column.value)) {
        (AttributeValue::Date { date, .. }, Some(ColumnType::Date { inclusive, .. })) => {
            AttributeValue::Date { date: *date, inclusive: *inclusive }
        }
        _ => value.clone(),
    }
}

fn given_by_somebody(package: &str, when: &Circumstances) -> Assignment {
    Assignment {
        id: AssignmentId::new(format!("{package} since {}", when.on)),
        state: AssignmentState::Delivered,
        package: PackageId::new(package),
        policy: None,
        user: Some(USER.into()),
    }
}

fn requested(definitions: &Definitions) -> impl Iterator<Item = &RequestedAssignment> {
    let of_tasks =
        definitions.workflows.iter().flat_map(|workflow| &workflow.tasks).filter_map(|task| match &task.kind {
            TaskKind::RequestAssignment(requested) => Some(requested),
            _ => None,
        });
    of_tasks.chain(definitions.auto_assignments.iter().map(|auto| &auto.requested))
}

fn policy_id(requested: &RequestedAssignment) -> PolicyId {
    PolicyId::new(format!("{} of {}", requested.assignment_policy, requested.access_package))
}

/// Policies that ask what any of the documents answers.
fn policies(requested: &[&RequestedAssignment]) -> Vec<AssignmentPolicy> {
    let mut policies: BTreeMap<PolicyId, AssignmentPolicy> = BTreeMap::new();
    for requested in requested {
        let id = policy_id(requested);
        let policy = policies.entry(id.clone()).or_insert_with(|| AssignmentPolicy {
            id,
            display_name: requested.assignment_policy.clone(),
            package: PackageId::new(requested.access_package.as_str()),
            is_automatic: false,
            needs_approval: false,
            questions: Vec::new(),
        });
        for text in requested.answers.keys() {
            if !policy.questions.iter().any(|known| known.text == *text) {
                let (id, text) = (text.clone(), text.clone());
                policy.questions.push(Question { id, text, is_required: false, choices: Vec::new() });
            }
        }
    }
    policies.into_values().collect()
}
