//! For whom a document gives or takes: what is certain of everybody it concerns.

use std::collections::BTreeSet;

use crate::domain::ids::FeedName;
use crate::workflow::definition::{AttributeChange, AutoAssignment, Change, MemberSource, Trigger, Workflow};
use crate::workflow::rule::analysis::{Example, can_hold};
use crate::workflow::rule::{Literal, Rule};

use super::survey::Item;
use super::tenant::Tenant;

/// Everybody a document concerns: people of any of these crowds.
pub(super) struct Audience(Vec<Crowd>);

/// People of whom the same things are certain.
#[derive(Clone, Default)]
struct Crowd {
    /// Rules that hold for each of them, as texts.
    rules: Vec<String>,
    /// Each of them is in at least one group of each of these sets.
    inside: Vec<BTreeSet<Membership>>,
    outside: BTreeSet<Membership>,
    in_feeds: BTreeSet<FeedName>,
    out_of_feeds: BTreeSet<FeedName>,
}

/// Membership in a group: direct, or also through groups inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Membership {
    group: Item,
    transitive: bool,
}

impl Audience {
    /// Everybody for whom the workflow can run, at the moment it begins.
    pub(super) fn of_workflow(workflow: &Workflow, tenant: Option<&Tenant>) -> Self {
        let mut crowd = Crowd { rules: workflow.scope.rule.iter().map(Rule::to_string).collect(), ..Crowd::default() };
        if !workflow.scope.groups.is_empty() {
            let direct = |group: &String| Membership { group: Item::group(group, tenant), transitive: false };
            crowd.inside.push(workflow.scope.groups.iter().map(direct).collect());
        }
        match &workflow.trigger {
            Trigger::AttributeChange(change) => crowd.rules.extend(holds_after(change)),
            Trigger::MembershipChange { group, transitive, change } => {
                let membership = Membership { group: Item::group(group, tenant), transitive: *transitive };
                match change {
                    Change::Came => crowd.inside.push(BTreeSet::from([membership])),
                    Change::Went => drop(crowd.outside.insert(membership)),
                }
            }
            Trigger::FeedChange { feed, change } => {
                let feeds = if *change == Change::Came { &mut crowd.in_feeds } else { &mut crowd.out_of_feeds };
                feeds.insert(feed.clone());
            }
            Trigger::Time(_) | Trigger::Schedule(_) | Trigger::OnDemand => {}
        }
        Self(vec![crowd])
    }

    /// Everybody to whom the auto assignment gives its package.
    pub(super) fn of_auto_assignment(auto: &AutoAssignment, tenant: Option<&Tenant>) -> Self {
        let crowd = |source: &MemberSource| match source {
            MemberSource::Group { group, transitive } => {
                let membership = Membership { group: Item::group(group, tenant), transitive: *transitive };
                Crowd { inside: vec![BTreeSet::from([membership])], ..Crowd::default() }
            }
            MemberSource::Rule(rule) => Crowd { rules: vec![rule.to_string()], ..Crowd::default() },
            MemberSource::Feed(feed) => Crowd { in_feeds: BTreeSet::from([feed.clone()]), ..Crowd::default() },
        };
        Self(auto.any_of.iter().map(crowd).collect())
    }

    /// Whether somebody can be of both. Of rules too large to tell nothing is said.
    pub(super) fn can_share(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|two| one.and(two).can_have_people()))
    }

    /// Whether it is certain that there is never anybody.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|crowd| crowd.contradicts_groups_or_feeds() || crowd.together() == Some(Example::Impossible))
    }
}

impl Crowd {
    fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.rules.extend(other.rules.iter().cloned());
        both.inside.extend(other.inside.iter().cloned());
        both.outside.extend(other.outside.iter().cloned());
        both.in_feeds.extend(other.in_feeds.iter().cloned());
        both.out_of_feeds.extend(other.out_of_feeds.iter().cloned());
        both
    }

    fn can_have_people(&self) -> bool {
        let rules_allow = self.rules.is_empty() || matches!(self.together(), Some(Example::Found(_)));
        !self.contradicts_groups_or_feeds() && rules_allow
    }

    /// Somebody for whom all rules hold; `None` where there are none, or too many to read as one.
    fn together(&self) -> Option<Example> {
        let text: Vec<String> = self.rules.iter().map(|rule| format!("({rule})")).collect();
        Some(can_hold(&Rule::parse(&text.join(" and ")).ok()?))
    }

    fn contradicts_groups_or_feeds(&self) -> bool {
        // Who is out of a group with everything inside it is no direct member either.
        let is_out = |inside: &Membership| {
            let out = |transitive| self.outside.contains(&Membership { group: inside.group.clone(), transitive });
            out(true) || (!inside.transitive && out(false))
        };
        self.inside.iter().any(|groups| groups.iter().all(is_out)) || !self.in_feeds.is_disjoint(&self.out_of_feeds)
    }
}

/// What is certain of an attribute after it changed, as a rule.
fn holds_after(change: &AttributeChange) -> Option<String> {
    let [attribute] = change.attributes.as_slice() else { return None };
    let listed = |values: &[Literal]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (&change.from, &change.to) {
        (_, Some(to)) if !to.is_empty() => Some(format!("{attribute} in ({})", listed(to))),
        // Of several it may have gone from one to another.
        (Some(from), _) if from.len() == 1 => Some(format!("not ({attribute} in ({}))", listed(from))),
        _ => None,
    }
}
