//! Which group or attribute tells best who holds a package.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{PackageId, UserId};
use crate::domain::subject::AttributeValue;
use crate::workflow::document_text::scalar;

use super::{ATTRIBUTES, Survey, SurveyedGroup};

/// Two sets that agree less than this (Dice's measure, in percent) have little to do with each other.
const LEAST_AGREEMENT: usize = 80;
/// Of a value's people, this share must hold the package before the value is named.
const LEAST_SHARE: usize = 80;
/// Values that each stand for one person name people, and explain nothing.
const LEAST_PEOPLE_A_VALUE: usize = 2;
/// More values than these in one rule explain nothing.
const MOST_VALUES: usize = 12;

/// A source of members, and how well it agrees with the holders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    /// `group: "…"` or `rule: "…"`.
    pub(super) source: String,
    /// What to make of it.
    pub(super) remark: &'static str,
    /// Members.
    pub(super) matching: usize,
    /// Holders who are no members.
    pub(super) only_holding: usize,
    /// Members who do not hold it.
    pub(super) only_matching: usize,
}

/// The best fit by a group or by one attribute's values; the first one where several agree alike.
pub(super) fn best_fit(survey: &Survey, package: &PackageId, holders: &BTreeSet<&UserId>) -> Option<Fit> {
    let by_attribute = ATTRIBUTES.into_iter().filter_map(|attribute| of_attribute(survey, attribute, holders));
    let granted = survey.granted_groups.get(package);
    let is_cause = |group: &&SurveyedGroup| !granted.is_some_and(|granted| granted.contains(&group.id));
    let by_group = survey.groups.iter().filter(is_cause).map(|group| {
        let members: BTreeSet<&UserId> = group.users.iter().collect();
        let is_only_one = survey.groups.iter().filter(|other| other.display_name == group.display_name).count() == 1;
        let name = if is_only_one { group.display_name.as_str() } else { group.id.as_str() };
        fit(format!("group: {}", scalar(name)), &members, holders)
    });
    let fits = by_group.chain(by_attribute).filter(|(agreement, _)| *agreement >= LEAST_AGREEMENT * 10);
    fits.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, fit)| fit)
}

/// How far the sets agree, in thousandths, and the fit.
fn fit(source: String, members: &BTreeSet<&UserId>, holders: &BTreeSet<&UserId>) -> (usize, Fit) {
    let both = members.intersection(holders).count();
    let agreement = 2000 * both / (members.len() + holders.len()).max(1);
    let remark = if agreement == 1000 {
        "It holds for exactly those who hold it today."
    } else {
        "It comes close to who holds it today; look at those who differ before you let it write."
    };
    let (only_holding, only_matching) = (holders.len() - both, members.len() - both);
    (agreement, Fit { source, remark, matching: members.len(), only_holding, only_matching })
}

/// A rule over the values of one attribute whose people nearly all hold the package.
fn of_attribute(survey: &Survey, attribute: &str, holders: &BTreeSet<&UserId>) -> Option<(usize, Fit)> {
    let mut by_value: BTreeMap<&str, BTreeSet<&UserId>> = BTreeMap::new();
    for user in &survey.users {
        if let Some(AttributeValue::Text(value)) = user.attributes.get(attribute) {
            by_value.entry(value).or_default().insert(&user.id);
        }
    }
    by_value.retain(|_, users| users.intersection(holders).count() * 100 >= users.len() * LEAST_SHARE);
    if by_value.is_empty() || by_value.len() > MOST_VALUES {
        return None;
    }
    let values: Vec<String> = by_value.keys().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    let rule = match values.as_slice() {
        [value] => format!("{attribute} eq {value}"),
        values => format!("{attribute} in ({})", values.join(", ")),
    };
    let members: BTreeSet<&UserId> = by_value.into_values().flatten().collect();
    if members.len() < values.len() * LEAST_PEOPLE_A_VALUE {
        return None;
    }
    Some(fit(format!("rule: {}", scalar(&rule)), &members, holders))
}
