//! A world that lives: a script of what HR and the directory say and when, and what usherd then sends, with the instant of each.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::world::{World, text_of, user_of, world};
use crate::domain::entitlement::{Assignment, AssignmentState};
use crate::domain::subject::{AttributeValue, HIRE_DATE, LEAVE_DATE, Person, User};
use crate::plan::Plan;
use crate::plan::observed::{FeedView, Observed};

/// A second feed, which says the same of contractors and has every date of an employment in a column of its own.
const CONTRACTORS: &str = r#"
apiVersion: usherd/v1
kind: Feed
name: contractors
source: { file: contractors.csv, format: csv, delimiter: ";", encoding: utf-8 }
mode: snapshot
key: Id
timeZone: { default: Europe/Amsterdam }
attributes:
  department: { column: Department }
  employeeHireDate: { column: Hire, type: date, format: "%Y-%m-%d" }
  employeeLeaveDateTime: { column: Leave, type: date, format: "%Y-%m-%d", inclusive: true }
  lastWorkingDay: { column: A, type: date, format: "%Y-%m-%d", inclusive: true }
  terminationDate: { column: B, type: date, format: "%Y-%m-%d", inclusive: true }
"#;

/// Dates whose day still counts.
const INCLUSIVE: [&str; 3] = [LEAVE_DATE, "lastWorkingDay", "terminationDate"];

/// Lives through `script` under these documents, and compares what was sent, and what the last plan says beside it, with `expected`.
///
/// A line of the script is an instant and what happens then:
/// `start` (the documents are in force from here), `E1 a=b c=` (the HR feed gives these values, the last one empty),
/// `contractors E1 a=b` (the other feed does), `E1 has a user [createdDateTime=…]`, `u-E1 is E2` (that account carries another employee id),
/// `E1 is missing` and `contractors E1 is missing` (carried over), `hr is unread`, `hr is read`, `E1 holds Basics` (by somebody else), `off`
/// and `on` (the daemon), and `end`. A line expected is an instant and an action, `then` and a line of the last plan's text, or `run` and one
/// of the ledger.
#[track_caller]
pub(super) fn lives(what: &str, documents: &[&str], script: &str, expected: &str) {
    let lines: Vec<(Timestamp, &str)> = script
        .lines()
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(at, event)| (at.parse().unwrap(), event.trim()))
        .collect();
    let (start, first) = lines[0];
    assert_eq!(first, "start", "{what}");
    let documents: Vec<&str> = documents.iter().copied().chain([CONTRACTORS]).collect();
    let mut world = world(&start.to_string(), &documents);
    world.observed.tenant_zone = "Europe/Amsterdam".to_owned();
    world.observed.feeds.insert("contractors".into(), FeedView::default());
    let mut life = Life { world, is_off: false, unread: BTreeMap::new(), sent: Vec::new(), last: Plan::default() };
    for (at, event) in &lines[1..] {
        life.live_until(*at);
        life.happens(event);
    }
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let of = |prefix: &str| -> Vec<&str> {
        expected.iter().filter_map(|line| line.strip_prefix(prefix)).map(str::trim).collect()
    };
    let acted: Vec<&str> =
        expected.iter().copied().filter(|line| line.starts_with(|first: char| first.is_ascii_digit())).collect();
    assert_eq!(life.sent, acted, "{what}");
    let last = text_of(&life.last);
    if !of("then").is_empty() {
        assert_eq!(last.lines().collect::<Vec<_>>(), of("then"), "{what}");
    }
    let runs = life.runs();
    if !of("run").is_empty() {
        assert_eq!(runs, of("run"), "{what}");
    }
}

struct Life {
    world: World,
    is_off: bool,
    /// Snapshots kept from the planner.
    unread: BTreeMap<String, FeedView>,
    sent: Vec<String>,
    last: Plan,
}

impl Life {
    /// Passes whenever something is due, and once a day, as the daemon's own schedule does.
    fn live_until(&mut self, end: Timestamp) {
        while !self.is_off && self.world.now < end {
            let at = self.world.now;
            let (sent, plan) = self.world.come_to_rest();
            for action in sent {
                let who = action.subject.as_str().trim_start_matches("person:").to_owned();
                self.sent.push(format!("{at} {} {} {who} by {}", action.kind, action.resource, action.document));
            }
            let due = plan.next_due.filter(|due| *due > at);
            self.world.now = due.into_iter().chain([at + SignedDuration::from_hours(24), end]).min().unwrap_or(end);
            self.last = plan;
        }
        self.world.now = self.world.now.max(end);
    }

    fn happens(&mut self, event: &str) {
        let words: Vec<&str> = event.split_whitespace().collect();
        let feeds = &mut self.world.observed.feeds;
        match words.as_slice() {
            ["off"] => self.is_off = true,
            ["on"] => self.is_off = false,
            ["end"] => self.live_until(self.world.now + SignedDuration::from_secs(1)),
            [feed, "is", "unread"] => {
                let view = feeds.remove(&(*feed).into()).unwrap();
                self.unread.insert((*feed).to_owned(), view);
            }
            [feed, "is", "read"] => {
                let view = self.unread.remove(*feed).unwrap();
                feeds.insert((*feed).into(), view);
            }
            words => change(&mut self.world.observed, words),
        }
    }

    /// Every run of the ledger: its date and how far it is.
    fn runs(&self) -> Vec<String> {
        let runs = self.world.ledger.runs.iter();
        runs.map(|(occasion, run)| format!("{} {} {:?}", occasion.workflow, occasion.value, run.status)).collect()
    }
}

fn change(observed: &mut Observed, words: &[&str]) {
    match words {
        ["contractors", key, rest @ ..] => of_feed(observed, "contractors", key, rest),
        [key, "has", "a", "user", attributes @ ..] => {
            let attributes = attributes.iter().map(|word| value_of(word)).collect();
            observed.users.push(User {
                id: user_of(key),
                user_principal_name: format!("{key}@contoso.example"),
                mail: None,
                display_name: (*key).to_owned(),
                employee_id: Some((*key).to_owned()),
                is_guest: false,
                attributes,
            });
        }
        [account, "is", key] if account.starts_with("u-") => {
            let user = observed.users.iter_mut().find(|user| user.id.as_str() == *account).unwrap();
            user.employee_id = Some((*key).to_owned());
        }
        [key, "holds", package] => {
            let package = package.to_lowercase();
            observed.assignments.push(Assignment {
                id: format!("a-{key}-{package}").into(),
                state: AssignmentState::Delivered,
                policy: Some(format!("{package}-direct").into()),
                package: package.into(),
                user: Some(user_of(key)),
            });
        }
        [key, rest @ ..] => of_feed(observed, "hr", key, rest),
        [] => panic!("nothing happens"),
    }
}

fn of_feed(observed: &mut Observed, feed: &str, key: &str, words: &[&str]) {
    let persons = &mut observed.feeds.get_mut(&feed.into()).unwrap().persons;
    let place = persons.iter().position(|person| person.key.as_str() == key).unwrap_or_else(|| {
        let nothing = [HIRE_DATE, LEAVE_DATE].map(|name| (name.to_owned(), AttributeValue::Null));
        let sales = ("department".to_owned(), AttributeValue::Text("Sales".to_owned()));
        persons.push(Person {
            key: key.into(),
            feed: feed.into(),
            attributes: nothing.into_iter().chain([sales]).collect(),
            time_zone: "Europe/Amsterdam".to_owned(),
            missing: false,
            read: None,
            absence: None,
        });
        persons.len() - 1
    });
    let person = &mut persons[place];
    if words == ["is", "missing"] {
        person.missing = true;
        return;
    }
    person.missing = false;
    for word in words {
        match word.strip_prefix("zone=") {
            Some(zone) => person.time_zone = zone.to_owned(),
            None => person.attributes.extend([value_of(word)]),
        }
    }
}

fn value_of(word: &str) -> (String, AttributeValue) {
    let (name, text) = word.split_once('=').unwrap();
    let value = match (text, text.parse(), text.parse()) {
        ("", ..) => AttributeValue::Null,
        (_, _, Ok(instant)) => AttributeValue::Instant(instant),
        (_, Ok(date), _) => AttributeValue::Date { date, inclusive: INCLUSIVE.contains(&name) },
        _ => AttributeValue::Text(text.to_owned()),
    };
    (name.to_owned(), value)
}
