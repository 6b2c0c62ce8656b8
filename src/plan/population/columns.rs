//! Attributes column by column: a rule looks once at each distinct value, however many subjects hold it.

use std::collections::{BTreeMap, HashMap};

use crate::domain::subject::AttributeValue;
use crate::workflow::definition::Definitions;
use crate::workflow::rule::{Expression, Rule, Truth};

use super::Member;

/// What every subject holds in the attributes that rules ask for, by the subject's row.
#[derive(Debug)]
pub(super) struct Columns<'a>(BTreeMap<&'a str, Column<'a>>);

/// One attribute of every subject.
#[derive(Debug, Default)]
struct Column<'a> {
    /// The distinct values; `None` is "not read".
    values: Vec<Option<&'a AttributeValue>>,
    /// Per row, the place of its value among them.
    places: Vec<u32>,
}

impl<'a> Columns<'a> {
    /// Reads the columns; memory and time are linear in subjects.
    pub(super) fn of(definitions: &'a Definitions, members: &[Member<'a>]) -> Self {
        let names = definitions.rules().flat_map(Rule::attributes);
        let columns: BTreeMap<_, _> = names.map(|name| (name, None::<Column<'_>>)).collect();
        Self(columns.into_keys().map(|name| (name, Column::of(name, members))).collect())
    }

    /// The rule over these columns.
    pub(super) fn verdicts(&self, rule: &Rule) -> RuleVerdicts<'_> {
        let empty = &[][..];
        RuleVerdicts(rule.expression().map(&mut |predicate| {
            let column = self.0.get(predicate.attribute.value.as_str());
            let values = column.map_or(&[][..], |column| &column.values);
            let verdicts = values.iter().map(|value| predicate.evaluate(*value)).collect();
            ConditionVerdicts { places: column.map_or(empty, |column| &column.places), verdicts }
        }))
    }
}

impl<'a> Column<'a> {
    fn of(name: &str, members: &[Member<'a>]) -> Self {
        let mut known: HashMap<Option<&'a AttributeValue>, u32> = HashMap::new();
        let mut column = Self { values: Vec::new(), places: Vec::with_capacity(members.len()) };
        for member in members {
            let place = *known.entry(member.value(name)).or_insert_with_key(|value| {
                column.values.push(*value);
                u32::try_from(column.values.len() - 1).unwrap_or(u32::MAX)
            });
            column.places.push(place);
        }
        column
    }
}

/// A rule whose conditions are verdicts already, so that a subject's verdict is looked up without looking at the subject. Nothing is
/// allocated after it was made.
#[derive(Debug)]
pub struct RuleVerdicts<'p>(Expression<ConditionVerdicts<'p>>);

/// A condition's verdict on each distinct value.
#[derive(Debug)]
struct ConditionVerdicts<'p> {
    places: &'p [u32],
    verdicts: Vec<Truth>,
}

impl ConditionVerdicts<'_> {
    fn of(&self, row: usize) -> Option<Truth> {
        let place = usize::try_from(*self.places.get(row)?).ok()?;
        self.verdicts.get(place).copied()
    }
}

impl RuleVerdicts<'_> {
    /// Whether the rule holds for a subject.
    pub fn of(&self, member: &Member<'_>) -> Truth {
        self.0.evaluate(&|condition| condition.of(member.row).unwrap_or(Truth::Unknown))
    }
}
