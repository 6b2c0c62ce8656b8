//! Attributes column by column: a rule looks once at each distinct value, however many subjects hold it.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};

use crate::domain::subject::{AttributeValue, HIRE_DATE};
use crate::workflow::definition::{Definitions, Trigger};
use crate::workflow::rule::{Expression, Rule, Truth};

use super::Member;

/// What every subject holds in the attributes that rules and date triggers ask for, by the subject's row.
#[derive(Debug)]
pub(super) struct Columns<'a>(BTreeMap<&'a str, Column<'a>>);

/// One attribute of every subject.
#[derive(Debug)]
pub struct Column<'a> {
    /// The distinct values; `None` is "not read".
    values: Vec<Option<&'a AttributeValue>>,
    /// Per row, the place of its value among them.
    places: Vec<u32>,
}

impl<'a> Columns<'a> {
    /// Reads the columns; memory and time are linear in subjects.
    pub(super) fn of(definitions: &'a Definitions, members: &[Member<'a>]) -> Self {
        let of_rules = definitions.rules().flat_map(Rule::attributes);
        let of_triggers = definitions.workflows.iter().filter_map(|workflow| match &workflow.trigger {
            Trigger::Time(trigger) => Some(trigger.attribute.as_str()),
            _ => None,
        });
        let names = of_rules.chain(of_triggers).chain([HIRE_DATE]);
        let mut columns: BTreeMap<_, _> = names.map(|name| (name, ColumnInMaking::new(members.len()))).collect();
        // Subject by subject, since what one subject holds lies together in memory.
        for member in members {
            for (name, column) in &mut columns {
                column.push(member.value(name));
            }
        }
        Self(columns.into_iter().map(|(name, column)| (name, column.finished)).collect())
    }

    /// One attribute of every subject; `None` where no rule and no date trigger asks for it.
    pub(super) fn get(&self, name: &str) -> Option<&Column<'a>> {
        self.0.get(name)
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
    /// What the subject holds; `None` where it was not read.
    pub fn value(&self, member: &Member<'_>) -> Option<&'a AttributeValue> {
        let place = usize::try_from(*self.places.get(member.row)?).ok()?;
        self.values.get(place).copied().flatten()
    }
}

/// A column, and where each value stands in it.
struct ColumnInMaking<'a> {
    known: HashMap<Option<&'a AttributeValue>, u32>,
    finished: Column<'a>,
}

impl<'a> ColumnInMaking<'a> {
    fn new(rows: usize) -> Self {
        Self { known: HashMap::new(), finished: Column { values: Vec::new(), places: Vec::with_capacity(rows) } }
    }

    fn push(&mut self, value: Option<&'a AttributeValue>) {
        let values = &mut self.finished.values;
        let place = *self.known.entry(value).or_insert_with(|| {
            values.push(value);
            u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
        });
        self.finished.places.push(place);
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
