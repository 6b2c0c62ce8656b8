//! Rules that nobody, or everybody, satisfies; conditions that never matter; workflows that never find anybody.

use crate::workflow::definition::MemberSource;
use crate::workflow::places::Site;
use crate::workflow::problem::{Complaint, Problem, quoted};
use crate::workflow::rule::Rule;
use crate::workflow::rule::analysis::{can_fail, can_hold, dead_conditions};
use crate::workflow::warning::Warning;

use super::audience::Audience;
use super::survey::Survey;
use super::tenant::Tenant;

pub(super) fn check(survey: &Survey<'_>, tenant: Option<&Tenant>) -> Vec<Problem> {
    let mut found: Vec<Problem> =
        rules(survey).iter().flat_map(|(site, rule)| check_rule(survey, site, rule)).collect();
    for workflow in &survey.definitions.workflows {
        let can_hold = workflow.scope.rule.as_ref().is_none_or(|rule| !can_hold(rule).is_impossible());
        if can_hold && Audience::of_workflow(workflow, tenant).is_empty() {
            let complaint =
                Complaint::new("nobody for whom the trigger is due can be in scope: they exclude each other");
            let narrows = if workflow.scope.rule.is_some() { "rule" } else { "groups" };
            let site = Site::of(&workflow.header.name).key("scope").key(narrows);
            found.push(survey.warning(&site, Warning::NeverHolds, complaint));
        }
    }
    found
}

/// Every rule of the documents with its place.
fn rules<'d>(survey: &Survey<'d>) -> Vec<(Site, &'d Rule)> {
    let of_workflows = survey.definitions.workflows.iter().filter_map(|workflow| {
        Some((Site::of(&workflow.header.name).key("scope").key("rule"), workflow.scope.rule.as_ref()?))
    });
    let of_members = survey.definitions.auto_assignments.iter().flat_map(|auto| {
        let any_of = Site::of(&auto.header.name).key("members").key("anyOf");
        auto.any_of.iter().enumerate().filter_map(move |(number, source)| match source {
            MemberSource::Rule(rule) => Some((any_of.item(number).key("rule"), rule)),
            _ => None,
        })
    });
    of_workflows.chain(of_members).collect()
}

fn check_rule(survey: &Survey<'_>, site: &Site, rule: &Rule) -> Vec<Problem> {
    if can_hold(rule).is_impossible() {
        let complaint = Complaint::new("nobody can ever satisfy this rule: its conditions exclude each other");
        let complaint = complaint.hint("did you mean `or` for an `and`?");
        return vec![survey.warning(site, Warning::NeverHolds, complaint)];
    }
    if can_fail(rule).is_impossible() {
        let complaint = Complaint::new("this rule holds for everybody");
        let complaint = complaint.hint("did you mean `and` for an `or`? For everybody, write userType eq 'Member'");
        return vec![survey.warning(site, Warning::AlwaysHolds, complaint)];
    }
    let dead = dead_conditions(rule).into_iter().map(|dead| {
        let always = if dead.is_as_if_true { "always" } else { "never" };
        let condition = quoted(&dead.condition.value.to_string());
        let message = format!("{condition} can never matter: the rule says the same as if it {always} held");
        let complaint = Complaint::new(message).hint("leave it out, or look for the mistake in it");
        survey.warning(&site.within(&dead.condition.span), Warning::DeadCondition, complaint)
    });
    dead.collect()
}
