//! A company in memory: people, users, packages, assignments and a ledger that has seen years of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use usherd::domain::action::{ActionKind, ActionState, Category, Cause, Occasion, OccasionValue};
use usherd::domain::entitlement::{AccessPackage, Assignment, AssignmentPolicy, AssignmentState};
use usherd::domain::ids::{ActionId, DocumentName, PersonKey, SubjectKey, UserId};
use usherd::domain::resource::Resource;
use usherd::domain::subject::{AttributeValue, Attributes, Person, ReadAt, User};
use usherd::plan::ledger::{ClaimKey, ClaimRecord, DocumentRecord, Ledger, LedgerAction, RunRecord, RunStatus};
use usherd::plan::observed::{FeedView, Observed};
use usherd::workflow::definition::{Definitions, Mode};

use super::documents::{self, PACKAGES};

const DEPARTMENTS: usize = 40;
const COUNTRIES: [&str; 8] = ["NL", "DE", "FR", "US", "JP", "AU", "BR", "IN"];
const ZONES: [&str; 8] = [
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Europe/Paris",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "Asia/Kolkata",
];

/// The company at `today` with `size` people: a hundredth was hired or leaves within the fortnight, a tenth has left.
pub(crate) fn observed(size: usize, today: Date, now: Timestamp) -> anyhow::Result<Observed> {
    let mut persons = Vec::with_capacity(size);
    let mut users = Vec::with_capacity(size);
    let mut assignments = Vec::with_capacity(size * 2);
    for number in 0..size {
        let key = format!("E{number:07}");
        persons.push(person(&key, number, today)?);
        users.push(user(&key, number));
        for offset in 0..2 {
            let package = (number + offset * 7) % PACKAGES;
            assignments.push(Assignment {
                id: format!("a-{number}-{offset}").into(),
                state: AssignmentState::Delivered,
                package: format!("p-{package}").into(),
                policy: Some(format!("q-{package}").into()),
                user: Some(UserId::new(format!("u-{key}"))),
            });
        }
    }
    Ok(Observed {
        tenant: "tenant".into(),
        tenant_zone: "UTC".to_owned(),
        users,
        feeds: BTreeMap::from([("hr".into(), FeedView { persons, ..FeedView::default() })]),
        groups: BTreeMap::new(),
        packages: (0..PACKAGES).map(package).collect(),
        policies: (0..PACKAGES).map(policy).collect(),
        assignments,
        requests: Vec::new(),
        read_at: now,
    })
}

fn package(number: usize) -> AccessPackage {
    AccessPackage {
        id: format!("p-{number}").into(),
        display_name: documents::package(number),
        incompatible_with: BTreeSet::new(),
    }
}

fn policy(number: usize) -> AssignmentPolicy {
    AssignmentPolicy {
        id: format!("q-{number}").into(),
        display_name: "Direct".to_owned(),
        package: format!("p-{number}").into(),
        is_automatic: false,
        needs_approval: false,
        questions: Vec::new(),
    }
}

fn hired(number: usize, today: Date) -> anyhow::Result<Date> {
    let days = i64::try_from(number)? * 37 % 3000;
    Ok(if number.is_multiple_of(100) {
        today.checked_add(Span::new().days(i64::try_from(number)? / 100 % 14))?
    } else {
        today.checked_sub(Span::new().days(days + 30))?
    })
}

fn left(number: usize, today: Date) -> anyhow::Result<Option<Date>> {
    Ok(match number % 100 {
        1 => Some(today.checked_add(Span::new().days(i64::try_from(number)? / 100 % 14 + 1))?),
        10..20 => Some(today.checked_sub(Span::new().days(i64::try_from(number)? % 300 + 5))?),
        _ => None,
    })
}

fn person(key: &str, number: usize, today: Date) -> anyhow::Result<Person> {
    let text = |text: String| AttributeValue::Text(text);
    let date = |date, inclusive| AttributeValue::Date { date, inclusive };
    let leaves = left(number, today)?.map_or(AttributeValue::Null, |day| date(day, true));
    let place = number / 3 % COUNTRIES.len();
    let attributes: Attributes = [
        ("department", text(documents::department(number % DEPARTMENTS))),
        ("country", text(COUNTRIES.get(place).copied().unwrap_or("NL").to_owned())),
        ("employeeType", text(documents::employee_type(number).to_owned())),
        ("jobTitle", text(format!("Title {}", number % 200))),
        ("city", text(format!("City {}", number % 60))),
        ("companyName", text(format!("Company {}", number % 5))),
        ("employeeHireDate", date(hired(number, today)?, false)),
        ("employeeLeaveDateTime", leaves),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    Ok(Person {
        key: PersonKey::from(key),
        feed: "hr".into(),
        attributes,
        time_zone: ZONES.get(place).copied().unwrap_or("UTC").to_owned(),
        missing: false,
        absence: None,
        read: Some(ReadAt { line: 2, delivery: None }),
    })
}

fn user(key: &str, number: usize) -> User {
    let text = |text: &str| AttributeValue::Text(text.to_owned());
    let attributes: Attributes =
        [("userType", text("Member")), ("officeLocation", text(&format!("Office {}", number % 90)))]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
    User {
        id: UserId::new(format!("u-{key}")),
        user_principal_name: format!("{key}@contoso.example"),
        mail: Some(format!("{key}@contoso.example")),
        display_name: format!("Person {key}"),
        employee_id: Some(key.to_owned()),
        is_guest: false,
        attributes,
    }
}

/// The ledger of a company that has run these documents for years: everybody's joiner runs are over, their grants stand.
pub(crate) fn ledger(
    definitions: &Definitions,
    observed: &Observed,
    today: Date,
    since: Timestamp,
) -> anyhow::Result<Ledger> {
    let mut ledger = Ledger::default();
    let headers = definitions.workflows.iter().map(|workflow| &workflow.header);
    for header in headers.chain(definitions.auto_assignments.iter().map(|auto| &auto.header)) {
        let (name, hash) = (header.name.clone(), header.hash.clone());
        let record = DocumentRecord::new(name, "Workflow", hash, Mode::Enforce, since);
        ledger.documents.insert(header.name.clone(), record);
    }
    for (number, user) in observed.users.iter().enumerate() {
        let Some(key) = user.employee_id.as_deref() else { continue };
        let subject = SubjectKey::person(&PersonKey::from(key));
        ledger.complete_since.insert(subject.clone(), since);
        let hash = "before".into();
        for workflow in documents::joiners_of(number) {
            let workflow = DocumentName::new(workflow);
            let occasion = Occasion {
                workflow: workflow.clone(),
                subject: subject.clone(),
                trigger: "employeeHireDate".to_owned(),
                value: OccasionValue::Date(hired(number, today)?),
            };
            if number % 100 == 0 {
                continue;
            }
            let cause = Cause::Occasion(occasion.clone());
            let resource = Resource::Package(format!("p-{}", number % PACKAGES).into());
            let action = LedgerAction {
                state: ActionState::Delivered,
                kind: ActionKind::AdminAdd,
                user: user.id.clone(),
                resource: resource.clone(),
                document: workflow.clone(),
                document_hash: DocumentRecordHash::clone(&hash),
                subject: subject.clone(),
                changed: since,
                is_forbidden: false,
            };
            let id: ActionId = usherd::domain::action::Action::derive_id(
                &observed.tenant,
                ActionKind::AdminAdd,
                &resource,
                None,
                &user.id,
                &cause,
            );
            ledger.actions.insert(id, action);
            let run = RunRecord {
                status: RunStatus::Completed,
                document_hash: DocumentRecordHash::clone(&hash),
                category: Category::Joiner,
                held_by: None,
                reason: None,
                tasks: Vec::new(),
            };
            ledger.runs.insert(occasion, run);
            if let Resource::Package(package) = resource {
                ledger
                    .claims
                    .insert(ClaimKey { document: workflow, subject: subject.clone(), package }, ClaimRecord::default());
            }
        }
    }
    Ok(ledger)
}

type DocumentRecordHash = usherd::domain::ids::DocumentHash;
