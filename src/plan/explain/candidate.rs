//! The changes worth trying: what the document compares, counts days from, and rests on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};

use crate::domain::ids::FeedName;
use crate::domain::reason::Reason;
use crate::domain::subject::{AttributeValue, HIRE_DATE};
use crate::plan::ledger::Bar;
use crate::plan::observed::GroupView;
use crate::plan::population::Member;
use crate::workflow::definition::{
    AutoAssignment, CatchUp, ColumnType, MemberSource, Mode, TimeTrigger, Trigger, Workflow,
};
use crate::workflow::rule::{AttributeSource, Comparison, ElementPredicate, Literal, Rule, Test};

use super::change::Change;
use super::document::Document;
use super::input::Input;
use super::trigger;
use super::value::shown;
use super::verdict::Verdict;

/// More candidates than this are not tried; those of rules come first.
const MOST: usize = 48;
/// A text that no rule compares with, long enough to be nobody's constant.
const ANYTHING_ELSE: &str = "anything else, as no rule says it";

/// The candidates for one document, the most telling first.
pub(in crate::plan) fn candidates(
    document: Document<'_>,
    member: &Member<'_>,
    verdict: &Verdict,
    input: &Input<'_>,
) -> Vec<Change> {
    let mut found = Found { member, input, changes: Vec::new() };
    match document {
        Document::Workflow(workflow) => found.of_workflow(workflow, verdict),
        Document::AutoAssignment(auto) => found.of_auto_assignment(auto, verdict),
    }
    if member.subject.person.is_some() && member.subject.user.is_none() && !member.is_ambiguous {
        found.changes.push(Change::Account);
    }
    let name = &document.header().name;
    let mode = input.ledger.documents.get(name).map(|record| record.mode);
    let others = [Mode::Enforce, Mode::GrantOnly, Mode::Observe].into_iter().filter(|other| Some(*other) != mode);
    found.changes.extend(others.map(|to| Change::Mode { document: name.clone(), to }));
    found.changes.truncate(MOST);
    found.changes
}

struct Found<'f, 'a> {
    member: &'f Member<'a>,
    input: &'f Input<'f>,
    changes: Vec<Change>,
}

impl Found<'_, '_> {
    fn of_workflow(&mut self, workflow: &Workflow, verdict: &Verdict) {
        self.of_rules(workflow.scope.rule.iter());
        if let Trigger::AttributeChange(change) = &workflow.trigger {
            let literals = || change.from.iter().chain(&change.to).flatten();
            for attribute in &change.attributes {
                self.attribute(attribute, literals().cloned().collect(), Vec::new());
            }
        }
        let mut groups: Vec<(&str, bool)> = workflow.scope.groups.iter().map(|group| (group.as_str(), false)).collect();
        if let Trigger::MembershipChange { group, transitive, .. } = &workflow.trigger {
            groups.push((group, *transitive));
        }
        groups.into_iter().for_each(|group| self.group(group));
        if let Trigger::FeedChange { feed, .. } = &workflow.trigger {
            self.feed(feed);
        }
        let date = match &workflow.trigger {
            Trigger::Time(trigger) => Some(trigger),
            _ => None,
        };
        let due = date.and_then(|date| trigger::due(date, self.member, self.input).ok()).map(|found| found.at);
        self.clock(verdict, due, workflow.catch_up);
        if let Some(date) = date {
            self.trigger_dates(date);
        }
        self.bars();
        if workflow.trigger == Trigger::OnDemand {
            self.changes.push(Change::Activation { workflow: workflow.header.name.clone() });
        }
    }

    fn of_auto_assignment(&mut self, auto: &AutoAssignment, verdict: &Verdict) {
        let rules = auto.any_of.iter().filter_map(|source| match source {
            MemberSource::Rule(rule) => Some(rule),
            _ => None,
        });
        self.of_rules(rules);
        auto.groups().for_each(|group| self.group(group));
        for source in &auto.any_of {
            if let MemberSource::Feed(feed) = source {
                self.feed(feed);
            }
        }
        self.clock(verdict, None, CatchUp::Always);
        self.bars();
    }

    /// For each attribute of the rules: every constant it is compared with, nothing, and something else.
    fn of_rules<'r>(&mut self, rules: impl Iterator<Item = &'r Rule>) {
        let mut literals: BTreeMap<String, Vec<Literal>> = BTreeMap::new();
        let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for predicate in rules.flat_map(Rule::predicates) {
            let name = predicate.attribute.value.clone();
            match &predicate.test {
                Test::Value(comparison) => literals.entry(name).or_default().extend(constants(comparison)),
                Test::Any(any) => {
                    let of_elements = any.condition.conditions().into_iter();
                    let whole = of_elements.filter(|element| is_whole(&element.value, &any.variable));
                    let texts =
                        whole.flat_map(|element| constants(&element.value.comparison)).filter_map(|one| match one {
                            Literal::Text(text) => Some(text),
                            Literal::Bool(_) | Literal::Null => None,
                        });
                    lists.entry(name).or_default().extend(texts);
                }
            }
        }
        for (name, literals) in literals {
            self.attribute(&name, literals, Vec::new());
        }
        for (name, texts) in lists {
            let values = texts.into_iter().map(|text| AttributeValue::List(vec![text]));
            self.attribute(&name, Vec::new(), values.chain([AttributeValue::List(Vec::new())]).collect());
        }
    }

    fn attribute(&mut self, name: &str, literals: Vec<Literal>, more: Vec<AttributeValue>) {
        let now = self.member.attribute(name);
        let is_list = !more.is_empty();
        let mut values: Vec<AttributeValue> = literals.iter().map(|literal| self.value(name, literal)).collect();
        values.extend(more);
        values.push(AttributeValue::Null);
        let mut tried = BTreeSet::new();
        for to in values {
            if now != Some(&to) && tried.insert(shown(Some(&to))) {
                self.changes.push(Change::Attribute { name: name.to_owned(), to, is_any_other: false });
            }
        }
        // An attribute compared with truth values has no third one.
        let is_bool = literals.iter().any(|literal| matches!(literal, Literal::Bool(_)));
        if !is_bool && !is_list {
            let to = AttributeValue::Text(ANYTHING_ELSE.to_owned());
            self.changes.push(Change::Attribute { name: name.to_owned(), to, is_any_other: true });
        } else if is_bool {
            for value in [true, false].map(AttributeValue::Bool) {
                if now != Some(&value) && tried.insert(shown(Some(&value))) {
                    self.changes.push(Change::Attribute { name: name.to_owned(), to: value, is_any_other: false });
                }
            }
        }
    }

    /// The literal as the attribute would hold it.
    fn value(&self, name: &str, literal: &Literal) -> AttributeValue {
        match literal {
            Literal::Null => AttributeValue::Null,
            Literal::Bool(value) => AttributeValue::Bool(*value),
            Literal::Text(text) => match (self.date_kind(name), text.parse::<Date>()) {
                (Some(inclusive), Ok(date)) => AttributeValue::Date { date, inclusive },
                _ => AttributeValue::Text(text.clone()),
            },
        }
    }

    /// Whether the attribute holds dates, and then whether the day itself is included.
    fn date_kind(&self, name: &str) -> Option<bool> {
        if let Some(AttributeValue::Date { inclusive, .. }) = self.member.attribute(name) {
            return Some(*inclusive);
        }
        let mapped = self.input.definitions.feeds.iter().find_map(|feed| feed.attributes.get(name));
        match mapped.map(|mapping| &mapping.value) {
            Some(ColumnType::Date { inclusive, .. }) => Some(*inclusive),
            Some(_) => None,
            None => name.ends_with("Date").then_some(false).or(name.ends_with("DateTime").then_some(false)),
        }
    }

    fn group(&mut self, (group, transitive): (&str, bool)) {
        let view = self.input.observed.groups.get(&(group.to_owned(), transitive));
        if let (Some(GroupView::Members { users, .. }), Some(user)) = (view, self.member.user_id()) {
            let joins = !users.contains(user);
            self.changes.push(Change::Membership { group: group.to_owned(), transitive, joins });
        }
    }

    fn feed(&mut self, feed: &FeedName) {
        let Some(view) = self.input.observed.feeds.get(feed) else { return };
        let key = self.member.subject.person.map(|person| person.key.as_str());
        let key = key.or_else(|| self.member.subject.user.and_then(|user| user.employee_id.as_deref()));
        if let Some(key) = key {
            let joins = !view.persons.iter().any(|person| person.key.as_str() == key && !person.missing);
            self.changes.push(Change::Record { feed: feed.clone(), joins });
        }
    }

    /// The instants around which time alone changes the verdict.
    fn clock(&mut self, verdict: &Verdict, due: Option<Timestamp>, catch_up: CatchUp) {
        let told = verdict.reasons().filter_map(instant_of);
        let dues: BTreeSet<Timestamp> = told.chain(due).collect();
        let limit = match catch_up {
            CatchUp::None => Some(SignedDuration::from_hours(24)),
            CatchUp::Within(limit) => Some(limit),
            CatchUp::Always => None,
        };
        let second = SignedDuration::from_secs(1);
        let around = dues.into_iter().flat_map(|due| {
            let too_early = due.checked_sub(second).ok();
            let too_late = limit.and_then(|limit| due.checked_add(limit.saturating_add(second)).ok());
            [Some(due), too_early, too_late]
        });
        let instants = around.flatten().filter(|to| *to != self.input.now);
        self.changes.extend(instants.map(|to| Change::Clock { to }));
    }

    /// Dates that would be due now, were due yesterday, or lie ahead.
    fn trigger_dates(&mut self, trigger: &TimeTrigger) {
        let Ok(zone) = trigger::zone(trigger, self.member, self.input) else { return };
        let today = self.input.now.to_zoned(zone).date();
        let days = |days: i64| {
            let span = Span::new().try_days(days).ok()?;
            today.checked_sub(span).ok()
        };
        let offset = i64::from(trigger.offset_in_days);
        let moved = [offset, offset + 1, offset - 1, offset - 30].into_iter().filter_map(days);
        let inclusive = self.date_kind(&trigger.attribute).unwrap_or(false);
        let dates = moved.map(|date| AttributeValue::Date { date, inclusive });
        self.dates(&trigger.attribute, dates.chain([AttributeValue::Null]).collect());
    }

    /// What ends a bar: no leave date, a later one, or a hire after it.
    fn bars(&mut self) {
        let is_own =
            |bar: &&Bar| Some(&bar.user) == self.member.user_id() || self.member.subject.goes_by(&bar.occasion.subject);
        let own: Vec<_> = self.input.ledger.bars.iter().filter(is_own).cloned().collect();
        for bar in own {
            let Some(later) = bar.occasion.value.date().and_then(|left| left.tomorrow().ok()) else { continue };
            let inclusive = self.date_kind(&bar.occasion.trigger).unwrap_or(false);
            let moved = AttributeValue::Date { date: later, inclusive };
            self.dates(&bar.occasion.trigger, vec![AttributeValue::Null, moved]);
            self.dates(HIRE_DATE, vec![AttributeValue::Date { date: later, inclusive: false }]);
        }
    }

    fn dates(&mut self, name: &str, values: Vec<AttributeValue>) {
        let now = self.member.attribute(name);
        for to in values.into_iter().filter(|to| now != Some(to)) {
            let change = Change::Attribute { name: name.to_owned(), to, is_any_other: false };
            if !self.changes.contains(&change) {
                self.changes.push(change);
            }
        }
    }
}

/// The instant a reason speaks of.
fn instant_of(reason: &Reason) -> Option<Timestamp> {
    match reason {
        Reason::TooLate { due } | Reason::BeforeDocument { due } | Reason::ModeChanged { due } => Some(*due),
        _ => reason.changes_at(),
    }
}

/// Whether the element itself is compared, and not a property of it.
fn is_whole(predicate: &ElementPredicate, variable: &str) -> bool {
    predicate.element.value == variable
}

fn constants(comparison: &Comparison) -> Vec<Literal> {
    match comparison {
        Comparison::Equal(literal) | Comparison::NotEqual(literal) => vec![literal.value.clone()],
        Comparison::OneOf(literals) => literals.iter().map(|literal| literal.value.clone()).collect(),
        Comparison::StartsWith(prefix) => vec![Literal::Text(prefix.value.clone())],
    }
}
