//! The nearest change that flips an outcome: the smallest set of candidates that does, tried by planning again.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::ids::SubjectKey;
use crate::plan::names::Names;
use crate::plan::population::Member;
use crate::workflow::definition::{Definitions, TaskKind};

use super::candidate::candidates;
use super::change::{Change, Whose};
use super::document::Document;
use super::input::{Input, World, keys_of};
use super::verdict::{Outcome, Verdict};

/// A larger set is no answer that helps anybody.
const LARGEST_SET: usize = 3;
/// So many plannings at most, each for one subject.
const MOST_PLANNINGS: usize = 6_000;

/// What the search for the nearest change found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// The nearest set of changes that flips the outcome, where one was found.
    pub nearest: Option<Nearest>,
    /// How many single changes were considered.
    pub candidates: usize,
    /// No set of up to so many of them flips it, unless it is `nearest`.
    pub searched: usize,
}

/// Changes that together flip the outcome; no smaller set of candidates does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Nearest {
    /// The changes.
    pub changes: Vec<Change>,
    /// What the planner would do then.
    pub verdict: Verdict,
    /// What that would come to.
    pub outcome: Outcome,
}

/// Looks for it by size, and verifies what it finds by planning the whole company again.
pub(super) fn search(document: Document<'_>, member: &Member<'_>, verdict: &Verdict, input: &Input<'_>) -> Search {
    let tried = Trial::of(document, member, verdict, input);
    let changes = candidates(document, member, verdict, input);
    let mut search = Search { nearest: None, candidates: changes.len(), searched: 0 };
    // Where others have a say in the outcome, one subject alone proves nothing.
    if tried.alone(&[]).outcome() != tried.before {
        return search;
    }
    let mut left = MOST_PLANNINGS;
    for size in 1..=LARGEST_SET {
        for set in sets(&changes, size) {
            if left == 0 {
                return search;
            }
            left -= 1;
            if tried.alone(&set).outcome() != tried.before {
                let verdict = tried.among_all(&set);
                let outcome = verdict.outcome();
                if outcome != tried.before {
                    let changes = set.into_iter().cloned().collect();
                    search.nearest = Some(Nearest { changes, verdict, outcome });
                    return search;
                }
            }
        }
        search.searched = size;
    }
    search
}

/// Every set of `size` changes of different things, in the order of the changes.
pub(in crate::plan) fn sets(changes: &[Change], size: usize) -> impl Iterator<Item = Vec<&Change>> {
    let first = (size <= changes.len()).then(|| (0..size).collect::<Vec<usize>>());
    let next = |places: &Vec<usize>| {
        let mut places = places.clone();
        let count = places.len();
        let movable =
            (0..count).rev().find(|at| places.get(*at).is_some_and(|place| *place < changes.len() - count + at))?;
        let start = places.get(movable)? + 1;
        for (step, place) in places.iter_mut().skip(movable).enumerate() {
            *place = start + step;
        }
        Some(places)
    };
    let of_places = |places: Vec<usize>| places.into_iter().filter_map(|place| changes.get(place)).collect::<Vec<_>>();
    std::iter::successors(first, next).map(of_places).filter(|set| {
        let pairs = set.iter().enumerate().flat_map(|(at, one)| set.iter().skip(at + 1).map(move |other| (one, other)));
        pairs.into_iter().all(|(one, other)| !one.is_of_the_same_as(other))
    })
}

/// One subject and one document, planned again and again.
struct Trial<'t> {
    document: Document<'t>,
    input: &'t Input<'t>,
    keys: BTreeSet<SubjectKey>,
    whose: Whose,
    before: Outcome,
    definitions: Definitions,
    world: World,
}

impl<'t> Trial<'t> {
    fn of(document: Document<'t>, member: &Member<'_>, verdict: &Verdict, input: &'t Input<'t>) -> Self {
        let definitions = relevant(document, input);
        let named = Document::all(&definitions).iter().flat_map(Document::packages).map(str::to_owned).collect();
        let mut world = World::of_one(input, &member.subject);
        world.keep_packages(&named);
        Self {
            document,
            input,
            keys: keys_of(&member.subject),
            whose: Whose::of(&member.subject),
            before: verdict.outcome(),
            definitions,
            world,
        }
    }

    /// What the planner says when nobody else is there.
    fn alone(&self, set: &[&Change]) -> Verdict {
        let mut world = self.world.clone();
        self.apply(set, &mut world);
        let input = Input { definitions: &self.definitions, ..*self.input };
        world.within(&input).verdict(&self.keys, self.document.name())
    }

    /// What the planner says for the whole company.
    fn among_all(&self, set: &[&Change]) -> Verdict {
        let mut world = World::of(self.input);
        self.apply(set, &mut world);
        world.within(self.input).verdict(&self.keys, self.document.name())
    }

    fn apply(&self, set: &[&Change], world: &mut World) {
        for change in set {
            change.apply(world, &self.whose, self.input.definitions);
        }
    }
}

/// The document and those that have a say in what becomes of its packages and groups.
fn relevant(document: Document<'_>, input: &Input<'_>) -> Definitions {
    let own = resources(document, input);
    let is_relevant =
        |other: Document<'_>| other.name() == document.name() || !resources(other, input).is_disjoint(&own);
    let Definitions { workflows, auto_assignments, feeds } = input.definitions;
    let workflows = workflows.iter().filter(|workflow| is_relevant(Document::Workflow(workflow)));
    let auto_assignments = auto_assignments.iter().filter(|auto| is_relevant(Document::AutoAssignment(auto)));
    Definitions {
        workflows: workflows.cloned().collect(),
        auto_assignments: auto_assignments.cloned().collect(),
        feeds: feeds.clone(),
    }
}

/// What the document gives and takes, and what cannot be held together with that.
fn resources(document: Document<'_>, input: &Input<'_>) -> BTreeSet<String> {
    let mut names = Names::new(input.observed, input.ledger);
    let mut found = BTreeSet::new();
    for name in document.packages() {
        match names.package(name) {
            Ok(package) => {
                found.insert(package.id.to_string());
                found.extend(package.incompatible_with.iter().map(ToString::to_string));
            }
            Err(_) => {
                found.insert(name.to_owned());
            }
        }
    }
    if let Document::Workflow(workflow) = document {
        let groups = workflow.tasks.iter().filter_map(|task| match &task.kind {
            TaskKind::AddToGroups { groups } | TaskKind::RemoveFromGroups { groups } => Some(groups),
            TaskKind::RequestAssignment(_) | TaskKind::RemoveAssignment { .. } => None,
        });
        found.extend(groups.flatten().map(|group| format!("group {group}")));
    }
    found
}
