//! The values that rules can tell apart, attribute by attribute.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::subject::{AssignedPlan, AttributeValue};
use crate::workflow::rule::{Comparison, Expression, Literal, Predicate, Test, Truth};

/// The most values of one attribute that are looked at.
const MOST_VALUES: usize = 4096;

/// A condition in a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Leaf {
    /// One of the conditions on an attribute, by their places in [`Domains`].
    Asked {
        /// The attribute.
        attribute: usize,
        /// The condition among those on it.
        condition: usize,
    },
    /// A condition that was replaced.
    Constant(bool),
}

/// The attributes of some rules with the conditions on each.
#[derive(Debug, Default)]
pub(super) struct Domains {
    attributes: Vec<(String, Vec<Predicate>)>,
}

/// A value of an attribute, and what each condition on the attribute says of it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) value: AttributeValue,
    pub(super) verdicts: Vec<Truth>,
}

impl Domains {
    /// Adds a rule's conditions; the rule comes back over their places.
    pub(super) fn add(&mut self, expression: &Expression) -> Expression<Leaf> {
        expression.map(&mut |predicate| {
            let name = &predicate.attribute.value;
            let attribute = place_of(&mut self.attributes, |(known, _)| known == name, || (name.clone(), Vec::new()));
            let conditions = self.attributes.get_mut(attribute).map(|(_, conditions)| conditions);
            let condition = conditions.map_or(0, |known| place_of(known, |one| one == predicate, || predicate.clone()));
            Leaf::Asked { attribute, condition }
        })
    }

    /// The name of each attribute, with one value for everything that its conditions can say together; `None` where that is too much.
    pub(super) fn candidates(&self) -> Option<Vec<(&str, Vec<Candidate>)>> {
        let of_each = self.attributes.iter().map(|(name, conditions)| Some((name.as_str(), candidates(conditions)?)));
        of_each.collect()
    }
}

fn place_of<T>(known: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    known.iter().position(is_it).unwrap_or_else(|| {
        known.push(new());
        known.len() - 1
    })
}

fn candidates(conditions: &[Predicate]) -> Option<Vec<Candidate>> {
    let verdicts = |value: &AttributeValue| -> Vec<Truth> {
        conditions.iter().map(|condition| condition.evaluate(Some(value))).collect()
    };
    let compared: Vec<&Comparison> = conditions.iter().filter_map(Predicate::comparison).collect();
    let mut found = Candidates::default();
    found.add(AttributeValue::Null, verdicts(&AttributeValue::Null));
    if !compared.is_empty() {
        for value in values(&compared) {
            let verdicts = verdicts(&value);
            found.add(value, verdicts);
        }
    }
    // A list's verdict is that of any of its elements, so that all lists are made by joining lists of one element.
    let mut of_one = Candidates::default();
    for list in lists_of_one(conditions)? {
        let verdicts = verdicts(&list);
        of_one.add(list, verdicts);
    }
    let mut lists: Vec<Candidate> = of_one.found.clone();
    while let Some(list) = lists.pop() {
        if found.found.len() > MOST_VALUES {
            return None;
        }
        if !found.add(list.value.clone(), list.verdicts.clone()) {
            continue;
        }
        lists.extend(of_one.found.iter().filter_map(|one| joined(&list, one)));
    }
    Some(found.found)
}

impl Predicate {
    fn comparison(&self) -> Option<&Comparison> {
        match &self.test {
            Test::Value(comparison) => Some(comparison),
            Test::Any(_) => None,
        }
    }
}

/// The first value of each combination of verdicts.
#[derive(Default)]
struct Candidates {
    found: Vec<Candidate>,
    verdicts: BTreeSet<Vec<Truth>>,
}

impl Candidates {
    /// Whether it is the first of its verdicts.
    fn add(&mut self, value: AttributeValue, verdicts: Vec<Truth>) -> bool {
        let is_new = self.verdicts.insert(verdicts.clone());
        if is_new {
            self.found.push(Candidate { value, verdicts });
        }
        is_new
    }
}

fn joined(left: &Candidate, right: &Candidate) -> Option<Candidate> {
    let value = match (&left.value, &right.value) {
        (AttributeValue::List(left), AttributeValue::List(right)) => {
            AttributeValue::List(left.iter().chain(right).cloned().collect())
        }
        (AttributeValue::AssignedPlans(left), AttributeValue::AssignedPlans(right)) => {
            AttributeValue::AssignedPlans(left.iter().chain(right).cloned().collect())
        }
        _ => return None,
    };
    let verdicts = left.verdicts.iter().zip(&right.verdicts).map(|(left, right)| Truth::any([*left, *right])).collect();
    Some(Candidate { value, verdicts })
}

/// One list for each element that the `any(…)` of these conditions can tell apart; none where there is no `any(…)`.
fn lists_of_one(conditions: &[Predicate]) -> Option<Vec<AttributeValue>> {
    let mut by_property: BTreeMap<Option<&str>, Vec<&Comparison>> = BTreeMap::new();
    for condition in conditions {
        let Test::Any(any) = &condition.test else { continue };
        for element in any.condition.conditions() {
            by_property.entry(element.value.property()).or_default().push(&element.value.comparison);
        }
    }
    if let Some(compared) = by_property.get(&None) {
        return Some(texts(compared).into_iter().map(|text| AttributeValue::List(vec![text])).collect());
    }
    if by_property.is_empty() {
        return Some(Vec::new());
    }
    let of = |property: &str| {
        let compared = by_property.get(&Some(property)).map_or(&[][..], Vec::as_slice);
        std::iter::once(None).chain(texts(compared).into_iter().map(Some)).collect::<Vec<_>>()
    };
    let (statuses, services, ids) = (of("capabilityStatus"), of("service"), of("servicePlanId"));
    if statuses.len().saturating_mul(services.len()).saturating_mul(ids.len()) > MOST_VALUES {
        return None;
    }
    let mut lists = Vec::new();
    for capability_status in &statuses {
        for service in &services {
            for service_plan_id in &ids {
                lists.push(AttributeValue::AssignedPlans(vec![AssignedPlan {
                    capability_status: capability_status.clone(),
                    service: service.clone(),
                    service_plan_id: service_plan_id.clone(),
                }]));
            }
        }
    }
    Some(lists)
}

/// The values beside null that these comparisons can tell apart.
fn values(compared: &[&Comparison]) -> Vec<AttributeValue> {
    let literals = || compared.iter().flat_map(|comparison| comparison.literals()).map(|literal| &literal.value);
    let has_texts = compared.iter().any(|comparison| matches!(comparison, Comparison::StartsWith(_)))
        || literals().any(|literal| matches!(literal, Literal::Text(_)));
    let has_bools = literals().any(|literal| matches!(literal, Literal::Bool(_)));
    let bools = [true, false].into_iter().filter(|_| has_bools).map(AttributeValue::Bool);
    let texts = if has_bools && !has_texts { Vec::new() } else { texts(compared) };
    bools.chain(texts.into_iter().map(AttributeValue::Text)).collect()
}

/// The texts that these comparisons can tell apart: each one they name, something that begins with each and is none of them, and any other.
fn texts(compared: &[&Comparison]) -> Vec<String> {
    let mut named: BTreeSet<&str> = BTreeSet::from([""]);
    let mut begun: BTreeSet<&str> = BTreeSet::from([""]);
    for comparison in compared {
        if let Comparison::StartsWith(prefix) = comparison {
            begun.insert(&prefix.value);
            named.insert(&prefix.value);
        }
        named.extend(comparison.literals().iter().filter_map(|literal| match &literal.value {
            Literal::Text(text) => Some(text.as_str()),
            Literal::Bool(_) | Literal::Null => None,
        }));
    }
    let others = begun.iter().filter_map(|beginning| {
        // There are more letters than named texts, so that one of them leads away from all of these.
        let letters = ('a'..='z').chain('\u{4e00}'..='\u{9fff}');
        letters
            .map(|letter| format!("{beginning}{letter}"))
            .find(|text| !named.iter().any(|named| named.starts_with(text.as_str())))
    });
    let others: Vec<String> = others.collect();
    named.iter().map(|text| (*text).to_owned()).chain(others).collect()
}
