//! Changes that could flip a verdict, and what each one does to a copy of the world.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::ids::{DocumentName, FeedName, PersonKey, SubjectKey, UserId};
use crate::domain::subject::{AttributeValue, Attributes, Person, Subject, User};
use crate::plan::ledger::Activation;
use crate::plan::observed::GroupView;
use crate::workflow::definition::{Definitions, Mode};

use super::input::World;
use super::value::shown;

/// The id of an account that is not there yet.
const NEW_ACCOUNT: &str = "an account to come";

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "change")]
pub enum Change {
    /// An attribute holds another value.
    Attribute {
        /// Its name.
        name: String,
        /// The value.
        to: AttributeValue,
        /// Whether any value does that the rules do not compare with.
        is_any_other: bool,
    },
    /// The subject's user comes into a group, or goes out of it.
    Membership {
        /// The group as the document names it.
        group: String,
        /// Whether nesting is followed.
        transitive: bool,
        /// Whether the user comes in.
        joins: bool,
    },
    /// The subject's record comes into a feed, or goes out of it.
    Record {
        /// The feed.
        feed: FeedName,
        /// Whether it comes in.
        joins: bool,
    },
    /// Time goes on, or back.
    Clock {
        /// The instant (UTC).
        to: Timestamp,
    },
    /// The document's mode is another one.
    Mode {
        /// The document.
        document: DocumentName,
        /// The mode.
        to: Mode,
    },
    /// A directory user with the subject's employee id appears.
    Account,
    /// An operator activates the workflow.
    Activation {
        /// The workflow.
        workflow: DocumentName,
    },
}

/// Who a change is about.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Whose {
    /// The subject's own key.
    pub(super) key: SubjectKey,
    /// The employee id of the record, or else of the user.
    pub(super) employee_id: Option<PersonKey>,
    /// The user.
    pub(super) user: Option<UserId>,
}

impl Whose {
    /// The subject's ids.
    pub(in crate::plan) fn of(subject: &Subject<'_>) -> Self {
        let by_user = || subject.user.and_then(|user| user.employee_id.as_deref()).map(PersonKey::from);
        Self {
            key: subject.key.clone(),
            employee_id: subject.person.map(|person| person.key.clone()).or_else(by_user),
            user: subject.user.map(|user| user.id.clone()),
        }
    }
}

impl Change {
    /// What it changes: two changes of the same thing exclude each other.
    pub(super) fn is_of_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Attribute { name, .. }, Self::Attribute { name: other, .. }) => name == other,
            (
                Self::Membership { group, transitive, .. },
                Self::Membership { group: other, transitive: other_transitive, .. },
            ) => group == other && transitive == other_transitive,
            (Self::Record { feed, .. }, Self::Record { feed: other, .. }) => feed == other,
            (Self::Mode { document, .. }, Self::Mode { document: other, .. }) => document == other,
            (Self::Clock { .. }, Self::Clock { .. }) | (Self::Account, Self::Account) => true,
            (Self::Activation { workflow }, Self::Activation { workflow: other }) => workflow == other,
            _ => false,
        }
    }

    /// Makes the change in `world`.
    pub(in crate::plan) fn apply(&self, world: &mut World, whose: &Whose, definitions: &Definitions) {
        match self {
            Self::Attribute { name, to, .. } => set_attribute(world, whose, name, to),
            Self::Membership { group, transitive, joins } => {
                let view = world.observed.groups.get_mut(&(group.clone(), *transitive));
                if let (Some(GroupView::Members { users, .. }), Some(user)) = (view, &whose.user) {
                    if *joins {
                        users.insert(user.clone());
                    } else {
                        users.remove(user);
                    }
                }
            }
            Self::Record { feed, joins: true } => add_record(world, whose, feed),
            Self::Record { feed, joins: false } => {
                if let Some(view) = world.observed.feeds.get_mut(feed) {
                    view.persons.retain(|person| Some(&person.key) != whose.employee_id.as_ref());
                }
            }
            Self::Clock { to } => {
                world.now = *to;
                world.observed.read_at = *to;
            }
            Self::Mode { document, to } => set_mode(world, document, *to),
            Self::Account => world.observed.users.extend(new_account(world, whose, definitions)),
            Self::Activation { workflow } => {
                let (workflow, subject) = (workflow.clone(), whose.key.clone());
                let activation = Activation { workflow, subject, requested: world.now };
                world.ledger.activations.insert("explain".to_owned(), activation);
            }
        }
    }
}

/// Where a feed maps the attribute, the record changes, else the account.
fn set_attribute(world: &mut World, whose: &Whose, name: &str, to: &AttributeValue) {
    let records = world.observed.feeds.values_mut().flat_map(|feed| feed.persons.iter_mut());
    let mut own: Vec<&mut Person> = records.filter(|person| Some(&person.key) == whose.employee_id.as_ref()).collect();
    let is_mapped = own.iter().any(|person| person.attributes.contains_key(name));
    let user = world.observed.users.iter_mut().find(|user| Some(&user.id) == whose.user.as_ref());
    match user {
        Some(user) if !is_mapped => {
            user.attributes.insert(name.to_owned(), to.clone());
        }
        _ => own.iter_mut().for_each(|person| {
            person.attributes.insert(name.to_owned(), to.clone());
        }),
    }
}

fn add_record(world: &mut World, whose: &Whose, feed: &FeedName) {
    let Some(key) = &whose.employee_id else { return };
    let known = world.observed.feeds.values().flat_map(|feed| &feed.persons).find(|person| person.key == *key);
    let time_zone = world.observed.tenant_zone.clone();
    let attributes = Attributes::new();
    let person = known.cloned().unwrap_or_else(|| Person {
        key: key.clone(),
        feed: feed.clone(),
        attributes,
        time_zone,
        missing: false,
        absence: None,
        read: None,
    });
    if let Some(view) = world.observed.feeds.get_mut(feed) {
        view.persons.retain(|person| person.key != *key);
        view.persons.push(Person { feed: feed.clone(), missing: false, absence: None, ..person });
    }
}

/// As the engine records it when a document, or the ceiling, says another mode.
fn set_mode(world: &mut World, document: &DocumentName, to: Mode) {
    let now = world.now;
    let Some(record) = world.ledger.documents.get_mut(document) else { return };
    let began_to_write = record.mode == Mode::Observe && to > Mode::Observe;
    record.first_removals_held |= record.mode < Mode::Enforce && to == Mode::Enforce;
    record.observed_before |= began_to_write;
    record.writes_since = if to == Mode::Observe { None } else { record.writes_since.or(Some(now)) };
    record.mode = to;
}

/// An ordinary member's account, whose other attributes are empty.
fn new_account(world: &World, whose: &Whose, definitions: &Definitions) -> Option<User> {
    let key = whose.employee_id.as_ref()?;
    let is_there = world.observed.users.iter().any(|user| user.employee_id.as_deref() == Some(key.as_str()));
    let mut attributes: Attributes =
        definitions.attributes().map(|name| (name.to_owned(), AttributeValue::Null)).collect();
    attributes.insert("userType".to_owned(), AttributeValue::Text("Member".to_owned()));
    attributes.insert("accountEnabled".to_owned(), AttributeValue::Bool(true));
    (!is_there).then(|| User {
        id: UserId::from(NEW_ACCOUNT),
        user_principal_name: String::new(),
        mail: None,
        display_name: String::new(),
        employee_id: Some(key.as_str().to_owned()),
        is_guest: false,
        attributes,
    })
}

/// What would have to be so.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute { name, is_any_other: true, .. } => {
                write!(f, "{name} is anything else than the rules compare it with")
            }
            Self::Attribute { name, to, .. } => write!(f, "{name} is {}", shown(Some(to))),
            Self::Membership { group, transitive, joins } => {
                let nesting = if *transitive { " (or of a group inside it)" } else { "" };
                write!(f, "the user is {}a member of group '{group}'{nesting}", if *joins { "" } else { "not " })
            }
            Self::Record { feed, joins: true } => write!(f, "a record is in feed {feed}"),
            Self::Record { feed, joins: false } => write!(f, "no record is in feed {feed} (as if it never was)"),
            Self::Clock { to } => write!(f, "it is {to}"),
            Self::Mode { document, to } => write!(f, "the mode of {document}, and the ceiling, are {to}"),
            Self::Account => f.write_str("a directory user with this employee id is there"),
            Self::Activation { workflow } => {
                write!(f, "an operator activates it: `usherd activate {workflow} --user …`")
            }
        }
    }
}
