//! Coverage: which conditions of the documents were seen true and false, and which of their effects came about, while tests ran.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::action::{Action, ActionKind};
use crate::domain::ids::DocumentName;
use crate::workflow::definition::{Definitions, MemberSource, TaskKind, WhenMemberLeaves, Workflow};
use crate::workflow::rule::{AttributeSource, Rule, Truth};

use super::observed::{GroupView, Observed};
use super::population::{self, Member};
use super::simulation::Turn;

/// Something in a document that a test can reach.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The document.
    pub document: DocumentName,
    /// Where in it.
    pub place: PartPlace,
}

/// Where in a document a part stands, places counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartPlace {
    /// A condition of the scope's rule, by its byte range in the rule.
    ScopeRule(usize, usize),
    /// A group of the scope.
    ScopeGroup(usize),
    /// A condition of a member source's rule: the source, then the byte range in the rule.
    SourceRule(usize, usize, usize),
    /// A member source that is a group or a feed.
    Source(usize),
    /// A task.
    Task(usize),
    /// That an auto assignment gives its package.
    Gives,
    /// That an auto assignment takes its package.
    Takes,
}

/// What was seen of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sightings {
    /// A condition held; a task or an effect came about.
    pub yes: bool,
    /// A condition did not hold.
    pub no: bool,
}

/// What was seen of every part.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    parts: BTreeMap<Part, Sightings>,
}

impl Coverage {
    /// Nothing seen yet of these documents.
    pub fn of(definitions: &Definitions) -> Self {
        let mut parts = BTreeMap::new();
        let mut add = |document: &DocumentName, place| {
            parts.insert(Part { document: document.clone(), place }, Sightings::default());
        };
        for workflow in definitions.workflows.iter().filter(|workflow| workflow.is_enabled) {
            let name = &workflow.header.name;
            for (begin, end) in workflow.scope.rule.iter().flat_map(conditions) {
                add(name, PartPlace::ScopeRule(begin, end));
            }
            (0..workflow.scope.groups.len()).for_each(|place| add(name, PartPlace::ScopeGroup(place)));
            (0..workflow.tasks.len()).for_each(|place| add(name, PartPlace::Task(place)));
        }
        for auto in &definitions.auto_assignments {
            let name = &auto.header.name;
            for (place, source) in auto.any_of.iter().enumerate() {
                match source {
                    MemberSource::Rule(rule) => conditions(rule)
                        .into_iter()
                        .for_each(|(begin, end)| add(name, PartPlace::SourceRule(place, begin, end))),
                    MemberSource::Group { .. } | MemberSource::Feed(_) => add(name, PartPlace::Source(place)),
                }
            }
            add(name, PartPlace::Gives);
            if auto.when_member_leaves != WhenMemberLeaves::Never {
                add(name, PartPlace::Takes);
            }
        }
        Self { parts }
    }

    /// Every part with what was seen of it, sorted.
    pub fn parts(&self) -> impl Iterator<Item = (&Part, Sightings)> {
        self.parts.iter().map(|(part, seen)| (part, *seen))
    }

    /// Whether a part was seen in every way it can be: conditions true and false, effects at all.
    pub fn is_reached(part: &Part, seen: Sightings) -> bool {
        seen.yes && (seen.no || is_effect(&part.place))
    }

    /// Notes what one pass of a simulation reached.
    pub fn note(&mut self, definitions: &Definitions, observed: &Observed, turn: &Turn) {
        let unread = BTreeSet::new();
        for member in population::join(observed, &unread) {
            self.note_conditions(definitions, observed, &member);
        }
        let held = turn.plan.holds.iter().flat_map(|hold| &hold.items);
        for action in turn.sent.iter().chain(held) {
            self.note_effect(definitions, action);
        }
    }

    fn note_conditions(&mut self, definitions: &Definitions, observed: &Observed, member: &Member<'_>) {
        for workflow in &definitions.workflows {
            let name = &workflow.header.name;
            if let Some(rule) = &workflow.scope.rule {
                self.note_rule(name, rule, member, PartPlace::ScopeRule);
            }
            for (place, group) in workflow.scope.groups.iter().enumerate() {
                self.saw(name, PartPlace::ScopeGroup(place), is_in_group(observed, group, false, member));
            }
        }
        for auto in &definitions.auto_assignments {
            let name = &auto.header.name;
            for (place, source) in auto.any_of.iter().enumerate() {
                match source {
                    MemberSource::Rule(rule) => {
                        self.note_rule(name, rule, member, |begin, end| PartPlace::SourceRule(place, begin, end));
                    }
                    MemberSource::Group { group, transitive } => {
                        let is_in = is_in_group(observed, group, *transitive, member);
                        self.saw(name, PartPlace::Source(place), is_in);
                    }
                    MemberSource::Feed(feed) => {
                        let is_in = member.subject.person.is_some_and(|person| person.feed == *feed);
                        self.saw(name, PartPlace::Source(place), is_in.into());
                    }
                }
            }
        }
    }

    /// Only the conditions that matter for the rule's verdict are seen.
    fn note_rule(
        &mut self,
        document: &DocumentName,
        rule: &Rule,
        member: &Member<'_>,
        place: impl Fn(usize, usize) -> PartPlace,
    ) {
        let seen = RefCell::new(Vec::new());
        rule.expression().evaluate(&|predicate| {
            let truth = predicate.evaluate(member.attribute(&predicate.attribute.value));
            seen.borrow_mut().push((predicate.attribute.span.start, truth));
            truth
        });
        for condition in rule.expression().conditions() {
            let begins = condition.value.attribute.span.start;
            for (_, truth) in seen.borrow().iter().filter(|(seen, _)| *seen == begins) {
                self.saw(document, place(condition.span.start, condition.span.end), *truth);
            }
        }
    }

    fn note_effect(&mut self, definitions: &Definitions, action: &Action) {
        let name = &action.document;
        if let Some(workflow) = definitions.workflows.iter().find(|workflow| workflow.header.name == *name) {
            for place in tasks_of(workflow, action) {
                self.saw(name, PartPlace::Task(place), Truth::Yes);
            }
        } else {
            let effect = if action.kind.is_removal() { PartPlace::Takes } else { PartPlace::Gives };
            self.saw(name, effect, Truth::Yes);
        }
    }

    fn saw(&mut self, document: &DocumentName, place: PartPlace, truth: Truth) {
        if let Some(seen) = self.parts.get_mut(&Part { document: document.clone(), place }) {
            seen.yes |= truth == Truth::Yes;
            seen.no |= truth == Truth::No;
        }
    }
}

fn is_effect(place: &PartPlace) -> bool {
    matches!(place, PartPlace::Task(_) | PartPlace::Gives | PartPlace::Takes)
}

/// The byte ranges of a rule's conditions.
fn conditions(rule: &Rule) -> Vec<(usize, usize)> {
    rule.expression().conditions().into_iter().map(|condition| (condition.span.start, condition.span.end)).collect()
}

/// The tasks that an action of a workflow can come from, by the names person tests use as ids.
fn tasks_of(workflow: &Workflow, action: &Action) -> Vec<usize> {
    let is_meant = |kind: &TaskKind| match (kind, action.kind) {
        (TaskKind::RequestAssignment(requested), ActionKind::AdminAdd) => {
            requested.access_package == action.resource.id()
        }
        (TaskKind::RemoveAssignment { access_package, .. }, ActionKind::AdminRemove) => {
            access_package == action.resource.id()
        }
        (TaskKind::AddToGroups { groups }, ActionKind::AddMember)
        | (TaskKind::RemoveFromGroups { groups }, ActionKind::RemoveMember) => {
            groups.iter().any(|group| group == action.resource.id())
        }
        _ => false,
    };
    let tasks = workflow.tasks.iter().enumerate();
    tasks.filter(|(_, task)| is_meant(&task.kind)).map(|(place, _)| place).collect()
}

fn is_in_group(observed: &Observed, group: &str, transitive: bool, member: &Member<'_>) -> Truth {
    match (observed.groups.get(&(group.to_owned(), transitive)), member.user_id()) {
        (Some(GroupView::Members { users, .. }), Some(user)) => users.contains(user).into(),
        (Some(GroupView::Members { .. }), None) => Truth::No,
        _ => Truth::Unknown,
    }
}
