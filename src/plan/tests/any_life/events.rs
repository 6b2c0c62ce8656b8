//! What happens in random lives: to people, to readings, to requests, and what operators decide.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::documents::names;
use super::people::{Day, GROUPS, PACKAGES, Said, account, ask, assign, date_of, day, key_of, said, value_of};
use crate::domain::action::ActionState;
use crate::domain::ids::DocumentName;
use crate::domain::subject::{Absence, AttributeValue, HIRE_DATE, LEAVE_DATE, Person};
use crate::plan::ledger::{Activation, Ledger, Retirement};
use crate::plan::observed::{FeedView, GroupView, Observed};
use crate::plan::simulation::Simulation;
use crate::plan::tests::world::{subject_of, user_of};
use crate::workflow::definition::Mode;

/// Feeds by name.
const FEEDS: [&str; 2] = ["hr", "contractors"];

/// Something that happens; a number means one of those there are, counted round.
#[derive(Debug, Clone)]
pub(in crate::plan::tests) enum Event {
    /// Nothing; time passes.
    Nothing,
    Department(usize, Said),
    CostCentre(usize, usize),
    Hire(usize, Day),
    Leave(usize, Day),
    /// One who was put out, or anybody, is to begin anew in so many days.
    HiredAgain(usize, i8),
    Zone(usize),
    /// The latest delivery lacks the record.
    Missing(usize),
    /// Enough deliveries agree that it is gone.
    Gone(usize),
    /// It is delivered again.
    Back(usize),
    /// The record comes into the contractors' feed.
    Contracted(usize),
    NewAccount(usize),
    AccountDeleted(usize),
    JoinsGroup(usize, usize),
    LeavesGroup(usize, usize),
    GroupUnread(usize),
    GroupNotFound(usize),
    GroupEmptied(usize),
    GroupReplaced(usize),
    FeedUnread(usize),
    RemovalsWait(usize),
    AllRead,
    Given(usize, usize),
    Taken(usize, usize),
    Asked(usize, usize, bool),
    RequestsEnd,
    /// One action on its way comes to this end.
    Ends(usize, ActionState, bool),
    AllApproved,
    Approved(usize),
    ApprovedInPart(usize),
    Rejected(usize),
    Activated(usize, usize),
    Mode(usize, Mode),
    Edited(usize),
    Deleted(usize),
    Retired(usize),
    Adopting(usize),
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    let who = || any::<usize>().prop_map(|number| number % 12);
    // Those that a trigger watches or a document adds to, more often than the others.
    let group = || prop::sample::select(vec![0_usize, 1, 1, 1, 2, 3, 4]);
    let package = || 0..PACKAGES.len();
    let document = || any::<usize>();
    let mode = prop::sample::select(vec![Mode::Observe, Mode::GrantOnly, Mode::Enforce, Mode::Enforce]);
    let end = prop::sample::select(vec![
        (ActionState::Denied, false),
        (ActionState::Refused, false),
        (ActionState::Refused, true),
        (ActionState::DeliveryFailed, false),
        (ActionState::GaveUp, false),
        (ActionState::Canceled, false),
    ]);
    let people = prop_oneof![
        6 => (who(), said()).prop_map(|(who, said)| Event::Department(who, said)),
        1 => (who(), 0..3_usize).prop_map(|(who, value)| Event::CostCentre(who, value)),
        3 => (who(), day()).prop_map(|(who, day)| Event::Hire(who, day)),
        5 => (who(), day()).prop_map(|(who, day)| Event::Leave(who, day)),
        8 => (who(), 4_i8..20).prop_map(|(who, days)| Event::HiredAgain(who, days)),
        1 => who().prop_map(Event::Zone),
        1 => who().prop_map(Event::Missing),
        8 => who().prop_map(Event::Gone),
        1 => who().prop_map(Event::Back),
        10 => who().prop_map(Event::Contracted),
        1 => who().prop_map(Event::NewAccount),
        1 => who().prop_map(Event::AccountDeleted),
        10 => (who(), group()).prop_map(|(who, group)| Event::JoinsGroup(who, group)),
        10 => (who(), group()).prop_map(|(who, group)| Event::LeavesGroup(who, group)),
    ];
    let readings = prop_oneof![
        2 => group().prop_map(Event::GroupUnread),
        1 => group().prop_map(Event::GroupNotFound),
        3 => group().prop_map(Event::GroupEmptied),
        1 => group().prop_map(Event::GroupReplaced),
        2 => (0..FEEDS.len()).prop_map(Event::FeedUnread),
        1 => (0..FEEDS.len()).prop_map(Event::RemovalsWait),
        3 => Just(Event::AllRead),
    ];
    let tenant = prop_oneof![
        8 => (who(), package()).prop_map(|(who, package)| Event::Given(who, package)),
        2 => (who(), package()).prop_map(|(who, package)| Event::Taken(who, package)),
        1 => (who(), package(), any::<bool>()).prop_map(|(who, package, comes)| Event::Asked(who, package, comes)),
        1 => Just(Event::RequestsEnd),
        8 => (any::<usize>(), end).prop_map(|(which, (state, forbidden))| Event::Ends(which, state, forbidden)),
    ];
    let operators = prop_oneof![
        4 => any::<usize>().prop_map(Event::Approved),
        1 => any::<usize>().prop_map(Event::ApprovedInPart),
        3 => any::<usize>().prop_map(Event::Rejected),
        12 => (who(), document()).prop_map(|(who, document)| Event::Activated(who, document)),
        6 => (document(), mode).prop_map(|(document, mode)| Event::Mode(document, mode)),
        1 => document().prop_map(Event::Edited),
        1 => document().prop_map(Event::Deleted),
        4 => document().prop_map(Event::Retired),
        4 => document().prop_map(Event::Adopting),
    ];
    prop_oneof![1 => Just(Event::Nothing), 8 => people, 2 => readings, 7 => tenant, 6 => operators]
}

impl Event {
    /// The same event of one of so many people.
    pub(super) fn among(&self, people: usize) -> Self {
        let mut event = self.clone();
        match &mut event {
            Self::Department(who, _)
            | Self::CostCentre(who, _)
            | Self::Hire(who, _)
            | Self::Leave(who, _)
            | Self::HiredAgain(who, _)
            | Self::Zone(who)
            | Self::Missing(who)
            | Self::Gone(who)
            | Self::Back(who)
            | Self::Contracted(who)
            | Self::NewAccount(who)
            | Self::AccountDeleted(who)
            | Self::JoinsGroup(who, _)
            | Self::LeavesGroup(who, _)
            | Self::Given(who, _)
            | Self::Taken(who, _)
            | Self::Asked(who, ..)
            | Self::Activated(who, _) => *who %= people.max(1),
            _ => {}
        }
        event
    }
}

/// What was taken from the planner's sight and may come back.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    groups: BTreeMap<(String, bool), GroupView>,
    feeds: BTreeMap<&'static str, FeedView>,
}

impl Hidden {
    /// Everything is read again.
    fn show(&mut self, observed: &mut Observed) {
        observed.groups.extend(std::mem::take(&mut self.groups));
        observed.feeds.extend(std::mem::take(&mut self.feeds).into_iter().map(|(name, view)| (name.into(), view)));
        for feed in observed.feeds.values_mut() {
            feed.removals_wait = false;
        }
    }

    fn hide_group(&mut self, observed: &mut Observed, group: usize, instead: GroupView) {
        let (name, transitive) = GROUPS[group];
        let key = (name.to_owned(), transitive);
        if let Some(view) = observed.groups.insert(key.clone(), instead) {
            self.groups.entry(key).or_insert(view);
        }
    }
}

/// Lets the event happen at the simulation's next instant.
pub(super) fn happen(simulation: &mut Simulation<'_>, at: Timestamp, hidden: &mut Hidden, event: &Event) {
    match event {
        Event::Ends(which, state, is_forbidden) => end(simulation, at, *which, *state, *is_forbidden),
        Event::AllApproved
        | Event::Approved(_)
        | Event::ApprovedInPart(_)
        | Event::Rejected(_)
        | Event::Activated(..)
        | Event::Mode(..)
        | Event::Edited(_)
        | Event::Deleted(_)
        | Event::Retired(_)
        | Event::Adopting(_) => simulation.change(at, |_, ledger| decide(ledger, at, event)),
        Event::HiredAgain(which, days) => {
            let mut barred: Vec<_> = simulation.ledger().bars.iter().map(|bar| bar.occasion.subject.clone()).collect();
            barred.dedup();
            let number = barred
                .get(which % barred.len().max(1))
                .and_then(|key| key.as_str().strip_prefix("person:E")?.parse().ok());
            let hire = Event::Hire(number.unwrap_or(*which), Day::At(*days));
            simulation.change(at, |observed, _| change(observed, at, hidden, &hire));
        }
        _ => simulation.change(at, |observed, _| change(observed, at, hidden, event)),
    }
}

fn change(observed: &mut Observed, at: Timestamp, hidden: &mut Hidden, event: &Event) {
    let today = jiff::tz::TimeZone::UTC.to_datetime(at).date();
    let set = |person: &mut Person, name: &str, value: Option<AttributeValue>| {
        match value {
            Some(value) => person.attributes.insert(name.to_owned(), value),
            None => person.attributes.remove(name),
        };
    };
    match event {
        Event::Department(who, said) => {
            of_person(observed, *who, |person| set(person, "department", value_of(*said)));
        }
        Event::CostCentre(who, value) => of_user(observed, *who, |user| {
            let value = AttributeValue::Text(format!("secret {value}"));
            user.attributes.insert("costCenter".to_owned(), value);
        }),
        Event::Hire(who, day) => {
            of_person(observed, *who, |person| set(person, HIRE_DATE, date_of(*day, today, false)));
        }
        Event::Leave(who, day) => {
            of_person(observed, *who, |person| set(person, LEAVE_DATE, date_of(*day, today, true)));
        }
        Event::Zone(who) => of_person(observed, *who, |person| "Nowhere/Town".clone_into(&mut person.time_zone)),
        Event::Missing(who) => of_person(observed, *who, |person| person.missing = true),
        Event::Gone(who) => of_person(observed, *who, |person| {
            let first = at - jiff::SignedDuration::from_hours(48);
            (person.missing, person.absence) = (true, Some(Absence { deliveries: 3, first, last: at }));
        }),
        Event::Back(who) => of_person(observed, *who, |person| (person.missing, person.absence) = (false, None)),
        Event::Contracted(who) => {
            let person = observed.feeds.get(&"hr".into()).and_then(|hr| find(&hr.persons, *who)).cloned();
            let contractors = observed.feeds.get_mut(&"contractors".into());
            if let (Some(person), Some(contractors)) = (person, contractors) {
                contractors.persons.retain(|known| known.key != person.key);
                contractors.persons.push(Person { feed: "contractors".into(), ..person });
            }
        }
        Event::NewAccount(who) => {
            let key = key_of(*who);
            if observed.users.iter().all(|user| user.id != user_of(&key)) {
                observed.users.push(account(&key, &key, false));
            }
        }
        Event::AccountDeleted(who) => observed.users.retain(|user| user.id != user_of(&key_of(*who))),
        Event::JoinsGroup(who, group) => of_group(observed, *group, |users| {
            users.insert(user_of(&key_of(*who)));
        }),
        Event::LeavesGroup(who, group) => of_group(observed, *group, |users| {
            users.remove(&user_of(&key_of(*who)));
        }),
        Event::GroupUnread(group) => hidden.hide_group(observed, *group, GroupView::Unreadable),
        Event::GroupNotFound(group) => hidden.hide_group(observed, *group, GroupView::NotFound),
        Event::GroupEmptied(group) => of_group(observed, *group, std::collections::BTreeSet::clear),
        Event::GroupReplaced(group) => {
            let instead = GroupView::Members { id: "g-other".into(), users: [user_of("E3")].into(), is_fixed: false };
            hidden.hide_group(observed, *group, instead);
        }
        Event::FeedUnread(feed) => {
            if let Some(view) = observed.feeds.remove(&FEEDS[*feed].into()) {
                hidden.feeds.insert(FEEDS[*feed], view);
            }
        }
        Event::RemovalsWait(feed) => {
            if let Some(view) = observed.feeds.get_mut(&FEEDS[*feed].into()) {
                view.removals_wait = true;
            }
        }
        Event::AllRead => hidden.show(observed),
        Event::Given(who, package) => {
            let key = key_of(*who);
            if observed.users.iter().any(|user| user.id == user_of(&key)) {
                assign(observed, &key, &PACKAGES[*package].to_lowercase(), "direct");
            }
        }
        Event::Taken(who, package) => {
            let (user, package) = (user_of(&key_of(*who)), PACKAGES[*package].to_lowercase());
            observed.assignments.retain(|held| held.user.as_ref() != Some(&user) || held.package.as_str() != package);
        }
        Event::Asked(who, package, is_coming) => {
            ask(observed, &key_of(*who), &PACKAGES[*package].to_lowercase(), *is_coming);
        }
        Event::RequestsEnd => observed.requests.retain(|request| request.id.as_str().starts_with("simulated")),
        _ => {}
    }
}

fn find(persons: &[Person], who: usize) -> Option<&Person> {
    persons.iter().find(|person| person.key.as_str() == key_of(who))
}

fn of_person(observed: &mut Observed, who: usize, change: impl Fn(&mut Person)) {
    let persons = observed.feeds.values_mut().flat_map(|feed| &mut feed.persons);
    persons.filter(|person| person.key.as_str() == key_of(who)).for_each(change);
}

fn of_user(observed: &mut Observed, who: usize, change: impl Fn(&mut crate::domain::subject::User)) {
    observed.users.iter_mut().filter(|user| user.id == user_of(&key_of(who))).for_each(change);
}

fn of_group(
    observed: &mut Observed,
    group: usize,
    change: impl Fn(&mut std::collections::BTreeSet<crate::domain::ids::UserId>),
) {
    let (name, transitive) = GROUPS[group];
    if let Some(GroupView::Members { users, .. }) = observed.groups.get_mut(&(name.to_owned(), transitive)) {
        change(users);
    }
}

/// What becomes of a request that is not delivered.
fn end(simulation: &mut Simulation<'_>, at: Timestamp, which: usize, state: ActionState, is_forbidden: bool) {
    let moving = simulation.ledger().actions.iter().filter(|(_, action)| action.state.is_in_flight());
    let moving: Vec<_> = moving.map(|(id, _)| *id).collect();
    let Some(id) = moving.get(which % moving.len().max(1)).copied() else { return };
    simulation.change(at, |_, ledger| {
        let action = ledger.actions.get_mut(&id).unwrap();
        (action.state, action.is_forbidden, action.changed) = (state, is_forbidden, at);
    });
    simulation.change(at, |observed, _| {
        observed.requests.retain(|request| request.id.as_str() != format!("simulated {id}"));
    });
}

fn decide(ledger: &mut Ledger, at: Timestamp, event: &Event) {
    match event {
        Event::AllApproved => {
            while !ledger.held.is_empty() {
                of_hold(ledger, 0, usize::MAX, true);
            }
        }
        Event::Approved(which) => of_hold(ledger, *which, usize::MAX, true),
        Event::ApprovedInPart(which) => of_hold(ledger, *which, 1, true),
        Event::Rejected(which) => of_hold(ledger, *which, 1, false),
        Event::Activated(who, document) => {
            // Mostly those that only an operator starts.
            let mostly = ["asked", "thrown-out", "asked", "misasked", "leave", "thrown-out", "moved"];
            if let Some(workflow) = one_of(ledger, &mostly, *document) {
                let activation = Activation { workflow, subject: subject_of(&key_of(*who)), requested: at };
                ledger.activations.insert(format!("{at} {who} {document}"), activation);
            }
        }
        Event::Mode(document, mode) => of_document(ledger, *document, |record| {
            // As a reload does it.
            let writes = *mode > Mode::Observe;
            record.observed_before |= writes && record.mode == Mode::Observe;
            record.first_removals_held |= *mode == Mode::Enforce && record.mode < Mode::Enforce;
            record.writes_since = if writes { record.writes_since.or(Some(at)) } else { None };
            record.mode = *mode;
        }),
        Event::Edited(document) => of_document(ledger, *document, |record| {
            record.hash = format!("{}'", record.hash).as_str().into();
        }),
        Event::Deleted(document) => of_document(ledger, *document, |record| {
            (record.in_force, record.is_adopting) = (false, false);
        }),
        Event::Retired(document) => of_document(ledger, *document, |record| {
            (record.in_force, record.is_adopting) = (false, false);
            record.retirement = Some(Retirement::Removing);
        }),
        Event::Adopting(document) => {
            let standing = ["tools", "campaign", "more-tools", "guarded"];
            let record = one_of(ledger, &standing, *document).and_then(|name| ledger.documents.get_mut(&name));
            record.into_iter().for_each(|record| record.is_adopting = true);
        }
        _ => {}
    }
}

/// One of these documents that is in force.
fn one_of(ledger: &Ledger, names: &[&str], which: usize) -> Option<DocumentName> {
    let names = names.iter().map(|name| DocumentName::from(*name));
    let known: Vec<_> = names.filter(|name| ledger.documents.get(name).is_some_and(|record| record.in_force)).collect();
    known.get(which % known.len().max(1)).cloned()
}

fn of_document(ledger: &mut Ledger, document: usize, change: impl Fn(&mut crate::plan::ledger::DocumentRecord)) {
    let known: Vec<DocumentName> =
        names().map(DocumentName::from).filter(|name| ledger.documents.contains_key(name)).collect();
    let Some(name) = known.get(document % known.len().max(1)) else { return };
    ledger.documents.get_mut(name).into_iter().for_each(change);
}

/// A person decides on the first items of a hold.
fn of_hold(ledger: &mut Ledger, which: usize, most: usize, approve: bool) {
    let holds: std::collections::BTreeSet<_> = ledger.held.values().map(|held| held.hold.clone()).collect();
    let Some(hold) = holds.iter().nth(which % holds.len().max(1)) else { return };
    let items: Vec<_> = ledger.held.iter().filter(|(_, held)| held.hold == *hold).map(|(key, _)| key.clone()).collect();
    for (id, document) in items.into_iter().take(most) {
        ledger.held.remove(&(id, document.clone()));
        if approve {
            ledger.approved.insert(id, document)
        } else {
            ledger.rejected.insert(id, document)
        };
    }
}
