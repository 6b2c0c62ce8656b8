//! Groups and feeds: whether the subject is in one, by which reading.

use crate::domain::ids::{FeedName, PersonKey};
use crate::plan::groups::{self, GroupName};
use crate::plan::population::Member;
use crate::workflow::rule::Truth;

use super::condition::Condition;
use super::input::Input;
use super::origin::Origin;

/// Whether the subject's user is in a group.
pub(super) fn of_group(group: GroupName<'_>, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let (name, transitive) = group;
    let nesting = if transitive { ", or of a group inside it" } else { "" };
    let asks = format!("a member of group '{name}'{nesting}");
    match groups::reading(input.observed, input.ledger, group) {
        Ok(reading) => {
            let is_in = member.user_id().is_some_and(|user| reading.users.contains(user));
            let seen = match (is_in, member.user_id()) {
                (true, _) => "a member".to_owned(),
                (false, Some(_)) => format!("not among its {} members", reading.users.len()),
                (false, None) => "no directory user, so no member".to_owned(),
            };
            Condition::new(asks, is_in).seen(seen).from(Some(Origin::of_group(reading.id, transitive, input.observed)))
        }
        Err(reason) => {
            Condition::new(asks, Truth::Unknown).seen(reason.to_string()).from(Some(Origin::of_groups(input.observed)))
        }
    }
}

/// Whether the subject's record is in a feed.
pub(super) fn of_feed(feed: &FeedName, member: &Member<'_>, input: &Input<'_>) -> Condition {
    let asks = format!("a record in feed {feed}");
    let Some(view) = input.observed.feeds.get(feed) else {
        return Condition::new(asks, Truth::Unknown).seen("no delivery of it was accepted yet");
    };
    let key = member.subject.person.map(|person| &person.key);
    let is_shared = |id: &PersonKey| view.persons.iter().any(|person| person.key == *id);
    if let Some(id) = member.shared_id().filter(is_shared) {
        return Condition::new(asks, Truth::Unknown)
            .seen(format!("employee id {id}, which another account carries too"));
    }
    match view.persons.iter().find(|person| Some(&person.key) == key) {
        Some(person) if person.missing => Condition::new(asks, Truth::Unknown)
            .seen("missing from the latest delivery, and missing is not leaving")
            .from(Some(Origin::of_person(person, None, input.definitions, input.observed))),
        Some(person) => Condition::new(asks, true)
            .seen(format!("employee id {}", person.key))
            .from(Some(Origin::of_person(person, None, input.definitions, input.observed))),
        None => Condition::new(asks, false).seen(format!("not among its {} records", view.persons.len())),
    }
}
