//! Rules as a naive evaluator sees them, for tests by any rule there is.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::domain::subject::{AttributeValue, Attributes};

/// A rule as a naive evaluator sees it: no `ne`, no lists of more than two.
#[derive(Debug, Clone)]
pub(super) enum Naive {
    Is(&'static str, Option<&'static str>, bool),
    Begins(&'static str, &'static str),
    In(&'static str, &'static str, Option<&'static str>),
    /// Of a list's elements, each called `p`.
    Any(&'static str, Box<Naive>),
    Not(Box<Naive>),
    And(Box<Naive>, Box<Naive>),
    Or(Box<Naive>, Box<Naive>),
}

#[derive(Debug, Clone)]
pub(super) enum NaiveValue {
    One(Option<&'static str>),
    Several(Vec<&'static str>),
}

impl NaiveValue {
    fn attribute(&self) -> AttributeValue {
        match self {
            Self::One(None) => AttributeValue::Null,
            Self::One(Some(text)) => AttributeValue::Text((*text).to_owned()),
            Self::Several(texts) => AttributeValue::List(texts.iter().map(|text| (*text).to_owned()).collect()),
        }
    }
}

pub(super) type NaiveValues = BTreeMap<&'static str, NaiveValue>;

impl Naive {
    /// 0 no, 1 unknown, 2 yes.
    pub(super) fn score(&self, values: &NaiveValues) -> u8 {
        let of = |name: &str, holds: &dyn Fn(Option<&str>) -> bool| match values.get(name) {
            Some(NaiveValue::One(value)) => 2 * u8::from(holds(*value)),
            _ => 1,
        };
        match self {
            Self::Is(name, expected, true) => of(name, &|value| value == *expected),
            Self::Is(name, expected, false) => of(name, &|value| value != *expected),
            Self::Begins(name, prefix) => of(name, &|value| value.is_some_and(|value| value.starts_with(prefix))),
            Self::In(name, one, other) => of(name, &|value| value == Some(one) || value == *other),
            Self::Any(name, inner) => match values.get(name) {
                None => 1,
                Some(NaiveValue::One(None)) => 0,
                Some(NaiveValue::One(Some(_))) => 1,
                Some(NaiveValue::Several(elements)) => {
                    let of_element = |text| inner.score(&NaiveValues::from([("p", NaiveValue::One(Some(text)))]));
                    elements.iter().map(|element| of_element(*element)).max().unwrap_or(0)
                }
            },
            Self::Not(inner) => 2 - inner.score(values),
            Self::And(left, right) => left.score(values).min(right.score(values)),
            Self::Or(left, right) => left.score(values).max(right.score(values)),
        }
    }

    /// The text with the fewest parentheses; 0 or, 1 and, 2 not.
    pub(super) fn write(&self, around: u8) -> String {
        let literal =
            |value: &Option<&str>| value.map_or("null".to_owned(), |value| format!("'{}'", value.replace('\'', "''")));
        let (own, text) = match self {
            Self::Is(name, value, equal) => {
                (3, format!("{name} {} {}", if *equal { "eq" } else { "ne" }, literal(value)))
            }
            Self::Begins(name, prefix) => (3, format!("startsWith({name},{})", literal(&Some(prefix)))),
            Self::In(name, one, other) => (3, format!("{name} in ({},{})", literal(&Some(one)), literal(other))),
            Self::Any(name, inner) => (3, format!("{name}/any(p:{})", inner.write(0))),
            Self::Not(inner) => (2, format!("not {}", inner.write(2))),
            Self::And(left, right) => (1, format!("{} and {}", left.write(1), right.write(1))),
            Self::Or(left, right) => (0, format!("{} or {}", left.write(0), right.write(0))),
        };
        if own < around { format!("({text})") } else { text }
    }
}

pub(super) const NAMES: [&str; 3] = ["city", "country", "extension_ab_x/y"];
pub(super) const TEXTS: [&str; 4] = ["a", "ab", "it's", ""];

/// A rule over the attributes `names`, with conditions that are comparisons or `others`.
pub(super) fn naive_over(names: &'static [&'static str], others: Option<BoxedStrategy<Naive>>) -> BoxedStrategy<Naive> {
    let name = || prop::sample::select(names);
    let text = || prop::sample::select(&TEXTS[..]);
    let comparison = prop_oneof![
        (name(), prop::option::of(text()), any::<bool>())
            .prop_map(|(name, value, equal)| Naive::Is(name, value, equal)),
        (name(), text()).prop_map(|(name, prefix)| Naive::Begins(name, prefix)),
        (name(), text(), prop::option::of(text())).prop_map(|(name, one, other)| Naive::In(name, one, other)),
    ]
    .boxed();
    let leaf = match others {
        Some(others) => prop_oneof![3 => comparison, 1 => others].boxed(),
        None => comparison,
    };
    leaf.prop_recursive(4, 24, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Naive::Not(Box::new(part))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Naive::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner).prop_map(|(left, right)| Naive::Or(Box::new(left), Box::new(right))),
        ]
    })
    .boxed()
}

pub(super) fn naive() -> impl Strategy<Value = Naive> {
    let of_element = naive_over(&["p"], None);
    let any =
        (prop::sample::select(&NAMES[..]), of_element).prop_map(|(name, inner)| Naive::Any(name, Box::new(inner)));
    naive_over(&NAMES, Some(any.boxed()))
}

pub(super) fn naive_values() -> impl Strategy<Value = NaiveValues> {
    let text = || prop::sample::select(&TEXTS[..]);
    let value = prop_oneof![
        2 => prop::option::of(text()).prop_map(NaiveValue::One),
        1 => prop::collection::vec(text(), 0..3).prop_map(NaiveValue::Several),
    ];
    prop::collection::btree_map(prop::sample::select(&NAMES[..]), value, 0..=3)
}

/// What a rule reads.
pub(super) fn attributes(values: &NaiveValues) -> Attributes {
    values.iter().map(|(name, value)| ((*name).to_owned(), value.attribute())).collect()
}
